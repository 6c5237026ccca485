import { data, redirect } from 'react-router'
import { shownHealth } from '../../../server/connections/shown-health.ts'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../../server/db/integrations.ts'
import { findImport, findOpenImport } from '../../../server/db/imports.ts'
import { describing } from '../../../server/integrations/endpoints.ts'
import { listToolGroups, listTools } from '../../../server/db/tools.ts'
import {
  connectUrlOf,
  decideBeforehand,
  loadCatalog,
  resolveConnection,
  usableConnections,
} from '../../../server/tools/catalog.ts'
import { changeIntegration } from '../../../server/tools/change-integration.ts'
import { parseBaseUrl } from '../../../server/tools/import-fields.ts'
import { beginAgain } from '../../../server/tools/imports/begin.ts'
import { beginFromEndpoint } from '../../../server/tools/imports/begin-endpoint.ts'
import { refreshIntegration } from '../../../server/tools/imports/refresh.ts'
import { removeMethodWithApp } from '../../../server/tools/integration-methods.ts'
import { removeIntegration } from '../../../server/tools/remove.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import type { FormError } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { refuseMember } from '../admin-only.ts'
import { canSignIn } from '../connections/sign-in-choices.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/detail'
import { ConnectionList } from './connection-list.tsx'
import { EditForm } from './edit-form.tsx'
import { KINDS, Origin } from './import-facts.tsx'
import { SkippedList } from './skipped-list.tsx'
import { ToolGroups } from './tool-groups.tsx'
import { ReadThrough } from './read-through.tsx'
import { UpdateSection, WaitingVersion } from './update-section.tsx'
import { WaysSection } from './ways-section.tsx'

const PAGE_SIZE = 50
const NOTICES: Record<string, string> = {
  saved: 'The change is saved.',
  updated: 'The new version is in force.',
  'way-added': 'The way to connect is added.',
  'way-removed': 'The way to connect is gone.',
}

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const integration = await findIntegrationBySlug(db, params.slug)
  if (!integration) throw data(`There is no integration ${params.slug}.`, { status: 404 })
  const search = new URL(request.url).searchParams
  const group = search.get('group') ?? undefined
  const after = search.get('after') ?? undefined
  const inForce = { integrationId: integration.id, revision: integration.revision }
  const [open, current, groups, listed, catalog] = await Promise.all([
    findOpenImport(db, integration.id),
    integration.importId === null ? undefined : findImport(db, integration.importId),
    listToolGroups(db, inForce),
    listTools(db, inForce, { group, after, limit: PAGE_SIZE + 1 }),
    loadCatalog(db, principal),
  ])
  const usable = usableConnections(catalog, principal, integration.id)
  const resolved = resolveConnection(catalog, principal, integration.slug, undefined, origin)
  const tools = listed.slice(0, PAGE_SIZE)
  const now = Date.now()
  return {
    isAdmin: principal.isAdmin,
    now,
    integration: shown(integration),
    waiting: open && {
      id: open.id,
      isRead: open.state === 'read',
      isSame: open.validators !== null && open.validators.hash === integration.validators?.hash,
    },
    hasDocument: current !== undefined && current.files.length > 0,
    skipped: current?.skipped ?? [],
    skippedCount: current?.skippedCount ?? 0,
    connections: usable.map((connection) => {
      const { id, slug, owner, method, isDefault } = connection
      const { health } = shownHealth(connection, now)
      return { id, slug, isMine: owner !== 'org', method: method.label, health, isDefault }
    }),
    ways: integration.authMethods.map((method) => ({
      id: method.id,
      label: method.label,
      isAdded: method.isAdded === true,
      canSignIn: canSignIn(method),
    })),
    connectLink: connectUrlOf(integration.slug, origin),
    // Others' personal ones too: for whoever removes the integration.
    allConnectionCount: principal.isAdmin
      ? catalog.connections.filter((connection) => connection.integrationId === integration.id).length
      : usable.length,
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
    notice: search.get('notice'),
  }
}

function shown(integration: IntegrationRow) {
  const { slug, kind, title, description, version, baseUrl, toolCount, createdBy, createdAt } = integration
  const { origin, origins, checkedAt, checkError, revision } = integration
  // Everyone sees this page, and the address of a document may carry a key.
  const plain = (url: string) => url.replace(/\?.*$/s, '')
  const from =
    'url' in origin
      ? { ...origin, url: plain(origin.url) }
      : origin.kind === 'bundle'
        ? { ...origin, urls: origin.urls.map(plain) }
        : origin
  const facts = { slug, kind, title, description, version, baseUrl, toolCount, createdBy, createdAt }
  const isEndpoint = origin.kind === 'endpoint'
  // Nothing is in force, or what is there could not be read again.
  const what = isEndpoint ? (describing(origin.protocol)?.what ?? '') : 'document'
  const isUnread = isEndpoint && (revision === 0 || checkError !== null)
  return { ...facts, origin: from, origins: origins.slice(1), checkedAt, checkError, revision, isUnread, what }
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
    case 'refresh':
      return refresh(app, integration)
    case 'choose':
      return choose(app, integration)
    case 'read':
      return read(app, integration, formText(form, 'connection'))
    case 'remove-way':
      return removeWay(app, integration, formText(form, 'way'))
    default:
      return edit(app, integration, { title: formText(form, 'title'), baseUrl: formText(form, 'baseUrl') })
  }
}

async function refresh(app: AppContext, integration: IntegrationRow) {
  const result = await refreshIntegration(app, integration, app.principal.id)
  if (result.ok && result.changed) return redirect(`/integrations/imports/${result.importId}#main`)
  return redirect(`/integrations/${integration.slug}?notice=${result.ok ? 'unchanged' : 'unchecked'}#document`)
}

/** Through a connection that the admin may use. */
async function read(app: AppContext, integration: IntegrationRow, id: string) {
  const { principal } = app
  const usable = usableConnections(await loadCatalog(app.db, principal), principal, integration.id)
  const connection = usable.find((one) => one.id === id)
  if (connection === undefined || integration.origin.kind !== 'endpoint') {
    return data({ readProblem: 'This connection is gone. Choose another one.' }, { status: 422 })
  }
  const origin = { ...integration.origin, connection: connection.id }
  const begun = await beginFromEndpoint(app, origin, { by: principal.id, integrationId: integration.id })
  if (begun.ok) return redirect(`/integrations/imports/${begun.importId}#main`)
  return data({ readProblem: begun.message }, { status: 422 })
}

async function choose(app: AppContext, integration: IntegrationRow) {
  const again = await beginAgain(app, integration, app.principal.id)
  return redirect(again ? `/integrations/imports/${again.importId}#main` : `/integrations/${integration.slug}#main`)
}

async function removeWay(app: AppContext, integration: IntegrationRow, id: string) {
  const change = await removeMethodWithApp(app, integration, id)
  if (change.ok) return redirect(`/integrations/${integration.slug}?notice=way-removed#main`)
  return data({ wayProblem: change.message }, { status: 422 })
}

async function edit(app: AppContext, integration: IntegrationRow, values: { title: string; baseUrl: string }) {
  const baseUrl = parseBaseUrl(values.baseUrl)
  const errors: FormError[] = []
  if (values.title === '' || values.title.length > 200) {
    errors.push({ field: 'title', message: 'Give it a title of at most 200 characters.' })
  }
  if (!baseUrl.ok) errors.push({ field: 'baseUrl', message: baseUrl.message })
  if (!baseUrl.ok || errors.length > 0) return data({ edit: { errors, values } }, { status: 422 })
  await changeIntegration(app, integration, { title: values.title, baseUrl: baseUrl.url }, app.principal.id)
  return redirect(`/integrations/${integration.slug}?notice=saved#main`)
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.integration.title ?? 'Integration'} · Executor` },
]

export default function Integration({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, waiting, connections, isAdmin, notice, now, tools, groups, group, next, isFirstPage } =
    loaderData
  const edited = actionData && 'edit' in actionData ? actionData.edit : undefined
  return (
    <Page
      title={integration.title}
      parent={{ to: '/integrations', label: 'Integrations' }}
      actions={isAdmin && <ButtonLink to="#edit">Change</ButtonLink>}
      lead={integration.description && <Description text={integration.description} />}
    >
      {notice !== null && Object.hasOwn(NOTICES, notice) && <Notice>{NOTICES[notice]}</Notice>}
      {isAdmin && waiting && (
        <WaitingVersion {...waiting} isFirst={integration.revision === 0} what={integration.what} />
      )}
      {integration.isUnread && !(waiting && integration.revision === 0) && (
        <ReadThrough
          {...integration}
          isAdmin={isAdmin}
          connections={connections}
          connectLink={loaderData.connectLink}
          problem={actionData && 'readProblem' in actionData ? actionData.readProblem : undefined}
        />
      )}
      <IntegrationFacts integration={integration} now={now} />
      {loaderData.skippedCount > 0 && <SkippedList skipped={loaderData.skipped} count={loaderData.skippedCount} />}
      <ConnectionList slug={integration.slug} connections={connections} />
      {isAdmin && (
        <WaysSection
          slug={integration.slug}
          title={integration.title}
          ways={loaderData.ways}
          link={loaderData.connectLink}
          problem={actionData && 'wayProblem' in actionData ? actionData.wayProblem : undefined}
        />
      )}
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
          {integration.revision > 0 && (
            <UpdateSection
              integration={integration}
              isUnchanged={notice === 'unchanged'}
              hasDocument={loaderData.hasDocument}
              now={now}
            />
          )}
          <Section id="edit" title="Change">
            <EditForm values={edited?.values ?? integration} errors={edited?.errors} />
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

function IntegrationFacts({ integration, now }: Pick<Route.ComponentProps['loaderData'], 'integration' | 'now'>) {
  return (
    <Facts>
      <Fact name="Slug">
        <span className="font-mono text-sm">{integration.slug}</span>
      </Fact>
      <Fact name="Kind">{KINDS[integration.kind]}</Fact>
      <Fact name="Version">{integration.version}</Fact>
      <Fact name="Base URL">
        <span className="font-mono text-sm">{integration.baseUrl}</span>
      </Fact>
      <Fact name="Also calls">
        {integration.origins.length > 0 && <span className="font-mono text-sm">{integration.origins.join(', ')}</span>}
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
  )
}

/** Documents describe themselves at any length. */
function Description({ text }: { text: string }) {
  return <p className="line-clamp-3 whitespace-pre-line">{text}</p>
}
