import { expect, test } from 'vitest'
import { HIDDEN } from '../../../server/runs/redact.ts'
import { showCall } from './show-call.ts'

const call: Parameters<typeof showCall>[0] = {
  number: 3,
  kind: 'tool',
  address: 'crm@work.logins.create',
  tool: 'crm.logins.create',
  effect: 'write',
  connectionId: 'con_1',
  connection: 'work',
  decision: 'allow',
  because: 'A rule allows it.',
  state: 'succeeded',
  arguments: '{"name":"ada","pin":"1234","token":"t"}',
  result: '{"status":201,"headers":{"x-total":"1"},"data":{"id":7,"pin":"1234"}}',
  error: null,
  message: null,
  notes: null,
  startedAt: 100,
  settledAt: 150,
}
const hiding = { isHiddenField: (name: string) => name === 'token' }
const pin = { properties: { pin: { writeOnly: true } } }
const secrets = { input: pin, output: pin, definitions: {} }

test('a call shows what went in and what came out, without its secrets', () => {
  const shown = showCall(call, undefined, hiding, secrets)
  expect(JSON.parse(shown.arguments.text ?? '')).toEqual({ name: 'ada', pin: HIDDEN, token: HIDDEN })
  expect(JSON.parse(shown.answer?.text ?? '')).toEqual({ id: 7, pin: HIDDEN })
  expect(shown).toMatchObject({ status: 201, tookMs: 50, connection: { id: 'con_1', address: 'crm@work' } })
  expect(shown.code).toContain('await tools["crm@work"].logins.create({ name: "ada"')
  expect(JSON.stringify(shown)).not.toContain('1234')
})

test('what asks for the next page is an input, and hidden like one', () => {
  const next = { name: 'ada', pin: '1234', $next: 'https://crm.example.com/logins?pin=1234&after=x' }
  const paged = { ...call, result: JSON.stringify({ status: 200, headers: {}, data: [], next }) }
  const whole = { number: 3, arguments: call.arguments, result: paged.result, error: null }
  const shown = showCall(paged, whole, hiding, { ...secrets, output: null })
  expect(JSON.parse(shown.answer?.text ?? '')).toMatchObject({ next: { name: 'ada', pin: HIDDEN, $next: HIDDEN } })
  expect(JSON.stringify(shown)).not.toContain('1234')
})

test('texts that are too long are left for when they are asked for, then with the headers', () => {
  const long = { ...call, arguments: null, result: null }
  expect(showCall(long, undefined, hiding, secrets)).toMatchObject({
    arguments: { text: null },
    answer: { text: null },
    code: null,
  })
  const whole = { number: 3, arguments: call.arguments, result: call.result, error: null }
  const shown = showCall(long, whole, hiding, secrets)
  expect(shown.arguments.isWhole).toBe(true)
  expect(JSON.parse(shown.answer?.text ?? '')).toMatchObject({ headers: { 'x-total': '1' }, data: { pin: HIDDEN } })
})

test('a failure shows its details, without secrets', () => {
  const error = { code: 'upstream_error', message: 'no', status: 422, details: { token: 't', pin: '1', field: 'name' } }
  const failed = { ...call, state: 'failed' as const, result: null, error: JSON.stringify(error), message: 'no' }
  const shown = showCall(failed, undefined, hiding, secrets)
  expect(shown).toMatchObject({ message: 'no', status: 422 })
  expect(JSON.parse(shown.answer?.text ?? '')).toEqual({ token: HIDDEN, pin: HIDDEN, field: 'name' })
})

test('a call that is held has no answer, and one whose connection is gone has none to name', () => {
  const held = { ...call, state: 'held' as const, result: null, settledAt: null, connection: null }
  expect(showCall(held, undefined, hiding, undefined)).toMatchObject({ answer: null, tookMs: null, connection: null })
})

test('what is no tool has an answer of its own form', () => {
  const search = {
    ...call,
    kind: 'search' as const,
    address: '',
    tool: '',
    arguments: '{"query":"x"}',
    result: '{"hits":[]}',
  }
  const shown = showCall(search, undefined, hiding, undefined)
  expect(shown).toMatchObject({ code: 'await tools.search({ query: "x" })', status: null })
  expect(JSON.parse(shown.answer?.text ?? '')).toEqual({ hits: [] })
})
