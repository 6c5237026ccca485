import { expect, test } from 'vitest'
import { around, json, readDocument } from '../../testing/read-document.ts'
import type { DiscoveredTool } from '../adapter.ts'
import { isBinding } from './binding.ts'

function parametersOf(tool: DiscoveredTool) {
  return isBinding(tool.binding)
    ? tool.binding.parameters.map(({ key, in: where, name }) => `${key}=${where}:${name}`)
    : []
}

test('parameters and the fields of a JSON body make one flat, closed input', async () => {
  const { only } = await readDocument(
    around(
      {
        operationId: 'things/create',
        parameters: [{ name: 'owner', in: 'path', required: true, schema: { type: 'string' }, description: 'Who.' }],
        requestBody: {
          required: true,
          ...json({
            type: 'object',
            required: ['title', 'id'],
            properties: {
              title: { type: 'string' },
              id: { type: 'integer', readOnly: true },
              n: { type: ['integer', 'null'] },
            },
          }),
        },
        responses: { 201: json({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }) },
      },
      {},
      '/{owner}/things',
    ),
  )
  expect(only).toMatchObject({ operation: 'POST /{owner}/things', suggestedName: 'things.create', effect: 'write' })
  expect(only.inputSchema).toEqual({
    type: 'object',
    properties: {
      owner: { type: 'string', description: 'Who.' },
      title: { type: 'string' },
      n: { type: ['integer', 'null'] },
    },
    required: ['owner', 'title'],
    additionalProperties: false,
  })
  expect(only.signature).toBe('(input: { owner: string; title: string; n?: number | null }) => Promise<{ id: number }>')
  expect(only.binding).toMatchObject({
    body: { mediaType: 'application/json', isRequired: true, fields: ['title', 'n'] },
  })
  expect([only.searchPath, only.searchParameters]).toEqual(['owner things create', 'owner Who. title n'])
})

test('a body that clashes with a parameter, is open, is a choice or is no object is given whole', async () => {
  const parameters = [{ name: 'id', in: 'query', schema: {} }]
  for (const schema of [
    { type: 'object', properties: { id: {} } },
    { type: 'object', properties: { a: {} }, additionalProperties: true },
    { type: 'object', properties: { a: {} }, oneOf: [{}, {}] },
    { type: 'array', items: {} },
    { type: 'object' },
    true,
  ]) {
    const { only } = await readDocument(around({ parameters, requestBody: { required: true, ...json(schema) } }))
    expect(only.inputSchema).toMatchObject({ properties: { id: {}, body: {} }, required: ['body'] })
  }
})

test('one name in two places is told apart in a fixed order, and one named body twice too', async () => {
  const parameters = ['query', 'path', 'header', 'cookie'].map((place) => ({
    name: 'id',
    in: place,
    required: true,
    schema: {},
  }))
  const { only } = await readDocument(
    around(
      { parameters: [...parameters, { name: 'body', in: 'query' }], requestBody: json({ type: 'string' }) },
      {},
      '/{id}',
    ),
  )
  expect(parametersOf(only)).toEqual([
    'id_query=query:id',
    'id=path:id',
    'id_header=header:id',
    'id_cookie=cookie:id',
    'body=query:body',
  ])
  expect(only.binding).toMatchObject({ body: { key: 'body2' } })
})

test('shared schemas are named once, followed through chains and cycles, and only those that are reached are rows', async () => {
  const { only, schemas } = await readDocument(
    around(
      { responses: { 200: json({ $ref: '#/components/schemas/alias' }) } },
      {
        components: {
          schemas: {
            alias: { $ref: '#/components/schemas/tree-node' },
            'tree-node': {
              type: 'object',
              properties: {
                next: { $ref: '#/components/schemas/tree-node' },
                leaf: { $ref: '#/components/schemas/a~1b%20c' },
              },
            },
            'a/b c': { type: 'string' },
            TreeNode: { type: 'boolean' },
            unused: { type: 'string' },
            loop: { $ref: '#/components/schemas/loop' },
          },
        },
      },
    ),
  )
  expect(only.outputSchema).toEqual({ $ref: '#/$defs/TreeNode' })
  expect([...schemas]).toEqual([
    ['TreeNode', { type: 'object', properties: { next: { $ref: '#/$defs/TreeNode' }, leaf: { $ref: '#/$defs/ABC' } } }],
    ['ABC', { type: 'string' }],
  ])
})

test('references to parameters, bodies, responses, path items and into operations are followed', async () => {
  const { tools, schemas } = await readDocument({
    openapi: '3.1.0',
    paths: {
      '/a/{id}': { $ref: '#/components/pathItems/one' },
      '/b': { get: { responses: { 200: json({ $ref: '#/paths/~1a~1{id}/$ref' }) } } },
      '/c': {
        get: {
          responses: {
            200: json({ $ref: '#/components/pathItems/one/post/responses/200/content/application~1json/schema' }),
          },
        },
      },
    },
    components: {
      pathItems: {
        one: {
          parameters: [{ $ref: '#/components/parameters/id' }],
          post: {
            requestBody: { $ref: '#/components/requestBodies/b' },
            responses: { 200: { content: { 'application/json': { schema: { type: 'integer' } } } } },
          },
        },
      },
      parameters: {
        id: { $ref: '#/components/parameters/id2' },
        id2: { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
      },
      requestBodies: { b: json({ type: 'object', properties: { a: { type: 'string' } } }) },
    },
  })
  expect(tools.map((tool) => tool.operation)).toEqual(['POST /a/{id}', 'GET /b', 'GET /c'])
  expect(tools[0]?.inputSchema).toMatchObject({ properties: { id: { type: 'integer' }, a: { type: 'string' } } })
  expect([...schemas.values()]).toContainEqual({ type: 'integer' })
})

test('what cannot be read is skipped with its place and reason, and the rest is kept', async () => {
  const { tools, problems } = await readDocument({
    openapi: '3.0.3',
    paths: {
      'x-extension': {},
      '/ok': { get: { responses: { 200: json({ $ref: 'https://evil.test/schema.json' }) } } },
      '/param': { get: { parameters: [{ $ref: 'other.yaml#/p' }] } },
      '/body': { post: { requestBody: { $ref: '#/components/requestBodies/none' } } },
      '/loop': { get: { parameters: [{ $ref: '#/components/parameters/a' }] } },
      '/item': { $ref: 'other.yaml' },
      '/null': { get: null },
      '/trace': { trace: {} },
      '/get': { get: { requestBody: json({}) } },
      '/calls': { post: { callbacks: { onEvent: {}, onEnd: { $ref: '#/x' } } } },
    },
    components: { parameters: { a: { $ref: '#/components/parameters/b' }, b: { $ref: '#/components/parameters/a' } } },
    webhooks: { created: { post: {} } },
  })
  expect(tools.map((tool) => tool.operation)).toEqual(['GET /ok', 'GET /get', 'POST /calls'])
  expect(problems).toEqual([
    '! GET /loop: A parameter cannot be read: "#/components/parameters/a" only leads back to itself.',
    '! GET /null: The operation is not an object.',
    `! GET /param: A parameter cannot be read: "other.yaml#/p" is relative to the document's own address, which is not known.`,
    '! POST /body: The request body cannot be read: "#/components/requestBodies/none" points to nothing.',
    '! TRACE /trace: The method TRACE cannot be sent.',
    `#/paths/~1item: The path item "other.yaml" is relative to the document's own address, which is not known.`,
    '#/webhooks: 1 webhook is sent by the API and cannot be called.',
    'GET /get: The body of a GET request is never sent.',
    'POST /calls: 2 callbacks are sent by the API and cannot be called: onEvent, onEnd.',
    'https://evil.test/schema.json: A schema is not known: "https://evil.test/schema.json" was not read.',
  ])
})

test('the schema language of OpenAPI 3.0 becomes JSON Schema 2020-12', async () => {
  const schema = {
    type: 'object',
    nullable: true,
    properties: {
      a: { type: 'string', nullable: true, enum: ['x'], example: 'x', xml: {}, 'x-y': 1 },
      b: { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      c: { allOf: [{ $ref: '#/components/schemas/S' }], nullable: true, description: 'C.' },
      d: { $ref: '#/components/schemas/S', description: 'D.' },
      e: { type: 'array', items: [{ type: 'string' }] },
      f: { oneOf: [{ type: 'string' }], discriminator: { propertyName: 'kind', mapping: { cat: '#' } } },
    },
  }
  const { only } = await readDocument({
    ...around({ responses: { 200: json(schema) } }, { components: { schemas: { S: { type: 'string' } } } }),
    openapi: '3.0.0',
  })
  expect(only.outputSchema).toEqual({
    type: ['object', 'null'],
    properties: {
      a: { type: ['string', 'null'], enum: ['x', null] },
      b: { type: 'number', exclusiveMinimum: 1, maximum: 9 },
      c: { description: 'C.', anyOf: [{ allOf: [{ $ref: '#/$defs/S' }] }, { type: 'null' }] },
      d: { $ref: '#/$defs/S', description: 'D.' },
      e: { type: 'array', prefixItems: [{ type: 'string' }] },
      f: { oneOf: [{ type: 'string' }], description: '"kind" says which alternative it is (cat).' },
    },
  })
})

test('a shared schema with read-only parts has a form of its own for inputs', async () => {
  const { schemas } = await readDocument(
    around(
      {
        requestBody: json({ type: 'object', properties: { item: { $ref: '#/components/schemas/Item' } } }),
        responses: { 200: json({ $ref: '#/components/schemas/Item' }) },
      },
      {
        components: {
          schemas: {
            Base: { type: 'object', properties: { id: { type: 'string', readOnly: true } } },
            Item: {
              allOf: [
                { $ref: '#/components/schemas/Base' },
                { type: 'object', required: ['id', 'name'], properties: { name: {} } },
              ],
            },
          },
        },
      },
    ),
  )
  expect([...schemas.keys()].sort()).toEqual(['Base', 'BaseInput', 'Item', 'ItemInput'])
  expect(schemas.get('BaseInput')).toEqual({ type: 'object', properties: {} })
  expect(schemas.get('ItemInput')).toMatchObject({ allOf: [{ $ref: '#/$defs/BaseInput' }, { required: ['name'] }] })
  expect(schemas.get('Item')).toMatchObject({ allOf: [{ $ref: '#/$defs/Base' }, { required: ['id', 'name'] }] })
})

test('Swagger 2.0: host and base path, typed parameters, bodies, forms and files', async () => {
  const { about, tools } = await readDocument({
    swagger: '2.0',
    info: { title: 'Old' },
    host: 'api.acme.test',
    basePath: '/v1/',
    schemes: ['http', 'https', 'ws'],
    consumes: ['application/json'],
    securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'X-Key' }, login: { type: 'basic' } },
    security: [{ key: [] }],
    paths: {
      '/a': {
        get: {
          parameters: [
            { name: 'ids', in: 'query', type: 'array', items: { type: 'integer' }, collectionFormat: 'pipes' },
          ],
        },
      },
      '/b': {
        post: { parameters: [{ name: 'thing', in: 'body', required: true, schema: { $ref: '#/definitions/Thing' } }] },
      },
      '/c': {
        post: {
          parameters: [
            { name: 'name', in: 'formData', type: 'string', required: true },
            { name: 'photo', in: 'formData', type: 'file' },
          ],
        },
      },
    },
    definitions: { Thing: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
  })
  expect(about.servers.map(({ url }) => url)).toEqual(['https://api.acme.test/v1', 'http://api.acme.test/v1'])
  expect(about.authMethods.map((method) => method.label)).toEqual(['API key (header X-Key)'])
  expect(tools[0]?.binding).toMatchObject({ parameters: [{ name: 'ids', style: 'pipeDelimited', explode: false }] })
  expect(tools[1]?.inputSchema).toMatchObject({ properties: { a: { type: 'string' } }, required: ['a'] })
  expect(tools[2]?.inputSchema).toMatchObject({
    properties: { photo: { type: 'string', format: 'binary' } },
    required: ['name'],
  })
  expect(tools[2]?.binding).toMatchObject({ body: { mediaType: 'multipart/form-data', fields: ['name', 'photo'] } })
})

test('security: alternatives are methods, combinations are fields, and what cannot be used is said', async () => {
  const { about, skipped, only } = await readDocument(
    around(
      {
        parameters: [
          { name: 'api_key', in: 'query' },
          { name: 'q', in: 'query' },
        ],
      },
      {
        security: [{ bearer: [] }, { key: [], secret: [] }, { login: [] }, { oauth: ['read'] }, { digest: [] }, {}],
        components: {
          securitySchemes: {
            bearer: { type: 'http', scheme: 'BEARER' },
            key: { type: 'apiKey', in: 'query', name: 'api_key' },
            secret: { type: 'apiKey', in: 'cookie', name: 'sid' },
            login: { type: 'http', scheme: 'basic' },
            oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'x', scopes: { read: '' } } } },
            digest: { type: 'http', scheme: 'digest' },
          },
        },
      },
    ),
  )
  expect(about.authMethods.map(({ id, fields }) => [id, ...fields.map((field) => field.name)])).toEqual([
    ['bearer', 'token'],
    ['key_secret', 'key_token', 'secret_token'],
    ['login', 'user', 'password'],
    ['oauth', 'token'],
    ['none'],
  ])
  expect(about.authMethods[1]?.placements).toEqual([
    { in: 'query', name: 'api_key', template: '{key_token}' },
    { in: 'cookie', name: 'sid', template: '{secret_token}' },
  ])
  expect(skipped.map((skip) => skip.place)).toContain('#/components/securitySchemes/digest')
  // The credential fills it in.
  expect(parametersOf(only)).toEqual(['q=query:q'])
})

test('without security schemes a call without credential or with a bearer token is offered', async () => {
  expect((await readDocument(around({}))).about.authMethods.map((method) => method.id)).toEqual(['none', 'bearer'])
})

test('an operation with a server of its own says so, and only for the default base URL', async () => {
  const { only } = await readDocument(
    around({ servers: [{ url: 'https://uploads.acme.test' }] }, { servers: [{ url: 'https://api.acme.test' }] }),
  )
  expect(only.binding).toMatchObject({
    server: { url: 'https://uploads.acme.test', insteadOf: 'https://api.acme.test' },
  })
})

test('names that objects have themselves are names like any other, everywhere', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const members = (value: (name: string) => string) =>
    names.map((name) => `${JSON.stringify(name)}: ${value(name)}`).join(',')
  const document = `{
    "openapi": "3.1.0",
    "paths": {${members(
      (name) => `{"get": {"operationId": "${name}/${name}", "parameters": [
      {"name": "${name}", "in": "query", "schema": {"$ref": "#/components/schemas/${name}"}}],
      "requestBody": {"$ref": "#/components/requestBodies/${name}"}}, "post": {
      "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {${members(() => '{"type": "string"}')}}}}}}}}`,
    )}},
    "components": {
      "schemas": {${members((name) => `{"type": "object", "required": ["${name}"], "properties": {${members(() => '{}')}}}`)}},
      "requestBodies": {${members(() => '{"content": {}}')}},
      "securitySchemes": {${members(() => '{"type": "http", "scheme": "bearer"}')}}
    },
    "security": [{${members(() => '[]')}}]
  }`
  const { tools, about } = await readDocument(document)
  expect(tools).toHaveLength(8)
  expect(tools.map((tool) => tool.suggestedName)).toContain('constructor_.constructor_')
  const post = tools.find((tool) => tool.operation === 'POST __proto__')
  expect(JSON.stringify(post?.inputSchema)).toContain('"__proto__":{"type":"string"}')
  expect(tools[0]?.signature).toContain('__proto__?: ')
  expect(about.authMethods[0]?.fields.length).toBeGreaterThan(0)
  expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  expect(({} as { type?: string }).type).toBeUndefined()
})

test('such names change nothing in tags, responses, webhooks, callbacks and additional methods either', async () => {
  const named = (value: string) =>
    ['__proto__', 'constructor', 'toString'].map((name) => `"${name}": ${value.replaceAll('NAME', name)}`).join(',')
  const { tools, problems, schemas } = await readDocument(`{
    "openapi": "3.2.0",
    "tags": [{"name": "__proto__", "parent": "constructor"}, {"name": "constructor", "kind": "nav", "parent": "toString"}],
    "paths": {"/a": {"additionalOperations": {${named('{}')}}, "get": {
      "operationId": "find", "tags": ["__proto__", "toString"],
      "callbacks": {${named('{}')}},
      "responses": {${named('{}')}, "200": {"content": {"application/json": {"schema": {
        "discriminator": {"propertyName": "__proto__", "mapping": {${named('"NAME"')}}},
        "oneOf": [{"$ref": "#/components/schemas/__proto__"}, {"$ref": "#/components/schemas/toString"}]}}}}}}}},
    "webhooks": {${named('{}')}},
    "components": {"schemas": {${named('{"type": "object"}')}}}
  }`)
  expect(tools.map((tool) => [tool.operation, tool.suggestedName])).toEqual([
    ['GET /a', 'toString_.constructor_.proto.find'],
    ['CONSTRUCTOR /a', 'a.constructor_'],
    ['TOSTRING /a', 'a.tostring'],
  ])
  expect(problems).toEqual([
    '! __PROTO__ /a: The method __PROTO__ cannot be sent.',
    '#/webhooks: 3 webhooks are sent by the API and cannot be called.',
    'GET /a: 3 callbacks are sent by the API and cannot be called: __proto__, constructor, toString.',
  ])
  expect([...schemas.keys()]).toEqual(['Proto', 'ToString'])
  expect(JSON.stringify(tools[0]?.outputSchema)).toContain('"properties":{"__proto__":{"const":"toString"}}')
})

test('a tag stands under its parents, and one that is no group names nothing (OpenAPI 3.2)', async () => {
  const tags = [
    { name: 'books', parent: 'products', summary: 'All the books' },
    { name: 'products', kind: 'nav' },
    { name: 'beta', kind: 'badge' },
    { name: 'loop', parent: 'pool' },
    { name: 'pool', parent: 'loop' },
  ]
  const operation = (operationId: string, ...names: string[]) => ({ get: { operationId, tags: names } })
  const { tools } = await readDocument({
    openapi: '3.2.0',
    tags,
    paths: {
      '/a': operation('listBooks', 'beta', 'books'),
      '/b': operation('get', 'loop'),
      '/c': operation('find', 'unknown'),
    },
  })
  expect(tools.map((tool) => tool.suggestedName)).toEqual(['products.books.listBooks', 'pool.loop.get', 'unknown.find'])
  expect(tools[0]?.searchPath).toBe('a list Books beta products books All the')
})

test('YAML and JSON of one document make the same tools', async () => {
  const document = around({ operationId: 'a', responses: { 200: json({ type: 'string' }) } })
  const yaml = `openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /things:\n    post:\n      operationId: a
      responses:\n        200: {content: {application/json: {schema: {type: string}}}}\n`
  expect((await readDocument(yaml)).tools).toEqual((await readDocument(document)).tools)
})

test('anchors, merge keys and unquoted versions of YAML are understood', async () => {
  const { only, about } = await readDocument(
    'swagger: 2.0\nhost: a.test\ninfo: {title: x, version: 1.5}\nx: &shared\n  summary: Shared\npaths:\n  /a:\n    get:\n      <<: *shared\n',
  )
  expect([only.summary, about.version]).toEqual(['Shared', '1.5'])
})
