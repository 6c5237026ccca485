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
  await db.batch([updateIntegration(db, was.id, { ...will, updatedAt: at }), ...auditEdit(db, was, will, { by, at })])
}
