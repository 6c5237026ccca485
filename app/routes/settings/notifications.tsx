import { data, Form, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { countFailedNotifications, listNotifications } from '../../../server/db/notifications.ts'
import { removeWebhook, renewWebhookSecret, saveWebhook } from '../../../server/runs/change-webhook.ts'
import { sendTestNotification } from '../../../server/runs/send-test-notification.ts'
import { describeWebhook } from '../../../server/runs/webhook.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card, Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/notifications'
import { Deliveries } from './delivery-list.tsx'
import { deliveryOf } from './delivery.ts'
import { WebhookForm } from './webhook-form.tsx'

const HERE = '/settings/notifications'
const SHOWN = 20

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal, origin } = context.get(appContext)
  const refusal = refuseMember(principal, 'set up notifications')
  if (refusal) throw refusal
  const [webhook, rows, failing] = await Promise.all([
    describeWebhook(db),
    listNotifications(db, SHOWN),
    countFailedNotifications(db),
  ])
  const search = new URL(request.url).searchParams
  const deliveries = rows.map((row) => deliveryOf(row, origin))
  return {
    now: Date.now(),
    notice: search.get('notice'),
    /** The test that was just sent. */
    tested: deliveries.find(({ id }) => id === search.get('tested')) ?? null,
    webhook,
    deliveries,
    failing,
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const refusal = refuseMember(app.principal, 'set up notifications')
  if (refusal) throw refusal
  const form = await request.formData()
  const [intent, seen] = formText(form, 'intent').split(' ')
  switch (intent) {
    case 'test': {
      const sent = await sendTestNotification(app)
      return redirect(sent ? `${HERE}?tested=${sent.id}#main` : HERE)
    }
    case 'remove':
      await removeWebhook(changeDeps(app))
      return redirect(`${HERE}?notice=removed#main`)
    case 'renew': {
      // A page that is loaded again sends its form again: the secret that it made must not be replaced unseen.
      const current = await describeWebhook(app.db)
      if (current === null || String(current.updatedAt) !== seen) return redirect(HERE)
      return answer(await renewWebhookSecret(changeDeps(app)))
    }
    default: {
      const values = { url: formText(form, 'url'), format: formText(form, 'format') }
      return answer(await saveWebhook(changeDeps(app), values), values)
    }
  }
}

function changeDeps({ db, vault, principal, config }: AppContext) {
  return { db, vault, principal, allowLocalNetwork: config.allowLocalNetwork }
}

/** A new secret is in this one answer and nowhere else, so there is no page to redirect to that could show it. */
function answer(changed: Awaited<ReturnType<typeof saveWebhook>>, values?: { url: string; format: string }) {
  if (!changed.ok) {
    const { field, message } = changed
    return data({ secret: null, errors: [{ field, message }], values }, { status: 422 })
  }
  if (changed.secret === null) return redirect(`${HERE}?notice=saved#main`)
  return data({ secret: changed.secret, errors: undefined, values: undefined })
}

export const meta: Route.MetaFunction = () => [{ title: 'Notifications · Executor' }]

export default function Notifications({ loaderData, actionData }: Route.ComponentProps) {
  const { webhook, deliveries, now } = loaderData
  const errors = actionData?.errors
  return (
    <Page
      title="Notifications"
      lead="A message to a webhook when a call waits for a person, or a connection stops working."
      parent={{ to: '/settings', label: 'Settings' }}
    >
      <ErrorSummary errors={errors} />
      {actionData?.secret && <NewSecret secret={actionData.secret} />}
      {/* What the address says is of the time before this answer. */}
      {!actionData && <Said {...loaderData} />}
      {webhook === null ? (
        <Section
          title="Set up a webhook"
          lead="Slack, anything that understands Slack’s webhooks, or a receiver of your own."
        >
          <WebhookForm values={actionData?.values} errors={errors} />
        </Section>
      ) : (
        <>
          {loaderData.tested?.state !== 'failed' && <Failing {...loaderData.failing} />}
          <Current webhook={webhook} now={now} />
          <Deliveries deliveries={deliveries} now={now} />
          <Section title="Change it">
            <WebhookForm key={webhook.updatedAt} webhook={webhook} values={actionData?.values} errors={errors} />
          </Section>
          <div className="space-y-3">
            <Confirm label="Renew the signing secret" confirm="Renew the secret" intent={`renew ${webhook.updatedAt}`}>
              There will be a new secret, shown once. Messages are signed with both for a day, so that your receiver has
              time to learn the new one.
            </Confirm>
            <Confirm label="Remove the webhook" confirm="Remove webhook" intent="remove">
              Nobody is told any more, and messages that wait to be delivered are dropped. The address and the secret
              are deleted and cannot be brought back.
            </Confirm>
          </div>
        </>
      )}
    </Page>
  )
}

function NewSecret({ secret }: { secret: string }) {
  return (
    <Card>
      <div className="space-y-3">
        <h2 className="font-semibold">Copy the signing secret now. It is not shown again.</h2>
        <p className="max-w-[68ch] text-sm text-muted">
          Every message is signed with it as the Standard Webhooks specification says, so that a receiver of your own
          knows that a message is from here. Slack does not need it.
        </p>
        <CodeBlock label="Signing secret" text={secret} />
      </div>
    </Card>
  )
}

type Data = Route.ComponentProps['loaderData']

const NOTICES: Record<string, string> = {
  saved: 'The webhook is saved.',
  removed: 'The webhook is gone, and its address and secret with it.',
}

function Said({ notice, tested }: Pick<Data, 'notice' | 'tested'>) {
  if (tested?.state === 'delivered') return <Notice>The test was delivered.</Notice>
  if (tested?.state === 'failed') {
    return (
      <Notice tone="warning">
        <p className="font-medium">The test was not delivered</p>
        <p>{tested.problem}</p>
      </Notice>
    )
  }
  if (tested) return <Notice>The test is on its way.</Notice>
  const said = notice !== null && Object.hasOwn(NOTICES, notice) ? NOTICES[notice] : undefined
  return said === undefined ? null : <Notice>{said}</Notice>
}

function Failing({ failed, retrying }: Data['failing']) {
  if (failed + retrying === 0) return null
  return (
    <Notice tone="warning">
      <p className="font-medium">Messages do not get through</p>
      <p>
        {failed > 0 && `${failed === 1 ? '1 message was' : `${failed} messages were`} given up. `}
        {retrying > 0 && `${retrying === 1 ? '1 message is' : `${retrying} messages are`} tried again. `}
        The list below says why.
      </p>
    </Notice>
  )
}

const FORMATS = { slack: 'Slack', json: 'JSON, signed' }

function Current({ webhook, now }: { webhook: NonNullable<Data['webhook']>; now: number }) {
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <Facts>
          <Fact name="Sent to">
            <span className="font-mono text-sm">{webhook.host}</span>
          </Fact>
          <Fact name="Format">{FORMATS[webhook.format]}</Fact>
          <Fact name="Changed">
            <Time at={webhook.updatedAt} now={now} /> by {webhook.updatedBy.replace(/^person:/, '')}
          </Fact>
        </Facts>
        <Form method="post">
          <Button name="intent" value="test">
            Send a test
          </Button>
        </Form>
      </div>
    </Card>
  )
}
