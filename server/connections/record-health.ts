// Stores how a connection is, and tells the webhook when it stops working: once, and not again while it stays so. That
// somebody has to sign in again is told of one that was failing too.
import { type SQL, sql } from 'drizzle-orm'
import { connections, notifications } from '../../drizzle/schema.ts'
import { type ConnectionRow, recordConnectionHealth } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { findIntegration } from '../db/integrations.ts'
import { notificationStatements } from '../db/notifications.ts'
import { statement } from '../db/statement.ts'
import type { Health } from './probe.ts'

export type CheckedHealth = Health & { checkedAt: number }

export interface RecordHealthDeps {
  db: Database
  /** Of Executor itself, for the link to the connection. Without it nobody is told. */
  origin?: string
}

type Statement = Parameters<Database['batch']>[0][number]

export interface Alongside {
  /** Nothing is stored, and nobody told, unless it holds. */
  onlyIf?: SQL
  /** Goes last in the same batch. */
  alongside?: readonly Statement[]
}

export async function recordHealth(
  { db, origin }: RecordHealthDeps,
  connection: Pick<ConnectionRow, 'id' | 'integrationId' | 'slug' | 'owner'>,
  checked: CheckedHealth,
  { onlyIf = sql`TRUE`, alongside = [] }: Alongside = {},
): Promise<void> {
  const stored = recordConnectionHealth(db, connection.id, checked, onlyIf)
  if (!isBroken(checked) || origin === undefined) {
    await db.batch([stored, ...alongside])
    return
  }
  const integration = await findIntegration(db, connection.integrationId)
  const address = `${integration?.slug ?? ''}@${connection.slug}`
  // Asked of the row before it is changed, in the same batch: of two tests at once only one tells.
  await db.batch([...tell(db, origin, { ...connection, address }, checked, onlyIf), stored, ...alongside])
}

const QUIET_MS = 3_600_000

/**
 * For a batch: what a call showed of the connection that it went through, unless something else has come to be known of
 * it since. A call that is refused again and again between others that are not is told of once an hour.
 */
export function usedHealthStatements(
  { db, origin }: { db: Database; origin: string },
  used: Pick<ConnectionRow, 'id' | 'owner' | 'health' | 'updatedAt'> & {
    /** As people see it: `github@work`. */
    address: string
  },
  checked: CheckedHealth,
): ReturnType<typeof statement>[] {
  const { id, health, updatedAt } = used
  const isAsSeen = sql`id = ${id} AND health = ${health} AND updated_at = ${updatedAt}`
  const stored = statement(
    db,
    sql`UPDATE ${connections} SET health = ${checked.health}, health_reason = ${checked.healthReason},
      checked_at = ${checked.checkedAt} WHERE ${isAsSeen}`,
  )
  if (!isBroken(checked)) return [stored]
  const isQuiet = sql`NOT EXISTS (SELECT 1 FROM ${notifications} WHERE event = 'connection.failing'
    AND created_at > ${checked.checkedAt - QUIET_MS} AND json_extract(payload, '$.connectionId') = ${id})`
  return [
    ...tell(db, origin, used, checked, sql`EXISTS (SELECT 1 FROM ${connections} WHERE ${isAsSeen}) AND ${isQuiet}`),
    stored,
  ]
}

function isBroken({ health }: Health): boolean {
  return health === 'failing' || health === 'needs_sign_in'
}

function tell(
  db: Database,
  origin: string,
  { id, owner, address }: Pick<ConnectionRow, 'id' | 'owner'> & { address: string },
  { health, healthReason, checkedAt: now }: CheckedHealth,
  onlyIf: SQL,
) {
  const link = new URL(`/connections/${id}`, origin).href
  const payload = { connectionId: id, address, owner, reason: healthReason ?? '', link }
  const isNews = sql`EXISTS (SELECT 1 FROM ${connections}
    WHERE id = ${id} AND health <> 'needs_sign_in' AND health <> ${health}) AND ${onlyIf}`
  return notificationStatements(db, { event: 'connection.failing', payload, now }, isNews)
}
