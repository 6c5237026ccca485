import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/**
 * A statement in SQL, to be awaited or put into a batch. Drizzle's own `db.run` cannot go into a D1 batch when it has
 * parameters: the batch looks for the prepared statement that only built queries carry.
 */
export function statement(db: Database, query: SQL) {
  const run = db.run(query)
  return Object.assign(run, { stmt: db.$client.prepare(run.getQuery().sql) })
}

/** First in a batch: unless the condition holds, the batch fails as a whole, with an error that `wasRefused` knows. */
export function refuseUnless(db: Database, condition: SQL) {
  return statement(db, sql`SELECT iif(${condition}, 1, json('refused'))`)
}

/** SQLite has no statement that only fails: what `refuseUnless` asks of it is to read a text that is no JSON. */
export function wasRefused(error: unknown): boolean {
  return saysInDatabase(error, 'malformed JSON')
}

/** Whether an error, or what caused it, is one of D1 that says so. */
export function saysInDatabase(error: unknown, text: string): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause.message.includes(text)) return true
  return false
}
