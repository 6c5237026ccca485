// Reading that is interrupted after anything that was handed on, and goes on from there, hands on the same as reading that
// is not.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { around, discovered, json, readDocument, sourceOf } from '../../testing/read-document.ts'
import type { Discovered, Position, Source } from '../adapter.ts'

const url = 'https://acme.test/api/openapi.json'
const other = 'https://acme.test/api/other.json'

/** Names that collide as type names, that objects have themselves, and that need escapes. */
const names = [
  'user',
  'User',
  'user-name',
  'UserInput',
  'userInput2',
  '__proto__',
  'constructor',
  'a/b',
  'a~b',
  '日本',
  'Promise',
]

const name = fc.constantFrom(...names)
const pointerTo = (target: string) => target.replaceAll('~', '~0').replaceAll('/', '~1')
const reference = fc.oneof(
  { weight: 6, arbitrary: name.map((target) => `#/components/schemas/${pointerTo(target)}`) },
  { weight: 2, arbitrary: name.map((target) => `#/components/schemas/${pointerTo(target)}/properties/inner`) },
  { weight: 1, arbitrary: name.map((target) => `#/components/schemas/${pointerTo(target)}/allOf/0`) },
  { weight: 2, arbitrary: name.map((target) => `other.json#/${pointerTo(target)}`) },
  { weight: 1, arbitrary: name.map((target) => `other.json#/${pointerTo(target)}/properties/inner`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('#/paths/~1p0/post/responses/200/content/application~1json/schema', 'gone.json#/x'),
  },
)

const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<object>(
      { type: 'string' },
      { type: 'integer', readOnly: true },
      { type: 'string', writeOnly: true },
      {},
    ),
    reference.map(($ref) => ({ $ref })),
    fc
      .record({ inner: tie('schema'), id: tie('schema') }, { requiredKeys: ['inner'] })
      .map((properties) => ({ type: 'object', properties, required: ['id'] })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((allOf) => ({ allOf })),
    fc
      .array(reference, { minLength: 1, maxLength: 3 })
      .map((references) => ({ oneOf: references.map(($ref) => ({ $ref })), discriminator: { propertyName: 'kind' } })),
    fc
      .dictionary(fc.constantFrom('x', 'y'), reference)
      .map((mapping) => ({ type: 'object', discriminator: { propertyName: 'kind', mapping } })),
    tie('schema').map((items) => ({ type: 'array', items })),
  ),
}))

const schemas = fc.uniqueArray(fc.tuple(name, schema), { selector: ([key]) => key, maxLength: names.length })
const operation = fc.record({
  body: fc.option(schema, { nil: undefined }),
  answer: fc.option(schema, { nil: undefined }),
  query: fc.option(schema, { nil: undefined }),
  isBroken: fc.boolean(),
})

const source = fc
  .record({ components: schemas, others: schemas, operations: fc.array(operation, { minLength: 1, maxLength: 5 }) })
  .map(({ components, others, operations }): Source => {
    const paths = operations.map(({ body, answer, query, isBroken }, at): [string, object] => [
      `/p${at}`,
      {
        post: {
          ...(body ? { requestBody: { required: true, ...json(body) } } : {}),
          ...(answer ? { responses: { 200: json(answer) } } : {}),
          parameters: [
            ...(query ? [{ name: 'q', in: 'query', schema: query }] : []),
            ...(isBroken && at % 2 ? [{ $ref: '#/nowhere' }] : []),
          ],
        },
      },
    ])
    const document = {
      openapi: '3.1.0',
      info: { title: 'Generated' },
      paths: Object.fromEntries(paths),
      components: { schemas: Object.fromEntries(components) },
    }
    return sourceOf(document, { url, files: { [other]: Object.fromEntries(others) } })
  })

const kept = (items: Discovered[]) =>
  items.filter(
    (item) => item.type === 'tool' || item.type === 'schema' || (item.type === 'skipped' && item.isOperation),
  )

function positionAfter(items: Discovered[]): Position {
  return {
    done: items.filter((item) => item.type === 'tool' || (item.type === 'skipped' && item.isOperation)).length,
    schemas: items.flatMap((item) => (item.type === 'schema' ? { name: item.name, place: item.place } : [])),
  }
}

async function expectSameFromEverywhere(given: Source): Promise<void> {
  const whole = await discovered(given)
  for (let cut = 1; cut <= whole.length; cut++) {
    const before = whole.slice(0, cut)
    const [about, ...after] = await discovered(given, positionAfter(before))
    expect(about).toEqual(whole[0])
    expect(kept([...before, ...after])).toEqual(kept(whole))
  }
}

test('for documents of any shape, every cut is healed', async () => {
  await fc.assert(fc.asyncProperty(source, expectSameFromEverywhere), { numRuns: 150 })
})

test('a name that is only part of another one is not taken', async () => {
  const at = (schema: string) => ({ type: 'array', items: { $ref: `#/components/schemas/${schema}/properties/inner` } })
  const inner = { type: 'object', properties: { id: { type: 'string', readOnly: true } } }
  const document = {
    openapi: '3.1.0',
    paths: {
      '/a': { post: { requestBody: { required: true, ...json(at('A')) } } },
      '/b': { get: { responses: { 200: json(at('B')) } } },
    },
    components: { schemas: { A: { properties: { inner } }, B: { properties: { inner: { type: 'string' } } } } },
  }
  const { schemas } = await readDocument(document)
  expect([...schemas.keys()]).toEqual(['InnerInput', 'Inner'])
  await expectSameFromEverywhere(sourceOf(document))
})

test('so is a second cut, and a third', async () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 })
  const holds = async (given: Source, shares: number[]) => {
    const whole = await discovered(given)
    let read = whole.slice(0, 1)
    for (const share of shares) {
      const more = (await discovered(given, positionAfter(read))).slice(1)
      read = [...read, ...more.slice(0, Math.floor(more.length * share))]
    }
    read = [...read, ...(await discovered(given, positionAfter(read))).slice(1)]
    expect(kept(read)).toEqual(kept(whole))
  }
  await fc.assert(fc.asyncProperty(source, cuts, holds), { numRuns: 100 })
})

test('every reference leads to a schema that was handed on, and every schema is reached once', async () => {
  const holds = async (given: Source) => {
    const known = new Set<string>()
    for (const item of await discovered(given)) {
      const size = known.size
      if (item.type === 'schema') known.add(item.name)
      expect(known.size).toBe(item.type === 'schema' ? size + 1 : size)
      if (item.type !== 'tool') continue
      const referred = JSON.stringify([item.inputSchema, item.outputSchema]).matchAll(/"\$ref":"#\/\$defs\/([^"]*)"/g)
      for (const [, name = ''] of referred) expect(known).toContain(name)
    }
    const bodies = (await discovered(given)).flatMap((item) => (item.type === 'schema' ? [item.body] : []))
    for (const [, name = ''] of JSON.stringify(bodies).matchAll(/"\$ref":"#\/\$defs\/([^"]*)"/g))
      expect(known).toContain(name)
  }
  await fc.assert(fc.asyncProperty(source, holds), { numRuns: 150 })
})

test('what is wrong with the document as a whole is said once', async () => {
  const document = { ...around({}), paths: { '/a': { get: {}, post: { callbacks: { x: {} } } } }, webhooks: { w: {} } }
  const first = await readDocument(document)
  expect(first.problems).toHaveLength(2)
  const rest = await readDocument(document, { from: { done: 1, schemas: [] } })
  expect(rest.problems).toEqual(['POST /a: 1 callback is sent by the API and cannot be called: x.'])
  expect(rest.tools.map((tool) => tool.operation)).toEqual(['POST /a'])
})

test('a position at or behind the end leaves nothing to read', async () => {
  for (const done of [1, 2, 1000]) {
    const found = await discovered(sourceOf(around({})), { done, schemas: [] })
    expect(found.map(({ type }) => type)).toEqual(['about'])
  }
})
