// What the driver of a run writes. Every statement names the epoch of its lease and changes nothing once somebody else
// has taken the run up, or it was deleted.
import { and, asc, eq, or, type SQL, sql } from 'drizzle-orm'
import { approvals, calls, runs } from '../../drizzle/schema.ts'
import type { CallRow } from './calls.ts'
import { touchConnections } from './connections.ts'
import type { Database } from './database.ts'
import { jsonRows } from './json-rows.ts'
import { MOST_ATTEMPTS, type RunRow } from './runs.ts'
import { statement } from './statement.ts'

export type ApprovalRow = typeof approvals.$inferSelect

/** The right to let a run advance. */
export interface Lease {
  runId: string
  epoch: number
}

/** The parts of a run that its driver changes. */
export type RunPatch = Partial<
  Pick<
    RunRow,
    'state' | 'leaseUntil' | 'attempts' | 'result' | 'resultBytes' | 'emitted' | 'error' | 'logs' | 'endedAt'
  >
>

export interface RunChunk {
  number: number
  part: number
  bytes: Uint8Array
}

/** Holds as long as nobody else has taken the run up. What was sent before a run was cancelled is still recorded. */
export function isLeaseInForce({ runId, epoch }: Lease): SQL {
  return sql`EXISTS (SELECT 1 FROM runs WHERE id = ${runId} AND epoch = ${epoch})`
}

/** The same, while the run goes on: nobody is asked about one that has ended. */
function isUnderWay({ runId, epoch }: Lease): SQL {
  return sql`EXISTS (SELECT 1 FROM runs WHERE id = ${runId} AND epoch = ${epoch} AND state IN ('running', 'waiting'))`
}

/** For what goes with a question: holds once the question is stored and while nobody has answered it. */
export function isQuestionOpen(approvalId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM approvals WHERE id = ${approvalId} AND state = 'pending')`
}

/** A decision that the run has not been told of. */
const isDecisionWaiting = sql`EXISTS (SELECT 1 FROM approvals WHERE approvals.run_id = runs.id
  AND approvals.state IN ('approved', 'answered', 'declined', 'expired') AND NOT approvals.is_applied)`

/** One row when a run that waits can go on at once: somebody decided while it was being put aside. */
export function readyStatement(db: Database, runId: string) {
  return statement(db, sql`SELECT 1 AS ready FROM runs WHERE id = ${runId} AND ${isDecisionWaiting}`)
}

/** Runs that nobody drives and that can go on: begun and given up, or waiting for a person who has decided. */
function canBeTaken(now: number): SQL {
  return sql`(${runs.leaseUntil} <= ${now} AND (${runs.state} = 'running'
    OR (${runs.state} = 'waiting' AND ${isDecisionWaiting})))`
}

export interface TakenRun {
  run: RunRow
  calls: CallRow[]
  approvals: ApprovalRow[]
}

/** Takes a run up, with all that its journal has; undefined when it cannot go on now or somebody drives it. */
export async function takeRun(
  db: Database,
  id: string,
  { now, leaseUntil }: { now: number; leaseUntil: number },
): Promise<TakenRun | undefined> {
  const [taken, entries, questions] = await db.batch([
    db
      .update(runs)
      .set({ epoch: sql`epoch + 1`, attempts: sql`attempts + 1`, state: 'running', leaseUntil })
      .where(and(eq(runs.id, id), canBeTaken(now), sql`${runs.attempts} < ${MOST_ATTEMPTS}`))
      .returning(),
    db.select().from(calls).where(eq(calls.runId, id)).orderBy(asc(calls.number)),
    db.select().from(approvals).where(eq(approvals.runId, id)).orderBy(asc(approvals.id)),
  ])
  const [run] = taken
  return run && { run, calls: entries, approvals: questions }
}

/** Ids of runs that `takeRun` would take, the longest waiting first. */
export async function listTakeableRuns(db: Database, now: number, limit: number): Promise<string[]> {
  const found = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(or(eq(runs.state, 'running'), eq(runs.state, 'waiting')), canBeTaken(now)))
    .orderBy(asc(runs.leaseUntil))
    .limit(limit)
  return found.map(({ id }) => id)
}

export interface RunSave {
  /** Of the run itself; the lease is prolonged with every save. */
  run: RunPatch & { leaseUntil: number }
  calls: readonly CallRow[]
  chunks: readonly RunChunk[]
  /** New questions. */
  approvals: readonly ApprovalRow[]
  /** Ids of decisions that the run has now been told of. */
  applied: readonly string[]
  connectionsUsed: readonly string[]
  /** Statements that go with it. They must ask for the lease themselves. */
  alongside: readonly ReturnType<typeof statement>[]
  now: number
}

/**
 * Stores what a run has come to, in one batch. `isHeld` is false when the lease is lost or the run is no longer running:
 * then it must not go on. `rows` are those of the last statement of `alongside`.
 */
export async function saveRun(
  db: Database,
  lease: Lease,
  save: RunSave,
): Promise<{ isHeld: boolean; rows: Record<string, unknown>[] }> {
  const { runId } = lease
  const patched = db
    .update(runs)
    .set(save.run)
    .where(and(eq(runs.id, runId), eq(runs.epoch, lease.epoch), eq(runs.state, 'running')))
    .returning({ id: runs.id })
  const statements = [
    ...upsertCalls(db, lease, save.calls),
    ...replaceChunks(db, lease, save.chunks),
    ...insertApprovals(db, lease, save.approvals),
    ...(save.applied.length > 0 ? [markApplied(db, lease, save.applied)] : []),
    ...(save.run.endedAt === undefined ? [] : closeQuestions(db, lease, save.calls, save.now)),
    ...(save.connectionsUsed.length > 0 ? [touchConnections(db, save.connectionsUsed, save.now)] : []),
    ...save.alongside,
  ]
  const [kept, ...others] = await db.batch([patched, ...statements])
  const last = others.at(-1)
  const rows = save.alongside.length > 0 && last !== undefined ? recordsOf(last.results) : []
  return { isHeld: kept.length > 0, rows }
}

function recordsOf(results: unknown): Record<string, unknown>[] {
  return Array.isArray(results) ? results : []
}

/** An entry that has settled is never changed again. */
function upsertCalls(db: Database, lease: Lease, rows: readonly CallRow[]) {
  return jsonRows(rows).map((json) =>
    statement(
      db,
      sql`
      INSERT INTO calls (run_id, number, kind, address, tool, effect, connection_id, arguments, hash, decision, because,
                         state, result, error, notes, settle_order, started_at, settled_at)
      SELECT value ->> 'runId', value ->> 'number', value ->> 'kind', value ->> 'address', value ->> 'tool',
             value ->> 'effect', value ->> 'connectionId', value ->> 'arguments', value ->> 'hash', value ->> 'decision',
             value ->> 'because', value ->> 'state', value ->> 'result', nullif(value -> 'error', 'null'),
             nullif(value -> 'notes', 'null'),
             value ->> 'settleOrder', value ->> 'startedAt', value ->> 'settledAt'
      FROM json_each(${json}) WHERE ${isLeaseInForce(lease)}
      ON CONFLICT (run_id, number) DO UPDATE SET connection_id = excluded.connection_id, effect = excluded.effect,
        decision = excluded.decision, because = excluded.because, state = excluded.state, result = excluded.result,
        error = excluded.error, notes = excluded.notes, settle_order = excluded.settle_order, started_at = excluded.started_at,
        settled_at = excluded.settled_at
      WHERE calls.settle_order IS NULL`,
    ),
  )
}

/** A value that was stored before its entry was, in a run that was then given up, is replaced whole. */
function replaceChunks(db: Database, lease: Lease, chunks: readonly RunChunk[]) {
  return chunks.flatMap(({ number, part, bytes }) => {
    const insert = sql`INSERT INTO run_chunks (run_id, number, part, bytes)
      SELECT ${lease.runId}, ${number}, ${part}, ${Buffer.from(bytes)} WHERE ${isLeaseInForce(lease)}`
    if (part > 0) return [statement(db, insert)]
    const clear = sql`DELETE FROM run_chunks WHERE run_id = ${lease.runId} AND number = ${number}
      AND ${isLeaseInForce(lease)}`
    return [statement(db, clear), statement(db, insert)]
  })
}

function insertApprovals(db: Database, lease: Lease, rows: readonly ApprovalRow[]) {
  return jsonRows(rows).map((json) =>
    statement(
      db,
      sql`
      INSERT INTO approvals (id, run_id, number, question, principal, client, tool, integration_id, connection_id,
                             account, effect, summary, request, asks, because, hash, state, reason, answer, remember,
                             is_applied, expires_at, created_at)
      SELECT value ->> 'id', value ->> 'runId', value ->> 'number', value ->> 'question', value ->> 'principal',
             value ->> 'client', value ->> 'tool', value ->> 'integrationId', value ->> 'connectionId',
             value ->> 'account', value ->> 'effect', value ->> 'summary', value -> 'request', nullif(value -> 'asks', 'null'),
             value ->> 'because',
             value ->> 'hash', value ->> 'state', value ->> 'reason', value ->> 'answer', value ->> 'remember',
             value ->> 'isApplied', value ->> 'expiresAt', value ->> 'createdAt'
      FROM json_each(${json}) WHERE ${isUnderWay(lease)}`,
    ),
  )
}

function markApplied(db: Database, lease: Lease, ids: readonly string[]) {
  return statement(
    db,
    sql`UPDATE approvals SET is_applied = 1 WHERE run_id = ${lease.runId} AND ${isLeaseInForce(lease)}
      AND id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  )
}

/** A run that ends takes its open questions with it. */
function closeQuestions(db: Database, lease: Lease, rows: readonly CallRow[], now: number) {
  if (!rows.some(({ state }) => state === 'cancelled' || state === 'unknown')) return []
  return [
    statement(
      db,
      sql`UPDATE approvals SET state = 'cancelled', decided_by = 'executor', decided_at = ${now}
        WHERE run_id = ${lease.runId} AND state = 'pending' AND ${isLeaseInForce(lease)}`,
    ),
  ]
}
