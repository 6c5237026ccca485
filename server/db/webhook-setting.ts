// The one row of `settings` that says where notifications go. server/runs/webhook.ts knows what its value means.
import { eq, sql } from 'drizzle-orm'
import { settings } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

export type SettingRow = typeof settings.$inferSelect

/** Without this row nothing is stored to be sent, and nothing is sent. */
export const WEBHOOK_SETTING = 'webhook'

export function findWebhookSetting(db: Database): Promise<SettingRow | undefined> {
  return db.select().from(settings).where(eq(settings.name, WEBHOOK_SETTING)).get()
}

export function putWebhookSetting(db: Database, row: Omit<SettingRow, 'name'>) {
  return db
    .insert(settings)
    .values({ name: WEBHOOK_SETTING, ...row })
    .onConflictDoUpdate({ target: settings.name, set: row })
}

export function deleteWebhookSetting(db: Database) {
  return db.delete(settings).where(eq(settings.name, WEBHOOK_SETTING))
}

/** Whether there is a webhook, asked in SQL. */
export const hasWebhook = sql`EXISTS (SELECT 1 FROM ${settings} WHERE name = ${WEBHOOK_SETTING})`
