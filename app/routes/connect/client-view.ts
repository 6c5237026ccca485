import type { Principal } from '../../../server/access/principal.ts'
import type { ClientView } from '../../../server/db/clients.ts'

/** Nobody signs in as a service token, so admins look after those. */
export function clientView({ id, isAdmin }: Principal): ClientView {
  return { principal: id, withServices: isAdmin }
}
