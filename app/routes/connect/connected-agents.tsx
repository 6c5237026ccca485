// The live part: which agents have connected, and that the page is waiting for the next.
import { Link } from 'react-router'
import { Badge } from '../../ui/badge.tsx'
import { Time } from '../../ui/time.tsx'
import { useWatch } from './use-watch.ts'

export interface SeenAgent {
  /** Unique among those shown. */
  key: string
  name: string
  version: string
  /** Revision of MCP. */
  protocol: string
  /** Whom it acts as. */
  as: string
  lastSeenAt: number
}

/** Somewhat longer than a client that goes on working is not written down again (server/mcp/remember-client.ts). */
const CONNECTED_MS = 10 * 60 * 1000

interface ConnectedAgentsProps {
  agents: SeenAgent[]
  now: number
  /** Of this page, to look again without JavaScript. */
  address: string
}

export function ConnectedAgents({ agents, now, address }: ConnectedAgentsProps) {
  const isWatching = useWatch('/connect/last-seen', agents[0]?.lastSeenAt ?? 0)
  const connected = agents.filter(({ lastSeenAt }) => now - lastSeenAt < CONNECTED_MS)
  const before = agents.slice(connected.length)
  return (
    <section
      aria-labelledby="connected"
      className="space-y-4 rounded-xl border border-line bg-surface p-5 lg:sticky lg:top-20"
    >
      <h2 id="connected" className="text-lg font-semibold tracking-tight">
        Connected agents
      </h2>
      <div className="space-y-1">
        <output className="flex gap-2.5 text-[0.9375rem]">
          <Light isOn={connected.length > 0} isWaiting={isWatching && connected.length === 0} />
          {connected[0] ? (
            <span className="min-w-0 font-medium wrap-anywhere">{connected[0].name} is connected</span>
          ) : (
            <span>{agents.length === 0 ? 'Waiting for the first request…' : 'Waiting for a request…'}</span>
          )}
        </output>
        <p className="text-sm text-muted">
          {isWatching ? (
            'Agents appear here as soon as they send a request.'
          ) : (
            <Link
              to={address}
              reloadDocument
              className="-my-2 inline-flex min-h-11 items-center text-accent underline underline-offset-4"
            >
              Check again
            </Link>
          )}
        </p>
      </div>
      {connected.length > 0 && <AgentRows label="Connected now" agents={connected} now={now} />}
      {before.length > 0 && (
        <>
          <h3 className="text-sm font-medium text-muted">Connected before</h3>
          <AgentRows label="Connected before" agents={before} now={now} />
        </>
      )}
    </section>
  )
}

function Light({ isOn, isWaiting }: { isOn: boolean; isWaiting: boolean }) {
  const look = isOn ? 'bg-accent' : 'border-2 border-control'
  return (
    <span
      aria-hidden="true"
      className={`mt-1.5 size-2.5 shrink-0 rounded-full ${look} ${isWaiting ? 'animate-pulse motion-reduce:animate-none' : ''}`}
    />
  )
}

function AgentRows({ label, agents, now }: { label: string; agents: SeenAgent[]; now: number }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-t border-line text-sm">
      {agents.map(({ key, name, version, protocol, as, lastSeenAt }) => (
        <li key={key} className="space-y-0.5 py-3">
          <p className="wrap-anywhere">
            <span className="font-medium">{name}</span> <span className="text-muted">{version}</span>
            {protocol && <span className="sr-only">, MCP {protocol}</span>}
          </p>
          <p className="text-muted wrap-anywhere">{as}</p>
          <p className="flex items-center gap-2 text-muted">
            {now - lastSeenAt < CONNECTED_MS && <Badge tone="good">connected</Badge>}
            <Time at={lastSeenAt} now={now} />
          </p>
        </li>
      ))}
    </ul>
  )
}
