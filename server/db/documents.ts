import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { statement } from './statement.ts'

/**
 * Bytes of one part. Parts cross the border to D1 as hexadecimal text, twice as long and still under what a value may
 * weigh; as bytes they would cross as JSON arrays of numbers, at many times their size in memory.
 */
export const DOCUMENT_PART_BYTES = 700_000

export function insertDocumentPart(db: Database, importId: string, part: number, bytes: Uint8Array) {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return statement(db, sql`INSERT INTO documents (import_id, part, bytes) VALUES (${importId}, ${part}, unhex(${hex}))`)
}

/** The compressed parts of an import's document, in order. */
export async function readDocument(db: Database, importId: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const rows = await db.all<{ hex: string }>(
    sql`SELECT hex(bytes) AS hex FROM documents WHERE import_id = ${importId} ORDER BY part`,
  )
  return rows.map(({ hex }) => Uint8Array.from(Buffer.from(hex, 'hex')))
}

export function deleteStalePreviewDocuments(db: Database, createdBefore: number) {
  return statement(
    db,
    sql`DELETE FROM documents WHERE import_id IN
    (SELECT id FROM imports WHERE state = 'previewed' AND created_at < ${createdBefore})`,
  )
}

/** Documents of an integration's other imports, once this one is in force. */
export function deleteEarlierDocuments(db: Database, attempt: Attempt) {
  return statement(
    db,
    sql`DELETE FROM documents WHERE import_id <> ${attempt.importId}
    AND import_id IN (SELECT id FROM imports WHERE integration_id = ${attempt.integrationId})
    AND ${isAttemptAlive(attempt)}`,
  )
}

export function deleteDocumentsOf(db: Database, integrationId: string) {
  return statement(
    db,
    sql`DELETE FROM documents WHERE import_id IN
    (SELECT id FROM imports WHERE integration_id = ${integrationId})`,
  )
}
