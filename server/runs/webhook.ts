// Where notifications go and how they are signed. The address is sealed together with the signing secret: whoever knows
// the address of a Slack webhook can post to its channel. What is shown of it is its host.
import type { Vault } from '../connections/seal.ts'
import type { Database } from '../db/database.ts'
import { findWebhookSetting, type SettingRow, WEBHOOK_SETTING } from '../db/webhook-setting.ts'

export type WebhookFormat = 'json' | 'slack'

/** What is stored and may be shown; `sealed` holds a `WebhookSecrets`. */
export interface StoredWebhook {
  /** Of the address: `https://hooks.example.com`. */
  host: string
  format: WebhookFormat
  /** When the address or the format was last set: what failed before says nothing of the present one. */
  since: number
  sealed: string
}

export interface WebhookSecrets {
  url: string
  /** `whsec_…` */
  secret: string
  /** The secret before, which also signs until `previousUntil`, so that a receiver has time to learn the new one. */
  previous?: string
  previousUntil?: number
}

/** `sealed`: it does not open, as the key of this deployment is another one now. */
export type OpenedWebhook =
  | { ok: true; stored: StoredWebhook; secrets: WebhookSecrets }
  | { ok: false; reason: 'none' }
  | { ok: false; reason: 'sealed'; stored: StoredWebhook }

/** What the webhook's secrets are bound to: they open in this row and nowhere else. */
export const WEBHOOK_PLACE = { table: 'settings', row: WEBHOOK_SETTING, owner: 'org' }

/** The webhook as it may be shown; null when there is none. */
export async function describeWebhook(
  db: Database,
): Promise<(Pick<StoredWebhook, 'host' | 'format'> & Pick<SettingRow, 'updatedAt' | 'updatedBy'>) | null> {
  const row = await findWebhookSetting(db)
  const stored = storedIn(row)
  if (!row || !stored) return null
  return { host: stored.host, format: stored.format, updatedAt: row.updatedAt, updatedBy: row.updatedBy }
}

export async function openWebhook({ db, vault }: { db: Database; vault: Vault }): Promise<OpenedWebhook> {
  const stored = storedIn(await findWebhookSetting(db))
  if (!stored) return { ok: false, reason: 'none' }
  const opened = await vault.open(stored.sealed, WEBHOOK_PLACE)
  const secrets = opened.ok ? secretsIn(opened.value) : null
  return secrets ? { ok: true, stored, secrets } : { ok: false, reason: 'sealed', stored }
}

/** The secrets that a message is signed with at `now`, the current one first. */
export function signingSecrets({ secret, previous, previousUntil = 0 }: WebhookSecrets, now: number): string[] {
  return previous !== undefined && now < previousUntil ? [secret, previous] : [secret]
}

export function isFormat(value: unknown): value is WebhookFormat {
  return value === 'json' || value === 'slack'
}

function storedIn(row: SettingRow | undefined): StoredWebhook | null {
  const { host, format, since, sealed } = membersOf(row?.value)
  if (typeof host !== 'string' || !isFormat(format) || typeof sealed !== 'string') return null
  return { host, format, sealed, since: typeof since === 'number' ? since : 0 }
}

function secretsIn(value: Record<string, unknown>): WebhookSecrets | null {
  const { url, secret, previous, previousUntil } = value
  if (typeof url !== 'string' || typeof secret !== 'string') return null
  const hasPrevious = typeof previous === 'string' && typeof previousUntil === 'number'
  return { url, secret, ...(hasPrevious && { previous, previousUntil }) }
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
