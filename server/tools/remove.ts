import type { Database } from '../db/database.ts'
import { deleteConnectionsOf } from '../db/connections.ts'
import { deleteDocumentsOf } from '../db/documents.ts'
import { deleteImportsOf } from '../db/imports.ts'
import { deleteIntegration } from '../db/integrations.ts'
import { deleteSchemasOf } from '../db/schemas.ts'
import { deleteToolsOf } from '../db/tools.ts'
import { unindexTools } from '../db/tools-index.ts'

/**
 * Removes an integration with its tools, documents and connections (and so their secrets), all or nothing. Policies
 * stay: they are about addresses, and what takes this one later is as blocked as it was. Running imports of it end.
 */
export async function removeIntegration({ db }: { db: Database }, integrationId: string): Promise<void> {
  await db.batch([
    unindexTools(db, integrationId),
    deleteToolsOf(db, integrationId),
    deleteSchemasOf(db, integrationId),
    deleteConnectionsOf(db, integrationId),
    deleteDocumentsOf(db, integrationId),
    deleteImportsOf(db, integrationId),
    deleteIntegration(db, integrationId),
  ])
}
