// Where calls go: one of the document's servers, with its variables filled in, or another address.
import type { Server } from '../../../drizzle/shapes.ts'
import { ChoicePanel } from '../../ui/choice-panel.tsx'
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
          <ChoicePanel
            key={`${url} ${description ?? ''}`}
            name="server"
            value={String(index)}
            label={url}
            isMono
            hint={description}
            chosen={values.server}
          >
            {variables && <Variables server={index} variables={variables} values={values} errors={errors} />}
          </ChoicePanel>
        ))}
        <ChoicePanel name="server" value={OTHER_SERVER} label="Another address" chosen={values.server}>
          {other}
        </ChoicePanel>
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
