import { CodeBlock } from '../../ui/code-block.tsx'
import type { AgentSetup } from './agent-setups.ts'

export function SetupList({ agents }: { agents: AgentSetup[] }) {
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface">
      {agents.map((agent, index) => (
        <details key={agent.id} name="agent" open={index === 0} className="group">
          <summary className="disclosure rounded-xl px-5 py-3 font-medium hover:bg-sunken">{agent.name}</summary>
          {/* An address that ends in `#cursor` opens it. */}
          <div id={agent.id} className="scroll-mt-14 space-y-4 px-5 pt-1 pb-6 text-[0.9375rem]">
            <Setup agent={agent} />
          </div>
        </details>
      ))}
    </div>
  )
}

function Setup({ agent }: { agent: AgentSetup }) {
  const { name, limit, first, install, snippets, next, redirectUris, note } = agent
  return (
    <>
      {limit && <p className="rounded-lg border border-warn/30 bg-warn-soft px-4 py-3 text-sm text-warn">{limit}</p>}
      {first && <p>{first}</p>}
      {install && (
        <p className="flex flex-wrap items-center gap-x-4 gap-y-2">
          {/* Not an address of the console: the browser hands it to the application. */}
          <a
            href={install.href}
            className="inline-flex min-h-11 items-center rounded-lg border border-control bg-surface px-4 text-sm font-medium hover:bg-sunken sm:min-h-10"
          >
            {install.label}
          </a>
          <span className="text-sm text-muted">or write it into a file:</span>
        </p>
      )}
      {snippets.map(({ caption, text }) => (
        <CodeBlock key={caption} label={`${name} setup`} caption={caption} text={text} />
      ))}
      <p>{next}</p>
      {redirectUris && (
        <div className="space-y-1.5 text-sm text-muted">
          <p>Access has to allow these redirect URIs under Managed OAuth; npm run access:setup does it:</p>
          <ul className="space-y-1">
            {redirectUris.map((uri) => (
              <li key={uri} className="font-mono text-[0.8125rem] text-ink wrap-anywhere">
                {uri}
              </li>
            ))}
          </ul>
        </div>
      )}
      {note && <p className="text-sm text-muted">{note}</p>}
    </>
  )
}
