// A rule as a person writes it, checked and stored. Used by the rules' own pages and by each tool's page.
import type { PolicyAction } from '../../../drizzle/shapes.ts'
import type { Database } from '../../../server/db/database.ts'
import { newId } from '../../../server/db/id.ts'
import { findPolicyByPattern, insertPolicy, updatePolicy } from '../../../server/db/policies.ts'
import { parsePattern } from '../../../server/policies/pattern.ts'
import type { FormError } from '../../ui/error-summary.tsx'

export interface RuleInput {
  pattern: string
  action: string
  note: string
}

const ACTIONS: readonly PolicyAction[] = ['allow', 'require_approval', 'block']

function isAction(text: string): text is PolicyAction {
  return ACTIONS.some((action) => action === text)
}

/** Adds a rule, or changes the rule `id`. Patterns are unique: two rules for one pattern would contradict each other. */
export async function saveRule(
  deps: { db: Database; principal: { id: string } },
  input: RuleInput,
  id?: string,
): Promise<{ ok: true } | { ok: false; errors: FormError[] }> {
  const { db, principal } = deps
  const parsed = parsePattern(input.pattern)
  const errors: FormError[] = []
  if (!parsed.ok) errors.push({ field: 'pattern', message: parsed.message })
  if (!isAction(input.action)) errors.push({ field: 'action', message: 'Choose what happens to matching tools.' })
  if (input.note.length > 500) errors.push({ field: 'note', message: 'A note has at most 500 characters.' })
  if (!parsed.ok || !isAction(input.action) || errors.length > 0) return { ok: false, errors }

  const pattern = parsed.pattern.text
  const same = await findPolicyByPattern(db, pattern)
  if (same && same.id !== id) return taken(pattern)
  const now = Date.now()
  const rule = { pattern, action: input.action, note: input.note, updatedAt: now }
  if (id !== undefined) {
    await updatePolicy(db, id, rule)
    return { ok: true }
  }
  // Somebody may have added it since it was looked for.
  const [added] = await insertPolicy(db, { id: newId('pol'), ...rule, createdBy: principal.id, createdAt: now })
    .onConflictDoNothing()
    .returning()
  return added ? { ok: true } : taken(pattern)
}

function taken(pattern: string): { ok: false; errors: FormError[] } {
  const message = `There is a rule for ${pattern} already. Change that one.`
  return { ok: false, errors: [{ field: 'pattern', message }] }
}

/** Makes `action` the rule for exactly this address, whatever rule it had. */
export async function setRuleFor(
  deps: { db: Database; principal: { id: string } },
  address: string,
  action: string,
): Promise<{ ok: true } | { ok: false; errors: FormError[] }> {
  const existing = await findPolicyByPattern(deps.db, address)
  return saveRule(deps, { pattern: address, action, note: existing?.note ?? '' }, existing?.id)
}
