import { data } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listCalls } from '../../../server/db/calls.ts'
import { findRun } from '../../../server/db/runs.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, DecisionBadge } from '../../ui/badge.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import type { Route } from './+types/detail'
import { readable } from './readable.ts'
import { duration, RunStateBadge } from './run-state.tsx'

export async function loader({ context, params }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const run = await findRun(db, params.id)
  // Whose run it is stays unsaid to those who may not see it.
  if (!run || (!principal.isAdmin && run.principal !== principal.id))
    throw data('There is no such run.', { status: 404 })
  const calls = await listCalls(db, run.id)
  return {
    now: Date.now(),
    run: { ...run, result: run.result === null ? null : readable(run.result) },
    calls: calls.map((call) => ({
      number: call.number,
      kind: call.kind,
      address: call.address,
      decision: call.decision,
      state: call.state,
      afterMs: call.startedAt - run.startedAt,
      tookMs: call.settledAt - call.startedAt,
      arguments: readable(call.arguments),
      answer: call.error ? readable(JSON.stringify(call.error)) : call.result === null ? null : readable(call.result),
    })),
  }
}

export const meta: Route.MetaFunction = ({ params }) => [{ title: `${params.id} · Executor` }]

export default function Run({ loaderData }: Route.ComponentProps) {
  const { run, calls, now } = loaderData
  return (
    <Page
      title={<span className="font-mono text-xl sm:text-2xl">{run.id}</span>}
      parent={{ to: '/runs', label: 'Runs' }}
    >
      {run.error && (
        <Notice tone="danger">
          <p className="font-mono text-sm font-medium">{run.error.code}</p>
          <p className="mt-1 whitespace-pre-line">{run.error.message}</p>
        </Notice>
      )}
      <Facts>
        <Fact name="State">
          <RunStateBadge state={run.state} />
        </Fact>
        <Fact name="Principal">
          <span className="font-mono text-sm">{run.principal}</span>
        </Fact>
        <Fact name="Client">{run.client}</Fact>
        <Fact name="Started">
          <Time at={run.startedAt} now={now} />
        </Fact>
        <Fact name="Took">{run.endedAt === null ? null : duration(run.endedAt - run.startedAt)}</Fact>
        <Fact name="Calls">{calls.length}</Fact>
      </Facts>
      <Section title="Code">
        <CodeBlock label="Code" caption="TypeScript" text={run.code} isTall />
      </Section>
      <Section title="Calls">
        {calls.length === 0 ? <p className="text-muted">The run called no tool.</p> : <Calls calls={calls} />}
      </Section>
      <Section title="Result">
        {run.result === null ? (
          <p className="text-muted">{resultSentence(run)}</p>
        ) : (
          <CodeBlock label="Result" caption="JSON" text={run.result} isTall />
        )}
      </Section>
      {run.logs !== '' && (
        <Section title="Logs">
          <CodeBlock label="Logs" text={run.logs} isTall />
        </Section>
      )}
    </Page>
  )
}

function resultSentence(run: { state: string; resultBytes: number }): string {
  if (run.state === 'running') return 'The run has not ended yet.'
  if (run.resultBytes > 0)
    return `The result has ${run.resultBytes.toLocaleString('en')} bytes. Read it in code with results.get.`
  return run.state === 'succeeded' ? 'The run returned nothing.' : 'The run ended before it returned anything.'
}

function Calls({ calls }: { calls: Route.ComponentProps['loaderData']['calls'] }) {
  return (
    <ol className="divide-y divide-line rounded-xl border border-line bg-surface">
      {calls.map((call) => (
        <li key={call.number}>
          <details>
            <summary className="disclosure gap-x-3 rounded-xl px-5 py-2.5 hover:bg-sunken">
              <span className="w-5 shrink-0 text-sm text-muted tabular-nums">{call.number}</span>
              <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
                <Address text={call.address || call.kind} />
                <Badge tone={call.state === 'succeeded' ? 'good' : 'bad'}>{call.state}</Badge>
                {call.decision && call.decision !== 'allow' && <DecisionBadge action={call.decision} />}
                <span className="text-muted tabular-nums sm:ml-auto">{duration(call.tookMs)}</span>
              </span>
            </summary>
            <div className="space-y-3 px-5 pt-1 pb-5">
              <CodeBlock label={`Arguments of call ${call.number}`} caption="Arguments" text={call.arguments} />
              {call.answer !== null && (
                <CodeBlock label={`Answer to call ${call.number}`} caption="Answer" text={call.answer} />
              )}
              <p className="text-sm text-muted">
                Started {duration(call.afterMs)} into the run.{' '}
                {call.kind === 'tool' && (
                  <TextLink to={`/tools/${encodeURIComponent(call.address.replace(/@[^.]*/, ''))}`}>
                    See this tool
                  </TextLink>
                )}
              </p>
            </div>
          </details>
        </li>
      ))}
    </ol>
  )
}
