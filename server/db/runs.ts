import { and, asc, eq, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import { runs } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export type RunRow = typeof runs.$inferSelect
export type NewRunRow = typeof runs.$inferInsert

/** How often a run may be taken up without anything settling. After that the platform is killing it, again and again. */
export const MOST_ATTEMPTS = 5

/** Stores a run as it starts. */
export function openRun(db: Database, row: NewRunRow) {
  return db.insert(runs).values(row)
}

export function findRun(db: Database, id: string): Promise<RunRow | undefined> {
  return db.select().from(runs).where(eq(runs.id, id)).get()
}

/** Ends a run that goes on: whoever drives it finds out at its next write. Returns no row when it has ended already. */
export function endRun(
  db: Database,
  id: string,
  end: { state: 'cancelled' | 'lost'; error: RunRow['error']; now: number },
  onlyIf: SQL = sql`TRUE`,
) {
  return db
    .update(runs)
    .set({ state: end.state, error: end.error, endedAt: end.now, leaseUntil: 0 })
    .where(and(eq(runs.id, id), inArray(runs.state, ['running', 'waiting']), onlyIf))
    .returning({ id: runs.id })
}

/** What an ended run leaves open: questions are closed, and what was held is never sent. */
export function closeOpenEnds(db: Database, id: string, now: number) {
  const isEnded = sql`EXISTS (SELECT 1 FROM runs WHERE id = ${id} AND ended_at IS NOT NULL)`
  return [
    statement(
      db,
      sql`UPDATE approvals SET state = 'cancelled', decided_by = 'executor', decided_at = ${now}
        WHERE run_id = ${id} AND state = 'pending' AND ${isEnded}`,
    ),
    statement(db, sql`UPDATE calls SET state = 'cancelled' WHERE run_id = ${id} AND state = 'held' AND ${isEnded}`),
  ] as const
}

/** Runs that the platform killed again and again. */
export async function listLostRuns(db: Database, now: number, limit: number): Promise<string[]> {
  const found = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.state, 'running'), lte(runs.leaseUntil, now), gte(runs.attempts, MOST_ATTEMPTS)))
    .limit(limit)
  return found.map(({ id }) => id)
}

/** Ids of runs that ended before a time, the oldest first. */
export async function listOldRuns(db: Database, startedBefore: number, limit: number): Promise<string[]> {
  const found = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(lt(runs.startedAt, startedBefore), lt(runs.endedAt, startedBefore)))
    .orderBy(asc(runs.startedAt))
    .limit(limit)
  return found.map(({ id }) => id)
}

/** Statements that delete ended runs with everything that belongs to them. */
export function deleteRuns(db: Database, ids: readonly string[]) {
  const ended = sql`(SELECT id FROM runs WHERE ended_at IS NOT NULL
    AND id IN (SELECT value FROM json_each(${JSON.stringify(ids)})))`
  return [
    statement(db, sql`DELETE FROM run_chunks WHERE run_id IN ${ended}`),
    statement(db, sql`DELETE FROM calls WHERE run_id IN ${ended}`),
    statement(db, sql`DELETE FROM approvals WHERE run_id IN ${ended}`),
    statement(db, sql`DELETE FROM remembered_approvals WHERE run_id IN ${ended}`),
    statement(db, sql`DELETE FROM runs WHERE id IN ${ended}`),
  ] as const
}
