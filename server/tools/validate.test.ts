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

test('a part of the name of a field is enough when no other field has it', () => {
  const fields: JsonSchema = {
    type: 'object',
    properties: { issue_number: { type: 'integer' }, petId: {}, orderId: {}, perPage: {} },
    required: ['issue_number'],
    additionalProperties: false,
  }
  expect(problemsOf(fields, { number: 1 })).toBe(
    'unknown field "number"; did you mean "issue_number" (integer, required)?',
  )
  expect(problemsOf(fields, { issue_number: 1, per: 1 })).toBe('unknown field "per"; did you mean "perPage"?')
  expect(problemsOf(fields, { issue_number: 1, id: 1 })).toMatch(/^unknown field "id"; known fields:/)
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
  expect(problemsOf({ type: 'object', required: ['constructor'] }, {})).toMatch(/missing required field "constructor"/)
})

test('an integer that no number holds may be text, as answers have it', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { id: { type: 'integer', maximum: 5 }, n: { type: 'number' } },
  }
  expect(problemsOf(schema, { id: '12345678901234567890' })).toBe('ok')
  expect(problemsOf(schema, { id: '-9007199254740993' })).toBe('ok')
  expect(problemsOf(schema, { id: '12' })).toBe('id: expected integer, got string "12"')
  expect(problemsOf(schema, { id: '1234567890123456789x' })).toMatch(/^id: expected integer/)
  expect(problemsOf(schema, { n: '12345678901234567890' })).toMatch(/^n: expected number/)
})

test('numbers are multiples as people count them, and NaN is none', () => {
  const price: JsonSchema = { type: 'number', multipleOf: 0.01 }
  for (const value of [19.99, 0.07, 1.1, 0, -3.33, 1e15]) expect(problemsOf(price, value)).toBe('ok')
  expect(problemsOf(price, 0.005)).toBe('must be a multiple of 0.01, got 0.005')
  expect(problemsOf({ type: 'integer', multipleOf: 5 }, 12)).toBe('must be a multiple of 5, got 12')
  expect(problemsOf({ multipleOf: 0 }, 1)).toBe('ok')
  expect(problemsOf({ multipleOf: 1e-300 }, 1e300)).toBe('ok')
  expect(problemsOf({ type: 'number' }, Number.NaN)).toBe('expected number, got number NaN')
  expect(problemsOf({ type: 'number' }, Number.POSITIVE_INFINITY)).toBe('expected number, got number Infinity')
})

test('constants and choices are equal as JSON', () => {
  const schema: JsonSchema = { const: { a: 1, b: [2, { c: null }] } }
  expect(problemsOf(schema, { b: [2, { c: null }], a: 1 })).toBe('ok')
  expect(problemsOf(schema, { b: [{ c: null }, 2], a: 1 })).toBe('expected an object, got an object')
  expect(problemsOf({ properties: { a: { enum: [1, '1', null] } } }, { a: null })).toBe('ok')
  expect(problemsOf({ const: 1 }, '1')).toBe('expected number 1, got string "1"')
})

test('choices that a document lists under another type are still its choices', () => {
  const rating: JsonSchema = { type: 'integer', enum: ['1', '2'] }
  expect(problemsOf(rating, 2)).toBe('ok')
  expect(problemsOf(rating, '2')).toBe('ok')
  expect(problemsOf(rating, 3)).toBe('expected one of string "1", string "2", got number 3')
  expect(problemsOf(rating, 'x')).toBe('expected integer, got string "x"')
  const purposes: JsonSchema = { type: 'array', items: { type: 'string' }, enum: ['a', 'b'] }
  expect(problemsOf(purposes, ['b', 'a'])).toBe('ok')
  expect(problemsOf(purposes, ['c'])).toBe('expected one of string "a", string "b", got an array of 1')
  expect(problemsOf({ type: 'string', enum: ['1'] }, 1)).toBe('expected string, got number 1')
})

test('a pattern that was escaped twice, or is a literal of JavaScript, refuses nothing that was meant', () => {
  expect(problemsOf({ type: 'string', pattern: String.raw`\\+[1-9]\\d{1,14}$` }, '+4912345')).toBe('ok')
  expect(problemsOf({ type: 'string', pattern: '/^[a-z]+$/' }, 'abc')).toBe('ok')
  expect(problemsOf({ type: 'string', pattern: '/^[a-z]+$/' }, 'ABC')).toMatch(/^must match/)
  expect(problemsOf({ type: 'string', pattern: '/^[a-z]+$/i' }, 'ABC')).toBe('ok')
})

test('arrays: tuples, what they contain, and what is there twice', () => {
  const pair: JsonSchema = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false }
  expect(problemsOf(pair, ['a', 1])).toBe('ok')
  expect(problemsOf(pair, ['a'])).toBe('ok')
  expect(problemsOf(pair, ['a', 'b'])).toBe('[1]: expected integer, got string "b"')
  expect(problemsOf(pair, ['a', 1, 2])).toBe('[2]: is not allowed here')
  const some: JsonSchema = { type: 'array', contains: { type: 'integer' }, minContains: 2, maxContains: 3 }
  expect(problemsOf(some, ['a', 1, 2])).toBe('ok')
  expect(problemsOf(some, ['a', 1])).toBe('needs at least 2 items that are integer, got 1')
  expect(problemsOf(some, [1, 2, 3, 4])).toBe('takes at most 3 items that are integer, got 4')
  expect(problemsOf({ type: 'array', contains: { const: 'x' } }, [])).toBe('needs at least 1 items that are "x", got 0')
  expect(problemsOf({ type: 'array', contains: { type: 'integer' }, minContains: 0 }, [])).toBe('ok')
  const unique: JsonSchema = { type: 'array', uniqueItems: true }
  expect(problemsOf(unique, [1, '1', { a: 1, b: 2 }, { a: 1 }])).toBe('ok')
  expect(problemsOf(unique, [{ a: 1, b: 2 }, 'x', { b: 2, a: 1 }])).toBe(
    '[2]: is there already; every item must be different',
  )
})

test('objects: how many fields, what their names are, and which belong together', () => {
  expect(problemsOf({ type: 'object', minProperties: 1 }, {})).toBe('needs at least 1 fields, got 0')
  expect(problemsOf({ type: 'object', maxProperties: 1 }, { a: 1, b: 2 })).toBe('takes at most 1 fields, got 2')
  const named: JsonSchema = { type: 'object', propertyNames: { pattern: '^[a-z]+$', maxLength: 3 } }
  expect(problemsOf(named, { abc: 1 })).toBe('ok')
  expect(problemsOf(named, { ABC: 1 })).toBe('field "ABC" is not allowed here')
  const card: JsonSchema = {
    type: 'object',
    properties: { number: {}, code: {}, note: {} },
    dependentRequired: { number: ['code'] },
    dependentSchemas: { code: { properties: { note: false } } },
  }
  expect(problemsOf(card, { note: 1 })).toBe('ok')
  expect(problemsOf(card, { number: 1, code: 2 })).toBe('ok')
  expect(problemsOf(card, { number: 1 })).toBe('missing field "code", which is required beside "number"')
  expect(problemsOf(card, { code: 1, note: 2 })).toBe('note: is not allowed here (because of "code")')
})

test('fields that patterns describe are checked by them, and are not unknown', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { name: { type: 'string' } },
    patternProperties: { '^x-': { type: 'integer' }, '^(a+)+$': {} },
    additionalProperties: false,
  }
  expect(problemsOf(schema, { name: 'n', 'x-a': 1 })).toBe('ok')
  expect(problemsOf(schema, { 'x-a': 'b' })).toBe('["x-a"]: expected integer, got string "b"')
  // A pattern that is not run may well describe it.
  expect(problemsOf(schema, { aaa: 1 })).toBe('ok')
  const plain: JsonSchema = { ...schema, patternProperties: { '^x-': {} } }
  expect(problemsOf(plain, { other: 1 })).toBe('unknown field "other"; known fields: name')
  expect(problemsOf({ type: 'object', additionalProperties: { type: 'integer' } }, { a: 'b' })).toBe(
    'a: expected integer, got string "b"',
  )
})

test('not, if, then and else hold where it is sure that they do', () => {
  expect(problemsOf({ not: { type: 'string' } }, 'x')).toBe('must not be a value of {"type":"string"}')
  expect(problemsOf({ not: { required: ['a', 'b'] } }, { a: 1, b: 2 })).toBe('must not be given with "a" and "b"')
  expect(problemsOf({ not: { required: ['a', 'b'] } }, { a: 1 })).toBe('ok')
  expect(problemsOf({ not: {} }, 1)).toBe('must not be given')
  const address: JsonSchema = {
    type: 'object',
    properties: { country: { type: 'string' }, zip: { type: 'string' }, state: { type: 'string' } },
    if: { properties: { country: { const: 'US' } }, required: ['country'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
    then: { required: ['zip'] },
    else: { properties: { state: false } },
  }
  expect(problemsOf(address, { country: 'US', zip: '1' })).toBe('ok')
  expect(problemsOf(address, { country: 'US' })).toBe('missing required field "zip" (string)')
  expect(problemsOf(address, { country: 'DE' })).toBe('ok')
  expect(problemsOf(address, { state: 'x' })).toBe('state: is not allowed here')
  // Formats, patterns that are not run and references to nothing are not known to hold.
  for (const unsure of [
    { format: 'uuid' },
    { pattern: '^(a+)+$' },
    { $ref: '#/$defs/Absent' },
    { not: { format: 'date' } },
  ]) {
    expect(problemsOf({ not: unsure }, 'aaa')).toBe('ok')
    expect(problemsOf({ if: unsure, else: false }, 'aaa')).toBe('ok')
  }
  // A word that resembles a field is a misspelling to an agent, and nothing to a condition.
  const open: JsonSchema = { if: { properties: { colour: {} } }, else: false }
  expect(problemsOf(open, { color: 'red' })).toBe('ok')
})

test('a discriminator says which alternative was meant, and only that one is explained', () => {
  const shapes: Record<string, JsonSchema> = {
    Circle: {
      type: 'object',
      properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
      required: ['kind', 'radius'],
    },
    Square: {
      allOf: [
        { type: 'object', properties: { kind: { enum: ['square', 'box'] } }, required: ['kind'] },
        { properties: { side: { type: 'number' } }, required: ['side'] },
      ],
    },
  }
  const shape: JsonSchema = { oneOf: [{ $ref: '#/$defs/Circle' }, { $ref: '#/$defs/Square' }] }
  expect(problemsOf(shape, { kind: 'circle', radius: 1 }, shapes)).toBe('ok')
  expect(problemsOf(shape, { kind: 'box', side: 1 }, shapes)).toBe('ok')
  expect(problemsOf(shape, { kind: 'circle', side: 1 }, shapes)).toBe('missing required field "radius" (number)')
  expect(problemsOf(shape, { kind: 'square', side: 'x' }, shapes)).toBe('side: expected number, got string "x"')
  expect(problemsOf(shape, { kind: 'circel', radius: 1 }, shapes)).toBe(
    'kind: expected one of string "circle", string "square", string "box", got string "circel"; did you mean "circle"?',
  )
  expect(problemsOf(shape, { radius: 'x' }, shapes)).toMatch(/missing required field "kind"/)
  // What stands beside a reference narrows it, as a mapping does.
  const mapped: JsonSchema = {
    anyOf: [
      { $ref: '#/$defs/Pet', properties: { type: { const: 'cat' } }, required: ['type'] },
      { $ref: '#/$defs/Pet', properties: { type: { const: 'dog' } }, required: ['type'] },
    ],
  }
  const pets: Record<string, JsonSchema> = { Pet: { type: 'object', properties: { type: { type: 'string' } } } }
  expect(problemsOf(mapped, { type: 'dog' }, pets)).toBe('ok')
  expect(problemsOf(mapped, { type: 'cow' }, pets)).toBe(
    'type: expected one of string "cat", string "dog", got string "cow"',
  )
})

test('a closed object knows the fields of what it is composed of', () => {
  const named: JsonSchema = { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false }
  const sized: JsonSchema = { type: 'object', properties: { size: { type: 'integer' } }, additionalProperties: false }
  const both: JsonSchema = { allOf: [{ $ref: '#/$defs/Named' }, sized] }
  expect(problemsOf(both, { name: 'n', size: 1 }, { Named: named })).toBe('ok')
  expect(problemsOf(both, { name: 'n', sise: 1 }, { Named: named })).toMatch(
    /unknown field "sise"; did you mean "size"/,
  )
  const beside: JsonSchema = { ...sized, allOf: [{ properties: { name: {} } }], anyOf: [{ properties: { tag: {} } }] }
  expect(problemsOf(beside, { name: 'n', size: 1, tag: 't' })).toBe('ok')
  expect(problemsOf(beside, { zzz: 1 })).toBe('unknown field "zzz"; known fields: size')
  const unevaluated: JsonSchema = { allOf: [{ properties: { name: {} } }], unevaluatedProperties: false }
  expect(problemsOf(unevaluated, { name: 1 })).toBe('ok')
  expect(problemsOf(unevaluated, { nam: 1 })).toMatch(/^unknown field "nam"/)
  const open: JsonSchema = { allOf: [{ additionalProperties: { type: 'object' } }, { properties: { name: {} } }] }
  expect(problemsOf(open, { name: 'n', more: {} })).toBe('ok')
  expect(problemsOf(open, { name: 'n', more: 1 })).toBe('more: expected object, got number 1')
  // One alternative does not know the fields of another.
  const either: JsonSchema = { oneOf: [named, sized] }
  expect(problemsOf(either, { name: 'n' })).toBe('ok')
  expect(problemsOf(either, { name: 'n', size: 1 })).toMatch(/^unknown field/)
})

test('a required field that a closed object does not have is asked of nobody, and in an open one it is no misspelling', () => {
  const closed: JsonSchema = { ...issue, required: ['owner', 'defaultOwner'] }
  expect(problemsOf(closed, { owner: 'o' })).toBe('ok')
  expect(problemsOf(closed, {})).toBe('missing required field "owner" (string)')
  const open: JsonSchema = { type: 'object', properties: { GeoLocation: {} }, required: ['Geolocation'] }
  expect(problemsOf(open, { Geolocation: 1 })).toBe('ok')
  expect(problemsOf(open, { GeoLocation: 1 })).toBe('missing required field "Geolocation" (any)')
})

test('a file is held to alternatives like any other value', () => {
  const file = new FileValue('a.png', 'image/png', new Uint8Array(2))
  const binary: JsonSchema = { type: 'string', format: 'binary' }
  expect(problemsOf({ anyOf: [{ type: 'array' }, binary] }, file)).toBe('ok')
  expect(problemsOf({ anyOf: [{ type: 'array' }, { type: 'integer' }] }, file)).toBe(
    'expected array, got a file (image/png)',
  )
  expect(problemsOf({ $ref: '#/$defs/Content' }, file, { Content: binary })).toBe('ok')
})

test('a reference to a schema that is not given accepts anything', () => {
  const schema: JsonSchema = { type: 'object', properties: { a: { $ref: '#/$defs/Absent' } }, required: ['a'] }
  for (const value of [1, 'x', [], {}, null]) expect(problemsOf(schema, { a: value }, {})).toBe('ok')
  expect(problemsOf({ allOf: [{ $ref: '#/$defs/Absent' }], additionalProperties: false }, { anything: 1 }, {})).toBe(
    'ok',
  )
  expect(problemsOf({ $ref: '#/$defs/__proto__' }, 1, {})).toBe('ok')
})

test('very many names, alternatives and conditions come to an end', () => {
  const properties = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`${'field'.repeat(10)}${at}`, {}]))
  const wide: JsonSchema = { type: 'object', properties, additionalProperties: false }
  const input = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${'feild'.repeat(10)}x${at}`, 1]))
  expect(problemsOf(wide, input)).toMatch(/^unknown field/)
  const loop: Record<string, JsonSchema> = {
    Not: { not: { $ref: '#/$defs/Not' }, if: { $ref: '#/$defs/Not' }, else: { $ref: '#/$defs/Not' } },
    Many: { not: { anyOf: Array.from({ length: 30 }, () => ({ not: { $ref: '#/$defs/Many' } })) } },
  }
  expect(problemsOf({ $ref: '#/$defs/Not' }, { a: 1 }, loop)).toBe('ok')
  expect(problemsOf({ $ref: '#/$defs/Many' }, { a: 1 }, loop)).toBe('ok')
  expect(
    problemsOf(
      { uniqueItems: true },
      Array.from({ length: 9000 }, (_, at) => ({ at })),
    ),
  ).toBe('ok')
})
