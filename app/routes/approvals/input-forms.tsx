// What an upstream asks a person for in the middle of a call: its words, and the form or the URL by which it is answered.
import { Form } from 'react-router'
import type { FormField } from '../../../server/integrations/mcp/elicitation-form.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel, Submit } from './decision-forms.tsx'
import type { LoadedApproval } from './load-approval.ts'
import { fieldName } from './verdict.ts'

/** A stranger's text: it stands apart, and who says it stands beside. */
export function UpstreamMessage({ message, server }: { message: string; server: string }) {
  return (
    <figure className="space-y-2">
      <blockquote className="rounded-xl border border-l-4 border-line border-l-control bg-surface p-5 whitespace-pre-line wrap-anywhere">
        {message}
      </blockquote>
      <figcaption className="text-sm text-muted">
        The words of <span className="font-mono">{server}</span>, not of Executor.
      </figcaption>
    </figure>
  )
}

interface InputFormsProps {
  asks: NonNullable<LoadedApproval['asks']>
  account: string
  errors: FormError[] | undefined
  /** What was sent, by field, when it could not be taken. */
  filled: readonly (readonly string[])[] | undefined
}

export function InputForms({ asks, account, errors, filled }: InputFormsProps) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Panel>{asks.mode === 'url' ? <Visit {...asks} /> : <Fields {...{ ...asks, account, errors, filled }} />}</Panel>
      <Panel>
        <Form method="post" className="space-y-4">
          <p className="text-sm text-muted">
            The server learns of either, and decides what becomes of the call. You can also leave the question open.
          </p>
          <div className="flex flex-wrap gap-3 max-sm:grid">
            <Submit weight="danger" intent="refuse">
              Decline
            </Submit>
            <Submit weight="secondary" intent="dismiss">
              Dismiss without an answer
            </Submit>
          </div>
        </Form>
      </Panel>
    </div>
  )
}

function Fields({ fields, account, errors, filled }: Omit<InputFormsProps, 'asks'> & { fields: FormField[] }) {
  return (
    <Form method="post" noValidate className="space-y-5">
      {fields.length > 0 && (
        <Notice tone="warning">
          What you fill in goes to <span className="font-mono">{account}</span>. Do not type passwords, keys or codes:
          no server may ask for them in a form.
        </Notice>
      )}
      {fields.map((field, place) => (
        <Field
          key={field.name}
          field={field}
          name={fieldName(place)}
          values={filled?.[place] ?? field.initial}
          error={errorFor(errors, fieldName(place))}
        />
      ))}
      <Submit weight="primary" intent="reply">
        {fields.length > 0 ? 'Send the answer' : 'Accept'}
      </Submit>
    </Form>
  )
}

interface FieldProps {
  field: FormField
  name: string
  values: readonly string[]
  error: string | undefined
}

/** More than these are a list to pick from. */
const MOST_ROWS = 6
const LONG_TEXT = 200
const TYPES = { '': 'text', email: 'email', uri: 'url', date: 'date', 'date-time': 'datetime-local' } as const

function Field({ field, name, values, error }: FieldProps) {
  const { kind, options, format, isRequired, max } = field
  const [value = ''] = values
  const title = isRequired || kind === 'boolean' || kind === 'choices' ? field.label : `${field.label} (optional)`
  const hint = [field.hint, format === 'date-time' && 'In UTC.'].filter(Boolean).join(' ')
  const shared = { name, label: title, hint, ...(error !== undefined && { error }) }
  const choices = { name, legend: title, hint, ...(error !== undefined && { error }) }
  if (kind === 'boolean') {
    return <ChoiceField {...choices} choices={[{ value: 'true', label: 'Yes' }]} defaultValues={values} />
  }
  if (kind === 'choices') return <ChoiceField {...choices} choices={options} defaultValues={values} />
  if (kind === 'choice') {
    const none = isRequired ? [] : [{ value: '', label: 'No answer' }]
    if (options.length <= MOST_ROWS) {
      return <ChoiceField {...choices} choices={[...options, ...none]} defaultValue={value} />
    }
    return (
      <SelectField {...shared} defaultValue={value}>
        <option value="">{isRequired ? 'Choose one' : 'No answer'}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </SelectField>
    )
  }
  if (kind === 'number' || kind === 'integer') {
    const inputMode = kind === 'integer' ? 'numeric' : 'decimal'
    return <TextField {...shared} inputMode={inputMode} defaultValue={value} required={isRequired} />
  }
  if (format === '' && max !== null && max > LONG_TEXT && max < WHOLE_TEXT) {
    return <TextAreaField {...shared} defaultValue={value} required={isRequired} spellCheck />
  }
  const shown = format === 'date-time' ? value.slice(0, 16) : value
  return <TextField {...shared} type={TYPES[format]} defaultValue={shown} required={isRequired} />
}

/** As long as a text is where the server sets no limit. */
const WHOLE_TEXT = 10_000

/** A place outside: what it is stands in full before anybody goes there. */
function Visit({ url, host }: { url: string; host: string }) {
  return (
    <div className="space-y-5">
      <div className="space-y-1.5">
        <p className="text-sm text-muted">The server asks you to open a page of</p>
        <p className="font-mono text-lg font-semibold wrap-anywhere">{host}</p>
        <p className="font-mono text-xs wrap-anywhere text-muted">{url}</p>
      </div>
      <Notice tone="warning">
        Open it only if you know {host} and expect this. Executor sends nothing there, and does not see what you do
        there.
      </Notice>
      <div className="grid sm:flex">
        <ButtonLink to={url} weight="primary" target="_blank" rel="noopener noreferrer external">
          Open in a new tab
        </ButtonLink>
      </div>
      <Form method="post">
        <Submit weight="secondary" intent="reply">
          I have done it
        </Submit>
      </Form>
    </div>
  )
}
