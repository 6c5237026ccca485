import { data, Form, Link, redirect, useNavigation } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { createConnection } from '../../../server/connections/manage.ts'
import { originsOf } from '../../../server/connections/origins.ts'
import { findIntegrationBySlug, listIntegrations } from '../../../server/db/integrations.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { formText } from '../form.ts'
import type { Route } from './+types/new'
import { ConnectFields } from './connect-fields.tsx'
import { connectMethods } from './connect-methods.ts'
import { firstChoice, readConnectForm, refusedField, shownValues } from './connect-form.ts'
import { Origins } from './origins.tsx'

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
  const methods = connectMethods(found.authMethods)
  return {
    isAdmin,
    errors: search.has('problem') ? [{ message: IMPORTED_ONLY }] : undefined,
    integration: { slug, title: found.title, origins: originsOf(found), methods, method: firstChoice(methods) },
    integrations: [],
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const form = await request.formData()
  const integration = await findIntegrationBySlug(app.db, formText(form, 'integration'))
  if (!integration) throw data('The integration is gone.', { status: 404 })
  const methods = connectMethods(integration.authMethods)
  const values = {
    method: formText(form, 'method'),
    owner: formText(form, 'owner'),
    slug: formText(form, 'connection'),
    fields: shownValues(form, methods),
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
  const isSaving = useNavigation().formMethod === 'POST'
  if (integration === null) {
    return (
      <Page title="Add a connection" parent={PARENT} lead="To which integration?">
        <Choose integrations={integrations} />
      </Page>
    )
  }
  const initial = {
    method: integration.method,
    owner: isAdmin ? 'org' : 'me',
    slug: isAdmin ? 'main' : 'mine',
    fields: {},
  }
  return (
    <Page
      title={`Connect ${integration.title}`}
      parent={PARENT}
      lead={
        <>
          Sent to <Origins origins={integration.origins} /> and nowhere else. It is sealed, and nobody sees it again.
        </>
      }
    >
      <Form method="post" className="max-w-2xl space-y-5">
        <ErrorSummary errors={actionData?.errors ?? loaderData.errors} title="The connection was not saved" />
        <input type="hidden" name="integration" value={integration.slug} />
        <ConnectFields
          methods={integration.methods}
          isAdmin={isAdmin}
          values={actionData?.values ?? initial}
          errors={actionData?.errors}
        />
        <Button weight="primary" disabled={isSaving}>
          {isSaving ? 'Saving and testing…' : 'Save and test'}
        </Button>
      </Form>
    </Page>
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
