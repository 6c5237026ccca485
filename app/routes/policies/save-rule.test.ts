import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { listPolicies } from '../../../server/db/policies.ts'
import { freshDatabase } from '../../../server/testing/database.ts'
import { saveRule, setRuleFor } from './save-rule.ts'

let db: Database
let deps: { db: Database; principal: { id: string } }

beforeEach(async () => {
  db = await freshDatabase()
  deps = { db, principal: { id: 'person:ada@example.com' } }
})

test('a rule is stored with its pattern tidied and who made it', async () => {
  expect(await saveRule(deps, { pattern: ' github.** ', action: 'block', note: 'not yet' })).toEqual({ ok: true })
  expect(await listPolicies(db)).toMatchObject([
    { pattern: 'github.*', action: 'block', note: 'not yet', createdBy: 'person:ada@example.com' },
  ])
})

test('each wrong field is named, and nothing is stored', async () => {
  const saved = await saveRule(deps, { pattern: 'git hub', action: 'maybe', note: 'x'.repeat(501) })
  expect(saved.ok || saved.errors.map((error) => error.field)).toEqual(['pattern', 'action', 'note'])
  expect(await listPolicies(db)).toEqual([])
})

test('a second rule for the same pattern is refused, and changing a rule without its pattern is not', async () => {
  await saveRule(deps, { pattern: 'github.*', action: 'block', note: '' })
  expect(await saveRule(deps, { pattern: 'github.*', action: 'allow', note: '' })).toMatchObject({ ok: false })
  const [rule] = await listPolicies(db)
  expect(await saveRule(deps, { pattern: 'github.*', action: 'allow', note: '' }, rule?.id)).toEqual({ ok: true })
  expect(await listPolicies(db)).toMatchObject([{ action: 'allow' }])
})

test('setting the rule of an address twice leaves one rule, with its note', async () => {
  await saveRule(deps, { pattern: 'github.repos.delete', action: 'require_approval', note: 'careful' })
  await setRuleFor(deps, 'github.repos.delete', 'block')
  expect(await listPolicies(db)).toMatchObject([{ pattern: 'github.repos.delete', action: 'block', note: 'careful' }])
})

test('of two admins who add the same rule at once, one is told that it is there', async () => {
  const rule = { pattern: 'github.*', action: 'block', note: '' }
  const saved = await Promise.all([saveRule(deps, rule), saveRule(deps, rule)])
  expect(saved.filter(({ ok }) => ok)).toHaveLength(1)
  expect(await listPolicies(db)).toHaveLength(1)
})
