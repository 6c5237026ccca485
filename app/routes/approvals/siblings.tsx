// Other calls of the same run that wait for a person, and the way to decide about all of them together.
import { Form } from 'react-router'
import { Address } from '../../ui/address.tsx'
import { EffectBadge } from '../../ui/badge.tsx'
import { Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { ReasonField, Submit } from './decision-forms.tsx'
import type { LoadedApproval } from './load-approval.ts'
import { RequestView } from './request-view.tsx'

type Question = LoadedApproval['siblings'][number]

/** `current` is null when it is decided already, or asks something else. */
export function Siblings({
  current,
  siblings,
  canDecide,
}: {
  current: Question | null
  siblings: Question[]
  canDecide: boolean
}) {
  const together = [...(current === null ? [] : [current]), ...siblings].filter(({ question }) => question === 'send')
  return (
    <Section title="Also waiting in this run" lead="The run goes on as far as it can after each decision.">
      <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
        {siblings.map((sibling) => (
          <li key={sibling.id}>
            <details>
              <summary className="disclosure gap-x-3 rounded-xl px-5 py-2.5 hover:bg-sunken">
                <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-[0.9375rem]">
                  {sibling.summary || <Address text={sibling.tool} />}
                  <EffectBadge effect={sibling.effect} />
                </span>
              </summary>
              <div className="space-y-3 px-5 pt-1 pb-5">
                <p className="text-sm text-muted">
                  <Address text={sibling.tool} /> through <span className="font-mono">{sibling.account}</span>
                </p>
                <RequestView request={sibling.request} of={` of ${sibling.id}`} />
                <p className="text-sm">
                  <TextLink to={`/approvals/${sibling.id}`}>Open this question</TextLink>
                </p>
              </div>
            </details>
          </li>
        ))}
      </ul>
      {canDecide && together.length > 1 && <Together questions={together} />}
    </Section>
  )
}

function Together({ questions }: { questions: Question[] }) {
  const ids = questions.map(({ id }) => <input key={id} type="hidden" name="approval" value={id} />)
  return (
    <details className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 text-sm font-medium hover:bg-sunken">
        Decide about {questions.length} calls together
      </summary>
      <div className="space-y-5 px-5 pt-1 pb-5">
        <ol className="list-decimal space-y-1 pl-5 text-[0.9375rem]">
          {questions.map(({ id, summary, tool, account, request }) => (
            <li key={id} className="wrap-anywhere">
              {summary || tool} <span className="text-sm text-muted">through {account}</span>
              {request && (
                <span className="block font-mono text-xs whitespace-pre-wrap text-muted">
                  {request.method} {request.url}
                  {request.body !== null && `\n${request.body}`}
                </span>
              )}
            </li>
          ))}
        </ol>
        <Form method="post">
          {ids}
          <Submit weight="primary" intent="approve-all">
            Approve these {questions.length} calls
          </Submit>
        </Form>
        <Form method="post" className="space-y-4 border-t border-line pt-5">
          {ids}
          <ReasonField values={{}} errors={undefined} id="reason-for-all" />
          <Submit weight="danger" intent="decline-all">
            Decline these {questions.length} calls
          </Submit>
        </Form>
      </div>
    </details>
  )
}
