// The fields that make a connection, used where an integration is added and where a connection is. Each method shows
// its own fields when it is chosen: with `:has()`, so that it works without JavaScript.
import type { ReactNode } from 'react'
import type { AuthField, AuthMethod } from '../../../drizzle/shapes.ts'
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
            <Method
              key={method.id}
              id={method.id}
              label={method.label}
              hint={method.description}
              chosen={values.method}
            >
              {method.fields.map((field) => (
                <CredentialField key={field.name} method={method.id} field={field} values={values} errors={errors} />
              ))}
            </Method>
          ))}
          {isAdmin && (
            <Method
              id={CUSTOM_METHOD}
              label="Another way"
              hint="A header, query parameter, cookie, token or password that the document does not describe, also several together."
              chosen={values.method}
            >
              <DescribedCredential values={values} errors={errors} />
            </Method>
          )}
          {canSkip && (
            <Method
              id={NO_METHOD}
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

interface MethodProps {
  id: string
  label: string
  hint?: string
  chosen: string
  children?: ReactNode
}

function Method({ id, label, hint, chosen, children }: MethodProps) {
  const hasFields = Array.isArray(children) ? children.length > 0 : Boolean(children)
  return (
    <div className="group has-[>label>input:checked]:bg-accent-soft">
      <label className="flex min-h-11 cursor-pointer gap-3 px-3.5 py-2.5">
        <input
          type="radio"
          name="method"
          value={id}
          defaultChecked={id === chosen}
          className="mt-1 size-4 shrink-0 accent-accent"
        />
        <span className="min-w-0">
          <span className="block text-[0.9375rem]">{label}</span>
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
