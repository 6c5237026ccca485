import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

/** A compressed block of a file, server/integrations/packed-bytes.ts. */
export interface DocumentPart {
  file: number
  part: number
  bytes: Uint8Array
}

/** What one statement takes: blocks cross the border to D1 as hexadecimal text, twice as long as they are. */
export const PARTS_BYTES = 600_000

/** `parts` together are at most `PARTS_BYTES`, or a single one of at most 700,000 bytes. */
export function insertDocumentParts(db: Database, importId: string, parts: readonly DocumentPart[]) {
  const rows = parts.map(({ file, part, bytes }) => ({ file, part, hex: hexOf(bytes) }))
  return statement(
    db,
    sql`INSERT INTO documents (import_id, file, part, bytes)
      SELECT ${importId}, value ->> 'file', value ->> 'part', unhex(value ->> 'hex')
      FROM json_each(${JSON.stringify(rows)})`,
  )
}

/** Compressed bytes that one answer of D1 brings, about. */
const READ_BYTES = 600_000

/** The blocks of an import by file, in order. */
export async function readDocuments(db: Database, importId: string): Promise<Uint8Array[][]> {
  const files: Uint8Array[][] = []
  for (let after = { file: -1, part: -1 }; ;) {
    const rows = await db.all<{ file: number; part: number; hex: string; isLast: number }>(sql`
      SELECT file, part, hex(bytes) AS hex, total <= ${READ_BYTES} AS isLast FROM (
        SELECT file, part, bytes, sum(length(bytes)) OVER (ORDER BY file, part) AS before,
          sum(length(bytes)) OVER () AS total FROM documents
        WHERE import_id = ${importId} AND (file, part) > (${after.file}, ${after.part}))
      WHERE before - length(bytes) < ${READ_BYTES} ORDER BY file, part`)
    for (const { file, hex } of rows) (files[file] ??= []).push(Buffer.from(hex, 'hex'))
    const last = rows.at(-1)
    if (last === undefined || last.isLast === 1) return files
    after = last
  }
}

/** The files of an import once more, for another one. */
export function copyDocuments(db: Database, fromImportId: string, toImportId: string) {
  return statement(
    db,
    sql`INSERT INTO documents (import_id, file, part, bytes)
      SELECT ${toImportId}, file, part, bytes FROM documents WHERE import_id = ${fromImportId}`,
  )
}

/** Documents of an integration's other imports, once this one is in force. */
export function deleteOtherDocuments(db: Database, integrationId: string, importId: string) {
  return statement(
    db,
    sql`DELETE FROM documents WHERE import_id <> ${importId}
    AND import_id IN (SELECT id FROM imports WHERE integration_id = ${integrationId})`,
  )
}

export function deleteDocumentsOf(db: Database, integrationId: string) {
  return statement(
    db,
    sql`DELETE FROM documents WHERE import_id IN
    (SELECT id FROM imports WHERE integration_id = ${integrationId})`,
  )
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
