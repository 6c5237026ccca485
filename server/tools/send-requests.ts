// The requests of one call, within the one time that the call has. A read that the upstream refuses until later is sent
// again when that time has come; what is not a read is sent once. Only a credential that the upstream does not take is
// another matter: it has carried nothing out (RFC 9110, section 15.5.2), so that everything is sent again with a new one.
import { isCredentialRefused, type NotOpened, type OpenedCredential } from '../connections/open-credential.ts'
import type { Fetch } from '../integrations/adapter.ts'
import type { Credential, Outbound, SendOptions } from '../net/outbound.ts'
import { retryAfterSeconds } from '../net/retry-after.ts'

export interface Requests {
  fetch: Fetch
  /** How often the last request was sent. */
  attempts: () => number
  /** What `beforeSend` threw, whatever the protocol made of it. */
  refusal: () => { error: unknown } | undefined
  /** After a refusal that the protocol has read out of an answer. False when there is no new credential to send with. */
  renew: () => Promise<boolean>
  /** Why a credential that the upstream does not take was not renewed. */
  unrenewed: () => NotOpened | undefined
  /** The last answer was a 401 to the credential, the renewed one where there was one. */
  isRefused: () => boolean
  /** All that were sent, the renewed one too. */
  credentials: () => readonly Credential[]
}

export interface RequestsOptions extends SendOptions {
  outbound: Outbound
  /** Of all requests together, from now on. */
  timeoutMs: number
  isRead: boolean
  /** Called last before every request, the repeated ones too. What it throws is thrown on, and nothing is sent. */
  beforeSend: () => void
  /** Another credential after the upstream has refused the one: asked for once in a call. */
  renew?: (() => Promise<OpenedCredential>) | null
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
  const { outbound, isRead, beforeSend, maxBytes, sleep = pause } = options
  let { credential, renew = null } = options
  const isRepeatable = isRead || renew !== null
  const credentials = credential ? [credential] : []
  let unrenewed: NotOpened | undefined
  const endsAt = Date.now() + options.timeoutMs
  let attempts = 0
  let isRefused = false
  let refusal: { error: unknown } | undefined

  async function renewed(): Promise<boolean> {
    const opened = await renew?.()
    if (opened === undefined) return false
    renew = null
    if (!opened.ok) unrenewed = opened
    if (!opened.ok || opened.credential === null) return false
    credential = opened.credential
    credentials.push(credential)
    return true
  }

  const fetch: Fetch = async (request) => {
    const body = isRepeatable && request.body !== null ? await request.arrayBuffer() : null
    for (attempts = 1; ; attempts++) {
      try {
        beforeSend()
      } catch (error) {
        refusal = { error }
        throw error
      }
      const sent = isRepeatable ? new Request(request, body === null ? {} : { body }) : request
      const timeoutMs = Math.max(0, endsAt - Date.now())
      const response = await outbound.send(sent, { credential, maxBytes, timeoutMs })
      isRefused = credential !== null && credential !== undefined && isCredentialRefused(response, credential)
      if (renew !== null && isRefused) {
        // First: an answer that nobody reads occupies one of the few connections that a Worker may have.
        await response.body?.cancel().catch(() => {})
        if (await renewed()) continue
        return new Response(null, response)
      }
      const waitMs = isRead && attempts < MAX_ATTEMPTS ? waitBefore(response) : null
      if (waitMs === null || Date.now() + waitMs + ANSWER_MS > endsAt) return response
      response.body?.cancel().catch(() => {})
      await sleep(waitMs)
    }
  }
  return {
    fetch,
    attempts: () => attempts,
    refusal: () => refusal,
    renew: renewed,
    unrenewed: () => unrenewed,
    isRefused: () => isRefused,
    credentials: () => credentials,
  }
}

function waitBefore({ status, headers }: Response): number | null {
  const seconds = REFUSALS.has(status) ? retryAfterSeconds(headers, Date.now()) : null
  return seconds === null ? null : Math.max(MIN_WAIT_MS, seconds * 1000)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
