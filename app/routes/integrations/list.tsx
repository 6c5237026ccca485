import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listOpenImports } from '../../../server/db/imports.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { Badge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import type { Route } from './+types/list'
import { originText } from './import-facts.tsx'

const OPEN_READ = 100
const OPEN_SHOWN = 10

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const { isAdmin } = principal
  const [integrations, connections, open] = await Promise.all([
    listIntegrations(db),
    listConnections(db, { usableBy: principal.id }),
    isAdmin ? listOpenImports(db, OPEN_READ) : [],
  ])
  const known = new Map(integrations.map((integration) => [integration.id, integration]))
  const isNewVersion = ({ integrationId, validators }: (typeof open)[number]) =>
    validators?.hash !== known.get(integrationId)?.validators?.hash
  const waiting = new Set(open.filter(isNewVersion).map(({ integrationId }) => integrationId))
  return {
    isAdmin,
    now: Date.now(),
    isRemoved: new URL(request.url).searchParams.get('notice') === 'removed',
    imports: open
      .filter(({ integrationId }) => !known.has(integrationId))
      .map(({ id, origin, state, done, preview, createdAt }) => ({
        id,
        title: preview?.title ?? originText(origin),
        isRead: state === 'read',
        done,
        total: preview?.operationCount ?? null,
        createdAt,
      })),
    integrations: integrations.map(({ id, slug, title, toolCount, baseUrl, checkError, revision }) => ({
      slug,
      title,
      toolCount,
      isUnread: revision === 0,
      host: URL.parse(baseUrl)?.host ?? baseUrl,
      connectionCount: connections.filter((connection) => connection.integrationId === id).length,
      isWaiting: waiting.has(id),
      isUnchecked: isAdmin && checkError !== null,
    })),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Integrations · Executor' }]

export default function Integrations({ loaderData }: Route.ComponentProps) {
  const { integrations, imports, isAdmin, isRemoved, now } = loaderData
  return (
    <Page
      title="Integrations"
      lead="What Executor can speak to. Each operation of an integration is a tool, shared by everyone."
      actions={
        isAdmin && (
          <ButtonLink weight="primary" to="/integrations/new">
            Add an integration
          </ButtonLink>
        )
      }
    >
      {isRemoved && <Notice>The integration is gone, with its tools and connections.</Notice>}
      {integrations.length === 0 ? (
        <Empty title="There are no integrations">
          {isAdmin ? 'Add one from the gallery, by its address, or from a document.' : 'Ask an admin to add one.'}
        </Empty>
      ) : (
        <Rows>
          {integrations.map((integration) => (
            <li key={integration.slug} className="flex flex-wrap items-center gap-x-6 gap-y-1 px-5 py-3">
              <div className="min-w-0 flex-1 basis-64">
                <Link
                  to={`/integrations/${integration.slug}`}
                  className="-my-2 inline-block py-2 font-medium hover:underline"
                >
                  {integration.title}
                </Link>
                <p className="text-sm text-muted wrap-anywhere">
                  <span className="font-mono">{integration.slug}</span> · {integration.host}
                </p>
              </div>
              {integration.isWaiting && <Badge tone="warn">new version waits</Badge>}
              {integration.isUnread && <Badge tone="warn">not read yet</Badge>}
              {integration.isUnchecked && <Badge tone="bad">last check failed</Badge>}
              <p className="text-sm text-muted">
                {integration.toolCount.toLocaleString('en')} {integration.toolCount === 1 ? 'tool' : 'tools'}
              </p>
              <p className="w-32 text-sm text-muted sm:text-right">
                {integration.connectionCount === 0
                  ? 'not connected'
                  : `${integration.connectionCount} ${integration.connectionCount === 1 ? 'connection' : 'connections'}`}
              </p>
            </li>
          ))}
        </Rows>
      )}
      {imports.length > 0 && <NotImported imports={imports} now={now} />}
    </Page>
  )
}

interface Waiting {
  id: string
  title: string
  isRead: boolean
  done: number
  total: number | null
  createdAt: number
}

function NotImported({ imports, now }: { imports: Waiting[]; now: number }) {
  return (
    <Section
      title="Not imported yet"
      lead="Documents that somebody gave and nobody has decided on. They go after a day."
    >
      <Rows>
        {imports.slice(0, OPEN_SHOWN).map(({ id, title, isRead, done, total, createdAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-6 gap-y-1 px-5 py-3">
            <Link
              to={`/integrations/imports/${id}#main`}
              className="-my-2 min-w-0 flex-1 basis-64 py-2 font-medium wrap-anywhere hover:underline"
            >
              {title}
            </Link>
            <p className="text-sm text-muted tabular-nums">
              {isRead ? 'ready' : progress(done, total)} · <Time at={createdAt} now={now} />
            </p>
          </li>
        ))}
        {imports.length > OPEN_SHOWN && <li className="px-5 py-3 text-sm text-muted">… and older ones</li>}
      </Rows>
    </Section>
  )
}

function progress(done: number, total: number | null): string {
  return total === null ? 'being read' : `${done.toLocaleString('en')} of ${total.toLocaleString('en')} operations read`
}
