import { Address } from '../../ui/address.tsx'
import { EffectBadge } from '../../ui/badge.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { CallStateBadge, isOpen } from '../runs/run-state.tsx'
import type { LoadedApproval } from './load-approval.ts'

const MOST_SHOWN = 20

/** What led to the question: the calls of the run, and its code. */
export function RunSoFar({ approval, run, calls }: LoadedApproval) {
  const others = calls.filter(({ kind, number }) => kind === 'tool' && number !== approval.number)
  return (
    <Section
      title={run && !isOpen(run.state) ? 'The run' : 'The run so far'}
      actions={
        run && (
          <TextLink to={`/runs/${run.id}`} className="py-2 text-sm">
            See all of it
          </TextLink>
        )
      }
    >
      {others.length === 0 ? (
        <p className="text-muted">It called no other tool.</p>
      ) : (
        <ol className="divide-y divide-line rounded-xl border border-line bg-surface text-sm">
          {others.slice(0, MOST_SHOWN).map((call) => (
            <li key={call.number} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2.5">
              <span className="w-5 shrink-0 text-muted tabular-nums">{call.number}</span>
              <Address text={call.address} />
              <span className="flex flex-wrap gap-1.5 sm:ml-auto">
                {call.effect && <EffectBadge effect={call.effect} />}
                <CallStateBadge state={call.state} />
              </span>
            </li>
          ))}
          {others.length > MOST_SHOWN && (
            <li className="px-5 py-2.5 text-muted">… and {others.length - MOST_SHOWN} more</li>
          )}
        </ol>
      )}
      {run && (
        <details className="rounded-xl border border-line bg-surface">
          <summary className="disclosure rounded-xl px-5 text-sm font-medium hover:bg-sunken">Its code</summary>
          <div className="px-5 pb-5">
            <CodeBlock label="Code" caption="TypeScript" text={run.code} isTall />
          </div>
        </details>
      )}
    </Section>
  )
}
