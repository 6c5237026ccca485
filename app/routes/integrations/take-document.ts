// What an admin gave in the one box: an address, a curl command, a pasted document, or an uploaded file. Read as a stream.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { findIntegrationBySlug } from '../../../server/db/integrations.ts'
import type { FoundEndpoint } from '../../../server/integrations/endpoints.ts'
import { parseAddress } from '../../../server/tools/address.ts'
import { NO_ADDRESS } from '../../../server/tools/document-source.ts'
import { findDocument, type FindResult, type Tried } from '../../../server/tools/find-document.ts'
import { beginImport } from '../../../server/tools/imports/begin.ts'
import { fetchFiles } from '../../../server/tools/imports/fetch-files.ts'
import type { EndpointDeps } from '../../../server/tools/imports/fetch-endpoint.ts'
import type { Chunks } from '../../../server/tools/imports/receive.ts'
import { readPasted } from '../../../server/tools/read-pasted.ts'
import { type Part, readParts } from './multipart.ts'
import type { Preset } from './presets.ts'
import { beginEndpoint, type BegunEndpoint, lookForEndpoints, type Named, namedEndpoint } from './take-endpoint.ts'

/** Enough to tell what was pasted. */
const PEEKED_BYTES = 64 * 1024
const MAX_PASTED_BYTES = 4 * 1024 * 1024
/** Of what was pasted, to be shown again: more than that was hardly typed. */
const LONGEST_SHOWN_BYTES = 64 * 1024

/** `source` is what the box held, for the form to show again; empty when that was too long, or held a credential. */
export interface TakenDocument {
  /** Null: there are several things, and a person chooses. */
  result: BegunEndpoint | null
  /** The likeliest first. */
  several?: Named[]
  source: string
  tried: Tried[]
}

type FoundDocument = Extract<FindResult, { ok: true }>

interface Asker {
  by: string
  /** The integration that it is a new version for. */
  integrationId?: string
}

export async function takeDocument(deps: EndpointDeps, request: Request, by: string): Promise<TakenDocument> {
  const asker: Asker = { by }
  for await (const part of readParts(request)) {
    if (part.name === 'for') {
      const { start } = await peek(part)
      const known = await findIntegrationBySlug(deps.db, start.toString('utf8').trim())
      if (known) asker.integrationId = known.id
    }
    if (part.name === 'source') {
      const taken = await takeText(deps, part, asker)
      if (taken !== null) return taken
    }
    if (part.name === 'file' && part.fileName) {
      const origin = { kind: 'upload', fileName: part.fileName } as const
      const result = await beginImport(deps, { origin, files: [{ chunks: part.chunks }], ...asker })
      return { source: '', result, tried: [] }
    }
  }
  return refused('', 'Give an address, paste a document, or choose a file.')
}

/** One of the gallery. */
export async function takePreset(deps: EndpointDeps, preset: Preset | undefined, by: string): Promise<BegunEndpoint> {
  if (preset === undefined) return { ok: false, code: 'unknown_preset', message: 'Choose one of the gallery.' }
  const [url = '', ...others] = preset.urls
  if (preset.kind === 'graphql' || preset.kind === 'mcp') {
    const begun = await beginEndpoint(deps, { protocol: preset.kind, url }, { by })
    return begun.connectFirst ? { ...begun, connectFirst: `${begun.connectFirst}&preset=${preset.slug}` } : begun
  }
  const origin = others.length > 0 ? ({ kind: 'bundle', urls: preset.urls } as const) : ({ kind: 'url', url } as const)
  return beginImport(deps, { origin, files: fetchFiles(deps, preset.urls), by })
}

function refused(source: string, message: string, tried: Tried[] = []): TakenDocument {
  return { source, tried, result: { ok: false, code: 'nothing_given', message } }
}

/** Null when nothing was typed. */
async function takeText(deps: EndpointDeps, part: Part, asker: Asker): Promise<TakenDocument | null> {
  const { start, rest } = await peek(part)
  const text = start.toString('utf8').trim()
  if (text === '') return null
  const pasted = readPasted(text)
  if (pasted.kind === 'address') {
    // Of a configuration for agents only the address is read, and the rest may hold a secret.
    const source = /[\s{]/.test(text) ? pasted.url : text
    return takeAddress(deps, pasted.url, { ...asker, source })
  }
  // The command may hold a secret: only its address is shown again.
  if (pasted.kind === 'curl') return takeCommand(deps, pasted.url, pasted.method, asker)
  // A page or a list has more to say for itself than what it is not.
  const isDocument = pasted.kind === 'document' || text.startsWith('<')
  // A command that could not be read may hold a secret all the same.
  const mayHoldSecret = ('mayHoldSecret' in pasted && pasted.mayHoldSecret) || /\bcurl\b/i.test(text)
  const isShown = text.length <= LONGEST_SHOWN_BYTES && !mayHoldSecret
  if (!isDocument) return refused(isShown ? text : '', pasted.message)
  const kept = keepShown(joined(start, rest))
  const files = [{ chunks: kept.chunks() }]
  const given = { origin: { kind: 'paste' } as const, files, maxBytes: MAX_PASTED_BYTES, ...asker }
  const result = await beginImport(deps, given)
  return { source: kept.shown(), result, tried: [] }
}

/** Of several things none is read before a person has chosen. */
async function takeAddress(
  deps: EndpointDeps,
  address: string,
  { source, ...asker }: Asker & { source: string },
): Promise<TakenDocument> {
  const { document, endpoints, failure } = await lookAt(deps, address)
  const [endpoint, ...more] = endpoints
  const named: Named[] = document?.alternatives.filter(({ isNamed }) => isNamed) ?? []
  const isAlone = named.length === 0 && endpoint === undefined
  if (document && (isAlone || isChosenThere(address))) return beginFound(deps, document, source, asker)
  if (failure && endpoints.every(({ isGuess }) => isGuess)) {
    const several = endpoints.map(namedEndpoint)
    return { source, result: failure, ...(endpoint && { several }), tried: failure.tried }
  }
  if (!document && endpoint && more.length === 0) return beginFoundEndpoint(deps, endpoint, source, asker)
  const several = [...named, ...endpoints.map(namedEndpoint)]
  if (!document) return { source, result: null, several, tried: [] }
  await dropChunks(document.chunks)
  const { url, tried } = document
  const label = document.label ?? (endpoint && documentLabel(url))
  return { source, result: null, several: [{ url, ...(label !== undefined && { label }) }, ...several], tried }
}

/** What it most likely is, beside endpoints that are named so. */
function documentLabel(url: string): string {
  if (/\.(graphqls?|gql)$/i.test(url)) return 'GraphQL schema'
  return /[$/]discovery\/(?:rest|v1)\b/.test(url) ? 'Google Discovery document' : 'OpenAPI document'
}

interface LookedAt {
  document?: FoundDocument
  endpoints: FoundEndpoint[]
  /** Why there is no document. */
  failure?: Extract<FindResult, { ok: false }>
}

/** Both at once. Whoever gives the very address of one means that one. */
async function lookAt(deps: EndpointDeps, address: string): Promise<LookedAt> {
  const asked = parseAddress(address)?.href
  const finding = findDocument(deps, address)
  const endpoints = await lookForEndpoints(deps, address)
  const given = endpoints.find(({ url, isGuess }) => url === asked && !isGuess)
  if (given) {
    deps.waitUntil?.(finding.then((found) => (found.ok ? dropChunks(found.chunks) : undefined)))
    return { endpoints: [given] }
  }
  const found = await finding
  if (!found.ok) return { endpoints, failure: found }
  if (found.isSure || endpoints.length === 0)
    return { document: found, endpoints: found.url === asked ? [] : endpoints }
  await dropChunks(found.chunks)
  return { endpoints }
}

async function beginFoundEndpoint(
  deps: EndpointDeps,
  { protocol, url }: FoundEndpoint,
  source: string,
  { method, ...asker }: Asker & { method?: AuthMethod },
): Promise<TakenDocument> {
  const result = await beginEndpoint(deps, { protocol, url, ...(method && { method }) }, asker)
  return { source, result, tried: [] }
}

/** A Swagger UI with several documents says in its address which one is shown. */
function isChosenThere(address: string): boolean {
  return /[?&]urls\.primaryName=./.test(address)
}

/** Where nobody named one of several, the likeliest is the one. */
async function takeCommand(deps: EndpointDeps, address: string, method: AuthMethod | null, asker: Asker) {
  const { document, endpoints, failure } = await lookAt(deps, address)
  const [endpoint] = endpoints
  const shown = { ...asker, ...(method && { method }) }
  if (document) return beginFound(deps, document, address, shown)
  if (endpoint && !endpoint.isGuess) return beginFoundEndpoint(deps, endpoint, address, shown)
  return { source: address, result: failure ?? NO_ADDRESS, tried: failure?.tried ?? [] }
}

async function beginFound(
  deps: EndpointDeps,
  { url, chunks, etag, lastModified, tried }: FoundDocument,
  source: string,
  { method, ...asker }: Asker & { method?: AuthMethod },
): Promise<TakenDocument> {
  const origin = { kind: 'url', url, ...(method && { method }) } as const
  const validators = { etag, lastModified }
  const result = await beginImport(deps, { origin, files: [{ url, chunks }], validators, ...asker })
  return { source, result, tried: result.ok ? [] : tried }
}

/** Whoever begins to read and stops closes the connection. */
async function dropChunks(chunks: Chunks): Promise<void> {
  for await (const _ of chunks) break
}

/** Enough of a part to tell what it is; `rest` goes on after `start`. */
async function peek(part: Part): Promise<{ start: Buffer; rest: AsyncIterator<Uint8Array> }> {
  const rest = part.chunks[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let length = 0
  while (length < PEEKED_BYTES) {
    const { done, value } = await rest.next()
    if (done) break
    seen.push(value)
    length += value.length
  }
  return { start: Buffer.concat(seen), rest }
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** Passes a text on, and keeps it while it is short enough to be shown again. */
function keepShown(text: AsyncIterable<Uint8Array>): {
  chunks: () => AsyncGenerator<Uint8Array>
  shown: () => string
} {
  const kept: Uint8Array[] = []
  let length = 0
  return {
    async *chunks() {
      for await (const chunk of text) {
        length += chunk.length
        if (length <= LONGEST_SHOWN_BYTES) kept.push(chunk)
        yield chunk
      }
    },
    shown: () => (length <= LONGEST_SHOWN_BYTES ? Buffer.concat(kept).toString('utf8') : ''),
  }
}
