// Where providers send people back to (RFC 6749, section 4.1.2). Opened twice, it shows the same outcome twice.
import { data, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { finishSignIn } from '../../../server/connections/oauth/finish.ts'
import { findOAuthFlow } from '../../../server/db/oauth-flows.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { showConnected } from '../connections/begin.ts'
import type { Route } from './+types/callback'

export async function loader({ context, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const finished = await finishSignIn(app, new URL(request.url))
  if (finished.ok) throw await showConnected(app, finished.connection)
  // What went wrong stands on the page of the sign-in, whose address has no code in it, with the way to try again.
  const flow = finished.flow && (await findOAuthFlow(app.db, finished.flow.id))
  if (flow?.principal === app.principal.id && flow.state !== 'open')
    throw redirect(`/connections/flows/${flow.id}#main`)
  return data({ message: finished.message }, { status: 400 })
}

export const meta: Route.MetaFunction = () => [{ title: 'Not connected · Executor' }]

export default function Callback({ loaderData }: Route.ComponentProps) {
  return (
    <Page title="Nothing was connected" parent={{ to: '/connections', label: 'Connections' }}>
      <Notice tone="danger">
        <p>{loaderData.message}</p>
      </Notice>
      <div className="flex flex-wrap gap-3">
        <ButtonLink weight="primary" to="/connections/new">
          Begin again
        </ButtonLink>
        <ButtonLink to="/connections">See your connections</ButtonLink>
      </div>
    </Page>
  )
}
