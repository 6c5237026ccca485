import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { imports } from '../../drizzle/schema.ts'
import type { Skipped } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'

export type ImportRow = typeof imports.$inferSelect
export type NewImportRow = typeof imports.$inferInsert

/** One go at turning a document into a revision of an integration. */
export interface Attempt {
  importId: string
  integrationId: string
  revision: number
  /** Random: two that begin at the same moment must not take each other for themselves. */
  attempt: number
}

/**
 * Work that has not moved for this long was killed with its Worker: nobody else writes `updatedAt`, and the longest
 * step, one batch, is far shorter.
 */
export const IMPORT_STALLS_AFTER_MS = 3 * 60_000

/** True while nobody else has begun the import again or removed it. Every statement of the work asks this first. */
export function isAttemptAlive({ importId, attempt }: Attempt): SQL {
  return sql`EXISTS (SELECT 1 FROM imports WHERE id = ${importId} AND state = 'importing' AND attempt = ${attempt})`
}

export function insertImport(db: Database, row: NewImportRow) {
  return db.insert(imports).values(row)
}

export function findImport(db: Database, id: string): Promise<ImportRow | undefined> {
  return db.select().from(imports).where(eq(imports.id, id)).get()
}

export function findLatestImport(db: Database, integrationId: string): Promise<ImportRow | undefined> {
  return db.select().from(imports).where(eq(imports.integrationId, integrationId)).orderBy(desc(imports.id)).get()
}

/** What begins an attempt changes nothing unless the import waits for one: previewed, failed, or stalled. */
export function isImportFree(id: string, now: number): SQL {
  return sql`EXISTS (SELECT 1 FROM imports WHERE id = ${id} AND (state IN ('previewed', 'failed')
    OR (state = 'importing' AND updated_at < ${now - IMPORT_STALLS_AFTER_MS})))`
}

/** Begins an attempt; returns no row when the import is not free. */
export function beginImport(db: Database, { importId, integrationId, attempt }: Attempt, now: number) {
  return db
    .update(imports)
    .set({ integrationId, state: 'importing', attempt, done: 0, error: null, updatedAt: now })
    .where(and(eq(imports.id, importId), isImportFree(importId, now)))
    .returning({ id: imports.id })
}

/** Returns no row when another attempt has taken over. */
export function recordImportProgress(db: Database, attempt: Attempt, done: number, now: number) {
  return db
    .update(imports)
    .set({ done, updatedAt: now })
    .where(and(eq(imports.id, attempt.importId), isAttemptAlive(attempt)))
    .returning({ id: imports.id })
}

export function finishImport(
  db: Database,
  attempt: Attempt,
  result: { done: number; toolCount: number; skipped: Skipped[] },
  now: number,
) {
  return db
    .update(imports)
    .set({ ...result, state: 'done', updatedAt: now })
    .where(and(eq(imports.id, attempt.importId), isAttemptAlive(attempt)))
    .returning({ id: imports.id })
}

export function failImport(db: Database, attempt: Attempt, error: string, now: number) {
  return db
    .update(imports)
    .set({ state: 'failed', error, updatedAt: now })
    .where(and(eq(imports.id, attempt.importId), isAttemptAlive(attempt)))
}

/** Previews that nobody confirmed. Their documents go first: they are found through these rows. */
export function deleteStalePreviews(db: Database, createdBefore: number) {
  return db.delete(imports).where(and(eq(imports.state, 'previewed'), lt(imports.createdAt, createdBefore)))
}

export function deleteImportsOf(db: Database, integrationId: string) {
  return db.delete(imports).where(eq(imports.integrationId, integrationId))
}
