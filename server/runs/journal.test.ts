import { expect, test } from 'vitest'
import type { CallRow } from '../db/calls.ts'
import type { ApprovalRow } from '../db/run-journal.ts'
import { FileValue } from '../sandbox/file.ts'
import { askedOf } from './asked.ts'
import { Journal } from './journal.ts'
import { readValue, writeValue } from './journal-text.ts'

/** What a program that searches for nothing asks. */
const asked = await askedOf(1, { kind: 'search', input: '' }, 5)

function entry(number: number, more: Partial<CallRow> = {}): CallRow {
  return {
    runId: 'run_1',
    number,
    kind: 'search',
    address: '',
    tool: '',
    effect: null,
    connectionId: null,
    arguments: '""',
    hash: asked.hash,
    decision: null,
    because: null,
    state: 'succeeded',
    result: 'null',
    error: null,
    notes: null,
    settleOrder: null,
    startedAt: 1,
    settledAt: null,
    ...more,
  }
}

function approval(number: number, more: Partial<ApprovalRow>): ApprovalRow {
  return {
    id: 'apr_1',
    runId: 'run_1',
    number,
    question: 'send',
    principal: 'p',
    client: 'c',
    tool: 'a.b',
    integrationId: 'i',
    connectionId: null,
    account: 'a',
    effect: 'write',
    summary: '',
    request: { method: 'POST', url: 'https://a.example', headers: [], body: null },
    asks: null,
    because: '',
    hash: 'h',
    state: 'pending',
    reason: '',
    answer: null,
    remember: 'once',
    isApplied: false,
    decidedBy: null,
    decidedAt: null,
    expiresAt: 9,
    createdAt: 1,
    ...more,
  }
}

const journalOf = (calls: CallRow[], approvals: ApprovalRow[] = []) => new Journal({ startedAt: 1, calls, approvals })

test.each<[string, CallRow[], ApprovalRow[], object]>([
  ['nothing recorded: execute', [], [], { do: 'execute', decided: [] }],
  ['settled: replay', [entry(1, { settleOrder: 1, settledAt: 3 })], [], { do: 'replay' }],
  ['held, pending: hold', [entry(1, { state: 'held' })], [approval(1, {})], { do: 'hold' }],
  [
    'held, approved: execute',
    [entry(1, { state: 'held' })],
    [approval(1, { state: 'approved' })],
    { do: 'execute', decided: [{ id: 'apr_1' }] },
  ],
  [
    'held, declined: the reason is its error',
    [entry(1, { state: 'held' })],
    [approval(1, { state: 'declined', reason: 'too risky' })],
    { do: 'settle', answer: { ok: false, error: { code: 'declined', message: expect.stringContaining('too risky') } } },
  ],
  [
    'held, expired',
    [entry(1, { state: 'held' })],
    [approval(1, { state: 'expired' })],
    { do: 'settle', answer: { ok: false, error: { code: 'approval_expired' } } },
  ],
  ['started: a person is asked', [entry(1, { state: 'started' })], [], { do: 'question' }],
  [
    'started after an approval: a person is asked, and the old approval sends nothing',
    [entry(1, { state: 'started' })],
    [approval(1, { state: 'approved', isApplied: true })],
    { do: 'question' },
  ],
  [
    'unknown, it happened',
    [entry(1, { state: 'unknown' })],
    [approval(1, { question: 'outcome', state: 'answered', answer: '{"id":7}' })],
    { do: 'settle', answer: { ok: true, text: '{"id":7}' } },
  ],
  [
    'unknown, it did not',
    [entry(1, { state: 'unknown' })],
    [approval(1, { question: 'outcome', state: 'approved' })],
    { do: 'execute' },
  ],
  [
    'unknown, and nobody said in time',
    [entry(1, { state: 'unknown' })],
    [approval(1, { question: 'outcome', state: 'expired' })],
    { do: 'settle', answer: { ok: false, error: { code: 'outcome_unknown' } } },
  ],
  [
    'held, the upstream’s question was answered: execute, with the approval of before',
    [entry(1, { state: 'held' })],
    [
      approval(1, { state: 'approved', isApplied: true }),
      approval(1, { id: 'apr_2', question: 'input', state: 'answered', answer: '{"action":"accept"}' }),
    ],
    { do: 'execute', decided: [{ id: 'apr_1' }, { id: 'apr_2' }] },
  ],
  [
    'held, the upstream’s question was declined: the upstream is told',
    [entry(1, { state: 'held' })],
    [approval(1, { question: 'input', state: 'declined', answer: '{"action":"decline"}' })],
    { do: 'execute', decided: [{ id: 'apr_1' }] },
  ],
  [
    'held, nobody answered the upstream’s question',
    [entry(1, { state: 'held' })],
    [approval(1, { question: 'input', state: 'expired' })],
    { do: 'settle', answer: { ok: false, error: { code: 'approval_expired' } } },
  ],
  [
    'started after an answer: a person is asked, and the answer sends nothing',
    [entry(1, { state: 'started' })],
    [approval(1, { question: 'input', state: 'answered', answer: '{"action":"accept"}', isApplied: true })],
    { do: 'question' },
  ],
  ['asked differently: diverge', [entry(1, { hash: 'other' })], [], { do: 'diverge', expected: { number: 1 } }],
])('%s', (_, calls, approvals, step) => {
  expect(journalOf(calls, approvals).step(asked)).toMatchObject(step)
})

test('the last question about a call is the one that counts', () => {
  const questions = [
    approval(1, { state: 'approved', isApplied: true }),
    approval(1, { id: 'apr_2', state: 'pending' }),
  ]
  expect(journalOf([entry(1, { state: 'held' })], questions).step(asked)).toEqual({ do: 'hold' })
})

test('what was asked is known again by its kind, its address and its arguments', async () => {
  const tool = { kind: 'tool', address: 'a.b', input: { n: 1 }, raw: false } as const
  const { hash, address } = await askedOf(1, { ...tool, connection: 'work' }, 5)
  expect(address).toBe('a@work.b')
  expect((await askedOf(2, { ...tool, connection: 'work' }, 9)).hash).toBe(hash)
  for (const other of [tool, { ...tool, input: { n: 2 } }, { ...tool, address: 'a.c' }]) {
    expect((await askedOf(1, other, 5)).hash).not.toBe(hash)
  }
})

test('answers pass in the order of places, and new ones only after the recorded', async () => {
  const journal = journalOf([entry(1, { settleOrder: 2, settledAt: 9 }), entry(2, { settleOrder: 1, settledAt: 4 })])
  const order: string[] = []
  const pass = async (name: string, place: number) => {
    await journal.turn(place)
    order.push(name)
    journal.pass(place, place)
  }
  const fresh = journal.caughtUp().then(() => order.push('new'))
  await Promise.all([pass('first asked', 2), pass('second asked', 1), fresh])
  expect(order).toEqual(['second asked', 'first asked', 'new'])
  expect(journal.settle(5)).toEqual({ settleOrder: 3, settledAt: 9 })
})

test('the clock of a run never goes back', () => {
  const journal = journalOf([])
  expect([journal.settle(5000), journal.settle(2000)].map(({ settledAt }) => settledAt)).toEqual([5000, 5000])
})

test('a program that stands still, or ends, before it asked what is recorded has diverged', () => {
  const journal = journalOf([entry(1, { settleOrder: 1, settledAt: 2 }), entry(3, { settleOrder: 2, settledAt: 3 })])
  expect(() => journal.expectNext(1, 0)).not.toThrow()
  expect(() => journal.expectNext(2, 1)).toThrow('call 3')
  expect(() => journal.expectAll(2)).toThrow('call 3')
  expect(() => journal.expectAll(3)).not.toThrow()
})

test('files and bytes are written and read back, and look-alikes stay what they were', () => {
  const value = {
    file: new FileValue('ä.png', 'image/png', new Uint8Array([1, 2, 255])),
    list: [new Uint8Array([7])],
    $file: { name: 'x', type: 'y', base64: 'AAAA' },
    $$bytes: 'AAAA',
    inner: { $bytes: 'AAAA' },
  }
  const read = readValue(writeValue(value))
  expect(read).toEqual(value)
  expect(read).toHaveProperty('file.bytes', new Uint8Array([1, 2, 255]))
  expect(readValue(writeValue(undefined))).toBeNull()
})
