// GraphQL types as JSON Schema. Named ones become shared schemas, `#/$defs/<name>`, written when they are reached first.
import { parseConstValue } from 'graphql/language/parser.js'
import { valueFromASTUntyped } from 'graphql/utilities/valueFromASTUntyped.js'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, shorten, type JsonRecord } from '../json-value.ts'
import { isNestedDeeperThan } from '../read-json.ts'
import { isRequired, namedType, type InputModel, type SchemaModel, type TypeModel } from './type-model.ts'

const MAX_DESCRIPTION = 1000
const MAX_DEFAULT = 500
const MAX_DEFAULT_DEPTH = 8
const MAX_VALUE_NOTES = 2000
const BUILT_IN: Record<string, JsonRecord> = {
  String: { type: 'string' },
  Int: { type: 'integer' },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
}
/** How an ID is sent: servers take both. It is always answered as text (section 3.5.5). */
const ID_INPUT = { type: ['string', 'integer'] }

export interface Written {
  name: string
  place: string
  body: JsonSchema
}

export interface ObjectSchema extends JsonRecord {
  properties: JsonRecord
}

export class JsonSchemas {
  readonly #schema: SchemaModel
  readonly #known: Set<string>
  #reached: Written[] = []

  /** `known`: those that were written before. */
  constructor(schema: SchemaModel, known: Iterable<string>) {
    this.#schema = schema
    this.#known = new Set(known)
  }

  /** The shared schemas that were reached since the last time. */
  takeReached(): Written[] {
    // Each may reach others, which come behind it: a chain of them can be longer than the stack.
    const reached = this.#reached
    for (const written of reached) {
      const type = this.#schema.types.get(written.name)
      if (type !== undefined) written.body = this.#bodyOf(type)
    }
    this.#reached = []
    return reached
  }

  /** For arguments and fields of input objects, by name. `isPlain` leaves out what only makes it longer to read. */
  properties(inputs: Iterable<InputModel>, isPlain = false): JsonRecord {
    return Object.fromEntries([...inputs].map((input) => [input.name, this.input(input, isPlain)]))
  }

  input(input: InputModel, isPlain = false): JsonSchema {
    const { description, fallback, deprecation } = input
    const schema = this.#wrapped(input.type, (name) => this.#named(name, isPlain ? 'plain' : 'input'), isPlain)
    if (isPlain) return schema
    const notes = shorten([description, reasonOf(deprecation)].filter(Boolean).join(' '), MAX_DESCRIPTION)
    const value = defaultOf(fallback)
    return {
      ...(isRecord(schema) && schema),
      ...(notes && { description: notes }),
      ...(value !== undefined && { default: value }),
      ...(deprecation !== null && { deprecated: true }),
    }
  }

  /** `composite` is the schema of the innermost type where that is one with fields. */
  output(type: string, composite?: JsonSchema): JsonSchema {
    return this.#wrapped(type, (name) => composite ?? this.#named(name, 'output'), false)
  }

  /** The object of some arguments, or of the fields of an input object. */
  object(inputs: ReadonlyMap<string, InputModel>, isPlain = false): ObjectSchema {
    const required = [...inputs.values()].filter(isRequired).map(({ name }) => name)
    return {
      type: 'object',
      properties: this.properties(inputs.values(), isPlain),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    }
  }

  #wrapped(type: string, inner: (name: string) => JsonSchema, isPlain: boolean): JsonSchema {
    if (type.endsWith('!')) return this.#bare(type.slice(0, -1), inner, isPlain)
    const schema = this.#bare(type, inner, isPlain)
    return isPlain ? schema : withNull(schema)
  }

  #bare(type: string, inner: (name: string) => JsonSchema, isPlain: boolean): JsonSchema {
    if (!type.startsWith('[')) return inner(type)
    return { type: 'array', items: this.#wrapped(type.slice(1, -1), inner, isPlain) }
  }

  #named(name: string, use: 'input' | 'plain' | 'output'): JsonSchema {
    if (name === 'ID') return use === 'input' ? ID_INPUT : { type: 'string' }
    const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined
    if (builtIn) return builtIn
    const type = this.#schema.types.get(name)
    if (type === undefined) return {}
    if (isUpload(type)) return { type: 'string', format: 'binary' }
    if (!this.#known.has(name)) {
      this.#known.add(name)
      this.#reached.push({ name, place: `type ${name}`, body: {} })
    }
    return { $ref: `#/$defs/${name}` }
  }

  #bodyOf(type: TypeModel): JsonSchema {
    const description = descriptionOf(type)
    const about = description ? { description } : {}
    if (type.kind === 'ENUM') return { ...about, enum: type.values.map(({ name }) => name) }
    if (type.kind !== 'INPUT_OBJECT') return about
    if (!type.isOneOf) return { ...about, ...this.object(type.inputs) }
    // Exactly one of them, and not null (section 3.10.1).
    const oneOf = [...type.inputs.values()].map((input) => {
      const given = input.type.endsWith('!') ? input : { ...input, type: `${input.type}!` }
      return this.object(new Map([[input.name, { ...given, fallback: null }]]))
    })
    return { ...about, oneOf }
  }
}

/** By the name that the multipart request specification gives it. */
export function isUpload({ kind, name }: TypeModel): boolean {
  return kind === 'SCALAR' && name === 'Upload'
}

export function withNull(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean' || Object.keys(schema).length === 0) return schema
  const { type } = schema
  if (typeof type === 'string' && schema.format !== 'binary') return { ...schema, type: [type, 'null'] }
  if (Array.isArray(type)) return { ...schema, type: [...(type as unknown[]), 'null'] }
  return { anyOf: [schema, { type: 'null' }] }
}

function descriptionOf({ kind, name, description, values, specifiedBy }: TypeModel): string {
  const text = shorten(description, MAX_DESCRIPTION)
  if (kind === 'SCALAR') {
    const specified = specifiedBy ? `Specified by ${shorten(specifiedBy, 200)}.` : ''
    return [`A ${name}, a scalar of this API.`, text, specified].filter(Boolean).join(' ')
  }
  const notes = values.flatMap((value) => {
    const note = [reasonOf(value.deprecation), shorten(value.description, 200)].filter(Boolean).join(' ')
    return note ? [`${value.name}: ${note}`] : []
  })
  return [text, notes.join('\n').slice(0, MAX_VALUE_NOTES)].filter(Boolean).join('\n')
}

export function reasonOf(deprecation: string | null): string {
  if (deprecation === null) return ''
  return deprecation ? `Deprecated: ${shorten(deprecation, 300)}` : 'Deprecated.'
}

function defaultOf(literal: string | null): unknown {
  if (literal === null || literal.length > MAX_DEFAULT) return undefined
  try {
    const value = valueFromASTUntyped(parseConstValue(literal, { noLocation: true, maxTokens: MAX_DEFAULT }))
    const plain: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value))
    return plain === null || isNestedDeeperThan(plain, MAX_DEFAULT_DEPTH) ? undefined : plain
  } catch {
    return undefined
  }
}

export function isLeaf(schema: SchemaModel, type: string): boolean {
  const kind = schema.types.get(namedType(type))?.kind
  return kind === 'SCALAR' || kind === 'ENUM'
}
