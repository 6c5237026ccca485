// A schema as tools: one for each field of the query and the mutation type. Before the first come the types that calls
// look up, then with each tool the shared schemas that it reaches first.
import type { Effect, Server } from '../../../drizzle/shapes.ts'
import type { Discovered, DiscoveredTool, Position, Source, SourceFile } from '../adapter.ts'
import { shorten, type JsonRecord } from '../json-value.ts'
import { identifier, wordsOf } from '../openapi/names.ts'
import { pagesMark } from '../openapi/paging.ts'
import { signatureOf, type Definitions } from '../typescript.ts'
import { AUTH_METHODS } from './auth-methods.ts'
import type { GraphQlBinding } from './binding.ts'
import { defaultSelection, isConnection } from './default-selection.ts'
import { readSchema } from './document.ts'
import { JsonSchemas, reasonOf, type ObjectSchema } from './json-schemas.ts'
import {
  BUILT_IN,
  isRequired,
  namedType,
  OPERATION_TYPES,
  type FieldModel,
  type OperationType,
  type SchemaModel,
} from './type-model.ts'
import { rowName, writeRow } from './type-row.ts'

const BEGINNING: Position = { done: 0, schemas: [] }
const MAX_SUMMARY = 200
const MAX_DESCRIPTION = 8000
const MAX_WORDS = 2000
/** Reports of one document: a broken one has more than anybody reads. */
const MAX_REPORTS = 500
const DESTRUCTIVE =
  /^(delete|remove|destroy|purge|erase|drop|wipe|truncate|revoke|terminate)(?![a-z])|_(delete|remove|destroy|purge)$|(Delete|Remove|Destroy|Purge)$/

export function* discoverFields(source: Source, from = BEGINNING): Generator<Discovered> {
  const reports: Discovered[] = []
  const report = (place: string, reason: string) => {
    if (reports.length < MAX_REPORTS) reports.push({ type: 'skipped', place, reason, isOperation: false })
  }
  const schema = readSchema(source, report)
  const operations = operationsOf(schema)
  const endpoint = endpointOf(source.documents[0])
  yield {
    type: 'about',
    title: titleOf(schema, endpoint),
    description: schema.description.slice(0, MAX_DESCRIPTION),
    version: '',
    servers: endpoint === null ? [] : [endpoint.server],
    authMethods: [...AUTH_METHODS],
    operationCount: operations.length,
  }
  if (from.done === 0) yield* reports
  const known = new Set(Array.from(from.schemas, ({ name }) => name))
  yield* rowsOf(schema, known)
  const schemas = new JsonSchemas(schema, known)
  const tools = new ToolWriter(schema, schemas, endpoint?.suffix)
  for (const { type, field } of operations.slice(from.done)) {
    if (type === 'subscription') {
      const reason = 'A subscription is a stream of events without an end, and a call has one answer.'
      yield { type: 'skipped', place: `subscription ${field.name}`, reason, isOperation: true }
      continue
    }
    const tool = tools.write(type, field)
    for (const written of schemas.takeReached()) yield { type: 'schema', ...written }
    yield tool
  }
}

interface Operation {
  type: OperationType
  field: FieldModel
}

function operationsOf({ roots, types }: SchemaModel): Operation[] {
  return OPERATION_TYPES.flatMap((type) => {
    const root = types.get(roots[type] ?? '')
    return [...(root?.fields.values() ?? [])].map((field) => ({ type, field }))
  })
}

function* rowsOf({ types, roots }: SchemaModel, known: ReadonlySet<string>): Generator<Discovered> {
  const rootNames = new Set(Object.values(roots))
  for (const type of types.values()) {
    const name = rowName(type.name)
    if (BUILT_IN.has(type.name) || known.has(name)) continue
    yield { type: 'schema', name, place: `type ${type.name}`, body: writeRow(type, rootNames.has(type.name)) }
  }
}

interface Endpoint {
  server: Server
  suffix: '/' | undefined
}

/** Where the document was introspected; a file of SDL or JSON does not say where its API is. */
function endpointOf(file: SourceFile | undefined): Endpoint | null {
  if (!file?.url || !URL.canParse(file.url)) return null
  const { protocol, origin, pathname } = new URL(file.url)
  if (!/^https?:$/.test(protocol) || /\.(graphqls?|gql|sdl|json|txt)$/i.test(pathname)) return null
  const path = pathname.replace(/\/+$/, '')
  return { server: { url: origin + path }, suffix: path !== '' && pathname.endsWith('/') ? '/' : undefined }
}

function titleOf({ description }: SchemaModel, endpoint: Endpoint | null): string {
  const host = endpoint === null ? '' : new URL(endpoint.server.url).hostname
  const [first = ''] = description.split(/\n|(?<=\.)\s/)
  const heading = shorten(first.replace(/^#+\s*/, '').replace(/\.$/, ''), 80)
  if (host) return host
  return heading && heading.length < 80 ? heading : 'GraphQL API'
}

class ToolWriter {
  readonly #schema: SchemaModel
  readonly #schemas: JsonSchemas
  readonly #suffix: '/' | undefined
  readonly #roots: ReadonlySet<string>

  constructor(schema: SchemaModel, schemas: JsonSchemas, suffix: '/' | undefined) {
    this.#schema = schema
    this.#schemas = schemas
    this.#suffix = suffix
    this.#roots = new Set(Object.values(schema.roots))
  }

  write(operation: 'query' | 'mutation', field: FieldModel): { type: 'tool' } & DiscoveredTool {
    const { name, description, deprecation, inputs } = field
    const selection = defaultSelection(this.#schema, this.#schemas, field.type, this.#roots)
    const selectKey = selection && freeKey(inputs)
    const inputSchema = this.#schemas.object(inputs)
    if (selectKey) addSelect(inputSchema, selectKey, field.type)
    const outputSchema = selection?.schema ?? this.#schemas.output(field.type)
    const after = isConnection(this.#schema, namedType(field.type)) ? inputs.get('after') : undefined
    const binding: GraphQlBinding = {
      operation,
      field: name,
      root: this.#schema.roots[operation] ?? '',
      type: field.type,
      arguments: [...inputs.values()].map((input) => ({
        name: input.name,
        type: input.type,
        ...(input.type.endsWith('!') && !isRequired(input) && { hasDefault: true as const }),
      })),
      ...(selection && { selection: selection.text, types: selection.types, selectKey }),
      ...(after && operation === 'query' && { paging: { cursor: after.name } }),
      ...(this.#suffix && { suffix: this.#suffix }),
    }
    const summary = description.split(/\n\s*\n|(?<=[.!?])\s/)[0] ?? ''
    return {
      type: 'tool',
      operation: `${operation} ${name}`,
      suggestedName: identifier([name]),
      summary: shorten(summary, MAX_SUMMARY),
      description: [description, reasonOf(deprecation)].filter(Boolean).join('\n').slice(0, MAX_DESCRIPTION),
      effect: effectOf(operation, name),
      isDeprecated: deprecation !== null,
      signature: this.#signature(field, selectKey, outputSchema) + pagesMark(binding.paging),
      inputSchema,
      outputSchema,
      origin: null,
      binding,
      searchPath: [operation, ...wordsOf(name), ...wordsOf(namedType(field.type))].join(' '),
      searchParameters: this.#words(field),
    }
  }

  /** With the fields of an input object in place: a mutation has no other argument. */
  #signature({ inputs }: FieldModel, selectKey: string | undefined, output: JsonRecord | boolean): string {
    const schema = this.#schemas.object(inputs, true)
    const properties: JsonRecord = { ...schema.properties }
    for (const input of inputs.values()) {
      const type = this.#schema.types.get(namedType(input.type))
      const isOne = type?.kind === 'INPUT_OBJECT' && !input.type.includes('[') && !type.isOneOf
      if (isOne && inputs.size === 1) properties[input.name] = this.#schemas.object(type.inputs, true)
    }
    if (selectKey) properties[selectKey] = { type: 'string' }
    const none: Definitions = { get: () => undefined }
    return signatureOf({ input: { ...schema, properties }, output, defs: none })
  }

  #words({ inputs }: FieldModel): string {
    const all = [...inputs.values()].flatMap((input) => {
      const type = this.#schema.types.get(namedType(input.type))
      return [input, ...(type?.inputs.values() ?? [])]
    })
    const words = all.map(({ name, description }) => `${wordsOf(name).join(' ')} ${shorten(description, 200)}`)
    return words.join(' ').slice(0, MAX_WORDS)
  }
}

/** The first that no argument is called. */
function freeKey(inputs: ReadonlyMap<string, unknown>): string {
  for (let number = 1; ; number++) {
    const key = ['', 'select', 'selection'][number] ?? `selection${number - 1}`
    if (!inputs.has(key)) return key
  }
}

function addSelect(inputSchema: ObjectSchema, key: string, type: string): void {
  const description =
    `Fields of the answer (${namedType(type)}) as a GraphQL selection, in place of the usual ones: ` +
    '"id name owner { login }". Arguments are written out; no variables, named fragments or directives.'
  inputSchema.properties = { ...inputSchema.properties, [key]: { type: 'string', description } }
}

/** A mutation says what it does by its name alone. */
function effectOf(operation: 'query' | 'mutation', name: string): Effect {
  if (operation === 'query') return 'read'
  return DESTRUCTIVE.test(name) ? 'destructive' : 'write'
}
