// Questions to people, and what of their answers is remembered: what the console reads. What a run's driver writes is in
// run-journal.ts.
import { and, asc, desc, eq, getTableColumns, gt, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm'
import { approvals, calls, rememberedApprovals, runs } from '../../drizzle/schema.ts'
import type { ApprovalState } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import type { ApprovalRow } from './run-journal.ts'

/** Without what only the policy asks for. `isQuestionKept` is 1 or 0: runs are deleted with their questions. */
export type RememberedApproval = Omit<typeof rememberedApprovals.$inferSelect, 'integrationId' | 'connectionId'> & {
  isQuestionKept: number
}

/** A question as lists show it: without the request and the upstream's question, which may be long, and without the answer. */
export type ApprovalSummary = Omit<ApprovalRow, 'request' | 'answer' | 'hash' | 'isApplied' | 'asks'>

/** `principal`: only questions of this principal's runs; without it everyone's. */
export interface Whose {
  principal?: string
}

const {
  request: _request,
  answer: _answer,
  hash: _hash,
  isApplied: _isApplied,
  asks: _asks,
  ...summary
} = getTableColumns(approvals)

const DECIDED = ['approved', 'answered', 'declined', 'expired', 'cancelled'] as const satisfies ApprovalState[]

/** How many questions wait: one statement, from the index alone. */
export function countPendingApprovals(db: Database, { principal }: Whose): Promise<number> {
  return db.$count(approvals, and(eq(approvals.state, 'pending'), ofPrincipal(principal)))
}

/** Those that wait longest first. `after` is the id of the last one of the page before. */
export function listPendingApprovals(
  db: Database,
  { principal, after, limit }: Whose & { after?: string; limit: number },
): Promise<ApprovalSummary[]> {
  return db
    .select(summary)
    .from(approvals)
    .where(
      and(
        eq(approvals.state, 'pending'),
        ofPrincipal(principal),
        after === undefined ? undefined : gt(approvals.id, after),
      ),
    )
    .orderBy(asc(approvals.id))
    .limit(limit)
}

/** Those that nobody has to decide any more, the latest question first. `before` is the last id of the page before. */
export function listDecidedApprovals(
  db: Database,
  { principal, before, limit }: Whose & { before?: string; limit: number },
): Promise<ApprovalSummary[]> {
  // One principal's are found by the index; everyone's are read in the order of the primary key.
  const isDecided = principal === undefined ? ne(approvals.state, 'pending') : inArray(approvals.state, [...DECIDED])
  return db
    .select(summary)
    .from(approvals)
    .where(and(isDecided, ofPrincipal(principal), before === undefined ? undefined : lt(approvals.id, before)))
    .orderBy(desc(approvals.id))
    .limit(limit)
}

function ofPrincipal(principal: string | undefined) {
  return principal === undefined ? undefined : eq(approvals.principal, principal)
}

/** Characters of a run's result that are read along with a question about it. */
const SHOWN_RESULT = 4000

/** One question with its run, everything that the run has done, and the run's other open questions: one round trip. */
export async function readApproval(db: Database, id: string) {
  const runId = db.select({ id: approvals.runId }).from(approvals).where(eq(approvals.id, id))
  const isOfRun = inArray(calls.runId, runId)
  const [[approval], [run], entries, siblings] = await db.batch([
    db.select().from(approvals).where(eq(approvals.id, id)),
    db
      .select({
        id: runs.id,
        state: runs.state,
        code: runs.code,
        error: runs.error,
        logs: runs.logs,
        result: sql<string | null>`iif(length(${runs.result}) <= ${SHOWN_RESULT}, ${runs.result}, NULL)`,
        resultBytes: runs.resultBytes,
        startedAt: runs.startedAt,
        endedAt: runs.endedAt,
      })
      .from(runs)
      .where(inArray(runs.id, runId)),
    db
      .select({
        number: calls.number,
        kind: calls.kind,
        address: calls.address,
        effect: calls.effect,
        state: calls.state,
        error: sql<string | null>`${calls.error} ->> 'message'`,
        // Empty for all others, and for arguments that lie in chunks.
        arguments: sql<string>`iif(${calls.number} = (SELECT number FROM approvals WHERE id = ${id}), ${calls.arguments}, '')`,
        startedAt: calls.startedAt,
        settledAt: calls.settledAt,
      })
      .from(calls)
      .where(isOfRun)
      .orderBy(asc(calls.number)),
    db
      .select({ ...summary, request: approvals.request })
      .from(approvals)
      .where(and(inArray(approvals.runId, runId), eq(approvals.state, 'pending'), ne(approvals.id, id)))
      .orderBy(asc(approvals.id)),
  ])
  return approval && { approval, run, calls: entries, siblings }
}

export type ApprovalRecord = NonNullable<Awaited<ReturnType<typeof readApproval>>>

/**
 * What is remembered and in force at `now`, the newest first. What was remembered for one run is in force until that run
 * has ended.
 */
export function listRememberedApprovals(
  db: Database,
  { principal, now, limit }: Whose & { now: number; limit: number },
): Promise<RememberedApproval[]> {
  const goesOn = db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.id, rememberedApprovals.runId), inArray(runs.state, ['running', 'waiting'])))
  const { integrationId: _integration, connectionId: _connection, ...shown } = getTableColumns(rememberedApprovals)
  const isQuestionKept = sql<number>`EXISTS (SELECT 1 FROM approvals WHERE approvals.id = ${rememberedApprovals.approvalId})`
  return db
    .select({ ...shown, isQuestionKept })
    .from(rememberedApprovals)
    .where(
      and(
        principal === undefined ? undefined : eq(rememberedApprovals.principal, principal),
        or(isNull(rememberedApprovals.expiresAt), gt(rememberedApprovals.expiresAt, now)),
        or(isNull(rememberedApprovals.runId), sql`EXISTS ${goesOn}`),
      ),
    )
    .orderBy(desc(rememberedApprovals.id))
    .limit(limit)
}
