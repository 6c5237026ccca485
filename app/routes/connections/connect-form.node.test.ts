import { expect, test } from 'vitest'
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { readConnectForm, shownValues } from './connect-form.ts'

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

test('a described header carries the text before the secret', () => {
  const read = readConnectForm(
    form({
      method: '~custom',
      'field.~custom.in': 'header',
      'field.~custom.name': 'Authorization',
      'field.~custom.prefix': 'Token',
      'field.~custom.secret': 's3',
    }),
    [],
  )
  expect(read).toMatchObject({
    ok: true,
    method: { placements: [{ in: 'header', name: 'Authorization', template: 'Token {secret}' }] },
    values: { secret: 's3' },
  })
})

test('a described credential without a name, without a secret, or with a template of its own is refused', () => {
  const read = readConnectForm(
    form({ method: '~custom', 'field.~custom.in': 'header', 'field.~custom.prefix': '{secret}' }),
    [],
  )
  expect(read.ok || read.errors.map((error) => error.field)).toEqual([
    'field.~custom.name',
    'field.~custom.prefix',
    'field.~custom.secret',
  ])
})

test('no secret is ever shown again', () => {
  const sent = form({ 'field.keys.id': 'ada', 'field.keys.secret': 's3', 'field.~custom.secret': 's4', other: 'x' })
  expect(shownValues(sent, [TWO_KEYS])).toEqual({ 'field.keys.id': 'ada' })
  // The preview is gone, and with it what says which fields are secret.
  expect(shownValues(sent, [])).toEqual({})
})
