import { expect, test } from 'vitest'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { declarationsOf, signatureOf } from './typescript.ts'

const none = new Map<string, JsonSchema>()

function signature(input: JsonSchema, output: JsonSchema | null = null, defs = none): string {
  return signatureOf({ input, output, defs })
}

test('a signature names required fields first and marks the others optional', () => {
  const input = {
    type: 'object',
    properties: { page: { type: 'integer' }, owner: { type: 'string' } },
    required: ['owner'],
    additionalProperties: false,
  }
  expect(signature(input, { type: 'boolean' })).toBe('(input: { owner: string; page?: number }) => Promise<boolean>')
})

test('an input that may be left out is optional, and one without fields is no parameter', () => {
  expect(signature({ type: 'object', properties: { q: { type: 'string' } } })).toBe(
    '(input?: { q?: string }) => Promise<unknown>',
  )
  expect(signature({ type: 'object', properties: {}, additionalProperties: false })).toBe('() => Promise<unknown>')
})

test('unions, enums, constants, nulls, arrays, tuples, maps and files have their TypeScript', () => {
  const properties = {
    state: { enum: ['open', 'closed', null] },
    kind: { const: 'a"b' },
    tags: { type: 'array', items: { type: ['string', 'null'] } },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
    labels: { type: 'object', additionalProperties: { type: 'number' } },
    file: { type: 'string', format: 'binary' },
    either: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    both: { allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] },
    'a-b': true,
    never: false,
  }
  expect(signatureOf({ input: { type: 'object', properties }, output: null, defs: none }, 1000)).toBe(
    '(input?: { state?: "open" | "closed" | null; kind?: "a\\"b"; tags?: (string | null)[]; pair?: [string, number]; ' +
      'labels?: Record<string, number>; file?: File; either?: string | number; both?: A & B; "a-b"?: unknown; ' +
      'never?: never }) => Promise<unknown>',
  )
})

test('a signature stays within its bound and says that it was cut', () => {
  const fields = Array.from({ length: 200 }, (_, index) => [
    `field_${index}`,
    { enum: Array.from({ length: 50 }, String) },
  ])
  const object = { type: 'object', properties: Object.fromEntries(fields) }
  const text = signature(object, { type: 'array', items: object })
  expect(text.length).toBeLessThanOrEqual(420)
  expect(text).toContain('…')
  expect(text).toMatch(/\}\) => Promise<\{.*\}\[\]>$/)
})

test('a shared schema at the root of the answer is shown field by field, and a scalar one as what it is', () => {
  const defs = new Map<string, JsonSchema>([
    [
      'Issue',
      {
        type: 'object',
        properties: { id: { $ref: '#/$defs/Id' }, parent: { $ref: '#/$defs/Issue' } },
        required: ['id'],
      },
    ],
    ['Id', { type: 'integer' }],
  ])
  expect(signature({ type: 'object' }, { $ref: '#/$defs/Issue' }, defs)).toContain(
    'Promise<{ id: number; parent?: Issue }>',
  )
})

test('declarations hold every type that is reached, once, cycles included', () => {
  const defs = new Map<string, JsonSchema>([
    [
      'Tree',
      {
        type: 'object',
        description: 'A tree.',
        properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
      },
    ],
  ])
  const input = {
    type: 'object',
    properties: { id: { type: 'string', format: 'uuid', description: 'Which.' } },
    required: ['id'],
  }
  expect(declarationsOf({ input, output: { $ref: '#/$defs/Tree' }, defs, name: 'trees.get' })).toBe(
    [
      'type TreesGetInput = {\n  /** Which. (uuid) */\n  id: string\n}',
      'type TreesGetOutput = Tree',
      '/** A tree. */\ntype Tree = {\n  children?: Tree[]\n}',
    ].join('\n\n'),
  )
})

test('a description cannot end its comment, nor start a line of its own', () => {
  const input = { type: 'object', properties: { a: { type: 'string', description: 'x */ evil()\n// y' } } }
  const text = declarationsOf({ input, output: null, defs: none, name: 'a' })
  expect(text).toContain('/** x *\\/ evil() // y */')
  expect(text.match(/\*\//g)).toHaveLength(1)
})

test('a shared schema that is called like the types of the tool keeps its name', () => {
  const defs = new Map<string, JsonSchema>([['AInput', { type: 'string' }]])
  const input = { type: 'object', properties: { x: { $ref: '#/$defs/AInput' } } }
  expect(declarationsOf({ input, output: null, defs, name: 'a' })).toMatch(
    /^type AInput_ = [\s\S]*type AInput = string$/,
  )
})

test('names that objects have themselves are names like any other', () => {
  const input: JsonSchema = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}}}',
  )
  expect(signature(input)).toBe('(input?: { __proto__?: string; constructor?: number }) => Promise<unknown>')
})

test('very deep schemas are cut instead of overflowing the stack', () => {
  let schema: JsonSchema = { type: 'string' }
  for (let depth = 0; depth < 5000; depth++) schema = { type: 'array', items: schema }
  expect(declarationsOf({ input: { type: 'object' }, output: schema, defs: none, name: 'a' })).toContain('unknown')
})
