import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { exampleCall } from './example-call.ts'

test('a tool without required fields is called without arguments', () => {
  const input = { type: 'object', properties: { page: { type: 'integer' } } }
  expect(exampleCall('github.meta.get', input, {})).toBe('return await tools.github.meta.get()')
  expect(exampleCall('github.meta.get', true, {})).toBe('return await tools.github.meta.get()')
})

test('required fields get a value of their type, and what the schema suggests comes first', () => {
  const input = {
    type: 'object',
    required: ['owner', 'number', 'state', 'labels', 'since', 'X-Mode'],
    properties: {
      owner: { type: 'string', examples: ['octocat'] },
      number: { type: 'integer', minimum: 7 },
      state: { enum: ['open', 'closed'] },
      labels: { type: 'array', items: { type: 'string' } },
      since: { type: ['string', 'null'], format: 'date' },
      'X-Mode': { type: 'boolean' },
    },
  }
  expect(exampleCall('github.issues.get', input, {})).toBe(
    [
      'return await tools.github.issues.get({',
      '  owner: "octocat",',
      '  number: 7,',
      '  state: "open",',
      '  labels: ["…"],',
      '  since: "2026-01-31",',
      '  "X-Mode": true,',
      '})',
    ].join('\n'),
  )
})

test('shared schemas are followed, also when they contain themselves', () => {
  const definitions = {
    Node: {
      type: 'object',
      required: ['child', 'name'],
      properties: { child: { $ref: '#/$defs/Node' }, name: { type: 'string' } },
    },
  }
  const call = exampleCall(
    'x.add',
    { type: 'object', required: ['node'], properties: { node: { $ref: '#/$defs/Node' } } },
    definitions,
  )
  expect(call).toContain('child: { child: { child: {}, name: "…" }, name: "…" },')
  const choice: Record<string, JsonSchema> = { A: { anyOf: [{ $ref: '#/$defs/A' }] } }
  expect(exampleCall('x.add', { $ref: '#/$defs/A' }, choice)).toBe('return await tools.x.add()')
})

test('schemas that all require one another make an example of bounded size', () => {
  const names = Array.from({ length: 100 }, (_, index) => `f${index}`)
  const wide = {
    type: 'object',
    required: names,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: '#/$defs/Wide' }])),
  }
  expect(exampleCall('a.b', wide, { Wide: wide }).length).toBeLessThan(10_000)
})
