// What a call of a Google method puts on the wire, and what becomes of the answer. The network is a list of answers.
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { FileValue } from '../../sandbox/file.ts'
import { safe } from '../../testing/google-cloud-document.ts'
import { googleSource, post, shelf } from '../../testing/google-documents.ts'
import type { CallableTool, ToolResult } from '../adapter.ts'
import { google } from './adapter.ts'

interface Sent {
  method: string
  url: string
  headers: Headers
  body: string
}

type Answer = Response | ((request: Sent) => Response)

const utf8 = (text: string) => new TextEncoder().encode(text)
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

async function toolOf(name: string, documents: object[], baseUrl?: string): Promise<CallableTool> {
  let first = ''
  for await (const found of google.discover(googleSource(...documents), () => Promise.reject(new Error('no')))) {
    if (found.type === 'about') first = found.servers[0]?.url ?? ''
    if (found.type === 'tool' && found.suggestedName === name) {
      // As it is stored and read back.
      const binding: unknown = JSON.parse(JSON.stringify(found.binding))
      return { operation: found.operation, inputSchema: found.inputSchema, binding, baseUrl: baseUrl ?? first }
    }
  }
  throw new Error(`no ${name}`)
}

function network(...answers: Answer[]) {
  const sent: Sent[] = []
  const fetch = async (request: Request): Promise<Response> => {
    const { method, url, headers } = request
    const one = {
      method,
      url,
      headers: new Headers(headers),
      body: latin1(new Uint8Array(await request.arrayBuffer())),
    }
    sent.push(one)
    const answer = answers[sent.length - 1]
    if (answer === undefined) throw new Error(`one request too many: ${method} ${url}`)
    return typeof answer === 'function' ? answer(one) : answer
  }
  return { sent, fetch }
}

interface Given {
  documents?: object[]
  answers?: Answer[]
  baseUrl?: string
}

async function call(name: string, input: unknown, given: Given = {}) {
  const { documents = [shelf], answers = [Response.json({ id: '1' })], baseUrl } = given

  const tool = await toolOf(name, documents, baseUrl)
  const { sent, fetch } = network(...answers)
  const result = await google.call(tool, input, fetch)
  return { result, sent, tool }
}

const lines = (sent: Sent[]) => sent.map(({ method, url }) => `${method} ${url}`)
const message = (result: ToolResult) => (result.ok ? '' : result.error.message)

test('a method is called at its path, repeated and typed parameters as they are', async () => {
  const input = { userId: 'me', labelIds: ['A', 'B&C'], maxResults: 5, includeSpam: true, fields: 'letters(id,size)' }
  const { sent, result } = await call('users.letters.list', input, { documents: [post] })
  expect(lines(sent)).toEqual([
    'GET https://post.googleapis.com/post/v1/users/me/letters?maxResults=5&labelIds=A&labelIds=B%26C&includeSpam=true&fields=letters%28id%2Csize%29',
  ])
  expect(sent[0]?.headers.get('accept')).toBe('application/json')
  expect(result).toMatchObject({ ok: true, data: { id: '1' } })
})

test('a list says how its next page is asked for', async () => {
  const answers = [Response.json({ letters: [{ id: '1' }], nextPageToken: 'abc' })]
  const { result } = await call('users.letters.list', { userId: 'me' }, { documents: [post], answers })
  expect(result).toMatchObject({ ok: true, next: { userId: 'me', pageToken: 'abc' } })
})

test('each document of a bundle is called at its own host, unless all of it was moved', async () => {
  const documents = [post, shelf, safe]
  const secret = { name: 'projects/p/secrets/s' }
  expect(lines((await call('post.users.getProfile', {}, { documents })).sent)).toEqual([
    'GET https://post.googleapis.com/post/v1/users/me/profile',
  ])
  expect(lines((await call('shelf.about', {}, { documents })).sent)).toEqual([
    'GET https://www.googleapis.com/shelf/v3/about',
  ])
  expect(lines((await call('safe.projects.secrets.get', secret, { documents })).sent)).toEqual([
    'GET https://safe.googleapis.com/v1/projects/p/secrets/s',
  ])
  const baseUrl = 'https://proxy.example/google'
  expect(lines((await call('safe.projects.secrets.get', secret, { documents, baseUrl })).sent)).toEqual([
    'GET https://proxy.example/google/v1/projects/p/secrets/s',
  ])
})

test('a request without a body of its own is an empty object, and its version goes with it', async () => {
  const { sent } = await call('users.letters.search', { userId: 'me' }, { documents: [post] })
  expect(sent[0]).toMatchObject({ method: 'POST', body: '{}' })
  const created = await call('files.create', { name: 'a' })
  expect(created.sent[0]?.headers.get('x-goog-api-version')).toBe('2026-04-01')
  expect(created.sent[0]).toMatchObject({ url: 'https://www.googleapis.com/shelf/v3/files', body: '{"name":"a"}' })
})

test.each([
  ['projects/p/secrets/s', 'projects/p/secrets/s'],
  ['projects/example.com:p/secrets/s', 'projects/example.com%3Ap/secrets/s'],
  ['projects/p/secrets/s:access', 'projects/p/secrets/s%3Aaccess'],
  ['projects/p/secrets/a b+c&d?e#f%g;h@ü', 'projects/p/secrets/a%20b%2Bc%26d%3Fe%23f%25g%3Bh%40%C3%BC'],
  ['projects/p/secrets/{name}', 'projects/p/secrets/%7Bname%7D'],
  ['projects/p/secrets/$&', 'projects/p/secrets/%24%26'],
  ['projects/p/secrets/...', 'projects/p/secrets/...'],
])('a value of several segments %s is written %s', async (name, written) => {
  const { sent } = await call('projects.secrets.get', { name }, { documents: [safe] })
  expect(lines(sent)).toEqual([`GET https://safe.googleapis.com/v1/${written}`])
})

test.each([
  ['projects/p', /must look like projects\/\*\/secrets\/\*/],
  ['projects/p/secrets/s/versions/1', /must look like/],
  ['folders/p/secrets/s', /must look like/],
  ['projects/p/secrets/..', /path steps/],
  ['projects/./secrets/s', /path steps/],
  ['projects/p/secrets/', /must not begin or end/],
  ['/projects/p/secrets/s', /must not begin or end/],
  ['projects/p//secrets/s', /must not begin or end/],
  ['projects/p/secrets/%2e%2e', /percent-encoded/],
  ['projects/p/secrets/s%3aaccess', /percent-encoded/],
  ['projects/p/secrets/a%2Fb', /percent-encoded/],
  ['projects/p/secrets/a\\b', /backslashes/],
  ['projects/p/secrets/a\n', /control/],
  ['', /must not be empty/],
  [null, /must not be empty/],
  [undefined, /must not be empty/],
  [['projects/p/secrets/s'], /must be text/],
  [{ '..': 'x' }, /must be text/],
])('a value of several segments %j reaches nothing else', async (name, reason) => {
  const { result, sent, tool } = await call('projects.secrets.get', { name }, { documents: [safe] })
  expect(message(result)).toMatch(reason)
  expect(result).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
  expect(sent).toEqual([])
  expect(await google.preview(tool, { name })).toBeNull()
})

test('one method cannot be used as another one that shares its path', async () => {
  const documents = [safe]
  // The content of a version is another method, which a policy may block.
  const version = { name: 'projects/p/secrets/s/versions/1:access' }
  const { sent } = await call('projects.secrets.versions.get', version, { documents })
  expect(lines(sent)).toEqual(['GET https://safe.googleapis.com/v1/projects/p/secrets/s/versions/1%3Aaccess'])
  const access = await call(
    'projects.secrets.versions.access',
    { name: 'projects/p/secrets/s/versions/1' },
    { documents },
  )
  expect(lines(access.sent)).toEqual(['GET https://safe.googleapis.com/v1/projects/p/secrets/s/versions/1:access'])
  // Without a pattern of its own the shape is that of the flat path.
  const parent = await call('projects.secrets.versions.access', { name: 'projects/p/secrets/s' }, { documents })
  expect(message(parent.result)).toMatch(/must look like projects\/\*\/secrets\/\*\/versions\/\*/)
})

test('a name in the path and in the body are two fields', async () => {
  const input = { name: 'projects/p/secrets/s', updateMask: 'labels', body: { name: 'x', labels: { a: 'b' } } }
  const { sent } = await call('projects.secrets.patch', input, { documents: [safe] })
  expect(sent).toMatchObject([
    {
      method: 'PATCH',
      url: 'https://safe.googleapis.com/v1/projects/p/secrets/s?updateMask=labels',
      body: '{"name":"x","labels":{"a":"b"}}',
    },
  ])
})

const png = new FileValue('../cat\r\n".png', 'image/png', new Uint8Array([0x89, 0x50, 0x00, 0xff]))

test('content alone goes up as it is', async () => {
  const { sent, result } = await call('files.create', { media: png })
  expect(lines(sent)).toEqual(['POST https://www.googleapis.com/upload/shelf/v3/files?uploadType=media'])
  expect(sent[0]?.headers.get('content-type')).toBe('image/png')
  expect(sent[0]?.headers.get('x-goog-api-version')).toBe('2026-04-01')
  expect(sent[0]?.body).toBe('\u0089P\u0000\u00ff')
  expect(result).toMatchObject({ ok: true, data: { id: '1' } })
})

test.each([
  ['application/json', '{"a": 1}'],
  ['application/x-www-form-urlencoded', 'a=1&b=2'],
  ['multipart/form-data', '--x--'],
  ['text/csv; charset=iso-8859-1', 'a;b'],
])('content of type %s goes up byte for byte', async (type, text) => {
  const { sent } = await call('files.create', { media: new FileValue('a', type, utf8(text)) })
  expect([sent[0]?.headers.get('content-type'), sent[0]?.body]).toEqual([type, text])
})

test('content with metadata goes up in two parts', async () => {
  const { sent } = await call('files.create', { media: png, name: 'cät' })
  expect(lines(sent)).toEqual(['POST https://www.googleapis.com/upload/shelf/v3/files?uploadType=multipart'])
  const type = sent[0]?.headers.get('content-type') ?? ''
  const boundary = /^multipart\/related; type="application\/json"; boundary="?([\w-]+)"?$/.exec(type)?.[1] ?? type
  expect(sent[0]?.body).toBe(
    [
      `--${boundary}`,
      'Content-Type: application/json; charset=UTF-8',
      '',
      `{"name":"${latin1(utf8('cät'))}"}`,
      `--${boundary}`,
      'Content-Type: image/png',
      '',
      '\u0089P\u0000\u00ff',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  )
})

const uploads = (mediaUpload: object) => {
  const create = { ...shelf.resources.files.methods.create, mediaUpload }
  return { ...shelf, resources: { files: { methods: { create } } } }
}
const withoutLimit = uploads({ protocols: shelf.resources.files.methods.create.mediaUpload.protocols })

const MIB = 1024 * 1024
const large = new FileValue('large.bin', 'application/zip', new Uint8Array(6 * MIB).fill(7))
const SESSION = 'https://www.googleapis.com/upload/shelf/v3/files?uploadType=resumable&upload_id=ABC-123'
const started = () => new Response(null, { status: 200, headers: { location: SESSION } })
const incomplete = (range?: string) => new Response(null, { status: 308, headers: range ? { range } : {} })

test('large content goes up in a request of its own, once it is known where to', async () => {
  const { sent, result } = await call(
    'files.create',
    { media: large, name: 'big' },
    { answers: [started(), Response.json({ id: '9' })] },
  )
  expect(lines(sent)).toEqual([
    'POST https://www.googleapis.com/upload/shelf/v3/files?uploadType=resumable',
    `PUT ${SESSION}`,
  ])
  expect(sent[0]).toMatchObject({ body: '{"name":"big"}' })
  expect(Object.fromEntries(sent[0]?.headers ?? [])).toMatchObject({
    'content-type': 'application/json',
    'x-upload-content-type': 'application/zip',
    'x-upload-content-length': String(6 * MIB),
  })
  expect(sent[1]?.headers.get('content-type')).toBe('application/zip')
  expect(sent[1]?.headers.has('content-range')).toBe(false)
  expect(sent[1]?.body).toBe('\u0007'.repeat(6 * MIB))
  expect(result).toMatchObject({ ok: true, data: { id: '9' } })
})

test('large content without metadata starts with no body', async () => {
  const { sent } = await call('files.create', { media: large }, { answers: [started(), Response.json({})] })
  expect(sent[0]).toMatchObject({ method: 'POST', body: '' })
})

test('a service that took only a part is sent the rest, and no byte twice', async () => {
  const answers = [
    started(),
    incomplete(`bytes=0-${2 * MIB - 1}`),
    incomplete(`bytes=0-${5 * MIB - 1}`),
    Response.json({ id: '9' }),
  ]
  const { sent, result } = await call('files.create', { media: large }, { answers })
  expect(sent.slice(1).map(({ headers, body }) => [headers.get('content-range'), body.length])).toEqual([
    [null, 6 * MIB],
    [`bytes ${2 * MIB}-${6 * MIB - 1}/${6 * MIB}`, 4 * MIB],
    [`bytes ${5 * MIB}-${6 * MIB - 1}/${6 * MIB}`, MIB],
  ])
  expect(result).toMatchObject({ ok: true, data: { id: '9' } })
})

test('very large content goes up in parts, each below what a request may weigh', async () => {
  const media = new FileValue('', 'application/zip', new Uint8Array(20 * MIB))
  const documents = [withoutLimit]
  const answers = [
    started(),
    incomplete(`bytes=0-${8 * MIB - 1}`),
    incomplete(`bytes=0-${16 * MIB - 1}`),
    Response.json({ id: '9' }),
  ]
  const { sent, result } = await call('files.create', { media }, { documents, answers })
  expect(sent.slice(1).map(({ headers, body }) => [headers.get('content-range'), body.length])).toEqual([
    [`bytes 0-${8 * MIB - 1}/${20 * MIB}`, 8 * MIB],
    [`bytes ${8 * MIB}-${16 * MIB - 1}/${20 * MIB}`, 8 * MIB],
    [`bytes ${16 * MIB}-${20 * MIB - 1}/${20 * MIB}`, 4 * MIB],
  ])
  expect(result).toMatchObject({ ok: true, data: { id: '9' } })
})

test.each([
  ['nothing', [incomplete()], 2],
  ['a range that it had', [incomplete('bytes=0-9'), incomplete('bytes=0-9')], 3],
  ['more than there is', [incomplete(`bytes=0-${7 * MIB}`)], 2],
  ['no range', [incomplete('bytes 0-x')], 2],
  ['one byte at a time', Array.from({ length: 20 }, (_, at) => incomplete(`bytes=0-${at}`)), 9],
])('a service that took %s is not sent it for ever', async (_, answers, requests) => {
  const { sent, result } = await call('files.create', { media: large }, { answers: [started(), ...answers] })
  expect(sent).toHaveLength(requests)
  expect(result).toMatchObject({ ok: false, error: { code: 'upload_failed', retryable: false } })
})

test.each([
  [undefined],
  ['/upload/relative'],
  ['javascript:alert(1)'],
  ['ftp://www.googleapis.com/x'],
  ['https://user:secret@www.googleapis.com/x'],
  ['not a url'],
])('an upload is sent to no such place as %s', async (location) => {
  const answer = new Response(null, { headers: location === undefined ? {} : { location } })
  const { sent, result } = await call('files.create', { media: large }, { answers: [answer] })
  expect(sent).toHaveLength(1)
  expect(result).toMatchObject({ ok: false, error: { code: 'upload_failed' } })
})

test('an upload that is refused is not sent', async () => {
  const refused = Response.json({ error: { message: 'No room.' } }, { status: 403 })
  const { sent, result } = await call('files.create', { media: large }, { answers: [refused] })
  expect(sent).toHaveLength(1)
  expect(result).toMatchObject({ ok: false, error: { status: 403, message: 'No room.' } })
})

test('a connection that breaks between the halves of an upload is told of as it is', async () => {
  const broken = () => {
    throw Object.assign(new Error('It broke.'), { code: 'interrupted', retryable: true })
  }
  const { sent, result } = await call('files.create', { media: large }, { answers: [started(), broken] })
  expect(sent).toHaveLength(2)
  expect(result).toMatchObject({ ok: false, error: { code: 'interrupted', retryable: true } })
})

test('a method that takes large content in no other way gets it at once', async () => {
  const protocols = { simple: { multipart: true, path: '/upload/shelf/v3/files' } }
  const documents = [uploads({ accept: ['*/*'], protocols })]
  const { sent } = await call('files.create', { media: large, name: 'x' }, { documents })
  expect(lines(sent)).toEqual(['POST https://www.googleapis.com/upload/shelf/v3/files?uploadType=multipart'])
})

test('a method that knows one protocol only is called in that', async () => {
  const knows = (protocols: object) => [uploads({ protocols })]
  const resumable = knows({ resumable: { multipart: true, path: '/resumable/upload/shelf/v3/files' } })
  const answers = [started(), Response.json({})]
  expect(lines((await call('files.create', { media: png }, { documents: resumable, answers })).sent)).toEqual([
    'POST https://www.googleapis.com/resumable/upload/shelf/v3/files?uploadType=resumable',
    `PUT ${SESSION}`,
  ])
  const simple = knows({ simple: { path: '/upload/shelf/v3/files' } })
  const { sent, result } = await call('files.create', { media: png, name: 'x' }, { documents: simple })
  expect(message(result)).toBe('"media" is sent alone: leave out what describes it.')
  expect(sent).toEqual([])
})

test.each([
  [new FileValue('a', 'image/gif', utf8('GIF')), '"media" is of type image/gif; image/png, image/jpeg can be sent.'],
  [new FileValue('a', 'image/png', new Uint8Array(1025)), '"media" has 1,025 bytes, at most 1,024 are taken.'],
  [{ a: 1 }, '"media" must be a file, bytes or text.'],
  [7, '"media" must be a file, bytes or text.'],
])('content that the method does not take is refused before anything is sent: %s', async (media, expected) => {
  const { result, sent } = await call('files.setPicture', { fileId: 'f', media })
  expect(message(result)).toBe(expected)
  expect(sent).toEqual([])
})

test('text and bytes without a type get one that the method takes', async () => {
  const letter = 'From: a@example.com\r\n\r\nHello'
  const sentAs = async (name: string, input: object, documents: object[]) => {
    const { sent } = await call(name, input, { documents })
    return [sent[0]?.headers.get('content-type'), sent[0]?.body]
  }
  expect(await sentAs('users.letters.send', { userId: 'me', media: letter }, [post])).toEqual([
    'message/rfc822',
    letter,
  ])
  const picture = { fileId: 'f', media: new Uint8Array([1]) }
  expect(await sentAs('files.setPicture', picture, [shelf])).toEqual(['image/png', '\u0001'])
  expect(await sentAs('files.create', { media: 'x' }, [shelf])).toEqual(['text/plain; charset=utf-8', 'x'])
  const typeless = new FileValue('a', 'a\r\nb', utf8('x'))
  expect(await sentAs('files.create', { media: typeless }, [shelf])).toEqual(['application/octet-stream', 'x'])
})

test('a person who is asked sees the first request as it will be sent', async () => {
  const { tool, sent } = await call(
    'files.create',
    { media: large, name: 'big' },
    { answers: [started(), Response.json({})] },
  )
  const preview = await google.preview(tool, { media: large, name: 'big' })
  expect(preview).toMatchObject({ method: sent[0]?.method, url: sent[0]?.url, body: sent[0]?.body })
  expect(preview?.headers).toContainEqual(['x-upload-content-length', String(6 * MIB)])
  expect(await google.preview(tool, { media: png })).toMatchObject({
    url: 'https://www.googleapis.com/upload/shelf/v3/files?uploadType=media',
    body: '[4 bytes of image/png]',
  })
  expect(await google.preview(tool, { name: 'a' })).toMatchObject({ body: '{"name":"a"}' })
})

test.each([
  ['image/png', '\u0089PNG'],
  ['application/json; charset=utf-8', '{"a": 1}'],
  ['text/plain', 'hello'],
  ['', 'hello'],
])('content of type "%s" comes down as a file', async (type, text) => {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  const answer = new Response(bytes, {
    headers: { ...(type && { 'content-type': type }), 'content-disposition': 'attachment; filename="a.bin"' },
  })
  const { sent, result } = await call('files.get', { fileId: 'f/1', alt: 'media' }, { answers: [answer] })
  expect(lines(sent)).toEqual(['GET https://www.googleapis.com/download/shelf/v3/files/f%2F1?alt=media'])
  expect(sent[0]?.headers.get('accept')).toBe('*/*')
  expect(result).toMatchObject({
    ok: true,
    data: new FileValue('a.bin', type.split(';')[0] || 'application/octet-stream', bytes),
  })
  expect(result.ok && result.headers['content-type']).toBe(type || undefined)
})

test('the description of content comes as a value, from the method’s own path', async () => {
  for (const input of [{ fileId: 'f' }, { fileId: 'f', alt: 'json' }]) {
    const { sent, result } = await call('files.get', input)
    expect(sent[0]?.url).toMatch(/^https:\/\/www\.googleapis\.com\/shelf\/v3\/files\/f(\?alt=json)?$/)
    expect(result).toMatchObject({ ok: true, data: { id: '1' } })
  }
})

test('a method that has nothing but content always asks for it; empty content is an empty file', async () => {
  const { sent, result } = await call(
    'files.export',
    { fileId: 'f', mimeType: 'text/plain' },
    { answers: [new Response('')] },
  )
  expect(lines(sent)).toEqual([
    'GET https://www.googleapis.com/shelf/v3/files/f/export?mimeType=text%2Fplain&alt=media',
  ])
  expect(result.ok && result.data instanceof FileValue && result.data.bytes.length).toBe(0)
})

test('content that is refused is an error like any other', async () => {
  const refused = Response.json(
    { error: { code: 404, message: 'File not found: f.', status: 'NOT_FOUND' } },
    { status: 404 },
  )
  const { result } = await call('files.get', { fileId: 'f', alt: 'media' }, { answers: [refused] })
  expect(result).toMatchObject({ ok: false, error: { code: 'not_found', message: 'File not found: f.', status: 404 } })
})

const scoped = (details: object, headers: Record<string, string> = {}) =>
  Response.json(
    { error: { code: 403, message: 'Request had insufficient authentication scopes.', ...details } },
    { status: 403, headers },
  )

test.each([
  [
    'by its reason',
    scoped({
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
    }),
  ],
  [
    'by an older reason',
    scoped({ message: 'Insufficient Permission', errors: [{ reason: 'insufficientPermissions' }] }),
  ],
  [
    'by its header',
    scoped({ message: 'No.' }, { 'www-authenticate': 'Bearer realm="x", error="insufficient_scope", scope="y"' }),
  ],
])('a token that lacks a scope is told which, %s', async (_, answer) => {
  const { result } = await call('users.letters.list', { userId: 'me' }, { documents: [post], answers: [answer] })
  const scopes = ['https://www.googleapis.com/auth/post', 'https://www.googleapis.com/auth/post.readonly']
  expect(result).toMatchObject({
    ok: false,
    error: { code: 'insufficient_scope', status: 403, details: { scopes }, retryable: false },
  })
  expect(message(result)).toContain(`The token needs one of these scopes: ${scopes.join(', ')}.`)
})

test('a refusal for another reason stays what it is', async () => {
  for (const reason of ['insufficientFilePermissions', 'rateLimitExceeded', 'forbidden']) {
    const answer = Response.json(
      { error: { code: 403, message: 'You may not.', errors: [{ reason }] } },
      { status: 403 },
    )
    const { result } = await call('users.letters.list', { userId: 'me' }, { documents: [post], answers: [answer] })
    expect(message(result)).not.toContain('scopes')
    expect(result).toMatchObject({ ok: false, error: { status: 403 } })
  }
  const { result } = await call('users.letters.search', { userId: 'me' }, { documents: [post], answers: [scoped({})] })
  expect(message(result)).toBe('Request had insufficient authentication scopes.')
})

test('a tool that was stored in another form is not called', async () => {
  const { sent, fetch } = network()
  const tool = { operation: 'x', inputSchema: {}, binding: { nothing: true }, baseUrl: 'https://post.googleapis.com' }
  expect(await google.call(tool, {}, fetch)).toMatchObject({ ok: false, error: { code: 'not_callable' } })
  expect(await google.preview(tool, {})).toBeNull()
  expect(sent).toEqual([])
})
