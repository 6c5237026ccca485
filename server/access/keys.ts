// The team's public keys: fetched once for an isolate, and again only for a reason.
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** The keys could not be had, so nothing can be verified. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable'
}

export interface KeySetOptions {
  url: URL
  /** Sends the request; may reject. Its own time and size limits apply. */
  fetch: (request: Request) => Promise<Response>
  now: () => number
}

/** After this the keys are fetched again, so that a withdrawn key stops counting. */
const FRESH_MS = 10 * 60_000
/** Until this, old keys are still used when they cannot be fetched again. */
const USABLE_MS = 60 * 60_000
/** Between two fetches that keys in hand could not help: for a key id nobody knows, or because the endpoint is down. */
const COOLDOWN_MS = 5_000

/** A key lookup for jose. No promise is shared between requests: a cancelled one would leave the others waiting. */
export function createKeySet({ url, fetch, now }: KeySetOptions): JWTVerifyGetKey {
  let keys: { find: ReturnType<typeof createLocalJWKSet>; fetchedAt: number } | undefined
  let triedAt = Number.NEGATIVE_INFINITY

  async function refresh(): Promise<NonNullable<typeof keys>> {
    try {
      const response = await fetch(new Request(url, { headers: { accept: 'application/json' } }))
      if (response.status !== 200) {
        await response.body?.cancel()
        throw new Error(`status ${response.status}`)
      }
      const find = createLocalJWKSet(await response.json())
      keys = { find, fetchedAt: now() }
      return keys
    } catch (error) {
      throw new KeysUnavailable(`${url.href}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      triedAt = now()
    }
  }

  async function current(): Promise<NonNullable<typeof keys>> {
    if (!keys || now() - keys.fetchedAt > USABLE_MS) return refresh()
    if (now() - keys.fetchedAt < FRESH_MS || now() - triedAt < COOLDOWN_MS) return keys
    const old = keys
    return refresh().catch(() => old)
  }

  return async (header, token) => {
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey('the token names no key')
    const { find } = await current()
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - triedAt < COOLDOWN_MS) throw error
      const refreshed = await refresh()
      return refreshed.find(header, token)
    }
  }
}
