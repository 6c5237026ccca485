// Stores how a connection is, and tells the webhook when it stops working: once, and not again while it stays so.
import { sql } from 'drizzle-orm'
import { connections } from '../../drizzle/schema.ts'
import { type ConnectionRow, recordConnectionHealth } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { findIntegration } from '../db/integrations.ts'
import { notificationStatements } from '../db/notifications.ts'

export type CheckedHealth = Pick<ConnectionRow, 'health' | 'healthReason'> & { checkedAt: number }

export interface RecordHealthDeps {
  db: Database
  /** Of Executor itself, for the link to the connection. Without it nobody is told. */
  origin?: string
}

export async function recordHealth(
  { db, origin }: RecordHealthDeps,
  connection: Pick<ConnectionRow, 'id' | 'integrationId' | 'slug' | 'owner'>,
  checked: CheckedHealth,
): Promise<void> {
  const stored = recordConnectionHealth(db, connection.id, checked)
  if (checked.health !== 'failing' || origin === undefined) {
    await stored
    return
  }
  const { id, integrationId, slug, owner } = connection
  const integration = await findIntegration(db, integrationId)
  const payload = {
    connectionId: id,
    address: `${integration?.slug ?? ''}@${slug}`,
    owner,
    reason: checked.healthReason ?? '',
    link: new URL(`/connections/${id}`, origin).href,
  }
  // Asked of the row before it is changed, in the same batch: of two tests at once only one tells.
  const hasWorked = sql`EXISTS (SELECT 1 FROM ${connections} WHERE id = ${id} AND health <> 'failing')`
  await db.batch([
    ...notificationStatements(db, { event: 'connection.failing', payload, now: checked.checkedAt }, hasWorked),
    stored,
  ])
}
