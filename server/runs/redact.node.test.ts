import { expect, test } from 'vitest'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { FileValue } from '../sandbox/file.ts'
import { HIDDEN, type Hiding, redact } from './redact.ts'

const hide = (value: unknown, hiding: Partial<Hiding> = {}) =>
  redact(value, { isHiddenField: (name) => name === 'token', ...hiding })

const password = { type: 'string', format: 'password' }
const withPassword: JsonSchema = { type: 'object', properties: { user: { type: 'string' }, secret: password } }
const value = { user: 'ada', secret: 'x' }
const hidden = { user: 'ada', secret: HIDDEN }

const definitions: Record<string, JsonSchema> = {
  Login: withPassword,
  Loop: { anyOf: [{ $ref: '#/$defs/Loop' }, { $ref: '#/$defs/Login' }] },
  Tree: { properties: { pin: { writeOnly: true }, children: { items: { $ref: '#/$defs/Tree' } } } },
}

test.each([
  ['format: password', withPassword, value, hidden],
  ['writeOnly', { properties: { secret: { writeOnly: true } } }, value, hidden],
  ['a whole object', { properties: { secret: { writeOnly: true } } }, { secret: { a: 1 } }, { secret: HIDDEN }],
  ['a whole value', password, 'x', HIDDEN],
  ['a number', { properties: { secret: { writeOnly: true } } }, { secret: 12 }, { secret: HIDDEN }],
  ['behind a reference', { $ref: '#/$defs/Login' }, value, hidden],
  ['behind a reference that goes round', { $ref: '#/$defs/Loop' }, value, hidden],
  ['in one of several', { oneOf: [{ type: 'string' }, withPassword] }, value, hidden],
  ['in all of several', { allOf: [{ type: 'object' }, { $ref: '#/$defs/Login' }] }, value, hidden],
  ['under a condition', JSON.parse(`{ "if": {}, "then": ${JSON.stringify(withPassword)} }`), value, hidden],
  ['in a list', { items: withPassword }, [value, value], [hidden, hidden]],
  ['at a place of a list', { prefixItems: [{}, password], items: {} }, ['a', 'b', 'c'], ['a', HIDDEN, 'c']],
  ['in further fields', { properties: { user: {} }, additionalProperties: password }, value, hidden],
  ['in fields by pattern', { patternProperties: { '^(a+)+$': password } }, { a: 'x' }, { a: HIDDEN }],
  [
    'as deep as the value goes',
    { $ref: '#/$defs/Tree' },
    { pin: 1, children: [{ pin: 2, children: [{ pin: 3 }] }] },
    { pin: HIDDEN, children: [{ pin: HIDDEN, children: [{ pin: HIDDEN }] }] },
  ],
] satisfies [string, JsonSchema, unknown, unknown][])('a secret is hidden: %s', (_name, schema, given, expected) => {
  expect(hide(given, { schema, definitions })).toEqual(expected)
})

test('a field with a listed name is hidden wherever it is, with or without a schema', () => {
  const given = { token: 'x', list: [{ token: { a: 1 } }], tokens: 'y' }
  const expected = { token: HIDDEN, list: [{ token: HIDDEN }], tokens: 'y' }
  expect(hide(given)).toEqual(expected)
  expect(hide(given, { schema: true })).toEqual(expected)
})

test('the URL of a page is hidden whole when a field in it is', () => {
  const schema = withPassword
  for (const $next of ['https://a.example/x?user=b&secret=1', '?secret=1', '/x?a=?&token=t', 'x?%73ecret=1']) {
    expect(hide({ user: 'b', $next }, { schema })).toEqual({ user: 'b', $next: HIDDEN })
  }
  for (const $next of ['https://a.example/secret?user=secret', '?secret=', 'token=t', 7]) {
    expect(hide({ $next }, { schema })).toEqual({ $next })
  }
})

test('what is no secret stays exactly as it was, and a secret that is empty says so', () => {
  const given = { user: 'ada', n: 0, no: false, none: null, list: [], token: '', secret: null, empty: {} }
  expect(hide(given, { schema: withPassword })).toEqual(given)
  expect(hide('text')).toBe('text')
  expect(hide(null, { schema: password })).toBeNull()
})

test('names that objects have anyway are fields like others', () => {
  const given: unknown = JSON.parse('{"__proto__": {"token": "x"}, "constructor": "y", "toString": 1}')
  expect(JSON.stringify(hide(given, { schema: withPassword }))).toBe(
    `{"__proto__":{"token":"${HIDDEN}"},"constructor":"y","toString":1}`,
  )
})

test('a file is its name, type and size, and bytes are their number', () => {
  const file = new FileValue('a.png', 'image/png', new Uint8Array(3))
  expect(hide({ file, bytes: new Uint8Array(2000) })).toEqual({
    file: { name: 'a.png', type: 'image/png', size: 3 },
    bytes: '[2,000 bytes]',
  })
})

test('the given value is not changed, and one that is nested very deeply is cut', () => {
  const given = { token: 'x' }
  hide(given)
  expect(given).toEqual({ token: 'x' })
  let deep: unknown = 'end'
  for (let level = 0; level < 5000; level++) deep = [deep]
  expect(JSON.stringify(hide(deep))).toContain('nested too deeply to show')
})
