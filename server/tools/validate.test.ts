import { expect, test } from 'vitest'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { FileValue } from '../sandbox/file.ts'
import { validateInput } from './validate.ts'

const issue: JsonSchema = {
  type: 'object',
  properties: {
    owner: { type: 'string' },
    title: { type: 'string', minLength: 2, maxLength: 5 },
    count: { type: 'integer', minimum: 1, maximum: 100 },
    state: { enum: ['open', 'closed'] },
    labels: { type: 'array', items: { $ref: '#/$defs/Label' }, maxItems: 2 },
    body: { type: ['string', 'null'] },
  },
  required: ['owner'],
  additionalProperties: false,
}
const defs: Record<string, JsonSchema> = {
  Label: { type: 'object', properties: { name: { type: 'string' }, colour: { type: 'string' } }, required: ['name'] },
}

function problemsOf(schema: JsonSchema, input: unknown, shared = defs): string {
  const validation = validateInput(schema, shared, input)
  return validation.ok ? 'ok' : validation.error.message
}

test('an input that fits is accepted', () => {
  const input = { owner: 'o', title: 'abc', count: 1, state: 'open', labels: [{ name: 'x' }], body: null }
  expect(problemsOf(issue, input)).toBe('ok')
})

test('no input counts as an empty object', () => {
  expect(problemsOf({ type: 'object', properties: {} }, undefined)).toBe('ok')
  expect(problemsOf(issue, undefined)).toBe('missing required field "owner" (string)')
})

test('an unknown field is named with the field that was probably meant', () => {
  expect(problemsOf(issue, { owner: 'o', titel: 'abc' })).toBe('unknown field "titel"; did you mean "title"?')
  expect(problemsOf(issue, { ownr: 'o' })).toBe('unknown field "ownr"; did you mean "owner" (string, required)?')
})

test('an unknown field that resembles nothing is answered with the fields there are', () => {
  expect(problemsOf(issue, { owner: 'o', zzz: 1 })).toBe(
    'unknown field "zzz"; known fields: owner, title, count, state, labels, body',
  )
})

test('where a schema is silent about more fields, only a misspelling is refused', () => {
  const label = (fields: object) => problemsOf(issue, { owner: 'o', labels: [{ name: 'x', ...fields }] })
  expect(label({ anything: 1 })).toBe('ok')
  expect(label({ color: 'red' })).toBe('labels[0]: unknown field "color"; did you mean "colour"?')
  expect(label({ colour: 'red', color: 'red' })).toBe('ok')
})

test('a wrong type says where, what was expected and what was given', () => {
  expect(problemsOf(issue, { owner: 7 })).toBe('owner: expected string, got number 7')
  expect(problemsOf(issue, { owner: 'o', count: '3' })).toBe('count: expected integer, got string "3"')
  expect(problemsOf(issue, { owner: 'o', labels: [3] })).toBe('labels[0]: expected object, got number 3')
  expect(problemsOf(issue, [])).toBe('expected object, got an array of 0')
  expect(problemsOf(issue, { owner: 'o', body: 1 })).toBe('body: expected string or null, got number 1')
})

test('choices, lengths and bounds are checked', () => {
  expect(problemsOf(issue, { owner: 'o', state: 'opne' })).toBe(
    'state: expected one of string "open", string "closed", got string "opne"; did you mean "open"?',
  )
  expect(problemsOf(issue, { owner: 'o', title: 'a' })).toBe('title: needs at least 2 characters, got 1')
  expect(problemsOf(issue, { owner: 'o', title: 'abcdef' })).toBe('title: takes at most 5 characters, got 6')
  expect(problemsOf(issue, { owner: 'o', title: '👍👍👍👍👍' })).toBe('ok')
  expect(problemsOf(issue, { owner: 'o', count: 101 })).toBe('count: must be at most 100, got 101')
  expect(problemsOf(issue, { owner: 'o', labels: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })).toBe(
    'labels: takes at most 2 items, got 3',
  )
})

test('all problems come in one error, at most ten of them spelled out', () => {
  const validation = validateInput(issue, defs, { count: 0, state: 1, title: 'a', extra: 1 })
  expect(validation.ok ? [] : validation.error).toMatchObject({ code: 'invalid_arguments' })
  expect(problemsOf(issue, { count: 0, state: 1, title: 'a' }).split('; ')).toHaveLength(4)
  const many = { type: 'array', items: { type: 'string' } }
  expect(problemsOf(many, Array(30).fill(1))).toMatch(/^\[0\]: expected .*; and 20 more$/)
})

test('alternatives need one that fits, and report the nearest when none does', () => {
  const schema: JsonSchema = {
    oneOf: [
      { type: 'string' },
      { type: 'object', properties: { kind: { const: 'a' }, size: { type: 'integer' } }, required: ['kind', 'size'] },
    ],
  }
  expect(problemsOf(schema, 'x')).toBe('ok')
  expect(problemsOf(schema, { kind: 'a', size: 1 })).toBe('ok')
  expect(problemsOf(schema, { kind: 'a', size: 'big' })).toBe('size: expected integer, got string "big"')
  expect(problemsOf({ anyOf: [{ type: 'integer' }, { type: 'number' }] }, 3)).toBe('ok')
})

test('a file is accepted where bytes are asked for, and nowhere else', () => {
  const file = new FileValue('a.png', 'image/png', new Uint8Array(2))
  for (const schema of [
    { type: 'string', format: 'binary' },
    { type: 'string', contentEncoding: 'base64' },
    {},
    true,
  ]) {
    expect(problemsOf(schema, file)).toBe('ok')
    expect(problemsOf(schema, new Uint8Array(1))).toBe('ok')
  }
  expect(problemsOf({ type: 'object', properties: { id: { type: 'integer' } } }, { id: file })).toBe(
    'id: expected integer, got a file (image/png)',
  )
})

test('a file is not text', () => {
  const file = new FileValue('a.txt', 'text/plain', new Uint8Array(2))
  expect(problemsOf(issue, { owner: file })).toBe('owner: expected string, got a file (text/plain)')
})

test('a catastrophic pattern is not run, a simple one is', () => {
  const text = `${'a'.repeat(200)}!`
  for (const pattern of [
    '^(a+)+$',
    '^(a|aa)*$',
    '(.*)*x',
    '^(a?){50}$',
    '(a*)(a*)(a*)(a*)$',
    '(?=a+)+b',
    String.raw`(a)\1+$`,
  ]) {
    expect(problemsOf({ type: 'string', pattern }, text)).toBe('ok')
  }
  expect(problemsOf({ type: 'string', pattern: '^[a-z]+$' }, 'A1')).toBe('must match /^[a-z]+$/, got string "A1"')
  expect(problemsOf({ type: 'string', pattern: '([' }, 'A1')).toBe('ok')
})

test('cyclic references and alternatives that multiply come to an end', () => {
  const loop: Record<string, JsonSchema> = {
    A: { $ref: '#/$defs/B' },
    B: { $ref: '#/$defs/A' },
    Many: {
      anyOf: Array.from({ length: 20 }, () => ({ allOf: [{ $ref: '#/$defs/Many' }, { $ref: '#/$defs/Many' }] })),
    },
    Tree: { type: 'object', properties: { next: { $ref: '#/$defs/Tree' }, id: { type: 'string' } } },
  }
  expect(problemsOf({ $ref: '#/$defs/A' }, 1, loop)).toBe('ok')
  expect(problemsOf({ $ref: '#/$defs/Many' }, 1, loop)).toBe('ok')
  expect(problemsOf({ $ref: '#/$defs/Tree' }, { next: { next: { id: 1 } } }, loop)).toBe(
    'next.next.id: expected string, got number 1',
  )
  let deep: unknown = {}
  for (let level = 0; level < 100_000; level++) deep = { next: deep }
  expect(problemsOf({ $ref: '#/$defs/Tree' }, deep, loop)).toBe('ok')
})

test('a field named like something on Object.prototype is an ordinary unknown field', () => {
  expect(problemsOf(issue, JSON.parse('{"owner":"o","__proto__":1}'))).toMatch(/^unknown field "__proto__"/)
  expect(problemsOf({ ...issue, required: ['constructor'] }, { owner: 'o' })).toMatch(/missing required field/)
})
