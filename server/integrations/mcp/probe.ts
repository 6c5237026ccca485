// Whether there is an MCP server behind a URL, and how it wants to be spoken to.
import type { Fetch } from '../adapter.ts'
import { own } from '../json-value.ts'
import { failureOf } from './failure.ts'
import { openSession, SessionError } from './session.ts'
import type { Endpoint, Refusal } from './wire.ts'

export interface McpFound extends Endpoint {
  /** Null while the server says nothing without a credential. */
  era: 'modern' | 'legacy' | null
  needsCredential: boolean
  /** `WWW-Authenticate` of the refusal, as sent: where to sign in may be in it (RFC 9728, section 5.1). */
  challenge?: string
  /** Whoever protects a resource so refuses strangers like this; nothing else says that it is a server. */
  isGuess?: true
}

export type McpProbe =
  | { ok: true; found: McpFound }
  /** What was found at each place that was tried. */
  | { ok: false; tried: { url: string; transport: Endpoint['transport']; found: string }[] }

const ATTEMPT_MS = 6000

/**
 * All places are tried at once. The first that answers, in this order, is what was meant; where all want a credential, the
 * likeliest.
 */
export async function probeMcp(url: string, fetch: Fetch): Promise<McpProbe> {
  const places = placesOf(url)
  const stop = new AbortController()
  const bounded: Fetch = (request) =>
    fetch(new Request(request, { signal: AbortSignal.any([request.signal, stop.signal]) }))
  const attempts = places.map((place) => ({ place, attempting: attempt(place, bounded) }))
  const attempted: Attempt[] = []
  for (const { attempting } of attempts) {
    const outcome = await attempting
    attempted.push(outcome)
    if (outcome.sureness < 3) continue
    stop.abort()
    await Promise.all(attempts.map((one) => one.attempting))
    return { ok: true, found: outcome.found }
  }
  const [found] = likeliestFirst(attempted, places[0]?.url ?? '')
  if (found) return { ok: true, found }
  return { ok: false, tried: attempted.map(({ found: { url, transport }, said }) => ({ url, transport, found: said })) }
}

interface Attempt {
  found: McpFound
  /** 0: nothing says that it is one. 1: it refuses strangers as servers do. 2: so it does, and says what it is. 3: it answers. */
  sureness: 0 | 1 | 2 | 3
  /** What else was there. */
  said: string
}

/**
 * A host that refuses everything alike says nothing of its usual places; one that names each place in its refusal says that
 * there may be one.
 */
function likeliestFirst(attempted: Attempt[], given: string): McpFound[] {
  const refusals = attempted.filter(({ found }) => found.needsCredential)
  const atGiven = refusals.find(({ found }) => found.url === given)
  const isRoot = given !== '' && new URL(given).pathname === '/'
  const likely = refusals.filter(
    ({ found, sureness }) =>
      sureness > 0 && (found.url === given || !atGiven || found.challenge !== atGiven.found.challenge),
  )
  const others = likely.filter(({ found }) => found.url !== given)
  const isPattern = atGiven && countOf(others, ({ found }) => found.url) > 1 && countOf(others, challengeAnywhere) === 1
  const isGuess = ({ found, sureness }: Attempt) => sureness === 1 || (isPattern && found.url !== given)
  const rank = (one: Attempt) => (isGuess(one) ? 3 : one.found.url !== given ? 1 : isRoot ? 2 : 0)
  return likely
    .sort((one, other) => rank(one) - rank(other))
    .map((one) => (isGuess(one) ? { ...one.found, isGuess: true } : one.found))
}

function countOf<Item>(items: readonly Item[], key: (item: Item) => unknown): number {
  return new Set(items.map(key)).size
}

function challengeAnywhere({ found: { challenge, url } }: Attempt): string | undefined {
  return challenge?.replaceAll(new URL(url).pathname, '')
}

function placesOf(url: string): Endpoint[] {
  const given = new URL(url)
  given.hash = ''
  const at = (name: string) => {
    const place = new URL(given)
    place.pathname = `${given.pathname.replace(/\/+$/, '')}/${name}`
    return place.href
  }
  const last = given.pathname.split('/').filter(Boolean).at(-1)
  const isNamed = last === 'mcp' || last === 'sse'
  const named: Endpoint[] = [
    { url: given.href, transport: 'http' },
    { url: given.href, transport: 'sse' },
  ]
  if (isNamed) return last === 'sse' ? named.toReversed() : named
  return [...named, { url: at('mcp'), transport: 'http' }, { url: at('sse'), transport: 'sse' }]
}

async function attempt(place: Endpoint, fetch: Fetch): Promise<Attempt> {
  const found = { ...place, era: null, needsCredential: false }
  try {
    const session = await openSession(place, fetch, { timeoutMs: ATTEMPT_MS })
    const { era } = session
    await session.close()
    return { found: { ...found, era }, sureness: 3, said: '' }
  } catch (error) {
    const refusal = error instanceof SessionError ? error.wire.refusal : null
    const said = failureOf(error, null).error.message
    const challenge = refusal?.headers.get('www-authenticate')
    const isForStrangers = refusal?.status === 401 || (refusal?.status === 403 && challenge)
    if (!refusal || !isForStrangers) return { found, sureness: 0, said }
    const refused = { ...found, needsCredential: true, ...(typeof challenge === 'string' && { challenge }) }
    return { found: refused, sureness: surenessOf(refusal, place), said }
  }
}

/** One that answers in JSON-RPC, or is at a place of that name, is taken for an MCP server. */
function surenessOf({ headers, body }: Refusal, { url }: Endpoint): Attempt['sureness'] {
  if (isJsonRpc(body) || isNamed(url)) return 2
  return /\bresource_metadata\s*=/i.test(headers.get('www-authenticate') ?? '') ? 1 : 0
}

function isNamed(url: string): boolean {
  const { hostname, pathname } = new URL(url)
  return [...hostname.split('.'), ...pathname.split('/')].some((part) => /^(?:mcp|sse)$|^mcp-|-mcp$/i.test(part))
}

function isJsonRpc(body: string): boolean {
  try {
    return own(JSON.parse(body), 'jsonrpc') === '2.0'
  } catch {
    return false
  }
}
