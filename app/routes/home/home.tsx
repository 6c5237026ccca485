import { Link } from 'react-router'
import { shownHealth } from '../../../server/connections/shown-health.ts'
import { appContext } from '../../../server/context.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { countFailedNotifications } from '../../../server/db/notifications.ts'
import { Badge, HealthBadge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import type { Route } from './+types/home'

export async function loader({ context }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const [integrations, connections, notifications] = await Promise.all([
    listIntegrations(db),
    listConnections(db, { usableBy: principal.id }),
    principal.isAdmin ? countFailedNotifications(db) : { failed: 0, retrying: 0 },
  ])
  const now = Date.now()
  return {
    isAdmin: principal.isAdmin,
    isWebhookFailing: notifications.failed + notifications.retrying > 0,
    integrations: integrations.map(({ id, slug, title, toolCount }) => ({
      slug,
      title,
      toolCount,
      connections: connections
        .filter((connection) => connection.integrationId === id)
        .map((connection) => ({
          id: connection.id,
          slug: connection.slug,
          health: shownHealth(connection, now).health,
        })),
    })),
    endpoint: new URL('/mcp', origin).href,
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Home · Executor' }]

export default function Home({ loaderData }: Route.ComponentProps) {
  const { integrations, isAdmin, endpoint, isWebhookFailing } = loaderData
  return (
    <Page
      title="Home"
      lead="One MCP endpoint in front of your tools. Agents find and call them; Executor holds the credentials and applies the policies."
    >
      {isWebhookFailing && (
        <Notice tone="warning">
          Messages to the webhook are not getting through, so nobody may know that a call waits.{' '}
          <TextLink to="/settings/notifications">See the notifications</TextLink>
        </Notice>
      )}
      <Section
        title="Integrations"
        actions={
          isAdmin && integrations.length > 0 ? <ButtonLink to="/integrations/new">Add an integration</ButtonLink> : null
        }
      >
        {integrations.length === 0 ? <FirstStep isAdmin={isAdmin} /> : <Connected integrations={integrations} />}
      </Section>
      <Section
        id="connect"
        title="Connect an agent"
        lead="Claude, Cursor, VS Code, Codex, ChatGPT or any other MCP client: all it needs is this address and a way to sign in."
        actions={
          <ButtonLink weight={integrations.length > 0 ? 'primary' : 'secondary'} to="/connect">
            Connect an agent
          </ButtonLink>
        }
      >
        <CodeBlock label="MCP endpoint" text={endpoint} />
      </Section>
    </Page>
  )
}

function FirstStep({ isAdmin }: { isAdmin: boolean }) {
  return isAdmin ? (
    <Empty
      title="Nothing is connected yet"
      action={
        <ButtonLink weight="primary" to="/integrations/new">
          Add an integration
        </ButtonLink>
      }
    >
      Start with the OpenAPI document of something your team uses. Its operations become tools for every agent.
    </Empty>
  ) : (
    <Empty title="Nothing is connected yet">
      Ask an admin to add the first integration. Then its tools appear here.
    </Empty>
  )
}

type Integrations = Route.ComponentProps['loaderData']['integrations']

function Connected({ integrations }: { integrations: Integrations }) {
  return (
    <Rows>
      {integrations.map(({ slug, title, toolCount, connections }) => (
        <li key={slug} className="flex flex-wrap items-center gap-x-6 gap-y-1 px-5 py-3">
          <div className="min-w-0 flex-1 basis-56">
            <Link
              to={`/integrations/${slug}`}
              className="-my-2 inline-block py-2 font-medium wrap-anywhere hover:underline"
            >
              {title}
            </Link>
            <p className="text-sm text-muted">
              <span className="font-mono">{slug}</span> · {toolCount.toLocaleString('en')}{' '}
              {toolCount === 1 ? 'tool' : 'tools'}
            </p>
          </div>
          <Connections slug={slug} title={title} connections={connections} />
        </li>
      ))}
    </Rows>
  )
}

/** One connection by its name; several as a number, with how many of them fail. */
function Connections({ slug, title, connections }: Pick<Integrations[number], 'slug' | 'title' | 'connections'>) {
  const [only, second] = connections
  const shape = '-my-2 flex min-h-11 items-center gap-2.5 py-2 text-sm'
  if (only === undefined) {
    return (
      <Link to={`/connections/new?integration=${slug}`} className={`${shape} text-accent underline underline-offset-4`}>
        Connect<span className="sr-only"> {title}</span>
      </Link>
    )
  }
  if (second === undefined) {
    return (
      <Link to={`/connections/${only.id}`} className={`${shape} min-w-0 hover:underline`}>
        <span className="font-mono text-[0.8125rem] wrap-anywhere">{only.slug}</span>
        <HealthBadge health={only.health} />
      </Link>
    )
  }
  const failing = connections.filter(({ health }) => health === 'failing' || health === 'needs_sign_in').length
  return (
    <Link to={`/integrations/${slug}#connections`} className={`${shape} hover:underline`}>
      <span>
        {connections.length} connections<span className="sr-only"> of {title}</span>
      </span>
      {failing > 0 && <Badge tone="bad">{failing} failing</Badge>}
    </Link>
  )
}
