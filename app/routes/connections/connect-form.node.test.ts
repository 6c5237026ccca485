import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { problemOfMethod } from '../../../server/connections/method.ts'
import { readConnectForm, refusedField, shownValues } from './connect-form.ts'

const TWO_KEYS: AuthMethod = {
  id: 'keys',
  label: 'Two keys',
  fields: [
    { name: 'id', label: 'Key id', isSecret: false },
    { name: 'secret', label: 'Key', isSecret: true },
  ],
  placements: [
    { in: 'header', name: 'X-Id', template: '{id}' },
    { in: 'header', name: 'X-Key', template: '{secret}' },
  ],
}

function form(fields: Record<string, string>): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields)) made.set(name, value)
  return made
}

test('the fields of the chosen method are read, those of others are not', () => {
  const read = readConnectForm(
    form({ method: 'keys', 'field.keys.id': ' ada ', 'field.keys.secret': 's3', 'field.bearer.token': 'x' }),
    [TWO_KEYS],
  )
  expect(read).toEqual({ ok: true, method: TWO_KEYS, values: { id: 'ada', secret: 's3' } })
})

test('every empty field is named, with the place to fill it in', () => {
  expect(readConnectForm(form({ method: 'keys' }), [TWO_KEYS])).toEqual({
    ok: false,
    errors: [
      { field: 'field.keys.id', message: 'Fill in Key id.' },
      { field: 'field.keys.secret', message: 'Fill in Key.' },
    ],
  })
})

test('an unknown method is not taken for one', () => {
  expect(readConnectForm(form({ method: 'constructor' }), [TWO_KEYS])).toMatchObject({ ok: false })
  expect(readConnectForm(form({}), [])).toMatchObject({ ok: false })
})

test('an optional field may stay empty', () => {
  const method: AuthMethod = {
    ...TWO_KEYS,
    fields: TWO_KEYS.fields.map((field) => ({ ...field, ...(field.isSecret && { isOptional: true }) })),
  }
  expect(readConnectForm(form({ method: 'keys', 'field.keys.id': 'ada' }), [method])).toMatchObject({
    ok: true,
    values: { id: 'ada', secret: '' },
  })
})

/** A form with a described credential of these parts. */
function described(...parts: Record<string, string>[]): FormData {
  const made = form({ method: '~custom' })
  for (const [at, part] of parts.entries()) {
    for (const [name, value] of Object.entries(part)) made.set(`field.~custom.${name}${at === 0 ? '' : at + 1}`, value)
  }
  return made
}

const header = (name: string, more = {}) => ({ in: 'header', name, template: '{secret}', secret: 's3', ...more })

test.each<[string, Record<string, string>, string, object, object]>([
  [
    'a header with text around the secret',
    header('Authorization', { template: 'Token token="{secret}"' }),
    'Header Authorization',
    { in: 'header', name: 'Authorization', template: 'Token token="{secret}"' },
    { secret: 's3' },
  ],
  [
    'a header whose template was cleared',
    header('X-Api-Key', { template: '' }),
    'Header X-Api-Key',
    { in: 'header', name: 'X-Api-Key', template: '{secret}' },
    { secret: 's3' },
  ],
  [
    'a query parameter',
    { in: 'query', name: 'api key', template: '{secret}', secret: 's3' },
    'Query parameter api key',
    { in: 'query', name: 'api key', template: '{secret}' },
    { secret: 's3' },
  ],
  [
    'a cookie',
    { in: 'cookie', name: 'sid', template: 's:{secret}', secret: 's3' },
    'Cookie sid',
    { in: 'cookie', name: 'sid', template: 's:{secret}' },
    { secret: 's3' },
  ],
  [
    // The name was typed before the place was changed, and is of no use there.
    'a bearer token',
    { in: 'bearer', name: 'X-Left-Over', template: 'x', secret: 's3' },
    'Bearer token',
    { in: 'header', name: 'Authorization', template: 'Bearer {secret}' },
    { secret: 's3' },
  ],
  [
    'a user name and a password',
    { in: 'basic', user: 'ada', secret: 's3' },
    'User name and password',
    { in: 'basic', userTemplate: '{user}', passwordTemplate: '{secret}' },
    { user: 'ada', secret: 's3' },
  ],
  [
    'a user name without a password',
    { in: 'basic', user: 'ada', secret: '' },
    'User name and password',
    { in: 'basic', userTemplate: '{user}', passwordTemplate: '{secret}' },
    { user: 'ada', secret: '' },
  ],
])('described: %s', (_, part, label, placement, values) => {
  expect(readConnectForm(described(part), [])).toMatchObject({
    ok: true,
    method: { id: '~custom', label, placements: [placement] },
    values,
  })
})

test('described: several parts are one method, and what is empty is no part', () => {
  const read = readConnectForm(
    described(header('X-App-Id'), { ...header(''), secret: '' }, { in: 'basic', user: 'ada', secret: 'pw' }),
    [],
  )
  expect(read).toMatchObject({
    ok: true,
    method: {
      label: 'Header X-App-Id + User name and password',
      fields: [{ name: 'secret' }, { name: 'user3' }, { name: 'secret3' }],
      placements: [
        { in: 'header', name: 'X-App-Id', template: '{secret}' },
        { in: 'basic', userTemplate: '{user3}', passwordTemplate: '{secret3}' },
      ],
    },
    values: { secret: 's3', user3: 'ada', secret3: 'pw' },
  })
})

test.each<[string, Record<string, string>[], string[]]>([
  ['nothing', [{ in: 'header', template: '{secret}' }], ['name', 'secret']],
  ['no place', [{ name: 'X-Key', secret: 's' }], ['in']],
  ['a place that does not exist', [{ in: 'path', name: 'X-Key', secret: 's' }], ['in']],
  ['a header that is no token', [header('X Key')], ['name']],
  ['a header with a line break', [header('X-Key\r\nX-Admin')], ['name']],
  ['the Host header', [header('Host')], ['name']],
  ['the length', [header('Content-Length')], ['name']],
  ['the media type', [header('content-type')], ['name']],
  ['another method', [header('X-HTTP-Method-Override')], ['name']],
  ['cookies as a header', [header('Cookie')], ['name']],
  ['a header of a proxy', [header('X-Forwarded-For')], ['name']],
  ['a cookie that is two', [{ in: 'cookie', name: 'a=b; sid', secret: 's' }], ['name']],
  ['a template without the secret', [header('X-Key', { template: 'Token' })], ['template']],
  ['a template with another field', [header('X-Key', { template: '{secret}{user}' })], ['template']],
  ['a template with half a brace', [header('X-Key', { template: '{secret}}' })], ['template']],
  ['a template beyond ASCII', [header('X-Key', { template: '{secret}€' })], ['template']],
  ['a user without a name', [{ in: 'basic', secret: 's' }], ['user']],
  ['a half second part', [header('X-Key'), { in: 'query', name: 'k' }], ['secret2']],
  ['a second part without a name', [header('X-Key'), { in: 'query', secret: 's' }], ['name2']],
  ['two parts in one header', [header('X-Key'), header('x-key')], ['in2']],
  [
    'a bearer token and a password',
    [
      { in: 'bearer', secret: 's' },
      { in: 'basic', user: 'ada', secret: 's' },
    ],
    ['in2'],
  ],
])('described: %s is refused at its field', (_, parts, fields) => {
  const read = readConnectForm(described(...parts), [])
  expect(read.ok || read.errors.map(({ field }) => field)).toEqual(fields.map((name) => `field.~custom.${name}`))
  expect(JSON.stringify(read)).not.toContain('s3')
})

test('whatever is described and let through can be used as it is', () => {
  const place = fc.constantFrom('header', 'query', 'cookie', 'bearer', 'basic', '')
  const name = fc.oneof(fc.constantFrom('X-Key', 'Host', 'Cookie', 'authorization', ''), fc.string({ maxLength: 8 }))
  const template = fc.oneof(fc.constantFrom('{secret}', 'Token {secret}', ''), fc.string({ maxLength: 8 }))
  const part = fc.record({ in: place, name, template, user: name, secret: fc.string({ maxLength: 8 }) })
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const read = readConnectForm(described(...parts), [])
      fc.pre(read.ok && read.method !== null)
      const { method, values } = read.ok && read.method !== null ? read : { method: TWO_KEYS, values: {} }
      expect(problemOfMethod(method)).toBeNull()
      expect(Object.keys(values).sort()).toEqual(method.fields.map((field) => field.name).sort())
    }),
    { numRuns: 400 },
  )
})

test('a field that is found wrong later is found in the form again', () => {
  const read = readConnectForm(described(header('X-Key'), { in: 'basic', user: 'a:b', secret: 'pw' }), [])
  const method = read.ok && read.method !== null ? read.method : TWO_KEYS
  expect(refusedField(method, { field: 'value', name: 'user2' })).toBe('field.~custom.user2')
  expect(refusedField(method, { field: 'connection' })).toBe('connection')
})

test('no secret is ever shown again', () => {
  const sent = form({ 'field.keys.id': 'ada', 'field.keys.secret': 's3', 'field.~custom.secret': 's4', other: 'x' })
  expect(shownValues(sent, [TWO_KEYS])).toEqual({ 'field.keys.id': 'ada' })
  // The preview is gone, and with it what says which fields are secret.
  expect(shownValues(sent, [])).toEqual({})
})
