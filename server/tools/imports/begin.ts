// An import as it is begun by a person: the bytes come in, and reading has a few seconds of the request that brought
// them. Small documents are read by then; for large ones the page shows how far reading is, and each look at it, and
// cron, goes on.
import { copyDocuments } from '../../db/documents.ts'
import { newId } from '../../db/id.ts'
import { cancelOpenImports, findImport, insertImport, withdrawImport } from '../../db/imports.ts'
import type { IntegrationRow } from '../../db/integrations.ts'
import { readImport } from './read.ts'
import { type GivenDocuments, type ImportDeps, receiveDocuments } from './receive.ts'

/** How long the answer to the request waits for reading to end. */
const ANSWER_WITHIN_MS = 4_000

export type Begun = { ok: true; importId: string; isRead: boolean } | { ok: false; code: string; message: string }

/** A document that cannot be read leaves nothing behind when that shows at once. */
export async function beginImport(deps: ImportDeps, given: GivenDocuments): Promise<Begun> {
  const receipt = await receiveDocuments(deps, given)
  if (!receipt.ok) return receipt
  const { importId } = receipt.received.attempt
  const result = await readImport(deps, importId, { forMs: ANSWER_WITHIN_MS, received: receipt.received })
  if (typeof result === 'object') {
    await deps.db.batch([...withdrawImport(deps.db, importId)])
    return { ok: false, code: 'unreadable', message: result.failed }
  }
  return { ok: true, importId, isRead: result === 'read' }
}

/** The documents in force once more, to choose other operations of them; null when they are not there. */
export async function beginAgain(
  deps: ImportDeps,
  integration: IntegrationRow,
  by: string,
): Promise<{ importId: string } | null> {
  const { db } = deps
  const before = integration.importId === null ? undefined : await findImport(db, integration.importId)
  if (before === undefined || before.files.length === 0) return null
  const now = Date.now()
  const { id: integrationId, origin } = integration
  const id = newId('imp')
  await db.batch([
    insertImport(db, {
      id,
      integrationId,
      origin,
      state: 'reading',
      files: before.files,
      validators: before.validators,
      createdBy: by,
      createdAt: now,
      updatedAt: now,
    }),
    cancelOpenImports(db, integrationId, id, now),
    copyDocuments(db, before.id, id),
  ])
  await readImport(deps, id, { forMs: ANSWER_WITHIN_MS })
  return { importId: id }
}
