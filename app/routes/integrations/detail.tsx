import { data, Form, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../../server/db/integrations.ts'
import { findLatestImport, type ImportRow } from '../../../server/db/imports.ts'
import { listToolGroups, listTools } from '../../../server/db/tools.ts'
import { decideBeforehand, loadCatalog, resolveConnection, usableConnections } from '../../../server/tools/catalog.ts'
import { changeIntegration } from '../../../server/tools/change-integration.ts'
import { parseBaseUrl } from '../../../server/tools/import-fields.ts'
import { startImport, stateOfImport } from '../../../server/tools/import.ts'
import { removeIntegration } from '../../../server/tools/remove.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import type { FormError } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/detail'
import { ConnectionList } from './connection-list.tsx'
import { EditForm } from './edit-form.tsx'
import { KINDS, Origin } from './import-form.tsx'
import { ImportProgress } from './import-progress.tsx'
import { SkippedList } from './skipped-list.tsx'
import { ToolGroups } from './tool-groups.tsx'

const PAGE_SIZE = 50

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const integration = await findIntegrationBySlug(db, params.slug)
  if (!integration) throw data(`There is no integration ${params.slug}.`, { status: 404 })
  const search = new URL(request.url).searchParams
  const group = search.get('group') ?? undefined
  const after = search.get('after') ?? undefined
  const inForce = { integrationId: integration.id, revision: integration.revision }
  const [latest, groups, listed, catalog] = await Promise.all([
    findLatestImport(db, integration.id),
    listToolGroups(db, inForce),
    listTools(db, inForce, { group, after, limit: PAGE_SIZE + 1 }),
    loadCatalog(db, principal),
  ])
  const usable = usableConnections(catalog, principal, integration.id)
  const resolved = resolveConnection(catalog, principal, integration.slug, undefined, origin)
  const tools = listed.slice(0, PAGE_SIZE)
  return {
    isAdmin: principal.isAdmin,
    now: Date.now(),
    integration: shown(integration),
    latest: latestImport(latest),
    connections: usable.map(({ id, slug, owner, method, health, isDefault }) => {
      return { id, slug, isMine: owner !== 'org', method: method.label, health, isDefault }
    }),
    allConnectionCount: catalog.connections.filter((connection) => connection.integrationId === integration.id).length,
    group,
    groups,
    tools: tools.map(({ name, summary, effect, isDeprecated }) => ({
      name,
      summary,
      effect,
      isDeprecated,
      action: decideBeforehand(catalog, resolved, usable, { integration: integration.slug, name, effect }).action,
    })),
    isFirstPage: after === undefined,
    next: listed.length > PAGE_SIZE ? tools.at(-1)?.name : undefined,
    isSaved: search.get('notice') === 'saved',
  }
}

function shown({
  slug,
  kind,
  title,
  description,
  version,
  origin,
  baseUrl,
  toolCount,
  createdBy,
  createdAt,
}: IntegrationRow) {
  // Everyone sees this page, and the address of a document may carry a key.
  const from = origin.kind === 'url' ? { ...origin, url: origin.url.replace(/\?.*$/s, '') } : origin
  return { slug, kind, title, description, version, origin: from, baseUrl, toolCount, createdBy, createdAt }
}

function latestImport(row: ImportRow | undefined) {
  if (!row) return null
  const { id, done, skipped, preview } = row
  return { id, done, skipped, total: preview.operationCount, ...stateOfImport(row, Date.now()) }
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const refusal = refuseMember(app.principal, 'change integrations')
  if (refusal) throw refusal
  const integration = await findIntegrationBySlug(app.db, params.slug)
  if (!integration) throw data(`There is no integration ${params.slug}.`, { status: 404 })
  const form = await request.formData()
  switch (formText(form, 'intent')) {
    case 'remove':
      await removeIntegration(app, integration.id, app.principal.id)
      return redirect('/integrations?notice=removed#main')
    case 'retry':
      return retry(app, integration, formText(form, 'import'))
    default:
      return edit(app, integration, { title: formText(form, 'title'), baseUrl: formText(form, 'baseUrl') })
  }
}

async function retry(app: AppContext, integration: IntegrationRow, importId: string) {
  const { slug, title, baseUrl } = integration
  const started = await startImport(app, { importId, slug, title, baseUrl, by: app.principal.id })
  if (!started.ok) return data({ errors: [{ message: started.message }], values: null }, { status: 422 })
  app.waitUntil(started.work)
  return redirect(`/integrations/${slug}#main`)
}

async function edit(app: AppContext, integration: IntegrationRow, values: { title: string; baseUrl: string }) {
  const baseUrl = parseBaseUrl(values.baseUrl)
  const errors: FormError[] = []
  if (values.title === '' || values.title.length > 200) {
    errors.push({ field: 'title', message: 'Give it a title of at most 200 characters.' })
  }
  if (!baseUrl.ok) errors.push({ field: 'baseUrl', message: baseUrl.message })
  if (!baseUrl.ok || errors.length > 0) return data({ errors, values }, { status: 422 })
  await changeIntegration(app, integration, { title: values.title, baseUrl: baseUrl.url }, app.principal.id)
  return redirect(`/integrations/${integration.slug}?notice=saved#main`)
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.integration.title ?? 'Integration'} · Executor` },
]

export default function Integration({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, latest, connections, isAdmin, isSaved, now, tools, groups, group, next, isFirstPage } =
    loaderData
  return (
    <Page
      title={integration.title}
      parent={{ to: '/integrations', label: 'Integrations' }}
      actions={isAdmin && <ButtonLink to="#edit">Change</ButtonLink>}
      lead={integration.description && <Description text={integration.description} />}
    >
      {isSaved && <Notice>The change is saved.</Notice>}
      {latest?.state === 'importing' && <ImportProgress done={latest.done} total={latest.total} />}
      {latest?.state === 'failed' && <FailedImport importId={latest.id} reason={latest.error} isAdmin={isAdmin} />}
      <Facts>
        <Fact name="Slug">
          <span className="font-mono text-sm">{integration.slug}</span>
        </Fact>
        <Fact name="Kind">{KINDS[integration.kind]}</Fact>
        <Fact name="Version">{integration.version}</Fact>
        <Fact name="Base URL">
          <span className="font-mono text-sm">{integration.baseUrl}</span>
        </Fact>
        <Fact name="From">
          <Origin origin={integration.origin} />
        </Fact>
        <Fact name="Tools">{integration.toolCount > 0 && integration.toolCount.toLocaleString('en')}</Fact>
        <Fact name="Added">
          <Time at={integration.createdAt} now={now} /> by{' '}
          <span className="font-mono text-sm">{integration.createdBy}</span>
        </Fact>
      </Facts>
      {latest?.state === 'done' && latest.skipped.length > 0 && (
        <SkippedList skipped={latest.skipped} count={latest.skipped.length} />
      )}
      <ConnectionList slug={integration.slug} connections={connections} />
      {tools.length > 0 && (
        <ToolGroups
          slug={integration.slug}
          groups={groups}
          group={group}
          tools={tools}
          isFirstPage={isFirstPage}
          next={next}
        />
      )}
      {isAdmin && (
        <>
          <Section id="edit" title="Change">
            <EditForm values={actionData?.values ?? integration} errors={actionData?.errors} />
          </Section>
          <Confirm label="Remove this integration" confirm={`Remove ${integration.slug}`} intent="remove">
            Agents lose {integration.toolCount.toLocaleString('en')} tools at once.{' '}
            {loaderData.allConnectionCount > 0 &&
              `${loaderData.allConnectionCount} ${loaderData.allConnectionCount === 1 ? 'connection goes' : 'connections go'} with it, and the secrets in them. `}
            This cannot be undone. Rules about its tools stay.
          </Confirm>
        </>
      )}
    </Page>
  )
}

/** Documents describe themselves at any length. */
function Description({ text }: { text: string }) {
  return <p className="line-clamp-3 whitespace-pre-line">{text}</p>
}

function FailedImport({ importId, reason, isAdmin }: { importId: string; reason: string | null; isAdmin: boolean }) {
  return (
    <Notice tone="danger">
      <p className="font-medium">The import failed</p>
      <p>{reason}</p>
      {isAdmin && (
        <Form method="post" className="mt-3">
          <input type="hidden" name="import" value={importId} />
          <Button name="intent" value="retry">
            Try again
          </Button>
        </Form>
      )}
    </Notice>
  )
}
