// Asks whether a person has entered the code of a device (RFC 8628, section 3.4), no more often than the server allows.
import { findOAuthClient } from '../../db/oauth-clients.ts'
import {
  findOAuthFlow,
  type OAuthFlowRow,
  takeDevicePoll,
  takeOAuthFlow,
  updateOAuthFlow,
} from '../../db/oauth-flows.ts'
import { findConnection } from '../../db/connections.ts'
import { type FlowSecrets, placeOfFlow } from './begin.ts'
import { complete, fail, type Finished } from './complete.ts'
import type { OAuthDeps } from './deps.ts'
import { deviceCodeRequest } from './token-request.ts'

export type Polled = Finished | { ok: 'pending'; /** Epoch ms. */ nextPollAt: number }

const SLOW_DOWN_SECONDS = 5

/** May be called as often as one likes: it asks the server only when the time has come. */
export async function pollDevice(deps: OAuthDeps, { id }: Pick<OAuthFlowRow, 'id'>): Promise<Polled> {
  const { db, principal, now = Date.now } = deps
  const flow = await findOAuthFlow(db, id)
  if (!flow?.device || flow.principal !== principal.id)
    return { ok: false, message: 'There is no such sign-in of yours.' }
  if (flow.state !== 'open') return outcome(deps, flow)
  const at = now()
  if (at >= flow.expiresAt) return fail(deps, flow, 'The code was not entered in time. Begin again.')
  const { nextPollAt } = flow
  if (nextPollAt !== null && at < nextPollAt) return { ok: 'pending', nextPollAt }
  const next = at + flow.device.intervalSeconds * 1000
  const [mine] = await takeDevicePoll(db, flow, next)
  return mine ? ask(deps, flow, next) : { ok: 'pending', nextPollAt: next }
}

async function ask(deps: OAuthDeps, flow: OAuthFlowRow, next: number): Promise<Polled> {
  const { db, vault, now = Date.now } = deps
  const client = await findOAuthClient(db, flow.client)
  const opened = await vault.open(flow.sealed, placeOfFlow(flow))
  const { deviceCode }: FlowSecrets = opened.ok ? opened.value : {}
  if (!client || deviceCode === undefined) return fail(deps, flow, 'What was kept of the sign-in is gone. Begin again.')
  const answer = await deviceCodeRequest(deps, { server: flow.server, client }, { deviceCode, resource: flow.resource })
  const isWaiting =
    answer.kind === 'transient' || (answer.kind === 'refused' && answer.error === 'authorization_pending')
  if (isWaiting) return { ok: 'pending', nextPollAt: next }
  if (answer.kind === 'refused' && answer.error === 'slow_down') return slowDown(deps, flow, next)
  const [taken] = await takeOAuthFlow(db, flow.id, now())
  // Whoever was slower than the time finds it over.
  if (!taken) return fail(deps, flow, 'The code was not entered in time. Begin again.')
  return complete(deps, taken, answer)
}

/** Section 3.5: from now on five seconds more. */
async function slowDown({ db }: OAuthDeps, flow: OAuthFlowRow, next: number): Promise<Polled> {
  const { device } = flow
  if (!device) throw new Error('a device is asked for')
  const nextPollAt = next + SLOW_DOWN_SECONDS * 1000
  const slower = { ...device, intervalSeconds: device.intervalSeconds + SLOW_DOWN_SECONDS }
  await updateOAuthFlow(db, flow, { device: slower, nextPollAt })
  return { ok: 'pending', nextPollAt }
}

async function outcome({ db, now = Date.now }: OAuthDeps, flow: OAuthFlowRow): Promise<Polled> {
  // Another question has its answer, and is storing it.
  if (flow.state === 'taken') return { ok: 'pending', nextPollAt: now() + 1000 }
  if (flow.state === 'failed') return { ok: false, flow, message: flow.problem ?? 'It failed. Begin again.' }
  const connection = flow.connectionId === null ? undefined : await findConnection(db, flow.connectionId)
  return connection ? { ok: true, connection } : { ok: false, flow, message: 'The connection was removed since.' }
}
