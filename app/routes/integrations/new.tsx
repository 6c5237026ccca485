import { data, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { createConnection, testConnection } from '../../../server/connections/manage.ts'
import type { ConnectionRow } from '../../../server/db/connections.ts'
import type { IntegrationRow } from '../../../server/db/integrations.ts'
import { publicMethod } from '../../../server/tools/import-fields.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { findImport, type ImportRow } from '../../../server/db/imports.ts'
import { startImport } from '../../../server/tools/import.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { connectMethods } from '../connections/connect-methods.ts'
import { firstChoice, readConnectForm, shownValues } from '../connections/connect-form.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/new'
import { ImportForm, type ImportValues } from './import-form.tsx'
import { SourceForm } from './source-form.tsx'
import { takeDocument } from './take-document.ts'

const PREVIEW_IS_GONE = 'This preview is gone. Give the document again.'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'add integrations')
  if (refusal) throw refusal
  const importId = new URL(request.url).searchParams.get('import')
  if (importId === null) return { found: null, errors: [] }
  const row = await findImport(db, importId)
  if (row?.state !== 'previewed') return { found: null, errors: [{ message: PREVIEW_IS_GONE }] }
  const { origin, preview } = row
  const methods = connectMethods(preview.authMethods)
  return { found: { importId, origin, preview, methods, values: suggested(row) }, errors: [] }
}

function suggested({ preview }: ImportRow): ImportValues {
  return {
    title: preview.title,
    slug: preview.suggestedSlug,
    baseUrl: preview.servers[0] ?? '',
    connect: { method: firstChoice(connectMethods(preview.authMethods)), owner: 'org', slug: 'main', fields: {} },
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const refusal = refuseMember(app.principal, 'add integrations')
  if (refusal) throw refusal
  const isDocument = request.headers.get('content-type')?.startsWith('multipart/form-data')
  return isDocument ? preview(app, request) : confirm(app, await request.formData())
}

async function preview(app: AppContext, request: Request) {
  const { source, result } = await takeDocument(app, request, app.principal.id)
  if (result.ok) return redirect(`/integrations/new?import=${result.importId}`)
  return data({ errors: [{ field: 'source', message: result.message }], source, values: undefined }, { status: 422 })
}

/** One step: the connection's fields are read first, so that nothing is imported when one of them is missing. */
async function confirm(app: AppContext, form: FormData) {
  const importId = formText(form, 'import')
  const row = await findImport(app.db, importId)
  const methods = connectMethods(row?.preview.authMethods ?? [])
  const values: ImportValues = {
    title: formText(form, 'title'),
    slug: formText(form, 'slug'),
    baseUrl: formText(form, 'baseUrl'),
    connect: {
      method: formText(form, 'method'),
      owner: formText(form, 'owner'),
      slug: formText(form, 'connection'),
      fields: shownValues(form, methods),
    },
  }
  const refuse = (errors: FormError[]) => data({ errors, values, source: '' }, { status: 422 })

  const connect = readConnectForm(form, methods)
  if (!connect.ok) return refuse(connect.errors)
  const started = await startImport(app, { importId, ...values, by: app.principal.id })
  if (!started.ok) {
    return refuse([{ ...(started.field !== 'import' && { field: started.field }), message: started.message }])
  }
  const { integration, work } = started
  const isConnected = await connectWith(app, integration, connect, values.connect, work)
  return redirect(
    isConnected
      ? `/integrations/${integration.slug}#main`
      : `/connections/new?integration=${integration.slug}&problem=not_saved#main`,
  )
}

/** Connects what is being imported; the test waits for the tools, one of which it calls. */
async function connectWith(
  app: AppContext,
  integration: IntegrationRow,
  { method, values }: { method: AuthMethod; values: Record<string, string> } | { method: null; values?: undefined },
  { owner, slug }: { owner: string; slug: string },
  work: Promise<void>,
): Promise<boolean> {
  const isConnected = publicMethod(integration.authMethods) !== null
  // What needs no credential is connected by the import itself.
  if (method === null || (isConnected && method.fields.length === 0)) {
    app.waitUntil(work)
    return true
  }
  const created = await createConnection(app, { integration, method, values, owner, slug, isDefault: isConnected })
  app.waitUntil(created.ok ? work.then(() => testWithTools(app, created.connection)) : work)
  return created.ok
}

async function testWithTools(app: AppContext, connection: ConnectionRow): Promise<void> {
  await testConnection(app, connection, await probeFor(app.db, connection.integrationId))
}

export const meta: Route.MetaFunction = () => [{ title: 'Add an integration · Executor' }]

export default function NewIntegration({ loaderData, actionData }: Route.ComponentProps) {
  const parent = { to: '/integrations', label: 'Integrations' }
  const { found, errors } = loaderData
  if (found === null) {
    return (
      <Page
        title="Add an integration"
        parent={parent}
        lead="Executor reads its OpenAPI document and shows what it would become before anything is imported."
      >
        <SourceForm errors={actionData?.errors ?? errors} source={actionData?.source} />
      </Page>
    )
  }
  return (
    <Page title={found.preview.title} parent={parent} lead="This is what the document would become.">
      <ImportForm {...found} values={actionData?.values ?? found.values} errors={actionData?.errors} />
    </Page>
  )
}
