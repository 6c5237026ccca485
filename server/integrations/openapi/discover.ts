// A document's operations as tools, in its order, one at a time: what was found is handed on before the next is read.
import type { Effect, Server } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import type { Discovered, DiscoveredTool, Position, Source } from '../adapter.ts'
import { isRecord, own, ownEntries, ownText, shorten } from '../json-value.ts'
import { signatureOf } from '../typescript.ts'
import { type AuthReading, parameterKey, readAuth } from './auth-methods.ts'
import type { Binding } from './binding.ts'
import { dialectOf, reportSchemaDialect, type Dialect } from './dialect.ts'
import { fileOf, pointerOf, type DocumentIndex } from './document-index.ts'
import { DocumentSet } from './document-set.ts'
import { readInput } from './input.ts'
import { classOf } from './media-type.ts'
import { suggestName } from './names.ts'
import { operationsOf, readOperation, type OperationLocation, type OperationModel } from './operation.ts'
import { PackedPlaces, type Places } from './packed-places.ts'
import { pagesMark, recognisePaging } from './paging.ts'
import { readPart } from './readable-part.ts'
import { SchemaCatalog } from './schema-catalog.ts'
import { serverDefault } from './server-template.ts'
import { readServers, serversOf } from './servers.ts'
import { TagGroups } from './tag-groups.ts'

type Skip = Extract<Discovered, { type: 'skipped' }>

const MAX_SUMMARY = 200
const MAX_DESCRIPTION = 8000
/** A stored row must stay below D1's limit. */
const MAX_TOOL_BYTES = 1_000_000
/** Documents name their parts at any length; a report of them is for people. */
const MAX_PLACE = 300
const MAX_REASON = 500
const MAX_REMEMBERED = 10_000
const MAX_SERVERS = 20

const BEGINNING: Position = { done: 0, schemas: [] }

interface Reading {
  index: DocumentIndex
  dialect: Dialect
  retrieved: string | undefined
  catalog: SchemaCatalog
  servers: Server[]
  tags: TagGroups
  auth: AuthReading
  report: (place: string, reason: string) => void
}

export type ToolReading = Pick<Reading, 'retrieved' | 'catalog' | 'servers' | 'tags' | 'report'>

/**
 * `from`: the operations before it, and the schemas that were handed on, are not handed on again, and neither is what is
 * wrong with the document as a whole. What comes is what would have come, with the same names.
 */
export function* discoverOperations(source: Source, from = BEGINNING): Generator<Discovered> {
  const skips = new Skips()
  const report = skips.add.bind(skips)
  const { about, reading } = open(source, from, report)
  yield about
  const whole = skips.taken()
  if (from.done === 0) yield* whole
  let position = 0
  try {
    for (const location of operationsOf(reading.index, () => {})) {
      if (position++ < from.done) continue
      const found = readPart<Found>(
        () => readTool(reading, location),
        (problem) => skipOf(location.operation, problem, true),
      )
      for (const schema of reading.catalog.reached()) yield { type: 'schema', ...schema }
      yield* skips.taken()
      yield found
    }
  } finally {
    // The next turn makes its own, and would do it before these are collected.
    reading.index.release?.()
    reading.catalog.release()
  }
}

export type Found = ({ type: 'tool' } & DiscoveredTool) | Skip

/** What the document says as a whole, and what reading its operations one by one needs of it. */
function open(source: Source, from: Position, report: Reading['report']) {
  const index = new DocumentSet(source)
  const dialect = dialectOf(index)
  const retrieved = source.documents[0]?.url
  // Only the places, and not for long: a document can have very many operations.
  const operations = new PackedPlaces()
  let operationCount = 0
  for (const { place } of operationsOf(index, report)) {
    operations.add(place)
    operationCount++
  }
  const declared = serversOf(index, dialect, retrieved, report)
  const servers = declared.length > 0 ? declared : serversOfOperations(index, operations, report)
  const [usual] = servers
  const auth = readAuth(index, dialect, operations, report, (usual && serverDefault(usual)) ?? retrieved)
  operations.release()
  for (const place of index.repeated) report(pointerOf(place), 'The name appears twice; the last one counts.')
  reportSchemaDialect(index, report)
  reportWebhooks(index, report)
  const info = index.get(['info'])
  const about: Discovered = {
    type: 'about',
    title: shorten(ownText(info, 'title'), MAX_SUMMARY) || 'Untitled API',
    description: ownText(info, 'description').slice(0, MAX_DESCRIPTION),
    version: shorten(versionOf(info), 60),
    servers,
    authMethods: auth.methods,
    operationCount,
  }
  const catalog = new SchemaCatalog(index, report, from.schemas)
  const tags = new TagGroups(index.get(['tags']))
  const reading: Reading = { index, dialect, retrieved, catalog, servers, tags, auth, report }
  return { about, reading }
}

function readTool(reading: Reading, location: OperationLocation): Found {
  const { index, dialect, auth, report } = reading
  reading.catalog.operation = location.operation
  reportCallbacks(index, location, report)
  const read = readOperation(index, dialect, location, report)
  if (!read.ok) return skipOf(location.operation, read.reason, true)
  const model = read.model
  model.parameters = model.parameters.filter(
    (parameter) =>
      parameter.in === 'path' || !auth.credentialParameters.has(parameterKey(parameter.in, parameter.name)),
  )
  const accepts = auth.accepted(model.security)
  return toolOf(reading, accepts === undefined ? model : { ...model, accepts })
}

/** What any format that describes HTTP operations comes to. */
export function toolOf(reading: ToolReading, model: OperationModel): Found {
  const { catalog } = reading
  const input = readInput(model, catalog)
  const outputSchema = model.answer ? catalog.translate(model.answer.schema, 'output') : null
  const server = ownServer(reading, model)
  const binding: Binding = {
    method: model.method,
    path: model.path,
    ...(server ? { server: { url: server.url, insteadOf: server.insteadOf } } : {}),
    parameters: input.parameters,
    ...(input.body ? { body: input.body } : {}),
    accept: acceptOf(model),
    ...(model.accepts && { security: model.accepts }),
  }
  const paging = recognisePaging(binding, input.schema, catalog)
  if (paging !== undefined) binding.paging = paging
  const isList = answersList(model, catalog)
  const tags = reading.tags.of(model.tags)
  const tool: { type: 'tool' } & DiscoveredTool = {
    type: 'tool',
    operation: model.operation,
    suggestedName: suggestName({ ...model, tags: tags.groups, answersList: isList }),
    summary: summaryOf(model),
    description: model.description.slice(0, MAX_DESCRIPTION),
    effect: effectOf(model.method),
    isDeprecated: model.isDeprecated,
    signature:
      signatureOf({ input: input.schema, output: outputSchema, defs: catalog }) + (isList ? pagesMark(paging) : ''),
    inputSchema: input.schema,
    outputSchema,
    origin: server?.origin ?? null,
    binding,
    searchPath: searchPathOf({ ...model, tags: tags.words }),
    searchParameters: input.words,
  }
  const isTooLarge = utf8Bytes(JSON.stringify(tool)) > MAX_TOOL_BYTES
  return isTooLarge ? skipOf(model.operation, 'The schemas of the operation are too large to keep.', true) : tool
}

export function skipOf(place: string, reason: string, isOperation: boolean): Skip {
  return { type: 'skipped', place: place.slice(0, MAX_PLACE), reason: reason.slice(0, MAX_REASON), isOperation }
}

/** YAML reads `version: 1.0` as a number. */
function versionOf(info: unknown): string {
  const version = own(info, 'version')
  return typeof version === 'number' ? String(version) : ownText(info, 'version')
}

function effectOf(method: string): Effect {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'read'
  return method === 'DELETE' ? 'destructive' : 'write'
}

function summaryOf(model: OperationModel): string {
  const firstSentence = /^[^\n]*?[.!?](?=\s|$)/.exec(model.description)?.[0] ?? model.description.split('\n')[0] ?? ''
  return shorten(model.summary || firstSentence, MAX_SUMMARY) || model.operation
}

/** Every word of the path, the operation's name and its tags, with camel case taken apart. */
function searchPathOf({ path, operationId, tags }: OperationModel): string {
  const words = [path, operationId, ...tags].join(' ').replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
  return [...new Set(words.split(/[^\p{L}\p{N}]+/u).filter(Boolean))].join(' ').slice(0, 500)
}

/** JSON is asked for where the document offers it; without a word about it, anything is welcome. */
function acceptOf({ answer }: OperationModel): string {
  const types = answer?.mediaTypes ?? []
  const json = types.filter((type) => classOf(type) === 'json')
  const wanted = json.length > 0 ? json : types
  return wanted.length === 0 ? 'application/json, */*;q=0.8' : wanted.slice(0, 8).join(', ')
}

/** The operation's (or its path's) own server, where it has one that is not the document's default. */
function ownServer(
  { servers, retrieved, report }: ToolReading,
  model: OperationModel,
): { url: string; insteadOf: string; origin: string | null } | null {
  const [usual] = servers
  // A relative server is relative to the file that it stands in.
  const base = fileOf(model.place) ?? retrieved
  const [own] = readServers(model.servers, base, (reason) => report(model.operation, reason))
  const url = own && serverDefault(own)
  const insteadOf = usual && serverDefault(usual)
  if (!url || !insteadOf || url === insteadOf) return null
  const { origin } = new URL(url)
  return { url, insteadOf, origin: origin === new URL(insteadOf).origin ? null : origin }
}

/** For a document that says nowhere but at its operations where they are. */
function serversOfOperations(index: DocumentIndex, operations: Places, report: Reading['report']): Server[] {
  const found = new Map<string, Server>()
  for (const place of operations) {
    for (const at of [place, place.slice(0, -1)]) {
      const servers = readServers(index.get([...at, 'servers']), fileOf(at), (reason) => report(pointerOf(at), reason))
      for (const server of servers) if (!found.has(server.url)) found.set(server.url, server)
    }
    if (found.size >= MAX_SERVERS) break
  }
  return [...found.values()]
}

/** A list, or an object around one, as paging APIs answer. */
function answersList({ answer }: OperationModel, catalog: SchemaCatalog): boolean {
  const schema = catalog.look(answer?.schema)
  if (!isRecord(schema) || own(schema, 'type') === 'array') return true
  const properties = ownEntries(schema, 'properties')
  return properties.length === 0 || properties.some(([, property]) => own(catalog.look(property), 'type') === 'array')
}

function reportWebhooks(index: DocumentIndex, report: Reading['report']): void {
  for (const section of ['webhooks', 'x-webhooks']) {
    const count = index.keys([section]).length
    const some = count === 1 ? '1 webhook is' : `${count} webhooks are`
    if (count > 0) report(`#/${section}`, `${some} sent by the API and cannot be called.`)
  }
}

function reportCallbacks(index: DocumentIndex, location: OperationLocation, report: Reading['report']): void {
  const names = index.keys([...location.place, 'callbacks'])
  const some = names.length === 1 ? '1 callback is' : `${names.length} callbacks are`
  const shown = shorten(names.join(', '), 100)
  if (names.length > 0) report(location.operation, `${some} sent by the API and cannot be called: ${shown}.`)
}

/** Parts that were left out, each said once, as far as there is room to remember what was said. */
export class Skips {
  readonly #seen = new Set<string>()
  #waiting: Skip[] = []

  add(place: string, reason: string): void {
    const skip = skipOf(place, reason, false)
    const key = `${skip.place}\n${skip.reason}`
    if (this.#seen.has(key)) return
    if (this.#seen.size >= MAX_REMEMBERED) this.#seen.clear()
    this.#seen.add(key)
    this.#waiting.push(skip)
  }

  taken(): Skip[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
