// From an address that a person gave to the document of an API. What is there is looked at; where it is a page, a script
// or a catalog that names documents, those are looked at next, the likeliest first; and last the usual places. One list
// of candidates in tiers, few requests, little time, all of it by the rules for what leaves.
import type { Outbound } from '../net/outbound.ts'
import { parseAddress } from './address.ts'
import { type DocumentLink, type Tier, TIERS } from './document-links.ts'
import { type Look, lookAt } from './document-look.ts'
import { namedInQuery, rawFile, usualPlaces } from './document-places.ts'
import { type FetchedDocument, NO_ADDRESS } from './document-source.ts'
import { MAX_DOCUMENT_BYTES } from './imports/receive.ts'

/** An address that was looked at, and what was there: `answered 404`, `a web page`. */
export interface Tried {
  url: string
  outcome: string
}

/** Another document that would fit as well, by the name that its page gives it. */
export interface Alternative {
  url: string
  label?: string
  /** The page says that it describes an API. Otherwise it is only what its address sounds like. */
  isNamed?: true
}

export type FindResult =
  | (FetchedDocument & {
      /** As an alternative has it. */
      label?: string
      /** It says itself that it describes an API, or its address does. */
      isSure: boolean
      tried: Tried[]
      alternatives: Alternative[]
    })
  /** `message` says what to do. */
  | { ok: false; code: string; message: string; tried: Tried[] }

export interface FindOptions {
  maxBytes?: number
  /** Until the document is found; reading it takes as long as it takes. */
  forMs?: number
}

const MOST_MS = 15_000
const MOST_MS_OF_ONE = 6_000
/** In all, and of them those that something named; the rest is for the usual places. */
const MOST_REQUESTS = 20
const MOST_NAMED = 12
/** From the address that was given to the document. A script or a setting belongs to its page. */
const MOST_HOPS = 2
const MOST_ALTERNATIVES = 50
/** What names a document is mostly right; the others are looked at side by side. */
const AT_ONCE: Record<Tier, number> = { given: 1, named: 1, likely: 3, page: 3, guess: 4 }

/** `address` may lack its scheme. What is found is open: read it, or return its chunks. */
export async function findDocument(
  { outbound }: { outbound: Outbound },
  address: string,
  { maxBytes = MAX_DOCUMENT_BYTES, forMs = MOST_MS }: FindOptions = {},
): Promise<FindResult> {
  const url = parseAddress(address)
  if (url === null) return { ...NO_ADDRESS, tried: [] }
  const search = new Search(url)
  const until = Date.now() + forMs
  for (;;) {
    const left = until - Date.now()
    const batch = left > 0 ? search.next() : []
    if (batch.length === 0) return withScheme(search.giveUp(), address)
    const limits = { maxBytes, forMs: Math.min(left, MOST_MS_OF_ONE) }
    const looked = batch.map(async (candidate) => ({ candidate, look: await lookAt(outbound, candidate, limits) }))
    const found = await search.take(await Promise.all(looked))
    if (found !== null) return found
  }
}

interface Candidate extends DocumentLink {
  hops: number
  /** The address that named it. */
  from?: string
}

interface Looked {
  candidate: Candidate
  look: Look
}

/** What is still to be looked at, and what has been. */
class Search {
  readonly #waiting = new Map<string, Candidate>()
  readonly #seen = new Set<string>()
  readonly #lostHosts = new Set<string>()
  readonly #tried: Tried[] = []
  readonly #primaryName: string | null
  #failure: Look['failure']
  /** Might be the document, though it does not say so. */
  #maybe: Looked | undefined
  #guesses = 0

  constructor(url: URL) {
    this.#primaryName = url.searchParams.get('urls.primaryName')
    const named = namedInQuery(url)
    if (named !== null) this.#add({ url: named.href, tier: 'given', hops: 0 })
    const given = rawFile(url) ?? url
    this.#add({ url: given.href, tier: 'given', hops: 0 })
    // Whoever names a file means that one.
    if (/\.(json|ya?ml|graphqls?|gql)(\.gz)?$/i.test(given.pathname)) return
    const { guesses, pages } = usualPlaces(given)
    for (const page of pages) this.#add({ url: page, tier: 'page', hops: 1 })
    for (const guess of guesses) this.#add({ url: guess, tier: 'guess', hops: 1 })
  }

  #add(candidate: Candidate): void {
    const known = this.#waiting.get(candidate.url)
    if (this.#seen.has(candidate.url) || candidate.hops > MOST_HOPS) return
    if (known === undefined || rank(candidate) < rank(known)) this.#waiting.set(candidate.url, candidate)
  }

  /** The candidates of the best tier, as many as may be looked at side by side. */
  next(): Candidate[] {
    const isAllowed = ({ url, tier }: Candidate) =>
      !this.#lostHosts.has(new URL(url).host) && (tier === 'guess' || this.#seen.size < MOST_NAMED)
    const open = [...this.#waiting.values()].filter(isAllowed)
    const best = Math.min(...open.map(rank))
    const tier = TIERS[best]
    if (tier === undefined) return []
    const room = Math.min(AT_ONCE[tier], (tier === 'guess' ? MOST_REQUESTS : MOST_NAMED) - this.#seen.size)
    const batch = open.filter((candidate) => rank(candidate) === best).slice(0, room)
    for (const { url } of batch) {
      this.#waiting.delete(url)
      this.#seen.add(url)
    }
    return batch
  }

  /** The document, when one of these is it. */
  async take(looked: readonly Looked[]): Promise<FindResult | null> {
    for (const { candidate, look } of looked) {
      this.#tried.push({ url: candidate.url, outcome: look.outcome })
      if (look.isHostLost) this.#lostHosts.add(new URL(candidate.url).host)
      // A document that is there and shut says more than the page that names it.
      const isShut = look.failure?.code === 'login' || look.failure?.code === 'not_public'
      if (candidate.tier === 'given' || (candidate.tier === 'named' && isShut)) this.#failure = look.failure
      if (candidate.tier === 'guess') this.#guesses++
      this.#follow(candidate, look)
    }
    const winner = looked.find(({ look }) => look.found?.isSure)
    for (const one of looked) {
      if (one === winner || one.look.found === undefined) continue
      if (winner === undefined && this.#maybe === undefined) this.#maybe = one
      else await one.look.found.body.cancel()
    }
    if (winner === undefined) return null
    await this.#maybe?.look.found?.body.cancel()
    const others = looked.filter(({ look }) => look.found?.isSure).map(({ candidate }) => candidate)
    return this.#found(winner, others)
  }

  #follow(parent: Candidate, { links, isPage }: Look): void {
    // Many hosts show the same page for whatever they do not have.
    if (parent.tier === 'guess' && isPage) return
    const isPrimary = ({ label }: DocumentLink) => Number(label !== undefined && label === this.#primaryName)
    for (const link of links.toSorted((one, other) => isPrimary(other) - isPrimary(one))) {
      const hops = parent.hops + (link.base === undefined ? 1 : 0)
      this.#add({ ...link, hops, from: parent.url })
    }
  }

  #found({ candidate, look }: Looked, others: readonly Candidate[]): FindResult {
    const { found } = look
    if (found === undefined) return this.#failed()
    const { body, isSure, etag, lastModified } = found
    const named = [...this.#waiting.values()].filter(
      ({ from, tier, base }) =>
        from !== undefined && from === candidate.from && base === undefined && (tier === 'named' || tier === 'likely'),
    )
    const alternatives = new Map<string, Alternative>()
    for (const { url, label, tier } of [...others, ...named]) {
      const key = stem(url)
      // The same document in JSON and in YAML is one.
      if (key === stem(candidate.url) || alternatives.has(key) || alternatives.size >= MOST_ALTERNATIVES) continue
      const isNamed = tier === 'named'
      alternatives.set(key, { url, ...(label !== undefined && { label }), ...(isNamed && { isNamed }) })
    }
    return {
      ok: true,
      notModified: false,
      url: candidate.url,
      isSure,
      ...(candidate.label !== undefined && { label: candidate.label }),
      chunks: body.chunks(),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
      tried: this.#tried,
      alternatives: [...alternatives.values()],
    }
  }

  /** Nothing says that it is a document. What might be one all the same is handed on: reading it tells what it is. */
  giveUp(): FindResult {
    return this.#maybe === undefined ? this.#failed() : this.#found(this.#maybe, [])
  }

  #failed(): FindResult {
    const { code, message } = this.#failure ?? { code: 'timeout', message: 'There was no answer in time.' }
    const isElsewhere = this.#guesses > 0 && (code === 'no_document' || code === 'bad_status')
    const more = isElsewhere ? ' The usual places for one were looked at too.' : ''
    return { ok: false, code, message: message + more, tried: this.#tried }
  }
}

/** Whoever left out the scheme may not know that it was taken for https. */
function withScheme(result: FindResult, address: string): FindResult {
  if (result.ok || result.code !== 'unreachable' || /^\s*http/i.test(address)) return result
  return { ...result, message: `${result.message} If it speaks no TLS, begin the address with http://` }
}

function rank({ tier }: Candidate): number {
  return TIERS.indexOf(tier)
}

function stem(url: string): string {
  return url.replace(/([.-])(json|ya?ml)(?=$|[?#])/i, '')
}
