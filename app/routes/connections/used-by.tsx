import { Link } from 'react-router'
import type { ConnectionRun } from '../../../server/db/connection-runs.ts'
import { Rows, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { principalName } from '../principal-name.ts'
import { RunStateBadge } from '../runs/run-state.tsx'

/** The newest runs that called through a connection, of those that the reader may see. */
export function UsedBy({ runs, now }: { runs: ConnectionRun[]; now: number }) {
  return (
    <Section title="Used by" lead="The newest runs that called through it.">
      <Rows>
        {runs.map(({ id, principal, client, state, startedAt }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-5 py-2.5">
            <Link
              to={`/runs/${id}`}
              className="-my-2 py-2.5 font-mono text-sm text-accent wrap-anywhere hover:underline"
            >
              {id}
            </Link>
            <RunStateBadge state={state} />
            <span className="text-sm text-muted max-sm:basis-full sm:ml-auto">
              {client} for {principalName(principal)} · <Time at={startedAt} now={now} />
            </span>
          </li>
        ))}
      </Rows>
    </Section>
  )
}
