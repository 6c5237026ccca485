import { Badge, type Tone } from '../../ui/badge.tsx'

const STATES = {
  running: { tone: 'warn', label: 'running' },
  succeeded: { tone: 'good', label: 'succeeded' },
  failed: { tone: 'bad', label: 'failed' },
  lost: { tone: 'bad', label: 'lost' },
} as const satisfies Record<string, { tone: Tone; label: string }>

export type RunState = keyof typeof STATES

export const RUN_STATES = Object.keys(STATES).filter(isRunState)

export function isRunState(text: string | null): text is RunState {
  return text !== null && Object.hasOwn(STATES, text)
}

export function RunStateBadge({ state }: { state: RunState }) {
  return <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>
}

/** `840 ms`, `12.3 s`, `4 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
}
