import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import { connections } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export type ConnectionRow = typeof connections.$inferSelect
export type NewConnectionRow = typeof connections.$inferInsert
export type ConnectionPatch = Partial<Omit<NewConnectionRow, 'id' | 'integrationId' | 'createdBy' | 'createdAt'>>

export function insertConnection(db: Database, row: NewConnectionRow) {
  return db.insert(connections).values(row)
}

/** Connections of one integration, or all; with `usableBy` only the org's and that principal's own. */
export function listConnections(
  db: Database,
  filter: { integrationId?: string; usableBy?: string } = {},
): Promise<ConnectionRow[]> {
  return db
    .select()
    .from(connections)
    .where(
      and(
        filter.integrationId === undefined ? undefined : eq(connections.integrationId, filter.integrationId),
        filter.usableBy === undefined
          ? undefined
          : or(eq(connections.owner, 'org'), eq(connections.owner, filter.usableBy)),
      ),
    )
    .orderBy(connections.integrationId, connections.slug)
}

export function findConnection(db: Database, id: string): Promise<ConnectionRow | undefined> {
  return db.select().from(connections).where(eq(connections.id, id)).get()
}

export function findConnectionBySlug(
  db: Database,
  integrationId: string,
  slug: string,
): Promise<ConnectionRow | undefined> {
  return db
    .select()
    .from(connections)
    .where(and(eq(connections.integrationId, integrationId), eq(connections.slug, slug)))
    .get()
}

/** Of every key that sealed connections, by the key id that a sealed text begins with, the `perKey` newest ones. */
export function sampleSealedConnections(
  db: Database,
  { perKey, limit }: { perKey: number; limit: number },
): Promise<{ id: string; owner: string; sealed: string }[]> {
  return db.all(sql`
    SELECT id, owner, sealed FROM (
      SELECT id, owner, sealed,
        ROW_NUMBER() OVER (PARTITION BY substr(sealed, 1, 11) ORDER BY updated_at DESC, id) AS place
      FROM connections WHERE sealed IS NOT NULL
    ) WHERE place <= ${perKey} ORDER BY place, id LIMIT ${limit}`)
}

export function updateConnection(db: Database, id: string, patch: ConnectionPatch) {
  return db.update(connections).set(patch).where(eq(connections.id, id))
}

/** Makes this the default among the connections of its integration that have the same owner; nothing if it is gone. */
export function makeDefaultConnection(
  db: Database,
  connection: Pick<ConnectionRow, 'id' | 'integrationId' | 'owner'>,
  now: number,
) {
  return db
    .update(connections)
    .set({ isDefault: sql`${connections.id} = ${connection.id}`, updatedAt: now })
    .where(
      and(
        eq(connections.integrationId, connection.integrationId),
        eq(connections.owner, connection.owner),
        sql`EXISTS (SELECT 1 FROM connections AS made WHERE made.id = ${connection.id})`,
      ),
    )
}

export function recordConnectionHealth(
  db: Database,
  id: string,
  health: Pick<ConnectionRow, 'health' | 'healthReason' | 'checkedAt'> & Partial<Pick<ConnectionRow, 'identity'>>,
  onlyIf: SQL = sql`TRUE`,
) {
  return db
    .update(connections)
    .set(health)
    .where(and(eq(connections.id, id), onlyIf))
}

/** Notes the last use of several connections at once. */
export function touchConnections(db: Database, ids: readonly string[], now: number) {
  return statement(
    db,
    sql`UPDATE connections SET last_used_at = ${now} WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  )
}

export function deleteConnection(db: Database, id: string) {
  return db.delete(connections).where(eq(connections.id, id))
}

export function deleteConnectionsOf(db: Database, integrationId: string) {
  return db.delete(connections).where(eq(connections.integrationId, integrationId))
}

/**
 * Credentials of the organisation may be sent where an admin has confirmed that calls go. People's own assertions follow
 * only after it was looked whether Access is there, when that is confirmed at their connection.
 */
export function followOrigins(db: Database, integrationId: string, origins: readonly string[]) {
  return db
    .update(connections)
    .set({ origins: [...origins] })
    .where(
      and(
        eq(connections.integrationId, integrationId),
        eq(connections.owner, 'org'),
        sql`json_extract(${connections.method}, '$.forwards') IS NULL`,
      ),
    )
}
