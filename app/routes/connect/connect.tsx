// Everything that connects an agent: for each one what to copy, and beside it whether it has arrived.
import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listClients } from '../../../server/db/clients.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Page, Section } from '../../ui/page.tsx'
import type { Route } from './+types/connect'
import { agentSetups, type SignIn } from './agent-setups.ts'
import { clientView } from './client-view.ts'
import { ConnectedAgents, type SeenAgent } from './connected-agents.tsx'
import { SetupList } from './setup-list.tsx'
import { serviceTokenVariables } from './snippet.ts'

const MOST_SHOWN = 20
const SERVICE = 'service:'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const isService = new URL(request.url).searchParams.get('sign-in') === 'service-token'
  const signIn: SignIn = isService ? 'service-token' : 'oauth'
  const seen = await listClients(db, clientView(principal), MOST_SHOWN)
  return {
    now: Date.now(),
    isAdmin: principal.isAdmin,
    signIn,
    endpoint: new URL('/mcp', origin).href,
    variables: serviceTokenVariables(),
    setups: agentSetups(origin, signIn),
    agents: seen.map(({ name, version, protocol, principal: as, lastSeenAt }): SeenAgent => ({
      key: `${as} ${name}`,
      name,
      version,
      protocol,
      as: as.startsWith(SERVICE) ? `service token ${as.slice(SERVICE.length)}` : 'as you',
      lastSeenAt,
    })),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Connect an agent · Executor' }]

interface Way {
  signIn: SignIn
  to: string
  label: string
  lead: string
}

const WAYS: Way[] = [
  {
    signIn: 'oauth',
    to: '/connect',
    label: 'Sign in as a person',
    lead: 'The agent opens a browser and you sign in through Access. It acts as you, and nothing secret is stored in a file. Access needs Managed OAuth switched on for this application, with clients on localhost and loopback allowed.',
  },
  {
    signIn: 'service-token',
    to: '/connect?sign-in=service-token',
    label: 'Use a service token',
    lead: 'For agents without a person: servers, CI, clients that cannot sign in. Create a service token in Access, allow it with a Service Auth policy, and set it where the agent runs. It uses the organisation’s connections only.',
  },
]

export default function Connect({ loaderData }: Route.ComponentProps) {
  const { now, isAdmin, signIn, endpoint, variables, setups, agents } = loaderData
  const way = WAYS.find((each) => each.signIn === signIn)
  return (
    <Page
      title="Connect an agent"
      parent={{ to: '/', label: 'Home' }}
      lead="Any MCP client can use this deployment. Choose how it signs in, then copy what belongs to your agent."
    >
      <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_18rem] lg:gap-8">
        {/* First on a phone, so that it is seen without scrolling past every agent. */}
        <div className="lg:order-last">
          <ConnectedAgents agents={agents} now={now} address={way?.to ?? '/connect'} />
          {!isAdmin && signIn === 'service-token' && (
            <p className="mt-3 text-sm text-muted">An admin sees here when a service token connects.</p>
          )}
        </div>
        <div className="min-w-0 space-y-10">
          <Section title="How it signs in" lead={way?.lead}>
            <WayLinks current={signIn} />
            <CodeBlock label="MCP endpoint" text={endpoint} />
            {signIn === 'service-token' && (
              <CodeBlock label="Service token" caption="In the shell that starts the agent" text={variables} />
            )}
          </Section>
          <Section title="Your agent">
            <SetupList agents={setups} />
          </Section>
        </div>
      </div>
    </Page>
  )
}

function WayLinks({ current }: { current: SignIn }) {
  return (
    <nav
      aria-label="Ways to sign in"
      className="inline-flex max-w-full gap-1 rounded-xl border border-line bg-sunken p-1"
    >
      {WAYS.map(({ signIn, to, label }) => (
        <Link
          key={signIn}
          to={to}
          preventScrollReset
          aria-current={signIn === current ? 'true' : undefined}
          className="flex min-h-11 items-center rounded-lg px-4 text-sm text-muted hover:text-ink aria-[current=true]:bg-surface aria-[current=true]:font-medium aria-[current=true]:text-ink aria-[current=true]:shadow-sm sm:min-h-9"
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
