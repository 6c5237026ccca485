import { data, Link, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { DAY_BOUNDS, readSettings, writeSettings } from '../../../server/db/settings.ts'
import { Notice } from '../../ui/notice.tsx'
import { Page, Rows, Section } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import type { Route } from './+types/settings'
import { readSettingsForm, shownSettings } from './read-settings-form.ts'
import { SettingsForm } from './settings-form.tsx'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change the settings')
  if (refusal) throw refusal
  return {
    values: shownSettings(await readSettings(db)),
    bounds: DAY_BOUNDS,
    isSaved: new URL(request.url).searchParams.get('notice') === 'saved',
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change the settings')
  if (refusal) throw refusal
  const read = readSettingsForm(await request.formData())
  if (!read.ok) return data({ errors: read.errors, values: read.values }, { status: 422 })
  const was = await readSettings(db)
  const [first, ...others] = writeSettings(db, { was, will: read.settings, by: principal.id, now: Date.now() })
  if (first) await db.batch([first, ...others])
  return redirect('/settings?notice=saved#main')
}

export const meta: Route.MetaFunction = () => [{ title: 'Settings · Executor' }]

export default function Settings({ loaderData, actionData }: Route.ComponentProps) {
  const { values, bounds, isSaved } = loaderData
  return (
    <Page title="Settings" lead="They hold for everyone. Each change is on record in the audit.">
      {isSaved && !actionData && <Notice>The settings are saved.</Notice>}
      <SettingsForm
        key={JSON.stringify(values)}
        values={actionData?.values ?? values}
        errors={actionData?.errors}
        bounds={bounds}
      />
      <Section title="More">
        <Rows>
          <More to="/settings/notifications" title="Notifications">
            A message to Slack or a webhook of your own when a call waits for a person.
          </More>
          <More to="/settings/encryption" title="Encryption">
            The key that seals every stored secret, and how to change it.
          </More>
        </Rows>
      </Section>
    </Page>
  )
}

function More({ to, title, children }: { to: string; title: string; children: string }) {
  return (
    <li>
      <Link to={to} className="flex min-h-14 flex-col justify-center rounded-xl px-5 py-2 hover:bg-sunken">
        <span className="font-medium">{title}</span>
        <span className="text-sm text-muted">{children}</span>
      </Link>
    </li>
  )
}
