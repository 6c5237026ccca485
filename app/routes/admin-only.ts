import { data } from 'react-router'
import type { Principal } from '../../server/access/principal.ts'

/**
 * The refusal for anyone but an admin, for the caller to throw as it is; null for admins. `what` ends the sentence
 * "Only admins can …". Every action that changes what everyone uses asks first.
 */
export function refuseMember(principal: Principal, what: string) {
  return principal.isAdmin ? null : data(`Only admins can ${what}. Ask an admin of yours.`, { status: 403 })
}
