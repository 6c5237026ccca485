// What becomes of Discovery documents: one, and several in a bundle.
import { expect, test } from 'vitest'
import { safe } from '../../testing/google-cloud-document.ts'
import { googleSource, post, shelf } from '../../testing/google-documents.ts'
import type { Discovered, Position, Source } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { own } from '../json-value.ts'
import { detectKind } from '../registry.ts'
import { google } from './adapter.ts'

type Found<Type> = Extract<Discovered, { type: Type }>

const noFetch = () => Promise.reject(new Error('nothing is fetched'))

async function discover(source: Source, from?: Position) {
  const all: Discovered[] = []
  for await (const found of google.discover(source, noFetch, from)) all.push(found)
  const of = <Type extends Discovered['type']>(type: Type) =>
    all.filter((found): found is Found<Type> => found.type === type)
  const [about] = of('about')
  if (about === undefined) throw new Error('nothing about the source')
  const tools = of('tool')
  const skipped = of('skipped')
  // Nothing is lost: what there is becomes a tool or is reported.
  const remaining = about.operationCount - (from?.done ?? 0)
  expect(tools.length + skipped.filter(({ isOperation }) => isOperation).length).toBe(Math.max(remaining, 0))
  const tool = (name: string) => {
    const found = tools.find(({ suggestedName }) => suggestedName === name)
    if (found === undefined) throw new Error(`no ${name} among ${tools.map((one) => one.suggestedName).join(', ')}`)
    return found
  }
  const schemas = new Map(of('schema').map(({ name, body }) => [name, body]))
  return { all, about, tools, skipped, tool, schemas }
}

function refusal(source: Source): string {
  const kind = detectKind(source)
  return kind.ok ? kind.kind : `${kind.code}: ${kind.message}`
}

test('one document: its methods by name, with what each does', async () => {
  const { about, tools, skipped } = await discover(googleSource(`\uFEFF${JSON.stringify(post)}`))
  expect(skipped).toEqual([])
  expect(about).toMatchObject({
    title: 'Post API',
    description: 'Reads and sends letters.',
    version: 'v1',
    servers: [{ url: 'https://post.googleapis.com' }],
    operationCount: 6,
  })
  expect(tools.map((tool) => [tool.suggestedName, tool.operation, tool.effect, tool.origin])).toEqual([
    ['users.getProfile', 'GET post:v1/users.getProfile', 'read', null],
    ['users.letters.list', 'GET post:v1/users.letters.list', 'read', null],
    ['users.letters.import', 'POST post:v1/users.letters.import', 'write', null],
    ['users.letters.send', 'POST post:v1/users.letters.send', 'write', null],
    ['users.letters.delete', 'DELETE post:v1/users.letters.delete', 'destructive', null],
    ['users.letters.search', 'POST post:v1/users.letters.search', 'write', null],
  ])
})

test('several documents make one catalog, each at its own host', async () => {
  const { about, tools, tool, schemas } = await discover(googleSource(post, shelf, safe))
  expect(about.title).toBe('Post, Shelf and Safe')
  expect(about.description).toContain('Shelf API: Keeps files.')
  expect(about.version).toBe('post:v1, shelf:v3, safe:v1')
  expect(about.servers).toMatchObject([{ url: 'https://post.googleapis.com' }])
  expect(about.operationCount).toBe(6 + 5 + 4)
  expect(tools.map(({ suggestedName, origin }) => [suggestedName, origin])).toEqual([
    ['post.users.getProfile', null],
    ['post.users.letters.list', null],
    ['post.users.letters.import', null],
    ['post.users.letters.send', null],
    ['post.users.letters.delete', null],
    ['post.users.letters.search', null],
    ['shelf.about', 'https://www.googleapis.com'],
    ['shelf.files.create', 'https://www.googleapis.com'],
    ['shelf.files.get', 'https://www.googleapis.com'],
    ['shelf.files.export', 'https://www.googleapis.com'],
    ['shelf.files.setPicture', 'https://www.googleapis.com'],
    ['safe.projects.secrets.get', 'https://safe.googleapis.com'],
    ['safe.projects.secrets.patch', 'https://safe.googleapis.com'],
    ['safe.projects.secrets.versions.get', 'https://safe.googleapis.com'],
    ['safe.projects.secrets.versions.access', 'https://safe.googleapis.com'],
  ])
  // Two schemas of one name stay two.
  expect(tool('post.users.getProfile').outputSchema).toEqual({ $ref: '#/$defs/PostLetter' })
  expect(tool('shelf.about').outputSchema).toEqual({ $ref: '#/$defs/ShelfLetter' })
  expect(schemas.get('ShelfLetter')).toMatchObject({ properties: { shelf: { type: 'integer' } } })
})

test('an operation is the same whether its document is alone or in a bundle', async () => {
  const alone = await discover(googleSource(post))
  const bundle = await discover(googleSource(shelf, post))
  const operations = bundle.tools.map(({ operation }) => operation)
  expect(operations).toEqual(expect.arrayContaining(alone.tools.map(({ operation }) => operation)))
  expect(new Set(operations).size).toBe(operations.length)
})

test('two versions of one API stand beside each other', async () => {
  const { tools, schemas } = await discover(googleSource(post, { ...post, id: 'post:v2', version: 'v2' }))
  expect(new Set(tools.map(({ operation }) => operation)).size).toBe(12)
  expect([...schemas.keys()]).toEqual(expect.arrayContaining(['PostV1Letter', 'PostV2Letter']))
})

test('parameters keep what they say, in the order of the document, and those of every method are left out', async () => {
  const { tool } = await discover(googleSource(post))
  const { inputSchema, signature, searchParameters } = tool('users.letters.list')
  expect(inputSchema).toEqual({
    type: 'object',
    properties: {
      userId: { type: 'string' },
      pageToken: { type: 'string', description: 'Page token.' },
      maxResults: { type: 'integer', format: 'uint32', default: 100, minimum: 1, maximum: 500 },
      labelIds: { type: 'array', items: { type: 'string' } },
      includeSpam: { type: 'boolean', default: false },
      order: {
        type: 'string',
        enum: ['NEWEST', 'OLDEST'],
        description: 'What comes first.\nNEWEST: Newest first.\nOLDEST: Oldest first.',
      },
      q: { type: 'string', deprecated: true },
      fields: { type: 'string', description: expect.stringContaining('and no others') },
    },
    required: ['userId'],
    additionalProperties: false,
  })
  expect(signature).toContain('(input: { userId: string; pageToken?: string;')
  expect(searchParameters).toContain('What comes first.')
  // Some methods list them once more.
  expect(Object.keys(Object(own(tool('users.getProfile').inputSchema, 'properties')))).toEqual(['userId', 'fields'])
  // A required parameter with a default can be left out.
  expect(tool('users.getProfile').inputSchema).not.toHaveProperty('required')
  expect(tool('users.letters.delete')).toMatchObject({ isDeprecated: true, outputSchema: { type: 'null' } })
})

test('schemas: 64-bit integers are text, what is only given cannot be sent, and a method says what it needs', async () => {
  const { tool, schemas } = await discover(googleSource(post))
  expect(schemas.get('Letter')).toEqual({
    type: 'object',
    description: 'A letter.',
    properties: {
      id: { type: 'string', readOnly: true },
      threadId: { type: 'string', description: 'Required by post.users.letters.import.' },
      size: { type: 'string', format: 'int64', description: 'In bytes.' },
      raw: { type: 'string', format: 'byte' },
      replies: { type: 'array', items: { $ref: '#/$defs/Letter' } },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      extra: {},
    },
  })
  expect(tool('users.letters.import').inputSchema).toMatchObject({ required: ['userId', 'threadId'] })
  expect(tool('users.letters.search').inputSchema).toMatchObject({ required: ['userId'] })
  expect(tool('users.letters.import').inputSchema).not.toHaveProperty('properties.id')
  expect(tool('users.letters.import').inputSchema).toHaveProperty('properties.threadId')
})

test('a variant is one of the schemas that it names', async () => {
  const schemas = {
    Shape: {
      type: 'object',
      variant: {
        discriminant: 'kind',
        map: [
          { type_value: 'circle', $ref: 'Circle' },
          { type_value: 'square', $ref: 'Square' },
        ],
      },
    },
    Circle: { type: 'object', properties: { kind: { type: 'string' }, radius: { type: 'number' } } },
    Square: { type: 'object', properties: { kind: { type: 'string' }, side: { type: 'number', required: true } } },
  }
  const methods = { get: { id: 'a.get', path: 'x', httpMethod: 'GET', response: { $ref: 'Shape' } } }
  const found = await discover(googleSource({ ...post, schemas, methods, resources: {} }))
  expect(found.schemas.get('Shape')).toMatchObject({
    oneOf: [{ $ref: '#/$defs/Circle' }, { $ref: '#/$defs/Square' }],
    description: expect.stringContaining('"kind" says which alternative it is'),
  })
  expect(found.schemas.get('Square')).toMatchObject({ required: ['side'] })
})

test('content goes up in a field of its own, and comes down where it is asked for', async () => {
  const { tool } = await discover(googleSource(shelf))
  expect(tool('files.create').inputSchema).toMatchObject({
    properties: {
      name: { type: 'string' },
      media: {
        type: 'string',
        format: 'binary',
        description: 'The content to upload, as a file, at most 20,971,520 bytes.',
      },
    },
  })
  expect(tool('files.create').inputSchema).not.toHaveProperty('required')
  expect(tool('files.setPicture').inputSchema).toMatchObject({ required: ['fileId', 'media'] })
  expect(tool('files.setPicture').inputSchema).toHaveProperty(
    'properties.media.description',
    'The content to upload, as a file (image/png, image/jpeg), at most 1,024 bytes.',
  )
  expect(tool('files.get').inputSchema).toHaveProperty('properties.alt.enum', ['json', 'media'])
  expect(tool('files.get').outputSchema).toEqual({
    anyOf: [{ $ref: '#/$defs/File_' }, { type: 'string', format: 'binary' }],
  })
  expect(tool('files.export').inputSchema).not.toHaveProperty('properties.alt')
  expect(tool('files.export').outputSchema).toEqual({ type: 'string', format: 'binary' })
})

test('one consent has the scopes of every method of every document; a key is for what is public', async () => {
  const { about, tool } = await discover(googleSource(post, shelf))
  expect(about.authMethods).toMatchObject([
    {
      id: 'oauth2',
      placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
      oauth: {
        field: 'token',
        flows: [
          {
            grant: 'authorization_code',
            tokenUrl: 'https://oauth2.googleapis.com/token',
            scopes: {
              'https://www.googleapis.com/auth/post': 'Read, write and send letters',
              'https://www.googleapis.com/auth/post.readonly': 'Read letters',
              'https://www.googleapis.com/auth/shelf': 'All files',
            },
          },
        ],
      },
    },
    { id: 'apiKey', placements: [{ in: 'query', name: 'key', template: '{token}' }] },
  ])
  expect(JSON.stringify(about.authMethods)).not.toContain('post.unused')
  expect(tool('post.users.letters.send').binding).toMatchObject({ scopes: ['https://www.googleapis.com/auth/post'] })
})

test('more scopes than are kept are reported; what is no scope is none', async () => {
  const { delete: one } = post.resources.users.resources.letters.methods
  const scopes = Array.from({ length: 250 }, (_, at) => `https://www.googleapis.com/auth/s${at}`)
  const none = ['two words', 'line\nbreak', '"quoted"', '', 'x'.repeat(1000), 7, null]
  const methods = { one: { ...one, scopes: [...none, ...scopes] } }
  const { about, skipped, tools } = await discover(googleSource({ ...post, methods, resources: {} }))
  expect(Object.keys(about.authMethods[0]?.oauth?.flows[0]?.scopes ?? {})).toEqual(scopes.slice(0, 200))
  expect(skipped.map(({ place, reason }) => `${place}: ${reason}`)).toEqual([
    '#/auth: 50 OAuth scopes were left out: there are more of them than are kept.',
  ])
  expect(tools[0]?.binding).toMatchObject({ scopes: scopes.slice(0, 50) })
})

test('a document that is not Google’s does not ask for the token of a Google account', async () => {
  for (const rootUrl of [
    'https://googleapis.com.evil.example/',
    'http://post.googleapis.com/',
    'https://evilgoogleapis.com/',
  ]) {
    const { about } = await discover(googleSource(post, { ...shelf, rootUrl }))
    expect(about.authMethods.map(({ id, oauth }) => [id, oauth])).toEqual([
      ['oauth2', undefined],
      ['apiKey', undefined],
    ])
  }
})

test('reading goes on where it was interrupted', async () => {
  const source = googleSource(post, shelf, { ...safe, methods: { broken: { id: 'safe.broken' } } })
  const whole = await discover(source)
  const isOperation = (found: Discovered) => found.type === 'tool' || (found.type === 'skipped' && found.isOperation)
  for (let done = 0; done <= whole.about.operationCount; done++) {
    const until = done === 0 ? 1 : whole.all.indexOf(whole.all.filter(isOperation)[done - 1] ?? whole.about) + 1
    const before = whole.all.slice(0, until)
    const schemas = before.flatMap((found) =>
      found.type === 'schema' ? [{ name: found.name, place: found.place }] : [],
    )
    const rest = await discover(source, { done, schemas })
    const wanted = whole.all.slice(until).filter((found) => found.type !== 'skipped' || found.isOperation)
    expect(rest.all.slice(1).filter((found) => found.type !== 'skipped' || found.isOperation)).toEqual(wanted)
  }
})

test('a list of APIs is told apart, with the address of one', () => {
  const list = {
    kind: 'discovery#directoryList',
    items: [
      { id: 'post:v0', discoveryRestUrl: 'https://post.googleapis.com/$discovery/rest?version=v0' },
      { id: 'post:v1', preferred: true, discoveryRestUrl: 'https://post.googleapis.com/$discovery/rest?version=v1' },
      {
        id: 'shelf:v3',
        preferred: true,
        discoveryRestUrl: 'https://www.googleapis.com/discovery/v1/apis/shelf/v3/rest',
      },
    ],
  }
  expect(refusal(googleSource(list))).toBe(
    "directory: This is a list of Google's APIs (post:v1, shelf:v3 and 1 more), and describes none of them. Give the address of each one's own document: that of post:v1 is https://post.googleapis.com/$discovery/rest?version=v1.",
  )
  expect(refusal(googleSource({ kind: 'discovery#directoryList', items: 'x' }))).toMatch(/^directory: /)
})

test('what kind of document it is, is seen early or late in it', () => {
  const { kind, ...others } = post
  expect(refusal(googleSource(post))).toBe('google')
  expect(refusal(googleSource({ ...others, kind }))).toBe('google')
  expect(refusal(googleSource(`\uFEFF ${JSON.stringify(post)}`))).toBe('google')
  expect(refusal(googleSource({ openapi: '3.1.0', info: {}, paths: { '/x': {} }, kind }))).toBe('openapi')
  expect(refusal(googleSource({ ...others, kind: 'discovery#other' }))).toMatch(/not_openapi: .*Discovery/)
  expect(refusal(googleSource({ a: 1, b: { kind } }))).toMatch(/^not_openapi: /)
  expect(refusal(googleSource('{"kind": "discovery#restDescription"'))).toBe('google')
  expect(refusal(googleSource(''))).toMatch(/^empty: /)
})

async function failure(...documents: (object | string)[]): Promise<string> {
  try {
    await discover(googleSource(...documents))
    return 'nothing failed'
  } catch (error) {
    if (error instanceof DocumentError) return `${error.code}: ${error.message}`
    throw error
  }
}

test.each([
  ['javascript:alert(1)//', 'invalid_root_url'],
  ['https://user:secret@post.googleapis.com/', 'invalid_root_url'],
  ['https://user@post.googleapis.com/', 'invalid_root_url'],
  ['ftp://post.googleapis.com/', 'invalid_root_url'],
  ['//post.googleapis.com/', 'invalid_root_url'],
  ['/', 'invalid_root_url'],
  ['https://', 'invalid_root_url'],
  ['data:text/plain,x', 'invalid_root_url'],
])('the root URL %s is refused', async (rootUrl, code) => {
  expect(await failure({ ...post, rootUrl })).toContain(`${code}: post:v1 gives "${rootUrl}" as its root URL`)
  // Also when it is not the first document's.
  expect(await failure(shelf, { ...post, rootUrl })).toContain(`${code}: post:v1`)
})

test('documents that cannot be read are refused with a reason', async () => {
  expect(await failure({ ...post, rootUrl: undefined, baseUrl: undefined })).toMatch(
    /^invalid_root_url: post:v1 gives nothing/,
  )
  expect(await failure(post, post)).toBe('repeated_document: post:v1 is given twice.')
  expect(await failure(post, { openapi: '3.1.0' })).toMatch(/^not_discovery: The document is not a Google Discovery/)
  expect(await failure(post, '{"kind": ')).toMatch(/^truncated: /)
  expect(await failure({ ...post, protocol: 'rpc' })).toMatch(/^unsupported_protocol: post:v1 speaks "rpc"/)
  expect(await failure({ ...post, padding: 'x'.repeat(9 * 1024 * 1024) })).toMatch(/^too_large: .*9\.0 MiB/)
  expect(await failure({ ...post, padding: Array.from({ length: 600_000 }, () => []) })).toMatch(
    /^too_large: .*500,000 objects and lists/,
  )
  expect(await failure({ ...post, resources: {} })).toBe(
    'no_methods: There is no method in post:v1, so there is nothing to call.',
  )
})

test('an old document without a root URL is at its base URL', async () => {
  const { rootUrl: _, servicePath: __, ...old } = shelf
  const { about, tool } = await discover(googleSource({ ...old, baseUrl: 'https://www.googleapis.com/shelf/v3/' }))
  expect(about.servers).toMatchObject([{ url: 'https://www.googleapis.com' }])
  expect(tool('about').binding).toMatchObject({ path: '/shelf/v3/about' })
})

test('methods that cannot be called are reported with their place and reason', async () => {
  const get = { path: 'x', httpMethod: 'GET', response: { $ref: 'Letter' } }
  const methods = {
    nothing: 5,
    trace: { ...get, id: 'a.trace', httpMethod: 'TRACE' },
    verbless: { id: 'a.verbless', path: 'x' },
    up: { ...get, id: 'a.up', path: '../admin/{userId}' },
    hidden: { ...get, id: 'a.hidden', path: 'x/%2E%2e/admin' },
    query: { ...get, id: 'a.query', path: 'x?admin=true' },
    fragment: { ...get, id: 'a.fragment', path: 'x#y' },
    host: { ...get, id: 'a.host', path: '\\\\evil.example/x' },
    expression: { ...get, id: 'a.expression', path: 'x{/rest*}' },
    fine: { ...get, id: 'a.fine', path: '//evil.example/x' },
  }
  const { skipped, tools } = await discover(googleSource({ ...post, methods, resources: { empty: 7 } }))
  expect(skipped.map(({ place, reason }) => `${place}: ${reason}`)).toEqual([
    '? post:v1/nothing: The method is not an object.',
    'TRACE post:v1/trace: Requests with the method "TRACE" cannot be sent.',
    '? post:v1/verbless: Requests with the method "" cannot be sent.',
    'GET post:v1/up: The path "/../admin/{userId}" has the steps "." or "..".',
    'GET post:v1/hidden: The path "/x/%2E%2e/admin" has the steps "." or "..".',
    'GET post:v1/query: The path "/x?admin=true" has characters or variables that have no meaning there.',
    'GET post:v1/fragment: The path "/x#y" has characters or variables that have no meaning there.',
    'GET post:v1/host: The path "/\\\\evil.example/x" has characters or variables that have no meaning there.',
    'GET post:v1/expression: The path "/x{/rest*}" has characters or variables that have no meaning there.',
  ])
  expect(tools.map(({ binding }) => binding)).toMatchObject([{ path: '/evil.example/x' }])
})

test('an upload that cannot be sent is left out, and the method stays', async () => {
  const simple = { multipart: true, path: '/upload/{other}/x' }
  const create = { ...shelf.resources.files.methods.create, mediaUpload: { protocols: { simple } } }
  const { tool, skipped } = await discover(googleSource({ ...shelf, resources: { files: { methods: { create } } } }))
  expect(skipped).toEqual([
    {
      type: 'skipped',
      place: 'POST shelf:v3/files.create',
      reason: 'Content cannot be uploaded: its path "/upload/{other}/x" cannot be filled in.',
      isOperation: false,
    },
  ])
  expect(tool('files.create').inputSchema).not.toHaveProperty('properties.media')
})

test('names of JavaScript’s own are names like any other', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'apply']
  const member = (name: string, value: string) => `${JSON.stringify(name)}: ${value}`
  const methods = names.map((name) =>
    member(
      name,
      `{ "id": "post.${name}", "httpMethod": "POST", "path": "x/{${name}}", "request": { "$ref": "${name}" }, "response": { "$ref": "${name}" },
         "parameters": { ${member(name, '{ "type": "string", "location": "path" }')} } }`,
    ),
  )
  const schemas = names.map((name) =>
    member(name, `{ "type": "object", "properties": { ${member(name, '{ "type": "string" }')} } }`),
  )
  const document = `{ "kind": "discovery#restDescription", "name": "post", "version": "v1", "rootUrl": "https://post.googleapis.com",
    "schemas": { ${schemas.join()} }, "resources": { "__proto__": { "methods": { ${methods.join()} } } } }`
  const { tools, skipped } = await discover(googleSource(document))
  expect(skipped).toEqual([])
  expect(tools.map(({ suggestedName }) => suggestedName)).toEqual([
    'proto',
    'constructor_',
    'toString_',
    'hasOwnProperty_',
    'then_',
    'apply_',
  ])
  for (const [index, { inputSchema, binding }] of tools.entries()) {
    const properties: unknown = typeof inputSchema === 'object' ? inputSchema.properties : {}
    expect(Object.keys(properties ?? {})).toEqual([names[index], 'fields', 'body'])
    expect(binding).toMatchObject({ path: `/x/{${names[index]}}`, body: { key: 'body' } })
  }
  expect(Object.prototype).not.toHaveProperty('type')
})

test('schemas that refer to themselves, to each other, or to nothing', async () => {
  const schemas = {
    Self: { $ref: 'Self' },
    A: { type: 'object', properties: { b: { $ref: 'B' }, self: { $ref: 'Self' } } },
    B: { type: 'array', items: { $ref: 'A' } },
    'odd/~%41 name': { type: 'string' },
  }
  const answer = (id: string, name: string) => ({
    id: `post.${id}`,
    path: id,
    httpMethod: 'POST',
    request: { $ref: name },
    response: { $ref: name },
  })
  const methods = {
    a: answer('a', 'A'),
    self: answer('self', 'Self'),
    none: answer('none', 'Missing'),
    odd: answer('odd', 'odd/~%41 name'),
  }
  const found = await discover(googleSource({ ...post, schemas, methods, resources: {} }))
  expect(found.tools).toHaveLength(4)
  expect(found.schemas.get('A')).toMatchObject({ properties: { b: { $ref: '#/$defs/B' } } })
  expect(found.schemas.get('B')).toMatchObject({ items: { $ref: '#/$defs/A' } })
  expect([...found.schemas.values()]).toContainEqual({ type: 'string' })
  expect(found.skipped.map(({ reason }) => reason).join('\n')).toMatch(/Missing/)
})

test('two methods of one id stay two', async () => {
  const method = { id: 'post.same', path: 'x', httpMethod: 'GET' }
  const document = {
    ...post,
    methods: { a: method, b: method },
    resources: { a: { methods: { a: { path: 'y', httpMethod: 'GET' } } } },
  }
  const { tools } = await discover(googleSource(document))
  expect(tools.map(({ suggestedName, operation }) => [suggestedName, operation])).toEqual([
    ['same', 'GET post:v1#/methods/a'],
    ['same', 'GET post:v1#/methods/b'],
    ['a.a', 'GET post:v1/a.a'],
  ])
})

test('10,000 methods, deep and wide, take seconds', async () => {
  const { delete: one } = post.resources.users.resources.letters.methods
  const methods = (prefix: string) =>
    Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`m${at}`, { ...one, id: `post.${prefix}.m${at}` }]))
  let resources = {}
  for (let level = 0; level < 10; level++) resources = { [`r${level}`]: { methods: methods(`r${level}`), resources } }
  const started = Date.now()
  const { tools } = await discover(googleSource({ ...post, resources }))
  expect(tools).toHaveLength(10_000)
  expect(Date.now() - started).toBeLessThan(20_000)
})
