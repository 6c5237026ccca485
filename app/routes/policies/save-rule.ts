// A rule as a person writes it, checked and stored. Used by the rules' own pages and by each tool's page.
import { sql } from 'drizzle-orm'
import type { PolicyAction } from '../../../drizzle/shapes.ts'
import { auditStatement, changesBetween } from '../../../server/db/audit.ts'
import type { Database } from '../../../server/db/database.ts'
import { newId } from '../../../server/db/id.ts'
import {
  deletePolicy,
  findPolicy,
  findPolicyByPattern,
  insertPolicy,
  isPolicyUnchanged,
  type PolicyRow,
  updatePolicy,
} from '../../../server/db/policies.ts'
import { parsePattern } from '../../../server/policies/pattern.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { namesFields } from './preview-pattern.ts'

export interface RuleInput {
  pattern: string
  action: string
  note: string
}

const ACTIONS: readonly PolicyAction[] = ['allow', 'require_approval', 'block']

function isAction(text: string): text is PolicyAction {
  return ACTIONS.some((action) => action === text)
}

interface RuleDeps {
  db: Database
  principal: { id: string }
}

type Saved = { ok: true } | { ok: false; errors: FormError[] }

/** Adds a rule, or changes the rule `id`. Patterns are unique: two rules for one pattern would contradict each other. */
export async function saveRule(deps: RuleDeps, input: RuleInput, id?: string): Promise<Saved> {
  const { db } = deps
  const parsed = parsePattern(input.pattern)
  const errors: FormError[] = []
  if (!parsed.ok) errors.push({ field: 'pattern', message: parsed.message })
  if (!isAction(input.action)) errors.push({ field: 'action', message: 'Choose what happens to matching tools.' })
  if (input.note.length > 500) errors.push({ field: 'note', message: 'A note has at most 500 characters.' })
  if (!parsed.ok || !isAction(input.action) || errors.length > 0) return { ok: false, errors }

  const refusal = await refuseAsking(db, parsed.pattern.text, input.action)
  if (refusal !== null) return { ok: false, errors: [{ field: 'action', message: refusal }] }

  const rule = { pattern: parsed.pattern.text, action: input.action, note: input.note }
  const same = await findPolicyByPattern(db, rule.pattern)
  if (same && same.id !== id) return taken(rule.pattern)
  if (id === undefined) return addRule(deps, rule)
  const was = same ?? (await findPolicy(db, id))
  return was ? changeRule(deps, was, rule) : { ok: false, errors: [MEANWHILE] }
}

/** A field is not called, so that nobody can be asked about it. */
async function refuseAsking(db: Database, pattern: string, action: PolicyAction): Promise<string | null> {
  if (action !== 'require_approval' || !(await namesFields(db, pattern))) return null
  return 'This pattern names fields of types, and nobody is asked about a field. Block it, or allow it as an exception to a broader block.'
}

type Rule = Pick<PolicyRow, 'pattern' | 'action' | 'note'>

async function addRule({ db, principal: { id: by } }: RuleDeps, rule: Rule): Promise<Saved> {
  const at = Date.now()
  const id = newId('pol', at)
  const { pattern: subject, ...details } = rule
  // Somebody may have added it since it was looked for.
  const [added] = await db.batch([
    insertPolicy(db, { id, ...rule, createdBy: by, createdAt: at, updatedAt: at })
      .onConflictDoNothing()
      .returning(),
    auditStatement(
      db,
      { at, actor: by, action: 'policy.added', subject, details },
      sql`EXISTS (SELECT 1 FROM policies WHERE id = ${id})`,
    ),
  ])
  return added.length > 0 ? { ok: true } : taken(rule.pattern)
}

async function changeRule({ db, principal: { id: actor } }: RuleDeps, was: PolicyRow, rule: Rule): Promise<Saved> {
  const details = changesBetween(was, rule)
  if (details === null) return { ok: true }
  const at = Date.now()
  const [, changed] = await db.batch([
    auditStatement(db, { at, actor, action: 'policy.changed', subject: was.pattern, details }, isPolicyUnchanged(was)),
    updatePolicy(db, was, { ...rule, updatedAt: at }),
  ])
  return changed.length > 0 ? { ok: true } : { ok: false, errors: [MEANWHILE] }
}

/** A rule that is gone already is as removed as it can be. */
export async function removeRule({ db, principal: { id: actor } }: RuleDeps, id: string): Promise<Saved> {
  const was = await findPolicy(db, id)
  if (!was) return { ok: true }
  const { pattern: subject, action, note } = was
  const entry = { at: Date.now(), actor, action: 'policy.removed', subject, details: { action, note } } as const
  const [, removed] = await db.batch([auditStatement(db, entry, isPolicyUnchanged(was)), deletePolicy(db, was)])
  return removed.length > 0 ? { ok: true } : { ok: false, errors: [MEANWHILE] }
}

const MEANWHILE: FormError = { message: 'Somebody changed this rule a moment ago. Look at it again.' }

function taken(pattern: string): Saved {
  const message = `There is a rule for ${pattern} already. Change that one.`
  return { ok: false, errors: [{ field: 'pattern', message }] }
}

/** Makes `action` the rule for exactly this address, whatever rule it had. */
export async function setRuleFor(deps: RuleDeps, address: string, action: string): Promise<Saved> {
  const existing = await findPolicyByPattern(deps.db, address)
  return saveRule(deps, { pattern: address, action, note: existing?.note ?? '' }, existing?.id)
}
