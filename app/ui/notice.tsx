// What just happened, or what to know: said to screen readers as a status.
import type { ReactNode } from 'react'

const TONES = {
  done: 'border-accent/40 bg-accent-soft',
  warning: 'border-warn/40 bg-warn-soft',
  danger: 'border-danger/40 bg-danger-soft',
}

export function Notice({ tone = 'done', children }: { tone?: keyof typeof TONES; children: ReactNode }) {
  return (
    <output className={`block rounded-xl border px-4 py-3 text-[0.9375rem] wrap-anywhere ${TONES[tone]}`}>
      {children}
    </output>
  )
}
