import type { SQL } from 'drizzle-orm'
import type { Database } from './database.ts'

/**
 * A statement in SQL, to be awaited or put into a batch. Drizzle's own `db.run` cannot go into a D1 batch when it has
 * parameters: the batch looks for the prepared statement that only built queries carry.
 */
export function statement(db: Database, query: SQL) {
  const run = db.run(query)
  return Object.assign(run, { stmt: db.$client.prepare(run.getQuery().sql) })
}
