// What the holder of a lease does (lease.ts): asks the authorization server, patiently, and stores what it answers before
// anybody uses it.
import type { OAuthGrant } from '../../../drizzle/shapes.ts'
import type { ConnectionRow } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { findIntegration } from '../../db/integrations.ts'
import { findOAuthClient } from '../../db/oauth-clients.ts'
import { isLeaseHeld, releaseLease, seeLease, storeTokens } from '../../db/refresh-lease.ts'
import type { Outbound } from '../../net/outbound.ts'
import { placeOf } from '../attach.ts'
import { recordHealth } from '../record-health.ts'
import type { Vault } from '../seal.ts'
import {
  type Asking,
  clientCredentialsRequest,
  refreshTokenRequest,
  type TokenAnswer,
  type Tokens,
} from './token-request.ts'

export interface RenewDeps {
  db: Database
  vault: Vault
  outbound: Outbound
  /** Of Executor itself, for the link in the notification. */
  origin?: string
  /** Epoch milliseconds. The lease itself goes by the clock of D1. */
  now?: () => number
  sleep?: (ms: number) => Promise<void>
  /** From 0 to 1. */
  random?: () => number
}

/** Where the sealed object of a connection has its refresh token: no field is named like it. */
export const REFRESH_TOKEN = '.refresh'

export type Renewed =
  | { ok: true; connection: ConnectionRow }
  /** `problem`: why the same may work in a while. Whatever else there is to say is in the row. */
  | { ok: false; problem?: string }

/** All attempts together. */
export const ASK_FOR_MS = 15_000
const MOST_ATTEMPTS = 3
const FIRST_WAIT_MS = 500
/** What an attempt needs at least: one that is cut short may lose a token. */
const ANSWER_MS = 3000
const STORE_ATTEMPTS = 3
const NOT_RENEWED = 'Its token could not be renewed.'

/** `wasInterrupted`: somebody has sent this refresh token before, and does not know what became of it. */
export async function renewTokens(
  deps: RenewDeps,
  held: ConnectionRow,
  { wasInterrupted }: { wasInterrupted: boolean },
): Promise<Renewed> {
  const startedAt = (deps.now ?? Date.now)()
  const prepared = await prepare(deps, held)
  if (!prepared.ok) return fail(deps, held, prepared.problem, { isAnswerLost: wasInterrupted })
  const { answer, isAnswerLost } = await askPatiently(deps, prepared.ask, startedAt)
  const isUncertain = wasInterrupted || isAnswerLost
  if (answer.kind === 'tokens') return store(deps, held, prepared, answer.tokens)
  if (answer.kind === 'transient') {
    await releaseLease(deps.db, held, { isAnswerLost: isUncertain })
    return { ok: false, problem: answer.message }
  }
  if (answer.error === 'invalid_grant' && prepared.grant.grant !== 'client_credentials') {
    return end(deps, held, answer, isUncertain)
  }
  return fail(deps, held, answer.message, { isAnswerLost: isUncertain || answer.error === 'invalid_response' })
}

/** A reason that the next token disposes of. */
export function notRenewed(problem: string): string {
  return saysNotRenewed(problem) ? problem : `${NOT_RENEWED} ${problem}`
}

export function saysNotRenewed(reason: string | null): boolean {
  return reason?.startsWith(NOT_RENEWED) ?? false
}

type Prepared = {
  ok: true
  grant: OAuthGrant
  ask: (timeoutMs: number) => Promise<TokenAnswer>
  /** The sealed object with these tokens in it. */
  withTokens: (tokens: Tokens) => Record<string, unknown>
}

async function prepare(deps: RenewDeps, held: ConnectionRow): Promise<Prepared | { ok: false; problem: string }> {
  const { db, vault } = deps
  const { oauth: grant, sealed } = held
  if (grant === null || sealed === null) return { ok: false, problem: 'It has no token. Sign in again.' }
  const [opened, client, integration] = await Promise.all([
    vault.open(sealed, placeOf(held)),
    findOAuthClient(db, grant.client),
    findIntegration(db, held.integrationId),
  ])
  if (!opened.ok) return { ok: false, problem: 'Its secrets do not open with the key in use. Sign in again.' }
  if (!client) return { ok: false, problem: 'The app that it was signed in with is gone. Sign in again.' }
  const { value } = opened
  const declared = integration?.authMethods.find(({ id }) => id === grant.methodId)?.oauth?.field
  const [only, ...others] = Object.keys(value).filter((name) => name !== REFRESH_TOKEN)
  const field = declared !== undefined && declared in value ? declared : others.length === 0 ? only : undefined
  if (field === undefined) return { ok: false, problem: 'The integration has changed how it signs in. Sign in again.' }
  const refreshToken = value[REFRESH_TOKEN]
  const asking: Asking = { server: grant.server, client }
  const withTokens = (tokens: Tokens) => ({
    ...value,
    [field]: tokens.accessToken,
    ...(tokens.refreshToken !== null && { [REFRESH_TOKEN]: tokens.refreshToken }),
  })
  if (grant.grant === 'client_credentials') {
    const request = { scopes: grant.scopesRequested, resource: grant.resource }
    const ask = (timeoutMs: number) => clientCredentialsRequest(deps, { ...asking, timeoutMs }, request)
    return { ok: true, grant, ask, withTokens }
  }
  if (typeof refreshToken !== 'string') return { ok: false, problem: 'It has no refresh token. Sign in again.' }
  const request = { refreshToken, resource: grant.resource }
  const ask = (timeoutMs: number) => refreshTokenRequest(deps, { ...asking, timeoutMs }, request)
  return { ok: true, grant, ask, withTokens }
}

/** `isAnswerLost`: of one of the attempts there was no answer, or none that says whether a token was issued. */
async function askPatiently(
  { now = Date.now, sleep = pause, random = Math.random }: RenewDeps,
  ask: Prepared['ask'],
  startedAt: number,
): Promise<{ answer: TokenAnswer; isAnswerLost: boolean }> {
  const endsAt = startedAt + ASK_FOR_MS
  let isAnswerLost = false
  for (let attempt = 1; ; attempt++) {
    const leftMs = endsAt - now()
    // Held up for so long that the lease may be somebody else's.
    if (leftMs <= 0) return { answer: { kind: 'transient', message: 'There was no time left to ask.' }, isAnswerLost }
    const answer = await ask(leftMs)
    if (answer.kind !== 'transient') return { answer, isAnswerLost }
    isAnswerLost ||= answer.retryAfterMs === undefined
    const waitMs = Math.max(answer.retryAfterMs ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (1 + random() / 4)
    if (attempt === MOST_ATTEMPTS || now() + waitMs + ANSWER_MS > endsAt) return { answer, isAnswerLost }
    await sleep(waitMs)
  }
}

/** A store that fails is tried again: the tokens are nowhere else. */
async function store(
  deps: RenewDeps,
  held: ConnectionRow,
  { grant, withTokens }: Prepared,
  tokens: Tokens,
): Promise<Renewed> {
  const { db, vault, now = Date.now, sleep = pause } = deps
  const sealed = await vault.seal(withTokens(tokens), placeOf(held))
  const oauth: OAuthGrant = {
    ...grant,
    // Left out, it is as it was (RFC 6749, section 6).
    scopesGranted: tokens.scopes ?? grant.scopesGranted,
    canRefresh: grant.canRefresh || tokens.refreshToken !== null,
    obtainedAt: now(),
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const stored = await storeTokens(db, held, {
        sealed,
        oauth,
        tokenExpiresAt: tokens.expiresAt,
        overcomes: NOT_RENEWED,
      })
      if (stored) return { ok: true, connection: stored }
      const seen = await seeLease(db, held.id)
      // What failed before was only the answer, or somebody has signed in meanwhile.
      if (seen && seen.connection.tokenVersion !== held.tokenVersion) return { ok: true, connection: seen.connection }
      return { ok: false }
    } catch (error) {
      if (attempt === STORE_ATTEMPTS) throw error
      await sleep(FIRST_WAIT_MS * attempt)
    }
  }
}

/** The server's own word: the only one that ends a connection. */
async function end(
  deps: RenewDeps,
  held: ConnectionRow,
  { message }: Extract<TokenAnswer, { kind: 'refused' }>,
  wasInterrupted: boolean,
): Promise<Renewed> {
  const why = wasInterrupted
    ? 'A refresh was interrupted after the server may have answered, and the server has ended the grant since: it takes a refresh token that comes twice for a stolen one.'
    : 'The server has ended the grant.'
  await giveUp(deps, held, { health: 'needs_sign_in', healthReason: `${why} ${message} Sign in again.` }, false)
  return { ok: false }
}

/** The tokens are kept: what is wrong can be put right, and the next call tries again. */
async function fail(
  deps: RenewDeps,
  held: ConnectionRow,
  problem: string,
  { isAnswerLost }: { isAnswerLost: boolean },
): Promise<Renewed> {
  const healthReason = notRenewed(problem)
  await giveUp(deps, held, { health: 'failing', healthReason }, isAnswerLost)
  return { ok: false }
}

/** Says why in the batch that ends the lease, and nothing when it is somebody else's by now. */
async function giveUp(
  deps: RenewDeps,
  held: ConnectionRow,
  health: Pick<ConnectionRow, 'health' | 'healthReason'>,
  isAnswerLost: boolean,
): Promise<void> {
  const checked = { ...health, checkedAt: (deps.now ?? Date.now)() }
  await recordHealth(deps, held, checked, {
    onlyIf: isLeaseHeld(held),
    alongside: [releaseLease(deps.db, held, { isAnswerLost })],
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
