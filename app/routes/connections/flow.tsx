// A sign-in on its way: the page between the console and the provider, and the code that is typed on another device.
// The policy of our pages lets no form lead to another site, so that a page of its own leads there, without JavaScript.
import { data, Form, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { pollDevice } from '../../../server/connections/oauth/device.ts'
import { endpointOf } from '../../../server/connections/oauth/endpoint.ts'
import { findConnection } from '../../../server/db/connections.ts'
import { findIntegration } from '../../../server/db/integrations.ts'
import { findOAuthFlow, type OAuthFlowRow } from '../../../server/db/oauth-flows.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Live } from '../../ui/live.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import type { Route } from './+types/flow'
import { beginFrom, showConnected } from './begin.ts'
import { DeviceCode, type DeviceCodeProps } from './device-code.tsx'

const LEAST_WAIT_MS = 2_000
const FINISHING_MS = 1_000

type View =
  | { kind: 'leaving'; url: string; host: string }
  | ({ kind: 'device'; everyMs: number } & Pick<
      DeviceCodeProps,
      'userCode' | 'verificationUri' | 'link' | 'complete' | 'endsAt'
    >)
  | { kind: 'finishing' }
  | { kind: 'ended'; message: string }

/** A sign-in is its person's: to everybody else there is none. */
async function findOwn({ db, principal }: AppContext, id: string): Promise<OAuthFlowRow> {
  const flow = await findOAuthFlow(db, id)
  if (flow?.principal === principal.id) return flow
  throw data('There is no such sign-in of yours. Begin it again from the connection.', { status: 404 })
}

export async function loader({ context, params }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const now = Date.now()
  const flow = await findOwn(app, params.id)
  const integration = await findIntegration(app.db, flow.integrationId)
  if (!integration) throw data('The integration is gone.', { status: 404 })
  const view = await viewOf(app, flow, now)
  const shown = {
    now,
    integration: { slug: integration.slug, title: integration.title },
    connectionId: flow.connectionId,
    view,
  }
  const headers = view.kind === 'leaving' ? { refresh: `0;url=${view.url}` } : undefined
  return data(shown, { headers })
}

/** Without JavaScript too: the browser goes on by this header. */
export const headers: Route.HeadersFunction = ({ loaderHeaders }) => loaderHeaders

async function viewOf(app: AppContext, flow: OAuthFlowRow, now: number): Promise<View> {
  switch (flow.state) {
    case 'done':
      throw redirect(
        flow.connectionId === null ? '/connections' : `/connections/${flow.connectionId}?notice=connected#main`,
      )
    case 'failed':
      return { kind: 'ended', message: flow.problem ?? 'The sign-in did not succeed.' }
    case 'taken':
      return flow.expiresAt > now ? { kind: 'finishing' } : { kind: 'ended', message: TOO_LATE }
    default:
      if (flow.expiresAt <= now) return { kind: 'ended', message: TOO_LATE }
      return flow.device ? deviceView(app, flow, flow.device, now) : leavingView(flow)
  }
}

const TOO_LATE = 'The sign-in was not finished in time.'

function leavingView({ authorizationUrl }: OAuthFlowRow): View {
  const url = endpointOf(authorizationUrl)
  if (url === null) return { kind: 'ended', message: 'The provider names no address that anybody can be sent to.' }
  return { kind: 'leaving', url: url.href, host: url.host }
}

async function deviceView(
  app: AppContext,
  flow: OAuthFlowRow,
  { userCode, verificationUri, verificationUriComplete }: NonNullable<OAuthFlowRow['device']>,
  now: number,
): Promise<View> {
  const polled = await pollDevice(app, flow)
  if (polled.ok === true) throw await showConnected(app, polled.connection)
  if (polled.ok === false) return { kind: 'ended', message: polled.message }
  return {
    kind: 'device',
    userCode,
    verificationUri,
    link: endpointOf(verificationUri)?.href ?? null,
    complete: endpointOf(verificationUriComplete)?.href ?? null,
    everyMs: Math.max(LEAST_WAIT_MS, polled.nextPollAt - now),
    endsAt: flow.expiresAt,
  }
}

/** The same sign-in from its beginning. */
export async function action({ context, params }: Route.ActionArgs) {
  const app = context.get(appContext)
  const flow = await findOwn(app, params.id)
  const integration = await findIntegration(app.db, flow.integrationId)
  const method = integration?.authMethods.find(({ id }) => id === flow.methodId)
  if (!integration || !method) throw data('The way to sign in is gone. Begin again.', { status: 404 })
  const connection = flow.connectionId === null ? undefined : await findConnection(app.db, flow.connectionId)
  const begun = await beginFrom(app, {
    integration,
    method,
    grant: flow.grant,
    owner: flow.owner === 'org' ? 'org' : 'me',
    slug: flow.slug,
    ...(connection && { connection, scopes: flow.scopes }),
  })
  return begun.ok ? begun.response : data({ errors: begun.errors.map(({ message }) => ({ message })) }, { status: 422 })
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `Sign in with ${loaderData?.integration.title ?? 'a provider'} · Executor` },
]

export default function Flow({ loaderData, actionData }: Route.ComponentProps) {
  const { view, integration, now } = loaderData
  const back =
    loaderData.connectionId === null
      ? `/connections/new?integration=${integration.slug}`
      : `/connections/${loaderData.connectionId}`
  return (
    <Page title={titleOf(view, integration.title)} parent={{ to: '/connections', label: 'Connections' }}>
      <ErrorSummary errors={actionData?.errors} />
      {view.kind === 'leaving' && (
        <div className="space-y-5">
          <p>
            If nothing happens,{' '}
            <a href={view.url} rel="noreferrer" className="text-accent underline underline-offset-4">
              go on to {view.host}
            </a>
            .
          </p>
          <ButtonLink to={back}>Cancel</ButtonLink>
        </div>
      )}
      {view.kind === 'finishing' && (
        <>
          <Live everyMs={FINISHING_MS} />
          <p>The provider’s answer is here, and the connection is being made.</p>
        </>
      )}
      {view.kind === 'device' && (
        <>
          <Live everyMs={view.everyMs} />
          <DeviceCode {...view} title={integration.title} now={now} cancel={back} />
        </>
      )}
      {view.kind === 'ended' && (
        <>
          <Notice tone="danger">
            <p>{view.message}</p>
          </Notice>
          <Form method="post" className="flex flex-wrap gap-3">
            <Button weight="primary">Try again</Button>
            <ButtonLink to={back}>
              {loaderData.connectionId === null ? 'Choose another way' : 'Back to the connection'}
            </ButtonLink>
          </Form>
        </>
      )}
    </Page>
  )
}

function titleOf(view: View, title: string): string {
  switch (view.kind) {
    case 'leaving':
      return `Taking you to ${view.host}…`
    case 'finishing':
      return 'Almost there…'
    case 'device':
      return `Sign in with ${title}`
    default:
      return `${title} is not connected`
  }
}
