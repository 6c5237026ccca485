import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { statement } from './statement.ts'

/** `rows` is a JSON array of `{ name, body }` that fits a parameter. A name that comes twice keeps its first body. */
export function insertSchemas(db: Database, attempt: Attempt, rows: string) {
  return statement(
    db,
    sql`
    INSERT OR IGNORE INTO schemas (integration_id, revision, name, body)
    SELECT ${attempt.integrationId}, ${attempt.revision}, value ->> 'name', value -> 'body'
    FROM json_each(${rows}) WHERE ${isAttemptAlive(attempt)}`,
  )
}

/** Every revision but the one that this attempt puts in force, or (`failed`) just that one. */
export function deleteSchemaRevisions(db: Database, attempt: Attempt, which: 'earlier' | 'failed') {
  return statement(
    db,
    sql`DELETE FROM schemas WHERE integration_id = ${attempt.integrationId}
    AND revision ${which === 'earlier' ? sql`<>` : sql`=`} ${attempt.revision} AND ${isAttemptAlive(attempt)}`,
  )
}

export function deleteSchemasOf(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM schemas WHERE integration_id = ${integrationId}`)
}
