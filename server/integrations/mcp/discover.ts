// The tools of a catalog, in the server's order, and after them what the protocol has beside tools.
import type { Effect, JsonSchema } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import type { Discovered, DiscoveredTool, Position, Source } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { isRecord, own, ownText, shorten } from '../json-value.ts'
import { skipOf, Skips, type Found } from '../openapi/discover.ts'
import { readPart } from '../openapi/readable-part.ts'
import { SchemaCatalog } from '../openapi/schema-catalog.ts'
import { signatureOf } from '../typescript.ts'
import { authMethodsOf } from './auth-methods.ts'
import type { McpBinding } from './binding.ts'
import { problemsOf, readCatalogDocument, type CatalogDocument } from './catalog-document.ts'
import { mirroredArguments } from './mirrored-arguments.ts'
import { protocolTools, type ProtocolTool } from './protocol-tools.ts'
import { suggestedName } from './tool-names.ts'
import { ToolSchemas } from './tool-schemas.ts'
import type { Endpoint } from './wire.ts'

const BEGINNING: Position = { done: 0, schemas: [] }
const MAX_TITLE = 200
const MAX_NAME = 256
const MAX_DESCRIPTION = 8000
const MAX_ICONS_BYTES = 4000
/** A stored row must stay below D1's limit. */
const MAX_TOOL_BYTES = 1_000_000

interface Reading {
  document: CatalogDocument
  schemas: ToolSchemas
  catalog: SchemaCatalog
}

export function* discoverTools(source: Source, from = BEGINNING): Generator<Discovered> {
  const [file] = source.documents
  if (file === undefined) throw new DocumentError('not_mcp', 'There is no catalog of an MCP server.')
  const document = readCatalogDocument(file)
  const extra = protocolTools(document.capabilities)
  const operationCount = document.toolCount + extra.length
  if (operationCount === 0) {
    throw new DocumentError('no_tools', 'The server lists no tools, resources or prompts, so there is nothing to call.')
  }
  yield { type: 'about', ...aboutOf(document), operationCount }
  const skips = new Skips()
  const report = skips.add.bind(skips)
  if (from.done === 0) for (const { place, reason } of problemsOf(document)) yield skipOf(place, reason, false)
  const firsts = firstsByName(document)
  const schemas = new ToolSchemas(named(document, firsts), (tool) => document.tool(tool))
  const catalog = new SchemaCatalog(schemas, report, from.schemas)
  const reading: Reading = { document, schemas, catalog }
  try {
    for (let at = from.done; at < operationCount; at++) {
      const { method = null } = extra[at - document.toolCount] ?? {}
      const place = method ?? operationOf(document.tool(at))
      catalog.operation = place
      const found = readPart<Found>(
        () => readAt(reading, extra, firsts, at),
        (problem) => skipOf(place, problem, true),
      )
      for (const schema of catalog.reached()) yield { type: 'schema', ...schema }
      yield* skips.taken()
      yield found
    }
  } finally {
    catalog.release()
  }
}

function readAt(
  { document, schemas, catalog }: Reading,
  extra: ProtocolTool[],
  firsts: Map<string, number>,
  at: number,
): Found {
  const beside = extra[at - document.toolCount]
  if (beside) return protocolTool(document.endpoint, beside)
  const value = document.tool(at)
  const operation = operationOf(value)
  const name = nameOf(value)
  if (name === null) return skipOf(operation, 'It has no name by which it could be called.', true)
  if (firsts.get(name) !== at) return skipOf(operation, 'Another tool before it has the same name.', true)
  if (!isRecord(own(value, 'inputSchema'))) return skipOf(operation, 'It has no schema of its arguments.', true)
  const mirroring = mirroredArguments(own(value, 'inputSchema'))
  if (!mirroring.ok) return skipOf(operation, mirroring.reason, true)
  const inputSchema = withObject(catalog.translate(schemas.schema(name, 'inputSchema', value), 'input'))
  const output = own(value, 'outputSchema')
  const outputSchema = isRecord(output)
    ? catalog.translate(schemas.schema(name, 'outputSchema', value), 'output')
    : null
  const annotations = own(value, 'annotations')
  const icons = own(value, 'icons')
  const title = shorten(ownText(value, 'title') || ownText(annotations, 'title'), MAX_TITLE)
  const description = ownText(value, 'description').slice(0, MAX_DESCRIPTION)
  const binding: McpBinding = {
    ...document.endpoint,
    method: 'tools/call',
    name,
    ...(mirroring.headers.length > 0 && { headers: mirroring.headers }),
    ...(ownText(own(value, 'execution'), 'taskSupport') === 'required' && { isTask: true }),
    ...(title && { title }),
    ...(isRecord(annotations) && { annotations: knownAnnotations(annotations) }),
    ...(Array.isArray(icons) && utf8Bytes(JSON.stringify(icons)) <= MAX_ICONS_BYTES && { icons }),
  }
  const tool: { type: 'tool' } & DiscoveredTool = {
    type: 'tool',
    operation,
    suggestedName: suggestedName(name),
    summary: title || firstSentence(description) || name,
    description,
    effect: effectOf(annotations),
    isDeprecated: false,
    signature: signatureOf({ input: inputSchema, output: outputSchema, defs: catalog }),
    inputSchema,
    outputSchema,
    origin: null,
    binding,
    searchPath: wordsOf(`${name} ${title}`),
    searchParameters: wordsOf(parametersOf(inputSchema)).slice(0, 2000),
  }
  const isTooLarge = utf8Bytes(JSON.stringify(tool)) > MAX_TOOL_BYTES
  return isTooLarge ? skipOf(operation, 'The schemas of the tool are too large to keep.', true) : tool
}

function protocolTool(endpoint: Endpoint, { method, name, description, input, output }: ProtocolTool): Found {
  const binding: McpBinding = { ...endpoint, method }
  return {
    type: 'tool',
    operation: method,
    suggestedName: name,
    summary: description,
    description,
    effect: 'read',
    isDeprecated: false,
    signature: signatureOf({ input, output, defs: new Map() }),
    inputSchema: input,
    outputSchema: output,
    origin: null,
    binding,
    searchPath: wordsOf(name),
    searchParameters: wordsOf(parametersOf(input)),
  }
}

/** Where each name is first. What comes later under the same name is another tool, which nobody could call. */
function firstsByName(document: CatalogDocument): Map<string, number> {
  const firsts = new Map<string, number>()
  for (let at = 0; at < document.toolCount; at++) {
    const name = nameOf(document.tool(at))
    if (name !== null && !firsts.has(name)) firsts.set(name, at)
  }
  return firsts
}

function* named(document: CatalogDocument, firsts: Map<string, number>) {
  for (const [name, tool] of firsts) yield { tool, name, value: document.tool(tool) }
}

/** As the server has it; null for what is no text, or one that could not be shown. */
function nameOf(tool: unknown): string | null {
  const name = own(tool, 'name')
  return typeof name === 'string' && /^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u.test(name) && name.length <= MAX_NAME
    ? name
    : null
}

function operationOf(tool: unknown): string {
  return `tool ${shorten(ownText(tool, 'name'), MAX_NAME)}`
}

/** A hint of the server's. Only one that says "read" lowers what a call is taken for, as the specification has it. */
function effectOf(annotations: unknown): Effect {
  if (own(annotations, 'readOnlyHint') === true) return 'read'
  return own(annotations, 'destructiveHint') === true ? 'destructive' : 'write'
}

const ANNOTATIONS = ['title', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']

function knownAnnotations(annotations: object): unknown {
  const known = Object.entries(annotations).filter(([name, value]) => ANNOTATIONS.includes(name) && !isRecord(value))
  return Object.fromEntries(
    known.map(([name, value]) => [name, typeof value === 'string' ? shorten(value, MAX_TITLE) : value]),
  )
}

function aboutOf({ endpoint, serverInfo, instructions }: CatalogDocument) {
  const { url } = endpoint
  const title = ownText(serverInfo, 'title') || ownText(serverInfo, 'name') || new URL(url).hostname
  return {
    title: shorten(title, MAX_TITLE),
    description: (instructions || ownText(serverInfo, 'description')).slice(0, MAX_DESCRIPTION),
    version: shorten(ownText(serverInfo, 'version'), 60),
    servers: [{ url: url.replace(/\/+$/, '') }],
    authMethods: authMethodsOf(url),
  }
}

/** A schema without a type would be printed as anything; arguments are an object. */
function withObject(schema: JsonSchema): JsonSchema {
  if (!isRecord(schema) || schema.type !== undefined || schema.$ref !== undefined) return schema
  return { type: 'object', ...schema }
}

function firstSentence(description: string): string {
  const line = description.split('\n')[0] ?? ''
  return shorten(/^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line, MAX_TITLE)
}

function parametersOf(schema: JsonSchema): string {
  const properties = isRecord(schema) && isRecord(schema.properties) ? Object.entries(schema.properties) : []
  return properties
    .map(([name, property]) => `${name} ${shorten(ownText(property, 'description'), MAX_TITLE)}`)
    .join(' ')
}

function wordsOf(text: string): string {
  const words = text.replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').split(/[^\p{L}\p{N}]+/u)
  return [...new Set(words.filter(Boolean))].join(' ')
}
