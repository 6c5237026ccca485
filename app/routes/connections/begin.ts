// Begins a sign-in for a form, and answers with the page that goes on with it.
import { redirect, redirectDocument } from 'react-router'
import type { OAuthFlow } from '../../../drizzle/shapes.ts'
import type { AppContext } from '../../../server/context.ts'
import { beginSignIn, type SignIn } from '../../../server/connections/oauth/begin.ts'
import { connectMachine } from '../../../server/connections/oauth/machine.ts'
import { testConnection } from '../../../server/connections/manage.ts'
import type { ConnectionRow } from '../../../server/db/connections.ts'
import { findIntegration } from '../../../server/db/integrations.ts'
import { probeFor } from '../../../server/tools/probe.ts'
import type { FormError } from '../../ui/error-summary.tsx'

export type BegunSignIn = { ok: true; response: Response } | { ok: false; errors: FormError[] }

export interface WantedSignIn extends Omit<SignIn, 'grant' | 'owner'> {
  grant: OAuthFlow['grant']
  /** `org` or `me`, as the form says. */
  owner: string
}

/** The answer leaves for another site in the end, so the browser loads its page anew instead of asking for its data. */
export async function beginFrom(app: AppContext, { grant, owner: who, ...wanted }: WantedSignIn): Promise<BegunSignIn> {
  if (who !== 'org' && who !== 'me') return refuse({ field: 'owner', message: 'Choose who may use it.' })
  const input = { ...wanted, owner: who } as const
  if (grant === 'client_credentials') return connectAsApplication(app, input)
  const began = await beginSignIn(app, { ...input, grant })
  if (began.ok) return { ok: true, response: redirectDocument(`/connections/flows/${began.flow.id}`) }
  if (began.code === 'own_app_needed') return { ok: true, response: redirect(ownAppAddress({ ...input, grant })) }
  return refuse({ ...(began.field && { field: began.field }), message: began.message })
}

async function connectAsApplication(app: AppContext, input: Omit<SignIn, 'grant'>): Promise<BegunSignIn> {
  const made = await connectMachine(app, input)
  if (made.ok) return { ok: true, response: await showConnected(app, made.connection) }
  if (made.code === 'own_app_needed') {
    return { ok: true, response: redirect(ownAppAddress({ ...input, grant: 'client_credentials' })) }
  }
  return refuse({ ...(made.field !== 'value' && { field: made.field }), message: made.message })
}

/**
 * Tested by a harmless call, unless the account that it is of has shown already that it works. What was connected to be
 * read has no calls yet, and is read next.
 */
export async function showConnected(app: AppContext, connection: ConnectionRow): Promise<Response> {
  const { id, integrationId, method, health } = connection
  const integration = await findIntegration(app.db, integrationId)
  if (integration?.revision === 0) return redirect(`/integrations/${integration.slug}#read`)
  if (health === 'untested') await testConnection(app, connection, await probeFor(app.db, integrationId, method))
  return redirect(`/connections/${id}?notice=connected#main`)
}

/** Where an app of one's own is entered, with the sign-in that goes on then. */
function ownAppAddress({ integration, method, grant, owner, slug, connection, scopes }: WantedSignIn): string {
  const search = new URLSearchParams({ method: method.id, grant, owner, connection: slug })
  if (connection) search.set('renew', connection.id)
  if (scopes && scopes.length > 0) search.set('scope', scopes.join(' '))
  return `/integrations/${integration.slug}/app?${search}#main`
}

function refuse(error: FormError): BegunSignIn {
  return { ok: false, errors: [error] }
}
