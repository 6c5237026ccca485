import { createServer, type IncomingMessage, request as send, type RequestOptions, type Server } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, LOCAL_AGENT, LOCAL_AUDIENCE, MEMBER } from './identities.ts'
import { type LocalAccess, startLocalAccess } from './start-local-access.ts'

const PORT = 8900
const HTML = { accept: 'text/html' }
const SERVICE = { 'cf-access-client-id': LOCAL_AGENT.id, 'cf-access-client-secret': LOCAL_AGENT.secret }

interface Seen {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

let upstream: Server
let access: LocalAccess

/** The application: tells what it was sent, or does what its path says. */
async function application(request: IncomingMessage): Promise<Seen> {
  const { method = '', url = '', headers } = request
  return { method, path: url, headers, body: await text(request) }
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      request.on('close', () => upstream.emit('went-away'))
      upstream.once('go-on', () => response.end('data: 2\n\n'))
    } else if (path === '/unchanged') {
      response.writeHead(304, { etag: '"a"' }).end()
    } else if (path === '/cookies') {
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'x-hop', 'X-Hop', 'yes']).end()
    } else if (path === '/moved') {
      response.writeHead(302, { location: '/elsewhere' }).end()
    } else if (path === '/breaks') {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    } else {
      void application(request).then((seen) => response.setHeader('x-seen', 'yes').end(JSON.stringify(seen)))
    }
  }).listen(PORT + 1, '127.0.0.1')
  await once(upstream, 'listening')
  access = await startLocalAccess({ port: PORT, upstream: `http://127.0.0.1:${PORT + 1}` })
})

afterAll(async () => {
  await access.close()
  upstream.closeAllConnections()
  upstream.close()
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(access.url + path, { headers, redirect: 'manual' })

const seenBy = async (response: Response): Promise<Seen> => {
  expect(response.status).toBe(200)
  return response.json<Seen>()
}

async function raw(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  const request = send({ port: PORT, host: '127.0.0.1', ...options })
  request.end(body)
  return new Promise((resolve, reject) => request.on('response', resolve).on('error', reject))
}

async function signIn(
  email: string,
  redirectUrl = '/',
): Promise<{ cookie: string; token: string; response: Response }> {
  const response = await fetch(`${access.url}/cdn-cgi/access/login`, {
    method: 'POST',
    body: new URLSearchParams({ email, redirect_url: redirectUrl }),
    redirect: 'manual',
  })
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  return { cookie, token: cookie.replace('CF_Authorization=', ''), response }
}

const assertionOf = (seen: Seen) => String(seen.headers['cf-access-jwt-assertion'])
const remoteKeys = () => createRemoteJWKSet(new URL(`${access.url}/cdn-cgi/access/certs`))

test('a browser without credential is led to the login page, from any address', async () => {
  const response = await get('/approvals/7?tab=code&x=a%26b', HTML)
  expect(response.status).toBe(302)
  const login = await get(response.headers.get('location') ?? '', HTML)
  expect(login.status).toBe(200)
  expect(login.headers.get('content-type')).toContain('text/html')
  const page = await login.text()
  expect(page).toContain('value="/approvals/7?tab=code&amp;x=a%26b"')
  for (const { email } of [ADMIN, MEMBER]) expect(page).toContain(`name="email" value="${email}"`)
})

test('a signed-in person lands where the link pointed', async () => {
  const { response } = await signIn(ADMIN.email, '/approvals/7?tab=code')
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/approvals/7?tab=code')
  expect(response.headers.get('set-cookie')).toMatch(/^CF_Authorization=.+; Path=\/; .*HttpOnly; SameSite=Lax$/)
})

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/..//evil.example/',
  '\\\\evil.example',
  'javascript:alert(1)',
  `http://localhost:${PORT + 1}/`,
  '/cdn-cgi/access/logout',
])('no login leads to %s', async (wanted) => {
  const { response } = await signIn(MEMBER.email, wanted)
  const location = response.headers.get('location') ?? ''
  expect(new URL(location, access.url).origin).toBe(access.url)
  expect(location).not.toContain('logout')
  expect(location).not.toMatch(/^[/\\]{2}/)
})

test('nobody but the listed people signs in, and no other site signs anybody in', async () => {
  expect((await signIn('eve@example.com')).response.status).toBe(403)
  const response = await fetch(`${access.url}/cdn-cgi/access/login`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: new URLSearchParams({ email: ADMIN.email }),
  })
  expect(response.status).toBe(403)
  expect(response.headers.get('set-cookie')).toBeNull()
})

test('the application gets a signed assertion of the person, and the browser’s cookie with the same subject', async () => {
  const { cookie } = await signIn(ADMIN.email)
  const seen = await seenBy(await get('/page', { ...HTML, cookie: `theme=dark; ${cookie}` }))
  const { payload, protectedHeader } = await jwtVerify(assertionOf(seen), remoteKeys(), {
    issuer: access.url,
    audience: LOCAL_AUDIENCE,
    algorithms: ['RS256'],
    requiredClaims: ['iat', 'nbf', 'exp', 'identity_nonce', 'country'],
  })
  expect(protectedHeader.kid).toMatch(/^[0-9a-f]{64}$/)
  expect(payload.aud).toEqual([LOCAL_AUDIENCE])
  expect(payload).toMatchObject({ type: 'app', email: ADMIN.email, sub: ADMIN.sub, groups: ADMIN.groups })
  expect(seen.headers.cookie).toBe(`theme=dark; ${cookie}`)
  expect(decodeJwt(cookie.replace('CF_Authorization=', ''))).toMatchObject({ aud: payload.aud, sub: payload.sub })
  expect(seen.headers['cf-access-authenticated-user-email']).toBe(ADMIN.email)
})

test('a service token is exchanged for an assertion with a name and no person', async () => {
  const { cookie } = await signIn(ADMIN.email)
  const seen = await seenBy(await get('/mcp', { ...SERVICE, cookie: `a=1; ${cookie}` }))
  const { payload } = await jwtVerify(assertionOf(seen), remoteKeys(), { audience: LOCAL_AUDIENCE })
  expect(payload).toMatchObject({ common_name: LOCAL_AGENT.id, sub: '', type: 'app' })
  expect(payload).not.toHaveProperty('email')
  expect(seen.headers).not.toHaveProperty('cf-access-client-id')
  expect(seen.headers).not.toHaveProperty('cf-access-client-secret')
  expect(seen.headers).not.toHaveProperty('cf-access-authenticated-user-email')
  expect(seen.headers.cookie).toBe('a=1')
})

test.each([
  ['a wrong secret', { ...SERVICE, 'cf-access-client-secret': 'guess' }],
  ['an unknown id', { ...SERVICE, 'cf-access-client-id': 'other.access' }],
  ['no secret', { 'cf-access-client-id': LOCAL_AGENT.id }],
  ['no id', { 'cf-access-client-secret': LOCAL_AGENT.secret }],
])('a service token with %s is refused', async (_what, headers: Record<string, string>) => {
  const response = await get('/mcp', headers)
  expect(response.status).toBe(403)
  expect(response.headers.get('x-seen')).toBeNull()
})

test('what only Access may say is taken out of what a client sends', async () => {
  const forged = await access.sign({ aud: [LOCAL_AUDIENCE], email: ADMIN.email, sub: ADMIN.sub })
  const seen = await seenBy(
    await get('/', {
      ...SERVICE,
      'cf-access-jwt-assertion': forged,
      'Cf-Access-Authenticated-User-Email': ADMIN.email,
      'cf-access-token': forged,
      'cf-access-anything': 'x',
      authorization: 'Bearer oauth:not-yours',
    }),
  )
  expect(decodeJwt(assertionOf(seen))).toMatchObject({ common_name: LOCAL_AGENT.id })
  const names = Object.keys(seen.headers).filter((name) => name.startsWith('cf-access-'))
  expect(names).toEqual(['cf-access-jwt-assertion'])
  expect(seen.headers).not.toHaveProperty('authorization')
})

test('an assertion alone, forged or signed, lets nobody in', async () => {
  const exp = Math.floor(Date.now() / 1000) + 600
  const signed = await access.sign({ iss: access.url, aud: [LOCAL_AUDIENCE], sub: ADMIN.sub, exp })
  expect((await get('/mcp', { 'cf-access-jwt-assertion': signed })).status).toBe(401)
  expect((await get('/mcp', { authorization: `Bearer ${signed}` })).status).toBe(401)
})

test('a cookie that is expired, for another application or team, or unsigned does not count', async () => {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: access.url, aud: [LOCAL_AUDIENCE], sub: ADMIN.sub, email: ADMIN.email, exp: now + 600 }
  const status = async (token: string) => (await get('/', { cookie: `CF_Authorization=${token}` })).status
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  expect(await status(await access.sign(good))).toBe(200)
  expect(await status(await access.sign({ ...good, exp: now - 1 }))).toBe(401)
  expect(await status(await access.sign({ ...good, aud: ['other'] }))).toBe(401)
  expect(await status(await access.sign({ ...good, iss: 'https://other.example' }))).toBe(401)
  expect(await status(`${none}.${Buffer.from(JSON.stringify(good)).toString('base64url')}.`)).toBe(401)
})

test('a program without credential gets a challenge and no page', async () => {
  const response = await get('/mcp')
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer resource_metadata="${access.url}/.well-known/oauth-protected-resource/mcp"`,
  )
  expect(response.headers.get('content-type')).toBe('application/json')
})

test('a script’s request in a browser gets 401, a person’s gets the login page', async () => {
  const browser = { host: `localhost:${PORT}`, accept: 'text/html', 'sec-fetch-site': 'same-origin' }
  const ask = async (headers: Record<string, string>) =>
    (await raw({ path: '/', headers: { ...browser, ...headers } })).statusCode
  expect(await ask({ 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' })).toBe(401)
  expect(await ask({ 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' })).toBe(302)
})

test('the whole hostname is behind Access, preflights included', async () => {
  for (const path of ['/healthz', '/favicon.ico', '/assets/app.js']) expect((await get(path)).status).toBe(401)
  const preflight = await fetch(`${access.url}/mcp`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(403)
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
})

test('the keys are two, and a rotation keeps the previous one for one more turn', async () => {
  const ids = () => access.jwks().keys.map(({ kid }) => kid)
  const before = ids()
  expect(before).toHaveLength(2)
  const { cookie, token } = await signIn(MEMBER.email)
  await access.rotateKeys()
  expect(ids()[1]).toBe(before[0])
  expect(ids()[0]).not.toBe(before[0])
  expect(decodeProtectedHeader(token).kid).toBe(before[0])
  expect((await get('/', { cookie })).status).toBe(200)
  await access.rotateKeys()
  expect(ids()).not.toContain(before[0])
  expect((await get('/', { cookie })).status).toBe(401)
  const published = await (await get('/cdn-cgi/access/certs')).json<{ keys: object[] }>()
  expect(published.keys).toHaveLength(2)
  for (const key of published.keys) expect(key).not.toHaveProperty('d')
})

test('identity and logout are there on the application’s own hostname', async () => {
  const { cookie } = await signIn(MEMBER.email)
  const identity = await get('/cdn-cgi/access/get-identity', { cookie })
  expect(await identity.json()).toMatchObject({ email: MEMBER.email, groups: MEMBER.groups })
  expect((await get('/cdn-cgi/access/get-identity')).status).toBe(401)
  const logout = await get('/cdn-cgi/access/logout', { ...HTML, cookie })
  expect(logout.headers.get('set-cookie')).toMatch(/^CF_Authorization=; Path=\/; Max-Age=0;/)
  expect((await get('/cdn-cgi/local/scheduled', SERVICE)).status).toBe(404)
})

test('a request goes through whole: method, path, query, headers and body', async () => {
  const body = 'x'.repeat(3_000_000)
  const headers = {
    ...SERVICE,
    host: `localhost:${PORT}`,
    'content-type': 'text/plain',
    'transfer-encoding': 'chunked',
    authorization: 'Bearer of-the-app',
    'x-own': 'kept',
  }
  const answer = await raw({ method: 'PUT', path: '/a%2Fb/?q=1&q=%20', headers }, body)
  const seen = await new Response(await text(answer)).json<Seen>()
  expect(seen).toMatchObject({ method: 'PUT', path: '/a%2Fb/?q=1&q=%20', body })
  expect(seen.headers).toMatchObject({
    host: `localhost:${PORT}`,
    'content-type': 'text/plain',
    'x-own': 'kept',
    authorization: 'Bearer of-the-app',
  })
})

test('hop-by-hop headers end at the proxy, both ways', async () => {
  const headers = { ...SERVICE, host: `localhost:${PORT}`, connection: 'close, x-hop', 'x-hop': '1', te: 'trailers' }
  const seen = await new Response(await text(await raw({ path: '/', headers }))).json<Seen>()
  expect(seen.headers).not.toHaveProperty('x-hop')
  expect(seen.headers).not.toHaveProperty('te')
  const answer = await raw({ path: '/cookies', headers: { ...SERVICE, host: `localhost:${PORT}` } })
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers).not.toHaveProperty('x-hop')
})

test('answers without a body pass: HEAD, 304 and redirects', async () => {
  const head = await fetch(`${access.url}/`, { method: 'HEAD', headers: SERVICE })
  expect(head.status).toBe(200)
  expect(await head.text()).toBe('')
  const unchanged = await get('/unchanged', SERVICE)
  expect(unchanged.status).toBe(304)
  expect(unchanged.headers.get('etag')).toBe('"a"')
  expect((await get('/moved', SERVICE)).headers.get('location')).toBe('/elsewhere')
})

test('events arrive one by one, before the stream ends', async () => {
  const response = await get('/events', SERVICE)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe('data: 1\n\n')
  upstream.emit('go-on')
  expect((await reader.read()).value).toBe('data: 2\n\n')
  expect((await reader.read()).done).toBe(true)
})

test('when the client goes away, the application hears of it', async () => {
  const leave = new AbortController()
  const wentAway = once(upstream, 'went-away')
  const response = await fetch(`${access.url}/events`, { headers: SERVICE, signal: leave.signal })
  await response.body!.getReader().read()
  leave.abort()
  await expect(wentAway).resolves.toBeDefined()
})

test('an answer that breaks off is broken for the client too', async () => {
  const response = await get('/breaks', SERVICE)
  await expect(response.text()).rejects.toThrow('terminated')
})

test('another name for this machine is not let near what is signed in', async () => {
  const { cookie } = await signIn(ADMIN.email)
  for (const host of ['evil.example', `evil.example:${PORT}`, `127.0.0.1:${PORT}`]) {
    expect((await raw({ path: '/', headers: { host, cookie } })).statusCode).toBe(421)
  }
  const absolute = await raw({ path: 'http://evil.example/', headers: { host: `localhost:${PORT}`, cookie } })
  expect(absolute.statusCode).toBe(421)
})

test('an application that does not answer is a 502: a page for people, JSON for programs', async () => {
  const lonely = await startLocalAccess({ port: PORT + 2, upstream: `http://127.0.0.1:${PORT + 3}` })
  try {
    const forProgram = await fetch(lonely.url, { headers: SERVICE })
    expect(forProgram.status).toBe(502)
    expect(await forProgram.json()).toMatchObject({ error: 'bad_gateway' })
    const forPerson = await fetch(lonely.url, { headers: { ...SERVICE, ...HTML } })
    expect(forPerson.status).toBe(502)
    expect(await forPerson.text()).toContain('does not answer')
  } finally {
    await lonely.close()
  }
})
