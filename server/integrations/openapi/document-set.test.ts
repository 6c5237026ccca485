// One document in several files: RFC 3986 for references, OpenAPI 3.2 §4.1 for what they are relative to.
import { expect, test } from 'vitest'
import { answering, around, json, readDocument, sourceOf } from '../../testing/read-document.ts'
import { DocumentError } from '../document-error.ts'
import { openApi } from './adapter.ts'
import { DocumentSet } from './document-set.ts'

const url = 'https://acme.test/api/openapi.yaml'

test('every kind of part can be in another file, and a reference there is relative to that file', async () => {
  const { tools, problems, schemas, about } = await readDocument(
    `openapi: 3.1.0
info: {title: T, version: '1'}
security: [{key: []}]
paths:
  /pets:
    $ref: ./paths/pets.yaml
components:
  securitySchemes:
    key: {$ref: 'shared/common.json#/schemes/key'}
`,
    {
      url,
      files: {
        'https://acme.test/api/paths/pets.yaml': `parameters:
  - $ref: ../shared/common.json#/parameters/limit
post:
  operationId: pets/create
  requestBody: {$ref: '../shared/common.json#/bodies/pet'}
  responses:
    '200': {$ref: '../shared/common.json#/responses/pet'}
`,
        'https://acme.test/api/shared/common.json': {
          parameters: { limit: { name: 'limit', in: 'query', schema: { $ref: '#/schemas/limit' } } },
          bodies: { pet: { required: true, ...json({ $ref: '../pet.yaml' }) } },
          responses: { pet: json({ $ref: '/api/pet.yaml' }) },
          schemas: { limit: { type: 'integer', maximum: 100 } },
          schemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
        },
        'https://acme.test/api/pet.yaml':
          'type: object\nproperties:\n  name: {type: string}\n  mother: {$ref: pet.yaml}\n  age: {$ref: "#/$defs/age"}\n$defs:\n  age: {type: integer}\n',
      },
    },
  )
  expect(problems).toEqual([])
  expect(about.authMethods[0]?.placements).toEqual([{ in: 'header', name: 'X-Key', template: '{token}' }])
  expect(tools[0]).toMatchObject({ operation: 'POST /pets', suggestedName: 'pets.create' })
  expect(tools[0]?.inputSchema).toMatchObject({
    properties: { name: { type: 'string' }, mother: { $ref: '#/$defs/Pet' }, age: { $ref: '#/$defs/Age' } },
  })
  expect(tools[0]?.outputSchema).toEqual({ $ref: '#/$defs/Pet' })
  expect(schemas.get('Limit')).toEqual({ type: 'integer', maximum: 100 })
  expect(schemas.get('Pet')).toMatchObject({ properties: { mother: { $ref: '#/$defs/Pet' } } })
})

test('chains, loops and circles through files are followed once', async () => {
  const files = {
    'https://acme.test/a.json': { one: { $ref: 'b.json#/two' }, loop: { $ref: 'b.json#/loop' } },
    'https://acme.test/b.json': {
      two: { $ref: 'https://acme.test/api/openapi.yaml#/components/schemas/Three' },
      loop: { $ref: 'a.json#/loop' },
      node: { type: 'object', properties: { next: { $ref: 'a.json#/one' }, self: { $ref: '#/node' } } },
    },
  }
  const schemas = { Three: { $ref: '../b.json#/node' }, Loop: { $ref: '../a.json#/loop' } }
  const read = await readDocument(
    answering(
      { type: 'array', prefixItems: [{ $ref: '../a.json#/one' }, { $ref: '#/components/schemas/Loop' }] },
      schemas,
    ),
    { url, files },
  )
  expect(read.only.outputSchema).toEqual({ type: 'array', prefixItems: [{ $ref: '#/$defs/Three' }, {}] })
  expect([...read.schemas.keys()]).toEqual(['Three'])
  expect(read.problems).toEqual([
    '#/components/schemas/Loop: A schema is not known: "https://acme.test/a.json#/loop" only leads back to itself.',
  ])
})

test('a component that is only a reference to a file names what is there', async () => {
  const { schemas } = await readDocument(
    answering({ $ref: '#/components/schemas/Pet' }, { Pet: { $ref: './schemas/pet.v2.yaml' } }),
    {
      url,
      files: {
        'https://acme.test/api/schemas/pet.v2.yaml': 'type: object\nproperties: {owner: {$ref: owner.yaml}}',
        'https://acme.test/api/schemas/owner.yaml': 'type: string',
      },
    },
  )
  expect([...schemas]).toEqual([
    ['Pet', { type: 'object', properties: { owner: { $ref: '#/$defs/Owner' } } }],
    ['Owner', { type: 'string' }],
  ])
})

test('mappings in another file name components of the document, or are relative to that file', async () => {
  const files = {
    'https://acme.test/api/pets/pet.json': {
      type: 'object',
      properties: { kind: { enum: ['cat', 'dog'] }, discriminator: { $ref: 'dog.json' } },
      discriminator: { propertyName: 'kind', mapping: { cat: 'Cat', dog: './dog.json' } },
    },
    'https://acme.test/api/pets/dog.json': { type: 'object', properties: { barks: { type: 'boolean' } } },
  }
  const read = await readDocument(answering({ $ref: 'pets/pet.json' }, { Cat: { type: 'object' } }), { url, files })
  const kind = (value: string) => ({ properties: { kind: { const: value } }, required: ['kind'] })
  expect(read.only.outputSchema).toEqual({
    anyOf: [
      { $ref: '#/$defs/Cat', ...kind('cat') },
      { $ref: '#/$defs/Dog', ...kind('dog') },
    ],
  })
  const { schemas } = await readDocument(answering({ allOf: [{ $ref: 'pets/pet.json' }] }), { url, files })
  expect(schemas.get('Pet')).toMatchObject({ properties: { discriminator: { $ref: '#/$defs/Dog' } } })
})

test('whole sections that are kept in other files are found, and so is what lies behind references on the way', async () => {
  const { tools, schemas, problems } = await readDocument(
    {
      openapi: '3.0.3',
      paths: { $ref: 'paths.yaml' },
      components: { schemas: { $ref: 'schemas/index.yaml' } },
    },
    {
      url,
      files: {
        'https://acme.test/api/paths.yaml':
          "/a:\n  get:\n    responses:\n      '200': {content: {application/json: {schema: {$ref: 'openapi.yaml#/components/schemas/Pet/properties/name'}}}}\n/b: {get: {responses: {'200': {content: {application/json: {schema: {$ref: 'openapi.yaml#/components/schemas/Pet'}}}}}}}",
        'https://acme.test/api/schemas/index.yaml': 'Pet: {$ref: pet.yaml}',
        'https://acme.test/api/schemas/pet.yaml': 'type: object\nproperties: {name: {type: string, maxLength: 5}}',
      },
    },
  )
  expect(problems).toEqual([])
  expect(tools.map((tool) => [tool.operation, tool.outputSchema])).toEqual([
    ['GET /a', { $ref: '#/$defs/Name' }],
    ['GET /b', { $ref: '#/$defs/Pet' }],
  ])
  expect(schemas.get('Name')).toEqual({ type: 'string', maxLength: 5 })
})

test.each([
  ['#/components/schemas/a~1b', { type: 'string' }],
  ['#/components/schemas/a%7E1b', { type: 'string' }],
  ['#/components/schemas/%7Bid%7D', { type: 'integer' }],
  ['#/components/schemas/{id}', { type: 'integer' }],
  ['#/components/schemas/with%20space', { type: 'boolean' }],
  ['#/components/schemas/with space', { type: 'boolean' }],
  ['#/components/schemas/100%', { type: 'null' }],
  ['#/components/schemas/a~01', { type: 'array' }],
  ['#/components/schemas/List/prefixItems/1', { type: 'number' }],
  ['#/components/schemas/Nested/$defs/inner', { type: 'object' }],
])('the escapes of %s are undone', async (reference, schema) => {
  const schemas = {
    'a/b': { type: 'string' },
    '{id}': { type: 'integer' },
    'with space': { type: 'boolean' },
    '100%': { type: 'null' },
    'a~1': { type: 'array' },
    List: { type: 'array', prefixItems: [{}, { type: 'number' }] },
    Nested: { $defs: { inner: { type: 'object' } } },
  }
  const inOne = await readDocument(answering({ $ref: reference }, schemas))
  expect([...inOne.schemas.values()]).toEqual([schema])
  const other = { url, files: { 'https://acme.test/api/other.json': { components: { schemas } } } }
  const inTwo = await readDocument(answering({ $ref: `other.json${reference}` }), other)
  expect([...inTwo.schemas.values()]).toEqual([schema])
})

test.each([
  ['file:///etc/passwd', 'is not at an http(s) address and was not read'],
  ['javascript:alert(1)', 'is not at an http(s) address and was not read'],
  ['urn:example:pet', 'is not at an http(s) address and was not read'],
  ['https://user:secret@acme.test/x.json', 'has a user name or a password in its address and was not read'],
  ['https://other.test/x.json#/a', 'was not read'],
  ['x.json#/a', 'is in https://acme.test/api/x.json, which was not read'],
  ['page.html', /^cannot be read: This is a web page/],
  ['broken.json#/a', /^cannot be read: The JSON ends too early/],
  ['there.json#/missing', 'points to nothing'],
  ['#nowhere', 'points to nothing'],
  ['there.json#nowhere', 'points to nothing'],
  ['http://[', 'is not a URL'],
])('%s is reported with the reason', async (reference, reason) => {
  const files = {
    'https://acme.test/api/page.html': '<!doctype html><title>Sign in</title>',
    'https://acme.test/api/broken.json': '{"a": {"type": "str',
    'https://acme.test/api/there.json': { a: { type: 'string' } },
  }
  const { only, skipped } = await readDocument(answering({ $ref: reference }), { url, files })
  expect(only.outputSchema).toEqual({})
  const [skip] = skipped
  expect([skipped.length, skip?.place, skip?.isOperation]).toEqual([1, reference, false])
  const said = skip?.reason.replace(`A schema is not known: "${reference}" `, '').replace(/\.$/, '')
  expect(said).toMatch(
    typeof reason === 'string' ? new RegExp(`^${reason.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : reason,
  )
})

test('without an address of its own a document refers to others by their whole URLs only', async () => {
  const files = {
    'https://acme.test/x.json': { a: { $ref: 'y.json' } },
    'https://acme.test/y.json': { type: 'string' },
  }
  const schema = { type: 'array', prefixItems: [{ $ref: 'https://acme.test/x.json#/a' }, { $ref: 'x.json#/a' }] }
  const { schemas, problems } = await readDocument(answering(schema), { files })
  expect([...schemas]).toEqual([['Y', { type: 'string' }]])
  expect(problems).toEqual([
    `x.json#/a: A schema is not known: "x.json#/a" is relative to the document's own address, which is not known.`,
  ])
})

test('$self is what references are relative to, and servers are not', async () => {
  const document = {
    ...answering({ $ref: 'shared/foo#/components/schemas/Foo' }),
    openapi: '3.2.0',
    $self: '/api/openapi',
    servers: [{ url: './v1' }],
  }
  const files = {
    'https://staging.acme.test/api/shared/foo': {
      openapi: '3.2.0',
      $self: '/api/shared/foo',
      components: { schemas: { Foo: { $ref: '../openapi#/info/x-foo' } } },
    },
  }
  const { schemas, about } = await readDocument(
    { ...document, info: { title: 'T', 'x-foo': { type: 'integer' } } },
    { url: 'https://staging.acme.test/mirror/today/openapi', files },
  )
  expect([...schemas.values()]).toEqual([{ type: 'integer' }])
  expect(about.servers).toEqual([{ url: 'https://staging.acme.test/mirror/today/v1' }])
})

test('$id and anchors of OpenAPI 3.1 are found, and what is below an $id is relative to it', async () => {
  const schemas = {
    Foo: {
      $id: '/schemas/foo',
      properties: {
        bar: { $ref: 'bar' },
        inner: { $ref: '#/$defs/inner' },
        anchored: { $ref: '#here' },
        // Not what the specification says, and what many write.
        document: { $ref: '#/components/schemas/Plain' },
      },
      $defs: { inner: { type: 'null' }, anchored: { $anchor: 'here', type: 'boolean' } },
    },
    Bar: { $id: '/schemas/bar', type: 'string' },
    Plain: { $anchor: 'plain', type: 'number' },
    Tree: {
      $dynamicAnchor: 'node',
      properties: { children: { items: { $dynamicRef: '#node' } }, plain: { $ref: '#plain' } },
    },
  }
  const schema = { prefixItems: [{ $ref: 'https://acme.test/schemas/foo' }, { $ref: '#/components/schemas/Tree' }] }
  const read = await readDocument(answering(schema, schemas), { url })
  expect(read.problems).toEqual([])
  expect(read.schemas.get('Foo')).toEqual({
    properties: {
      bar: { $ref: '#/$defs/Bar' },
      inner: { $ref: '#/$defs/Inner' },
      anchored: { $ref: '#/$defs/Anchored' },
      document: { $ref: '#/$defs/Plain' },
    },
  })
  expect(read.schemas.get('Tree')).toMatchObject({
    properties: { children: { items: { $ref: '#/$defs/Tree' } }, plain: { $ref: '#/$defs/Plain' } },
  })
  // Before 3.1, `$id` had no meaning.
  const old = await readDocument({ ...answering(schema, schemas), openapi: '3.0.3' }, { url })
  expect(old.problems.join('\n')).toContain('https://acme.test/schemas/foo')
  expect(old.problems.join('\n')).not.toContain('#/components/schemas/Plain')
})

test('the generic structure of the specification is read with its widest meaning', async () => {
  const schemas = {
    genericArrayComponent: {
      $id: 'fully_generic_array',
      type: 'array',
      items: { $dynamicRef: '#generic-array' },
      $defs: { allowAll: { $dynamicAnchor: 'generic-array' } },
    },
    numberArray: {
      $id: 'array_of_numbers',
      $ref: 'fully_generic_array',
      $defs: { numbersOnly: { $dynamicAnchor: 'generic-array', type: 'number' } },
    },
  }
  const read = await readDocument(answering({ $ref: 'array_of_numbers' }, schemas))
  expect(read.problems).toEqual([])
  expect(read.schemas.get('NumberArray')).toEqual({ $ref: '#/$defs/GenericArrayComponent' })
  expect(read.schemas.get('GenericArrayComponent')).toEqual({ type: 'array', items: { $ref: '#/$defs/AllowAll' } })
})

test('a file that is referred to by its own $id is not asked for', () => {
  const document = answering({ $ref: 'https://schemas.test/pet' }, { Pet: { $id: 'https://schemas.test/pet' } })
  expect(openApi.references?.(sourceOf(document, { url }))).toEqual([])
})

test('a bomb of references is read once for each schema, in one file or in ten', async () => {
  const levels = 10
  const referring = (to: (level: number) => string) => (level: number) => ({
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`p${at}`, { $ref: to(level + 1) }])),
    allOf: Array.from({ length: 10 }, () => ({ $ref: to(level + 1) })),
  })
  const inOne = referring((level) => `#/components/schemas/S${level}`)
  const schemas = Object.fromEntries(Array.from({ length: levels }, (_, level) => [`S${level}`, inOne(level)]))
  const last = { type: 'object', properties: { id: { type: 'string', readOnly: true } } }
  const body = { required: true, ...json({ $ref: '#/components/schemas/S0' }) }
  const document = around({ requestBody: body }, { components: { schemas: { ...schemas, [`S${levels}`]: last } } })
  const started = performance.now()
  expect((await readDocument(document)).schemas.size).toBeLessThanOrEqual(2 * (levels + 1))

  const inTen = referring((level) => `s${level}.json`)
  const files = Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, level) => [
      `https://acme.test/api/s${level}.json`,
      level === levels ? last : inTen(level),
    ]),
  )
  const split = around({ requestBody: { required: true, ...json({ $ref: 's0.json' }) } })
  expect((await readDocument(split, { url, files })).schemas.size).toBeLessThanOrEqual(2 * (levels + 1))
  expect(performance.now() - started).toBeLessThan(5000)
})

test('a name that looks like the address of a file is a name', () => {
  const set = new DocumentSet(
    sourceOf(
      { openapi: '3.1.0', 'https://acme.test/x.json': { secret: 1 } },
      { files: { 'https://acme.test/x.json': { secret: 2 } } },
    ),
  )
  expect(set.get(['https://acme.test/x.json', 'secret'])).toBe(2)
  expect(set.get(['https://acme.test/y.json', 'secret'])).toBeUndefined()
  expect(set.keys(['https://acme.test/y.json'])).toEqual([])
})

test('a source of several documents, or of none, is refused', () => {
  const { documents } = sourceOf({ openapi: '3.1.0' })
  for (const given of [[], [...documents, ...documents]]) {
    expect(() => new DocumentSet({ documents: given, referenced: [] })).toThrow(DocumentError)
  }
})
