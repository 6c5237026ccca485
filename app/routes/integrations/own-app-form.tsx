import { Form, useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'

export interface AppValues {
  clientId: string
  authMethod: string
}

interface OwnAppFormProps {
  /** Id of the method that it is for. */
  method: string
  values: AppValues
  /** One is stored already, and stays when the field is left empty. */
  hasSecret: boolean
  /** A sign-in waits for it. */
  isNeeded: boolean
  errors?: FormError[]
}

export function OwnAppForm({ method, values, hasSecret, isNeeded, errors }: OwnAppFormProps) {
  const isBusy = useNavigation().formMethod === 'POST'
  return (
    <Form method="post" className="group/app max-w-2xl space-y-5">
      <ErrorSummary errors={errors} title="The app was not saved" />
      <input type="hidden" name="app-method" value={method} />
      <TextField
        name="clientId"
        label="Client ID"
        defaultValue={values.clientId}
        error={errorFor(errors, 'clientId')}
        autoCapitalize="none"
        required
        isMono
      />
      <ChoiceField
        name="authMethod"
        legend="How the app proves who it is"
        defaultValue={values.authMethod}
        error={errorFor(errors, 'authMethod')}
        choices={[
          { value: 'client_secret_basic', label: 'With a client secret', hint: 'What nearly every provider takes.' },
          {
            value: 'client_secret_post',
            label: 'With a client secret in the body',
            hint: 'For providers that answer invalid_client to the first.',
          },
          { value: 'private_key_jwt', label: 'With a private key', hint: 'Made here. You register its public half.' },
          { value: 'none', label: 'Not at all', hint: 'A public client, protected by PKCE alone.' },
        ]}
      />
      <div className="group-has-[[value=none]:checked]/app:hidden group-has-[[value^=private]:checked]/app:hidden">
        {/* `new-password` is what keeps browsers from filling in the password of the console's own origin. */}
        <TextField
          type="password"
          autoComplete="new-password"
          name="clientSecret"
          label="Client secret"
          hint={hasSecret ? 'What is stored is never shown. Left empty, it stays.' : 'Sealed, and never shown again.'}
          error={errorFor(errors, 'clientSecret')}
          isMono
        />
      </div>
      <Button weight="primary" disabled={isBusy}>
        {isBusy ? 'One moment…' : isNeeded ? 'Save and sign in' : 'Save'}
      </Button>
    </Form>
  )
}
