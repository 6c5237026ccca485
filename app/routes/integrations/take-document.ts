// What an admin gave in the one box: an address, a curl command, a pasted document, or an uploaded file. Read as a stream.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { findIntegrationBySlug } from '../../../server/db/integrations.ts'
import { findDocument, type FindResult, type Tried } from '../../../server/tools/find-document.ts'
import { beginImport } from '../../../server/tools/imports/begin.ts'
import { fetchFiles } from '../../../server/tools/imports/fetch-files.ts'
import type { EndpointDeps } from '../../../server/tools/imports/fetch-endpoint.ts'
import type { Chunks } from '../../../server/tools/imports/receive.ts'
import { readPasted } from '../../../server/tools/read-pasted.ts'
import { type Part, readParts } from './multipart.ts'
import { findPreset } from './presets.ts'
import {
  beginEndpoint,
  type BegunEndpoint,
  type Endpoint,
  endpointLabel,
  lookForEndpoint,
  meantBy,
} from './take-endpoint.ts'

/** Enough to tell what was pasted. */
const PEEKED_BYTES = 64 * 1024
const MAX_PASTED_BYTES = 4 * 1024 * 1024
/** Of what was pasted, to be shown again: more than that was hardly typed. */
const LONGEST_SHOWN_BYTES = 64 * 1024

/** A document by its address, and what the page that names it calls it. */
export interface Named {
  url: string
  label?: string
}

/** `source` is what the box held, for the form to show again; empty when that was too long, or held a credential. */
export interface TakenDocument {
  /** Null: there are several documents, and a person chooses. */
  result: BegunEndpoint | null
  /** The likeliest first. */
  several?: Named[]
  source: string
  tried: Tried[]
}

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
export async function takePreset(deps: EndpointDeps, slug: string, by: string): Promise<BegunEndpoint> {
  const preset = findPreset(slug)
  if (preset === undefined) return { ok: false, code: 'unknown_preset', message: 'Choose one of the gallery.' }
  const [url = '', ...others] = preset.urls
  if (preset.kind === 'graphql') {
    const begun = await beginEndpoint(deps, { protocol: 'graphql', url }, { by })
    return begun.connectFirst ? { ...begun, connectFirst: `${begun.connectFirst}&preset=${slug}` } : begun
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
  if (pasted.kind === 'address') return takeAddress(deps, pasted.url, { ...asker, source: text })
  // The command may hold a secret: only its address is shown again.
  if (pasted.kind === 'curl') return takeCommand(deps, pasted.url, pasted.method, asker)
  // A page or a list has more to say for itself than what it is not.
  const isDocument = pasted.kind === 'document' || text.startsWith('<')
  // A command that could not be read may hold a secret all the same.
  const isShown = text.length <= LONGEST_SHOWN_BYTES && !/\bcurl\b/i.test(text)
  if (!isDocument) return refused(isShown ? text : '', pasted.message)
  const kept = keepShown(joined(start, rest))
  const files = [{ chunks: kept.chunks() }]
  const given = { origin: { kind: 'paste' } as const, files, maxBytes: MAX_PASTED_BYTES, ...asker }
  const result = await beginImport(deps, given)
  return { source: kept.shown(), result, tried: [] }
}

/** A page of several documents is shown before one of them is read, and so is a document beside an endpoint. */
async function takeAddress(deps: EndpointDeps, address: string, { source, ...asker }: Asker & { source: string }) {
  const { found, endpoint, meant } = await lookAt(deps, address)
  if (meant === 'endpoint' && endpoint) return beginFoundEndpoint(deps, endpoint, found, source, asker)
  if (!found.ok) return { source, result: found, tried: found.tried }
  const { url, label, tried } = found
  const others: Named[] = found.alternatives.filter(({ isNamed }) => isNamed)
  if (meant === null && endpoint) others.push({ url: endpoint.url, label: endpointLabel(endpoint) })
  if (others.length === 0 || isChosenThere(address)) return beginFound(deps, found, source, asker)
  await dropChunks(found.chunks)
  const several = [{ url, ...(label !== undefined && { label }) }, ...others]
  return { source, result: null, several, tried }
}

async function lookAt(deps: EndpointDeps, address: string) {
  const [found, endpoint] = await Promise.all([findDocument(deps, address), lookForEndpoint(deps, address)])
  return { found, endpoint, meant: meantBy(address, found, endpoint) }
}

async function beginFoundEndpoint(
  deps: EndpointDeps,
  { protocol, url }: Endpoint,
  found: FindResult,
  source: string,
  { method, ...asker }: Asker & { method?: AuthMethod },
): Promise<TakenDocument> {
  if (found.ok) await dropChunks(found.chunks)
  const result = await beginEndpoint(deps, { protocol, url, ...(method && { method }) }, asker)
  return { source, result, tried: [] }
}

/** A Swagger UI with several documents says in its address which one is shown. */
function isChosenThere(address: string): boolean {
  return /[?&]urls\.primaryName=./.test(address)
}

/** Where nobody named a document, the likeliest is the one. */
async function takeCommand(deps: EndpointDeps, address: string, method: AuthMethod | null, asker: Asker) {
  const { found, endpoint, meant } = await lookAt(deps, address)
  const shown = { ...asker, ...(method && { method }) }
  if (meant === 'endpoint' && endpoint) return beginFoundEndpoint(deps, endpoint, found, address, shown)
  if (!found.ok) return { source: address, result: found, tried: found.tried }
  return beginFound(deps, found, address, shown)
}

async function beginFound(
  deps: EndpointDeps,
  { url, chunks, etag, lastModified, tried }: Extract<FindResult, { ok: true }>,
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
