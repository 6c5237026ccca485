// A way to connect that the document does not have: OAuth at a server that an admin names, or the team's own Access.
import { data, redirect } from 'react-router'
import type { AuthMethod, AuthorizationServer } from '../../../drizzle/shapes.ts'
import { saveOwnApp } from '../../../server/connections/oauth/clients.ts'
import { discover } from '../../../server/connections/oauth/discovery.ts'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../../server/db/integrations.ts'
import {
  accessIssuer,
  readAccessMethod,
  readOAuthMethod,
  withOfferedGrants,
} from '../../../server/tools/added-methods.ts'
import { addMethod, removeMethod } from '../../../server/tools/integration-methods.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/method-new'
import { AccessWayForm, OAuthWayForm, type WayValues } from './way-forms.tsx'

async function findForAdmin({ db, principal }: AppContext, slug: string): Promise<IntegrationRow> {
  const refusal = refuseMember(principal, 'change how people sign in')
  if (refusal) throw refusal
  const integration = await findIntegrationBySlug(db, slug)
  if (!integration) throw data(`There is no integration ${slug}.`, { status: 404 })
  return integration
}

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const { slug, title, baseUrl } = await findForAdmin(app, params.slug)
  const kind = new URL(request.url).searchParams.get('kind') === 'access' ? 'access' : 'oauth'
  return {
    integration: { slug, title, baseUrl },
    kind,
    issuer: accessIssuer(app.config.teamDomain.origin, '<client ID>'),
  } as const
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const integration = await findForAdmin(app, params.slug)
  const form = await request.formData()
  const added =
    formText(form, 'kind') === 'access'
      ? await addAccess(app, integration, form)
      : await addOAuth(app, integration, form)
  if (added.length === 0) return redirect(`/integrations/${integration.slug}?notice=way-added#ways`)
  return data({ errors: added, values: shownAgain(form) }, { status: 422 })
}

const SHOWN = [
  'label',
  'discovery',
  'resourceUrl',
  'issuer',
  'authorizationUrl',
  'tokenUrl',
  'deviceAuthorizationUrl',
  'scopes',
  'parameters',
  'header',
  'clientId',
  'sentAs',
] as const

function shownAgain(form: FormData): WayValues {
  return Object.fromEntries(SHOWN.map((name) => [name, formText(form, name)]))
}

/** What is wrong; nothing when it was added. */
async function addOAuth(app: AppContext, integration: IntegrationRow, form: FormData): Promise<FormError[]> {
  const text = (name: (typeof SHOWN)[number]) => formText(form, name)
  const read = readOAuthMethod({
    label: text('label'),
    discovery: text('discovery'),
    resourceUrl: text('resourceUrl'),
    issuer: text('issuer'),
    authorizationUrl: text('authorizationUrl'),
    tokenUrl: text('tokenUrl'),
    deviceAuthorizationUrl: text('deviceAuthorizationUrl'),
    scopes: text('scopes'),
    parameters: text('parameters'),
    header: text('header'),
  })
  if (!read.ok) return read.problems
  const found = await serverOf(app, read.method)
  if (!found.ok) return [{ field: text('discovery') === 'resource' ? 'resourceUrl' : 'issuer', message: found.message }]
  const change = await addMethod(app, integration, withOfferedGrants(read.method, found.server))
  return change.ok ? [] : [{ ...(change.field && { field: change.field }), message: change.message }]
}

async function addAccess(app: AppContext, integration: IntegrationRow, form: FormData): Promise<FormError[]> {
  const typed = { clientId: formText(form, 'clientId'), sentAs: formText(form, 'sentAs') }
  const at = { teamOrigin: app.config.teamDomain.origin }
  const clientSecret = formText(form, 'clientSecret')
  const first = readAccessMethod(typed, at)
  const problems: FormError[] = first.ok ? [] : first.problems
  if (clientSecret === '') problems.push({ field: 'clientSecret', message: 'Copy the client secret too.' })
  if (!first.ok || problems.length > 0) return problems
  const found = await serverOf(app, first.method)
  if (!found.ok) return [{ field: 'clientId', message: `Access has no such application. ${found.message}` }]
  const { scopesSupported = [], tokenEndpointAuthMethodsSupported: takes = ['client_secret_basic'] } = found.server
  const read = readAccessMethod(typed, { ...at, scopesSupported }, first.method.id)
  if (!read.ok) return read.problems
  const { method } = read
  const change = await addMethod(app, integration, method)
  if (!change.ok) return [{ message: change.message }]
  const authMethod = takes.includes('client_secret_basic') ? 'client_secret_basic' : 'client_secret_post'
  const saved = await saveOwnApp(app, { integration, method, clientId: typed.clientId, clientSecret, authMethod })
  if (saved.ok) return []
  await removeMethod(app, change.integration, method.id)
  return [{ ...(saved.field === 'clientSecret' && { field: saved.field }), message: saved.message }]
}

async function serverOf(
  { outbound }: AppContext,
  { oauth }: AuthMethod,
): Promise<{ ok: true; server: AuthorizationServer } | { ok: false; message: string }> {
  if (oauth === undefined) return { ok: false, message: 'There is no server.' }
  return discover(outbound, oauth, { flow: oauth.flows[0] })
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Add a way to connect · ${loaderData?.integration.title ?? 'Integration'} · Executor` },
]

export default function NewMethod({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, kind, issuer } = loaderData
  const here = `/integrations/${integration.slug}/methods/new`
  return (
    <Page
      title="Add a way to connect"
      parent={{ to: `/integrations/${integration.slug}`, label: integration.title }}
      lead="For what the document does not say. Everyone who connects then has the choice, and new versions of the document leave it as it is."
    >
      <FilterLinks
        label="Kind"
        links={[
          { to: here, label: 'OAuth', isCurrent: kind === 'oauth' },
          { to: `${here}?kind=access`, label: 'Access, as the person', isCurrent: kind === 'access' },
        ]}
      />
      {kind === 'oauth' ? (
        <OAuthWayForm
          values={actionData?.values ?? { label: 'OAuth', discovery: 'resource', resourceUrl: integration.baseUrl }}
          errors={actionData?.errors}
        />
      ) : (
        <AccessWayForm issuer={issuer} values={actionData?.values ?? {}} errors={actionData?.errors} />
      )}
    </Page>
  )
}
