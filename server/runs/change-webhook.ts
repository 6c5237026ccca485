// Setting up, changing and removing the webhook: each in one batch with its audit record and with what it means for the
// notifications that wait. A new signing secret is in the answer, and never again anywhere.
import type { Principal } from '../access/principal.ts'
import type { Vault } from '../connections/seal.ts'
import { auditStatement } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { deletePendingNotifications, makePendingNotificationsDue } from '../db/notifications.ts'
import { deleteWebhookSetting, putWebhookSetting } from '../db/webhook-setting.ts'
import { admit, parseTarget } from '../net/admit.ts'
import { isLoopbackAddress } from '../net/address.ts'
import { OutboundError } from '../net/outbound-error.ts'
import { newSigningSecret } from './sign-webhook.ts'
import { isFormat, openWebhook, type StoredWebhook, WEBHOOK_PLACE, type WebhookSecrets } from './webhook.ts'

export interface ChangeWebhookDeps {
  db: Database
  vault: Vault
  /** An admin; the caller has asked. */
  principal: Principal
  /** As for `createOutbound`. */
  allowLocalNetwork: boolean
}

/** `secret`: the new one, when there is a new one. */
export type WebhookChanged =
  | { ok: true; secret: string | null }
  | { ok: false; field: 'url' | 'format'; message: string }

/** The secret that was renewed goes on signing this long, beside the new one. */
export const OVERLAP_MS = 24 * 60 * 60 * 1000
const MOST_URL = 2000

/**
 * Sets the webhook up, or changes it; an empty address leaves the one there is. Another host gets another secret, so
 * that the receiver before cannot sign for this one.
 */
export async function saveWebhook(
  deps: ChangeWebhookDeps,
  input: { url: string; format: string },
  now = Date.now(),
): Promise<WebhookChanged> {
  if (!isFormat(input.format)) return { ok: false, field: 'format', message: 'Choose what its receiver understands.' }
  const before = await openWebhook(deps)
  if (input.url === '' && !before.ok) {
    return { ok: false, field: 'url', message: 'Enter the address that notifications are sent to.' }
  }
  const address = input.url === '' && before.ok ? before.secrets.url : input.url
  const parsed = await parseWebhookUrl(address, deps.allowLocalNetwork)
  if (!parsed.ok) return { ok: false, field: 'url', message: parsed.message }
  const { url } = parsed
  const isSameHost = before.ok && before.stored.host === url.origin
  const secrets = isSameHost ? { ...before.secrets, url: url.href } : { url: url.href, secret: newSigningSecret() }
  const change = before.ok || before.reason === 'sealed' ? 'changed' : 'set up'
  await store(deps, { host: url.origin, format: input.format, since: now, secrets, change }, now, [
    makePendingNotificationsDue(deps.db, now),
  ])
  return { ok: true, secret: isSameHost ? null : secrets.secret }
}

/** A new signing secret. The one before goes on signing for a day. */
export async function renewWebhookSecret(deps: ChangeWebhookDeps, now = Date.now()): Promise<WebhookChanged> {
  const before = await openWebhook(deps)
  if (!before.ok) return { ok: false, field: 'url', message: 'Save the webhook with its address first.' }
  const { host, format, since } = before.stored
  const { url, secret: previous } = before.secrets
  const secrets = { url, secret: newSigningSecret(), previous, previousUntil: now + OVERLAP_MS }
  await store(deps, { host, format, since, secrets, change: 'secret renewed' }, now)
  return { ok: true, secret: secrets.secret }
}

/** Forgets the address and the secret, and drops what was not delivered yet. */
export async function removeWebhook({ db, principal }: ChangeWebhookDeps, now = Date.now()): Promise<void> {
  await db.batch([
    deleteWebhookSetting(db),
    deletePendingNotifications(db),
    auditStatement(db, {
      at: now,
      actor: principal.id,
      action: 'webhook.changed',
      subject: 'webhook',
      details: { change: 'removed' },
    }),
  ])
}

interface Change extends Omit<StoredWebhook, 'sealed'> {
  secrets: WebhookSecrets
  change: string
}

async function store(
  { db, vault, principal }: ChangeWebhookDeps,
  change: Change,
  now: number,
  also: ReturnType<typeof makePendingNotificationsDue>[] = [],
): Promise<void> {
  const { host, format, since, secrets } = change
  const sealed = await vault.seal({ ...secrets }, WEBHOOK_PLACE)
  await db.batch([
    putWebhookSetting(db, { value: { host, format, since, sealed }, updatedBy: principal.id, updatedAt: now }),
    ...also,
    auditStatement(db, {
      at: now,
      actor: principal.id,
      action: 'webhook.changed',
      subject: 'webhook',
      details: { change: change.change, host, format },
    }),
  ])
}

type ParsedUrl = { ok: true; url: URL } | { ok: false; message: string }

/** What server/net would refuse is refused here already, except what only a lookup of the name shows. */
async function parseWebhookUrl(text: string, allowLocalNetwork: boolean): Promise<ParsedUrl> {
  if (text.length > MOST_URL) return { ok: false, message: `An address has at most ${MOST_URL} characters.` }
  try {
    const url = parseTarget(text)
    if (url.protocol !== 'https:' && !(allowLocalNetwork && isLoopback(url.hostname))) {
      return { ok: false, message: 'The address must begin with https://' }
    }
    await admit(url, {
      allowLocalNetwork,
      resolve: async () => ({ ok: true, addresses: [] }),
      signal: new AbortController().signal,
    })
    return { ok: true, url }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { ok: false, message: error.message }
  }
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)
}
