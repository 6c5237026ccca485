import { data, Form, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listRememberedApprovals } from '../../../server/db/approvals.ts'
import { revokeRemembered } from '../../../server/runs/decide-approval.ts'
import { Address } from '../../ui/address.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import { formText } from '../form.ts'
import { whose } from '../may-see.ts'
import { principalName } from '../principal-name.ts'
import type { Route } from './+types/remembered'

const MOST_SHOWN = 500

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const now = Date.now()
  const found = await listRememberedApprovals(db, { ...whose(principal), now, limit: MOST_SHOWN })
  return {
    now,
    isRevoked: new URL(request.url).searchParams.get('notice') === 'revoked',
    remembered: found,
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const form = await request.formData()
  const revoked = await revokeRemembered(context.get(appContext), formText(form, 'remembered'))
  if (!revoked.ok) return data({ errors: [{ message: revoked.message }] }, { status: 409 })
  return redirect('/approvals/remembered?notice=revoked#main')
}

export const meta: Route.MetaFunction = () => [{ title: 'Remembered approvals · Executor' }]

export default function Remembered({ loaderData, actionData }: Route.ComponentProps) {
  const { remembered, now, isRevoked } = loaderData
  return (
    <Page
      title="Remembered approvals"
      parent={{ to: '/approvals', label: 'Approvals' }}
      lead="Calls that go through without asking, because somebody said so when they approved one. A rule that blocks the tool is stronger."
    >
      <ErrorSummary errors={actionData?.errors} />
      {isRevoked && !actionData && <Notice>It is revoked. The next call asks again.</Notice>}
      {remembered.length === 0 ? (
        <Empty title="Nothing is remembered">
          Whoever approves a call may also allow further calls of the same tool. That stands here until it expires or is
          revoked.
        </Empty>
      ) : (
        <Rows>
          {remembered.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-6 gap-y-3 px-5 py-4">
              <div className="min-w-0 flex-1 basis-64 space-y-1">
                <p className="text-sm wrap-anywhere">
                  <Address text={one.tool} /> <span className="text-muted">through</span>{' '}
                  <span className="font-mono">{one.account}</span>
                </p>
                <p className="text-sm wrap-anywhere">
                  For {principalName(one.principal)}, <Until remembered={one} now={now} />
                </p>
                <p className="text-sm text-muted wrap-anywhere">
                  Allowed by {principalName(one.createdBy)} <Time at={one.createdAt} now={now} />.{' '}
                  {one.isQuestionKept === 1 && (
                    <TextLink to={`/approvals/${one.approvalId}`}>See the question</TextLink>
                  )}
                </p>
              </div>
              <Form method="post">
                <input type="hidden" name="remembered" value={one.id} />
                <Button weight="danger">
                  Revoke
                  <span className="sr-only">
                    {' '}
                    {one.tool} for {principalName(one.principal)}
                  </span>
                </Button>
              </Form>
            </li>
          ))}
        </Rows>
      )}
    </Page>
  )
}

function Until({
  remembered,
  now,
}: {
  remembered: Route.ComponentProps['loaderData']['remembered'][number]
  now: number
}) {
  if (remembered.runId !== null) {
    return (
      <>
        in <TextLink to={`/runs/${remembered.runId}`}>one run</TextLink>, until it ends
      </>
    )
  }
  if (remembered.expiresAt === null) return 'until it is revoked'
  return (
    <>
      expires <Time at={remembered.expiresAt} now={now} />
    </>
  )
}
