// The requests of one call, within the one time that the call has. A read that the upstream refuses until later is sent
// again when that time has come; what is not a read is sent once.
import type { Fetch } from '../integrations/adapter.ts'
import type { Outbound, SendOptions } from '../net/outbound.ts'
import { retryAfterSeconds } from '../net/retry-after.ts'

export interface Requests {
  fetch: Fetch
  /** How often the last request was sent. */
  attempts: () => number
  /** What `beforeSend` threw, whatever the protocol made of it. */
  refusal: () => { error: unknown } | undefined
}

export interface RequestsOptions extends SendOptions {
  outbound: Outbound
  /** Of all requests together, from when the first is sent. */
  timeoutMs: number
  isRead: boolean
  /** Called last before every request, the repeated ones too. What it throws is thrown on, and nothing is sent. */
  beforeSend: () => void
  sleep?: (ms: number) => Promise<void>
}

const MAX_ATTEMPTS = 4
/** Not sooner, whatever the upstream says. */
const MIN_WAIT_MS = 1000
/** What has to be left for the answer after a wait. */
const ANSWER_MS = 2000

/**
 * Refusals that say "not now" when they name a time. Without one, when to ask again is the agent's decision. GitHub's
 * limits on bursts are a 403.
 */
const REFUSALS: ReadonlySet<number> = new Set([403, 429, 502, 503, 504])

export function openRequests(options: RequestsOptions): Requests {
  const { outbound, isRead, beforeSend, credential, maxBytes, sleep = pause } = options
  let endsAt: number | undefined
  let attempts = 0
  let refusal: { error: unknown } | undefined

  const fetch: Fetch = async (request) => {
    endsAt ??= Date.now() + options.timeoutMs
    const body = isRead && request.body !== null ? await request.arrayBuffer() : null
    for (attempts = 1; ; attempts++) {
      try {
        beforeSend()
      } catch (error) {
        refusal = { error }
        throw error
      }
      const sent = isRead ? new Request(request, body === null ? {} : { body }) : request
      const timeoutMs = Math.max(0, endsAt - Date.now())
      const response = await outbound.send(sent, { credential, maxBytes, timeoutMs })
      const waitMs = isRead && attempts < MAX_ATTEMPTS ? waitBefore(response) : null
      if (waitMs === null || Date.now() + waitMs + ANSWER_MS > endsAt) return response
      response.body?.cancel().catch(() => {})
      await sleep(waitMs)
    }
  }
  return { fetch, attempts: () => attempts, refusal: () => refusal }
}

function waitBefore({ status, headers }: Response): number | null {
  const seconds = REFUSALS.has(status) ? retryAfterSeconds(headers, Date.now()) : null
  return seconds === null ? null : Math.max(MIN_WAIT_MS, seconds * 1000)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
