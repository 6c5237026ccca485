// A notification as the console lists it: in words, and with a link that stays in the console.
import type { NotificationRow } from '../../../server/db/notifications.ts'

export interface Delivery {
  id: string
  title: string
  /** What it was about, as people know it; may be empty. */
  subject: string
  /** Path of the page that it leads to; null when it leads elsewhere. */
  to: string | null
  state: NotificationRow['state']
  attempts: number
  createdAt: number
  /** When it is tried next; null when it is settled. */
  nextAt: number | null
  problem: string | null
}

/** `origin` is Executor's own. */
export function deliveryOf(row: NotificationRow, origin: string): Delivery {
  const { id, event, payload, state, attempts, createdAt, dueAt, problem } = row
  const link = typeof payload.link === 'string' ? URL.parse(payload.link) : null
  return {
    id,
    title: titleOf(event, payload),
    subject: textOf(payload.tool) || textOf(payload.address),
    to: link?.origin === origin && event !== 'test' ? link.pathname : null,
    state,
    attempts,
    createdAt,
    nextAt: state === 'pending' ? dueAt : null,
    problem,
  }
}

function titleOf(event: string, payload: Record<string, unknown>): string {
  switch (event) {
    case 'approval.pending':
      if (payload.question === 'input') return 'A call needs an answer'
      return payload.question === 'outcome' ? 'Did a call happen?' : 'A call waits for approval'
    case 'connection.failing':
      return 'A connection is failing'
    default:
      return 'Test'
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
