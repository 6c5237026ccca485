// The end of a sign-in, however it went: its tokens are stored as a connection, and what came of it is remembered.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { type ConnectionRow, findConnection } from '../../db/connections.ts'
import { findIntegration } from '../../db/integrations.ts'
import { findOAuthClient } from '../../db/oauth-clients.ts'
import { type OAuthFlowRow, updateOAuthFlow } from '../../db/oauth-flows.ts'
import type { OAuthDeps } from './deps.ts'
import { revokeTokens } from './revoke.ts'
import { saveConnection } from './save-connection.ts'
import type { TokenAnswer } from './token-request.ts'

/** `flow` is there whenever it is the asking person's own. */
export type Finished = { ok: true; connection: ConnectionRow } | { ok: false; flow?: OAuthFlowRow; message: string }

const AGAIN = 'Begin again.'

/** `flow` must have been taken. */
export async function complete(deps: OAuthDeps, flow: OAuthFlowRow, answer: TokenAnswer): Promise<Finished> {
  const { db } = deps
  if (answer.kind === 'transient') return fail(deps, flow, `${answer.message} ${AGAIN}`)
  if (answer.kind === 'refused') return fail(deps, flow, `${answer.message} ${whatToDo(answer.error)}`)
  const [integration, client, connection] = await Promise.all([
    findIntegration(db, flow.integrationId),
    findOAuthClient(db, flow.client),
    flow.connectionId === null ? undefined : findConnection(db, flow.connectionId),
  ])
  const giveUp = async (message: string) => {
    if (client) await revokeTokens(deps, { server: flow.server, client, ...answer.tokens })
    return fail(deps, flow, message)
  }
  if (!integration) return giveUp('The integration was removed meanwhile.')
  const method: AuthMethod | undefined = integration.authMethods.find(({ id }) => id === flow.methodId)
  if (!method?.oauth) return giveUp('The integration has changed meanwhile and has no such way to sign in any more.')
  const isGone = flow.connectionId !== null && connection?.owner !== flow.owner
  if (isGone) return giveUp('The connection was removed meanwhile.')
  const saved = await saveConnection(deps, { ...flow, integration, method, connection }, answer)
  if (!saved.ok) return giveUp(saved.message)
  await updateOAuthFlow(db, flow, { state: 'done', connectionId: saved.connection.id })
  return { ok: true, connection: saved.connection }
}

export async function fail({ db }: OAuthDeps, flow: OAuthFlowRow, message: string): Promise<Finished> {
  await updateOAuthFlow(db, flow, { state: 'failed', problem: message })
  return { ok: false, flow: { ...flow, state: 'failed', problem: message }, message }
}

/** Of the errors of RFC 6749 (sections 4.1.2.1 and 5.2), RFC 8628 (3.5) and RFC 8707 (2). */
export function whatToDo(error: string): string {
  switch (error) {
    case 'access_denied':
      return 'Access was declined there. Begin again to be asked again; some organisations must allow the app first.'
    case 'expired_token':
      return 'The code was not entered in time. Begin again.'
    case 'invalid_grant':
      return 'The sign-in took too long, or was used already. Begin again.'
    case 'invalid_client':
    case 'unauthorized_client':
      return 'The app that Executor uses there is not accepted: an admin checks its client ID, secret and redirect URI.'
    case 'invalid_scope':
      return 'The app may not ask for these scopes: an admin allows them there, or changes them here.'
    case 'invalid_target':
      return 'The server issues no tokens for this API.'
    case 'server_error':
    case 'temporarily_unavailable':
      return 'Try again in a few minutes.'
    default:
      return 'Begin again; if it goes on like this, show it to an admin.'
  }
}
