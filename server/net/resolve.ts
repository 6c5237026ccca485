// Names to addresses over HTTPS (RFC 8484's JSON sibling), because a Worker has no resolver of its own to ask. It is a
// second wall: the platform's `fetch` resolves the name again, and may get another answer.
import { parseAddress } from './address.ts'

export type Resolution =
  | { ok: true; addresses: readonly string[] }
  | { ok: false; reason: 'unresolvable' | 'resolver_unavailable'; message: string }

/** Settles, and never rejects, unless `signal` aborts. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<Resolution>

export interface ResolverOptions {
  fetch: (request: Request) => Promise<Response>
  endpoint?: string
  /** Epoch milliseconds. */
  now?: () => number
}

/** Cloudflare's public resolver (1.1.1.1), by the name that a Worker may fetch. */
const ENDPOINT = 'https://cloudflare-dns.com/dns-query'
const RECORD_TYPES = { A: 1, AAAA: 28 } as const
const LOOKUP_TIMEOUT_MS = 5_000
const MIN_TTL_SECONDS = 30
const MAX_TTL_SECONDS = 900
const MAX_CACHED_HOSTS = 1_000

/** `found` is empty when there is no such record; `failure` says why there is no answer at all. */
interface Answer {
  found: string[]
  ttlSeconds: number
  failure?: string
}

/**
 * A and AAAA of a host, cached per host between 30 s and 15 min. Fails closed: when either question goes unanswered,
 * the host is not resolved. Only settled answers are shared: in a Worker, one request must not await another's fetch.
 */
export function createResolver({ fetch, endpoint = ENDPOINT, now = Date.now }: ResolverOptions): Resolve {
  const cache = new Map<string, { resolution: Resolution; expiresAt: number }>()

  return async (host, signal) => {
    const cached = cache.get(host)
    if (cached && cached.expiresAt > now()) return cached.resolution
    cache.delete(host)

    const answers = await Promise.all([
      ask(fetch, endpoint, host, 'A', signal),
      ask(fetch, endpoint, host, 'AAAA', signal),
    ])
    const failure = answers.find((answer) => answer.failure !== undefined)?.failure
    if (failure !== undefined) {
      const message = `The addresses of ${host} could not be looked up over HTTPS: ${failure}.`
      return { ok: false, reason: 'resolver_unavailable', message }
    }
    const addresses = answers.flatMap((answer) => answer.found)
    const resolution: Resolution =
      addresses.length > 0
        ? { ok: true, addresses }
        : { ok: false, reason: 'unresolvable', message: `There is no host named ${host}.` }

    const ttl = addresses.length > 0 ? Math.min(...answers.map((answer) => answer.ttlSeconds)) : MIN_TTL_SECONDS
    const oldest = cache.size >= MAX_CACHED_HOSTS ? cache.keys().next().value : undefined
    if (oldest !== undefined) cache.delete(oldest)
    cache.set(host, {
      resolution,
      expiresAt: now() + Math.min(Math.max(ttl, MIN_TTL_SECONDS), MAX_TTL_SECONDS) * 1000,
    })
    return resolution
  }
}

async function ask(
  fetch: ResolverOptions['fetch'],
  endpoint: string,
  host: string,
  type: keyof typeof RECORD_TYPES,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(endpoint)
  url.searchParams.set('name', host)
  url.searchParams.set('type', type)
  const request = new Request(url, {
    headers: { accept: 'application/dns-json' },
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_TIMEOUT_MS)]),
  })
  try {
    const response = await fetch(request)
    if (response.status !== 200) {
      await response.body?.cancel()
      return failed(`the resolver answered ${response.status}`)
    }
    return parse(await response.json(), type)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return failed(error instanceof SyntaxError ? 'the answer is not JSON' : 'the resolver did not answer')
  }
}

/** Status 0 and 3 (NXDOMAIN) are answers; anything else (SERVFAIL, REFUSED, nonsense) is a failure. */
function parse(answer: unknown, type: keyof typeof RECORD_TYPES): Answer {
  if (typeof answer !== 'object' || answer === null || !('Status' in answer)) return failed('the answer is malformed')
  if (answer.Status === 3) return { found: [], ttlSeconds: MAX_TTL_SECONDS }
  if (answer.Status !== 0) return failed(`the resolver reported DNS error ${String(answer.Status)}`)
  const records: unknown = 'Answer' in answer ? answer.Answer : []
  if (!Array.isArray(records)) return failed('the answer is malformed')

  const found: string[] = []
  let ttlSeconds = MAX_TTL_SECONDS
  for (const record of records as unknown[]) {
    if (!isRecord(record)) return failed('the answer is malformed')
    ttlSeconds = Math.min(ttlSeconds, record.TTL)
    if (record.type !== RECORD_TYPES[type]) continue // the CNAMEs on the way
    if (parseAddress(record.data) === null) return failed('the answer is malformed')
    found.push(record.data)
  }
  return { found, ttlSeconds }
}

function failed(failure: string): Answer {
  return { found: [], ttlSeconds: 0, failure }
}

function isRecord(value: unknown): value is { type: number; TTL: number; data: string } {
  if (typeof value !== 'object' || value === null) return false
  if (!('type' in value) || !('TTL' in value) || !('data' in value)) return false
  return typeof value.type === 'number' && Number.isFinite(value.TTL) && typeof value.data === 'string'
}
