import type { ShouldRevalidateFunctionArgs } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, EffectBadge } from '../../ui/badge.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Live } from '../../ui/live.tsx'
import { Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { principalName } from '../principal-name.ts'
import { isOpen } from '../runs/run-state.tsx'
import type { Route } from './+types/detail'
import { decide, unknownQuestion } from './decide.ts'
import { OutcomeForms, SendForms } from './decision-forms.tsx'
import { InputForms, UpstreamMessage } from './input-forms.tsx'
import { loadApproval } from './load-approval.ts'
import { Outcome } from './outcome.tsx'
import { RequestView } from './request-view.tsx'
import { RunSoFar } from './run-so-far.tsx'
import { Siblings } from './siblings.tsx'

export async function loader({ context, params }: Route.LoaderArgs) {
  const loaded = await loadApproval(context.get(appContext), params.id)
  if (loaded === undefined) throw unknownQuestion()
  return loaded
}

export async function action({ context, params, request }: Route.ActionArgs) {
  return decide(context.get(appContext), params.id, await request.formData())
}

/** Whoever was not the first sees what the first has decided. */
export function shouldRevalidate({ actionStatus, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) {
  return actionStatus === 409 || defaultShouldRevalidate
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.approval.summary || 'Question'} · Executor` },
]

const WAITING_MS = 5000
const RUNNING_MS = 1000

export default function Approval({ loaderData, actionData }: Route.ComponentProps) {
  const { approval, asks, request, siblings, run, now, canDecide } = loaderData
  const isPending = approval.state === 'pending'
  const isOver = isPending && approval.expiresAt <= now
  const decision = isPending && (
    <Section title={DECISIONS[approval.question]} id="decide">
      {canDecide && !isOver ? (
        <Forms {...loaderData} actionData={actionData} />
      ) : (
        <p className="text-muted">
          {isOver
            ? 'The time to decide is over. The program is told that nobody decided.'
            : 'Only a signed-in person decides.'}
        </p>
      )}
    </Section>
  )
  return (
    <Page
      title={titleOf(approval)}
      parent={{ to: isPending ? '/approvals' : '/approvals?tab=decided', label: 'Approvals' }}
      lead={<Lead {...loaderData} />}
    >
      {run !== undefined && isOpen(run.state) && (
        <Live everyMs={run.isGoingOn ? RUNNING_MS : WAITING_MS} reloads={run.isGoingOn} />
      )}
      <ErrorSummary errors={actionData?.errors} />
      {!isPending && <Outcome {...loaderData} />}
      {asks && <UpstreamMessage message={asks.message} server={approval.account} />}
      {asks && decision}
      <About {...loaderData} />
      <Section title={requestTitle(approval)}>
        <RequestView request={request} />
        {loaderData.arguments !== null && (
          <CodeBlock
            label="Arguments"
            caption="Arguments, as the program gave them"
            text={loaderData.arguments}
            isTall
          />
        )}
        {approval.hasSecrets && <p className="text-sm text-muted">Secrets are hidden now that it is decided.</p>}
      </Section>
      {!asks && decision}
      {siblings.length > 0 && (
        <Siblings
          current={isPending && !isOver ? { ...approval, request } : null}
          siblings={siblings}
          canDecide={canDecide}
        />
      )}
      <RunSoFar {...loaderData} />
    </Page>
  )
}

const DECISIONS = { send: 'Decide', outcome: 'Say what happened', input: 'Answer' } as const

function titleOf({ question, summary, tool, account }: Route.ComponentProps['loaderData']['approval']): string {
  if (question === 'input') return `${account.split('@')[0]} asks you`
  return question === 'send' ? summary || tool : 'Did this happen?'
}

function Forms({
  approval,
  asks,
  actionData,
}: Pick<Route.ComponentProps, 'actionData'> & Pick<Route.ComponentProps['loaderData'], 'approval' | 'asks'>) {
  const props = { approval, errors: actionData?.errors, values: actionData?.values ?? {} }
  if (asks) {
    return <InputForms asks={asks} account={approval.account} errors={props.errors} filled={actionData?.filled} />
  }
  return approval.question === 'send' ? <SendForms {...props} /> : <OutcomeForms {...props} />
}

function Lead({ approval }: Route.ComponentProps['loaderData']) {
  const { client, principal, tool, question, state, summary } = approval
  if (question === 'outcome') {
    const sent = `${summary || tool}. Sent by ${client}, on behalf of ${principalName(principal)}.`
    if (state !== 'pending') return sent
    return `${sent} Look into the account before you answer: nothing is sent again unless you say so.`
  }
  if (question === 'input') return `In the middle of a call by ${client}, on behalf of ${principalName(principal)}.`
  return `Asked by ${client}, on behalf of ${principalName(principal)}.`
}

function requestTitle({ question, state }: Route.ComponentProps['loaderData']['approval']): string {
  if (question !== 'send') return 'What was sent'
  return state === 'pending' ? 'What would be sent' : 'The request'
}

function About({ approval, now }: Route.ComponentProps['loaderData']) {
  return (
    <Facts>
      <Fact name="Tool">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <TextLink to={`/tools/${encodeURIComponent(approval.tool)}`} className="text-sm">
            <Address text={approval.tool} />
          </TextLink>
          <EffectBadge effect={approval.effect} />
        </span>
      </Fact>
      <Fact name="Account">
        {approval.connectionId === null ? (
          <span className="font-mono text-sm">{approval.account}</span>
        ) : (
          <TextLink to={`/connections/${approval.connectionId}`} className="font-mono text-sm">
            {approval.account}
          </TextLink>
        )}
        {approval.connectionId === null && ' (without a credential)'}
      </Fact>
      <Fact name="Why it asks">{approval.because}</Fact>
      <Fact name="Asked">
        <Time at={approval.createdAt} now={now} />
      </Fact>
      {approval.state === 'pending' && (
        <Fact name="Expires">
          <Time at={approval.expiresAt} now={now} />
          {approval.expiresAt - now < 86_400_000 && (
            <>
              {' '}
              <Badge tone="warn">soon</Badge>
            </>
          )}
        </Fact>
      )}
    </Facts>
  )
}
