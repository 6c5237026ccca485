import { expect, test } from 'vitest'
import type { QuestionKind } from '../../../drizzle/shapes.ts'
import { LONGEST_REASON, parseVerdict } from './verdict.ts'

const NOW = 1_000_000

function parse(question: QuestionKind, fields: Record<string, string>) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return parseVerdict(form, question, NOW)
}

test.each([
  [{}, { remember: 'once', expiresAt: null }],
  [
    { remember: 'once', lasts: '1h' },
    { remember: 'once', expiresAt: null },
  ],
  [
    { remember: 'run', lasts: '1h' },
    { remember: 'run', expiresAt: null },
  ],
  [
    { remember: 'tool', lasts: '1h' },
    { remember: 'tool', expiresAt: NOW + 3_600_000 },
  ],
  [
    { remember: 'tool', lasts: '30d' },
    { remember: 'tool', expiresAt: NOW + 30 * 86_400_000 },
  ],
  [
    { remember: 'tool', lasts: 'revoked' },
    { remember: 'tool', expiresAt: null },
  ],
])('an approval with %o reaches as far as it says', (fields, expected) => {
  expect(parse('send', { intent: 'approve', ...fields })).toEqual({
    ok: true,
    verdict: { kind: 'approved', ...expected },
  })
})

test.each([
  [{ intent: 'approve', remember: 'tool' }, 'lasts'],
  [{ intent: 'approve', remember: 'tool', lasts: 'constructor' }, 'lasts'],
  [{ intent: 'approve', remember: 'everything' }, 'remember'],
  [{ intent: 'decline', reason: 'x'.repeat(LONGEST_REASON + 1) }, 'reason'],
])('%o is refused at its field', (fields: Record<string, string>, field) => {
  expect(parse('send', fields)).toEqual({ ok: false, errors: [{ field, message: expect.any(String) }] })
})

test('declining takes a reason, or none', () => {
  expect(parse('send', { intent: 'decline', reason: ' Not today. ' })).toEqual({
    ok: true,
    verdict: { kind: 'declined', reason: 'Not today.' },
  })
  expect(parse('send', { intent: 'decline' })).toMatchObject({ verdict: { reason: '' } })
})

test('what happened is answered in JSON, and nothing stands for null', () => {
  expect(parse('outcome', { intent: 'answer', answer: ' {"id": 1} ' })).toEqual({
    ok: true,
    verdict: { kind: 'answered', answer: '{"id": 1}' },
  })
  expect(parse('outcome', { intent: 'answer', answer: '' })).toMatchObject({ verdict: { answer: 'null' } })
  expect(parse('outcome', { intent: 'answer', answer: 'done' })).toEqual({
    ok: false,
    errors: [{ field: 'answer', message: expect.stringContaining('not JSON') }],
  })
})

test('what did not happen is sent once, and a run can be stopped', () => {
  expect(parse('outcome', { intent: 'resend', remember: 'tool', lasts: '1h' })).toEqual({
    ok: true,
    verdict: { kind: 'approved', remember: 'once', expiresAt: null },
  })
  expect(parse('outcome', { intent: 'stop' })).toEqual({ ok: true, verdict: { kind: 'stopped' } })
})

test.each([
  ['outcome', 'approve'],
  ['outcome', 'approve-all'],
  ['outcome', 'decline'],
  ['send', 'answer'],
  ['send', 'resend'],
  ['send', 'stop'],
  ['send', ''],
  ['send', 'constructor'],
  ['send', 'reply'],
  ['outcome', 'dismiss'],
  ['input', 'approve'],
  ['input', 'answer'],
  ['input', 'constructor'],
] as const)('a question of kind %s is not answered with "%s"', (question, intent) => {
  expect(parse(question, { intent })).toEqual({ ok: false, errors: [{ message: expect.any(String) }] })
})

test('a reply to the upstream has what was sent for each of its fields, and no others', () => {
  const form = new FormData()
  form.set('intent', 'reply')
  form.append('field.0', 'a')
  form.append('field.0', 'b')
  form.set('field.2', ' c ')
  const values = [['a', 'b'], [], [' c ']]
  expect(parseVerdict(form, 'input', NOW, 3)).toEqual({
    ok: true,
    verdict: { kind: 'replied', action: 'accept', values },
  })
  expect(parseVerdict(form, 'input', NOW, 2)).toMatchObject({ ok: false })
  form.set('intent', 'refuse')
  expect(parseVerdict(form, 'input', NOW, 3)).toMatchObject({ verdict: { action: 'decline' } })
  for (const name of ['field.__proto__', 'field.-1', 'field.1.0', 'field.']) {
    const odd = new FormData()
    odd.set('intent', 'reply')
    odd.set(name, 'x')
    expect(parseVerdict(odd, 'input', NOW, 3)).toMatchObject({ ok: false })
  }
  const withFile = new FormData()
  withFile.set('intent', 'reply')
  withFile.set('field.0', new File(['x'], 'x'))
  expect(parseVerdict(withFile, 'input', NOW, 1)).toMatchObject({ ok: false })
})
