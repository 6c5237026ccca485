import { asc, eq, inArray, sql } from 'drizzle-orm'
import { imports, integrations } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { type Attempt, type ImportRow, isAttemptAlive } from './imports.ts'

export type IntegrationRow = typeof integrations.$inferSelect
export type NewIntegrationRow = typeof integrations.$inferInsert

/** Every integration, those included whose first import has not succeeded (`revision` 0). */
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

export async function listSlugs(db: Database): Promise<string[]> {
  const rows = await db.select({ slug: integrations.slug }).from(integrations)
  return rows.map((row) => row.slug)
}

/** An import, the integration it began with earlier, and whoever has the slug: one round trip. */
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

/** Takes back what `insertIntegration` added in the same batch, when the import was not free. */
export function deleteOrphanIntegration(db: Database, attempt: Attempt) {
  return db.delete(integrations).where(sql`id = ${attempt.integrationId} AND NOT ${isAttemptAlive(attempt)}`)
}

/** Another name for an integration that nobody has seen working yet. */
export function retitleIntegration(db: Database, attempt: Attempt, row: IntegrationRow) {
  const { slug, title, baseUrl, updatedAt } = row
  return db
    .update(integrations)
    .set({ slug, title, baseUrl, updatedAt })
    .where(sql`id = ${row.id} AND revision = 0 AND ${isAttemptAlive(attempt)}`)
}

export function updateIntegration(
  db: Database,
  id: string,
  patch: Partial<Pick<IntegrationRow, 'title' | 'description' | 'baseUrl' | 'authMethods' | 'updatedAt'>>,
) {
  return db.update(integrations).set(patch).where(eq(integrations.id, id))
}

/** Puts a finished import in force. What a document says of itself follows the document; the rest is an admin's. */
export function setRevisionInForce(
  db: Database,
  attempt: Attempt,
  now: number,
  about: Pick<IntegrationRow, 'description' | 'version' | 'authMethods'>,
) {
  return db
    .update(integrations)
    .set({
      ...about,
      revision: attempt.revision,
      toolCount: sql`(SELECT count(*) FROM tools WHERE integration_id = ${attempt.integrationId}
                      AND revision = ${attempt.revision})`,
      importId: attempt.importId,
      updatedAt: now,
    })
    .where(sql`id = ${attempt.integrationId} AND ${isAttemptAlive(attempt)}`)
}

export function deleteIntegration(db: Database, id: string) {
  return db.delete(integrations).where(eq(integrations.id, id))
}
