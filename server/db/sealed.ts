// Everything that server/connections/seal.ts has sealed, wherever it is stored, and the places it was sealed for.
import { type SQL, sql } from 'drizzle-orm'
import { auditStatement } from './audit.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export const SEALED_TABLES = ['connections', 'oauth_clients', 'oauth_flows', 'settings'] as const

export type SealedTable = (typeof SEALED_TABLES)[number]

/** `table`, `row` and `owner` are the place that it was sealed for. */
export interface SealedRow {
  table: SealedTable
  row: string
  owner: string
  sealed: string
}

/** Ids of the keys in use, as in the sealed text. */
export interface SealingKeys {
  current: string
  previous: string | null
}

export const ALL_SEALED = `SELECT 'connections' AS "table", id AS "row", owner, sealed FROM connections
    WHERE sealed IS NOT NULL
  UNION ALL SELECT 'oauth_clients', id, 'org', sealed FROM oauth_clients WHERE sealed IS NOT NULL
  UNION ALL SELECT 'oauth_flows', id, principal, sealed FROM oauth_flows
  UNION ALL SELECT 'settings', name, 'org', value ->> '$.sealed' FROM settings
    WHERE CASE WHEN json_valid(value) THEN value ->> '$.sealed' END IS NOT NULL`

const allSealed = sql.raw(`(${ALL_SEALED})`)

/** The id of the key in a sealed text; null in what is none. */
const keyId = sql`CASE WHEN sealed GLOB 'v1.????????.*' THEN substr(sealed, 4, 8) END`

export interface SealedCounts {
  current: number
  previous: number
  /** Sealed with a key that is neither, or no sealed text. */
  other: number
}

/** One statement. */
export async function countSealed(db: Database, { current, previous }: SealingKeys): Promise<SealedCounts> {
  const [counts] = await db.all<SealedCounts>(sql`
    SELECT count(*) FILTER (WHERE key = 'current') AS current, count(*) FILTER (WHERE key = 'previous') AS previous,
      count(*) FILTER (WHERE key = 'other') AS other
    FROM (SELECT CASE ${keyId} WHEN ${current} THEN 'current' WHEN ${previous} THEN 'previous' ELSE 'other' END AS key
      FROM ${allSealed})`)
  return counts ?? { current: 0, previous: 0, other: 0 }
}

/** What that key sealed, in order of table and row, behind `after`. */
export function listSealedWith(
  db: Database,
  key: string,
  { after, most }: { after: Pick<SealedRow, 'table' | 'row'> | null; most: number },
): Promise<SealedRow[]> {
  const { table, row } = after ?? { table: '', row: '' }
  return db.all(sql`
    SELECT * FROM ${allSealed} WHERE ${keyId} = ${key} AND ("table", "row") > (${table}, ${row})
    ORDER BY "table", "row" LIMIT ${most}`)
}

/** Where it belongs, as people know it. */
export interface NamedSealedRow extends SealedRow {
  /** Slug of the integration; null for what belongs to none. */
  integration: string | null
  /** Slug of the connection. */
  connection: string | null
}

/** What neither key sealed. A sign-in that was begun is over soon, and not among it. */
export function listSealedOtherwise(db: Database, keys: SealingKeys, most: number): Promise<NamedSealedRow[]> {
  return db.all(sql`
    ${named} WHERE coalesce(${keyId}, '') NOT IN (${keys.current}, ${keys.previous ?? keys.current})
      AND "table" <> 'oauth_flows' ORDER BY "table", "row" LIMIT ${most}`)
}

/** What that key sealed, with names. */
export function listNamedSealedWith(db: Database, key: string, most: number): Promise<NamedSealedRow[]> {
  return db.all(sql`
    ${named} WHERE ${keyId} = ${key} AND "table" <> 'oauth_flows' ORDER BY "table", "row" LIMIT ${most}`)
}

const named = sql`SELECT * FROM (
  SELECT stored."table", stored."row", stored.owner, stored.sealed, integrations.slug AS integration,
    connections.slug AS connection
  FROM ${allSealed} AS stored
    LEFT JOIN connections ON stored."table" = 'connections' AND connections.id = stored."row"
    LEFT JOIN oauth_clients ON stored."table" = 'oauth_clients' AND oauth_clients.id = stored."row"
    LEFT JOIN integrations ON integrations.id = coalesce(connections.integration_id, oauth_clients.integration_id))`

export interface Renewed extends SealedRow {
  renewed: string
}

/** A statement for each table that the rows are of. A row that does not hold `sealed` any more stays as it is. */
export function replaceSealed(db: Database, rows: readonly Renewed[]) {
  const columns: Record<SealedTable, [id: SQL, sealed: SQL, renewed: SQL]> = {
    connections: [sql`id`, sql`sealed`, sql`sealed = new.value ->> 2`],
    oauth_clients: [sql`id`, sql`sealed`, sql`sealed = new.value ->> 2`],
    oauth_flows: [sql`id`, sql`sealed`, sql`sealed = new.value ->> 2`],
    settings: [
      sql`name`,
      sql`settings.value ->> '$.sealed'`,
      sql`value = json_set(settings.value, '$.sealed', new.value ->> 2)`,
    ],
  }
  return SEALED_TABLES.flatMap((table) => {
    const mine = rows.filter((row) => row.table === table).map(({ row, sealed, renewed }) => [row, sealed, renewed])
    const [id, sealed, renewed] = columns[table]
    if (mine.length === 0) return []
    return statement(
      db,
      sql`UPDATE ${sql.raw(table)} SET ${renewed} FROM json_each(${JSON.stringify(mine)}) AS new
        WHERE ${sql.raw(table)}.${id} = new.value ->> 0 AND ${sealed} = new.value ->> 1`,
    )
  })
}

/** The row of `settings` that says which rotation goes on. */
const ROTATION_SETTING = 'key_rotation'

export interface Rotation {
  /** Ids of the keys. */
  from: string
  to: string
  startedBy: string
  startedAt: number
}

export async function findRotation(db: Database, { current, previous }: SealingKeys): Promise<Rotation | null> {
  const [row] = await db.all<Rotation>(sql`
    SELECT value ->> '$.from' AS "from", value ->> '$.to' AS "to", updated_by AS startedBy, updated_at AS startedAt
    FROM settings WHERE name = ${ROTATION_SETTING} AND value ->> '$.from' = ${previous} AND value ->> '$.to' = ${current}`)
  return row ?? null
}

/** Goes before `replaceSealed`, and says once that the rotation began: while there is something to do. */
export function beginRotation(db: Database, { from, to, startedBy, startedAt }: Rotation) {
  const isNew = sql`NOT ${goesOn(from, to)} AND EXISTS (SELECT 1 FROM ${allSealed} WHERE ${keyId} = ${from})`
  const value = JSON.stringify({ from, to })
  return [
    auditStatement(
      db,
      { at: startedAt, actor: startedBy, action: 'encryption.rotation_started', subject: to, details: { from, to } },
      isNew,
    ),
    statement(
      db,
      sql`INSERT INTO settings (name, value, updated_by, updated_at)
        SELECT ${ROTATION_SETTING}, ${value}, ${startedBy}, ${startedAt} WHERE ${isNew}
        ON CONFLICT (name) DO UPDATE
          SET value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
    ),
  ] as const
}

/** `left`: how many do not open. Records the end once. */
export function endRotation(db: Database, end: { from: string; to: string; by: string; at: number; left: number }) {
  const { from, to, by, at, left } = end
  const details = { from, to, ...(left > 0 && { doNotOpen: left }) }
  return [
    auditStatement(
      db,
      { at, actor: by, action: 'encryption.rotation_finished', subject: to, details },
      goesOn(from, to),
    ),
    statement(db, sql`DELETE FROM settings WHERE name = ${ROTATION_SETTING} AND ${goesOn(from, to)}`),
  ] as const
}

function goesOn(from: string, to: string): SQL {
  return sql`EXISTS (SELECT 1 FROM settings WHERE name = ${ROTATION_SETTING}
    AND value ->> '$.from' = ${from} AND value ->> '$.to' = ${to})`
}

/** Sign-ins that were begun to renew the connection. */
export function deleteFlowsOf(db: Database, connectionId: string) {
  return statement(db, sql`DELETE FROM oauth_flows WHERE connection_id = ${connectionId}`)
}

/** What an integration's connections signed in with, and every sign-in that was begun. */
export function deleteOAuthOf(db: Database, integrationId: string) {
  return [
    statement(db, sql`DELETE FROM oauth_flows WHERE integration_id = ${integrationId}`),
    statement(db, sql`DELETE FROM oauth_clients WHERE integration_id = ${integrationId}`),
  ] as const
}
