// What a call puts on the wire, byte for byte, read by a bare socket server.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FileValue } from '../../sandbox/file.ts'
import type { ToolResult } from '../adapter.ts'
import { openApi } from './adapter.ts'

let baseUrl = ''
let received = ''
let answer = ''

const server = createServer((socket) => {
  let bytes = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    bytes += String(chunk)
    const end = bytes.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(bytes)?.[1] ?? 0)
    if (end < 0 || bytes.length < end + 4 + length) return
    received = bytes
    socket.end(answer, 'latin1')
  })
})

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  baseUrl = `http://127.0.0.1:${address.port}/base/`
})
afterAll(() => server.close())
beforeEach(() => {
  received = ''
  answer = reply('200 OK', { 'content-type': 'application/json' }, '{}')
})

function reply(status: string, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length), connection: 'close' })
  return `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Calls the one operation of a document around it. */
async function call(path: string, operation: object, input: unknown, method = 'post'): Promise<ToolResult> {
  const document = { openapi: '3.1.0', info: {}, paths: { [path]: { [method]: operation } } }
  const source = { document: [new TextEncoder().encode(JSON.stringify(document))] }
  for await (const found of openApi.discover(source, fetch)) {
    if (found.type === 'tool') return openApi.call({ ...found, baseUrl }, input, fetch)
  }
  throw new Error('no tool')
}

const target = () => /^\S+ (\S+)/.exec(received)?.[1] ?? ''
const header = (name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(received)?.[1]
const body = () => received.slice(received.indexOf('\r\n\r\n') + 4)

async function sent(where: string, settings: object, value: unknown): Promise<string> {
  const parameter = { name: 'color', in: where, required: true, schema: {}, ...settings }
  const result = await call(where === 'path' ? '/{color}' : '/x', { parameters: [parameter] }, { color: value }, 'get')
  if (!result.ok) return `refused: ${result.error.message}`
  if (where === 'header') return header('color') ?? ''
  if (where === 'cookie') return header('cookie') ?? ''
  return target().replace(where === 'path' ? '/base/' : '/base/x', '')
}

const array = ['blue', 'black', 'brown']
const object = { R: 100, G: 200, B: 150 }

// OpenAPI 3.1, 4.8.12 "Style Examples".
test.each([
  ['path', { style: 'matrix' }, '', 'refused: "color" is part of the path and must not be empty.'],
  ['path', { style: 'matrix' }, 'blue', ';color=blue'],
  ['path', { style: 'matrix' }, array, ';color=blue,black,brown'],
  ['path', { style: 'matrix', explode: true }, array, ';color=blue;color=black;color=brown'],
  ['path', { style: 'matrix' }, object, ';color=R,100,G,200,B,150'],
  ['path', { style: 'matrix', explode: true }, object, ';R=100;G=200;B=150'],
  ['path', { style: 'label' }, 'blue', '.blue'],
  ['path', { style: 'label' }, array, '.blue,black,brown'],
  ['path', { style: 'label', explode: true }, array, '.blue.black.brown'],
  ['path', { style: 'label' }, object, '.R,100,G,200,B,150'],
  ['path', { style: 'label', explode: true }, object, '.R=100.G=200.B=150'],
  ['path', { style: 'simple' }, 'blue', 'blue'],
  ['path', { style: 'simple' }, array, 'blue,black,brown'],
  ['path', { style: 'simple' }, object, 'R,100,G,200,B,150'],
  ['path', { style: 'simple', explode: true }, object, 'R=100,G=200,B=150'],
  ['path', {}, "a b+c&d?e#f%g'(ü)", 'a%20b%2Bc%26d%3Fe%23f%25g%27%28%C3%BC%29'],
  ['path', {}, 'docs/read me.md', 'docs%2Fread%20me.md'],
  ['query', { style: 'form' }, '', '?color='],
  ['query', { style: 'form' }, 'blue', '?color=blue'],
  ['query', { style: 'form' }, array, '?color=blue&color=black&color=brown'],
  ['query', { style: 'form', explode: false }, array, '?color=blue,black,brown'],
  ['query', { style: 'form', explode: false }, object, '?color=R,100,G,200,B,150'],
  ['query', { style: 'form' }, object, '?R=100&G=200&B=150'],
  ['query', { style: 'spaceDelimited', explode: false }, array, '?color=blue%20black%20brown'],
  ['query', { style: 'spaceDelimited', explode: false }, object, '?color=R%20100%20G%20200%20B%20150'],
  ['query', { style: 'pipeDelimited', explode: false }, array, '?color=blue%7Cblack%7Cbrown'],
  ['query', { style: 'pipeDelimited', explode: false }, object, '?color=R%7C100%7CG%7C200%7CB%7C150'],
  ['query', { style: 'deepObject' }, object, '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  [
    'query',
    { style: 'deepObject' },
    { a: { b: ['x', 'y'] } },
    '?color%5Ba%5D%5Bb%5D%5B0%5D=x&color%5Ba%5D%5Bb%5D%5B1%5D=y',
  ],
  ['query', {}, 'a&b=c+d e/ü', '?color=a%26b%3Dc%2Bd%20e%2F%C3%BC'],
  ['query', { allowReserved: true }, 'a:/b?c@d&e#f%20g h', '?color=a:/b?c@d%26e%23f%20g%20h'],
  ['query', { schema: undefined, content: { 'application/json': {} } }, { a: [1] }, '?color=%7B%22a%22%3A%5B1%5D%7D'],
  ['query', {}, [], ''],
  ['query', {}, 0, '?color=0'],
  ['query', {}, false, '?color=false'],
  ['query', {}, { a: { b: 1 } }, '?a=%7B%22b%22%3A1%7D'],
  ['header', {}, array, 'blue,black,brown'],
  ['header', {}, object, 'R,100,G,200,B,150'],
  ['header', { explode: true }, object, 'R=100,G=200,B=150'],
  ['header', {}, 'a b', 'a b'],
  ['cookie', {}, 'blue', 'color=blue'],
  ['cookie', { explode: false }, array, 'color=blue,black,brown'],
  ['cookie', {}, 'a;b', 'color=a%3Bb'],
])('%s %j writes %j as %s', async (where, settings, value, expected) => {
  expect(await sent(where, settings, value)).toBe(expected)
})

test.each([
  ['path', '..', /path steps/],
  ['path', '.', /path steps/],
  ['path', 'a/../b', /path steps/],
  ['path', '%2e%2e', /percent-encoded/],
  ['path', 'a%2Fb', /percent-encoded/],
  ['path', 'a%5cb', /percent-encoded/],
  ['path', '%252e%252e', /percent-encoded/],
  ['path', '/a', /begin or end/],
  ['path', 'a\\b', /backslashes/],
  ['path', 'a\u0000', /control/],
  ['path', ['a', '..'], /path steps/],
  ['path', { '..': 'a' }, /path steps/],
  ['path', [], /must not be empty/],
  ['header', 'a\r\nx-evil: 1', /line breaks/],
  ['header', '日本', /non-Latin/],
])('%s value %j is refused before anything is sent', async (where, value, message) => {
  expect(await sent(where, {}, value)).toMatch(message)
  expect(received).toBe('')
})

test('the path of the base URL is kept, and a query in the template too', async () => {
  await call('/a?action=list', { parameters: [{ name: 'q', in: 'query' }] }, { q: 1 }, 'get')
  expect(target()).toBe('/base/a?action=list&q=1')
  await call('/#Action=Do', {}, {})
  expect(target()).toBe('/base/')
})

test('method, accept and headers are sent, a body is not when there is none', async () => {
  const operation = {
    parameters: [
      { name: 'X-Trace', in: 'header' },
      { name: 'Authorization', in: 'header' },
    ],
    responses: { 200: { content: { 'text/csv': {}, 'application/vnd.a+json': {} } } },
  }
  await call('/x', operation, { 'X-Trace': 't' }, 'delete')
  expect([
    received.split(' ')[0],
    header('accept'),
    header('x-trace'),
    header('authorization'),
    header('content-type'),
  ]).toEqual(['DELETE', 'application/vnd.a+json', 't', undefined, undefined])
})

test('a default stands in for a required parameter that is left out', async () => {
  const operation = {
    parameters: [{ name: 'Version', in: 'header', required: true, schema: { type: 'string', default: '2022-06-28' } }],
  }
  await call('/x', operation, {}, 'get')
  expect(header('version')).toBe('2022-06-28')
  await call('/x', operation, { Version: '2' }, 'get')
  expect(header('version')).toBe('2')
})

const properties = {
  a: { type: 'string' },
  n: { type: 'object' },
  l: { type: 'array' },
  file: { type: 'string', format: 'binary' },
}

async function post(mediaType: string, input: unknown, more: object = {}): Promise<void> {
  const media = { schema: { type: 'object', properties }, ...more }
  const result = await call('/x', { requestBody: { required: true, content: { [mediaType]: media } } }, input)
  expect(result).toMatchObject({ ok: true })
}

test('JSON, vendor JSON and merge-patch go under their own media type', async () => {
  for (const type of [
    'application/json',
    'application/vnd.api+json',
    'application/merge-patch+json',
    'application/json; charset=utf-8',
  ]) {
    await post(type, { a: 'ü', n: { x: null } })
    expect([header('content-type'), body()]).toEqual([type, '{"a":"Ã¼","n":{"x":null}}'])
  }
  await post('application/json', {})
  expect(body()).toBe('{}')
  await post('application/json', { file: new FileValue('a.bin', 'x/y', new Uint8Array([255, 0])) })
  expect(body()).toBe('{"file":"/wA="}')
})

test('forms are urlencoded, objects in them are JSON unless they have a style', async () => {
  await post('application/x-www-form-urlencoded', { a: 'x y&z', n: { k: 1 }, l: [1, 2] })
  expect([header('content-type'), body()]).toEqual([
    'application/x-www-form-urlencoded',
    'a=x+y%26z&n=%7B%22k%22%3A1%7D&l=1&l=2',
  ])
  await post('application/x-www-form-urlencoded', { n: { k: 1 } }, { encoding: { n: { style: 'deepObject' } } })
  expect(body()).toBe('n%5Bk%5D=1')
})

test('multipart parts have names, files and types, and cannot be broken out of', async () => {
  const file = new FileValue('a"\r\nX: y.png', 'image/png', new Uint8Array([137, 80]))
  await post('multipart/form-data', { a: 'x', n: { k: 1 }, l: ['1', '2'], file })
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(header('content-type') ?? '')?.[1] ?? ''
  expect(body().replaceAll(boundary, 'B')).toBe(
    [
      '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n',
      '--B\r\nContent-Disposition: form-data; name="n"\r\nContent-Type: application/json\r\n\r\n{"k":1}\r\n',
      '--B\r\nContent-Disposition: form-data; name="l"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name="l"\r\n\r\n2\r\n',
      '--B\r\nContent-Disposition: form-data; name="file"; filename="a%22%0D%0AX: y.png"\r\nContent-Type: image/png\r\n\r\n\x89P\r\n',
      '--B--\r\n',
    ].join(''),
  )
})

test('binary and text bodies are sent as they are', async () => {
  const file = new FileValue('a.bin', 'image/gif', new Uint8Array([1, 2, 255]))
  for (const [type, value, contentType, bytes] of [
    ['application/octet-stream', file, 'application/octet-stream', '\x01\x02\xff'],
    ['image/*', file, 'image/gif', '\x01\x02\xff'],
    ['application/pdf', 'text', 'application/pdf', 'text'],
    ['text/plain', 'hello', 'text/plain', 'hello'],
    ['application/xml', '<a/>', 'application/xml', '<a/>'],
  ] as const) {
    await post(type, { body: value })
    expect([header('content-type'), body()]).toEqual([contentType, bytes])
  }
})

test('a body that cannot be written is refused', async () => {
  const operation = { requestBody: { content: { 'image/png': {} } } }
  expect(await call('/x', operation, { body: 5 })).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
  expect(received).toBe('')
})

test.each([
  ['application/json; charset=utf-8', '{"a":[1]}', { a: [1] }],
  ['application/problem+json', '[]', []],
  ['application/x-ndjson', '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['text/csv', 'a,b\n', 'a,b\n'],
  ['application/atom+xml', '<feed/>', '<feed/>'],
  ['text/plain; charset=iso-8859-1', '\xfc', 'ü'],
  ['application/json', '', null],
])('an answer of type %s reads %j as %j', async (type, text, data) => {
  answer = reply('200 OK', { 'content-type': type }, text)
  expect(await call('/x', {}, {})).toMatchObject({ ok: true, status: 200, data })
})

test('a binary answer is a file with its name and type', async () => {
  answer = reply(
    '200 OK',
    { 'content-type': 'image/png', 'content-disposition': `attachment; filename="../a.png"` },
    '\x89P',
  )
  const result = await call('/x', {}, {})
  expect(result).toMatchObject({ ok: true, data: new FileValue('a.png', 'image/png', new Uint8Array([137, 80])) })
})

test('an answer without a type is JSON, text or a file, whatever it reads as', async () => {
  for (const [text, data] of [
    ['{"a":1}', { a: 1 }],
    ['hello', 'hello'],
    ['\xff\x00', expect.any(FileValue)],
  ] as const) {
    answer = reply('200 OK', {}, text)
    expect(await call('/x', {}, {})).toMatchObject({ ok: true, data })
  }
})

test('JSON that is none, and JSON that is too large for a value, are told apart', async () => {
  answer = reply('200 OK', { 'content-type': 'application/json' }, '<html>oops')
  expect(await call('/x', {}, {})).toMatchObject({
    ok: false,
    error: { code: 'invalid_answer', status: 200, details: '<html>oops' },
  })
  answer = reply('200 OK', { 'content-type': 'application/json' }, `"${'x'.repeat(5 * 1024 * 1024)}"`)
  expect(await call('/x', {}, {})).toMatchObject({ ok: true, data: expect.any(FileValue) })
})

test('a refusal that is nested without end, or begins a title without end, is still a refusal', async () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  answer = reply('400 Bad Request', { 'content-type': 'application/json' }, deep)
  expect(await call('/x', {}, {})).toMatchObject({ ok: false, error: { code: 'bad_request', status: 400 } })
  answer = reply('502 Bad Gateway', { 'content-type': 'text/html' }, `<html>${'<title'.repeat(500_000)}`)
  expect(await call('/x', {}, {})).toMatchObject({ ok: false, error: { code: 'upstream_error', status: 502 } })
})

test.each([
  [
    '401 Unauthorized',
    {},
    '{"message":"Bad credentials"}',
    { code: 'unauthorized', message: 'Bad credentials', retryable: false },
  ],
  ['403 Forbidden', {}, '{"error":{"message":"No"}}', { code: 'forbidden', message: 'No', retryable: false }],
  ['403 Forbidden', { 'x-ratelimit-remaining': '0' }, '{"message":"Slow"}', { code: 'rate_limited', retryable: true }],
  [
    '404 Not Found',
    {},
    '{"title":"Gone","detail":"No such person"}',
    { code: 'not_found', message: 'Gone: No such person' },
  ],
  ['409 Conflict', {}, '{"errors":["a","b"]}', { code: 'conflict', message: 'a; b' }],
  [
    '422 Unprocessable',
    {},
    '{"message":"Invalid","errors":[{"field":"title","message":"is missing"}]}',
    { code: 'validation_failed', message: 'Invalid: title: is missing' },
  ],
  [
    '429 Too Many',
    { 'retry-after': '7' },
    '{"message":"Wait"}',
    { code: 'rate_limited', retryable: true, details: { message: 'Wait', retryAfterSeconds: 7 } },
  ],
  ['500 Oops', {}, '', { code: 'upstream_error', message: 'The upstream answered with status 500.', retryable: true }],
  ['418 Teapot', {}, '"short"', { code: 'upstream_error', message: 'short', retryable: false, details: 'short' }],
])('%s with %j and %s is an error that says so', async (status, headers, text, error) => {
  answer = reply(status, { 'content-type': 'application/json', ...headers }, text)
  expect(await call('/x', {}, {})).toMatchObject({ ok: false, error: { status: Number.parseInt(status), ...error } })
})

test('a page instead of an error is told by its title', async () => {
  answer = reply('502 Bad Gateway', { 'content-type': 'text/html' }, '<html><title>Bad gateway</title>')
  expect(await call('/x', {}, {})).toMatchObject({ ok: false, error: { message: 'Bad gateway', retryable: true } })
})

test('what the network refuses keeps its code, while sending and while reading', async () => {
  const tool = {
    operation: 'GET /',
    inputSchema: true,
    baseUrl,
    binding: { method: 'GET', path: '/', parameters: [], accept: '*/*' },
  }
  const refusal = Object.assign(new Error('Too large.'), { code: 'too_large', retryable: false })
  const expected = { ok: false, error: { code: 'too_large', message: 'Too large.', retryable: false } }
  expect(await openApi.call(tool, {}, () => Promise.reject(refusal))).toEqual(expected)
  const broken = new ReadableStream({ pull: (controller) => controller.error(refusal) })
  expect(await openApi.call(tool, {}, () => Promise.resolve(new Response(broken)))).toEqual(expected)
  expect(await openApi.call(tool, {}, () => Promise.reject(new TypeError('x')))).toMatchObject({
    error: { code: 'unreachable' },
  })
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
