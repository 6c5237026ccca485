import { data, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findRun, type RunRow } from '../../../server/db/runs.ts'
import { isHiddenField, readSettings } from '../../../server/db/settings.ts'
import { cancelRun } from '../../../server/runs/cancel-run.ts'
import { deleteRun } from '../../../server/runs/delete-run.ts'
import { startRun } from '../../../server/runs/execute.ts'
import { redact } from '../../../server/runs/redact.ts'
import { replayRun } from '../../../server/runs/replay-run.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Live } from '../../ui/live.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { formText } from '../form.ts'
import { maySee } from '../may-see.ts'
import { principalName } from '../principal-name.ts'
import type { Route } from './+types/detail'
import { CallList } from './call-list.tsx'
import { loadRun, parseWanted } from './load-run.ts'
import { readable } from './readable.ts'
import { RunActions } from './run-actions.tsx'
import { RunOutput } from './run-output.tsx'
import { sentenceOf, whatWasDone } from './run-sentence.ts'
import { duration, isOpen, RunStateBadge } from './run-state.tsx'

const UNKNOWN = 'There is no such run.'

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const wanted = parseWanted(new URL(request.url).searchParams.get('show'))
  const loaded = await loadRun(app, params.id, wanted)
  // Whose run it is stays unsaid to those who may not see it.
  if (!loaded) throw data(UNKNOWN, { status: 404 })
  return { ...loaded, wanted, me: principalName(app.principal.id) }
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const run = await findRun(app.db, params.id)
  if (!run || !maySee(app.principal, run)) throw data(UNKNOWN, { status: 404 })
  switch (formText(await request.formData(), 'intent')) {
    case 'cancel': {
      const done = await cancelRun(app, run.id)
      return done.ok ? redirect(`/runs/${run.id}#main`) : refused(done.message)
    }
    case 'delete': {
      const done = await deleteRun(app, run.id)
      return done.ok ? redirect('/runs?notice=deleted#main') : refused(done.message)
    }
    case 'again': {
      const started = await startRun(app, { principal: app.principal, client: 'console', code: run.code })
      app.waitUntil(started.end)
      // Asked after the run's own row was sent: once this is answered, the page that follows finds it.
      await findRun(app.db, started.run)
      return redirect(`/runs/${started.run}#main`)
    }
    case 'replay':
      return { errors: [], replay: await replay(app, run) }
    default:
      return refused('That is nothing that can be done with a run.')
  }
}

function refused(message: string) {
  return data({ errors: [{ message }], replay: undefined }, { status: 409 })
}

async function replay(app: AppContext, run: RunRow) {
  const [{ outcome, ...report }, settings] = await Promise.all([replayRun(app, run), readSettings(app.db)])
  const hidden = redact(outcome, { isHiddenField: (name) => isHiddenField(name, settings) })
  return { ...report, outcome: readable(hidden) }
}

export const meta: Route.MetaFunction = ({ params }) => [{ title: `${params.id} · Executor` }]

export default function Run({ loaderData, actionData }: Route.ComponentProps) {
  const { run, calls, now, isShortened, isGoingOn, wanted, me } = loaderData
  return (
    <Page
      title={<span className="font-mono text-xl sm:text-2xl">{run.id}</span>}
      parent={{ to: '/runs', label: 'Runs' }}
    >
      {isOpen(run.state) && <Live everyMs={isGoingOn ? 1000 : 5000} />}
      <ErrorSummary errors={actionData?.errors} />
      <State {...loaderData} />
      <Facts>
        <Fact name="For">{principalName(run.principal)}</Fact>
        <Fact name="Agent">{run.client}</Fact>
        <Fact name="Started">
          <Time at={run.startedAt} now={now} />
        </Fact>
        <Fact name="Took">{run.endedAt === null ? null : duration(run.endedAt - run.startedAt)}</Fact>
      </Facts>
      <Section title="Code">
        <CodeBlock label="Code" caption="TypeScript" text={run.code} isTall />
      </Section>
      <Section
        title="Calls"
        lead={
          isShortened &&
          'Bars show when each call was under way. The narrow part is waiting for a person, drawn shorter than it was.'
        }
      >
        {calls.length === 0 ? (
          <p className="text-muted">The program called nothing{run.state === 'running' ? ' so far' : ''}.</p>
        ) : (
          <CallList calls={calls} now={now} wanted={typeof wanted === 'number' ? wanted : undefined} />
        )}
      </Section>
      <RunOutput run={run} wanted={wanted} />
      <RunActions isOpen={isOpen(run.state)} me={me} replay={actionData?.replay} />
    </Page>
  )
}

const TO_DO = { send: 'Decide: ', outcome: 'Say what happened: ', input: 'Answer: ' } as const

/** What the state means, what was done and what was not, and where to go from here. */
function State({ run, calls, pending, isGoingOn }: Route.ComponentProps['loaderData']) {
  const done = whatWasDone(calls)
  return (
    <div className="space-y-3 rounded-xl border border-line bg-surface p-5 sm:p-6">
      <output className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <RunStateBadge state={run.state} />
        <span className="text-[0.9375rem]">
          {run.state === 'waiting' && isGoingOn
            ? 'It was decided, and the program goes on now.'
            : sentenceOf(run.state)}
        </span>
      </output>
      {run.error && (
        <p className="text-[0.9375rem] whitespace-pre-line wrap-anywhere">
          <span className="font-mono text-sm font-medium text-danger">{run.error.code}</span>
          {`: ${run.error.message}`}
        </p>
      )}
      {run.error?.frame !== undefined && (
        <CodeBlock label="Where it happened" caption={`Line ${run.error.line ?? '?'}`} text={run.error.frame} />
      )}
      {pending.length > 0 && (
        <ul className="space-y-1">
          {pending.map(({ id, summary, question }) => (
            <li key={id} className="text-[0.9375rem]">
              <TextLink to={`/approvals/${id}`} className="inline-block py-1.5">
                {TO_DO[question]}
                {summary || 'a call'}
              </TextLink>
            </li>
          ))}
        </ul>
      )}
      {done.length > 0 && (
        <ul className="space-y-0.5 text-sm text-muted">
          {done.map((sentence) => (
            <li key={sentence} className="wrap-anywhere">
              {sentence}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
