// The filters of the audit as its address has them, and what they mean.
import type { AuditFilter } from '../../../server/db/audit-list.ts'

export const FILTERS = ['actor', 'group', 'subject', 'from', 'to'] as const

/** As written in the address; empty where there is no filter. */
export type AuditSearch = Record<(typeof FILTERS)[number], string>

const DAY_MS = 24 * 60 * 60_000

/** What cannot be meant filters nothing. Days are days in UTC, the last one included. `groups`: those that there are. */
export function readAuditSearch(
  search: URLSearchParams,
  groups: readonly string[],
): { values: AuditSearch; filter: AuditFilter } {
  const text = (name: string) => (search.get(name) ?? '').trim().slice(0, 200)
  const group = groups.find((name) => name === text('group')) ?? ''
  const [from, to] = [dayOf(text('from')), dayOf(text('to'))]
  const values = {
    actor: text('actor'),
    group,
    subject: text('subject'),
    from: from === undefined ? '' : text('from'),
    to: to === undefined ? '' : text('to'),
  }
  return {
    values,
    filter: {
      ...(values.actor !== '' && { actor: values.actor }),
      ...(group !== '' && { group }),
      ...(values.subject !== '' && { subject: values.subject }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to: to + DAY_MS }),
    },
  }
}

/** The start of a day written as 2026-05-01. */
function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : at
}

/** An address with the filters that are set. */
export function auditAddress(path: string, values: AuditSearch, more: Record<string, string> = {}): string {
  const search = new URLSearchParams(more)
  for (const name of FILTERS) if (values[name] !== '') search.set(name, values[name])
  return search.size > 0 ? `${path}?${search}` : path
}
