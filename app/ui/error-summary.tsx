// The errors of a form in one place above it, each linked to the field it is about.
import { useEffect, useRef } from 'react'

export interface FormError {
  /** Name of the field that the error is about; none when it is about the whole form. */
  field?: string
  message: string
}

interface ErrorSummaryProps {
  errors: FormError[] | undefined
  title?: string
  /** The ids of fields are their names after this prefix. */
  idPrefix?: string
}

export function ErrorSummary({ errors = [], title, idPrefix = '' }: ErrorSummaryProps) {
  const summary = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (errors.length > 0) summary.current?.focus()
  }, [errors])
  if (errors.length === 0) return null
  return (
    <div
      ref={summary}
      role="alert"
      tabIndex={-1}
      data-error-summary
      className="rounded-xl border-l-4 border-danger bg-danger-soft px-5 py-4"
    >
      <p className="font-semibold">
        {title ?? (errors.length === 1 ? 'That did not work' : 'Some things need attention')}
      </p>
      <ul className="mt-1.5 space-y-1.5">
        {errors.map(({ field, message }) => (
          <li key={`${field ?? ''} ${message}`} className="text-[0.9375rem] whitespace-pre-line wrap-anywhere">
            {field ? (
              <a href={`#${idPrefix}${field}`} className="text-danger underline underline-offset-4">
                {message}
              </a>
            ) : (
              message
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

export function errorFor(errors: FormError[] | undefined, field: string): string | undefined {
  return errors?.find((error) => error.field === field)?.message
}
