// Where calls go: one of the document's servers, with its variables filled in, or another address.
import type { ReactNode } from 'react'
import type { Server } from '../../../drizzle/shapes.ts'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { ConnectValues } from '../connections/connect-fields.tsx'

/** Value of `server` for an address that the document does not name. */
export const OTHER_SERVER = 'other'

export interface ImportValues {
  slug: string
  title: string
  /** Position in the document's servers, or `OTHER_SERVER`. */
  server: string
  /** For another address. */
  baseUrl: string
  /** By `variableField`. */
  variables: Record<string, string>
  connect: ConnectValues
}

export function variableField(server: number, name: string): string {
  return `server.${server}.${name}`
}

interface ServerFieldProps {
  servers: Server[]
  values: Pick<ImportValues, 'server' | 'baseUrl' | 'variables'>
  errors?: FormError[]
}

export function ServerField({ servers, values, errors }: ServerFieldProps) {
  const error = errorFor(errors, 'server')
  const other = (
    <TextField
      type="url"
      name="baseUrl"
      label="Base URL"
      hint={
        servers.length === 0
          ? 'The document names no server: give the address that its paths follow.'
          : 'Paths of the document follow it.'
      }
      placeholder="https://api.example.com/v1"
      defaultValue={values.baseUrl}
      error={errorFor(errors, 'baseUrl')}
      isMono
    />
  )
  if (servers.length === 0) return other
  return (
    <fieldset id="server" className="space-y-1.5" aria-describedby={error ? 'server-error' : undefined}>
      <legend className="mb-1.5 text-sm font-medium">Where calls go</legend>
      {error && (
        <p id="server-error" className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
      <div className="divide-y divide-line overflow-hidden rounded-lg border border-control bg-surface">
        {servers.map(({ url, description, variables }, index) => (
          <Choice
            key={`${url} ${description ?? ''}`}
            value={String(index)}
            label={url}
            hint={description}
            chosen={values.server}
          >
            {variables && <Variables server={index} variables={variables} values={values} errors={errors} />}
          </Choice>
        ))}
        <Choice value={OTHER_SERVER} label="Another address" chosen={values.server}>
          {other}
        </Choice>
      </div>
    </fieldset>
  )
}

interface VariablesProps {
  server: number
  variables: NonNullable<Server['variables']>
  values: Pick<ImportValues, 'variables'>
  errors?: FormError[]
}

function Variables({ server, variables, values, errors }: VariablesProps) {
  return Object.entries(variables).map(([name, { values: choices, description, default: fallback }]) => {
    const field = variableField(server, name)
    const shared = { name: field, label: name, hint: description, error: errorFor(errors, field) }
    const value = values.variables[field] ?? fallback
    return choices === undefined ? (
      <TextField key={field} {...shared} defaultValue={value} autoCapitalize="none" isMono />
    ) : (
      <SelectField key={field} {...shared} defaultValue={value}>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </SelectField>
    )
  })
}

interface ChoiceProps {
  value: string
  label: string
  hint?: string
  chosen: string
  children?: ReactNode
}

function Choice({ value, label, hint, chosen, children }: ChoiceProps) {
  return (
    <div className="group has-[>label>input:checked]:bg-accent-soft">
      <label className="flex min-h-11 cursor-pointer gap-3 px-3.5 py-2.5">
        <input
          type="radio"
          name="server"
          value={value}
          defaultChecked={value === chosen}
          className="mt-1 size-4 shrink-0 accent-accent"
        />
        <span className="min-w-0">
          <span className={`block wrap-anywhere ${value === OTHER_SERVER ? 'text-[0.9375rem]' : 'font-mono text-sm'}`}>
            {label}
          </span>
          {hint && <span className="line-clamp-3 text-sm text-muted">{hint}</span>}
        </span>
      </label>
      {children && (
        <div className="hidden space-y-4 px-3.5 pt-1 pb-4 pl-10.5 group-has-[>label>input:checked]:block">
          {children}
        </div>
      )}
    </div>
  )
}
