import { CodeBlock } from '../../ui/code-block.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { sentenceOf } from '../runs/run-sentence.ts'
import { CallStateBadge, RunStateBadge } from '../runs/run-state.tsx'
import { decisionSentence } from './decision-sentence.ts'
import type { LoadedApproval } from './load-approval.ts'

/** Who decided what, what became of the call, and how the run went on. */
export function Outcome({ approval, answer, run, calls, now }: LoadedApproval) {
  const call = calls.find(({ number }) => number === approval.number)
  return (
    <div className="space-y-4 rounded-xl border border-line bg-surface p-5 sm:p-6">
      <p className="font-medium wrap-anywhere">
        {decisionSentence(approval, now)}{' '}
        {approval.decidedAt !== null && (
          <span className="font-normal text-muted">
            <Time at={approval.decidedAt} now={now} />
          </span>
        )}
      </p>
      {answer !== null && <CodeBlock label="Answer that was given" text={answer} />}
      <output className="block space-y-2 text-[0.9375rem]">
        {call && (
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="w-12 text-sm text-muted">Call</span>
            <CallStateBadge state={call.state} />
            {call.error && <span className="min-w-0 wrap-anywhere">{call.error}</span>}
          </span>
        )}
        {run && (
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="w-12 text-sm text-muted">Run</span>
            <RunStateBadge state={run.isGoingOn ? 'running' : run.state} />
            <span className="min-w-0 wrap-anywhere">{run.isGoingOn ? 'It goes on now.' : sentenceOf(run.state)}</span>
          </span>
        )}
      </output>
      {run?.error && <p className="text-sm text-danger wrap-anywhere">{run.error}</p>}
      {run?.result && <CodeBlock label="Result of the run" text={run.result} />}
      <p className="flex flex-wrap gap-x-5 text-sm">
        {run ? (
          <TextLink to={`/runs/${run.id}`} className="py-2">
            See the run
          </TextLink>
        ) : (
          <span className="text-muted">The run has been deleted since.</span>
        )}
        {approval.state === 'approved' && approval.remember !== 'once' && (
          <TextLink to="/approvals/remembered" className="py-2">
            See what is remembered
          </TextLink>
        )}
      </p>
    </div>
  )
}
