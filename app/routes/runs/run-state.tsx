import type { CallState, RunState } from '../../../drizzle/shapes.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'

const STATES: Record<RunState, Tone> = {
  running: 'warn',
  waiting: 'warn',
  succeeded: 'good',
  failed: 'bad',
  declined: 'bad',
  expired: 'bad',
  cancelled: 'plain',
  diverged: 'bad',
  lost: 'bad',
}

export const RUN_STATES = Object.keys(STATES).filter(isRunState)

export function isRunState(text: string | null): text is RunState {
  return text !== null && Object.hasOwn(STATES, text)
}

/** Whether it may still advance. */
export function isOpen(state: RunState): boolean {
  return state === 'running' || state === 'waiting'
}

export function RunStateBadge({ state }: { state: RunState }) {
  return <Badge tone={STATES[state]}>{state}</Badge>
}

const CALL_STATES: Record<CallState, { tone: Tone; label: string }> = {
  held: { tone: 'warn', label: 'held' },
  started: { tone: 'warn', label: 'on its way' },
  unknown: { tone: 'warn', label: 'outcome unknown' },
  succeeded: { tone: 'good', label: 'succeeded' },
  failed: { tone: 'bad', label: 'failed' },
  cancelled: { tone: 'plain', label: 'not sent' },
}

export function CallStateBadge({ state }: { state: CallState }) {
  return <Badge tone={CALL_STATES[state].tone}>{CALL_STATES[state].label}</Badge>
}

/** `840 ms`, `12.3 s`, `4 min`, `3 h`, `2 days`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 100 * 60_000) return `${Math.round(ms / 60_000)} min`
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`
}
