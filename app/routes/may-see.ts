import type { Principal } from '../../server/access/principal.ts'

/** Runs, and the questions they ask, are seen by their own principal and by admins. To others they do not exist. */
export function maySee(principal: Principal, { principal: owner }: { principal: string }): boolean {
  return principal.isAdmin || owner === principal.id
}

/** For lists: only what this principal may see. */
export function whose(principal: Principal): { principal?: string } {
  return principal.isAdmin ? {} : { principal: principal.id }
}
