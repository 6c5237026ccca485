import { expect, test } from 'vitest'
import { createOutbound } from '../net/outbound.ts'
import { type FindOptions, findDocument, type FindResult } from './find-document.ts'

type Site = Record<string, string | Response | ((request: Request) => Response | Promise<Response>)>

const OPENAPI = '{"openapi":"3.1.0","info":{"title":"A","version":"1"},"paths":{}}'
const html = (body: string, title = 'Acme API') =>
  new Response(`<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>`, {
    headers: { 'content-type': 'text/html' },
  })

/** Finds in a made-up internet: what is not in `site` is a 404, and hosts that are not in it do not exist. */
async function find(address: string, site: Site, options?: FindOptions) {
  const asked: string[] = []
  const hosts = new Set(Object.keys(site).map((url) => new URL(url).hostname))
  const outbound = createOutbound({
    allowLocalNetwork: false,
    fetch: async (request) => {
      asked.push(request.url)
      const answer = site[request.url]
      if (typeof answer === 'function') return answer(request)
      if (answer instanceof Response) return answer.clone()
      return new Response(answer ?? 'not found', { status: answer === undefined ? 404 : 200 })
    },
    resolver: (host) =>
      Promise.resolve(
        hosts.has(host)
          ? { ok: true, addresses: ['93.184.215.14'] }
          : { ok: false, reason: 'unresolvable', message: `There is no host named ${host}.` },
      ),
  })
  const result = await findDocument({ outbound }, address, options)
  return { result, asked, text: result.ok ? await textOf(result) : '' }
}

async function textOf(result: FindResult & { ok: true }): Promise<string> {
  let text = ''
  for await (const chunk of result.chunks) text += new TextDecoder().decode(chunk)
  return text
}

// ── The address itself ────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  ['JSON', OPENAPI],
  ['JSON with a byte order mark', `\uFEFF  ${OPENAPI}`],
  [
    'JSON whose version comes late',
    `{"components":{"schemas":{"A":${'[1],'.repeat(3_000).replace(/,$/, '')}}},"openapi":"3.0.3"}`,
  ],
  ['YAML', 'openapi: 3.0.0\ninfo: {}\n'],
  ['YAML with a long preface', `${'# a licence\n'.repeat(100)}---\nswagger: "2.0"\n`],
  ['Google Discovery', '{"rootUrl":"https://gmail.googleapis.com/","servicePath":"","id":"gmail:v1"}'],
])('an address that is the document is one request, byte by byte: %s', async (_, document) => {
  const { result, asked, text } = await find('api.example.com/v1', { 'https://api.example.com/v1': document })
  expect(result).toMatchObject({
    ok: true,
    url: 'https://api.example.com/v1',
    tried: [{ url: 'https://api.example.com/v1', outcome: 'an API description' }],
    alternatives: [],
  })
  expect(asked).toEqual(['https://api.example.com/v1'])
  expect(text).toBe(document.replace(/^\uFEFF/, ''))
})

test('what the host says of the version comes with it', async () => {
  const lastModified = 'Wed, 21 Oct 2026 07:28:00 GMT'
  const { result } = await find('https://api.example.com/openapi.json', {
    'https://api.example.com/openapi.json': new Response(OPENAPI, {
      headers: { etag: 'W/"7"', 'last-modified': lastModified },
    }),
  })
  expect(result).toMatchObject({ ok: true, notModified: false, etag: 'W/"7"', lastModified })
})

test('a file that is something else is handed on: reading it says what it is', async () => {
  for (const [url, content] of [
    ['https://api.example.com/collection.json', '{"info":{"_postman_id":"1"}}'],
    ['https://api.example.com/data.json', '{"hello":"world"}'],
    ['https://api.example.com/service.yaml', 'a: 1\n'],
    ['https://api.example.com/', '{"hello":"world"}'],
    ['https://api.example.com/empty', ''],
    ['https://api.example.com/soap', '<?xml version="1.0"?><definitions/>'],
  ] as const) {
    const { result, text } = await find(url, { [url]: content })
    expect(result).toMatchObject({ ok: true, url })
    expect(text).toBe(content)
  }
})

test('the page of a file on a code host is its raw file', async () => {
  for (const [page, raw] of [
    [
      'https://github.com/acme/api/blob/main/spec/openapi.yaml',
      'https://raw.githubusercontent.com/acme/api/main/spec/openapi.yaml',
    ],
    [
      'https://gitlab.example.com/acme/sub/api/-/blob/main/openapi.yaml',
      'https://gitlab.example.com/acme/sub/api/-/raw/main/openapi.yaml',
    ],
    ['https://bitbucket.org/acme/api/src/main/openapi.yaml', 'https://bitbucket.org/acme/api/raw/main/openapi.yaml'],
  ] as const) {
    const { result, asked } = await find(page, { [raw]: OPENAPI })
    expect(result).toMatchObject({ ok: true, url: raw })
    expect(asked).toEqual([raw])
  }
})

// ── Pages that name it ────────────────────────────────────────────────────────────────────────────────────────────

test('a page that links its document', async () => {
  const { result, asked, text } = await find('docs.example.com', {
    'https://docs.example.com/': html('<a href="https://api.example.com/v1/openapi.json">Download</a>'),
    'https://api.example.com/v1/openapi.json': OPENAPI,
  })
  expect(result).toMatchObject({
    url: 'https://api.example.com/v1/openapi.json',
    tried: [
      { url: 'https://docs.example.com/', outcome: 'a web page' },
      { url: 'https://api.example.com/v1/openapi.json', outcome: 'an API description' },
    ],
  })
  expect(asked).toHaveLength(2)
  expect(text).toBe(OPENAPI)
})

test('a Swagger UI whose settings lie in a script and in a file', async () => {
  const { result, asked } = await find('https://api.example.com/swagger-ui/index.html', {
    'https://api.example.com/swagger-ui/index.html': html('<script src="./swagger-initializer.js"></script>'),
    'https://api.example.com/swagger-ui/swagger-initializer.js': `ui({"configUrl":"/v3/api-docs/swagger-config","url":"https://petstore.swagger.io/v2/swagger.json"})`,
    'https://api.example.com/v3/api-docs/swagger-config':
      '{"configUrl":"/v3/api-docs/swagger-config","url":"/v3/api-docs"}',
    'https://api.example.com/v3/api-docs': OPENAPI,
  })
  expect(result).toMatchObject({ ok: true, url: 'https://api.example.com/v3/api-docs' })
  expect(asked).toHaveLength(4)
})

test('several documents: the first, or the one that the address asks for, and the others as alternatives', async () => {
  const site = {
    'https://api.example.com/docs': html(
      `<div id="swagger-ui"></div><script>ui({urls:[{url:"/orders.json",name:"Orders"},{url:"/users.json",name:"Users"},{url:"/users.yaml",name:"Users"}]})</script>`,
    ),
    'https://api.example.com/docs?urls.primaryName=Users': html(
      `<div id="swagger-ui"></div><script>ui({urls:[{url:"/orders.json",name:"Orders"},{url:"/users.json",name:"Users"}]})</script>`,
    ),
    'https://api.example.com/orders.json': OPENAPI,
    'https://api.example.com/users.json': OPENAPI,
  }
  expect((await find('https://api.example.com/docs', site)).result).toMatchObject({
    url: 'https://api.example.com/orders.json',
    label: 'Orders',
    alternatives: [{ url: 'https://api.example.com/users.json', label: 'Users', isNamed: true }],
  })
  expect((await find('https://api.example.com/docs?urls.primaryName=Users', site)).result).toMatchObject({
    url: 'https://api.example.com/users.json',
    alternatives: [{ url: 'https://api.example.com/orders.json', label: 'Orders' }],
  })
})

test('what only sounds like another document is no answer to which one is meant', async () => {
  const { result } = await find('https://api.example.com/docs', {
    'https://api.example.com/docs': html(
      '<link rel="service-desc" href="/v1.json"> Its description is an OpenAPI document. <a href="/old/swagger.json">Before</a>',
    ),
    'https://api.example.com/v1.json': OPENAPI,
  })
  if (!result.ok) throw new Error(result.message)
  expect(result.url).toBe('https://api.example.com/v1.json')
  expect(result.alternatives).not.toEqual([])
  expect(result.alternatives.filter(({ isNamed }) => isNamed)).toEqual([])
})

test('a start page that leads to the documentation, which names the document', async () => {
  const { result } = await find('https://www.example.com/product', {
    'https://www.example.com/product': html('<a href="/api-reference">API</a> <a href="/blog">Blog</a>'),
    'https://www.example.com/api-reference': html('<redoc spec-url="/spec/v1.yaml"></redoc>'),
    'https://www.example.com/spec/v1.yaml': 'openapi: 3.1.0\n',
  })
  expect(result).toMatchObject({ ok: true, url: 'https://www.example.com/spec/v1.yaml' })
})

test('the header of an answer names it, whatever the answer is', async () => {
  const { result } = await find('https://api.example.com/v1/customers', {
    'https://api.example.com/v1/customers': new Response('{"error":"unauthorized"}', {
      status: 401,
      headers: { link: '</described>; rel="service-desc"' },
    }),
    'https://api.example.com/described': OPENAPI,
  })
  expect(result).toMatchObject({ ok: true, url: 'https://api.example.com/described' })
})

test('the address of a viewer that says which document it shows', async () => {
  const { result, asked } = await find('https://editor.example.com/?url=https://api.example.com/openapi.yaml', {
    'https://api.example.com/openapi.yaml': 'openapi: 3.1.0\n',
  })
  expect(result).toMatchObject({ ok: true, url: 'https://api.example.com/openapi.yaml' })
  expect(asked).toHaveLength(1)
})

// ── The usual places ──────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  '/openapi.json',
  '/swagger.json',
  '/openapi.yaml',
  '/v3/api-docs',
  '/v2/api-docs',
  '/api-docs',
  '/api/openapi.json',
  '/swagger/v1/swagger.json',
  '/docs/openapi.json',
  '/api/v1/openapi.json',
  '/openapi/v1.json',
  '/api/swagger.json',
  '/api-json',
  '/api/schema/',
])('a host has it at %s', async (path) => {
  const site = { 'https://svc.api.example.com/': html('Welcome'), [`https://svc.api.example.com${path}`]: OPENAPI }
  const { result, asked } = await find('svc.api.example.com', site)
  expect(result).toMatchObject({ ok: true, url: `https://svc.api.example.com${path}` })
  expect(asked.length).toBeLessThanOrEqual(20)
})

test('a call of an API leads to the document of its version', async () => {
  const { result } = await find('https://api.example.com/v2/customers', {
    'https://api.example.com/v2/customers': new Response('{}', { status: 401 }),
    'https://api.example.com/v2/openapi.json': OPENAPI,
  })
  expect(result).toMatchObject({ ok: true, url: 'https://api.example.com/v2/openapi.json' })
})

test('an API catalog of a host', async () => {
  const { result } = await find('https://svc.api.example.com', {
    'https://svc.api.example.com/': html('Welcome'),
    'https://svc.api.example.com/.well-known/api-catalog': JSON.stringify({
      linkset: [
        { anchor: 'https://x.example', 'service-desc': [{ href: '/a.json' }, { href: '/b.json', title: 'B' }] },
      ],
    }),
    'https://svc.api.example.com/a.json': OPENAPI,
  })
  expect(result).toMatchObject({
    url: 'https://svc.api.example.com/a.json',
    alternatives: [{ url: 'https://svc.api.example.com/b.json', label: 'B' }],
  })
})

test('for a bare domain, the hosts beside it are asked too; for any other host they are not', async () => {
  const site = { 'https://example.com/': html('Welcome'), 'https://api.example.com/openapi.json': OPENAPI }
  expect((await find('example.com', site)).result).toMatchObject({ url: 'https://api.example.com/openapi.json' })
  const docs = {
    'https://www.example.co.uk/': html('Welcome'),
    'https://docs.example.co.uk/': html('<a href="/openapi.yaml">OpenAPI</a>'),
    'https://docs.example.co.uk/openapi.yaml': 'openapi: 3.0.0\n',
  }
  expect((await find('www.example.co.uk', docs)).result).toMatchObject({
    url: 'https://docs.example.co.uk/openapi.yaml',
  })
  const { asked } = await find('https://app.example.com/', { 'https://app.example.com/': html('Welcome') })
  expect(asked.filter((url) => new URL(url).host !== 'app.example.com')).toEqual([])
})

test("Google's APIs are looked for where Google describes them", async () => {
  const discovery = '{"kind":"discovery#restDescription","discoveryVersion":"v1"}'
  expect(
    (
      await find('https://sheets.googleapis.com/v4/spreadsheets/1', {
        'https://sheets.googleapis.com/$discovery/rest?version=v4': discovery,
      })
    ).result,
  ).toMatchObject({ url: 'https://sheets.googleapis.com/$discovery/rest?version=v4' })
  expect(
    (
      await find('https://www.googleapis.com/calendar/v3/users/me', {
        'https://www.googleapis.com/discovery/v1/apis/calendar/v3/rest': discovery,
      })
    ).result,
  ).toMatchObject({ url: 'https://www.googleapis.com/discovery/v1/apis/calendar/v3/rest' })
})

test('a host that shows its start page for everything has no document', async () => {
  const page = html('<div id="root"></div><a href="/docs/api">API</a>', 'Shop')
  const site: Site = new Proxy<Site>({ 'https://shop.example.com/': page }, { get: () => page })
  const { result, asked } = await find('https://shop.example.com/', site)
  expect(result).toMatchObject({
    ok: false,
    code: 'no_document',
    message:
      'shop.example.com shows a web page (“Shop”) that leads to no API description. Give the address of the OpenAPI document itself; it usually ends in .json or .yaml. The usual places for one were looked at too.',
  })
  expect(asked.length).toBeLessThanOrEqual(20)
})

// ── What goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────

test('a file that is not there is not looked for elsewhere', async () => {
  const { result, asked } = await find('https://api.example.com/openapi.json', { 'https://api.example.com/': 'x' })
  expect(result).toEqual({
    ok: false,
    code: 'bad_status',
    message: 'api.example.com answered 404 instead of a document.',
    tried: [{ url: 'https://api.example.com/openapi.json', outcome: 'answered 404' }],
  })
  expect(asked).toHaveLength(1)
})

test.each([
  [401, 'not_public', /It is not public: download it/],
  [403, 'not_public', /It is not public: download it/],
  [500, 'bad_status', /Try again later/],
])('an answer of %d says what to do', async (status, code, message) => {
  const { result } = await find('https://api.example.com/openapi.json', {
    'https://api.example.com/openapi.json': new Response('{}', { status }),
  })
  expect(result).toMatchObject({ ok: false, code, message: expect.stringMatching(message) })
})

test('a page whose document is shut says so of the document', async () => {
  const { result } = await find('https://api.example.com/docs', {
    'https://api.example.com/docs': html('<redoc spec-url="/openapi.json"></redoc>'),
    'https://api.example.com/openapi.json': new Response('{}', { status: 401 }),
  })
  expect(result).toMatchObject({ ok: false, code: 'not_public' })
})

test('a host that cannot be reached may speak no TLS', async () => {
  const refuse = () => Promise.reject(new TypeError('connection refused'))
  const site = { 'https://api.example.com:8080/openapi.json': refuse }
  expect((await find('api.example.com:8080/openapi.json', site)).result).toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/begin the address with http:\/\/$/),
  })
  expect((await find('https://api.example.com:8080/openapi.json', site)).result).toMatchObject({
    message: 'api.example.com:8080 could not be reached.',
  })
})

test('the login page of Cloudflare Access is told as that, and not asked for', async () => {
  const location = 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/api.example.com?kid=1'
  const { result, asked } = await find('https://api.example.com/docs', {
    'https://api.example.com/docs': new Response(null, { status: 302, headers: { location } }),
  })
  expect(result).toMatchObject({ ok: false, code: 'login', message: expect.stringContaining('upload the file') })
  expect(result.ok ? '' : result.message).toContain('Cloudflare Access')
  expect(asked).toHaveLength(1)
})

test.each([
  ['Okta', 'https://acme.okta.com/oauth2/v1/authorize?client_id=1'],
  ['its own login', 'https://api.example.com/users/sign_in'],
])('a login page is told as that: %s', async (_, location) => {
  const { result, asked } = await find('https://api.example.com/docs', {
    'https://api.example.com/docs': new Response(null, { status: 302, headers: { location } }),
    [location]: html('<form><input type="password">', 'Sign in'),
  })
  expect(result).toMatchObject({ ok: false, code: 'login', message: expect.stringContaining('upload the file') })
  expect(result.ok ? '' : result.message).toContain(new URL(location).host)
  expect(asked).toHaveLength(2)
})

test('what is no address, a private one, and a name that does not exist are said at once', async () => {
  expect((await find('not an address', {})).result).toMatchObject({ ok: false, code: 'invalid_url', tried: [] })
  for (const address of ['http://169.254.169.254/latest', 'localhost:3000', 'http://10.0.0.1/openapi.json']) {
    const { result, asked } = await find(address, {})
    expect(result).toMatchObject({ ok: false, code: 'blocked_address', tried: [{}] })
    expect(asked).toEqual([])
  }
  expect((await find('nowhere.api.example.com', {})).result).toMatchObject({ ok: false, code: 'unresolvable' })
})

// ── Hostile hosts ─────────────────────────────────────────────────────────────────────────────────────────────────

test('pages that link to themselves and to each other end', async () => {
  const { result, asked } = await find('https://app.example.com/docs/api', {
    'https://app.example.com/docs/api': html(
      '<a href="/docs/api">1</a><a href="/docs/api#x">2</a><a href="/api-docs">3</a>',
    ),
    'https://app.example.com/api-docs': html('<a href="/docs/api">1</a><a href="/redoc">2</a>'),
    'https://app.example.com/redoc': html('<a href="/api-docs">1</a><redoc spec-url="/redoc">'),
  })
  expect(result).toMatchObject({ ok: false, code: 'no_document' })
  expect(new Set(asked).size).toBe(asked.length)
  expect(asked.length).toBeLessThanOrEqual(20)
})

test('ten thousand links are twelve requests, and a host is asked twenty times at most', async () => {
  const links = Array.from({ length: 10_000 }, (_, index) => `<a href="/${index}/openapi.json">${index}</a>`).join('')
  const { result, asked } = await find('https://app.example.com/docs', { 'https://app.example.com/docs': html(links) })
  expect(result.ok).toBe(false)
  expect(asked.filter((url) => /\/\d+\/openapi\.json$/.test(url))).toHaveLength(11)
  expect(asked).toHaveLength(20)
})

test('links to this network, to other schemes and with a password are not followed', async () => {
  const { result, asked } = await find('https://app.example.com/docs', {
    'https://app.example.com/docs': html(`
      <link rel="service-desc" href="http://169.254.169.254/openapi.json"><redoc spec-url="http://localhost/openapi.json">
      <a href="javascript:alert('openapi.json')">1</a><a href="data:application/json,openapi.json">2</a>
      <a href="https://ada:s3cret@app.example.com/openapi.json">3</a><a href="http://10.0.0.1/swagger.json">4</a>`),
  })
  expect(result.ok).toBe(false)
  expect(result.tried.filter(({ outcome }) => /public addresses only/.test(outcome)).map(({ url }) => url)).toEqual([
    'http://169.254.169.254/openapi.json',
    'http://localhost/openapi.json',
    'http://10.0.0.1/swagger.json',
  ])
  expect(asked.every((url) => new URL(url).host === 'app.example.com')).toBe(true)
  expect(JSON.stringify(result)).not.toContain('s3cret')
})

test('a document that redirects into this network is not followed', async () => {
  const { result } = await find('https://app.example.com/openapi.json', {
    'https://app.example.com/openapi.json': new Response(null, {
      status: 302,
      headers: { location: 'http://10.0.0.1/' },
    }),
  })
  expect(result).toMatchObject({ ok: false, code: 'blocked_address' })
})

test('a page of any size is read as far as a mebibyte', async () => {
  const filler = `<p>${'x'.repeat(1_000)}</p>`.repeat(2_000)
  const early = await find('https://app.example.com/docs', {
    'https://app.example.com/docs': html(`<a href="/openapi.yaml"></a>${filler}`),
    'https://app.example.com/openapi.yaml': 'openapi: 3.0.0\n',
  })
  expect(early.result).toMatchObject({ ok: true, url: 'https://app.example.com/openapi.yaml' })
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 65_536
      controller.enqueue(new TextEncoder().encode('<html>'.padEnd(65_536)))
    },
  })
  const { result } = await find('https://app.example.com/docs', {
    'https://app.example.com/docs': () => new Response(endless),
  })
  expect(result).toMatchObject({ ok: false, code: 'no_document' })
  expect(pulled).toBeLessThan(2 * 1024 * 1024)
})

test('a document that is larger than the limit breaks off while it is read', async () => {
  const large = `${OPENAPI}${' '.repeat(100_000)}`
  const site = { 'https://api.example.com/openapi.json': () => new Response(new Blob([large]).stream()) }
  await expect(find('https://api.example.com/openapi.json', site, { maxBytes: 50_000 })).rejects.toMatchObject({
    code: 'too_large',
  })
})
