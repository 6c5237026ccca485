import { data, Form, Link, redirect, useNavigation } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { createConnection } from '../../../server/connections/manage.ts'
import { originsOf } from '../../../server/connections/origins.ts'
import type { Principal } from '../../../server/access/principal.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { findIntegrationBySlug, listIntegrations } from '../../../server/db/integrations.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { formText } from '../form.ts'
import type { Route } from './+types/new'
import { ConnectFields } from './connect-fields.tsx'
import { beginFrom } from './begin.ts'
import { readConnectForm, refusedField, shownValues } from './connect-form.ts'
import { connectOffer } from './connect-methods.ts'
import { SIGN_IN } from './connect-names.ts'
import { Origins } from './origins.tsx'
import { findSignIn } from './sign-in-choices.ts'

const IMPORTED_ONLY = 'The import has started, but its connection could not be made with these values. Fill it in here.'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const slug = search.get('integration')
  const { isAdmin } = principal
  if (slug === null) {
    const integrations = await listIntegrations(db)
    return {
      isAdmin,
      integration: null,
      errors: undefined,
      integrations: integrations.map(({ slug, title }) => ({ slug, title })),
    }
  }
  const found = await findIntegrationBySlug(db, slug)
  if (!found) throw data(`There is no integration ${slug}.`, { status: 404 })
  return {
    isAdmin,
    errors: search.has('problem') ? [{ message: IMPORTED_ONLY }] : undefined,
    integration: {
      slug,
      title: found.title,
      origins: originsOf(found),
      offer: connectOffer(found, isAdmin),
      name: freeName(principal, await listConnections(db, { integrationId: found.id })),
    },
    integrations: [],
  }
}

/** Nobody should have to think of a name: names are taken by other people's connections too, which a member cannot see. */
function freeName(principal: Principal, connections: readonly { slug: string }[]): string {
  const taken = new Set(connections.map(({ slug }) => slug))
  const own = principal.kind === 'person' ? principal.email.replace(/@.*/, '').replaceAll(/\W+/g, '_') : ''
  const names = principal.isAdmin ? ['main'] : ['mine', ...(/^[a-z_]\w{0,40}$/.test(own) ? [own] : [])]
  const last = names.at(-1) ?? ''
  const numbered = Array.from({ length: taken.size + 1 }, (_, at) => `${last}${at + 2}`)
  return [...names, ...numbered].find((name) => !taken.has(name)) ?? ''
}

export async function action({ context, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const form = await request.formData()
  const integration = await findIntegrationBySlug(app.db, formText(form, 'integration'))
  if (!integration) throw data('The integration is gone.', { status: 404 })
  const offer = connectOffer(integration, app.principal.isAdmin)
  const methods = [...offer.methods, ...offer.others]
  const values = {
    method: formText(form, 'method'),
    owner: formText(form, 'owner'),
    slug: formText(form, 'connection'),
    fields: shownValues(form, methods),
  }
  const signIn = findSignIn(integration.authMethods, values.method)
  if (signIn) {
    const begun = await beginFrom(app, { integration, ...signIn, owner: values.owner, slug: values.slug })
    return begun.ok ? begun.response : data({ errors: begun.errors, values }, { status: 422 })
  }
  const connect = readConnectForm(form, methods)
  if (!connect.ok) return data({ errors: connect.errors, values }, { status: 422 })
  if (connect.method === null) return redirect(`/integrations/${integration.slug}`)
  const created = await createConnection(app, {
    integration,
    method: connect.method,
    values: connect.values,
    probe: await probeFor(app.db, integration.id, connect.method),
    owner: values.owner,
    slug: values.slug,
  })
  // Its schema is read next.
  if (created.ok && integration.revision === 0) return redirect(`/integrations/${integration.slug}#read`)
  if (created.ok) return redirect(`/connections/${created.connection.id}?notice=added#main`)
  return data(
    { errors: [{ field: refusedField(connect.method, created), message: created.message }], values },
    { status: 422 },
  )
}

export const meta: Route.MetaFunction = () => [{ title: 'Add a connection · Executor' }]

const PARENT = { to: '/connections', label: 'Connections' }

export default function NewConnection({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, integrations, isAdmin } = loaderData
  if (integration === null) {
    return (
      <Page title="Add a connection" parent={PARENT} lead="To which integration?">
        <Choose integrations={integrations} />
      </Page>
    )
  }
  const initial = {
    method: integration.offer.method,
    owner: isAdmin ? 'org' : 'me',
    slug: integration.name,
    fields: {},
  }
  return (
    <Page
      title={isAdmin ? `Connect ${integration.title}` : `Connect your ${integration.title}`}
      parent={PARENT}
      lead={
        <>
          The credential goes to <Origins origins={integration.origins} /> and nowhere else. It is sealed, and nobody
          sees it again.
        </>
      }
    >
      <Form method="post" className="group/connect max-w-2xl space-y-5">
        <ErrorSummary errors={actionData?.errors ?? loaderData.errors} title="The connection was not saved" />
        <input type="hidden" name="integration" value={integration.slug} />
        <ConnectFields
          offer={integration.offer}
          isAdmin={isAdmin}
          origins={integration.origins}
          values={actionData?.values ?? initial}
          errors={actionData?.errors}
        />
        <Submit />
      </Form>
    </Page>
  )
}

/** Says what will happen: a sign-in, or a credential that is saved and tested. */
function Submit() {
  const { formMethod, formData } = useNavigation()
  if (formMethod === 'POST') {
    const isSignIn = formData !== undefined && formText(formData, 'method').startsWith(SIGN_IN)
    return (
      <Button weight="primary" disabled>
        {isSignIn ? 'One moment…' : 'Saving and testing…'}
      </Button>
    )
  }
  return (
    <Button weight="primary">
      <span className="group-has-[[value^='~sign-in.']:checked]/connect:hidden">Save and test</span>
      <span className="hidden group-has-[[value^='~sign-in.']:checked]/connect:inline">Sign in</span>
    </Button>
  )
}

function Choose({ integrations }: { integrations: { slug: string; title: string }[] }) {
  if (integrations.length === 0) {
    return (
      <Empty title="There are no integrations">
        Connections belong to integrations. <TextLink to="/integrations">See the integrations</TextLink>
      </Empty>
    )
  }
  return (
    <Rows>
      {integrations.map(({ slug, title }) => (
        <li key={slug}>
          <Link
            to={`/connections/new?integration=${slug}`}
            className="flex min-h-12 items-center gap-3 px-5 font-medium hover:underline"
          >
            {title} <span className="font-mono text-sm font-normal text-muted">{slug}</span>
          </Link>
        </li>
      ))}
    </Rows>
  )
}
