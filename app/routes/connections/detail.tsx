import { data, Form, redirect } from 'react-router'
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { type AppContext, appContext } from '../../../server/context.ts'
import {
  type Managed,
  mayManage,
  removeConnection,
  testConnection,
  updateConnection,
} from '../../../server/connections/manage.ts'
import { sendsNothing } from '../../../server/connections/method.ts'
import { scopesIn } from '../../../server/connections/oauth/scopes.ts'
import { unconfirmedOrigins } from '../../../server/connections/origins.ts'
import { shownHealth } from '../../../server/connections/shown-health.ts'
import { type ConnectionRow, findConnection } from '../../../server/db/connections.ts'
import { listRunsThrough } from '../../../server/db/connection-runs.ts'
import { findIntegration, type IntegrationRow } from '../../../server/db/integrations.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import { Address } from '../../ui/address.tsx'
import type { Health } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { formText } from '../form.ts'
import { whose } from '../may-see.ts'
import type { Route } from './+types/detail'
import { beginFrom } from './begin.ts'
import { CredentialField } from './connect-fields.tsx'
import { refusedField } from './connect-form.ts'
import { fieldName } from './connect-names.ts'
import { HealthCard, StepUp } from './health-card.tsx'
import { NewOrigins, Origins } from './origins.tsx'
import { signedInOf } from './signed-in.ts'
import { SignedInFacts } from './signed-in-facts.tsx'
import { UsedBy } from './used-by.tsx'

const RUNS_SHOWN = 10

/** Whose connection it is stays unsaid to those who may not see it. */
async function findVisible(app: AppContext, id: string) {
  const connection = await findConnection(app.db, id)
  const integration = connection && (await findIntegration(app.db, connection.integrationId))
  const isVisible = connection?.owner === 'org' || connection?.owner === app.principal.id || app.principal.isAdmin
  if (!integration || !isVisible) throw data('There is no such connection.', { status: 404 })
  return { connection, integration }
}

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const { connection, integration } = await findVisible(app, params.id)
  const { slug, owner, method, origins, isDefault, checkedAt, lastUsedAt, createdAt } = connection
  // An admin sees that another's connection exists, and may remove it.
  const isOthers = owner !== 'org' && owner !== app.principal.id
  const mayChange = mayManage(app.principal, connection)
  const now = Date.now()
  const { health, reason } = shownHealth(connection, now)
  const search = new URL(request.url).searchParams
  const runs = isOthers ? [] : await listRunsThrough(app.db, connection, { ...whose(app.principal), limit: RUNS_SHOWN })
  return {
    now,
    mayChange,
    mayRemove: app.principal.isAdmin || mayChange,
    notice: search.get('notice'),
    integration: { slug: integration.slug, title: integration.title },
    connection: { slug, owner, method, origins, isDefault, health },
    isPinned: !sendsNothing(method),
    isMine: owner === app.principal.id,
    values: isOthers ? {} : connection.values,
    healthReason: isOthers ? null : reason,
    signedIn: isOthers ? null : signedInOf(integration, connection, scopesIn(search.get('scope') ?? '')),
    newOrigins: unconfirmedOrigins(integration, connection),
    baseOrigin: new URL(integration.baseUrl).origin,
    times: { checkedAt, lastUsedAt, createdAt },
    runs,
  }
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const { connection, integration } = await findVisible(app, params.id)
  const form = await request.formData()
  const intent = formText(form, 'intent')
  if (intent === 'sign-in') return signInAgain(app, integration, connection, scopesIn(formText(form, 'scope')))
  const done = await carryOut(app, connection, intent, form)
  if (!done.ok) {
    const field = done.field === 'value' ? refusedField(connection.method, done) : undefined
    return data({ errors: [{ ...(field && { field }), message: done.message }] }, { status: 422 })
  }
  return redirect(
    intent === 'remove'
      ? '/connections?notice=removed#main'
      : `/connections/${connection.id}?notice=${encodeURIComponent(intent)}#main`,
  )
}

/** In place: the connection keeps its name, its owner and its rules. */
async function signInAgain(app: AppContext, integration: IntegrationRow, connection: ConnectionRow, scopes: string[]) {
  const method = integration.authMethods.find(({ id }) => id === connection.oauth?.methodId)
  if (connection.oauth === null || method === undefined) {
    const message = 'The way that it signed in by is gone. Make another connection, and remove this one.'
    return data({ errors: [{ message }] }, { status: 422 })
  }
  const { owner, slug, oauth } = connection
  const begun = await beginFrom(app, {
    integration,
    method,
    grant: oauth.grant,
    owner: owner === 'org' ? 'org' : 'me',
    slug,
    connection,
    ...(scopes.length > 0 && { scopes }),
  })
  return begun.ok ? begun.response : data({ errors: begun.errors }, { status: 422 })
}

async function carryOut(app: AppContext, connection: ConnectionRow, intent: string, form: FormData): Promise<Managed> {
  const probe = await probeFor(app.db, connection.integrationId, connection.method)
  switch (intent) {
    case 'test':
      return testConnection(app, connection, probe)
    case 'default':
      return updateConnection(app, connection, { isDefault: true })
    case 'origins': {
      const confirmOrigins = form.getAll('origin').filter((origin) => typeof origin === 'string')
      return updateConnection(app, connection, { confirmOrigins, probe })
    }
    case 'remove':
      return removeConnection(app, connection)
    default: {
      const { id, fields } = connection.method
      const values = Object.fromEntries(fields.map(({ name }) => [name, formText(form, fieldName(id, name))]))
      return updateConnection(app, connection, { values, probe })
    }
  }
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData ? `${loaderData.integration.slug}@${loaderData.connection.slug}` : 'Connection'} · Executor` },
]

const NOTICES: Record<string, string> = {
  connected: 'You are connected.',
  added: 'The connection is saved.',
  replace: 'The change is saved.',
  test: '',
  origins: 'The credential goes there now.',
  default: 'Unqualified addresses use this connection now.',
}
const TESTED = new Set(['added', 'connected', 'replace', 'test', 'origins'])

/** What was done, and where a test belonged to it, how that went. */
function Done({ notice, health }: { notice: string | null; health: Health }) {
  const done = notice !== null && Object.hasOwn(NOTICES, notice) ? NOTICES[notice] : undefined
  if (notice === null || done === undefined) return null
  const isTested = TESTED.has(notice)
  const hasFailed = health === 'failing' || health === 'needs_sign_in'
  const outcome = !isTested || health === 'untested' ? '' : hasFailed ? 'The test failed.' : 'The test succeeded.'
  const said = `${done} ${outcome}`.trim()
  return said === '' ? null : <Notice tone={isTested && hasFailed ? 'warning' : 'done'}>{said}</Notice>
}

export default function Connection({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, connection, isMine, values, times, now, mayChange, mayRemove, notice, signedIn } = loaderData
  const address = `${integration.slug}@${connection.slug}`
  return (
    <Page title={<Address text={address} />} parent={{ to: '/connections', label: 'Connections' }}>
      <Done notice={notice} health={connection.health} />
      <ErrorSummary errors={actionData?.errors} />
      {mayChange && signedIn && signedIn.stepUp.length > 0 && <StepUp scopes={signedIn.stepUp} />}
      <HealthCard
        health={connection.health}
        reason={loaderData.healthReason}
        checkedAt={times.checkedAt}
        identity={signedIn?.identity ?? null}
        now={now}
        mayChange={mayChange}
        canSignIn={signedIn?.canSignIn ?? false}
      />
      {loaderData.newOrigins.length > 0 && (
        <NewOrigins
          title={integration.title}
          confirmed={connection.origins}
          added={loaderData.newOrigins}
          hasMoved={loaderData.newOrigins.includes(loaderData.baseOrigin)}
          mayConfirm={mayChange}
        />
      )}
      <Facts>
        <Fact name="Integration">
          <TextLink to={`/integrations/${integration.slug}`}>{integration.title}</TextLink>
        </Fact>
        <Fact name="Who may use it">
          {isMine ? 'Only you' : connection.owner === 'org' ? 'Everyone' : connection.owner}
        </Fact>
        <Fact name="Method">{connection.method.label}</Fact>
        {Object.entries(values).map(([name, value]) => (
          <Fact key={name} name={labelOf(connection.method, name)}>
            {value}
          </Fact>
        ))}
        {signedIn && <SignedInFacts {...signedIn} now={now} />}
        {loaderData.isPinned && (
          <Fact name={connection.method.forwards ? 'Forwarded only to' : 'Sent only to'}>
            <Origins origins={connection.origins} />
          </Fact>
        )}
        <Fact name="Default">{connection.isDefault && 'Unqualified addresses use it'}</Fact>
        <Fact name="Last used">{times.lastUsedAt === null ? 'not yet' : <Time at={times.lastUsedAt} now={now} />}</Fact>
        <Fact name="Added">
          <Time at={times.createdAt} now={now} />
        </Fact>
      </Facts>
      {loaderData.runs.length > 0 && <UsedBy runs={loaderData.runs} now={now} />}
      {mayChange && connection.method.fields.length > 0 && !signedIn?.isObtained && (
        <ReplaceSecret method={connection.method} values={values} errors={actionData?.errors} />
      )}
      {mayChange && !connection.isDefault && <MakeDefault slug={integration.slug} />}
      {mayRemove ? (
        <Confirm label="Remove this connection" confirm="Remove connection" intent="remove">
          Calls through {address} fail from then on. Its secret is deleted and cannot be brought back.
        </Confirm>
      ) : (
        <p className="text-muted">Only admins change connections that everyone uses.</p>
      )}
    </Page>
  )
}

interface ReplaceSecretProps {
  method: AuthMethod
  values: Record<string, string>
  errors?: FormError[]
}

function ReplaceSecret({ method, values, errors }: ReplaceSecretProps) {
  const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [fieldName(method.id, name), value]))
  return (
    <Section title="Change the credential" lead="What is stored is never shown. A secret left empty stays as it is.">
      <Form method="post" className="max-w-2xl space-y-5">
        {method.fields.map((field) => (
          <CredentialField
            key={field.name}
            method={method.id}
            field={field}
            values={{ method: method.id, owner: '', slug: '', fields }}
            errors={errors}
          />
        ))}
        <Button name="intent" value="replace">
          Save and test
        </Button>
      </Form>
    </Section>
  )
}

function MakeDefault({ slug }: { slug: string }) {
  return (
    <Section
      title="Default"
      lead={`When there are several connections, tools.${slug} uses the default one. Without a default, a call has to name its connection.`}
    >
      <Form method="post">
        <Button name="intent" value="default">
          Make this the default
        </Button>
      </Form>
    </Section>
  )
}

function labelOf(method: AuthMethod, name: string): string {
  return method.fields.find((field) => field.name === name)?.label ?? name
}
