// Form fields: a visible label, a hint, the field's error, and the wiring between them.
import type { ComponentProps, ReactNode } from 'react'

interface FieldProps {
  name: string
  label: ReactNode
  hint?: ReactNode
  error?: string
  /** Defaults to the name; error summaries link to it. */
  id?: string
}

const CONTROL =
  'block w-full rounded-lg border bg-surface px-3 text-base text-ink placeholder:text-muted sm:text-[0.9375rem]'
/** As tall as the buttons beside them. */
const ONE_LINE = 'h-11 sm:h-10'

function border(error: string | undefined) {
  return error ? 'border-danger' : 'border-control'
}

function describedBy(id: string, hint: ReactNode, error: string | undefined) {
  return [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined
}

function Frame({ id, label, hint, error, children }: Omit<FieldProps, 'name'> & { id: string; children: ReactNode }) {
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
      {children}
    </div>
  )
}

type InputProps = FieldProps & Omit<ComponentProps<'input'>, 'name' | 'id'> & { isMono?: boolean }

export function TextField({ name, label, hint, error, id = name, isMono = false, ...input }: InputProps) {
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...input}
        id={id}
        name={name}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={`${CONTROL} ${ONE_LINE} ${border(error)} ${isMono ? 'font-mono sm:text-sm' : ''}`}
      />
    </Frame>
  )
}

type TextAreaProps = FieldProps & Omit<ComponentProps<'textarea'>, 'name' | 'id'> & { isMono?: boolean }

export function TextAreaField({ name, label, hint, error, id = name, isMono = false, ...textarea }: TextAreaProps) {
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea
        rows={3}
        autoComplete="off"
        spellCheck={false}
        {...textarea}
        id={id}
        name={name}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={`${CONTROL} max-h-96 min-h-24 py-2 ${border(error)} ${isMono ? 'font-mono sm:text-sm' : ''}`}
      />
    </Frame>
  )
}

type SelectProps = FieldProps & Omit<ComponentProps<'select'>, 'name' | 'id'>

export function SelectField({ name, label, hint, error, id = name, ...select }: SelectProps) {
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select
        {...select}
        id={id}
        name={name}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={`${CONTROL} ${ONE_LINE} ${border(error)}`}
      />
    </Frame>
  )
}

interface Choice {
  value: string
  label: ReactNode
  hint?: ReactNode
  isDisabled?: boolean
}

interface ChoiceProps {
  name: string
  legend: ReactNode
  hint?: ReactNode
  choices: Choice[]
  defaultValue?: string
  /** Several may be chosen: these at first. */
  defaultValues?: readonly string[]
  error?: string
}

/** One of a few, or several: radio buttons or boxes, each row a target of its own. */
export function ChoiceField({ name, legend, hint, choices, defaultValue, defaultValues, error }: ChoiceProps) {
  return (
    <fieldset id={name} className="space-y-1.5" aria-describedby={describedBy(name, hint, error)}>
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      {hint && (
        <p id={`${name}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${name}-error`} className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
      <div className="divide-y divide-line overflow-hidden rounded-lg border border-control bg-surface">
        {choices.map(({ value, label, hint, isDisabled }) => (
          <label
            key={value}
            className="flex min-h-11 cursor-pointer gap-3 px-3.5 py-2.5 has-checked:bg-accent-soft has-disabled:cursor-default has-disabled:bg-sunken"
          >
            <input
              type={defaultValues ? 'checkbox' : 'radio'}
              name={name}
              value={value}
              defaultChecked={defaultValues?.includes(value) ?? value === defaultValue}
              disabled={isDisabled}
              className="mt-1 size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0">
              <span className={`block text-[0.9375rem] ${isDisabled ? 'text-muted' : ''}`}>{label}</span>
              {hint && <span className="block text-sm text-muted">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
