// The body of a notification, in the format that the webhook's receiver reads. docs/notifications.md promises it.
import type { NotificationRow } from '../db/notifications.ts'
import { slackMessage } from './slack-message.ts'
import type { WebhookFormat } from './webhook.ts'

/** JSON text. */
export function webhookBody(
  { event, payload, createdAt }: Pick<NotificationRow, 'event' | 'payload' | 'createdAt'>,
  format: WebhookFormat,
): string {
  if (format === 'slack') return JSON.stringify(slackMessage({ event, payload }))
  const { expiresAt } = payload
  return JSON.stringify({
    type: event,
    timestamp: isoTime(createdAt),
    data: typeof expiresAt === 'number' ? { ...payload, expiresAt: isoTime(expiresAt) } : payload,
  })
}

function isoTime(at: number): string {
  return new Date(at).toISOString()
}
