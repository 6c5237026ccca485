// A person's answer to a question of a run: stored first, then the run goes on, whoever's request carries it.
import type { Remember, UpstreamAnswer } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { deleteRemembered, findApproval, findRemembered, rememberStatement, settleApproval } from '../db/decisions.ts'
import { type AuditAction, auditStatement } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import type { ApprovalRow } from '../db/run-journal.ts'
import { formOf, readForm } from '../integrations/mcp/elicitation-form.ts'
import { type AdvanceDeps, advanceRun } from './advance.ts'
import { cancelRun } from './cancel-run.ts'
import { mayDecide } from './may-decide.ts'

/**
 * `answered`: it happened, and the program goes on with this answer (JSON text). `stopped` cancels the whole run.
 * `replied` is to the upstream's question: `values` are of the form's fields in their order, as they were sent.
 */
export type Verdict =
  | {
      kind: 'approved'
      remember: Remember
      /** For `remember: 'tool'`; null until revoked. */ expiresAt: number | null
    }
  | { kind: 'declined'; reason: string }
  | { kind: 'answered'; answer: string }
  | { kind: 'replied'; action: UpstreamAnswer['action']; values: readonly (readonly string[])[] }
  | { kind: 'stopped' }

export type Decided =
  | { ok: true; runId: string }
  /** `decided`: somebody was faster; `by` is a principal, or `executor` when it expired or its run ended. */
  | { ok: false; reason: 'unknown' | 'not_allowed'; message: string }
  /** `errors` are of a form, each with the place of its field. */
  | { ok: false; reason: 'bad_answer'; message: string; errors?: readonly { field?: number; message: string }[] }
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
} as const satisfies Record<Decision['state'], AuditAction>

export async function decideApproval(deps: DecideDeps, id: string, verdict: Verdict): Promise<Decided> {
  const { db, principal } = deps
  const approval = await findApproval(db, id)
  if (approval === undefined) return { ok: false, reason: 'unknown', message: 'There is no such question.' }
  if (!mayDecide(principal, approval)) {
    return { ok: false, reason: 'not_allowed', message: 'Only the person whose run it is, or an admin, decides.' }
  }
  const read = decisionOf(approval, verdict)
  if (!read.ok) return { ...read, reason: 'bad_answer' }
  if (!(await store(deps, approval, read.decision))) return alreadyDecided(db, id)
  if (verdict.kind === 'stopped') await cancelRun(deps, approval.runId)
  else deps.waitUntil(advanceRun(deps, approval.runId, { retireAfterMs: RETIRE_AFTER_MS }))
  return { ok: true, runId: approval.runId }
}

interface Decision {
  state: 'approved' | 'answered' | 'declined'
  reason: string
  /** JSON text. */
  answer: string | null
  remember: Remember
  /** What is remembered until; null until it is revoked. */
  expiresAt: number | null
}

type ReadVerdict = { ok: true; decision: Decision } | Omit<Extract<Decided, { reason: 'bad_answer' }>, 'reason'>

const PLAIN = { reason: '', answer: null, remember: 'once', expiresAt: null } as const

/** What is stored of a verdict, or why it is none about this question. */
function decisionOf(approval: ApprovalRow, verdict: Verdict): ReadVerdict {
  const { question } = approval
  if (question === 'input' || verdict.kind === 'replied') return replyOf(approval, verdict)
  switch (verdict.kind) {
    case 'approved': {
      const { remember, expiresAt } = verdict
      const reach = question === 'send' ? { remember, expiresAt: remember === 'tool' ? expiresAt : null } : {}
      return { ok: true, decision: { ...PLAIN, state: 'approved', ...reach } }
    }
    case 'declined': {
      if (question === 'outcome') return refused('It was sent already: say what came of it, or stop.')
      return { ok: true, decision: { ...PLAIN, state: 'declined', reason: verdict.reason.slice(0, longestReason) } }
    }
    default: {
      if (question === 'send') return refused('Nothing was sent yet: approve it or decline it.')
      if (verdict.kind === 'stopped') {
        return { ok: true, decision: { ...PLAIN, state: 'declined', reason: 'The run was stopped.' } }
      }
      const problem = problemOf(verdict.answer)
      return problem === undefined
        ? { ok: true, decision: { ...PLAIN, state: 'answered', answer: verdict.answer } }
        : refused(problem)
    }
  }
}

function problemOf(answer: string): string | undefined {
  if (answer.length > longestAnswer) return `The answer has at most ${longestAnswer} characters.`
  try {
    JSON.parse(answer)
    return undefined
  } catch {
    return 'The answer is not JSON. Text stands in double quotes; leave it empty for none.'
  }
}

function replyOf({ question, asks }: ApprovalRow, verdict: Verdict): ReadVerdict {
  if (question !== 'input' || asks === null || verdict.kind !== 'replied') {
    return refused('That is no answer to this question.')
  }
  const { action, values } = verdict
  const reply = (answer: UpstreamAnswer): ReadVerdict => {
    const state = action === 'accept' ? 'answered' : 'declined'
    // Upstreams tell the two apart, and so do people who read of it later.
    const reason = action === 'cancel' ? 'It was dismissed.' : ''
    return { ok: true, decision: { ...PLAIN, state, reason, answer: JSON.stringify(answer) } }
  }
  if (action !== 'accept' || asks.mode === 'url') return reply({ action })
  const form = formOf(asks.requestedSchema)
  if (!form.ok) return refused(form.reason)
  const filled = readForm(form.fields, values)
  if (filled.ok) return reply({ action, content: filled.content })
  return { ...refused('Some fields need another look.'), errors: filled.errors }
}

function refused(message: string) {
  return { ok: false as const, message }
}

/** The decision, its record and what is remembered of it, in one batch; false when it was decided already. */
async function store({ db, principal }: DecideDeps, approval: ApprovalRow, decision: Decision): Promise<boolean> {
  const now = Date.now()
  const { expiresAt, ...decided } = decision
  const { reason, remember, state } = decided
  const settlement = { ...decided, decidedBy: principal.id, decidedAt: now }
  const { settled, isSettledSo } = settleApproval(db, approval.id, settlement)
  const { tool, account, runId, number, question } = approval
  const details = { approval: approval.id, run: runId, number, account, question, remember, ...(reason && { reason }) }
  const entry = { at: now, actor: principal.id, action: ACTIONS[state], subject: tool, details }
  const remembered = {
    id: newId('rem', now),
    approval,
    runId: remember === 'run' ? runId : null,
    expiresAt,
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
