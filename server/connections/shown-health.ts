// How a connection is, as people are told: what its last use or test showed, and what its token's own time says by now.
import type { ConnectionRow } from '../db/connections.ts'

/** `expiring`: its token ends within a week, and nothing but a person can get the next one. */
export type ShownHealth = ConnectionRow['health'] | 'expiring'

export interface ShownState {
  health: ShownHealth
  /** In one or two sentences; null when there is nothing to say. */
  reason: string | null
}

type Judged = Pick<ConnectionRow, 'health' | 'healthReason' | 'tokenExpiresAt' | 'oauth'>

const EXPIRING_WITHIN_MS = 7 * 86_400_000

/** `now` is epoch milliseconds. */
export function shownHealth(row: Judged, now: number): ShownState {
  const { health, healthReason: reason, tokenExpiresAt } = row
  const isWorse = health === 'needs_sign_in' || health === 'failing'
  if (isWorse || tokenExpiresAt === null || canRenew(row)) return { health, reason }
  const next = row.oauth === null ? 'Enter another one' : 'Sign in again'
  if (tokenExpiresAt <= now) return { health: 'needs_sign_in', reason: `Its token has expired. ${next}.` }
  if (tokenExpiresAt - now > EXPIRING_WITHIN_MS) return { health, reason }
  return { health: 'expiring', reason: `Its token ends soon, and cannot be renewed without you. ${next} before that.` }
}

/** Whether the next token comes without a person: by a refresh token, or because the client asks for itself. */
export function canRenew({ oauth }: Pick<ConnectionRow, 'oauth'>): boolean {
  return oauth !== null && (oauth.canRefresh || oauth.grant === 'client_credentials')
}

export interface ScopeDifferences {
  /** Asked for, and not granted. */
  missing: string[]
  /** Granted without being asked for. */
  extra: string[]
}

/** Those of OpenID Connect: about the sign-in and not about the API, and rarely listed. */
const OF_THE_SIGN_IN = new Set(['openid', 'email', 'profile'])

/** Between what was asked for and what the server says it granted; nothing when it did not say (RFC 6749, section 5.1). */
export function scopeDifferences({ oauth, identity }: Pick<ConnectionRow, 'oauth' | 'identity'>): ScopeDifferences {
  if (!oauth?.scopesGranted) return { missing: [], extra: [] }
  const { scopesRequested, scopesGranted, canRefresh } = oauth
  // What came of such a scope shows that it was granted, whatever the list says.
  const isHad = (scope: string) =>
    scopesGranted.includes(scope) ||
    (scope === 'offline_access' && canRefresh) ||
    (identity !== null && OF_THE_SIGN_IN.has(scope))
  return {
    missing: scopesRequested.filter((scope) => !isHad(scope)),
    extra: scopesGranted.filter((scope) => !scopesRequested.includes(scope)),
  }
}
