// Tools of a revision that is not in force: what an admin looks through, and chooses from.
import { and, asc, gt, type SQL, sql } from 'drizzle-orm'
import { tools } from '../../drizzle/schema.ts'
import type { Effect } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { statement } from './statement.ts'
import { groupOfName, type InForce, isInGroup, type ToolRow } from './tools.ts'

/** As lists show it. */
export type PendingTool = Pick<ToolRow, 'name' | 'operation' | 'summary' | 'effect' | 'isDeprecated' | 'isChosen'>

/** An operation that was known stays as it was: chosen or not. New ones are, where all of the others are. */
export function keepChoice(db: Database, attempt: Attempt) {
  const { integrationId, revision } = attempt
  const before = sql`FROM tools AS before WHERE before.integration_id = ${integrationId}
    AND before.revision = (SELECT revision FROM integrations WHERE id = ${integrationId})`
  return statement(
    db,
    sql`UPDATE tools SET is_chosen = coalesce((SELECT before.is_chosen ${before} AND before.operation = tools.operation),
        (SELECT min(before.is_chosen) ${before}), 1)
      WHERE integration_id = ${integrationId} AND revision = ${revision} AND ${isAttemptAlive(attempt)}`,
  )
}

/** Where chosen tools of a revision go beside the base URL, and how many there are. */
export async function summariseChosen(
  db: Database,
  { integrationId, revision }: InForce,
): Promise<{ toolCount: number; origins: string[] }> {
  const rows = await db.all<{ origin: string | null; count: number }>(sql`SELECT origin, count(*) AS count FROM tools
    WHERE integration_id = ${integrationId} AND revision = ${revision} AND is_chosen GROUP BY origin ORDER BY origin`)
  return {
    toolCount: rows.reduce((sum, { count }) => sum + count, 0),
    origins: rows.flatMap(({ origin }) => origin ?? []),
  }
}

/** How many tools of a revision have each effect, chosen and not. */
export function countEffects(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ effect: Effect; count: number; chosen: number }>(sql`
    SELECT effect, count(*) AS count, sum(is_chosen) AS chosen FROM tools
    WHERE integration_id = ${integrationId} AND revision = ${revision} GROUP BY effect`)
}

/** Where tools of a revision go beside the base URL, with how many do. */
export function countOrigins(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ origin: string; count: number }>(sql`
    SELECT origin, count(*) AS count FROM tools WHERE integration_id = ${integrationId} AND revision = ${revision}
    AND origin IS NOT NULL GROUP BY origin ORDER BY count DESC, origin`)
}

/** Tools of a revision that is not in force: all, those of a group (the first segment of their names), or that match. */
export interface PendingFilter {
  group?: string
  /** Words that stand, in any order, in the name, the operation or the summary. */
  find?: string
  effect?: Effect
}

function pendingWhere({ integrationId, revision }: InForce, { group, find = '', effect }: PendingFilter): SQL {
  const words = find.split(/\s+/).filter(Boolean).slice(0, 8)
  const parts = [
    sql`integration_id = ${integrationId} AND revision = ${revision}`,
    ...(group === undefined ? [] : [isInGroup(group)]),
    ...(effect === undefined ? [] : [sql`effect = ${effect}`]),
    ...words.map((word) => sql`instr(lower(name || ' ' || operation || ' ' || summary), ${word.toLowerCase()}) > 0`),
  ]
  return sql.join(parts, sql` AND `)
}

/** Groups of a revision that is not in force, with how many of their tools match and are chosen. */
export function listPendingGroups(db: Database, pending: InForce, filter: PendingFilter) {
  return db.all<{ name: string; count: number; chosen: number }>(sql`
    SELECT ${groupOfName} AS name, count(*) AS count,
      sum(is_chosen) AS chosen FROM tools WHERE ${pendingWhere(pending, filter)} GROUP BY 1 ORDER BY 1`)
}

/** By name; `after` is the last name of the page before. */
export function listPendingTools(
  db: Database,
  pending: InForce,
  { after, limit, ...filter }: PendingFilter & { after?: string; limit: number },
): Promise<PendingTool[]> {
  return db
    .select({
      name: tools.name,
      operation: tools.operation,
      summary: tools.summary,
      effect: tools.effect,
      isDeprecated: tools.isDeprecated,
      isChosen: tools.isChosen,
    })
    .from(tools)
    .where(and(pendingWhere(pending, filter), after === undefined ? undefined : gt(tools.name, after)))
    .orderBy(asc(tools.name))
    .limit(limit)
}

/** Chooses, or not, all tools of a revision that match and whose import still waits for a person. */
export function chooseTools(
  db: Database,
  pending: InForce,
  { names, ...filter }: PendingFilter & { /** Only these. */ names?: readonly string[] },
  isChosen: boolean,
) {
  const only = names === undefined ? sql`` : sql` AND name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`
  return statement(
    db,
    sql`UPDATE tools SET is_chosen = ${isChosen ? 1 : 0} WHERE ${pendingWhere(pending, filter)}${only}
      AND EXISTS (SELECT 1 FROM imports WHERE integration_id = ${pending.integrationId}
        AND revision = ${pending.revision} AND state IN ('reading', 'read'))`,
  )
}
