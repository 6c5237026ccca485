// What the schema language of each version becomes, and what an agent is shown of it.
import { expect, test } from 'vitest'
import { answering, around, json, readDocument } from '../../testing/read-document.ts'
import { declarationsOf } from '../typescript.ts'

const sending = (schema: unknown, schemas: object = {}, rest: object = {}) =>
  around({ requestBody: { required: true, ...json(schema) } }, { components: { schemas }, ...rest })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

async function outputOf(schema: unknown, schemas: object = {}, rest: object = {}) {
  const read = await readDocument(answering(schema, schemas, rest))
  return read.only.outputSchema
}

test('JSON Schema 2020-12 comes through', async () => {
  const schema = {
    type: ['object', 'null'],
    properties: { a: true, b: false, c: { const: null }, d: { type: 'string', contentEncoding: 'base64' } },
    patternProperties: { '^x-': { type: 'integer' } },
    propertyNames: { pattern: '^[a-z]' },
    dependentRequired: { a: ['b'] },
    dependentSchemas: { a: { minProperties: 2 } },
    unevaluatedProperties: false,
    ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, { required: [keyword] }])),
    not: { const: 1 },
  }
  const left = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { unused: {} },
    $comment: 'x',
    examples: [1],
    'x-extension': 1,
  }
  expect(await outputOf({ ...schema, ...left })).toEqual(schema)
  const list = {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'integer' }],
    items: false,
    contains: { type: 'integer' },
    minContains: 1,
    unevaluatedItems: false,
  }
  expect(await outputOf(list)).toEqual(list)
})

test('older drafts say the same in other words', async () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    dependencies: { a: ['b'], c: { required: ['d'] } },
    properties: { t: { items: [{ type: 'string' }], additionalItems: false } },
  }
  expect(await outputOf(schema)).toEqual({
    properties: { t: { prefixItems: [{ type: 'string' }], items: false } },
    dependentRequired: { a: ['b'] },
    dependentSchemas: { c: { required: ['d'] } },
  })
})

test('a language of schemas that is not known is reported, and so is a type', async () => {
  const dialect = 'https://example.test/mine'
  const { problems } = await readDocument(
    answering(
      { $schema: 'https://example.test/other', type: 'datetime' },
      { S: { type: ['string', 'money'] } },
      { jsonSchemaDialect: dialect },
    ),
  )
  expect(problems).toEqual([
    '#/jsonSchemaDialect: The dialect of JSON Schema "https://example.test/mine" is not known; schemas are read as 2020-12.',
    'POST /things: Its dialect of JSON Schema (https://example.test/other) is not known.',
    'POST /things: The type "datetime" is not known and is not checked.',
  ])
  const known = [
    'https://json-schema.org/draft/2020-12/schema',
    'https://spec.openapis.org/oas/3.1/dialect/base',
    'https://spec.openapis.org/oas/3.2/dialect/2025-09-17',
  ]
  for (const jsonSchemaDialect of known) {
    expect((await readDocument(answering({}, {}, { jsonSchemaDialect }))).problems).toEqual([])
  }
})

test('null is admitted where it is said, whatever else is', async () => {
  const cases: [object, unknown][] = [
    [{ type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      { type: 'string', enum: ['a'], nullable: true },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [{ enum: ['a'], nullable: true }, { anyOf: [{ enum: ['a'] }, { type: 'null' }] }],
    [{ ...ref('S'), nullable: true }, { anyOf: [{ $ref: '#/$defs/S' }, { type: 'null' }] }],
    [
      { type: 'object', allOf: [ref('S')], 'x-nullable': true },
      { anyOf: [{ type: 'object', allOf: [{ $ref: '#/$defs/S' }] }, { type: 'null' }] },
    ],
    [
      { type: 'object', oneOf: [{}, {}], nullable: true },
      { anyOf: [{ type: 'object', oneOf: [{}, {}] }, { type: 'null' }] },
    ],
    [{ nullable: true }, {}],
    [{ type: 'string', nullable: false }, { type: 'string' }],
  ]
  for (const [schema, expected] of cases) {
    expect(await outputOf(schema, { S: { type: 'object' } }, { openapi: '3.0.3' })).toEqual(expected)
  }
})

test('what stands beside a reference counts, and a schema that adds something is not taken for what it refers to', async () => {
  const schemas = {
    Base: { type: 'object', properties: { id: { type: 'string' } } },
    More: { ...ref('Base'), description: 'More.', properties: { name: { type: 'string' } }, required: ['name'] },
    Alias: { ...ref('Base'), description: 'The same.', 'x-y': 1 },
  }
  const read = await readDocument(sending({ type: 'array', prefixItems: [ref('More'), ref('Alias')] }, schemas))
  expect(read.only.inputSchema).toMatchObject({
    properties: { body: { prefixItems: [{ $ref: '#/$defs/More' }, { $ref: '#/$defs/Base' }] } },
  })
  expect(read.schemas.get('More')).toEqual({
    $ref: '#/$defs/Base',
    description: 'More.',
    properties: { name: { type: 'string' } },
    required: ['name'],
  })
  // The fields of a body that is such a schema are those of both.
  const flat = await readDocument(sending(ref('More'), schemas))
  expect(flat.only.inputSchema).toMatchObject({ properties: { id: {}, name: {} }, required: ['name'] })
})

test('boolean schemas need no row', async () => {
  const schemas = { Anything: true, Nothing: false }
  const read = await readDocument(answering({ properties: { a: ref('Anything'), b: ref('Nothing') } }, schemas))
  expect(read.only.outputSchema).toEqual({ properties: { a: {}, b: { not: {} } } })
  expect(read.only.signature).toContain('a?: unknown; b?: never')
  expect(read.schemas.size).toBe(0)
})

test('what is write-only is not promised in an answer, and what is read-only not in an input, through references and parts', async () => {
  const schemas = {
    Id: { type: 'string', readOnly: true },
    Secret: { type: 'string', writeOnly: true },
    User: {
      type: 'object',
      required: ['id', 'password', 'pin', 'name'],
      properties: {
        id: ref('Id'),
        password: { type: 'string', writeOnly: true },
        pin: ref('Secret'),
        name: { type: 'string' },
      },
      dependentRequired: { name: ['id', 'password'] },
    },
    Team: { type: 'object', properties: { lead: ref('User') } },
  }
  const list = { type: 'array', items: ref('Team') }
  const read = await readDocument(
    around(
      { requestBody: { required: true, ...json(list) }, responses: { 200: json(list) } },
      { components: { schemas } },
    ),
  )
  expect(read.schemas.get('UserInput')).toMatchObject({
    required: ['password', 'pin', 'name'],
    dependentRequired: { name: ['password'] },
  })
  expect(Object.keys(read.schemas.get('UserInput') ?? {})).toContain('properties')
  expect(read.schemas.get('User')).toEqual({
    type: 'object',
    required: ['id', 'name'],
    properties: {
      id: { $ref: '#/$defs/Id' },
      // Marked, so that the records of runs hide it when the API sends it all the same.
      password: { type: 'string', writeOnly: true },
      pin: { $ref: '#/$defs/Secret' },
      name: { type: 'string' },
    },
    dependentRequired: { name: ['id'] },
  })
  expect(read.schemas.get('TeamInput')).toEqual({ type: 'object', properties: { lead: { $ref: '#/$defs/UserInput' } } })
  expect(read.schemas.get('Team')).toEqual({ type: 'object', properties: { lead: { $ref: '#/$defs/User' } } })
})

const pets = {
  Pet: { type: 'object', required: ['petType'], properties: { petType: { type: 'string' }, name: { type: 'string' } } },
  Cat: { allOf: [ref('Pet'), { type: 'object', properties: { hunts: { type: 'boolean' } } }] },
  Dog: { allOf: [ref('Pet'), { type: 'object', properties: { barks: { type: 'boolean' } } }] },
  Lizard: { type: 'object', properties: { petType: { const: 'lizard' } } },
}
const tight = (name: string, value: string | string[], property = 'petType') => ({
  $ref: `#/$defs/${name}`,
  properties: { [property]: Array.isArray(value) ? { enum: value } : { const: value } },
  required: [property],
})

test('alternatives have the value that their discriminator gives them', async () => {
  const oneOf = [ref('Cat'), ref('Dog'), ref('Lizard'), { type: 'object' }]
  const mapping = { cat: '#/components/schemas/Cat', kitten: 'Cat', lizard: 'Lizard' }
  const read = await readDocument(answering({ oneOf, discriminator: { propertyName: 'petType', mapping } }, pets))
  expect(read.only.outputSchema).toEqual({
    oneOf: [tight('Cat', ['cat', 'kitten']), tight('Dog', 'Dog'), { $ref: '#/$defs/Lizard' }, { type: 'object' }],
    description: '"petType" says which alternative it is (cat, kitten, lizard).',
  })
  expect(read.only.signature).toContain('(Dog & { petType: "Dog" }) | Lizard | Record<string, unknown>')
})

test('a value that the alternative itself contradicts is not required of it', async () => {
  const schemas = {
    A: { type: 'object', properties: { kind: { enum: ['a', 'b'] } } },
    B: { properties: { kind: { const: 'x' } } },
  }
  const schema = { anyOf: [ref('A'), ref('B')], discriminator: { propertyName: 'kind', mapping: { a: 'A' } } }
  expect(await outputOf(schema, schemas)).toMatchObject({ anyOf: [tight('A', 'a', 'kind'), { $ref: '#/$defs/B' }] })
})

test('without the property a value is what the default mapping says (OpenAPI 3.2)', async () => {
  const discriminator = { propertyName: 'petType', defaultMapping: 'Dog' }
  const schema = { oneOf: [ref('Cat'), ref('Dog')], discriminator }
  expect(await outputOf(schema, pets, { openapi: '3.2.0' })).toMatchObject({
    oneOf: [tight('Cat', 'Cat'), { $ref: '#/$defs/Dog' }],
  })
})

test('a parent whose children only its mapping knows may be each of them, as a value and not as a part', async () => {
  const mapping = { cat: 'Cat', dog: '#/components/schemas/Dog' }
  const schemas = { ...pets, Pet: { ...pets.Pet, discriminator: { propertyName: 'petType', mapping } } }
  const read = await readDocument(answering({ type: 'array', items: ref('Pet') }, schemas))
  expect(read.only.outputSchema).toEqual({
    type: 'array',
    items: { anyOf: [tight('Cat', 'cat'), tight('Dog', 'dog'), { $ref: '#/$defs/Pet' }] },
  })
  expect(read.only.signature).toBe('() => Promise<((Cat & { petType: "cat" }) | (Dog & { petType: "dog" }) | Pet)[]>')
  const one = await readDocument(answering(ref('Pet'), schemas))
  expect(one.only.signature).toBe(
    '() => Promise<(Cat & { petType: "cat" }) | (Dog & { petType: "dog" }) | { petType: string; name?: string }>',
  )
  expect(read.schemas.get('Cat')).toMatchObject({ allOf: [{ $ref: '#/$defs/Pet' }, {}] })
  const defs = { get: (name: string) => read.schemas.get(name) }
  expect(declarationsOf({ input: {}, output: read.only.outputSchema, defs, name: 'pets.list' })).toContain(
    'type PetsListOutput = ((Cat & {\n  petType: "cat"\n}) | (Dog & {\n  petType: "dog"\n}) | Pet)[]',
  )
  // Where the parent lists its values, it is nothing else.
  const closed = { ...schemas.Pet, properties: { petType: { enum: ['cat', 'dog'] } } }
  expect(await outputOf(ref('Pet'), { ...schemas, Pet: closed })).toEqual({
    anyOf: [tight('Cat', 'cat'), tight('Dog', 'dog')],
  })
  const itself = { ...closed, discriminator: { propertyName: 'petType', mapping: { ...mapping, pet: 'Pet' } } }
  const withItself = { ...itself, properties: { petType: { enum: ['cat', 'dog', 'pet'] } } }
  expect(await outputOf(ref('Pet'), { ...schemas, Pet: withItself })).toEqual({
    anyOf: [tight('Cat', 'cat'), tight('Dog', 'dog'), tight('Pet', 'pet')],
  })
})

test('a body that may be a child of its schema is given whole, and the fields of the child can be sent', async () => {
  const mapping = { cat: 'Cat' }
  const Pet = { ...pets.Pet, discriminator: { propertyName: 'petType', mapping } }
  const body = { anyOf: [tight('Cat', 'cat'), { $ref: '#/$defs/Pet' }] }
  const read = await readDocument(sending(ref('Pet'), { ...pets, Pet }))
  expect(read.only.inputSchema).toMatchObject({ properties: { body }, required: ['body'] })
  // The same where the mapping is said in what a schema adds to its own parent.
  const middle = { allOf: [{ type: 'object' }, Pet] }
  expect((await readDocument(sending(ref('Pet'), { ...pets, Pet: middle }))).only.inputSchema).toMatchObject({
    properties: { body },
  })
  // A child is one plain object.
  expect((await readDocument(sending(ref('Cat'), { ...pets, Pet }))).only.inputSchema).toMatchObject({
    properties: { petType: {}, name: {}, hunts: {} },
  })
})

test('children that hold a read-only part have their own form for inputs, even when their parent has none', async () => {
  const mapping = { cat: 'Cat' }
  const schemas = {
    Pet: { ...pets.Pet, discriminator: { propertyName: 'petType', mapping } },
    Cat: { allOf: [ref('Pet'), { type: 'object', properties: { id: { readOnly: true } } }] },
    Owner: { type: 'object', properties: { pet: ref('Pet') } },
  }
  const read = await readDocument(sending({ type: 'array', items: ref('Owner') }, schemas))
  expect(read.schemas.get('OwnerInput')).toEqual({
    type: 'object',
    properties: { pet: { anyOf: [tight('CatInput', 'cat'), { $ref: '#/$defs/PetInput' }] } },
  })
})

test('a parent of very many children, and one that lists them itself, stays as it is', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `Child${at}`)
  const children = Object.fromEntries(names.map((name) => [name, { allOf: [ref('Pet')] }]))
  const mapping = Object.fromEntries(names.map((name) => [name, name]))
  const Pet = { ...pets.Pet, discriminator: { propertyName: 'petType', mapping } }
  expect(await outputOf(ref('Pet'), { Pet, ...children })).toEqual({ $ref: '#/$defs/Pet' })
  const own = { oneOf: [ref('Cat')], discriminator: { propertyName: 'petType', mapping: { cat: 'Cat' } } }
  expect(await outputOf(ref('Own'), { ...pets, Own: own })).toEqual({ $ref: '#/$defs/Own' })
})

test('a mapping that leads nowhere, to itself or in circles does no harm', async () => {
  const discriminator = {
    propertyName: '__proto__',
    mapping: { __proto__: 'Pet', a: 'Nobody', b: '#/nowhere', c: 7, d: 'Loop' },
  }
  const schemas = {
    Pet: { type: 'object', discriminator },
    Loop: ref('Loop'),
    Both: { discriminator: 'old', oneOf: [ref('Both')] },
  }
  const read = await readDocument(answering({ prefixItems: [ref('Pet'), ref('Both')] }, schemas))
  expect(read.only.outputSchema).toEqual({ prefixItems: [{ $ref: '#/$defs/Pet' }, { $ref: '#/$defs/Both' }] })
  expect(read.problems).toEqual([
    '#/components/schemas/Loop: A discriminator names a schema that is not known: "#/components/schemas/Loop" only leads back to itself.',
    '#/nowhere: A discriminator names a schema that is not known: "#/nowhere" points to nothing.',
    `Nobody: A discriminator names a schema that is not known: "Nobody" is relative to the document's own address, which is not known.`,
  ])
  expect(read.schemas.get('Both')).toMatchObject({ oneOf: [tight('Both', 'Both', 'old')] })
})

test('schemas that are no components are named after what they are part of', async () => {
  const schema = { type: 'object', properties: { owner: { type: 'object', properties: { home: { type: 'object' } } } } }
  const paths = {
    '/a': { get: { responses: { 200: { $ref: '#/components/responses/Found' } } } },
    '/b': {
      get: { responses: { 200: json({ $ref: '#/components/responses/Found/content/application~1json/schema' }) } },
    },
    '/c': { get: { responses: { 200: json({ $ref: '#/components/schemas/Pet/properties/owner/properties/home' }) } } },
    '/d': {
      get: { responses: { 200: json({ $ref: '#/paths/~1b/get/responses/200/content/application~1json/schema/x' }) } },
    },
  }
  const read = await readDocument({
    openapi: '3.1.0',
    paths,
    components: { responses: { Found: json(schema) }, schemas: { Pet: schema } },
  })
  expect([...read.schemas.keys()]).toEqual(['Found', 'Home'])
})

test('a chain of ten thousand schemas is walked, not climbed', async () => {
  const length = 10_000
  const schemas = Object.fromEntries(
    Array.from({ length }, (_, at) => [
      `S${at}`,
      {
        type: 'object',
        properties: { next: at + 1 < length ? ref(`S${at + 1}`) : { type: 'string', readOnly: true } },
      },
    ]),
  )
  const started = performance.now()
  const read = await readDocument(sending({ type: 'array', items: ref('S0') }, schemas))
  expect(read.schemas.size).toBe(length)
  expect(read.schemas.has('S9999Input')).toBe(true)
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('parts of parts of parts are followed to any depth without running out of stack', async () => {
  const length = 5000
  const schemas = Object.fromEntries(
    Array.from({ length }, (_, at) => [
      `S${at}`,
      at + 1 < length
        ? { required: ['id'], allOf: [ref(`S${at + 1}`)] }
        : { type: 'object', properties: { id: { type: 'string', readOnly: true } } },
    ]),
  )
  const { only, problems } = await readDocument(
    around(
      { requestBody: { required: true, ...json(ref('S0')) }, responses: { 200: json(ref('S0')) } },
      { components: { schemas } },
    ),
  )
  expect(problems).toEqual([])
  expect(only.signature).toContain('Promise<')
  const mapped = Object.fromEntries(
    Array.from({ length: 5000 }, (_, at) => [
      `M${at}`,
      { type: 'object', discriminator: { propertyName: 'k', mapping: { a: `M${at + 1}` } } },
    ]),
  )
  expect((await readDocument(answering(ref('M0'), mapped))).schemas.size).toBe(2)
})

test('schemas that nest 150 levels deep are read, in JSON and in signatures', async () => {
  let schema: object = { type: 'string' }
  for (let level = 0; level < 150; level++) schema = level % 2 ? { type: 'array', items: schema } : { allOf: [schema] }
  const read = await readDocument(answering(schema))
  expect(JSON.stringify(read.only.outputSchema)).toBe(JSON.stringify(schema))
  expect(read.only.signature.length).toBeLessThan(500)
})
