import { and, desc, eq, lt } from 'drizzle-orm'
import { calls, runChunks, runs } from '../../drizzle/schema.ts'
import { type CallRow, insertCalls } from './calls.ts'
import { touchConnections } from './connections.ts'
import type { Database } from './database.ts'
import { insertRunChunk } from './run-chunks.ts'

export type RunRow = typeof runs.$inferSelect
export type NewRunRow = typeof runs.$inferInsert
export type RunEnd = Pick<RunRow, 'state' | 'result' | 'resultBytes' | 'error' | 'logs' | 'endedAt'>

/** Stores a run as it starts. */
export function openRun(db: Database, row: NewRunRow) {
  return db.insert(runs).values(row)
}

/** Stores how a run ended, with every entry of it, in one batch: one round trip. */
export async function closeRun(
  db: Database,
  ended: {
    id: string
    end: RunEnd
    calls: readonly CallRow[]
    chunks?: readonly { number: number; part: number; bytes: Uint8Array }[]
    connectionsUsed?: readonly string[]
    now: number
  },
): Promise<void> {
  const { id, connectionsUsed = [] } = ended
  await db.batch([
    db.update(runs).set(ended.end).where(eq(runs.id, id)),
    ...insertCalls(db, ended.calls),
    ...(ended.chunks ?? []).map((chunk) => insertRunChunk(db, { runId: id, ...chunk })),
    ...(connectionsUsed.length > 0 ? [touchConnections(db, connectionsUsed, ended.now)] : []),
  ])
}

export function findRun(db: Database, id: string): Promise<RunRow | undefined> {
  return db.select().from(runs).where(eq(runs.id, id)).get()
}

/** Newest first, without code, logs and result. `before` is the id of the last run of the page before. */
export function listRuns(
  db: Database,
  page: { principal?: string; state?: RunRow['state']; before?: string; limit: number },
) {
  return db
    .select({
      id: runs.id,
      principal: runs.principal,
      client: runs.client,
      state: runs.state,
      error: runs.error,
      startedAt: runs.startedAt,
      endedAt: runs.endedAt,
    })
    .from(runs)
    .where(
      and(
        page.principal === undefined ? undefined : eq(runs.principal, page.principal),
        page.state === undefined ? undefined : eq(runs.state, page.state),
        page.before === undefined ? undefined : lt(runs.id, page.before),
      ),
    )
    .orderBy(desc(runs.id))
    .limit(page.limit)
}

/** A run that says `running` and started before `startedBefore` was killed by the platform. */
export function markLostRuns(db: Database, startedBefore: number, now: number) {
  return db
    .update(runs)
    .set({ state: 'lost', endedAt: now })
    .where(and(eq(runs.state, 'running'), lt(runs.startedAt, startedBefore)))
}

/** Deletes a run with everything that belongs to it. */
export async function deleteRun(db: Database, id: string): Promise<void> {
  await db.batch([
    db.delete(runChunks).where(eq(runChunks.runId, id)),
    db.delete(calls).where(eq(calls.runId, id)),
    db.delete(runs).where(eq(runs.id, id)),
  ])
}
