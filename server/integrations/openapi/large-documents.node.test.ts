// Time that grows with the document and no faster. The bounds are wide: what is quadratic misses them by far.
import { expect, test } from 'vitest'
import { around, discovered, json, readDocument, sourceOf } from '../../testing/read-document.ts'
import type { Discovered, Source } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { discoverOperations } from './discover.ts'

/** `count` operations, each with a parameter and an answer. */
function operations(count: number): Source {
  const encoder = new TextEncoder()
  const ref = (name: string) => `{"$ref": "#/components/${name}"}`
  const content = `"content": {"application/json": {"schema": ${ref('schemas/Thing')}}}`
  const chunks = [encoder.encode('{"openapi": "3.1.0", "info": {"title": "Large", "version": "1"}, "paths": {')]
  for (let at = 0; at < count; at++) {
    const operation = `{"operationId": "a/op${at}","parameters":[${ref('parameters/page')}],"responses":{"200":{${content}}}}`
    chunks.push(encoder.encode(`${at === 0 ? '' : ','}"/a/${at}/{id}":{"post":${operation}}`))
  }
  const components = `"components": {"parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer"}}},
    "schemas": {"Thing": {"type": "object", "properties": {"a": {"type": "string"}, "next": ${ref('schemas/Thing')}}}}}`
  chunks.push(encoder.encode(`}, ${components}}`))
  return { documents: [{ bytes: bytesOf(chunks) }], referenced: [] }
}

test('of a document of 100,000 operations the first and the last are read', { timeout: 60_000 }, () => {
  const source = operations(100_000)
  const first: Discovered[] = []
  for (const item of discoverOperations(source)) {
    first.push(item)
    if (first.length === 3002) break
  }
  expect(first[0]).toMatchObject({ type: 'about', operationCount: 100_000 })
  expect(first.at(-1)).toMatchObject({ type: 'tool', operation: 'POST /a/2999/{id}' })
  const handedOn = [{ name: 'Thing', place: 'output #/components/schemas/Thing' }]
  const last = [...discoverOperations(source, { done: 97_000, schemas: handedOn })]
  expect(last.map(({ type }) => type)).toEqual(['about', ...Array.from({ length: 3000 }, () => 'tool')])
})

test('ten thousand schemas that all lead to one another are looked at once each', { timeout: 60_000 }, async () => {
  const length = 10_000
  const ref = (at: number) => ({ $ref: `#/components/schemas/S${at % length}` })
  const schemas = Object.fromEntries(
    Array.from({ length }, (_, at) => [
      `S${at}`,
      {
        type: 'object',
        properties: { a: ref(at + 1), b: ref(at * 7 + 3), c: ref(at * 31 + 11), id: { readOnly: at === 9_999 } },
      },
    ]),
  )
  const list = (at: number) => json({ type: 'array', items: ref(at) })
  const paths = Array.from({ length: 200 }, (_, at) => [
    `/p${at}`,
    { post: { requestBody: { required: true, ...list(at * 50) }, responses: { 200: list(at * 50 + 1) } } },
  ])
  const document = { openapi: '3.1.0', paths: Object.fromEntries(paths), components: { schemas } }
  const { schemas: rows, tools } = await readDocument(document)
  expect([rows.size, tools.length]).toEqual([2 * length, 200])
})

test(
  'schemas of operations that are named alike get names in time that grows with them',
  { timeout: 60_000 },
  async () => {
    const count = 3000
    const paths = Array.from({ length: count }, (_, at) => {
      const items = { $ref: `#/paths/~1p${at}/get/responses/200/x-schema` }
      const response = { 'x-schema': { type: 'object' }, ...json({ type: 'array', items }) }
      return [`/p${at}`, { get: { responses: { 200: response } } }]
    })
    const { schemas } = await readDocument({ openapi: '3.1.0', paths: Object.fromEntries(paths) })
    expect(schemas.size).toBe(count)
  },
)

test('a value that is too large costs the operation that needs it, and nothing else', { timeout: 60_000 }, async () => {
  const large = Array.from(
    { length: 60_000 },
    (_, at) => `a value of an enum with the number ${at} and some text behind it`,
  )
  const paths = {
    '/itself': { get: { description: 'x', 'x-large': [...large, ...large] } },
    '/answers': { get: { responses: { 200: json({ $ref: '#/components/schemas/Large' }) } } },
    '/asks': { get: { parameters: [{ $ref: '#/components/parameters/large' }] } },
    '/fine': { get: {} },
  }
  const components = {
    schemas: { Large: { enum: [...large, ...large] } },
    parameters: { large: { name: 'x', in: 'query', schema: { enum: [...large, ...large] } } },
  }
  const { tools, problems } = await readDocument({ openapi: '3.1.0', paths, components })
  expect(tools.map((tool) => tool.operation)).toEqual(['GET /answers', 'GET /fine'])
  expect(problems).toHaveLength(3)
  for (const problem of problems) expect(problem).toContain('above the limit of 4 MiB')
})

test('reports are short, few and different, whatever a document does', { timeout: 60_000 }, async () => {
  const name = 'x'.repeat(5000)
  const callbacks = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`${name}${at}`, {}]))
  const parameters = Array.from({ length: 1000 }, () => ({ name: 'a', in: 'nowhere' }))
  const responses = { 200: json({ prefixItems: Array.from({ length: 1000 }, () => ({ $ref: `gone.json#/${name}` })) }) }
  const found = await discovered(sourceOf(around({ parameters, responses, callbacks })))
  const skipped = found.filter((item) => item.type === 'skipped')
  expect(skipped.length).toBeLessThan(5)
  for (const { place, reason } of skipped) expect(place.length + reason.length).toBeLessThan(1000)
})

test('references to ever more parts of a document end somewhere', { timeout: 120_000 }, async () => {
  const count = 101_000
  const parts = Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, { type: 'object' }]))
  const prefixItems = Array.from({ length: count }, (_, at) => ({ $ref: `#/components/parts/a${at}` }))
  const paths = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [
      `/p${at}`,
      { get: { responses: { 200: json({ prefixItems: prefixItems.slice(at * 5050, (at + 1) * 5050) }) } } },
    ]),
  )
  const { schemas, tools, problems } = await readDocument({ openapi: '3.1.0', paths, components: { parts } })
  expect([schemas.size, tools.length]).toEqual([100_000, 20])
  expect(problems).toEqual(['#: There are too many schemas; values of those that come last are not checked.'])
})
