import { and, asc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { imports, integrations } from '../../drizzle/schema.ts'
import type { Validators } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import type { ImportRow } from './imports.ts'

export type IntegrationRow = typeof integrations.$inferSelect
export type NewIntegrationRow = typeof integrations.$inferInsert

export function listIntegrations(db: Database): Promise<IntegrationRow[]> {
  return db.select().from(integrations).orderBy(asc(integrations.slug))
}

export function findIntegration(db: Database, id: string): Promise<IntegrationRow | undefined> {
  return db.select().from(integrations).where(eq(integrations.id, id)).get()
}

export function findIntegrationBySlug(db: Database, slug: string): Promise<IntegrationRow | undefined> {
  return db.select().from(integrations).where(eq(integrations.slug, slug)).get()
}

export function insertIntegration(db: Database, row: NewIntegrationRow) {
  return db.insert(integrations).values(row)
}

export function listSlugs(db: Database) {
  return db.select({ slug: integrations.slug }).from(integrations)
}

/** An import, the integration that it is of, if there is one yet, and whoever has the slug: one round trip. */
export async function findIntegrationForImport(
  db: Database,
  importId: string,
  slug: string,
): Promise<{ row?: ImportRow; known?: IntegrationRow; slugOwner?: IntegrationRow }> {
  const own = db.select({ id: imports.integrationId }).from(imports).where(eq(imports.id, importId))
  const [[row], [known], [slugOwner]] = await db.batch([
    db.select().from(imports).where(eq(imports.id, importId)),
    db.select().from(integrations).where(inArray(integrations.id, own)),
    db.select().from(integrations).where(eq(integrations.slug, slug)),
  ])
  return { row, known, slugOwner }
}

export function updateIntegration(
  db: Database,
  id: string,
  patch: Partial<Pick<IntegrationRow, 'title' | 'description' | 'baseUrl' | 'origins' | 'authMethods' | 'updatedAt'>>,
) {
  return db.update(integrations).set(patch).where(eq(integrations.id, id))
}

/** The ways to sign in, where the row is still as it was read; `onlyIf` says what else must hold. */
export function replaceAuthMethods(
  db: Database,
  was: Pick<IntegrationRow, 'id' | 'updatedAt'>,
  { authMethods, updatedAt, onlyIf }: Pick<IntegrationRow, 'authMethods' | 'updatedAt'> & { onlyIf?: SQL },
) {
  return db
    .update(integrations)
    .set({ authMethods, updatedAt })
    .where(and(eq(integrations.id, was.id), eq(integrations.updatedAt, was.updatedAt), onlyIf))
    .returning({ id: integrations.id })
}

/** Puts a revision in force. What a document says of itself follows the document; the rest is an admin's. */
export function setRevisionInForce(
  db: Database,
  {
    id,
    revision,
    ...about
  }: Pick<IntegrationRow, 'id' | 'revision' | 'importId' | 'origin' | 'origins' | 'validators'> &
    Pick<IntegrationRow, 'description' | 'version' | 'authMethods' | 'updatedAt'>,
) {
  return db
    .update(integrations)
    .set({
      ...about,
      revision,
      checkedAt: about.updatedAt,
      checkError: null,
      toolCount: sql`(SELECT count(*) FROM tools WHERE integration_id = ${id} AND revision = ${revision} AND is_chosen)`,
    })
    .where(eq(integrations.id, id))
}

/** When its document was asked for, and what came of it. */
export function recordCheck(
  db: Database,
  id: string,
  check: { at: number; error: string | null; validators?: Validators | null },
) {
  const { at, error, validators } = check
  return db
    .update(integrations)
    .set({ checkedAt: at, checkError: error, ...(validators !== undefined && { validators }) })
    .where(eq(integrations.id, id))
}

/** Its document is asked for again by the next cron, unless that was done since `before`. */
export function markDueForRefresh(db: Database, id: string, before: number) {
  return db
    .update(integrations)
    .set({ checkedAt: null })
    .where(and(eq(integrations.id, id), lt(integrations.checkedAt, before)))
}

/** Claims integrations whose documents are to be asked for again; nobody else gets the same ones. */
export function claimDueForRefresh(db: Database, { before, now, most }: { before: number; now: number; most: number }) {
  return db
    .update(integrations)
    .set({ checkedAt: now })
    .where(
      sql`id IN (SELECT id FROM integrations WHERE origin ->> 'kind' IN ('url', 'bundle', 'endpoint')
        AND revision > 0 AND coalesce(checked_at, 0) < ${before} ORDER BY checked_at LIMIT ${most})`,
    )
    .returning()
}

export function deleteIntegration(db: Database, id: string) {
  return db.delete(integrations).where(eq(integrations.id, id))
}
