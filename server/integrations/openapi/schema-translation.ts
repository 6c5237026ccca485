// One schema of a document as JSON Schema 2020-12. What only documents (examples, XML names, extensions) is left out;
// references are handed to the caller.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'

/** `input` leaves out what the API calls read-only: it cannot be sent. */
export type Direction = 'input' | 'output'

export interface TranslationContext {
  direction: Direction
  /** What stands for a `$ref`: a reference into `#/$defs`, or an empty schema. */
  refer(reference: string): JsonRecord
  /** The schema that a reference leads to, as the document has it. */
  look(reference: string): unknown
}

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])
const NUMBERS = ['multipleOf', 'maximum', 'minimum', 'maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties']
const COUNTS = ['minProperties', 'minContains', 'maxContains', 'exclusiveMaximum', 'exclusiveMinimum']
const TEXTS = ['format', 'pattern', 'contentEncoding', 'contentMediaType']
const FLAGS = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly']
const SCHEMAS = ['additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', 'dependentSchemas']
const MAX_DESCRIPTION = 1000
const MAX_DEFAULT = 2000

const none: ReadonlySet<string> = new Set()

/** `omitted`: required names that an enclosing `allOf` found to be read-only. */
export function translateSchema(raw: unknown, context: TranslationContext, omitted = none): JsonSchema {
  if (typeof raw === 'boolean') return raw
  if (!isRecord(raw)) return {}
  const reference = ownText(raw, '$ref')
  const schema = new Map<string, unknown>(reference ? Object.entries(context.refer(reference)) : [])
  const readOnly =
    context.direction === 'input'
      ? new Set([...omitted, ...readOnlyNames(raw, context.look.bind(context), new Set())])
      : none
  copyPlain(raw, schema)
  copyType(raw, schema)
  copyNested(raw, schema, context, readOnly)
  const description = descriptionOf(raw)
  if (description) schema.set('description', description)
  return withNull(raw, schema)
}

/**
 * Names of properties that are marked read-only, in the schema itself and in the parts it is composed of. `seen`: what
 * was referred to already, since parts that share parts would be read more often than there is time for.
 */
function readOnlyNames(raw: unknown, look: (reference: string) => unknown, seen: Set<string>): string[] {
  if (!isRecord(raw)) return []
  const reference = ownText(raw, '$ref')
  if (reference && seen.has(reference)) return []
  seen.add(reference)
  const names = ownEntries(raw, 'properties')
    .filter(([, property]) => own(property, 'readOnly') === true)
    .map(([name]) => name)
  const parts = reference ? [look(reference), ...ownList(raw, 'allOf')] : ownList(raw, 'allOf')
  return [...names, ...parts.flatMap((part) => readOnlyNames(part, look, seen))]
}

function copyPlain(raw: JsonRecord, schema: Map<string, unknown>): void {
  const copy = (names: string[], type: string) => {
    for (const name of names) {
      const value = own(raw, name)
      if (typeof value === type) schema.set(name, value)
    }
  }
  copy(NUMBERS, 'number')
  copy(COUNTS, 'number')
  copy(TEXTS, 'string')
  copy(FLAGS, 'boolean')
  // OpenAPI 3.0 and Swagger say with a boolean that `minimum` itself is excluded.
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (own(raw, flag) !== true || !schema.has(bound)) continue
    schema.set(flag, schema.get(bound))
    schema.delete(bound)
  }
  for (const flag of FLAGS) if (schema.get(flag) === false) schema.delete(flag)
  if (Object.hasOwn(raw, 'const')) schema.set('const', raw.const)
  if (Object.hasOwn(raw, 'default') && JSON.stringify(raw.default).length <= MAX_DEFAULT)
    schema.set('default', raw.default)
  const values = ownList(raw, 'enum')
  if (values.length > 0) schema.set('enum', values)
}

function copyType(raw: JsonRecord, schema: Map<string, unknown>): void {
  const type = own(raw, 'type')
  if (type === 'file') {
    schema.set('type', 'string').set('format', 'binary')
    return
  }
  const types = (Array.isArray(type) ? type : [type]).filter((name) => TYPES.has(String(name)))
  if (types.length > 0) schema.set('type', types.length === 1 ? types[0] : types)
}

function copyNested(
  raw: JsonRecord,
  schema: Map<string, unknown>,
  context: TranslationContext,
  readOnly: ReadonlySet<string>,
): void {
  const translate = (part: unknown) => translateSchema(part, context)
  for (const name of SCHEMAS) {
    const part = own(raw, name)
    if (isRecord(part) || typeof part === 'boolean') schema.set(name, translate(part))
  }
  for (const name of LISTS) {
    const parts = ownList(raw, name)
    if (parts.length === 0) continue
    schema.set(
      name,
      parts.map((part) => translateSchema(part, context, name === 'allOf' ? readOnly : none)),
    )
  }
  for (const name of MAPS) {
    const parts = ownEntries(raw, name).filter(([property]) => name !== 'properties' || !readOnly.has(property))
    if (isRecord(own(raw, name))) {
      schema.set(name, Object.fromEntries(parts.map(([property, part]) => [property, translate(part)])))
    }
  }
  const items = own(raw, 'items')
  if (Array.isArray(items)) {
    // Tuples as drafts before 2020-12 wrote them.
    schema.set('prefixItems', items.map(translate))
    if (Object.hasOwn(raw, 'additionalItems')) schema.set('items', translate(raw.additionalItems))
  } else if (isRecord(items) || typeof items === 'boolean') schema.set('items', translate(items))
  const required = ownList(raw, 'required').filter((name) => typeof name === 'string' && !readOnly.has(name))
  if (required.length > 0) schema.set('required', required)
}

function descriptionOf(raw: JsonRecord): string {
  const text = ownText(raw, 'description') || ownText(raw, 'title')
  const shown = text.length > MAX_DESCRIPTION ? `${text.slice(0, MAX_DESCRIPTION - 1)}…` : text
  const property = ownText(own(raw, 'discriminator'), 'propertyName') || ownText(raw, 'discriminator')
  if (!property) return shown
  const values = ownEntries(own(raw, 'discriminator'), 'mapping').map(([value]) => value)
  const choices = values.length > 0 && values.length <= 20 ? ` (${values.join(', ')})` : ''
  return `${shown}${shown ? ' ' : ''}"${property}" says which alternative it is${choices}.`
}

/** OpenAPI 3.0's `nullable` (and Swagger's `x-nullable`) as a type. */
function withNull(raw: JsonRecord, schema: Map<string, unknown>): JsonSchema {
  const isNullable = own(raw, 'nullable') === true || own(raw, 'x-nullable') === true
  if (!isNullable) return Object.fromEntries(schema)
  const types = [schema.get('type') ?? []].flat()
  if (types.length > 0 && !schema.has('$ref')) {
    if (!types.includes('null')) schema.set('type', [...types, 'null'])
    const values: unknown = schema.get('enum')
    if (Array.isArray(values) && !values.includes(null)) schema.set('enum', [...values, null])
    return Object.fromEntries(schema)
  }
  const isComposed = ['$ref', 'allOf', 'anyOf', 'oneOf', 'enum'].some((name) => schema.has(name))
  if (!isComposed) return Object.fromEntries(schema)
  const { description, ...rest } = Object.fromEntries(schema)
  return { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] }
}
