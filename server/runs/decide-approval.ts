// A person's answer to a question of a run: stored first, then the run goes on, whoever's request carries it.
import type { Remember } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { deleteRemembered, findApproval, findRemembered, rememberStatement, settleApproval } from '../db/decisions.ts'
import { type AuditAction, auditStatement } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import type { ApprovalRow } from '../db/run-journal.ts'
import { type AdvanceDeps, advanceRun } from './advance.ts'
import { cancelRun } from './cancel-run.ts'
import { mayDecide } from './may-decide.ts'

/** `answered`: it happened, and the program goes on with this answer (JSON text). `stopped` cancels the whole run. */
export type Verdict =
  | {
      kind: 'approved'
      remember: Remember
      /** For `remember: 'tool'`; null until revoked. */ expiresAt: number | null
    }
  | { kind: 'declined'; reason: string }
  | { kind: 'answered'; answer: string }
  | { kind: 'stopped' }

export type Decided =
  | { ok: true; runId: string }
  /** `decided`: somebody was faster; `by` is a principal, or `executor` when it expired or its run ended. */
  | { ok: false; reason: 'unknown' | 'not_allowed' | 'bad_answer'; message: string }
  | { ok: false; reason: 'decided'; message: string; by: string; state: string }

export interface DecideDeps extends AdvanceDeps {
  principal: Principal
}

/** A Worker goes on for 30 s after the answer to the form; the agent's next `resume`, or cron, has the rest. */
const RETIRE_AFTER_MS = 20_000
const longestReason = 2000
const longestAnswer = 64 * 1024

const ACTIONS = {
  approved: 'approval.approved',
  answered: 'approval.answered',
  declined: 'approval.declined',
  stopped: 'approval.declined',
} as const satisfies Record<Verdict['kind'], AuditAction>

export async function decideApproval(deps: DecideDeps, id: string, verdict: Verdict): Promise<Decided> {
  const { db, principal } = deps
  const approval = await findApproval(db, id)
  if (approval === undefined) return { ok: false, reason: 'unknown', message: 'There is no such question.' }
  if (!mayDecide(principal, approval)) {
    return { ok: false, reason: 'not_allowed', message: 'Only the person whose run it is, or an admin, decides.' }
  }
  const problem = problemOf(approval, verdict)
  if (problem !== undefined) return { ok: false, reason: 'bad_answer', message: problem }
  if (!(await store(deps, approval, verdict))) return alreadyDecided(db, id)
  if (verdict.kind === 'stopped') await cancelRun(deps, approval.runId)
  else deps.waitUntil(advanceRun(deps, approval.runId, { retireAfterMs: RETIRE_AFTER_MS }))
  return { ok: true, runId: approval.runId }
}

function problemOf({ question }: ApprovalRow, verdict: Verdict): string | undefined {
  if (question === 'send' && (verdict.kind === 'answered' || verdict.kind === 'stopped')) {
    return 'Nothing was sent yet: approve it or decline it.'
  }
  if (question === 'outcome' && verdict.kind === 'declined') return 'It was sent already: say what came of it, or stop.'
  if (verdict.kind !== 'answered') return undefined
  if (verdict.answer.length > longestAnswer) return `The answer has at most ${longestAnswer} characters.`
  try {
    JSON.parse(verdict.answer)
    return undefined
  } catch {
    return 'The answer is not JSON. Text stands in double quotes; leave it empty for none.'
  }
}

/** The decision, its record and what is remembered of it, in one batch; false when it was decided already. */
async function store({ db, principal }: DecideDeps, approval: ApprovalRow, verdict: Verdict): Promise<boolean> {
  const now = Date.now()
  const state = verdict.kind === 'stopped' ? 'declined' : verdict.kind
  const reason = verdict.kind === 'declined' ? verdict.reason.slice(0, longestReason) : ''
  const remember = verdict.kind === 'approved' && approval.question === 'send' ? verdict.remember : 'once'
  const { settled, isSettledSo } = settleApproval(db, approval.id, {
    state,
    reason: verdict.kind === 'stopped' ? 'The run was stopped.' : reason,
    answer: verdict.kind === 'answered' ? verdict.answer : null,
    remember,
    decidedBy: principal.id,
    decidedAt: now,
  })
  const { tool, account, runId, number, question } = approval
  const details = { approval: approval.id, run: runId, number, account, question, remember, ...(reason && { reason }) }
  const entry = { at: now, actor: principal.id, action: ACTIONS[verdict.kind], subject: tool, details }
  const remembered = {
    id: newId('rem', now),
    approval,
    runId: remember === 'run' ? runId : null,
    expiresAt: verdict.kind === 'approved' && remember === 'tool' ? verdict.expiresAt : null,
    createdBy: principal.id,
    createdAt: now,
  }
  const [changed] = await db.batch([
    settled,
    auditStatement(db, entry, isSettledSo),
    ...(remember === 'once' ? [] : [rememberStatement(db, remembered, isSettledSo)]),
  ])
  return changed.length > 0
}

async function alreadyDecided(db: Database, id: string): Promise<Decided> {
  const now = await findApproval(db, id)
  if (now === undefined) return { ok: false, reason: 'unknown', message: 'There is no such question any more.' }
  const by = now.decidedBy ?? 'executor'
  const message = now.state === 'pending' ? 'Its time to be decided is over.' : `It was ${now.state} already.`
  return { ok: false, reason: 'decided', message, by, state: now.state }
}

/** Members revoke what is remembered for themselves, admins for anyone. */
export async function revokeRemembered(
  { db, principal }: Pick<DecideDeps, 'db' | 'principal'>,
  id: string,
): Promise<{ ok: true } | { ok: false; message: string }> {
  const found = await findRemembered(db, id)
  if (found === undefined || !mayDecide(principal, found)) return { ok: false, message: 'There is nothing to revoke.' }
  const { tool, account, principal: owner } = found
  const details = { remembered: id, account, principal: owner }
  const entry = { at: Date.now(), actor: principal.id, action: 'remembered.revoked' as const, subject: tool, details }
  await db.batch([auditStatement(db, entry), deleteRemembered(db, id)])
  return { ok: true }
}
