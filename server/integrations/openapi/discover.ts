// A document's operations as tools, in its order, one at a time: what was found is handed on before the next is read.
import type { Effect, JsonSchema } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import type { Discovered, DiscoveredTool, Source } from '../adapter.ts'
import { isRecord, own, ownEntries, ownText, shorten } from '../json-value.ts'
import { signatureOf } from '../typescript.ts'
import { parameterKey, readAuth } from './auth-methods.ts'
import type { Binding } from './binding.ts'
import { dialectOf, type Dialect } from './dialect.ts'
import { pointerOf, type DocumentIndex } from './document-index.ts'
import { readInput } from './input.ts'
import { classOf } from './media-type.ts'
import { suggestName } from './names.ts'
import { openDocument } from './open-document.ts'
import { operationsOf, readOperation, type OperationLocation, type OperationModel } from './operation.ts'
import { SchemaCatalog } from './schema-catalog.ts'
import { absoluteServers, serversOf } from './servers.ts'

type Skip = Extract<Discovered, { type: 'skipped' }>

const MAX_SUMMARY = 200
const MAX_DESCRIPTION = 8000
/** A stored row must stay below D1's limit, with the names of its schemas. */
const MAX_TOOL_BYTES = 1_000_000
/** Documents name their parts at any length; a report of them is for people. */
const MAX_PLACE = 300
const MAX_REASON = 500

interface Reading {
  index: DocumentIndex
  dialect: Dialect
  source: Source
  catalog: SchemaCatalog
  servers: string[]
  credentialParameters: Set<string>
  report: (place: string, reason: string) => void
}

export function* discoverOperations(source: Source): Generator<Discovered> {
  const index = openDocument(source)
  const dialect = dialectOf(index)
  const skips = new Skips()
  const report = skips.add.bind(skips)
  const locations = [...operationsOf(index, report)]
  const auth = readAuth(
    index,
    dialect,
    locations.map((location) => location.place),
    report,
  )
  const servers = serversOf(index, dialect, source.url, report)
  const catalog = new SchemaCatalog(index, report)
  const info = index.get(['info'])
  yield {
    type: 'about',
    title: shorten(ownText(info, 'title'), MAX_SUMMARY) || 'Untitled API',
    description: ownText(info, 'description').slice(0, MAX_DESCRIPTION),
    version: shorten(versionOf(info), 60),
    servers,
    authMethods: auth.methods,
    operationCount: locations.length,
  }
  for (const place of index.repeated) report(pointerOf(place), 'The name appears twice; the last one counts.')
  reportEvents(index, report)
  const reading: Reading = {
    index,
    dialect,
    source,
    catalog,
    servers,
    credentialParameters: auth.credentialParameters,
    report,
  }
  for (const location of locations) {
    const found = readTool(reading, location)
    for (const schema of catalog.reached()) yield { type: 'schema', ...schema }
    yield* skips.taken()
    yield found.type === 'tool' ? { ...found, schemaNames: catalog.closure(found.schemaNames) } : found
  }
}

function readTool(reading: Reading, location: OperationLocation): ({ type: 'tool' } & DiscoveredTool) | Skip {
  const { index, dialect, catalog, credentialParameters, report } = reading
  const skip = (reason: string): Skip => skipOf(location.operation, reason, true)
  const read = readOperation(index, dialect, location, report)
  if (!read.ok) return skip(read.reason)
  const model = read.model
  model.parameters = model.parameters.filter(
    (parameter) => parameter.in === 'path' || !credentialParameters.has(parameterKey(parameter.in, parameter.name)),
  )
  const uses = new Set<string>()
  const input = readInput(model, catalog, uses)
  const outputSchema = model.answer ? catalog.translate(model.answer.schema, 'output', uses) : null
  const binding: Binding = {
    method: model.method,
    path: model.path,
    ...ownServer(reading, model),
    parameters: input.parameters,
    ...(input.body ? { body: input.body } : {}),
    accept: acceptOf(model),
  }
  const tool: { type: 'tool' } & DiscoveredTool = {
    type: 'tool',
    operation: model.operation,
    suggestedName: suggestName({ ...model, answersList: answersList(outputSchema, catalog) }),
    summary: summaryOf(model),
    description: model.description.slice(0, MAX_DESCRIPTION),
    effect: effectOf(model.method),
    isDeprecated: model.isDeprecated,
    signature: signatureOf({ input: input.schema, output: outputSchema, defs: catalog }),
    inputSchema: input.schema,
    outputSchema,
    schemaNames: [...uses],
    binding,
    searchPath: searchPathOf(model),
    searchParameters: input.words,
  }
  const isTooLarge = utf8Bytes(JSON.stringify(tool)) > MAX_TOOL_BYTES
  return isTooLarge ? skip('The schemas of the operation are too large to keep.') : tool
}

function skipOf(place: string, reason: string, isOperation: boolean): Skip {
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
function ownServer({ source, servers, report }: Reading, model: OperationModel): { server?: Binding['server'] } {
  const [url] = absoluteServers(model.servers, source.url, (reason) => report(model.operation, reason))
  const [insteadOf] = servers
  return url === undefined || insteadOf === undefined || url === insteadOf ? {} : { server: { url, insteadOf } }
}

/** A list, or an object around one, as paging APIs answer. */
function answersList(output: JsonSchema | null, catalog: SchemaCatalog): boolean {
  const seen = (schema: unknown): unknown => {
    const reference = ownText(schema, '$ref')
    return reference.startsWith('#/$defs/') ? catalog.get(reference.slice('#/$defs/'.length)) : schema
  }
  const schema = seen(output)
  if (!isRecord(schema) || own(schema, 'type') === 'array') return true
  const properties = ownEntries(schema, 'properties')
  return properties.length === 0 || properties.some(([, property]) => own(seen(property), 'type') === 'array')
}

function reportEvents(index: DocumentIndex, report: Reading['report']): void {
  for (const section of ['webhooks', 'x-webhooks']) {
    const count = index.keys([section]).length
    if (count > 0) report(`#/${section}`, `${count} webhooks are sent by the API and cannot be called.`)
  }
}

/** Parts that were left out, each said once. */
class Skips {
  readonly #seen = new Set<string>()
  #waiting: Skip[] = []

  add(place: string, reason: string): void {
    const skip = skipOf(place, reason, false)
    const key = `${skip.place}\n${skip.reason}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#waiting.push(skip)
  }

  taken(): Skip[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
