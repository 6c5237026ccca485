// What a call shows of the connection that it went through, as a test would. Null where that is nothing new, so that a
// connection in use is not written for each call. Pure.
import type { ConnectionRow } from '../db/connections.ts'
import { saysNotRenewed } from './oauth/renew-tokens.ts'
import type { NotOpened } from './open-credential.ts'
import { ACCESS_REFUSED, type Health, healthOfRefusal, saysRefused } from './probe.ts'
import { canRenew } from './shown-health.ts'

type Used = Pick<ConnectionRow, 'health' | 'healthReason' | 'method' | 'oauth'>

/** Answered 401 in the end, also with another token where there was one. `message` is the upstream's. */
export function healthWhenRefused(used: Used, message: string, secrets: readonly string[]): Health | null {
  return newsOf(used, orSignIn(used, healthOfRefusal(message, secrets)))
}

export function healthWhenRefusedByAccess(used: Used): Health | null {
  return newsOf(used, { health: 'failing', healthReason: ACCESS_REFUSED })
}

/** What is not there just now is nothing that a person has to repair. */
export function healthWhenNotOpened(used: Used, { reason, message }: NotOpened): Health | null {
  if (reason === 'unavailable' || reason === 'person_absent') return null
  return newsOf(used, { health: reason === 'needs_sign_in' ? reason : 'failing', healthReason: message })
}

/** A token that could not be renewed may still be good for a while: only the next one shows that all is well. */
export function healthWhenTaken({ health, healthReason }: Used): Health | null {
  const isOver =
    health === 'failing' ? !saysNotRenewed(healthReason) : health === 'needs_sign_in' && saysRefused(healthReason)
  return isOver ? { health: 'ok', healthReason: null } : null
}

/** Where nothing but a person gets another token. */
export function orSignIn({ oauth }: Pick<ConnectionRow, 'oauth'>, refused: Health): Health {
  if (oauth === null || canRenew({ oauth })) return refused
  const reason = refused.healthReason ?? ''
  return { health: 'needs_sign_in', healthReason: `${reason}${/[.!?…]$/.test(reason) ? '' : '.'} Sign in again.` }
}

/** Where somebody’s own token is forwarded it is they who were refused, and not what everybody uses. */
function newsOf({ health, method }: Used, shown: Health): Health | null {
  return method.forwards || health === shown.health || health === 'needs_sign_in' ? null : shown
}
