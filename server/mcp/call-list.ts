// What a run has done and what it has not, in a few lines that an agent can act on: what changes something comes first.
import type { CallState } from '../../drizzle/shapes.ts'
import type { CallSummary } from '../runs/outcome.ts'

/** Characters of one line; the rest of its calls are counted. */
const longestLine = 1000

const labels: readonly (readonly [label: string, states: readonly CallState[]])[] = [
  ['Done', ['succeeded']],
  ['Failed', ['failed']],
  ['Not done', ['held', 'cancelled']],
  ['Unknown whether done', ['started', 'unknown']],
]

/** Of a run that has ended. Empty when it called nothing. */
export function listCalls(calls: readonly CallSummary[]): string[] {
  return labels.flatMap(([label, states]) => line(label, calls, states))
}

/** Of a run that goes on. What waits for a person is told of in its question. */
export function listCallsSoFar(calls: readonly CallSummary[]): string[] {
  return [
    ...line('Done so far', calls, ['succeeded']),
    ...line('Failed so far', calls, ['failed']),
    ...line('Under way', calls, ['started']),
  ]
}

function line(label: string, calls: readonly CallSummary[], states: readonly CallState[]): string[] {
  const counts = new Map<string, number>()
  const isWrite = ({ effect }: CallSummary) => effect !== 'read'
  const chosen = calls.filter(({ state }) => states.includes(state))
  const ordered = [...chosen.filter(isWrite), ...chosen.filter((call) => !isWrite(call))]
  for (const { address } of ordered) counts.set(address, (counts.get(address) ?? 0) + 1)
  if (counts.size === 0) return []
  let text = ''
  let left = chosen.length
  for (const [address, count] of counts) {
    const shown = `${text === '' ? '' : ', '}${address.slice(0, longestLine / 2)}${count > 1 ? ` ×${count}` : ''}`
    if (text.length + shown.length > longestLine) break
    text += shown
    left -= count
  }
  return [`${label}: ${text}${left > 0 ? `, and ${left} more` : ''}.`]
}
