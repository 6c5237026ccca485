import { Link } from 'react-router'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Section } from '../../ui/page.tsx'
import type { AgentSetup, SignIn } from './agent-setups.ts'

interface ConnectAgentProps {
  endpoint: string
  signIn: SignIn
  /** The shell lines that set the service token. */
  variables: string
  agents: AgentSetup[]
}

const WAYS: { signIn: SignIn; to: string; label: string; lead: string }[] = [
  {
    signIn: 'oauth',
    to: '/#connect',
    label: 'Sign in as a person',
    lead: 'The agent opens a browser and you sign in through Access. It acts as you, and nothing secret is stored in a file. Access needs Managed OAuth switched on for this application.',
  },
  {
    signIn: 'service-token',
    to: '/?sign-in=service-token#connect',
    label: 'Use a service token',
    lead: 'For agents without a person: servers, CI, clients that cannot sign in. Create a service token in Access, allow it with a Service Auth policy, and set it where the agent runs.',
  },
]

export function ConnectAgent({ endpoint, signIn, variables, agents }: ConnectAgentProps) {
  return (
    <Section id="connect" title="Connect an agent" lead={WAYS.find((way) => way.signIn === signIn)?.lead}>
      <nav
        aria-label="Ways to sign in"
        className="inline-flex max-w-full gap-1 rounded-xl border border-line bg-sunken p-1"
      >
        {WAYS.map((way) => (
          <Link
            key={way.signIn}
            to={way.to}
            preventScrollReset
            aria-current={way.signIn === signIn ? 'true' : undefined}
            className="flex min-h-11 items-center rounded-lg px-4 text-sm text-muted hover:text-ink aria-[current=true]:bg-surface aria-[current=true]:font-medium aria-[current=true]:text-ink aria-[current=true]:shadow-sm sm:min-h-9"
          >
            {way.label}
          </Link>
        ))}
      </nav>

      <CodeBlock label="MCP endpoint" text={endpoint} />
      {signIn === 'service-token' && (
        <CodeBlock label="Service token" caption="In the shell that starts the agent" text={variables} />
      )}

      <div className="divide-y divide-line rounded-xl border border-line bg-surface">
        {agents.map((agent, index) => (
          <details key={`${signIn} ${agent.id}`} name="agent" open={index === 0} className="group">
            <summary className="disclosure rounded-xl px-5 py-3 font-medium hover:bg-sunken">{agent.name}</summary>
            <div className="space-y-3 px-5 pt-1 pb-5">
              {agent.steps.map((step) => (
                <CodeBlock key={step.caption} label={`${agent.name} setup`} caption={step.caption} text={step.text} />
              ))}
              <p className="text-sm text-muted">{agent.next}</p>
            </div>
          </details>
        ))}
      </div>
    </Section>
  )
}
