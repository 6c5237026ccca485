// The forms that add a way to connect. What a choice does not need is hidden with `:has()`, and not read.
import { Form, useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { ChoicePanel } from '../../ui/choice-panel.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextAreaField, TextField } from '../../ui/field.tsx'

export type WayValues = Partial<Record<string, string>>

interface WayFormProps {
  values: WayValues
  errors?: FormError[]
}

export function OAuthWayForm({ values, errors }: WayFormProps) {
  const field = fieldsOf({ values, errors })
  return (
    <Form method="post" className="max-w-2xl space-y-5">
      <ErrorSummary errors={errors} title="Nothing was added" />
      <input type="hidden" name="kind" value="oauth" />
      <TextField {...field('label')} label="Name" hint="People read it where they choose how to sign in." required />
      <Discovery values={values} errors={errors} />
      <TextField
        {...field('scopes')}
        label="Scopes"
        hint="With blanks between them. Left empty, what the API’s own metadata asks for."
        autoCapitalize="none"
        isMono
      />
      <details
        open={['parameters', 'header'].some((name) => (values[name] ?? '') !== '')}
        className="rounded-lg border border-control bg-surface"
      >
        <summary className="disclosure rounded-lg px-3.5 py-2.5 text-sm font-medium">More</summary>
        <div className="space-y-5 border-t border-line p-3.5 pt-3">
          <TextAreaField
            {...field('parameters')}
            label="Parameters of the sign-in (optional)"
            hint="Sent with the authorization request, one a line: access_type=offline"
            autoCapitalize="none"
            isMono
          />
          <TextField
            {...field('header')}
            label="Header that the token goes out in"
            hint="Authorization sends Bearer and the token. A header of another name sends the token alone."
            placeholder="Authorization"
            autoCapitalize="none"
            isMono
          />
        </div>
      </details>
      <Submit />
    </Form>
  )
}

function Discovery({ values, errors }: WayFormProps) {
  const field = fieldsOf({ values, errors })
  const address = (name: string) =>
    ({ ...field(name), inputMode: 'url', autoCapitalize: 'none', isMono: true }) as const
  const panel = { name: 'discovery', chosen: values.discovery ?? '' }
  return (
    <fieldset id="discovery" className="space-y-1.5">
      <legend className="mb-1.5 text-sm font-medium">Where people sign in</legend>
      <div className="divide-y divide-line overflow-hidden rounded-lg border border-control bg-surface">
        <ChoicePanel
          {...panel}
          value="resource"
          label="The API says so itself"
          hint="Protected resource metadata (RFC 9728), as MCP servers have it."
        >
          <TextField {...address('resourceUrl')} label="Address of the API" />
        </ChoicePanel>
        <ChoicePanel
          {...panel}
          value="issuer"
          label="At an issuer"
          hint="Its metadata says the rest (RFC 8414, OpenID Connect Discovery)."
        >
          <TextField {...address('issuer')} label="Issuer" placeholder="https://login.example.com" />
        </ChoicePanel>
        <ChoicePanel
          {...panel}
          value="endpoints"
          label="At addresses that I enter"
          hint="For servers without metadata: their documentation names the endpoints."
        >
          <TextField {...address('authorizationUrl')} label="Authorization endpoint" />
          <TextField {...address('tokenUrl')} label="Token endpoint" />
          <TextField
            {...address('deviceAuthorizationUrl')}
            label="Device authorization endpoint (optional)"
            hint="For signing in on another device."
          />
        </ChoicePanel>
      </div>
    </fieldset>
  )
}

function fieldsOf({ values, errors }: WayFormProps) {
  return (name: string) => ({ name, defaultValue: values[name], error: errorFor(errors, name) })
}

export function AccessWayForm({ issuer, values, errors }: WayFormProps & { issuer: string }) {
  return (
    <Form method="post" className="max-w-2xl space-y-5">
      <ErrorSummary errors={errors} title="Nothing was added" />
      <input type="hidden" name="kind" value="access" />
      <p className="text-[0.9375rem]">
        Executor becomes an OIDC application of Access for SaaS. Each person connects once, and runs go on when they are
        not there. <code className="font-mono text-sm">npm run access:link</code> makes the application and links the
        upstream’s to it.
      </p>
      <TextField
        name="clientId"
        label="Client ID"
        hint={`Of the SaaS application. Its issuer is ${issuer}`}
        defaultValue={values.clientId}
        error={errorFor(errors, 'clientId')}
        autoCapitalize="none"
        required
        isMono
      />
      {/* `new-password` is what keeps browsers from filling in the password of the console's own origin. */}
      <TextField
        type="password"
        autoComplete="new-password"
        name="clientSecret"
        label="Client secret"
        hint="Sealed, and never shown again."
        error={errorFor(errors, 'clientSecret')}
        isMono
      />
      <ChoiceField
        name="sentAs"
        legend="How the token is sent"
        defaultValue={values.sentAs || 'bearer'}
        error={errorFor(errors, 'sentAs')}
        choices={[
          { value: 'bearer', label: 'Authorization: Bearer', hint: 'What Access expects by default.' },
          { value: 'access', label: 'Cf-Access-Token', hint: 'Where the application uses Authorization for itself.' },
        ]}
      />
      <Submit />
    </Form>
  )
}

function Submit() {
  const isBusy = useNavigation().formMethod === 'POST'
  return (
    <Button weight="primary" disabled={isBusy}>
      {isBusy ? 'Asking the server…' : 'Add it'}
    </Button>
  )
}
