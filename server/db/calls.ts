import { asc, eq, sql } from 'drizzle-orm'
import { calls } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { jsonRows } from './json-rows.ts'
import { statement } from './statement.ts'

export type CallRow = typeof calls.$inferSelect

/** Statements that store the entries of a run; put them into the batch that closes it. */
export function insertCalls(db: Database, rows: readonly CallRow[]) {
  return jsonRows(rows).map((json) =>
    statement(
      db,
      sql`
      INSERT INTO calls (run_id, number, kind, address, connection_id, arguments, decision, state, result, error,
                         settle_order, started_at, settled_at)
      SELECT value ->> 'runId', value ->> 'number', value ->> 'kind', value ->> 'address', value ->> 'connectionId',
             value ->> 'arguments', value ->> 'decision', value ->> 'state', value ->> 'result', value -> 'error',
             value ->> 'settleOrder', value ->> 'startedAt', value ->> 'settledAt'
      FROM json_each(${json})`,
    ),
  )
}

export function listCalls(db: Database, runId: string): Promise<CallRow[]> {
  return db.select().from(calls).where(eq(calls.runId, runId)).orderBy(asc(calls.number))
}
