// Small marks. Each says in words what its colour says.
import type { ReactNode } from 'react'

const TONES = {
  bare: 'border-line text-muted',
  bareBad: 'border-danger/40 text-danger',
  plain: 'border-line bg-sunken text-muted',
  good: 'border-accent/30 bg-accent-soft text-accent',
  warn: 'border-warn/30 bg-warn-soft text-warn',
  bad: 'border-danger/30 bg-danger-soft text-danger',
}

export type Tone = keyof typeof TONES

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center rounded-full border px-2 py-px font-sans text-xs leading-5 font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}

/** Bare, because it is a fact; what stands beside it in colour is what the policies make of it. */
const EFFECTS = {
  read: { tone: 'bare', label: 'read' },
  write: { tone: 'bare', label: 'write' },
  destructive: { tone: 'bareBad', label: 'destructive' },
} as const

export function EffectBadge({ effect }: { effect: keyof typeof EFFECTS }) {
  return <Badge tone={EFFECTS[effect].tone}>{EFFECTS[effect].label}</Badge>
}

const ACTIONS = {
  allow: { tone: 'good', label: 'allowed' },
  require_approval: { tone: 'warn', label: 'needs approval' },
  block: { tone: 'bad', label: 'blocked' },
} as const

export function DecisionBadge({ action }: { action: keyof typeof ACTIONS }) {
  return <Badge tone={ACTIONS[action].tone}>{ACTIONS[action].label}</Badge>
}

const HEALTHS = {
  ok: { tone: 'good', label: 'works' },
  expiring: { tone: 'warn', label: 'expiring' },
  needs_sign_in: { tone: 'bad', label: 'needs sign-in' },
  failing: { tone: 'bad', label: 'failing' },
  untested: { tone: 'plain', label: 'not tested' },
} as const

export type Health = keyof typeof HEALTHS

export function HealthBadge({ health }: { health: Health }) {
  return <Badge tone={HEALTHS[health].tone}>{HEALTHS[health].label}</Badge>
}
