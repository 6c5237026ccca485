import type { JWTPayload } from 'jose'
import { DrizzleQueryError } from 'drizzle-orm'
import { expect, test } from 'vitest'
import {
  AUDIENCE,
  createTestAccess,
  newTeamKey,
  personClaims,
  serviceClaims,
  TEAM_DOMAIN,
  type TestAccess,
} from '../testing/access.ts'
import { type Admitted, createDoor, type LogEntry } from './door.ts'
import type { Roles } from './principal.ts'
import { createVerifier } from './verify.ts'

const teamKey = await newTeamKey()
const ORIGIN = 'https://executor.example.com'

/** A door in front of an application that answers everything with who is asking. */
async function setUp({ roles = { adminEmails: [], adminGroups: [] } }: { roles?: Roles } = {}) {
  const access = await createTestAccess(teamKey)
  const log: LogEntry[] = []
  const rendered: string[] = []
  const audiences = [AUDIENCE, 'second-application']
  const verify = createVerifier({ teamDomain: TEAM_DOMAIN, audiences, fetch: (request) => access.fetch(request) })
  const door = createDoor({ ok: true, verify, roles, loginOrigin: TEAM_DOMAIN.origin }, (entry) => log.push(entry))
  const knock = (path: string, init: RequestInit = {}, render?: (admitted: Admitted) => Promise<Response>) => {
    const request = new Request(`${ORIGIN}${path}`, { redirect: 'manual', ...init })
    return door(request, async (admitted) => {
      rendered.push(`${request.method} ${path}`)
      return render ? render(admitted) : Response.json(admitted.principal)
    })
  }
  return { access, door, knock, log, rendered }
}

const asserting = (token: string, headers: Record<string, string> = {}) => ({
  headers: { 'cf-access-jwt-assertion': token, ...headers },
})

/** What a browser sends with a form of ours. */
async function formHeaders(access: TestAccess, claims?: JWTPayload): Promise<Record<string, string>> {
  const token = await access.sign(claims)
  return {
    'cf-access-jwt-assertion': token,
    cookie: `theme=dark; CF_Authorization=${token}`,
    origin: ORIGIN,
    'sec-fetch-site': 'same-origin',
  }
}

function without(headers: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}

test.each(['GET', 'HEAD'])('the health check answers %s to everybody, without detail', async (method) => {
  const { knock, rendered } = await setUp()
  const response = await knock('/healthz', { method })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(method === 'HEAD' ? '' : 'ok\n')
  expect(rendered).toEqual([])
})

test.each(['GET', 'HEAD'])(
  'what Executor says of itself as a client is there for every server (%s)',
  async (method) => {
    const { knock, rendered } = await setUp()
    const response = await knock('/oauth/client-metadata.json', { method })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const document = {
      client_id: `${ORIGIN}/oauth/client-metadata.json`,
      client_name: 'Executor',
      client_uri: ORIGIN,
      redirect_uris: [`${ORIGIN}/oauth/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    }
    expect(await response.text()).toBe(method === 'HEAD' ? '' : JSON.stringify(document))
    expect(rendered).toEqual([])
  },
)

test.each([
  ['/', 'GET'],
  ['/', 'HEAD'],
  ['/', 'OPTIONS'],
  ['/healthz', 'POST'],
  ['/healthz/', 'GET'],
  ['/healthz/../integrations', 'GET'],
  ['/healthz%2f..%2fintegrations', 'GET'],
  ['/healthz.data', 'GET'],
  ['//healthz', 'GET'],
  ['/Healthz', 'GET'],
  ['/oauth/client-metadata.json', 'POST'],
  ['/oauth/client-metadata.json', 'OPTIONS'],
  ['/oauth/client-metadata.json/', 'GET'],
  ['/oauth/client-metadata.json.data', 'GET'],
  ['/oauth/client-metadata.json/../../integrations', 'GET'],
  ['/oauth/client-metadata%2ejson', 'GET'],
  ['/OAuth/client-metadata.json', 'GET'],
  ['//oauth/client-metadata.json', 'GET'],
  ['/oauth', 'GET'],
  ['/oauth/callback?code=x&state=y', 'GET'],
  ['/mcp', 'GET'],
  ['/mcp', 'POST'],
  ['/mcp', 'OPTIONS'],
  ['/mcp/', 'DELETE'],
  ['/MCP', 'POST'],
  ['//mcp', 'POST'],
  ['/%6dcp', 'POST'],
  ['/mcp/../integrations', 'GET'],
  ['/mcp/%2e%2e/integrations', 'POST'],
  ['/mcp.data', 'POST'],
  ['/api', 'GET'],
  ['/api/openapi.json', 'GET'],
  ['/api/x.data', 'GET'],
  ['/api%2ftools', 'GET'],
  ['/_root.data', 'GET'],
  ['/integrations.data?_routes=root', 'POST'],
  ['/__manifest?paths=%2F', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/assets/missing.js', 'GET'],
  ['/favicon.ico', 'GET'],
  ['/cdn-cgi/access/certs', 'GET'],
  ['/integrations/%00', 'GET'],
])('%s is closed to a %s without a token', async (path, method) => {
  const { knock, rendered } = await setUp()
  const response = await knock(path, { method })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
  expect(rendered).toEqual([])
})

test('without a token programs get JSON that says what to send, and people a page about Access', async () => {
  const { knock } = await setUp()
  const mcp = await knock('/mcp', { method: 'POST' })
  expect(mcp.headers.get('content-type')).toBe('application/json')
  expect(await mcp.json()).toMatchObject({
    status: 401,
    code: 'unauthenticated',
    detail: expect.stringContaining('CF-Access-Client-Id'),
  })

  const api = await knock('/api/tools')
  expect(api.headers.get('content-type')).toBe('application/problem+json')

  const page = await knock('/runs/run_1?tab=calls&x="><script>')
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const html = await page.text()
  expect(html).toContain('Sign in through Cloudflare Access')
  expect(html).toContain('href="/runs/run_1?tab=calls&amp;x=%22%3E%3Cscript%3E"')
  expect(html).not.toContain('<script')
})

test('the way back from the page never leads to another host', async () => {
  const { knock } = await setUp()
  expect(await (await knock('//evil.example/x')).text()).toContain('href="/evil.example/x"')
})

test.each<[string, (access: TestAccess) => Promise<string> | string]>([
  ['wrong_audience', (access) => access.sign({ aud: ['b'.repeat(64)] })],
  ['wrong_issuer', (access) => access.sign({ iss: 'https://evil.cloudflareaccess.com' })],
  ['expired', (access) => access.sign({ exp: Math.floor(Date.now() / 1000) - 60 })],
  ['no_expiry', (access) => access.sign({ exp: undefined })],
  ['unknown_key', (access) => access.sign({}, { kid: 'nobody' })],
  ['bad_signature', async () => (await createTestAccess()).sign()],
  ['no_identity', (access) => access.sign({ email: undefined })],
  ['two_identities', (access) => access.sign({ common_name: 'robot.access' })],
  ['malformed', () => 'nonsense'],
])(
  'the reason of a refusal (%s) is in the log under the id in the answer, and not in the answer',
  async (reason, forge) => {
    const { access, knock, log, rendered } = await setUp()
    const token = await forge(access)
    const response = await knock('/mcp?secret=1', { method: 'POST', ...asserting(token) })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
    const body = await response.text()
    expect(log).toEqual([
      expect.objectContaining({
        event: 'refused',
        path: '/mcp',
        reason: expect.stringContaining(`unauthenticated: ${reason}`),
      }),
    ])
    expect(JSON.parse(body)).toMatchObject({ id: log[0]?.id })
    expect(body).not.toContain(reason)
    expect(JSON.stringify(log)).not.toContain(token)
    expect(rendered).toEqual([])
  },
)

test('while the keys cannot be fetched nobody comes in, and the answer does not say why', async () => {
  const { access, knock, log } = await setUp()
  access.outage = () => Promise.reject(new Error('connection refused'))
  const response = await knock('/', asserting(await access.sign()))
  expect(response.status).toBe(401)
  expect(await response.text()).not.toContain('refused by')
  expect(log[0]?.reason).toContain('keys_unavailable')
  access.outage = undefined
  expect((await knock('/', asserting(await access.sign()))).status).toBe(200)
})

test('two assertions are no assertion', async () => {
  const { access, door } = await setUp()
  const headers = new Headers({ 'cf-access-jwt-assertion': await access.sign() })
  headers.append('cf-access-jwt-assertion', await access.sign({ email: 'root@example.com' }))
  const response = await door(new Request(ORIGIN, { headers }), async () => new Response('in'))
  expect(response.status).toBe(401)
})

test.each<[string, (token: string) => Record<string, string>]>([
  ['a cookie', (token) => ({ cookie: `CF_Authorization=${token}` })],
  ['a bearer token', (token) => ({ authorization: `Bearer ${token}` })],
  ['a linked app token', (token) => ({ 'cf-access-token': token })],
  ['a service token', () => ({ 'cf-access-client-id': 'robot.access', 'cf-access-client-secret': 'secret' })],
  ['an email', () => ({ 'cf-access-authenticated-user-email': 'ada@example.com' })],
])('%s alone lets nobody in: only the assertion counts', async (_, headers) => {
  const { access, knock } = await setUp()
  expect((await knock('/', { headers: headers(await access.sign()) })).status).toBe(401)
})

test('a hundred requests after the first fetch no keys', async () => {
  const { access, knock } = await setUp()
  const token = await access.sign()
  for (let count = 0; count < 101; count++) await knock('/mcp', { method: 'POST', ...asserting(token) })
  expect(access.fetches).toBe(1)
})

test('roles reach the application', async () => {
  const { access, knock } = await setUp({ roles: { adminEmails: ['ada@example.com'], adminGroups: [] } })
  const asked = async (claims: JWTPayload) => (await knock('/', asserting(await access.sign(claims)))).json()
  expect(await asked(personClaims('ADA@example.com'))).toMatchObject({ id: 'person:ada@example.com', isAdmin: true })
  expect(await asked(personClaims('grace@example.com'))).toMatchObject({
    id: 'person:grace@example.com',
    isAdmin: false,
  })
  expect(await asked(serviceClaims())).toMatchObject({ id: 'service:robot.access', isAdmin: false })
})

test('a form of the console is accepted from its own person’s browser', async () => {
  const { access, knock } = await setUp()
  expect((await knock('/policies', { method: 'POST', headers: await formHeaders(access) })).status).toBe(200)
})

test('browsers that send only one of Origin and Sec-Fetch-Site are accepted', async () => {
  const { access, knock } = await setUp()
  for (const name of ['origin', 'sec-fetch-site']) {
    const headers = without(await formHeaders(access), name)
    expect((await knock('/policies', { method: 'POST', headers })).status).toBe(200)
  }
})

const attacks: [
  string,
  string,
  (headers: Record<string, string>, access: TestAccess) => Promise<Record<string, string>>,
][] = [
  [
    'another site',
    'cross_site',
    async (headers) => ({ ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
  ],
  [
    'another site in an old browser',
    'cross_site',
    async (headers) => ({ ...without(headers, 'sec-fetch-site'), origin: 'https://evil.example' }),
  ],
  [
    'a neighbouring host',
    'cross_site',
    async (headers) => ({ ...headers, origin: 'https://wiki.example.com', 'sec-fetch-site': 'same-site' }),
  ],
  ['a sandboxed frame', 'cross_site', async (headers) => ({ ...headers, origin: 'null' })],
  ['our host over http', 'cross_site', async (headers) => ({ ...headers, origin: 'http://executor.example.com' })],
  ['another port of our host', 'cross_site', async (headers) => ({ ...headers, origin: `${ORIGIN}:8443` })],
  ['nowhere a page could be', 'cross_site', async (headers) => ({ ...headers, 'sec-fetch-site': 'none' })],
  [
    'a client that sends no Origin',
    'browser_required',
    async (headers) => without(headers, 'origin', 'sec-fetch-site'),
  ],
  ['a Managed OAuth client, which has no cookie', 'browser_required', async (headers) => without(headers, 'cookie')],
  [
    'a client with an empty cookie',
    'browser_required',
    async (headers) => ({ ...headers, cookie: 'CF_Authorization=' }),
  ],
  [
    'a client with an opaque token as cookie',
    'browser_required',
    async (headers) => ({ ...headers, cookie: 'CF_Authorization=oauth:abc' }),
  ],
  [
    'a client with another person’s cookie',
    'browser_required',
    async (headers, access) => ({
      ...headers,
      cookie: `CF_Authorization=${await access.sign(personClaims('grace@example.com'))}`,
    }),
  ],
  [
    'a client with the person’s cookie of another application that Executor also trusts',
    'browser_required',
    async (headers, access) => ({
      ...headers,
      cookie: `CF_Authorization=${await access.sign({ aud: ['second-application'] })}`,
    }),
  ],
  [
    'a client with an expired cookie',
    'browser_required',
    async (headers, access) => ({ ...headers, cookie: `CF_Authorization=${await access.sign({ exp: 1 })}` }),
  ],
  [
    'a client with a cookie that it signed itself',
    'browser_required',
    async (headers) => ({ ...headers, cookie: `CF_Authorization=${await (await createTestAccess()).sign()}` }),
  ],
  [
    'a service, even with a cookie of its own',
    'browser_required',
    async (headers, access) => {
      const token = await access.sign(serviceClaims())
      return { ...headers, 'cf-access-jwt-assertion': token, cookie: `CF_Authorization=${token}` }
    },
  ],
]

test.each(attacks)('a form of the console is refused from %s: %s', async (_, code, change) => {
  const { access, knock, log, rendered } = await setUp()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const response = await knock('/policies', { method, headers: await change(await formHeaders(access), access) })
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).toContain('text/html')
  }
  expect(rendered).toEqual([])
  expect(log[0]?.reason).toMatch(new RegExp(`^${code}`))
})

test.each(['/MCP', '//mcp', '/%6dcp', '/mcp.data', '/API/tools', '/api.data', '/mcpx', '/_root.data'])(
  'a path that is not exactly an endpoint (%s) gets the console’s rules',
  async (path) => {
    const { access, knock, rendered } = await setUp()
    expect((await knock(path, { method: 'POST', ...asserting(await access.sign()) })).status).toBe(403)
    expect(rendered).toEqual([])
  },
)

test('of several cookies of that name, one of the person is enough', async () => {
  const { access, knock } = await setUp()
  const headers = await formHeaders(access)
  const cookie = `CF_Authorization=tossed-by-a-neighbour; ${headers.cookie}`
  expect((await knock('/policies', { method: 'POST', headers: { ...headers, cookie } })).status).toBe(200)
})

test.each(['/mcp', '/mcp/toolkit', '/api/tools'])(
  'clients post to %s without Origin or cookie, and other sites do not',
  async (path) => {
    const { access, knock } = await setUp()
    const token = await access.sign(serviceClaims())
    const post = (headers: Record<string, string>) => knock(path, { method: 'POST', ...asserting(token, headers) })
    expect((await post({})).status).toBe(200)
    expect((await post({ origin: ORIGIN })).status).toBe(200)
    const refused = await post({ origin: 'https://evil.example' })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'cross_site' })
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post({ origin: 'null' })).status).toBe(403)
  },
)

test('every answer has the security headers, and a nonce of its own', async () => {
  const { access, knock } = await setUp()
  const nonces = new Set<string>()
  for (const response of [
    await knock('/healthz'),
    await knock('/'),
    await knock('/mcp', { method: 'POST' }),
    await knock('/', asserting(await access.sign())),
    await knock('/', asserting(await access.sign()), () => Promise.reject(new Error('boom'))),
  ]) {
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(response.headers.get('strict-transport-security')).toContain('max-age=')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
    nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? '')
  }
  expect(nonces.size).toBe(5)
  expect(nonces).not.toContain('')
})

test('the nonce that the application is given is the one in the header', async () => {
  const { access, knock } = await setUp()
  const response = await knock('/', asserting(await access.sign()), async ({ nonce }) => new Response(nonce))
  expect(response.headers.get('content-security-policy')).toContain(`'nonce-${await response.text()}'`)
})

test('answers are not stored anywhere, unless they say otherwise', async () => {
  const { access, knock } = await setUp()
  const token = await access.sign()
  expect((await knock('/', asserting(token))).headers.get('cache-control')).toBe('no-store, private')
  const own = () => Promise.resolve(new Response('x', { headers: { 'cache-control': 'private, max-age=60' } }))
  expect((await knock('/', asserting(token), own)).headers.get('cache-control')).toBe('private, max-age=60')
})

test('a surprise is logged once with an id, and the answer shows only the id', async () => {
  const { access, knock, log } = await setUp()
  const boom = () => Promise.reject(new Error('the database password is hunter2'))
  for (const path of ['/', '/mcp', '/api/tools']) {
    const response = await knock(path, asserting(await access.sign()), boom)
    expect(response.status).toBe(500)
    const body = await response.text()
    expect(body).toContain(log.at(-1)?.id)
    expect(body).not.toContain('hunter2')
  }
  expect(log.map(({ event }) => event)).toEqual(['failed', 'failed', 'failed'])
  expect(log[0]).toMatchObject({ reason: 'the database password is hunter2', stack: expect.stringMatching(/^ +at /) })
})

test('the log has what caused a surprise, and no value of a statement that failed', async () => {
  const { access, knock, log } = await setUp()
  const cause = new Error('D1_ERROR: UNIQUE constraint failed: runs.id')
  const failed = new DrizzleQueryError('insert into runs (id, code) values (?, ?)', ['run_1', 'hunter2'], cause)
  const boom = () => Promise.reject(new Error('The run was not kept', { cause: failed }))
  await knock('/', asserting(await access.sign()), boom)
  await knock('/', asserting(await access.sign()), () => Promise.reject(failed))
  expect(log[0]?.reason).toBe(
    'The run was not kept < Failed query: insert into runs (id, code) values (?, ?) < D1_ERROR: UNIQUE constraint failed: runs.id',
  )
  expect(JSON.stringify(log)).not.toContain('hunter2')
})

test('the router’s own answer to a surprise gives way to one with the id it was reported under', async () => {
  const { access, knock, log } = await setUp()
  const response = await knock('/', asserting(await access.sign()), async (admitted) => {
    admitted.report(new Error('boom'))
    return new Response('Unexpected Server Error', { status: 500, headers: { 'content-type': 'text/plain' } })
  })
  expect(await response.text()).toContain(log[0]?.id)
  expect(log).toHaveLength(1)
})

test('a failure that the application explains itself is left alone', async () => {
  const { access, knock } = await setUp()
  const problem = async () => Response.json({ code: 'busy' }, { status: 500 })
  expect(await (await knock('/api/tools', asserting(await access.sign()), problem)).json()).toEqual({ code: 'busy' })
})

test('without settings everything is refused, with the names of what to set', async () => {
  const access = await createTestAccess()
  const door = createDoor({ ok: false, missing: ['ACCESS_AUD is not set: `<tag>`.'] }, () => {})
  for (const path of ['/', '/healthz', '/oauth/client-metadata.json', '/mcp', '/api/tools', '/assets/x.js']) {
    const request = new Request(`${ORIGIN}${path}`, asserting(await access.sign()))
    const response = await door(request, async () => new Response('in'))
    expect(response.status).toBe(401)
    const text = await response.text()
    expect(text.replaceAll(/<\/?code>/g, '')).toContain('ACCESS_AUD is not set')
    expect(text).toContain('npm run access:setup')
    expect(text).not.toContain('<tag>'.concat('</code>'))
  }
})

test('a refused request is read to its end, so that the connection stays good for the next', async () => {
  const { knock } = await setUp()
  const chunk = new Uint8Array(64 * 1024)
  const sent = { chunks: 0, isCancelled: false }
  const body = (chunks: number) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent.chunks++ < chunks) controller.enqueue(chunk)
        else controller.close()
      },
      cancel() {
        sent.isCancelled = true
      },
    })
  const post = (chunks: number) => knock('/policies', { method: 'POST', body: body(chunks) })

  expect((await post(4)).status).toBe(401)
  expect(sent).toEqual({ chunks: 5, isCancelled: false })
  sent.chunks = 0
  expect((await post(1000)).status).toBe(401)
  expect(sent.isCancelled).toBe(true)
  expect(sent.chunks).toBeLessThan(40)
})

test('what is let in brings its own assertion along, and the log never has it', async () => {
  const { access, knock, log } = await setUp()
  const token = await access.sign()
  const given = await knock(
    '/mcp',
    { method: 'POST', ...asserting(token) },
    async ({ assertion }) => new Response(assertion),
  )
  expect(await given.text()).toBe(token)
  const failing = async () => {
    throw new Error('broken')
  }
  const form = await formHeaders(access)
  await knock('/connections', { method: 'POST', headers: form }, failing)
  expect(log).toHaveLength(1)
  for (const text of [token, form['cf-access-jwt-assertion'] ?? '']) expect(JSON.stringify(log)).not.toContain(text)
})
