import { and, asc, eq, sql } from 'drizzle-orm'
import { approvals, calls, connections, runs } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

/** Texts of a call up to this many characters come with the record; longer ones are asked for one by one. */
const SHORT = 4000

/** A call's text while it is short, else null. */
function whileShort(column: typeof calls.arguments | typeof calls.result | typeof calls.error) {
  return sql<string | null>`iif(length(${column}) <= ${SHORT}, ${column}, NULL)`
}

/** One run as the console shows it, with its calls and everything that people were asked about them: one round trip. */
export async function readRunRecord(db: Database, id: string) {
  const [[run], entries, questions] = await db.batch([
    db
      .select({
        id: runs.id,
        principal: runs.principal,
        client: runs.client,
        code: runs.code,
        state: runs.state,
        leaseUntil: runs.leaseUntil,
        result: runs.result,
        resultBytes: runs.resultBytes,
        emitted: runs.emitted,
        /** Whether there are more emitted values than fit the row. */
        isEmittedLong: sql<number>`EXISTS (SELECT 1 FROM run_chunks WHERE run_id = ${id} AND number = 0)`,
        error: runs.error,
        logs: runs.logs,
        startedAt: runs.startedAt,
        endedAt: runs.endedAt,
      })
      .from(runs)
      .where(eq(runs.id, id)),
    db
      .select({
        number: calls.number,
        kind: calls.kind,
        address: calls.address,
        tool: calls.tool,
        effect: calls.effect,
        connectionId: calls.connectionId,
        /** Null when the call went through none, or it is gone. */
        connection: connections.slug,
        decision: calls.decision,
        because: calls.because,
        state: calls.state,
        arguments: whileShort(calls.arguments),
        result: whileShort(calls.result),
        error: whileShort(calls.error),
        notes: calls.notes,
        message: sql<string | null>`substr(${calls.error} ->> 'message', 1, ${SHORT})`,
        startedAt: calls.startedAt,
        settledAt: calls.settledAt,
      })
      .from(calls)
      .leftJoin(connections, eq(connections.id, calls.connectionId))
      .where(eq(calls.runId, id))
      .orderBy(asc(calls.number)),
    db
      .select({
        id: approvals.id,
        number: approvals.number,
        question: approvals.question,
        state: approvals.state,
        summary: approvals.summary,
        reason: approvals.reason,
        remember: approvals.remember,
        decidedBy: approvals.decidedBy,
        decidedAt: approvals.decidedAt,
        expiresAt: approvals.expiresAt,
        createdAt: approvals.createdAt,
      })
      .from(approvals)
      .where(eq(approvals.runId, id))
      .orderBy(asc(approvals.id)),
  ])
  return run && { run, calls: entries, approvals: questions }
}

export type RunRecord = NonNullable<Awaited<ReturnType<typeof readRunRecord>>>

/** The texts of one call, whole unless they lie in chunks: then the arguments are empty, and the result is null. */
export function findCallTexts(db: Database, runId: string, number: number) {
  return db
    .select({
      number: calls.number,
      arguments: calls.arguments,
      result: calls.result,
      error: sql<string | null>`${calls.error}`,
    })
    .from(calls)
    .where(and(eq(calls.runId, runId), eq(calls.number, number)))
    .get()
}
