import { describe, expect, test } from 'vitest'
import { formOf, plainText, readForm } from './elicitation-form.ts'

const schemaOf = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })

function fieldsOf(properties: object, required: string[] = []) {
  const form = formOf(schemaOf(properties, required))
  if (!form.ok) throw new Error(form.reason)
  return form.fields
}

/** One field, filled in. */
function read(property: object, values: string[], isRequired = true) {
  const filled = readForm(fieldsOf({ it: property }, isRequired ? ['it'] : []), [values])
  return filled.ok ? filled.content.it : filled.errors[0]?.message
}

const refusal = (property: object) => {
  const form = formOf(schemaOf({ it: property }))
  return form.ok ? 'a form' : form.reason
}

test('every kind of field of the specification', () => {
  const fields = fieldsOf(
    {
      name: { type: 'string', title: 'Name', description: 'As you sign', minLength: 2, maxLength: 40 },
      mail: { type: 'string', format: 'email', default: 'ada@example.com' },
      age: { type: 'integer', minimum: 18, maximum: 120 },
      share: { type: 'number' },
      agrees: { type: 'boolean', default: true },
      size: { type: 'string', enum: ['s', 'm'], enumNames: ['Small', 'Medium'], default: 'm' },
      room: { type: 'string', oneOf: [{ const: 'a', title: 'Attic' }] },
      days: { type: 'array', items: { type: 'string', enum: ['mo', 'tu'] }, maxItems: 1, default: ['tu', 'never'] },
      tags: { type: 'array', items: { anyOf: [{ const: 'x', title: 'Ex' }] }, minItems: 1 },
    },
    ['name', 'size'],
  )
  expect(fields).toMatchObject([
    { name: 'name', label: 'Name', hint: 'As you sign', kind: 'text', isRequired: true, min: 2, max: 40, initial: [] },
    // To leave it empty would bring the default back.
    { kind: 'text', format: 'email', isRequired: true, initial: ['ada@example.com'] },
    { kind: 'integer', min: 18, max: 120, isRequired: false },
    { kind: 'number', min: null, max: null },
    { kind: 'boolean', initial: ['true'] },
    {
      kind: 'choice',
      options: [
        { value: 's', label: 'Small' },
        { value: 'm', label: 'Medium' },
      ],
      initial: ['m'],
    },
    { kind: 'choice', options: [{ value: 'a', label: 'Attic' }] },
    { kind: 'choices', max: 1, initial: ['tu'] },
    { kind: 'choices', options: [{ value: 'x', label: 'Ex' }], min: 1 },
  ])
  const values = [['Ada'], ['a@b'], [], ['-1.5e3'], [], ['s'], ['a'], ['mo'], ['x']]
  expect(readForm(fields, values)).toEqual({
    ok: true,
    content: { name: 'Ada', mail: 'a@b', share: -1500, agrees: false, size: 's', room: 'a', days: ['mo'], tags: ['x'] },
  })
})

test.each<[object, string[], unknown]>([
  [{ type: 'string' }, [' as it is '], ' as it is '],
  [{ type: 'string' }, ['two\r\nlines'], 'two\nlines'],
  [{ type: 'string' }, ['   '], 'Fill this in.'],
  [{ type: 'string', maxLength: 2 }, ['😀😀'], '😀😀'],
  [{ type: 'string', maxLength: 2 }, ['abc'], 'It has at most 2 characters.'],
  [{ type: 'string', minLength: 2 }, ['a'], 'It has at least 2 characters.'],
  [{ type: 'string', maxLength: 1e9 }, ['x'.repeat(10_001)], 'It has at most 10,000 characters.'],
  [{ type: 'string', format: 'email' }, ['ada'], 'This is no email address.'],
  [{ type: 'string', format: 'uri' }, ['example.com'], 'This is no URL. It begins with https://'],
  [{ type: 'string', format: 'uri' }, ['https://example.com'], 'https://example.com'],
  [{ type: 'string', format: 'date' }, ['2026-02-29'], 'This is no date, as 2026-07-28.'],
  [{ type: 'string', format: 'date' }, ['2028-02-29'], '2028-02-29'],
  [{ type: 'string', format: 'date-time' }, ['2026-07-28T09:30'], '2026-07-28T09:30:00Z'],
  [{ type: 'string', format: 'date-time' }, ['2026-07-28T09:30:15+02:00'], '2026-07-28T09:30:15+02:00'],
  [{ type: 'string', format: 'date-time' }, ['2026-07-28T29:30'], 'This is no time, as 2026-07-28T09:30.'],
  [{ type: 'integer' }, ['7'], 7],
  [{ type: 'integer' }, ['1e400'], 'This is no number.'],
  [{ type: 'integer' }, ['9007199254740993'], 'This is no whole number.'],
  [{ type: 'number', minimum: 0 }, ['-0.1'], 'It is at least 0.'],
  [{ type: 'number' }, ['Infinity'], 'This is no number.'],
  [{ type: 'boolean' }, ['yes'], 'Say yes or no.'],
  [{ type: 'string', enum: ['a'] }, ['__proto__'], 'Choose one of these.'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a', 'a'], 'Choose some of these.'],
  [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, ['a', 'b'], 'Choose at most 1.'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, [], []],
])('%o, filled in with %o', (property, values, result) => {
  expect(read(property, values)).toEqual(result)
})

test('what is optional may be left out, and a default that was cleared stays cleared', () => {
  expect(read({ type: 'string' }, [''], false)).toBeUndefined()
  expect(read({ type: 'number' }, [], false)).toBeUndefined()
  expect(read({ type: 'string', default: 'x' }, [''], false)).toBe('')
  expect(read({ type: 'number', default: 3 }, [''], false)).toBe('Fill this in.')
})

test('names of Object.prototype are names like any other', () => {
  const properties: unknown = JSON.parse('{"__proto__": {"type": "string"}, "constructor": {"type": "boolean"}}')
  const form = formOf({ type: 'object', properties, required: ['__proto__', 'toString'] })
  if (!form.ok) throw new Error(form.reason)
  expect(form.fields.map(({ name, isRequired }) => [name, isRequired])).toEqual([
    ['__proto__', true],
    ['constructor', false],
  ])
  const filled = readForm(form.fields, [['x'], ['true']])
  expect(filled.ok && JSON.stringify(filled.content)).toBe('{"__proto__":"x","constructor":true}')
})

describe('is refused, with the reason', () => {
  test.each<[object, string]>([
    [{ type: 'object', properties: {} }, 'it is no single value.'],
    [{ type: 'array', items: { type: 'object' } }, 'it is a list of what is no choice.'],
    [{ type: 'array', items: { type: 'string' } }, 'it is a list of what is no choice.'],
    [{ $ref: '#/$defs/a' }, 'it is no single value.'],
    [{ type: ['string', 'null'] }, 'it is no single value.'],
    [{ type: 'string', enum: [1, 2] }, 'it is a choice without usable options.'],
    [{ type: 'string', enum: [] }, 'it is a choice without usable options.'],
    [
      { type: 'string', enum: Array.from({ length: 501 }, (_, at) => `o${at}`) },
      'it is a choice without usable options.',
    ],
    [{ type: 'string', format: 'password' }, 'it is a secret, which servers must not ask for in a form.'],
    [{ type: 'string', writeOnly: true }, 'it is a secret, which servers must not ask for in a form.'],
  ])('%o', (property, reason) => {
    expect(refusal(property)).toBe(reason)
  })

  test.each([null, [], 'x', { type: 'object' }, { type: 'array', properties: {} }])('%o', (schema) => {
    expect(formOf(schema)).toMatchObject({ ok: false })
  })

  test('more fields than anybody fills in', () => {
    const properties = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`f${at}`, { type: 'string' }]))
    expect(formOf(schemaOf(properties))).toMatchObject({ ok: false })
  })
})

test('all together it is no more than one answer holds', () => {
  const fields = fieldsOf(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, { type: 'string' }])))
  expect(
    readForm(
      fields,
      fields.map(() => ['x'.repeat(9000)]),
    ),
  ).toMatchObject({ ok: false, errors: [{}] })
})

test('a text is shown without what turns it around or hides in it', () => {
  expect(plainText('\u202Egnp.exe\u0000\n  two \u2067', 100)).toBe('gnp.exe\n  two')
  expect(plainText('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`)
})
