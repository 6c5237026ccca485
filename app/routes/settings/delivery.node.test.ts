import { expect, test } from 'vitest'
import type { NotificationRow } from '../../../server/db/notifications.ts'
import { deliveryOf } from './delivery.ts'

const ORIGIN = 'https://executor.example.com'
const row: NotificationRow = {
  id: 'ntf_1',
  event: 'approval.pending',
  payload: { tool: 'github.issues.create', question: 'send', link: `${ORIGIN}/approvals/apr_1` },
  state: 'pending',
  attempts: 2,
  dueAt: 5,
  problem: 'The receiver answered 503.',
  createdAt: 1,
  settledAt: null,
}

test('a message is listed in words, with the page it leads to and its next attempt', () => {
  expect(deliveryOf(row, ORIGIN)).toEqual({
    id: 'ntf_1',
    title: 'A call waits for approval',
    subject: 'github.issues.create',
    to: '/approvals/apr_1',
    state: 'pending',
    attempts: 2,
    createdAt: 1,
    nextAt: 5,
    problem: 'The receiver answered 503.',
  })
})

test('what is settled is not tried next', () => {
  expect(deliveryOf({ ...row, state: 'failed', settledAt: 4 }, ORIGIN).nextAt).toBeNull()
})

test('a link to another origin, or none, is not followed from the list', () => {
  for (const link of ['https://elsewhere.example.com/approvals/apr_1', 'javascript:alert(1)', '', null]) {
    expect(deliveryOf({ ...row, payload: { ...row.payload, link } }, ORIGIN).to).toBeNull()
  }
})
