import { prepareRevocation, type RevokeDeps } from '../connections/oauth/revoke.ts'
import { deleteConnectionsOf, listConnections } from '../db/connections.ts'
import { deleteDocumentsOf } from '../db/documents.ts'
import { deleteImportsOf } from '../db/imports.ts'
import { deleteIntegration, findIntegration } from '../db/integrations.ts'
import { deleteSchemasOf } from '../db/schemas.ts'
import { deleteOAuthOf } from '../db/sealed.ts'
import { deleteRetiredTools, deleteToolsOf } from '../db/tools.ts'
import { unindexTools } from '../db/tools-index.ts'
import { auditRemoval } from './audit-integration.ts'

/**
 * Removes an integration with its tools, documents and connections (and so their secrets), all or nothing. Policies
 * stay: they are about addresses, and what takes this one later is as blocked as it was. Running imports of it end, and
 * tokens are given back where their servers take them.
 */
export async function removeIntegration(deps: RevokeDeps, integrationId: string, by: string): Promise<void> {
  const { db } = deps
  const [was, lost] = await Promise.all([findIntegration(db, integrationId), listConnections(db, { integrationId })])
  if (!was) return
  const revocations = await Promise.all(lost.map((connection) => prepareRevocation(deps, connection)))
  await db.batch([
    auditRemoval(db, was, { by, at: Date.now(), connections: lost.map(({ slug }) => slug) }),
    unindexTools(db, integrationId),
    deleteToolsOf(db, integrationId),
    deleteRetiredTools(db, integrationId),
    deleteSchemasOf(db, integrationId),
    deleteConnectionsOf(db, integrationId),
    ...deleteOAuthOf(db, integrationId),
    deleteDocumentsOf(db, integrationId),
    deleteImportsOf(db, integrationId),
    deleteIntegration(db, integrationId),
  ])
  await Promise.all(revocations.map((revoke) => revoke()))
}
