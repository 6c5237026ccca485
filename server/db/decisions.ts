// What people decide: an answer is stored once, and only while the question waits for it.
import { and, eq, gt, lte, type SQL, sql } from 'drizzle-orm'
import { approvals, rememberedApprovals } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import type { ApprovalRow } from './run-journal.ts'
import { statement } from './statement.ts'

export type RememberedRow = typeof rememberedApprovals.$inferSelect

export function findApproval(db: Database, id: string): Promise<ApprovalRow | undefined> {
  return db.select().from(approvals).where(eq(approvals.id, id)).get()
}

export type ApprovalDecision = Pick<ApprovalRow, 'state' | 'reason' | 'answer' | 'remember'> & {
  decidedBy: string
  decidedAt: number
}

/** `settled` returns no row when it is too late; `isSettledSo` holds, in the same batch, when it was not. */
export function settleApproval(db: Database, id: string, decision: ApprovalDecision) {
  const { state, decidedBy, decidedAt } = decision
  const settled = db
    .update(approvals)
    .set(decision)
    .where(and(eq(approvals.id, id), eq(approvals.state, 'pending'), gt(approvals.expiresAt, decidedAt)))
    .returning({ id: approvals.id })
  const isSettledSo = sql`EXISTS (SELECT 1 FROM approvals WHERE id = ${id} AND state = ${state}
    AND decided_by = ${decidedBy} AND decided_at = ${decidedAt})`
  return { settled, isSettledSo }
}

/** Questions that nobody answered in time. Returns those that are closed by it. */
export function expireApprovals(db: Database, now: number) {
  return db
    .update(approvals)
    .set({ state: 'expired', decidedBy: 'executor', decidedAt: now })
    .where(and(eq(approvals.state, 'pending'), lte(approvals.expiresAt, now)))
    .returning({ id: approvals.id, tool: approvals.tool, runId: approvals.runId, account: approvals.account })
}

export function rememberStatement(
  db: Database,
  remembered: {
    id: string
    approval: ApprovalRow
    runId: string | null
    expiresAt: number | null
    createdBy: string
    createdAt: number
  },
  onlyIf: SQL,
) {
  const { id, approval, runId, expiresAt, createdBy, createdAt } = remembered
  return statement(
    db,
    sql`INSERT INTO remembered_approvals (id, approval_id, principal, integration_id, tool, connection_id, account,
        run_id, expires_at, created_by, created_at)
      SELECT ${id}, ${approval.id}, ${approval.principal}, ${approval.integrationId}, ${approval.tool},
        ${approval.connectionId}, ${approval.account}, ${runId}, ${expiresAt}, ${createdBy}, ${createdAt} WHERE ${onlyIf}`,
  )
}

export function findRemembered(db: Database, id: string): Promise<RememberedRow | undefined> {
  return db.select().from(rememberedApprovals).where(eq(rememberedApprovals.id, id)).get()
}

export function deleteRemembered(db: Database, id: string) {
  return db.delete(rememberedApprovals).where(eq(rememberedApprovals.id, id))
}

/** What was remembered until a time that is over. */
export function deleteExpiredRemembered(db: Database, now: number) {
  return db.delete(rememberedApprovals).where(lte(rememberedApprovals.expiresAt, now))
}
