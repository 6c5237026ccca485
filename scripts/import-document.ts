// Imports a document into a local D1 through the functions that the console calls.
import type { Database } from '../server/db/database.ts'
import { createOutbound } from '../server/net/outbound.ts'
import { previewDocument, startImport } from '../server/tools/import.ts'

export async function importDocument(
  db: Database,
  { slug, fileName, bytes }: { slug: string; fileName: string; bytes: Uint8Array },
): Promise<void> {
  const outbound = createOutbound({ allowLocalNetwork: false })
  const by = 'person:script@example.com'
  const preview = await previewDocument({ db, outbound }, { origin: { kind: 'upload', fileName }, chunks: [bytes], by })
  if (!preview.ok) throw new Error(preview.message)
  const baseUrl = preview.preview.servers[0] ?? 'https://api.example.com'
  const started = await startImport({ db, outbound }, { importId: preview.importId, slug, title: slug, baseUrl, by })
  if (!started.ok) throw new Error(started.message)
  await started.work
}
