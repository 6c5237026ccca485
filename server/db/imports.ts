import { and, desc, eq, inArray, lt, ne, type SQL, sql } from 'drizzle-orm'
import { imports } from '../../drizzle/schema.ts'
import type { DocumentFile, ImportPreview, RevisionChanges, Skipped, Validators } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { refuseUnless, statement } from './statement.ts'

export type ImportRow = typeof imports.$inferSelect
export type NewImportRow = typeof imports.$inferInsert

/** One go at reading an import. */
export interface Attempt {
  importId: string
  integrationId: string
  revision: number
  /** Random: two that begin at the same moment must not take each other for themselves. */
  attempt: number
}

/**
 * Reading that has not moved for this long was killed with its Worker: nobody else writes `updatedAt`, and the longest
 * step, one batch, is far shorter.
 */
export const READING_STALLS_AFTER_MS = 60_000

/** Imports of an integration that are not over yet; there is at most one. */
const OPEN_STATES = ['receiving', 'reading', 'read'] as const

/** True while nobody else reads and nobody has cancelled or removed it. Every statement of the work asks this first. */
export function isAttemptAlive({ importId, attempt }: Attempt): SQL {
  return sql`EXISTS (SELECT 1 FROM imports WHERE id = ${importId} AND state = 'reading' AND attempt = ${attempt})`
}

export function insertImport(db: Database, row: Omit<NewImportRow, 'revision'>) {
  const after = sql<number>`(SELECT coalesce(max(revision), 0) + 1 FROM (SELECT revision FROM imports WHERE
    integration_id = ${row.integrationId} UNION ALL SELECT revision FROM integrations WHERE id = ${row.integrationId}))`
  return db
    .insert(imports)
    .values({ ...row, revision: after })
    .returning({ revision: imports.revision })
}

export function findImport(db: Database, id: string): Promise<ImportRow | undefined> {
  return db.select().from(imports).where(eq(imports.id, id)).get()
}

/** The newest import of an integration that is not over. */
export function findOpenImport(db: Database, integrationId: string): Promise<ImportRow | undefined> {
  return db
    .select()
    .from(imports)
    .where(and(eq(imports.integrationId, integrationId), inArray(imports.state, [...OPEN_STATES])))
    .orderBy(desc(imports.id))
    .get()
}

/** The newest imports that nobody has decided on yet, of new integrations and of known ones. */
export function listOpenImports(db: Database, most: number) {
  const { id, integrationId, origin, state, done, preview, validators, createdAt } = imports
  return db
    .select({ id, integrationId, origin, state, done, preview, validators, createdAt })
    .from(imports)
    .where(inArray(imports.state, [...OPEN_STATES]))
    .orderBy(desc(imports.id))
    .limit(most)
}

/** All bytes are stored: reading may begin. */
export function setReceived(
  db: Database,
  { importId, attempt }: Attempt,
  received: { files: DocumentFile[]; validators: Validators | null; now: number },
) {
  const { files, validators, now } = received
  return db
    .update(imports)
    .set({ state: 'reading', files, validators, attempt, updatedAt: now })
    .where(and(eq(imports.id, importId), eq(imports.state, 'receiving')))
}

/** Begins or goes on with reading; returns no row when somebody else does, or there is nothing to read. */
export function takeReading(db: Database, importId: string, attempt: number, now: number) {
  return db
    .update(imports)
    .set({ attempt, updatedAt: now })
    .where(
      sql`id = ${importId} AND state = 'reading' AND (attempt = 0 OR updated_at < ${now - READING_STALLS_AFTER_MS})`,
    )
    .returning()
}

/** How far reading has come. */
export interface Progress {
  done: number
  preview: ImportPreview | null
  files?: DocumentFile[]
  skipped: Skipped[]
  skippedCount: number
}

/** Returns no row when another attempt has taken over. */
export function recordProgress(db: Database, attempt: Attempt, progress: Progress, now: number) {
  const { done, preview, files, skipped, skippedCount } = progress
  return db
    .update(imports)
    .set({ done, preview, skipped, skippedCount, updatedAt: now, ...(files && { files }) })
    .where(and(eq(imports.id, attempt.importId), isAttemptAlive(attempt)))
    .returning({ id: imports.id })
}

/** Ends an attempt before the end is reached, last in its batch: somebody else may go on. */
export function leaveReading(db: Database, attempt: Attempt) {
  return statement(
    db,
    sql`UPDATE imports SET attempt = 0 WHERE id = ${attempt.importId} AND ${isAttemptAlive(attempt)}`,
  )
}

/** The end is reached. Last in its batch, since it ends the attempt that the others ask for. */
export function finishReading(db: Database, attempt: Attempt, now: number) {
  return statement(
    db,
    sql`UPDATE imports SET state = 'read', attempt = 0, updated_at = ${now}, tool_count =
        (SELECT count(*) FROM tools WHERE integration_id = ${attempt.integrationId} AND revision = ${attempt.revision})
      WHERE id = ${attempt.importId} AND ${isAttemptAlive(attempt)}`,
  )
}

export function failReading(db: Database, attempt: Attempt, error: string, now: number) {
  return db
    .update(imports)
    .set({ state: 'failed', error, attempt: 0, updatedAt: now })
    .where(and(eq(imports.id, attempt.importId), isAttemptAlive(attempt)))
}

/**
 * Documents that nobody could read to the end: whoever tried was killed, again and again. Returns those that were given
 * up now; their rows go next (`discardRows`).
 */
export function giveUpReading(db: Database, begunBefore: number, now: number) {
  const error = 'The document could not be read in time. Nothing of it was kept.'
  return db
    .update(imports)
    .set({ state: 'failed', error, attempt: 0, updatedAt: now })
    .where(and(inArray(imports.state, ['receiving', 'reading']), lt(imports.createdAt, begunBefore)))
    .returning({ id: imports.id })
}

/** Imports that somebody may go on with, the oldest first. */
export async function listUnread(db: Database, now: number, most: number): Promise<string[]> {
  const rows = await db
    .select({ id: imports.id })
    .from(imports)
    .where(sql`state = 'reading' AND (attempt = 0 OR updated_at < ${now - READING_STALLS_AFTER_MS})`)
    .orderBy(imports.createdAt)
    .limit(most)
  return rows.map(({ id }) => id)
}

/** Null: they are to be computed again. */
export function recordChanges(db: Database, importId: string, changes: RevisionChanges | null) {
  return db.update(imports).set({ changes }).where(eq(imports.id, importId))
}

/** What a batch that puts a revision in force begins with: it fails when another was first. */
export function confirmImport(db: Database, importId: string, now: number) {
  return [
    refuseUnless(db, sql`EXISTS (SELECT 1 FROM imports WHERE id = ${importId} AND state = 'read')`),
    db.update(imports).set({ state: 'done', updatedAt: now }).where(eq(imports.id, importId)),
  ] as const
}

/** Ends an import that is not over. Its rows go in the same batch, after it (`discardRows`). */
export function cancelImport(db: Database, importId: string, now: number) {
  return db
    .update(imports)
    .set({ state: 'cancelled', attempt: 0, updatedAt: now })
    .where(and(eq(imports.id, importId), inArray(imports.state, [...OPEN_STATES])))
    .returning({ id: imports.id })
}

/** Ends every other import of an integration that is not over: this one takes their place. */
export function cancelOpenImports(db: Database, integrationId: string, except: string, now: number) {
  return db
    .update(imports)
    .set({ state: 'cancelled', attempt: 0, updatedAt: now })
    .where(
      and(eq(imports.integrationId, integrationId), ne(imports.id, except), inArray(imports.state, [...OPEN_STATES])),
    )
}

/** What imports that led nowhere have left: tools and schemas of their revisions, and the bytes of their files. */
export function discardRows(db: Database) {
  const isOver = sql`state IN ('cancelled', 'failed')`
  const over = sql`(SELECT integration_id, revision FROM imports WHERE ${isOver})`
  return [
    statement(db, sql`DELETE FROM tools WHERE (integration_id, revision) IN ${over}`),
    statement(db, sql`DELETE FROM schemas WHERE (integration_id, revision) IN ${over}`),
    statement(db, sql`DELETE FROM documents WHERE import_id IN (SELECT id FROM imports WHERE ${isOver})`),
  ] as const
}

/** Imports of which nothing became, that nobody has looked at for long. */
export function abandonStaleImports(db: Database, before: number, now: number) {
  return [
    db
      .update(imports)
      .set({ state: 'cancelled', attempt: 0, updatedAt: now })
      .where(
        sql`state IN ('receiving', 'reading', 'read') AND created_at < ${before} AND updated_at < ${before}
          AND integration_id NOT IN (SELECT id FROM integrations)`,
      ),
    ...discardRows(db),
    statement(
      db,
      sql`DELETE FROM imports WHERE state IN ('failed', 'cancelled') AND updated_at < ${before}
        AND integration_id NOT IN (SELECT id FROM integrations)`,
    ),
  ] as const
}

/** As if an import had not begun; what it had stored goes with it. */
export function withdrawImport(db: Database, importId: string) {
  return [
    statement(db, sql`UPDATE imports SET state = 'cancelled', attempt = 0 WHERE id = ${importId}`),
    ...discardRows(db),
    statement(db, sql`DELETE FROM imports WHERE id = ${importId}`),
  ] as const
}

/** Imports of an integration other than the one in force. */
export function deleteOtherImports(db: Database, integrationId: string, importId: string) {
  return db.delete(imports).where(and(eq(imports.integrationId, integrationId), ne(imports.id, importId)))
}

export function deleteImportsOf(db: Database, integrationId: string) {
  return db.delete(imports).where(eq(imports.integrationId, integrationId))
}
