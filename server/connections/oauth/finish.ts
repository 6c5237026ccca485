// The callback of an authorization code sign-in. The first that comes takes the flow; whatever comes later, with the
// same address, finds what came of it. Nobody else learns that there is one.
import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import { redirectUriOf } from '../../access/client-metadata.ts'
import { findConnection } from '../../db/connections.ts'
import { findOAuthClient, type OAuthClientRow } from '../../db/oauth-clients.ts'
import { findOAuthFlow, findOAuthFlowByState, type OAuthFlowRow, takeOAuthFlow } from '../../db/oauth-flows.ts'
import { sha256Hex } from '../../db/sha256.ts'
import { type FlowSecrets, placeOfFlow } from './begin.ts'
import { complete, fail, type Finished, whatToDo } from './complete.ts'
import type { OAuthDeps } from './deps.ts'
import { said, saidError } from './said.ts'
import { serverOf } from './speak.ts'
import { codeRequest, isLibraryError } from './token-request.ts'

export type { Finished } from './complete.ts'

const UNKNOWN: Finished = {
  ok: false,
  message: 'There is no such sign-in of yours. It may have been begun by somebody else, or long ago: begin again.',
}
const OVER = 'The time for this sign-in is over. Begin again.'
const WAITS = 20
const WAIT_MS = 250

export async function finishSignIn(deps: OAuthDeps, callback: URL): Promise<Finished> {
  const { db, principal, now = Date.now } = deps
  const [state, ...others] = callback.searchParams.getAll('state')
  if (state === undefined || others.length > 0) return UNKNOWN
  const flow = await findOAuthFlowByState(db, await sha256Hex(state))
  if (flow?.principal !== principal.id) return UNKNOWN
  if (flow.state !== 'open') return outcome(deps, flow)
  const [taken] = await takeOAuthFlow(db, flow.id, now())
  if (!taken) return outcome(deps, flow)
  try {
    return await exchange(deps, taken, callback.searchParams, state)
  } catch (error) {
    await fail(deps, taken, 'Something went wrong. Begin again.')
    throw error
  }
}

/** What came of it; of one that is being finished just now, as soon as it is known. */
async function outcome(deps: OAuthDeps, { id }: OAuthFlowRow): Promise<Finished> {
  const { db } = deps
  let flow = await findOAuthFlow(db, id)
  for (let waited = 0; flow?.state === 'taken' && waited < WAITS; waited++) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
    flow = await findOAuthFlow(db, id)
  }
  if (!flow) return UNKNOWN
  if (flow.state === 'open') return fail(deps, flow, OVER)
  if (flow.state === 'taken')
    return { ok: false, flow, message: 'It is being finished. Load this page again in a moment.' }
  if (flow.state === 'failed') return { ok: false, flow, message: flow.problem ?? OVER }
  const connection = flow.connectionId === null ? undefined : await findConnection(db, flow.connectionId)
  return connection ? { ok: true, connection } : { ok: false, flow, message: 'The connection was removed since.' }
}

async function exchange(
  deps: OAuthDeps,
  flow: OAuthFlowRow,
  parameters: URLSearchParams,
  state: string,
): Promise<Finished> {
  const { db, vault, origin } = deps
  const client = await findOAuthClient(db, flow.client)
  if (!client) return fail(deps, flow, 'The app that it was begun with is gone. Begin again.')
  const read = readCallback(flow.server, client, parameters, state)
  if (!read.ok) return fail(deps, flow, read.message)
  const opened = await vault.open(flow.sealed, placeOfFlow(flow))
  const { verifier, nonce }: FlowSecrets = opened.ok ? opened.value : {}
  if (verifier === undefined) return fail(deps, flow, 'What was kept of the sign-in does not open. Begin again.')
  const code = {
    code: read.code,
    redirectUri: redirectUriOf(origin),
    verifier,
    ...(nonce !== undefined && { nonce }),
    resource: flow.resource,
  }
  return complete(deps, flow, await codeRequest(deps, { server: flow.server, client }, code))
}

type Callback = { ok: true; code: string } | { ok: false; message: string }

/** RFC 6749, section 4.1.2, and RFC 9207: a code of another server than the one that was asked is never sent anywhere. */
function readCallback(
  server: AuthorizationServer,
  { clientId }: OAuthClientRow,
  given: URLSearchParams,
  state: string,
): Callback {
  const parameters = new URLSearchParams(given)
  const host = new URL(server.authorizationEndpoint ?? '').host
  const issuer = parameters.get('iss')
  if (issuer !== null && server.issuer === null) {
    // Nothing says who the issuer is, but where it is.
    if (URL.parse(issuer)?.host !== host) return { ok: false, message: foreign(host, issuer) }
    parameters.delete('iss')
  }
  try {
    const valid = validateAuthResponse(serverOf(server), { client_id: clientId }, parameters, state)
    const code = valid.get('code') ?? ''
    return code === ''
      ? { ok: false, message: `${host} sent you back without a code. Begin again.` }
      : { ok: true, code }
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      const words = saidError(error.error, error.error_description)
      return { ok: false, message: `${host} says: ${words}. ${whatToDo(error.error)}` }
    }
    if (!isLibraryError(error)) throw error
    if (issuer !== null && issuer !== server.issuer) return { ok: false, message: foreign(host, issuer) }
    return {
      ok: false,
      message: `${host} sent you back with an answer that cannot be used: ${error.message}. Begin again.`,
    }
  }
}

function foreign(host: string, issuer: string): string {
  return `The answer came from ${said(issuer)}, and ${host} was asked: it was not used (RFC 9207, section 2.4).`
}
