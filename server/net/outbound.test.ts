import { expect, test } from 'vitest'
import { type Credential, createOutbound, OutboundError, type SendOptions } from './outbound.ts'
import type { Resolve } from './resolve.ts'

interface Sent {
  method: string
  url: string
  headers: Headers
  body: string
  redirect: string
  cache: string
}

/** Upstreams by URL without query. Everything that reached the network is in `sent`; unknown URLs are connection errors. */
function fakeNetwork(upstreams: Record<string, (request: Request) => Response | Promise<Response>>) {
  const sent: Sent[] = []
  const fetch = async (request: Request) => {
    const { method, url, headers, redirect, cache } = request
    sent.push({ method, url, headers, redirect, cache, body: await request.clone().text() })
    const { origin, pathname } = new URL(url)
    const upstream = upstreams[origin + pathname]
    if (!upstream) throw new TypeError('connection refused')
    return upstream(request)
  }
  return { sent, fetch }
}

const publicly: Resolve = () => Promise.resolve({ ok: true, addresses: ['93.184.215.14'] })
const ok = () => new Response('ok')
const redirect =
  (location: string, status = 302) =>
  () =>
    new Response('moved', { status, headers: { location } })

function send(
  network: ReturnType<typeof fakeNetwork>,
  request: Request | string,
  {
    allowLocalNetwork = false,
    resolver = publicly,
    ...options
  }: SendOptions & { allowLocalNetwork?: boolean; resolver?: Resolve } = {},
) {
  const outbound = createOutbound({ allowLocalNetwork, fetch: network.fetch, resolver })
  return outbound.send(typeof request === 'string' ? new Request(request) : request, options)
}

async function refusal(work: Promise<unknown>): Promise<OutboundError> {
  const error: unknown = await work.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error,
  )
  if (!(error instanceof OutboundError)) throw error
  return error
}

const API = 'https://api.example.com'
const bearer: Credential = { origins: [API], apply: ({ headers }) => headers.set('authorization', 'Bearer s3cret') }

// ── Where a request may go ────────────────────────────────────────────────────────────────────────────────────────

test.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://127.0.0.1./',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[2002:7f00:1::]/',
  'http://0/',
  'http://10.0.0.1/',
  'http://192.168.1.1:8080/',
  'http://172.16.0.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://255.255.255.255/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://app.localhost/',
  'http://metadata.google.internal/',
  'http://metadata.google.internal./',
  'http://metadata/',
  'http://metadata.goog/',
  'http://printer.local/',
  'http://wiki.corp/',
  'http://intranet/',
  'http://①②⑦.0.0.1/',
  'http://127。0。0。1/',
])('%s is refused before anything is sent', async (url) => {
  const network = fakeNetwork({})
  const error = await refusal(send(network, url))
  expect(error.code).toBe('blocked_address')
  expect(error.message).toMatch(/^\S+ is .+\. Executor reaches public addresses only\.$/)
  expect(error.retryable).toBe(false)
  expect(network.sent).toHaveLength(0)
})

test.each([
  'file:///etc/passwd',
  'data:text/plain,hi',
  'javascript:alert(1)',
  'ftp://example.com/',
  'blob:https://example.com/1',
])('%s is no URL to send a request to', async (url) => {
  const network = fakeNetwork({})
  const error = await refusal(send(network, url))
  expect(error.code).toBe('invalid_url')
  expect(error.message).toContain('Only http and https')
  expect(network.sent).toHaveLength(0)
})

test('a URL with a user name and password is refused, and its password not repeated', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const error = await refusal(send(network, 'https://user:s3cret@api.example.com/'))
  expect(error.code).toBe('invalid_url')
  expect(error.message).not.toContain('s3cret')
  expect(network.sent).toHaveLength(0)
})

test.each([
  ['10.0.0.5', 'a private address'],
  ['127.0.0.1', 'a loopback address'],
  ['169.254.169.254', 'a link-local (cloud metadata) address'],
  ['::ffff:10.0.0.1', 'an IPv4-mapped address'],
  ['64:ff9b::a00:1', 'a NAT64 address'],
])('a public name that resolves to %s is refused', async (address, what) => {
  const network = fakeNetwork({})
  const resolver: Resolve = () => Promise.resolve({ ok: true, addresses: [address] })
  const error = await refusal(send(network, 'https://127.0.0.1.nip.example/', { resolver }))
  expect(error.message).toBe(
    `127.0.0.1.nip.example resolves to ${address}, ${what}. Executor reaches public addresses only.`,
  )
  expect(error.code).toBe('blocked_address')
  expect(network.sent).toHaveLength(0)
})

test('one private address among public ones is enough to refuse the name', async () => {
  const network = fakeNetwork({ 'https://mixed.example/': ok })
  const resolver: Resolve = () =>
    Promise.resolve({ ok: true, addresses: ['93.184.215.14', '2606:4700::1', '192.168.0.1'] })
  expect((await refusal(send(network, 'https://mixed.example/', { resolver }))).code).toBe('blocked_address')
  expect(network.sent).toHaveLength(0)
})

test.each(['unresolvable', 'resolver_unavailable'] as const)('a name that is %s is not fetched', async (reason) => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const resolver: Resolve = () => Promise.resolve({ ok: false, reason, message: 'No.' })
  const error = await refusal(send(network, API, { resolver }))
  expect(error).toMatchObject({ code: reason, message: 'No.', retryable: reason === 'resolver_unavailable' })
  expect(network.sent).toHaveLength(0)
})

test('names are looked up over the same fetch when no resolver is passed', async () => {
  const answer = (type: number, data: string) => Response.json({ Status: 0, Answer: [{ type, TTL: 60, data }] })
  const network = fakeNetwork({
    [`${API}/`]: ok,
    'https://cloudflare-dns.com/dns-query': ({ url }) =>
      url.endsWith('type=A') ? answer(1, '93.184.215.14') : answer(28, '2606:4700::1'),
  })
  const outbound = createOutbound({ allowLocalNetwork: false, fetch: network.fetch })
  expect(await (await outbound.send(new Request(API))).text()).toBe('ok')
  expect(network.sent.map(({ url }) => new URL(url).host)).toEqual([
    'cloudflare-dns.com',
    'cloudflare-dns.com',
    'api.example.com',
  ])
})

test.each([
  'http://localhost:8790/',
  'http://api.localhost/',
  'http://127.0.0.1:8790/',
  'http://127.9.9.9/',
  'http://[::1]:8790/',
])('the local stack may reach %s', async (url) => {
  const network = fakeNetwork({ [url]: ok })
  const resolver: Resolve = () => Promise.reject(new Error('nothing is looked up'))
  expect((await send(network, url, { allowLocalNetwork: true, resolver })).status).toBe(200)
})

test.each([
  'http://10.0.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/',
  'http://0.0.0.0/',
  'http://[fe80::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://metadata.google.internal/',
  'http://intranet/',
])('the local stack may not reach %s either', async (url) => {
  const network = fakeNetwork({ [url]: ok })
  expect((await refusal(send(network, url, { allowLocalNetwork: true }))).code).toBe('blocked_address')
  expect(network.sent).toHaveLength(0)
})

// ── Redirects ─────────────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost/',
  '//127.0.0.1/',
  'http://2130706433/',
  'http://[::ffff:10.0.0.1]/',
])('a redirect to %s is refused', async (location) => {
  const network = fakeNetwork({ 'http://api.example.com/': redirect(location) })
  expect((await refusal(send(network, 'http://api.example.com/'))).code).toBe('blocked_address')
  expect(network.sent).toHaveLength(1)
})

test('a redirect to a name that resolves to a private address is refused', async () => {
  const network = fakeNetwork({ [`${API}/`]: redirect('https://rebind.example/') })
  const resolver: Resolve = (host) =>
    Promise.resolve({ ok: true, addresses: [host === 'rebind.example' ? '10.0.0.1' : '93.184.215.14'] })
  expect((await refusal(send(network, API, { resolver }))).message).toContain('rebind.example resolves to 10.0.0.1')
  expect(network.sent).toHaveLength(1)
})

test.each([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:text/plain,hi',
  'ftp://api.example.com/',
  'https://user:pass@api.example.com/',
  'http://',
  'https://exa mple/',
])('a redirect to %s is refused', async (location) => {
  const network = fakeNetwork({ [`${API}/`]: redirect(location) })
  expect((await refusal(send(network, API))).code).toBe('invalid_url')
  expect(network.sent).toHaveLength(1)
})

test('five redirects are followed, and the answer says where it came from', async () => {
  const hops = Object.fromEntries([0, 1, 2, 3, 4].map((n) => [`${API}/${n}`, redirect(`/${n + 1}`)]))
  const network = fakeNetwork({ ...hops, [`${API}/5`]: ok })
  const response = await send(network, `${API}/0#part`)
  expect([await response.text(), response.url]).toEqual(['ok', `${API}/5`])
  expect(network.sent.every(({ redirect, cache }) => redirect === 'manual' && cache === 'no-store')).toBe(true)
})

test('a redirect is an answer to a request that says so', async () => {
  const network = fakeNetwork({ [`${API}/`]: redirect('https://elsewhere.example.com/', 307) })
  const response = await send(network, new Request(`${API}/`, { method: 'POST', body: 'x', redirect: 'manual' }))
  expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.example.com/'])
  expect(network.sent.map(({ method, url }) => `${method} ${url}`)).toEqual([`POST ${API}/`])
})

test('a redirect loop ends after five', async () => {
  const network = fakeNetwork({ [`${API}/a`]: redirect('/b'), [`${API}/b`]: redirect('/a') })
  const error = await refusal(send(network, `${API}/a`))
  expect(error).toMatchObject({ code: 'too_many_redirects', message: 'api.example.com redirected more than 5 times.' })
  expect(network.sent).toHaveLength(6)
})

test.each([
  ['POST', 301, 'GET'],
  ['POST', 302, 'GET'],
  ['POST', 303, 'GET'],
  ['POST', 307, 'POST'],
  ['POST', 308, 'POST'],
  ['PUT', 301, 'PUT'],
  ['PATCH', 302, 'PATCH'],
  ['DELETE', 303, 'GET'],
  ['HEAD', 303, 'HEAD'],
  ['GET', 303, 'GET'],
  ['GET', 308, 'GET'],
])('%s answered with %i becomes %s', async (method, status, expected) => {
  const network = fakeNetwork({ [`${API}/from`]: redirect('/to', status), [`${API}/to`]: ok })
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init = hasBody ? { body: '{"a":1}', headers: { 'content-type': 'application/json' } } : {}
  await send(network, new Request(`${API}/from`, { method, ...init }))

  const [first, second] = network.sent
  const keepsBody = hasBody && expected === method
  expect(first).toMatchObject({ method, body: hasBody ? '{"a":1}' : '' })
  expect(second).toMatchObject({ method: expected, body: keepsBody ? '{"a":1}' : '' })
  expect(second?.headers.get('content-type') ?? null).toBe(keepsBody ? 'application/json' : null)
})

test.each([300, 304, 302])('%i without a location is an answer', async (status) => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response(null, { status }) })
  expect((await send(network, API)).status).toBe(status)
})

// ── Credentials ───────────────────────────────────────────────────────────────────────────────────────────────────

const placements: [string, Credential['apply']][] = [
  ['header', ({ headers }) => headers.set('x-api-key', 's3cret')],
  ['query', ({ url }) => url.searchParams.append('api_key', 's3cret')],
  ['cookie', ({ headers }) => headers.append('cookie', 'session=s3cret')],
  ['basic', ({ headers }) => headers.set('authorization', `Basic ${btoa('user:s3cret')}`)],
]
const seesSecret = ({ url, headers }: Sent) =>
  [url, ...headers.values()].some((text) => text.includes('s3cret') || text.includes(btoa('user:s3cret')))

test.each(placements)('a %s credential goes to its own origin, redirects within it included', async (_, apply) => {
  const network = fakeNetwork({ [`${API}/a`]: redirect('b'), [`${API}/b`]: redirect(''), [`${API}/c`]: ok })
  await refusal(send(network, `${API}/a`, { credential: { origins: [API], apply } }))
  expect(network.sent).toHaveLength(6)
  expect(network.sent.every(seesSecret)).toBe(true)
  expect(network.sent.at(-1)?.url).toBe(network.sent[1]?.url)
})

test.each(
  placements.flatMap(([where, apply]) =>
    [301, 302, 303, 307, 308].map((status) => [where, status, apply] as [string, number, Credential['apply']]),
  ),
)('a %s credential does not follow a %i to another origin', async (_, status, apply) => {
  for (const other of ['https://evil.example', 'https://www.api.example.com', 'https://api.example.com:8443']) {
    const network = fakeNetwork({ [`${API}/`]: redirect(`${other}/x`, status), [`${other}/x`]: ok })
    const request = new Request(API, { method: 'POST', body: 'x' })
    await send(network, request, { credential: { origins: [API], apply } })
    expect(network.sent.map(seesSecret)).toEqual([true, false])
  }
})

test('a credential of the query that the upstream repeats in its redirect is taken out of it', async () => {
  const echo = (to: string) => (request: Request) => redirect(`${to}/x${new URL(request.url).search}`)()
  const network = fakeNetwork({ [`${API}/`]: echo('https://evil.example'), 'https://evil.example/x': ok })
  const apply: Credential['apply'] = ({ url }) => url.searchParams.set('api_key', 's3cret')
  await send(network, `${API}/?page=2`, { credential: { origins: [API], apply } })
  expect(network.sent.map(({ url }) => url)).toEqual([`${API}/?page=2&api_key=s3cret`, 'https://evil.example/x?page=2'])
})

test('a chain that left the origin does not get the credential back', async () => {
  const network = fakeNetwork({
    [`${API}/`]: redirect('https://evil.example/'),
    'https://evil.example/': redirect(`${API}/admin/delete-everything`),
    [`${API}/admin/delete-everything`]: ok,
  })
  await send(network, API, { credential: bearer })
  expect(network.sent.map(seesSecret)).toEqual([true, false, false])
})

test('a credential with two origins moves between them', async () => {
  const uploads = 'https://uploads.example.com'
  const network = fakeNetwork({
    [`${API}/`]: redirect(`${uploads}/`),
    [`${uploads}/`]: redirect(`${API}/done`),
    [`${API}/done`]: ok,
  })
  await send(network, API, { credential: { ...bearer, origins: [API, uploads] } })
  expect(network.sent.map(seesSecret)).toEqual([true, true, true])
})

test.each([
  'https://other.example/',
  'http://api.example.com/',
  'https://api.example.com.evil.example/',
  'https://api.example.com./',
])('a credential is not attached to a request that starts at %s', async (url) => {
  const network = fakeNetwork({ [url]: ok })
  await send(network, url, { credential: bearer })
  expect(network.sent.map(seesSecret)).toEqual([false])
})

test("the caller's own authorization and cookie are dropped when the origin changes, and stay dropped", async () => {
  const network = fakeNetwork({
    [`${API}/`]: redirect('/same'),
    [`${API}/same`]: redirect('https://evil.example/'),
    'https://evil.example/': redirect(`${API}/back`),
    [`${API}/back`]: ok,
  })
  const headers = {
    authorization: 'Bearer s3cret',
    cookie: 'a=s3cret',
    'proxy-authorization': 'Basic s3cret',
    'x-trace': '1',
  }
  await send(network, new Request(API, { headers }))
  expect(network.sent.map(seesSecret)).toEqual([true, true, false, false])
  expect(network.sent.map(({ headers }) => headers.get('x-trace'))).toEqual(['1', '1', '1', '1'])
  expect(network.sent.some(({ headers }) => headers.has('proxy-authorization'))).toBe(false)
})

test.each(['http://api.example.com/', 'http://other.example/'])(
  'a redirect with a credential from https to %s is refused',
  async (to) => {
    const network = fakeNetwork({ [`${API}/`]: redirect(to), [to]: ok })
    const withCredential = await refusal(send(network, API, { credential: bearer }))
    expect(withCredential.code).toBe('insecure_redirect')
    const withHeader = await refusal(send(network, new Request(API, { headers: { authorization: 'x' } })))
    expect(withHeader.code).toBe('insecure_redirect')
    expect(network.sent).toHaveLength(2)
    expect((await send(network, API)).status).toBe(200)
  },
)

test('a credential that cannot be attached says so without quoting it', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const apply: Credential['apply'] = ({ headers }) => headers.set('authorization', 'Bearer s3cret\nx')
  const error = await refusal(send(network, API, { credential: { origins: [API], apply } }))
  expect(error.code).toBe('credential_failed')
  expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain('s3cret')
  expect(network.sent).toHaveLength(0)
})

test('a credential cannot change where the request goes', async () => {
  const network = fakeNetwork({})
  const elsewhere: Credential['apply'] = ({ url }) => {
    url.host = '10.0.0.1'
  }
  const userinfo: Credential['apply'] = ({ url }) => {
    url.password = 's3cret'
  }
  for (const apply of [elsewhere, userinfo]) {
    const error = await refusal(send(network, API, { credential: { origins: [API], apply } }))
    expect(error.code).toBe('credential_failed')
  }
  expect(network.sent).toHaveLength(0)
})

// ── Headers ───────────────────────────────────────────────────────────────────────────────────────────────────────

test('headers that belong to the platform and its proxies do not leave with a request', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const forbidden = {
    'cf-connecting-ip': '1.2.3.4',
    'cf-access-token': 'forged',
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=1.2.3.4',
    'x-real-ip': '1.2.3.4',
    'true-client-ip': '1.2.3.4',
    host: 'evil.example',
    connection: 'close',
    upgrade: 'websocket',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    via: '1.1 x',
    expect: '100-continue',
    'accept-encoding': 'identity',
    'proxy-authorization': 'Basic x',
    'sec-fetch-site': 'same-origin',
    'x-http-method-override': 'DELETE',
  }
  const headers = { ...forbidden, accept: 'application/json', 'x-tenant': '7', 'user-agent': 'mine' }
  await send(network, new Request(API, { headers }))
  expect(Object.fromEntries(network.sent[0]?.headers ?? [])).toEqual({
    accept: 'application/json',
    'x-tenant': '7',
    'user-agent': 'mine',
  })
})

test('a credential may set the headers of an Access service token, and no other forbidden one', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const apply: Credential['apply'] = ({ headers }) => {
    headers.set('cf-access-client-id', 'id')
    headers.set('cf-access-client-secret', 'secret')
    headers.set('cf-connecting-ip', '1.2.3.4')
    headers.set('host', 'evil.example')
  }
  await send(network, API, { credential: { origins: [API], apply } })
  expect(Object.fromEntries(network.sent[0]?.headers ?? [])).toEqual({
    'cf-access-client-id': 'id',
    'cf-access-client-secret': 'secret',
    'user-agent': 'Executor',
  })
})

test('cookies of an answer are not kept, shown or sent on', async () => {
  const login = () => new Response('hi', { status: 302, headers: { location: '/home', 'set-cookie': 'sid=1' } })
  const home = () => new Response('home', { headers: { 'set-cookie': 'sid=2', 'x-page': 'home' } })
  const network = fakeNetwork({ [`${API}/`]: login, [`${API}/home`]: home })
  const response = await send(network, API)
  expect(network.sent[1]?.headers.has('cookie')).toBe(false)
  expect([response.headers.has('set-cookie'), response.headers.get('x-page')]).toEqual([false, 'home'])
})

test('a credential of the query that the upstream repeats in a header is taken out of it', async () => {
  const secret = 's3cret key/1'
  const page = ({ url }: Request) =>
    new Response('[]', { headers: { link: `<${url}&page=2>; rel="next"`, 'x-key': secret } })
  const network = fakeNetwork({ [`${API}/`]: redirect('/moved'), [`${API}/moved`]: page })
  const apply: Credential['apply'] = ({ url }) => url.searchParams.set('api_key', secret)
  const response = await send(network, `${API}/?per_page=5`, { credential: { origins: [API], apply } })
  expect(network.sent[1]?.url).toContain('s3cret')
  const shown = JSON.stringify([...response.headers])
  expect(shown).not.toContain('s3cret')
  expect(shown).toContain('api_key=&page=2')
})

test('a short value of the query is no secret, and words that it is a part of stay whole', async () => {
  const page = () => new Response('[]', { headers: { link: '</?format=json>; rel="next"' } })
  const network = fakeNetwork({ [`${API}/`]: page })
  const apply: Credential['apply'] = ({ url }) => url.searchParams.set('format', 'json')
  const response = await send(network, API, { credential: { origins: [API], apply } })
  expect(response.headers.get('link')).toBe('</?format=json>; rel="next"')
})

// ── Size ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function endless(chunkBytes: number) {
  const seen = { chunks: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.chunks++
      controller.enqueue(new Uint8Array(chunkBytes))
    },
    cancel() {
      seen.isCancelled = true
    },
  })
  return { seen, body }
}

test('an answer that declares more than the limit is refused before its body is read', async () => {
  const { seen, body } = endless(10)
  const network = fakeNetwork({ [`${API}/`]: () => new Response(body, { headers: { 'content-length': '1001' } }) })
  const error = await refusal(send(network, API, { maxBytes: 1000 }))
  expect(error).toMatchObject({ code: 'too_large', message: 'The answer is larger than the limit of 1000 bytes.' })
  await expect.poll(() => seen.isCancelled).toBe(true)
})

test('an endless body without a length is cut off at the limit', async () => {
  const { seen, body } = endless(100)
  const network = fakeNetwork({ [`${API}/`]: () => new Response(body) })
  const response = await send(network, API, { maxBytes: 1000 })
  expect((await refusal(response.arrayBuffer())).code).toBe('too_large')
  await expect.poll(() => seen.isCancelled).toBe(true)
  expect(seen.chunks).toBeLessThan(20)
})

test('a body of exactly the limit is whole', async () => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response('x'.repeat(1000)) })
  expect(await (await send(network, API, { maxBytes: 1000 })).text()).toHaveLength(1000)
})

test('a body that lies about its length is counted', async () => {
  const network = fakeNetwork({
    [`${API}/`]: () => new Response(endless(100).body, { headers: { 'content-length': '5' } }),
  })
  const response = await send(network, API, { maxBytes: 1000 })
  expect((await refusal(response.text())).code).toBe('too_large')
})

test('a request body above 16 MiB is refused', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const { seen, body } = endless(1024 * 1024)
  const error = await refusal(send(network, new Request(API, { method: 'POST', body, duplex: 'half' } as RequestInit)))
  expect(error.code).toBe('request_too_large')
  expect(seen.isCancelled).toBe(true)
  expect(network.sent).toHaveLength(0)
})

test('the length that HEAD answers is not a body', async () => {
  const head = () => new Response(null, { headers: { 'content-length': '99999' } })
  const network = fakeNetwork({ [`${API}/`]: head })
  const response = await send(network, new Request(API, { method: 'HEAD' }), { maxBytes: 10 })
  expect(response.headers.get('content-length')).toBe('99999')
})

test.each([204, 304])('an answer %i has no body and keeps its headers', async (status) => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response(null, { status, headers: { etag: '"1"' } }) })
  const response = await send(network, API)
  expect([response.status, response.body, response.headers.get('etag')]).toEqual([status, null, '"1"'])
})

test('a body in countless pieces is cut off, however small it is', async () => {
  const { seen, body } = endless(1)
  const network = fakeNetwork({ [`${API}/`]: () => new Response(body) })
  const error = await refusal((await send(network, API)).arrayBuffer())
  expect(error).toMatchObject({ code: 'invalid_response', message: 'The answer came in more than 50000 small pieces.' })
  await expect.poll(() => seen.isCancelled).toBe(true)
})

test('a large body may come in as many pieces as a network makes of it', async () => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response(endless(300).body) })
  const error = await refusal((await send(network, API, { maxBytes: 60_000 * 300 })).arrayBuffer())
  expect(error.code).toBe('too_large')
})

test('a length of 0 is no body', async () => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response('', { headers: { 'content-length': '0' } }) })
  expect((await send(network, API)).body).toBeNull()
})

// ── Time and cancellation ─────────────────────────────────────────────────────────────────────────────────────────

const never = () => new Promise<never>(() => {})

test.each<[string, Parameters<typeof fakeNetwork>[0], Resolve]>([
  ['a lookup', {}, never],
  ['headers', { [`${API}/`]: never }, publicly],
  ['headers after a redirect', { [`${API}/`]: redirect('/2'), [`${API}/2`]: never }, publicly],
])('the time limit ends %s that never come', async (_, upstreams, resolver) => {
  const error = await refusal(send(fakeNetwork(upstreams), API, { timeoutMs: 20, resolver }))
  expect(error).toMatchObject({
    code: 'timeout',
    message: 'There was no complete answer within 0.02 s.',
    retryable: true,
  })
})

test('without time nothing is sent', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  for (const timeoutMs of [0, -5]) {
    const error = await refusal(send(network, API, { timeoutMs }))
    expect(error).toMatchObject({ code: 'timeout', message: 'There was no time left for the request.' })
  }
  expect(network.sent).toHaveLength(0)
})

test('the time limit ends a body that drips', async () => {
  let isCancelled = false
  const drip = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      controller.enqueue(new Uint8Array(1))
    },
    cancel() {
      isCancelled = true
    },
  })
  const network = fakeNetwork({ [`${API}/`]: () => new Response(drip) })
  const response = await send(network, API, { timeoutMs: 60 })
  expect(response.status).toBe(200)
  expect((await refusal(response.text())).code).toBe('timeout')
  await expect.poll(() => isCancelled).toBe(true)
})

test('the time limit ends a body that stalls', async () => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response(new ReadableStream({ pull: never })) })
  const response = await send(network, API, { timeoutMs: 20 })
  expect((await refusal(response.text())).code).toBe('timeout')
})

test('the time limit covers a credential that is never ready', async () => {
  const network = fakeNetwork({ [`${API}/`]: ok })
  const error = await refusal(send(network, API, { timeoutMs: 20, credential: { origins: [API], apply: never } }))
  expect(error.code).toBe('timeout')
  expect(network.sent).toHaveLength(0)
})

test('cancelling the request cancels the exchange, before and while the body is read', async () => {
  const early = new AbortController()
  early.abort()
  const network = fakeNetwork({ [`${API}/`]: () => new Response(new ReadableStream({ pull: never })) })
  expect((await refusal(send(network, new Request(API, { signal: early.signal })))).code).toBe('aborted')
  expect(network.sent).toHaveLength(0)

  const late = new AbortController()
  const response = await send(network, new Request(API, { signal: late.signal }))
  const text = refusal(response.text())
  late.abort()
  expect((await text).code).toBe('aborted')
})

test('a reader that has enough cancels the upstream', async () => {
  const { seen, body } = endless(10)
  const network = fakeNetwork({ [`${API}/`]: () => new Response(body) })
  const response = await send(network, API)
  await response.body?.cancel()
  expect(seen.isCancelled).toBe(true)
})

// ── Broken upstreams ──────────────────────────────────────────────────────────────────────────────────────────────

test('an upstream that refuses the connection is unreachable', async () => {
  const error = await refusal(send(fakeNetwork({}), `${API}/x?token=s3cret`))
  expect(error).toMatchObject({
    code: 'unreachable',
    message: 'api.example.com could not be reached.',
    retryable: true,
  })
})

test('a body that breaks off says so', async () => {
  let pulls = 0
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulls++ === 0) controller.enqueue(new Uint8Array(3))
      else controller.error(new TypeError('terminated'))
    },
  })
  const network = fakeNetwork({ [`${API}/`]: () => new Response(broken) })
  const error = await refusal((await send(network, API)).text())
  expect(error).toMatchObject({ code: 'interrupted', retryable: true })
})

test.each([400, 401, 404, 429, 500, 503])('a status of %i is an answer, not an error', async (status) => {
  const network = fakeNetwork({ [`${API}/`]: () => new Response('no', { status, headers: { 'retry-after': '3' } }) })
  const response = await send(network, API)
  expect([response.status, await response.text(), response.headers.get('retry-after')]).toEqual([status, 'no', '3'])
})
