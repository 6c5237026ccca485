import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { Badge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import type { Route } from './+types/list'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const [integrations, connections] = await Promise.all([
    listIntegrations(db),
    listConnections(db, { usableBy: principal.id }),
  ])
  return {
    isAdmin: principal.isAdmin,
    isRemoved: new URL(request.url).searchParams.get('notice') === 'removed',
    integrations: integrations.map(({ id, slug, title, revision, toolCount, baseUrl }) => ({
      slug,
      title,
      toolCount,
      isReady: revision > 0,
      host: URL.parse(baseUrl)?.host ?? baseUrl,
      connectionCount: connections.filter((connection) => connection.integrationId === id).length,
    })),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Integrations · Executor' }]

export default function Integrations({ loaderData }: Route.ComponentProps) {
  const { integrations, isAdmin, isRemoved } = loaderData
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
          {isAdmin
            ? 'Add one by the address of its OpenAPI document, or upload the document.'
            : 'Ask an admin to add one.'}
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
              <p className="text-sm text-muted">
                {integration.isReady ? (
                  `${integration.toolCount.toLocaleString('en')} ${integration.toolCount === 1 ? 'tool' : 'tools'}`
                ) : (
                  <Badge tone="warn">not imported yet</Badge>
                )}
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
    </Page>
  )
}
