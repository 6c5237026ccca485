// What goes around the values of a call, and what never reaches the wire. How values are written is in
// wire-matrix.node.test.ts.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FileValue } from '../../sandbox/file.ts'
import { RawUpstream, type RawRequest } from '../../testing/raw-upstream.ts'
import { readDocument } from '../../testing/read-document.ts'
import { validateInput } from '../../tools/validate.ts'
import type { ToolResult } from '../adapter.ts'
import { openApi } from './adapter.ts'
import type { Binding } from './binding.ts'
import { buildRequest } from './build-request.ts'

const upstream = new RawUpstream()
let baseUrl = ''

beforeAll(async () => {
  await upstream.listen()
  baseUrl = `${upstream.origin}/base/`
})
afterAll(() => upstream.close())
beforeEach(() => {
  upstream.taken()
})

function documentOf(path: string, operation: object, method = 'get'): object {
  return { openapi: '3.1.0', info: {}, paths: { [path]: { [method]: operation } } }
}

/** Calls the one operation of a document around it. */
async function call(path: string, operation: object, input: unknown, method = 'get'): Promise<ToolResult> {
  const { only } = await readDocument(documentOf(path, operation, method))
  return openApi.call({ ...only, baseUrl }, input, fetch)
}

function received(): RawRequest {
  const [request] = upstream.taken()
  if (!request) throw new Error('nothing was sent')
  return request
}

/** The refusal of a value of the parameter `color`; fails when anything was sent. */
async function refusal(where: string, settings: object, value: unknown): Promise<string> {
  const parameter = { name: 'color', in: where, required: true, schema: {}, ...settings }
  const result = await call(where === 'path' ? '/{color}' : '/x', { parameters: [parameter] }, { color: value })
  expect(upstream.taken()).toEqual([])
  return result.ok ? 'sent' : `${result.error.code}: ${result.error.message}`
}

const STEPS = /path steps/
const ENCODED = /percent-encoded/
const EMPTY = /must not be empty/
const AROUND = /begin or end/
const CONTROL = /backslashes or control/
const pathAttacks: [value: unknown, message: RegExp][] = [
  ['..', STEPS],
  ['.', STEPS],
  ['a/../b', STEPS],
  ['../b', STEPS],
  ['a/./b', STEPS],
  [' ..', STEPS],
  ['.. ', STEPS],
  ['..;', STEPS],
  ['a/..;x=1/b', STEPS],
  ['..\n', STEPS],
  // Full-width dots, slashes and percent signs, and the two-dot leader: a server that normalises reads them as ASCII.
  ['．．', STEPS],
  ['‥', STEPS],
  ['․․', STEPS],
  ['a／．．／b', STEPS],
  ['％2e％2e', ENCODED],
  ['a＼b', CONTROL],
  ['%2e%2e', ENCODED],
  ['%2E%2e', ENCODED],
  ['.%2e', ENCODED],
  ['a%2Fb', ENCODED],
  ['a%5cb', ENCODED],
  ['%252e%252e', ENCODED],
  ['%c0%ae%c0%ae', ENCODED],
  ['%e0%80%ae', ENCODED],
  ['%u002e%u002e', ENCODED],
  ['a%00', ENCODED],
  ['a%3fb', ENCODED],
  ['/a', AROUND],
  ['a/', AROUND],
  ['a//b', AROUND],
  ['//evil.test', AROUND],
  ['a\\b', CONTROL],
  ['a\u0000', CONTROL],
  ['a\r\nb', CONTROL],
  ['a\u0085', CONTROL],
  ['\ud800', /surrogate/],
  ['a\udc00b', /surrogate/],
  [[], EMPTY],
  [{}, EMPTY],
  [[null], EMPTY],
  [{ a: null }, EMPTY],
  [['a', '..'], STEPS],
  [['.'], STEPS],
  [['a', 'b/../c'], STEPS],
  [{ '..': 'a' }, STEPS],
  [{ a: '..' }, STEPS],
  [{ a: 'b\\c' }, CONTROL],
]
test.each(pathAttacks.map(([value, message]) => ({ shown: JSON.stringify(value), value, message })))(
  'the path value $shown is refused in every style',
  async ({ value, message }) => {
    for (const style of ['simple', 'label', 'matrix']) {
      for (const explode of [false, true]) {
        expect(await refusal('path', { style, explode }, value)).toMatch(message)
      }
    }
  },
)

test.each([
  ['..', STEPS],
  ['../x', STEPS],
  ['a/../../b', STEPS],
  ['./a', STEPS],
  ['a/..;x/b', STEPS],
  ['a／..', STEPS],
  ['%2e%2e/a', ENCODED],
  ['a/%2e%2e/b', ENCODED],
  ['a%2f..', ENCODED],
  ['a%3Fb', ENCODED],
  ['a%23b', ENCODED],
  ['/a', AROUND],
  ['a//b', AROUND],
  ['//evil.test/a', AROUND],
  ['https://evil.test', AROUND],
  ['a?b', /"\?" or "#"/],
  ['a#b', /"\?" or "#"/],
  ['a\\..\\b', STEPS],
  ['a\\b', CONTROL],
  ['a\nb', CONTROL],
  ['', EMPTY],
])('reserved expansion lets slashes through, and %j is refused', async (value, message) => {
  expect(await refusal('path', { allowReserved: true }, value)).toMatch(message)
})

test('an empty value is refused where it would leave nothing', async () => {
  for (const value of ['', ['']]) {
    expect(await refusal('path', { style: 'simple' }, value)).toMatch(EMPTY)
    expect(await refusal('path', { style: 'label' }, value)).toMatch(EMPTY)
  }
})

test('the content of a path parameter is held to the same', async () => {
  const content = { 'application/json': {} }
  expect(await refusal('path', { schema: undefined, content }, '..')).toMatch(STEPS)
  expect(await refusal('path', { schema: undefined, content }, 'a\\b')).toMatch(CONTROL)
  expect(await refusal('path', { schema: undefined, content }, { a: '/../' })).toMatch(STEPS)
})

test.each([
  ['a\r\nx-evil: 1', /line breaks/],
  ['a\nb', /line breaks/],
  ['a\u0000', /control/],
  ['\u007f', /control/],
  ['日本', /non-Latin/],
  [['a', 'b\r\n'], /line breaks/],
  [{ 'a\n': 1 }, /line breaks/],
])('a header never holds %j', async (value, message) => {
  expect(await refusal('header', {}, value)).toMatch(message)
})

test.each(['a;b', 'a,b', 'a b', '"a"', 'a\\b', 'ü', 'a\r\nb', 'a\u0000', { 'x; y': 1 }, ['a', 'b; evil=1']])(
  'a cookie that is sent as it is never holds %j',
  async (value) => {
    expect(await refusal('cookie', { style: 'cookie' }, value)).toMatch(/sent in a cookie as it is/)
  },
)

test('cookies are one header, and a value of one is never another', async () => {
  const parameters = [
    { name: 'a', in: 'cookie', schema: {} },
    { name: 'b; evil', in: 'cookie', schema: {} },
    { name: 'c', in: 'cookie', style: 'cookie', schema: {} },
    { name: 'Cookie', in: 'header', schema: {} },
  ]
  await call('/x', { parameters }, { a: '1; evil=1', 'b; evil': '"2",', c: '3', Cookie: 'evil=1' })
  expect(received().header('cookie')).toBe('a=1%3B%20evil%3D1; b%3B%20evil=%222%22%2C; c=3')
})

const owned = [
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Upgrade',
  'Expect',
  'Proxy-Authorization',
  'Proxy-Connection',
  'HTTP2-Settings',
  'Cookie',
  'User-Agent',
  'Accept-Encoding',
  'X-Forwarded-For',
  'Forwarded',
  'CF-Connecting-IP',
  'Cf-Access-Token',
  'Sec-Fetch-Site',
  'X-HTTP-Method-Override',
]
test.each(owned)('no parameter sets %s', async (name) => {
  const document = documentOf('/x', { parameters: [{ name, in: 'header', required: true, schema: {} }] })
  const { only, problems } = await readDocument(document)
  expect(only.inputSchema).toEqual({ type: 'object', properties: {}, additionalProperties: false })
  expect(problems).toContain(`GET /x: The header "${name}" was left out: only the transport sets it.`)
  // A binding that was stored before the name was known does not set it either.
  const parameter = { key: name, name, in: 'header' as const, style: 'simple', explode: false }
  const binding: Binding = { method: 'GET', path: '/x', parameters: [parameter], accept: '*/*' }
  const built = buildRequest(binding, 'https://api.test', { [name]: 'evil' })
  expect(built.ok && [...built.request.headers]).toEqual([['accept', '*/*']])
})

test('the headers that the specification leaves to the request are ignored without a word', async () => {
  const parameters = ['Accept', 'content-type', 'AUTHORIZATION'].map((name) => ({ name, in: 'header', schema: {} }))
  const { only, problems } = await readDocument(documentOf('/x', { parameters }))
  expect(only.inputSchema).toEqual({ type: 'object', properties: {}, additionalProperties: false })
  expect(problems).toEqual([])
})

test('what cannot be a parameter is left out, and said', async () => {
  const parameters = [
    { name: 'a\r\nb', in: 'header' },
    { name: 'x', in: 'body' },
    { name: '', in: 'query' },
    { in: 'query' },
    'text',
    { name: 'unused', in: 'path' },
    { name: 'X-One', in: 'header', schema: { type: 'string' } },
    { name: 'x-one', in: 'header', schema: { type: 'integer' } },
    { name: 'm', in: 'query', style: 'matrix', schema: {} },
  ]
  const { only, problems } = await readDocument(documentOf('/x', { parameters }))
  expect(only.inputSchema).toMatchObject({ properties: { 'x-one': { type: 'integer' }, m: {} } })
  expect(problems).toEqual([
    'GET /x: A parameter without a name or a place was left out.',
    'GET /x: The parameter "a\r\nb" was left out: it is no name for a header.',
    'GET /x: The parameter "m": it has no style "matrix" there, and is sent as "form".',
    'GET /x: The parameter "x" in "body" was left out: there is no such place.',
  ])
})

test('a path that leads elsewhere by itself is no tool', async () => {
  for (const path of ['/a/../b', '/..', '/./a', '/%2e%2E/a', '/a\\..\\b']) {
    const { problems } = await readDocument(documentOf(path, {}))
    expect(problems).toEqual([`! GET ${path}: The path has steps ("." or "..") and leads elsewhere.`])
  }
})

test('the path of the base URL is kept, and a query in the template too', async () => {
  await call('/a?action=list', { parameters: [{ name: 'q', in: 'query' }] }, { q: 1 })
  expect(received().target).toBe('/base/a?action=list&q=1')
  await call('/#Action=Do', {}, {}, 'post')
  expect(received().target).toBe('/base/')
})

test('method, accept and headers are sent, a body is not when there is none', async () => {
  const operation = {
    parameters: [
      { name: 'X-Trace', in: 'header' },
      { name: 'Authorization', in: 'header' },
    ],
    responses: { 200: { content: { 'text/csv': {}, 'application/vnd.a+json': {}, 'x\r\ny/z': {} } } },
  }
  await call('/x', operation, { 'X-Trace': 't' }, 'delete')
  const request = received()
  expect(request.line).toBe('DELETE /base/x HTTP/1.1')
  expect(['accept', 'x-trace', 'authorization', 'content-type'].map((name) => request.header(name))).toEqual([
    'application/vnd.a+json',
    't',
    undefined,
    undefined,
  ])
})

test('a default stands in for a required parameter that is left out', async () => {
  const operation = {
    parameters: [{ name: 'Version', in: 'header', required: true, schema: { type: 'string', default: '2022-06-28' } }],
  }
  await call('/x', operation, {})
  expect(received().header('version')).toBe('2022-06-28')
  await call('/x', operation, { Version: null })
  expect(received().header('version')).toBe('2022-06-28')
  await call('/x', operation, { Version: '2' })
  expect(received().header('version')).toBe('2')
})

test('what an optional body needs is needed once any of it is given', async () => {
  const schema = { type: 'object', properties: { a: {}, b: { type: 'string' }, c: {} }, required: ['a', 'b'] }
  const { only } = await readDocument(
    documentOf('/x', { requestBody: { content: { 'application/json': { schema } } } }, 'post'),
  )
  const check = (input: unknown) => {
    const validation = validateInput(only.inputSchema, {}, input)
    return validation.ok ? 'ok' : validation.error.message
  }
  expect(check({})).toBe('ok')
  expect(check({ a: 1, b: 'x' })).toBe('ok')
  expect(check({ c: 1 })).toBe('missing field "a", "b", which is required beside "c"')
})

test('a body is asked for in its media types, with what each of them needs', async () => {
  const schema = { type: 'object', properties: { a: {}, b: {} }, required: ['a'] }
  const content = { 'application/json': { schema }, 'application/xml': { schema }, 'text/plain': {} }
  const { only } = await readDocument(documentOf('/x', { requestBody: { required: true, content } }, 'post'))
  expect(only.inputSchema).toMatchObject({
    properties: {
      body: { anyOf: [{ type: 'string' }, { type: 'string' }] },
      contentType: { enum: ['application/json', 'application/xml', 'text/plain'], default: 'application/json' },
    },
    if: { required: ['body'] },
    else: { required: ['a'] },
  })
  expect(only.signature).toMatch(/^\(input: \{ a: unknown; b\?: unknown; body\?: string; contentType\?: /)
  const check = (input: unknown) => {
    const validation = validateInput(only.inputSchema, {}, input)
    return validation.ok ? 'ok' : validation.error.message
  }
  expect(check({ a: 1 })).toBe('ok')
  expect(check({ body: '<a/>' })).toBe('ok')
  expect(check({ b: 1 })).toBe('missing required field "a" (any)')
})

test('a media type of a document never ends a header', async () => {
  const content = { 'text/plain\r\nx-evil: 1': {}, 'text/html': {}, nonsense: {} }
  const { only, problems } = await readDocument(documentOf('/x', { requestBody: { content } }, 'post'))
  expect(only.inputSchema).toMatchObject({ properties: { body: { description: 'The text, as text/html.' } } })
  expect(problems).toEqual([
    'POST /x: "nonsense" was left out: it is no media type.',
    'POST /x: "text/plain\r\nx-evil: 1" was left out: it is no media type.',
  ])
})

test('a type of a file, or of a choice, never ends a header', async () => {
  const any = { requestBody: { required: true, content: { '*/*': {} } } }
  await call('/x', any, { body: new FileValue('a', 'text/html\r\nx-evil: 1', new Uint8Array([65])) }, 'post')
  expect(received().header('content-type')).toBe('application/octet-stream')
  const refused = await call('/x', any, { body: 'a', contentType: 'text/html\r\nx-evil: 1' }, 'post')
  expect(refused).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
})

test('headers of parts are checked, and never those that the part has itself', async () => {
  const encoding = { a: { headers: { 'X-A': { schema: {} } } } }
  const schema = { type: 'object', properties: { a: {} } }
  const operation = { requestBody: { content: { 'multipart/form-data': { schema, encoding } } } }
  for (const headers of [
    { 'X-A': 'a\r\nb: c' },
    { 'Content-Type': 'a/b' },
    { 'x y': '1' },
    { 'Content-Disposition': 'x' },
  ]) {
    const result = await call('/x', operation, { a: 'x', partHeaders: { a: headers } }, 'post')
    expect(result).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
  }
  expect(upstream.taken()).toEqual([])
})

test.each([
  ['image/png', 5],
  ['application/xml', { a: 1 }],
  ['application/x-www-form-urlencoded', 5],
])('a body of %s that cannot be written is refused: %j', async (type, body) => {
  const operation = { requestBody: { content: { [type]: {} } } }
  expect(await call('/x', operation, { body }, 'post')).toMatchObject({
    ok: false,
    error: { code: 'invalid_arguments' },
  })
  expect(upstream.taken()).toEqual([])
})

test('arguments that are nested without end are refused', async () => {
  let deep: unknown = []
  for (let level = 0; level < 100_000; level++) deep = [deep]
  const json = { requestBody: { content: { 'application/json': {} } } }
  expect(await call('/x', json, { body: deep }, 'post')).toMatchObject({ ok: false })
  const query = { parameters: [{ name: 'q', in: 'query', style: 'deepObject', schema: {} }] }
  expect(await call('/x', query, { q: deep })).toMatchObject({ ok: false })
  expect(upstream.taken()).toEqual([])
})

test('a stored binding of another form, a missing path value and an odd base URL are errors, not crashes', async () => {
  const tool = { operation: 'GET /', inputSchema: true, baseUrl, binding: null as unknown }
  expect(await openApi.call(tool, {}, fetch)).toMatchObject({ ok: false, error: { code: 'not_callable' } })
  tool.binding = {
    method: 'GET',
    path: '/{a}',
    parameters: [{ key: 'a', name: 'a', in: 'path', style: 'simple', explode: false }],
    accept: '*/*',
  }
  for (const input of [{}, null, [], 'x', { a: null }]) {
    expect(await openApi.call(tool, input, fetch)).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
  }
  for (const url of ['', 'ftp://x', 'javascript:alert(1)', '/relative']) {
    expect(await openApi.call({ ...tool, baseUrl: url }, { a: 1 }, fetch)).toMatchObject({ ok: false })
  }
})

test("an operation's own server is used only while the base URL is the document's default", async () => {
  const urls: string[] = []
  const note = (request: Request) => (urls.push(request.url), Promise.resolve(new Response()))
  const binding = {
    method: 'GET',
    path: '/a',
    parameters: [],
    accept: '*/*',
    server: { url: 'https://up.test/v1', insteadOf: 'https://api.test' },
  }
  for (const base of ['https://api.test', 'https://api.test/', 'https://mine.test']) {
    await openApi.call({ operation: 'GET /a', inputSchema: true, baseUrl: base, binding }, {}, note)
  }
  expect(urls).toEqual(['https://up.test/v1/a', 'https://up.test/v1/a', 'https://mine.test/a'])
})
