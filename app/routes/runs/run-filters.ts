// The filters of the list of runs, in its address and back.
import type { RunCursor, RunFilter } from '../../../server/db/run-list.ts'
import { isRunState } from './run-state.tsx'

/** As they stand in the address; empty when they are not set. */
export interface FilterValues {
  state: string
  principal: string
  integration: string
  tool: string
  from: string
  to: string
}

const NAMES = ['state', 'principal', 'integration', 'tool', 'from', 'to'] as const

const DAY_MS = 24 * 60 * 60 * 1000
const LONGEST = 500

export function filterValues(search: URLSearchParams): FilterValues {
  const value = (name: string) => (search.get(name) ?? '').trim().slice(0, LONGEST)
  const [state, principal, integration, tool, from, to] = NAMES.map(value)
  return {
    state: isRunState(state ?? '') ? (state ?? '') : '',
    principal: principal ?? '',
    integration: integration ?? '',
    tool: tool ?? '',
    from: from ?? '',
    to: to ?? '',
  }
}

/** Days are UTC's, both included. What is not a day is named in `errors`, and does not filter. */
export function parseFilters(values: FilterValues): {
  filter: RunFilter
  errors: { field: 'from' | 'to'; message: string }[]
} {
  const { state, principal, integration, tool } = values
  const [from, to] = [dayOf(values.from), dayOf(values.to)]
  const filter: RunFilter = {
    ...(isRunState(state) && { state }),
    ...(principal !== '' && { principal: principalId(principal) }),
    ...(integration !== '' && { integration }),
    // A connection may be named; a call is found by its tool.
    ...(tool !== '' && { tool: tool.replace(/^([^.@]+)@[^.]*/, '$1') }),
    ...(typeof from === 'number' && { from }),
    ...(typeof to === 'number' && { until: to + DAY_MS }),
  }
  const errors = (['from', 'to'] as const)
    .filter((field) => dayOf(values[field]) === 'none')
    .map((field) => ({ field, message: 'Write a day as 2026-01-31.' }))
  return { filter, errors }
}

function dayOf(text: string): number | 'none' | undefined {
  if (text === '') return undefined
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // JavaScript takes the 31st of February for a day in March.
  return new Date(Number.isNaN(at) ? 0 : at).toISOString().startsWith(text) ? at : 'none'
}

/** People by their email, services by their name; both also as runs name them. */
function principalId(text: string): string {
  if (/^(person|service):/.test(text)) return text
  return text.includes('@') ? `person:${text.toLowerCase()}` : `service:${text}`
}

/** The list's address with some filters changed; on its first page unless `before` is given. */
export function runsAddress(values: FilterValues, change: Partial<FilterValues> = {}, before?: RunCursor): string {
  const changed = { ...values, ...change }
  const search = new URLSearchParams()
  for (const name of NAMES) if (changed[name] !== '') search.set(name, changed[name])
  if (before !== undefined) search.set('before', `${before.startedAt}-${before.id}`)
  return search.size > 0 ? `/runs?${search}` : '/runs'
}

export function parseCursor(text: string | null): RunCursor | undefined {
  const [, startedAt, id] = /^(\d{1,15})-(\w{1,100})$/.exec(text ?? '') ?? []
  return startedAt === undefined || id === undefined ? undefined : { startedAt: Number(startedAt), id }
}
