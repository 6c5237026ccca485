// A connection's credential for one call: with a token that lasts, and with another one when the upstream refuses it.
// Everything that sends through a connection gets the credential here.
import type { ConnectionRow } from '../db/connections.ts'
import type { Credential } from '../net/outbound.ts'
import { credentialFor } from './attach.ts'
import type { ForwardedPerson } from './forwarded-person.ts'
import { isDue } from './oauth/due.ts'
import { type RefreshDeps, type Refreshed, refreshTokens } from './oauth/lease.ts'
import { insufficientScopes } from './oauth/step-up.ts'
import { canRenew } from './shown-health.ts'

export interface OpenDeps extends RefreshDeps {
  /** Whose request is being answered, for connections that forward their assertion. */
  person?: ForwardedPerson
  /** When an answer must be there, by `now`. 40 s from now unless given. */
  until?: number
}

/** `message` is in whole sentences, and holds no secret. `retryable`: it may work in a while without a person. */
export interface NotOpened {
  ok: false
  reason: 'sealed' | 'incomplete' | 'person_absent' | 'needs_sign_in' | 'unavailable'
  message: string
  retryable?: boolean
}

export type OpenedCredential =
  | {
      ok: true
      /** Null for a method that sends none. */
      credential: Credential | null
      /**
       * After the upstream has refused it (401): another one, or why there is none. Asks for a new token only while nobody
       * else has stored one. Null when nothing can be renewed.
       */
      renew: (() => Promise<OpenedCredential>) | null
    }
  | NotOpened

const OPEN_FOR_MS = 40_000

/** The row may be an old one: what of it is outdated is found out, and read again. */
export async function openCredential(deps: OpenDeps, connection: ConnectionRow): Promise<OpenedCredential> {
  const { now = Date.now } = deps
  const until = deps.until ?? now() + OPEN_FOR_MS
  if (!isDue(connection, now())) return open(deps, connection, until)
  const refreshed = await refreshTokens(deps, connection, until)
  if (refreshed.ok) return open(deps, refreshed.connection, until)
  // Refreshed early, it may still be good; whether it is, is the upstream's to say.
  const isOver = (connection.tokenExpiresAt ?? 0) <= now()
  return isOver ? refreshed : open(deps, connection, until)
}

/** By a server that it was sent to, and not for want of rights that a new one would lack as well. */
export function isCredentialRefused({ status, headers, url }: Response, { origins }: Credential): boolean {
  return status === 401 && origins.includes(new URL(url).origin) && insufficientScopes(status, headers).length === 0
}

async function open(deps: OpenDeps, connection: ConnectionRow, until: number): Promise<OpenedCredential> {
  const attached = await credentialFor(connection, deps.vault, deps.person)
  if (!attached.ok) return attached
  const { credential } = attached
  return { ok: true, credential, renew: credential && renewal(deps, connection, until) }
}

function renewal(deps: OpenDeps, connection: ConnectionRow, until: number): (() => Promise<OpenedCredential>) | null {
  if (canRenew(connection)) {
    return async () => {
      const refreshed: Refreshed = await refreshTokens(deps, connection, until)
      return refreshed.ok ? open(deps, refreshed.connection, until) : refreshed
    }
  }
  const { oauth, tokenExpiresAt } = connection
  const isOver = tokenExpiresAt !== null && tokenExpiresAt <= (deps.now ?? Date.now)()
  if (oauth === null || !isOver) return null
  const message = 'Its token has expired, and the server gave none to renew it with. Sign in again.'
  return () => Promise.resolve({ ok: false, reason: 'needs_sign_in', message })
}
