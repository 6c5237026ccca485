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

/** Those of a revision that have one of the names, at most a few thousand. */
export function readSchemas(
  db: Database,
  { integrationId, revision }: { integrationId: string; revision: number },
  names: readonly string[],
) {
  return db
    .select({ name: schemas.name, body: schemas.body })
    .from(schemas)
    .where(
      and(
        eq(schemas.integrationId, integrationId),
        eq(schemas.revision, revision),
        sql`${schemas.name} IN (SELECT value FROM json_each(${JSON.stringify(names)}))`,
      ),
    )
}

/** The fields of the types that a schema of GraphQL has (server/integrations/graphql/type-row.ts). */
export function listTypeFields(
  db: Database,
  { integrationId, revision }: { integrationId: string; revision: number },
): Promise<{ type: string; field: string }[]> {
  return db.all(sql`
    SELECT substr(name, 6) AS type, key AS field FROM schemas, json_each(body, '$.fields')
    WHERE integration_id = ${integrationId} AND revision = ${revision} AND name LIKE 'type:%' ORDER BY name, key`)
}

/** Where each schema of a revision was found: so many of them, behind the first `offset`. */
export function listSchemaPlaces(
  db: Database,
  { integrationId, revision }: { integrationId: string; revision: number },
  { limit, offset }: { limit: number; offset: number },
) {
  return db
    .select({ name: schemas.name, place: schemas.place })
    .from(schemas)
    .where(and(eq(schemas.integrationId, integrationId), eq(schemas.revision, revision)))
    .orderBy(schemas.name)
    .limit(limit)
    .offset(offset)
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
