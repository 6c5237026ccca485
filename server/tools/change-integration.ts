import type { Database } from '../db/database.ts'
import { type IntegrationRow, updateIntegration } from '../db/integrations.ts'
import { auditEdit } from './audit-integration.ts'

/** Stores what an admin has changed, with the record of it. */
export async function changeIntegration(
  { db }: { db: Database },
  was: IntegrationRow,
  will: Pick<IntegrationRow, 'title' | 'baseUrl'>,
  by: string,
): Promise<void> {
  const at = Date.now()
  // Where tools go beside the base URL stays as it was confirmed.
  const origins = [new URL(will.baseUrl).origin, ...was.origins.slice(1)]
  await db.batch([
    updateIntegration(db, was.id, { ...will, origins: [...new Set(origins)], updatedAt: at }),
    ...auditEdit(db, was, will, { by, at }),
  ])
}
