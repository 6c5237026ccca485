import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { HealthBadge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Empty, Page, Rows, Section } from '../../ui/page.tsx'
import type { Route } from './+types/home'
import { agentSetups, serviceTokenVariables, type SignIn } from './agent-setups.ts'
import { ConnectAgent } from './connect-agent.tsx'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const signIn: SignIn =
    new URL(request.url).searchParams.get('sign-in') === 'service-token' ? 'service-token' : 'oauth'
  const [integrations, connections] = await Promise.all([
    listIntegrations(db),
    listConnections(db, { usableBy: principal.id }),
  ])
  return {
    isAdmin: principal.isAdmin,
    integrations: integrations.map(({ id, slug, title, toolCount }) => ({
      slug,
      title,
      toolCount,
      connections: connections
        .filter((connection) => connection.integrationId === id)
        .map(({ id: connectionId, slug: name, health }) => ({ id: connectionId, slug: name, health })),
    })),
    endpoint: new URL('/mcp', origin).href,
    signIn,
    variables: serviceTokenVariables(),
    agents: agentSetups(origin, signIn),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Executor' }]

export default function Home({ loaderData }: Route.ComponentProps) {
  const { integrations, isAdmin, ...connect } = loaderData
  return (
    <Page
      title="Home"
      lead="One MCP endpoint in front of your tools. Agents find and call them; Executor holds the credentials and applies the policies."
    >
      <Section
        title="What is connected"
        actions={
          isAdmin && integrations.length > 0 ? <ButtonLink to="/integrations/new">Add an integration</ButtonLink> : null
        }
      >
        {integrations.length === 0 ? <FirstStep isAdmin={isAdmin} /> : <Connected integrations={integrations} />}
      </Section>
      <ConnectAgent {...connect} />
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
          <Link to={`/integrations/${slug}`} className="-my-2 min-w-40 flex-1 py-2 font-medium hover:underline">
            {title}
          </Link>
          <span className="text-sm text-muted">
            {toolCount.toLocaleString('en')} {toolCount === 1 ? 'tool' : 'tools'}
          </span>
          <span className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 text-sm sm:w-72 sm:justify-end">
            {connections.length === 0 && (
              <Link
                to={`/connections/new?integration=${slug}`}
                className="-my-2 py-2 text-accent underline underline-offset-4"
              >
                Connect<span className="sr-only"> {title}</span>
              </Link>
            )}
            {connections.map((connection) => (
              <Link
                key={connection.id}
                to={`/connections/${connection.id}`}
                className="-my-2 flex items-center gap-2 py-2 font-mono text-[0.8125rem] hover:underline"
              >
                {connection.slug} <HealthBadge health={connection.health} />
              </Link>
            ))}
          </span>
        </li>
      ))}
    </Rows>
  )
}
