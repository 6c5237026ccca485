// The fields that make a connection, used where an integration is added and where a connection is. Each method shows
// its own fields when it is chosen: with `:has()`, so that it works without JavaScript.
import type { AuthField, AuthMethod } from '../../../drizzle/shapes.ts'
import { ChoicePanel } from '../../ui/choice-panel.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { CUSTOM_METHOD, fieldName, NO_METHOD } from './connect-names.ts'
import { DescribedCredential } from './described-fields.tsx'

export interface ConnectValues {
  method: string
  owner: string
  slug: string
  /** Values of the fields that are not secret, by the form's own names. */
  fields: Record<string, string>
}

interface ConnectFieldsProps {
  methods: AuthMethod[]
  /** Admins also make org connections and describe a credential that the document does not. */
  isAdmin: boolean
  /** Offers to go on without a connection. */
  canSkip?: boolean
  values: ConnectValues
  errors?: FormError[]
}

export function ConnectFields({ methods, isAdmin, canSkip = false, values, errors }: ConnectFieldsProps) {
  const error = errorFor(errors, 'method')
  return (
    <>
      <fieldset id="method" className="space-y-1.5" aria-describedby={error ? 'method-error' : undefined}>
        <legend className="mb-1.5 text-sm font-medium">How to sign in</legend>
        {error && (
          <p id="method-error" className="text-sm font-medium text-danger">
            {error}
          </p>
        )}
        <div className="divide-y divide-line overflow-hidden rounded-lg border border-control bg-surface">
          {methods.map((method) => (
            <ChoicePanel
              key={method.id}
              name="method"
              value={method.id}
              label={method.label}
              hint={method.description}
              chosen={values.method}
            >
              {method.fields.map((field) => (
                <CredentialField key={field.name} method={method.id} field={field} values={values} errors={errors} />
              ))}
            </ChoicePanel>
          ))}
          {isAdmin && (
            <ChoicePanel
              name="method"
              value={CUSTOM_METHOD}
              label="Another way"
              hint="A header, query parameter, cookie, token or password that the document does not describe, also several together."
              chosen={values.method}
            >
              <DescribedCredential values={values} errors={errors} />
            </ChoicePanel>
          )}
          {canSkip && (
            <ChoicePanel
              name="method"
              value={NO_METHOD}
              label="Connect later"
              hint="Its tools fail until there is a connection."
              chosen={values.method}
            />
          )}
        </div>
      </fieldset>
      {/* Without a connection there is nothing to own or to name. */}
      <div className="space-y-5 [fieldset:has([value='~none']:checked)+&]:hidden">
        <OwnerField isAdmin={isAdmin} owner={values.owner} error={errorFor(errors, 'owner')} />
        <TextField
          name="connection"
          id="connection"
          label="Name of the connection"
          hint="Part of qualified addresses: github@work. Letters, digits and _."
          defaultValue={values.slug}
          error={errorFor(errors, 'connection')}
          autoCapitalize="none"
          isMono
        />
      </div>
    </>
  )
}

function OwnerField({ isAdmin, owner, error }: { isAdmin: boolean; owner: string; error?: string }) {
  return (
    <ChoiceField
      name="owner"
      legend="Who may use it"
      defaultValue={owner}
      error={error}
      choices={[
        {
          value: 'org',
          label: 'Everyone',
          hint: isAdmin ? 'Every member and every service token.' : 'Only admins make connections for everyone.',
          isDisabled: !isAdmin,
        },
        { value: 'me', label: 'Only me', hint: 'Agents that act as you.' },
      ]}
    />
  )
}

interface CredentialFieldProps {
  method: string
  field: AuthField
  values: ConnectValues
  errors?: FormError[]
}

export function CredentialField({ method, field, values, errors }: CredentialFieldProps) {
  const name = fieldName(method, field.name)
  return (
    <TextField
      type={field.isSecret ? 'password' : 'text'}
      // `new-password` is what keeps browsers from filling in the password of the console's own origin.
      autoComplete={field.isSecret ? 'new-password' : 'off'}
      name={name}
      label={field.isOptional ? `${field.label} (optional)` : field.label}
      hint={field.hint}
      defaultValue={field.isSecret ? '' : values.fields[name]}
      error={errorFor(errors, name)}
      isMono
    />
  )
}
