// The fields that make a connection, used where an integration is added and where a connection is. Each method shows
// its own fields when it is chosen: with `:has()`, so that it works without JavaScript.
import type { ReactNode } from 'react'
import type { AuthField, AuthMethod } from '../../../drizzle/shapes.ts'
import { ChoicePanel } from '../../ui/choice-panel.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import type { ConnectOffer } from './connect-methods.ts'
import { CUSTOM_METHOD, fieldName, NO_METHOD } from './connect-names.ts'
import { DescribedCredential } from './described-fields.tsx'
import { Origins } from './origins.tsx'
import type { SignInChoice } from './sign-in-choices.ts'

export interface ConnectValues {
  method: string
  owner: string
  slug: string
  /** Values of the fields that are not secret, by the form's own names. */
  fields: Record<string, string>
}

interface ConnectFieldsProps {
  offer: ConnectOffer
  /** Admins also make org connections and describe a credential that the document does not. */
  isAdmin: boolean
  /** Offers to go on without a connection. */
  canSkip?: boolean
  /** Where a person's Access token is forwarded to; not known before there is an integration. */
  origins?: readonly string[]
  values: ConnectValues
  errors?: FormError[]
}

export function ConnectFields({ offer, isAdmin, canSkip = false, origins, values, errors }: ConnectFieldsProps) {
  const error = errorFor(errors, 'method')
  const first = offer.signIns.filter(({ grant }) => grant === 'authorization_code')
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
          {first.map((choice) => (
            <SignInPanel key={choice.value} choice={choice} chosen={values.method} />
          ))}
          {offer.methods.map((method) => (
            <MethodPanel
              key={method.id}
              method={method}
              isPasted={offer.signIns.some((choice) => choice.method === method.id)}
              values={values}
              errors={errors}
            />
          ))}
          <OtherWays offer={offer} isAdmin={isAdmin} origins={origins} values={values} errors={errors} />
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

function SignInPanel({ choice: { value, label, hint }, chosen }: { choice: SignInChoice; chosen: string }) {
  return <ChoicePanel name="method" value={value} label={label} hint={hint} chosen={chosen} />
}

interface MethodPanelProps extends Pick<ConnectFieldsProps, 'values' | 'errors'> {
  method: AuthMethod
  /** The same can be had by signing in. */
  isPasted?: boolean
  children?: ReactNode
}

function MethodPanel({ method, isPasted = false, values, errors, children }: MethodPanelProps) {
  const fields = method.fields.map((field) => (
    <CredentialField key={field.name} method={method.id} field={field} values={values} errors={errors} />
  ))
  return (
    <ChoicePanel
      name="method"
      value={method.id}
      label={isPasted ? `Paste a token: ${method.label}` : method.label}
      hint={method.description}
      chosen={values.method}
    >
      {children ? [...fields, children] : fields}
    </ChoicePanel>
  )
}

/** What few people need: further grants, and what no document describes. */
function OtherWays({ offer, isAdmin, origins, values, errors }: ConnectFieldsProps) {
  const { signIns, others } = offer
  const rarer = signIns.filter(({ grant }) => grant !== 'authorization_code')
  if (rarer.length + others.length === 0 && !isAdmin) return null
  const here = [...rarer.map(({ value }) => value), ...others.map(({ id }) => id), CUSTOM_METHOD]
  return (
    <details open={here.includes(values.method)}>
      <summary className="disclosure px-3.5 py-2.5 text-[0.9375rem]">Other ways</summary>
      <div className="divide-y divide-line border-t border-line">
        {rarer.map((choice) => (
          <SignInPanel key={choice.value} choice={choice} chosen={values.method} />
        ))}
        {others.map((method) => (
          <MethodPanel key={method.id} method={method} values={values} errors={errors}>
            {method.forwards && <ForwardedTo key="to" origins={origins} />}
          </MethodPanel>
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
      </div>
    </details>
  )
}

function ForwardedTo({ origins }: { origins?: readonly string[] }) {
  return (
    <div className="space-y-1.5 text-sm">
      <p>
        {origins === undefined ? (
          'The base URL’s host, and those of operations with a server of their own, get'
        ) : (
          <>
            <Origins origins={origins} /> {origins.length === 1 ? 'gets' : 'get'}
          </>
        )}{' '}
        the Access token of each person who calls, while their request lasts. Connect only what you trust with it.
      </p>
      <p className="text-muted">
        Access lets the calls in once the application is linked: <code className="font-mono">npm run access:link</code>{' '}
        does that. The connection is for everyone; service tokens cannot use it.
      </p>
    </div>
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
