// A step between a click and something that cannot be undone: <details>, so that it needs no JavaScript.
import type { ReactNode } from 'react'
import { Form } from 'react-router'
import { Button } from './button.tsx'

interface ConfirmProps {
  /** What opens the step: `Remove this connection`. */
  label: string
  /** What will happen. */
  children: ReactNode
  /** The button that does it. */
  confirm: string
  intent: string
  /** What else the form sends. */
  values?: Record<string, string>
}

export function Confirm({ label, children, confirm, intent, values = {} }: ConfirmProps) {
  return (
    <details className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 py-3 text-sm font-medium text-danger">{label}</summary>
      <div className="space-y-4 border-t border-line px-5 py-4">
        <div className="max-w-[68ch] text-[0.9375rem]">{children}</div>
        <Form method="post">
          {Object.entries(values).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Button weight="danger" name="intent" value={intent}>
            {confirm}
          </Button>
        </Form>
      </div>
    </details>
  )
}
