import { asc, eq } from 'drizzle-orm'
import { calls } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

export type CallRow = typeof calls.$inferSelect

export function listCalls(db: Database, runId: string): Promise<CallRow[]> {
  return db.select().from(calls).where(eq(calls.runId, runId)).orderBy(asc(calls.number))
}
