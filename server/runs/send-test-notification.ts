import type { Principal } from '../access/principal.ts'
import { findNotification, type NotificationRow, notificationStatements } from '../db/notifications.ts'
import { newId } from '../db/id.ts'
import { type DeliverDeps, deliverNotifications } from './deliver-notifications.ts'

export interface TestWebhookDeps extends DeliverDeps {
  principal: Principal
  /** Of Executor itself. */
  origin: string
}

/** Sends a test at once and returns how it went; null when there is no webhook. */
export async function sendTestNotification(deps: TestWebhookDeps, now = Date.now()): Promise<NotificationRow | null> {
  const { db, principal, origin } = deps
  const id = newId('ntf', now)
  const payload = { link: new URL('/settings/notifications', origin).href, sentBy: principal.id }
  await db.batch(notificationStatements(db, { event: 'test', payload, now, id }))
  await deliverNotifications(deps, { most: 1, id, now })
  return (await findNotification(db, id)) ?? null
}
