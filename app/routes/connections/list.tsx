import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { shownHealth } from '../../../server/connections/shown-health.ts'
import { listVisibleConnections } from '../../../server/connections/visible.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, HealthBadge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import type { Route } from './+types/list'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const [integrations, connections] = await Promise.all([listIntegrations(db), listVisibleConnections(db, principal)])
  const byId = new Map(integrations.map((integration) => [integration.id, integration]))
  const now = Date.now()
  const listed = connections.map((connection) => {
    const { id, integrationId, slug, owner, method, isDefault, lastUsedAt } = connection
    const integration = byId.get(integrationId)
    const isOthers = owner !== 'org' && owner !== principal.id
    return {
      id,
      address: `${integration?.slug ?? ''}@${slug}`,
      title: integration?.title ?? '',
      owner,
      method: method.label,
      health: shownHealth(connection, now).health,
      identity: isOthers ? null : connection.identity,
      isDefault,
      lastUsedAt,
    }
  })
  return {
    now,
    isRemoved: new URL(request.url).searchParams.get('notice') === 'removed',
    hasIntegrations: integrations.length > 0,
    mine: listed.filter(({ owner }) => owner === principal.id),
    org: listed.filter(({ owner }) => owner === 'org'),
    others: listed.filter(({ owner }) => owner !== 'org' && owner !== principal.id),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Connections · Executor' }]

export default function Connections({ loaderData }: Route.ComponentProps) {
  const { mine, org, others, now, isRemoved, hasIntegrations } = loaderData
  return (
    <Page
      title="Connections"
      lead="The credentials that calls go out with. Secrets are sealed, never shown again, and never reach an agent."
      actions={
        hasIntegrations && (
          <ButtonLink weight="primary" to="/connections/new">
            Add a connection
          </ButtonLink>
        )
      }
    >
      {isRemoved && <Notice>The connection is gone, and its secret with it.</Notice>}
      {mine.length + org.length + others.length === 0 ? (
        <Empty title="There are no connections">
          {hasIntegrations ? (
            'Add one, and agents can call the tools of its integration.'
          ) : (
            <>
              Connections belong to integrations. <TextLink to="/integrations">See the integrations</TextLink>
            </>
          )}
        </Empty>
      ) : (
        <>
          {mine.length > 0 && (
            <Section title="Yours" lead="For agents that act as you.">
              <ConnectionRows connections={mine} now={now} />
            </Section>
          )}
          {org.length > 0 && (
            <Section title="Everyone’s" lead="For every member and every service token.">
              <ConnectionRows connections={org} now={now} />
            </Section>
          )}
          {others.length > 0 && (
            <Section title="Other people’s" lead="You see that they exist, and may remove them.">
              <ConnectionRows connections={others} now={now} showsOwner />
            </Section>
          )}
        </>
      )}
    </Page>
  )
}

interface ConnectionRowsProps {
  connections: Route.ComponentProps['loaderData']['org']
  now: number
  showsOwner?: boolean
}

function ConnectionRows({ connections, now, showsOwner = false }: ConnectionRowsProps) {
  return (
    <Rows>
      {connections.map((connection) => (
        <li key={connection.id} className="flex flex-wrap items-start gap-x-4 sm:items-center gap-y-1 px-5 py-2.5">
          <div className="min-w-0 flex-1 basis-56">
            <Link
              to={`/connections/${connection.id}`}
              className="-my-2 inline-block py-2 text-sm text-accent hover:underline"
            >
              <Address text={connection.address} />
            </Link>
            <p className="text-sm wrap-anywhere text-muted">
              {connection.title} · {connection.method}
              {connection.identity && ` · signed in as ${connection.identity}`}
              {showsOwner && ` · ${connection.owner.replace(/^person:/, '')}`}
            </p>
          </div>
          <span className="flex flex-wrap justify-end gap-1.5">
            {connection.isDefault && <Badge>default</Badge>}
            <HealthBadge health={connection.health} />
          </span>
          <span className="w-36 text-sm text-muted sm:text-right">
            {connection.lastUsedAt === null ? (
              'not used yet'
            ) : (
              <>
                used <Time at={connection.lastUsedAt} now={now} />
              </>
            )}
          </span>
        </li>
      ))}
    </Rows>
  )
}
