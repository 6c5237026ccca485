import { expect, test } from 'vitest'
import type { CallSummary, EndedWithout, PendingQuestion, RunOutcome } from '../runs/outcome.ts'
import { renderOutcome } from './content.ts'

const RUN = 'run_1'
const LIMIT = 24 * 1024

const question = (id: string, about: Partial<PendingQuestion> = {}): PendingQuestion => ({
  id,
  question: 'send',
  tool: 'helpdesk.tickets.delete',
  account: 'helpdesk@main',
  summary: 'Delete a ticket',
  link: `https://executor.example.com/approvals/${id}`,
  expiresAt: Date.UTC(2026, 10, 3, 14, 30),
  ...about,
})

const calls: CallSummary[] = [
  { number: 1, address: 'helpdesk.tickets.list', effect: 'read', state: 'succeeded' },
  { number: 2, address: 'helpdesk.tickets.create', effect: 'write', state: 'succeeded' },
  { number: 3, address: 'helpdesk.tickets.create', effect: 'write', state: 'succeeded' },
  { number: 4, address: 'helpdesk@main.tickets.get', effect: 'read', state: 'failed' },
  { number: 5, address: 'helpdesk.tickets.delete', effect: 'destructive', state: 'held' },
  { number: 6, address: 'helpdesk.tickets.close', effect: null, state: 'cancelled' },
  { number: 7, address: 'helpdesk.tickets.merge', effect: 'write', state: 'unknown' },
  { number: 8, address: 'helpdesk.tickets.move', effect: 'write', state: 'started' },
]

function render(outcome: RunOutcome) {
  const { content, isError } = renderOutcome(outcome)
  const texts = (content ?? []).map((part) => (part.type === 'text' ? part.text : ''))
  return { isError, texts, text: texts.join('\n') }
}

const of = { run: RUN, emitted: [], logs: '' }

test('a run that waits says for what, through which account, where, until when, and how to come back', () => {
  const { isError, text } = render({ ...of, state: 'waiting', waiting: [question('apr_1')], calls })
  expect(isError).toBe(false)
  expect(text.split('\n')).toEqual([
    'The run waits for a person. Give the user this link, then call resume({ run: "run_1" }): it waits up to 25 s for the answer.',
    'Only a person can answer, signed in to the console. The run keeps its place: do not run the code again.',
    '- helpdesk.tickets.delete through helpdesk@main needs approval: https://executor.example.com/approvals/apr_1 (expires 2026-11-03 14:30 UTC)',
    'Done so far: helpdesk.tickets.create ×2, helpdesk.tickets.list.',
    'Failed so far: helpdesk@main.tickets.get.',
    'Under way: helpdesk.tickets.move.',
  ])
})

test('each of several questions has its own link, and a lost answer is another question than an approval', () => {
  const waiting = [question('apr_1'), question('apr_2', { question: 'outcome', tool: 'helpdesk.tickets.create' })]
  const { text } = render({ ...of, state: 'waiting', waiting, calls: [] })
  expect(text).toContain('Give the user these links')
  expect(text).toContain('- helpdesk.tickets.delete through helpdesk@main needs approval: https:')
  expect(text).toMatch(/tickets\.create through helpdesk@main was sent and its answer was lost; .*approvals\/apr_2/)
})

test('a run that still goes on is no error and says how to get the rest, after what it showed so far', () => {
  const outcome: RunOutcome = {
    ...of,
    state: 'running',
    calls: calls.slice(0, 1),
    emitted: [{ a: 1 }],
    logs: 'so far\n',
  }
  const { isError, texts } = render(outcome)
  expect(isError).toBe(false)
  expect(texts).toEqual([
    'The run is still going on. Call resume({ run: "run_1" }) for its result.\nDone so far: helpdesk.tickets.list.',
    '{"a":1}',
    'Logs:\nso far',
  ])
})

test('every other end is an error that says what was done, what was not, and what nobody knows', () => {
  const states: EndedWithout[] = ['failed', 'declined', 'expired', 'cancelled', 'diverged', 'lost']
  for (const state of states) {
    const error = { code: `run_${state}`, message: 'Why it ended.' }
    const { isError, text } = render({ ...of, state, error, calls })
    expect(isError).toBe(true)
    expect(text.split('\n')).toEqual([
      `run_${state}: Why it ended.`,
      ...(state === 'failed' ? [] : [`The run has ended as ${state}; it cannot be resumed.`]),
      'Done: helpdesk.tickets.create ×2, helpdesk.tickets.list.',
      'Failed: helpdesk@main.tickets.get.',
      'Not done: helpdesk.tickets.delete, helpdesk.tickets.close.',
      'Unknown whether done: helpdesk.tickets.merge, helpdesk.tickets.move.',
    ])
  }
})

test('a run that called nothing says nothing of calls', () => {
  const error = { code: 'syntax_error', message: 'Unexpected token', line: 1, column: 2, frame: '> 1 | (' }
  const { text } = render({ ...of, state: 'failed', error, calls: [] })
  expect(text).toBe('syntax_error: Unexpected token\nAt line 1, column 2:\n> 1 | (')
})

test('24 KB hold for every state, and what was done outlives an error that is too long', () => {
  const many: CallSummary[] = Array.from({ length: 200 }, (_, index) => {
    const state = index % 2 === 0 ? 'succeeded' : 'unknown'
    return { number: index, address: `integration.${'länge'.repeat(30)}${index}`, effect: 'write', state }
  })
  const around = { run: RUN, emitted: Array.from({ length: 50 }, () => 'ü'.repeat(5000)), logs: 'ö'.repeat(60_000) }
  const error = {
    code: 'boom',
    message: '👍'.repeat(20_000),
    status: 500,
    details: 'ß'.repeat(20_000),
    frame: 'x'.repeat(9000),
  }
  const waiting = Array.from({ length: 200 }, (_, index) =>
    question(`apr_${index}`, { tool: 'ä'.repeat(300), account: 'å'.repeat(100) }),
  )
  const whatWasDone = /\nDone: .*, and \d+ more\.\nUnknown whether done: .*, and \d+ more\.\n/
  const outcomes: [RunOutcome, kept: RegExp][] = [
    [{ ...around, state: 'succeeded', value: 'é'.repeat(60_000) }, /results\.get/],
    [{ ...around, state: 'running', calls: many }, /^The run is still going on/],
    [{ ...around, state: 'waiting', waiting, calls: many }, /resume\({ run: "run_1" }\)[\s\S]*approvals\/apr_0 /],
    [{ ...around, state: 'failed', error, calls: many }, whatWasDone],
    [{ ...around, state: 'declined', error, calls: many }, whatWasDone],
  ]
  for (const [outcome, kept] of outcomes) {
    const { text } = render(outcome)
    expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(LIMIT)
    expect(text.isWellFormed()).toBe(true)
    expect(text).toMatch(kept)
  }
})
