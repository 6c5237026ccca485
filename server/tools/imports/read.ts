// The second step of an import, and the long one: what the adapter finds becomes rows of a revision that nobody sees.
// Reading is done in turns. Whoever has the attempt goes on from the last batch, until the time that it was given is
// over or the end is reached; a Worker that dies in between loses no more than the rows since its last batch. Every
// statement asks whether the attempt still holds, so one that was given up for dead cannot disturb its successor.
import type { ImportPreview, IntegrationKind, Skipped } from '../../../drizzle/shapes.ts'
import type { Database } from '../../db/database.ts'
import { readDocuments } from '../../db/documents.ts'
import {
  type Attempt,
  discardRows,
  failReading,
  finishReading,
  type ImportRow,
  leaveReading,
  type Progress,
  recordProgress,
  takeReading,
} from '../../db/imports.ts'
import { listSlugs } from '../../db/integrations.ts'
import { JsonRows } from '../../db/json-rows.ts'
import { insertSchemas, listSchemaPlaces } from '../../db/schemas.ts'
import { keepChoice } from '../../db/pending-tools.ts'
import { insertTools, listToolNames, type NewTool } from '../../db/tools.ts'
import type { Adapter, Discovered, DiscoveredTool, Fetch, Source } from '../../integrations/adapter.ts'
import { DocumentError } from '../../integrations/document-error.ts'
import { PackedBytes } from '../../integrations/packed-bytes.ts'
import { PackedNames } from '../../integrations/packed-texts.ts'
import { adapterFor, detectKind } from '../../integrations/registry.ts'
import { OutboundError } from '../../net/outbound.ts'
import { suggestSlug } from '../import-fields.ts'
import { takingTurns } from '../taking-turns.ts'
import { ToolNames } from '../tool-names.ts'
import { spacedWords } from '../words.ts'
import { type ImportDeps, MAX_DOCUMENT_BYTES, newAttempt, type Received, sourceOf } from './receive.ts'
import { withReferences } from './references.ts'

/** Rows collected before they are sent: two or three parameters' worth, so that few round trips need little memory. */
const BATCH_BYTES = 2_000_000
/** Behind so many operations the heap has less room: D1 has each batch as a text twice. */
const MANY = 2_000
const SMALL_BATCH_BYTES = 500_000
/** Rows that one answer of D1 brings where there can be tens of thousands. */
const ROWS_AT_ONCE = 2_000
const SKIPPED_KEPT = 1_000
const MOST_DESCRIPTION = 4_000
/** What one turn takes: a request's work may go on for 30 s after its answer. */
const TURN_MS = 15_000

/** Somebody else goes on with the import, or has cancelled it; there is nothing to clean up and nobody to tell. */
export class SupersededError extends Error {
  override name = 'SupersededError'
}

/** `left`: there is more to read, and whoever comes next may go on. `busy`: somebody else does. */
export type ReadResult = 'read' | 'left' | 'busy' | { failed: string }

/** Goes on with an import for a while. Never rejects for what a document can cause; the import's row says how it ended. */
export async function readImport(
  deps: ImportDeps,
  importId: string,
  options: { forMs?: number; received?: Received } = {},
): Promise<ReadResult> {
  const taken = await take(deps.db, importId, options.received)
  if (taken === null) return 'busy'
  const { attempt } = taken
  try {
    return await readTurn(deps, taken, Date.now() + (options.forMs ?? TURN_MS))
  } catch (error) {
    if (error instanceof SupersededError) return 'busy'
    const isExpected = error instanceof DocumentError || error instanceof OutboundError
    const failed = isExpected
      ? error.message
      : `Something unexpected stopped the import; the log has it as ${importId}.`
    await deps.db.batch([failReading(deps.db, attempt, failed, Date.now()), ...discardRows(deps.db)])
    if (!isExpected) throw new Error(`The import ${importId} failed`, { cause: error })
    return { failed }
  }
}

interface Taken extends Received {
  progress: Progress
}

async function take(db: Database, importId: string, received: Received | undefined): Promise<Taken | null> {
  if (received !== undefined) {
    return { ...received, progress: { done: 0, preview: null, skipped: [], skippedCount: 0 } }
  }
  const number = newAttempt()
  const [row] = await takeReading(db, importId, number, Date.now())
  if (row === undefined) return null
  return { attempt: attemptOf(row, number), files: row.files, blocks: await readDocuments(db, importId), progress: row }
}

function attemptOf({ id, integrationId, revision }: ImportRow, attempt: number): Attempt {
  return { importId: id, integrationId, revision, attempt }
}

async function readTurn(deps: ImportDeps, taken: Taken, until: number): Promise<ReadResult> {
  const { db, outbound } = deps
  const given = sourceOf(taken.files, taken.blocks)
  const adapter = adapterOfSource(given)
  const source = taken.progress.done === 0 ? await withReferences(deps, adapter, taken, given) : given
  const fetch = (request: Request) => outbound.send(request, { maxBytes: MAX_DOCUMENT_BYTES })
  try {
    return await readRevision(db, taken.attempt, adapter, { source, fetch, progress: taken.progress, until })
  } finally {
    // The next turn reads them again, and would do it before these are collected.
    for (const { bytes } of [...source.documents, ...source.referenced])
      if (bytes instanceof PackedBytes) bytes.release()
  }
}

interface Reading {
  source: Source
  fetch: Fetch
  progress: Progress
  until: number
}

const NOTHING: Reading = {
  source: { documents: [], referenced: [] },
  fetch: () => Promise.reject(new Error('Nothing may be fetched')),
  progress: { done: 0, preview: null, skipped: [], skippedCount: 0 },
  until: Infinity,
}

/** Writes what an adapter finds, from where the progress stands. Throws what the adapter throws, and `SupersededError`. */
export async function readRevision(
  db: Database,
  attempt: Attempt,
  adapter: Adapter,
  { source, fetch, progress, until }: Reading = NOTHING,
): Promise<'read' | 'left'> {
  const { names, schemas, slugs } = await readKnown(db, attempt)
  const writer = new RevisionWriter(db, attempt, progress, { names, slugs, kind: adapter.kind })
  const from = progress.done > 0 ? { done: progress.done, schemas } : undefined
  try {
    for await (const found of takingTurns(adapter.discover(source, fetch, from))) {
      const isOperation = writer.add(found)
      // Whoever reads operations knows them by then.
      if (isOperation) schemas.release()
      if (writer.isFull) await writer.write(false)
      if (isOperation && Date.now() >= until) {
        await writer.write(true)
        return 'left'
      }
    }
    await writer.finish()
    return 'read'
  } finally {
    names.release()
  }
}

/** The rows of the names are not held while the document is read: of a large one there are tens of thousands. */
async function readKnown(db: Database, attempt: Attempt) {
  const page = (offset: number) => ({ limit: ROWS_AT_ONCE, offset })
  let [tools, places, slugs] = await db.batch([
    listToolNames(db, attempt, page(0)),
    listSchemaPlaces(db, attempt, page(0)),
    listSlugs(db),
  ])
  const names = new ToolNames(tools)
  for (let read = ROWS_AT_ONCE; tools.length === ROWS_AT_ONCE; read += ROWS_AT_ONCE) {
    tools = await listToolNames(db, attempt, page(read))
    names.keep(tools)
  }
  const schemas = new KnownSchemas()
  for (let read = ROWS_AT_ONCE; ; read += ROWS_AT_ONCE) {
    schemas.keep(places)
    if (places.length < ROWS_AT_ONCE) break
    places = await listSchemaPlaces(db, attempt, page(read))
  }
  return { names, schemas, slugs }
}

/** Schemas that were handed on, by their places. */
class KnownSchemas {
  #nameOf: PackedNames | null = new PackedNames()

  keep(rows: readonly { name: string; place: string }[]): void {
    for (const { name, place } of rows) this.#nameOf?.set(place, name)
  }

  *[Symbol.iterator](): Generator<{ name: string; place: string }> {
    for (const [place, name] of this.#nameOf ?? []) yield { name, place }
  }

  /** Gives the memory back at once. */
  release(): void {
    this.#nameOf?.release()
    this.#nameOf = null
  }
}

function adapterOfSource(source: Source): Adapter {
  const detected = detectKind(source)
  if (!detected.ok) throw new DocumentError(detected.code, detected.message)
  const adapter = adapterFor(detected.kind)
  if (adapter === undefined) throw new Error(`No adapter speaks ${detected.kind}`)
  return adapter
}

interface Given {
  names: ToolNames
  slugs: readonly { slug: string }[]
  kind: IntegrationKind
}

/** Collects what was found, and writes it batch by batch. */
class RevisionWriter {
  readonly #db: Database
  readonly #attempt: Attempt
  readonly #given: Given
  readonly #progress: Progress
  readonly #tools = new JsonRows()
  readonly #schemas = new JsonRows()

  constructor(db: Database, attempt: Attempt, { done, preview, skipped, skippedCount }: Progress, given: Given) {
    this.#db = db
    this.#attempt = attempt
    this.#progress = { done, preview, skipped: [...skipped], skippedCount }
    this.#given = given
  }

  get isFull(): boolean {
    const most = this.#progress.done > MANY ? SMALL_BATCH_BYTES : BATCH_BYTES
    return this.#tools.bytes + this.#schemas.bytes > most
  }

  /** True when an operation is complete with this. */
  add(found: Discovered): boolean {
    if (found.type === 'about') {
      this.#progress.preview ??= this.#previewOf(found)
      return false
    }
    if (found.type === 'schema') {
      this.#schemas.add({ name: found.name, place: found.place, body: found.body })
      return false
    }
    if (found.type === 'tool') this.#tools.add(toolRow(found, this.#given.names))
    else this.#skip(found)
    const isOperation = found.type === 'tool' || found.isOperation
    if (isOperation) this.#progress.done++
    return isOperation
  }

  /** `isLeft`: this attempt ends here, and the import is not at its end. */
  async write(isLeft: boolean): Promise<void> {
    const end = isLeft ? [leaveReading(this.#db, this.#attempt)] : []
    const [alive] = await this.#db.batch([this.#record(), ...this.#rows(), ...end])
    if (alive.length === 0) throw new SupersededError()
  }

  async finish(): Promise<void> {
    if (this.#progress.preview === null) throw new DocumentError('empty', 'The document describes nothing.')
    const end = [keepChoice(this.#db, this.#attempt), finishReading(this.#db, this.#attempt, Date.now())]
    const [alive] = await this.#db.batch([this.#record(), ...this.#rows(), ...end])
    if (alive.length === 0) throw new SupersededError()
  }

  #record() {
    return recordProgress(this.#db, this.#attempt, this.#progress, Date.now())
  }

  #rows() {
    return [
      ...this.#schemas.take().map((rows) => insertSchemas(this.#db, this.#attempt, rows)),
      ...this.#tools.take().map((rows) => insertTools(this.#db, this.#attempt, rows)),
    ]
  }

  #previewOf(about: Extract<Discovered, { type: 'about' }>): ImportPreview {
    const { title, description, version, servers, authMethods, operationCount } = about
    const taken = new Set(this.#given.slugs.map(({ slug }) => slug))
    return {
      kind: this.#given.kind,
      title,
      description: description.slice(0, MOST_DESCRIPTION),
      version,
      suggestedSlug: suggestSlug(title, servers[0]?.url, taken),
      servers,
      authMethods,
      operationCount,
    }
  }

  #skip({ place, reason }: Skipped): void {
    const { skipped } = this.#progress
    // What stands before the operations is said again each time that reading goes on.
    if (skipped.some((known) => known.place === place && known.reason === reason)) return
    this.#progress.skippedCount++
    if (skipped.length < SKIPPED_KEPT) skipped.push({ place, reason })
  }
}

function toolRow(found: DiscoveredTool, names: ToolNames): NewTool {
  const name = names.nameFor(found.operation, found.suggestedName)
  const { operation, summary, description, effect, isDeprecated, signature } = found
  const { inputSchema, outputSchema, origin, binding } = found
  return {
    name,
    operation,
    summary,
    description,
    effect,
    isDeprecated,
    signature,
    inputSchema,
    outputSchema,
    origin,
    isChosen: true,
    binding,
    searchWords: { name: spacedWords(name), path: found.searchPath, parameters: found.searchParameters },
  }
}
