// The calls of a run, each with a bar that shows when it was under way, and everything about it when it is opened.
import { Address } from '../../ui/address.tsx'
import { DecisionBadge, EffectBadge } from '../../ui/badge.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Fact, Facts } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { decisionSentence } from '../approvals/decision-sentence.ts'
import type { LoadedCall } from './load-run.ts'
import { CallStateBadge, duration } from './run-state.tsx'
import type { Shown } from './show-call.ts'
import { type BarPart, WIDTH } from './timeline.ts'

interface CallListProps {
  calls: LoadedCall[]
  now: number
  /** The number of the one that is shown whole. */
  wanted: number | undefined
}

export function CallList({ calls, now, wanted }: CallListProps) {
  return (
    <ol className="divide-y divide-line rounded-xl border border-line bg-surface">
      {calls.map((call) => (
        <li key={call.number} id={`call-${call.number}`}>
          <details open={call.number === wanted}>
            <summary className="disclosure gap-x-3 rounded-xl px-5 py-2.5 hover:bg-sunken">
              <span className="w-5 shrink-0 self-start text-sm leading-6 text-muted tabular-nums">{call.number}</span>
              <span className="grid min-w-0 flex-1 items-center gap-x-4 gap-y-1.5 text-sm md:grid-cols-[minmax(0,1fr)_minmax(0,22rem)_4.5rem]">
                <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
                  <CallName call={call} />
                  <CallStateBadge state={call.state} />
                </span>
                <Bar parts={call.bar} />
                <span className="text-muted tabular-nums max-md:hidden md:text-right">
                  {call.tookMs === null ? '…' : duration(call.tookMs)}
                </span>
              </span>
            </summary>
            <CallDetails call={call} now={now} isAsked={call.number === wanted} />
          </details>
        </li>
      ))}
    </ol>
  )
}

const KINDS: Record<LoadedCall['kind'], string> = {
  tool: 'an unnamed tool',
  search: 'tools.search',
  describe: 'tools.describe',
  results: 'results.get',
  timer: 'a timer',
}

function CallName({ call }: { call: LoadedCall }) {
  return call.address === '' ? <span className="text-muted">{KINDS[call.kind]}</span> : <Address text={call.address} />
}

/** Attributes of SVG, since the page's own policy allows no inline styles. */
function Bar({ parts }: { parts: BarPart[] }) {
  return (
    <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true" className="h-2 w-full">
      <rect x={0} y={4.5} width={WIDTH} height={1} className="fill-line" />
      {parts.map(({ kind, x, width }) => (
        <rect
          key={`${kind} ${x}`}
          x={x}
          y={kind === 'wait' ? 3 : 0}
          width={width}
          height={kind === 'wait' ? 4 : 10}
          className={kind === 'wait' ? 'fill-warn' : 'fill-accent'}
        />
      ))}
    </svg>
  )
}

function CallDetails({ call, now, isAsked }: { call: LoadedCall; now: number; isAsked: boolean }) {
  return (
    <div className="space-y-4 px-5 pt-1 pb-5">
      <Facts>
        <Fact name="When">
          {duration(call.afterMs)} into the run
          {call.tookMs === null ? ', not settled yet' : `, settled ${duration(call.tookMs)} later`}
        </Fact>
        <Fact name="Effect">{call.effect && <EffectBadge effect={call.effect} />}</Fact>
        <Fact name="Account">
          {call.connection && (
            <TextLink to={`/connections/${call.connection.id}`} className="font-mono text-sm">
              {call.connection.address}
            </TextLink>
          )}
        </Fact>
        <Fact name="Policy">
          {call.decision && (
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <DecisionBadge action={call.decision} />
              {call.because}
            </span>
          )}
        </Fact>
        {call.questions.map((question) => (
          <Fact key={question.id} name="Approval">
            {decisionSentence(question, now)}{' '}
            {question.decidedAt !== null && <Time at={question.decidedAt} now={now} />}{' '}
            <TextLink to={`/approvals/${question.id}`}>See the question</TextLink>
          </Fact>
        ))}
        <Fact name="Progress">{call.notes?.progress}</Fact>
        <Fact name="Error">{call.message}</Fact>
      </Facts>
      <ShownValue
        shown={call.arguments}
        caption="Arguments"
        label={`Arguments of call ${call.number}`}
        number={call.number}
        isAsked={isAsked}
      />
      {call.answer && (
        <ShownValue
          shown={call.answer}
          caption={call.status === null ? 'Answer' : `Answer, status ${call.status}`}
          label={`Answer to call ${call.number}`}
          number={call.number}
          isAsked={isAsked}
        />
      )}
      {call.notes?.log && (
        <CodeBlock
          label={`Log of call ${call.number}`}
          caption="What the server logged meanwhile"
          text={call.notes.log}
        />
      )}
      {call.code !== null && <CodeBlock label={`Call ${call.number} as code`} caption="As code" text={call.code} />}
      {call.tool !== '' && (
        <p className="text-sm">
          <TextLink to={`/tools/${encodeURIComponent(call.tool)}`}>See this tool</TextLink>
        </p>
      )}
    </div>
  )
}

function ShownValue(props: { shown: Shown; caption: string; label: string; number: number; isAsked: boolean }) {
  const { shown, caption, label, number, isAsked } = props
  return (
    <div className="space-y-1.5">
      {shown.text !== null && <CodeBlock label={label} caption={caption} text={shown.text} />}
      {!shown.isWhole && !isAsked && (
        <p className="text-sm">
          {shown.text === null && `${caption}: too long to be shown here unasked. `}
          <TextLink to={`?show=${number}#call-${number}`} preventScrollReset>
            Show call {number} whole
          </TextLink>
        </p>
      )}
    </div>
  )
}
