// Imports a document into a local D1 through the functions that the console calls.
import type { Database } from '../server/db/database.ts'
import { createOutbound } from '../server/net/outbound.ts'
import { findImport } from '../server/db/imports.ts'
import { beginImport } from '../server/tools/imports/begin.ts'
import { addIntegration } from '../server/tools/imports/confirm.ts'
import { readImport } from '../server/tools/imports/read.ts'

export async function importDocument(
  db: Database,
  { slug, fileName, bytes }: { slug: string; fileName: string; bytes: Uint8Array },
): Promise<void> {
  const outbound = createOutbound({ allowLocalNetwork: false })
  const by = 'person:script@example.com'
  const origin = { kind: 'upload', fileName } as const
  const begun = await beginImport({ db, outbound }, { origin, files: [{ chunks: [bytes] }], by })
  if (!begun.ok) throw new Error(begun.message)
  const { importId } = begun
  while ((await readImport({ db, outbound }, importId)) === 'left');
  const row = await findImport(db, importId)
  if (row?.state !== 'read') throw new Error(row?.error ?? 'The import is gone.')
  const baseUrl = row.preview?.servers[0]?.url.replaceAll(/[{}]/g, '') ?? 'https://api.example.com'
  const added = await addIntegration({ db }, { importId, slug, title: slug, baseUrl, by })
  if (!added.ok) throw new Error(added.message)
}
