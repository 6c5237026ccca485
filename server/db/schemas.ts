import { and, eq, sql } from 'drizzle-orm'
import { schemas } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { statement } from './statement.ts'

/** `rows` is a JSON array of `{ name, place, body }` that fits a parameter. A name that comes twice keeps its first body. */
export function insertSchemas(db: Database, attempt: Attempt, rows: string) {
  return statement(
    db,
    sql`
    INSERT OR IGNORE INTO schemas (integration_id, revision, name, place, body)
    SELECT ${attempt.integrationId}, ${attempt.revision}, value ->> 'name', value ->> 'place', value -> 'body'
    FROM json_each(${rows}) WHERE ${isAttemptAlive(attempt)}`,
  )
}

/** Where each schema of a revision was found. */
export function listSchemaPlaces(
  db: Database,
  { integrationId, revision }: { integrationId: string; revision: number },
) {
  return db
    .select({ name: schemas.name, place: schemas.place })
    .from(schemas)
    .where(and(eq(schemas.integrationId, integrationId), eq(schemas.revision, revision)))
}

/** Every revision before one, when it is put in force. */
export function deleteEarlierSchemas(
  db: Database,
  { integrationId, revision }: { integrationId: string; revision: number },
) {
  return statement(db, sql`DELETE FROM schemas WHERE integration_id = ${integrationId} AND revision < ${revision}`)
}

export function deleteSchemasOf(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM schemas WHERE integration_id = ${integrationId}`)
}
