// Sends what waits for the webhook. Called after something was stored for it and by cron; any number of callers at once
// send each notification once, and one that dies in between is made up for by the next.
import type { Vault } from '../connections/seal.ts'
import type { Database } from '../db/database.ts'
import {
  type AttemptOutcome,
  claimDueNotifications,
  deletePendingNotifications,
  type NotificationRow,
  recordAttempt,
} from '../db/notifications.ts'
import { type Outbound, OutboundError } from '../net/outbound.ts'
import { webhookHeaders } from './sign-webhook.ts'
import { type OpenedWebhook, openWebhook, signingSecrets } from './webhook.ts'
import { webhookBody } from './webhook-message.ts'

export interface DeliverDeps {
  db: Database
  outbound: Outbound
  vault: Vault
  /** Writes a surprise to the log, and returns the id under which it is found there. */
  report: (error: unknown) => string
}

export interface DeliverOptions {
  /** Notifications taken up, at most 50: all of them must be through before others may take them up. */
  most: number
  /** Only this one. */
  id?: string
  now?: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** From a failed attempt to the next one; after the last the notification has failed. */
export const RETRY_DELAYS_MS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 24 * HOUR] as const
/** Up to a tenth is added to each, so that what failed together is not tried together. */
const JITTER = 0.1

const TIMEOUT_MS = 10_000
/** Of an answer, which is not read when it is a success. */
const MAX_BYTES = 256 * 1024
/** Longer than a round of sending takes. */
const CLAIM_MS = 2 * MINUTE
const AT_ONCE = 5
const MOST = 50
const MOST_ANSWER = 200

/** Resolves when every notification that it took up was tried once. Rejects only when the database does. */
export async function deliverNotifications(deps: DeliverDeps, options: DeliverOptions): Promise<void> {
  const { db, report } = deps
  const { most, id, now = Date.now() } = options
  const claimed = await claimDueNotifications(db, {
    now,
    until: now + CLAIM_MS,
    most: Math.min(most, MOST),
    ...(id !== undefined && { id }),
  })
  if (claimed.length === 0) return
  const webhook = await openWebhook(deps)
  if (!webhook.ok && webhook.reason === 'none') {
    await deletePendingNotifications(db)
    return
  }
  const deliver = async (notification: NotificationRow) => {
    const outcome = await attempt(deps, webhook, notification, now).catch((error: unknown) =>
      failed(notification, now, `Executor could not send it. The log says more under ${report(error)}.`),
    )
    await recordAttempt(db, notification, outcome)
  }
  for (let next = 0; next < claimed.length; next += AT_ONCE) {
    await Promise.all(claimed.slice(next, next + AT_ONCE).map(deliver))
  }
}

async function attempt(
  { outbound }: DeliverDeps,
  webhook: OpenedWebhook,
  notification: NotificationRow,
  now: number,
): Promise<AttemptOutcome> {
  const { id, payload, attempts } = notification
  if (attempts > RETRY_DELAYS_MS.length + 1) {
    return { state: 'failed', at: now, problem: 'Executor was stopped before it saw an answer.' }
  }
  if (typeof payload.expiresAt === 'number' && payload.expiresAt <= now) {
    return { state: 'failed', at: now, problem: notification.problem ?? 'It expired before it was sent.' }
  }
  if (!webhook.ok) return failed(notification, now, 'The webhook’s address does not open with the key that is set now.')
  const { secrets, stored } = webhook
  const body = webhookBody(notification, stored.format)
  const signed = await webhookHeaders({ id, sentAt: now, body }, signingSecrets(secrets, now))
  const headers = { 'content-type': 'application/json', accept: '*/*', ...signed }
  try {
    // A redirect is not followed: it would turn the POST into a GET, and its answer into a success.
    const request = new Request(secrets.url, { method: 'POST', headers, body, redirect: 'manual' })
    const response = await outbound.send(request, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
    return await outcomeOf(response, { notification, now, url: secrets.url })
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return failed(notification, now, error.message)
  }
}

async function outcomeOf(
  response: Response,
  { notification, now, url }: { notification: NotificationRow; now: number; url: string },
): Promise<AttemptOutcome> {
  const { status, headers } = response
  if (response.ok) {
    await response.body?.cancel()
    return { state: 'delivered', at: now }
  }
  const said = (await beginningOf(response)).replaceAll(url, '•••')
  if (status === 410) {
    return {
      state: 'failed',
      at: now,
      problem: `The receiver wants no more of it (410 Gone).${said && ` It says: ${said}`}`,
    }
  }
  if (status >= 300 && status < 400) {
    return failed(
      notification,
      now,
      `The receiver answered ${status}: it is at another address, which is not followed.`,
    )
  }
  const problem = `The receiver answered ${status}.${said && ` It says: ${said}`}`
  return failed(notification, now, problem, retryAfterMs(headers, now))
}

/** Again later, not before `afterMs`, or never when it was tried often enough. A test is tried once. */
function failed({ event, attempts }: NotificationRow, now: number, problem: string, afterMs = 0): AttemptOutcome {
  const delay = event === 'test' ? undefined : RETRY_DELAYS_MS[attempts - 1]
  if (delay === undefined) return { state: 'failed', at: now, problem }
  const waitMs = Math.max(delay, afterMs) * (1 + JITTER * Math.random())
  return { state: 'pending', retryAt: now + Math.round(waitMs), problem }
}

/** The first words of an answer, if it is text and no page. */
async function beginningOf(response: Response): Promise<string> {
  let text = ''
  try {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > MOST_ANSWER) break
    }
  } catch {
    // The status says enough.
  }
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  if (line.includes('<')) return ''
  return line.length > MOST_ANSWER ? `${line.slice(0, MOST_ANSWER)}…` : line
}

/** Milliseconds that `Retry-After` asks to wait, in either form, at most as long as the longest delay of our own. */
function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim() ?? ''
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), 24 * HOUR)
}
