// One of several ways, with fields of its own that show when it is chosen: with `:has()`, so that it works without
// JavaScript.
import type { ReactNode } from 'react'

interface ChoicePanelProps {
  /** Of the radio buttons that belong together. */
  name: string
  value: string
  label: string
  hint?: string
  /** The value that is chosen at first. */
  chosen: string
  isMono?: boolean
  children?: ReactNode
}

export function ChoicePanel({ name, value, label, hint, chosen, isMono = false, children }: ChoicePanelProps) {
  const hasFields = Array.isArray(children) ? children.length > 0 : Boolean(children)
  return (
    <div className="group has-[>label>input:checked]:bg-accent-soft">
      <label className="flex min-h-11 cursor-pointer gap-3 px-3.5 py-2.5">
        <input
          type="radio"
          name={name}
          value={value}
          defaultChecked={value === chosen}
          className="mt-1 size-4 shrink-0 accent-accent"
        />
        <span className="min-w-0">
          <span className={`block ${isMono ? 'font-mono text-sm wrap-anywhere' : 'text-[0.9375rem]'}`}>{label}</span>
          {hint && <span className="line-clamp-3 text-sm text-muted">{hint}</span>}
        </span>
      </label>
      {hasFields && (
        <div className="hidden space-y-4 px-3.5 pt-1 pb-4 pl-10.5 group-has-[>label>input:checked]:block">
          {children}
        </div>
      )}
    </div>
  )
}
