import type { Principal } from '../access/principal.ts'
import { type ConnectionRow, listConnections } from '../db/connections.ts'
import type { Database } from '../db/database.ts'

/** A connection as somebody may see it: never a secret, sealed or not. */
export interface VisibleConnection extends Omit<ConnectionRow, 'sealed' | 'values' | 'healthReason' | 'identity'> {
  /** Null where only its existence may be seen: an admin looking at somebody else's. */
  values: ConnectionRow['values'] | null
  healthReason: string | null
  identity: string | null
  hasSecret: boolean
}

/** The org's and one's own; admins also see that others' personal ones exist. */
export async function listVisibleConnections(
  db: Database,
  principal: Principal,
  integrationId?: string,
): Promise<VisibleConnection[]> {
  const rows = await listConnections(db, {
    ...(integrationId !== undefined && { integrationId }),
    ...(!principal.isAdmin && { usableBy: principal.id }),
  })
  return rows.map(({ sealed, ...row }) => {
    const isOthers = row.owner !== 'org' && row.owner !== principal.id
    const hasSecret = sealed !== null
    return isOthers ? { ...row, hasSecret, values: null, healthReason: null, identity: null } : { ...row, hasSecret }
  })
}
