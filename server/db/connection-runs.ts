import { and, desc, eq, exists, lte, sql } from 'drizzle-orm'
import { calls, runs } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import type { RunSummary } from './run-list.ts'

/** Runs that are looked through at most: calls have no index by connection, as each write would pay for it. */
const LOOKED_THROUGH = 300
/** The last use is noted only now and then (server/runs/tool-calls.ts). */
const LAST_USE_SLACK_MS = 10 * 60_000

export type ConnectionRun = Pick<RunSummary, 'id' | 'principal' | 'client' | 'state' | 'startedAt'>

/**
 * The newest runs that called through a connection, with `principal` only theirs. Runs that started well after the
 * connection's last use are passed over, so that one that is rarely used finds its own.
 */
export async function listRunsThrough(
  db: Database,
  { id, lastUsedAt }: { id: string; lastUsedAt: number | null },
  { principal, limit }: { principal?: string; limit: number },
): Promise<ConnectionRun[]> {
  if (lastUsedAt === null) return []
  const newest = db
    .select({
      id: runs.id,
      principal: runs.principal,
      client: runs.client,
      state: runs.state,
      startedAt: runs.startedAt,
    })
    .from(runs)
    .where(
      and(
        lte(runs.startedAt, lastUsedAt + LAST_USE_SLACK_MS),
        principal === undefined ? undefined : eq(runs.principal, principal),
      ),
    )
    .orderBy(desc(runs.startedAt), desc(runs.id))
    .limit(LOOKED_THROUGH)
    .as('newest')
  const used = db
    .select({ one: sql`1` })
    .from(calls)
    .where(and(eq(calls.runId, newest.id), eq(calls.connectionId, id)))
  return db.select().from(newest).where(exists(used)).orderBy(desc(newest.startedAt), desc(newest.id)).limit(limit)
}
