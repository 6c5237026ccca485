import { eq, type SQL, sql } from 'drizzle-orm'
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

/** Nobody has changed or removed it since it was read. */
export function isPolicyUnchanged({ id, pattern, action, note }: PolicyRow): SQL {
  return sql`EXISTS (SELECT 1 FROM policies
    WHERE id = ${id} AND pattern = ${pattern} AND action = ${action} AND note = ${note})`
}

/** Returns no row when somebody has changed it since `was` was read. */
export function updatePolicy(
  db: Database,
  was: PolicyRow,
  patch: Partial<Pick<PolicyRow, 'pattern' | 'action' | 'note' | 'updatedAt'>>,
) {
  return db
    .update(policies)
    .set(patch)
    .where(sql`${eq(policies.id, was.id)} AND ${isPolicyUnchanged(was)}`)
    .returning({ id: policies.id })
}

/** Returns no row when somebody has changed it since `was` was read. */
export function deletePolicy(db: Database, was: PolicyRow) {
  return db
    .delete(policies)
    .where(sql`${eq(policies.id, was.id)} AND ${isPolicyUnchanged(was)}`)
    .returning({ id: policies.id })
}
