import { eq } from 'drizzle-orm'
import { policies } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

export type PolicyRow = typeof policies.$inferSelect
export type NewPolicyRow = typeof policies.$inferInsert

export function insertPolicy(db: Database, row: NewPolicyRow) {
  return db.insert(policies).values(row)
}

export function listPolicies(db: Database): Promise<PolicyRow[]> {
  return db.select().from(policies).orderBy(policies.pattern)
}

export function findPolicy(db: Database, id: string): Promise<PolicyRow | undefined> {
  return db.select().from(policies).where(eq(policies.id, id)).get()
}

export function findPolicyByPattern(db: Database, pattern: string): Promise<PolicyRow | undefined> {
  return db.select().from(policies).where(eq(policies.pattern, pattern)).get()
}

export function updatePolicy(
  db: Database,
  id: string,
  patch: Partial<Pick<PolicyRow, 'pattern' | 'action' | 'note' | 'updatedAt'>>,
) {
  return db.update(policies).set(patch).where(eq(policies.id, id))
}

export function deletePolicy(db: Database, id: string) {
  return db.delete(policies).where(eq(policies.id, id))
}
