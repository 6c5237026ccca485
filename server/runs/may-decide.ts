import type { Principal } from '../access/principal.ts'

/** Members decide on their own runs, admins on any, services on none. */
export function mayDecide(principal: Principal, { principal: owner }: { principal: string }): boolean {
  return principal.kind === 'person' && (principal.isAdmin || owner === principal.id)
}
