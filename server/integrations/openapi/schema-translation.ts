// One schema of a document as JSON Schema 2020-12. What only documents (examples, XML names, extensions) is left out;
// references are handed to the caller.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText, recordOf, type JsonRecord } from '../json-value.ts'

/** `input` leaves out what the API calls read-only, since it cannot be sent; `output` what is write-only. */
export type Direction = 'input' | 'output'

/** A reference for a value, which may be any child of what it names, or for a part of another schema. */
export type Use = 'value' | 'part'

export interface TranslationContext {
  direction: Direction
  /** What stands for a `$ref`: a reference into `#/$defs`, a choice of those, or an empty schema. */
  refer(reference: string, use: Use): JsonRecord
  /** The schema that a reference leads to, as the document has it. */
  look(reference: string): unknown
  /** Whether a schema, or the one that it refers to, is marked as what this direction leaves out. */
  isLeftOut(property: unknown): boolean
  /** Whether anything that is reached through a reference is marked at all. */
  leadsToMarks(reference: string): boolean
  /** What the discriminator of `schema` says of one of its alternatives, to be held beside it. */
  tighten(schema: JsonRecord, alternative: unknown): JsonRecord | null
  report(reason: string): void
}

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])
const NUMBERS = ['multipleOf', 'maximum', 'minimum', 'maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties']
const COUNTS = ['minProperties', 'minContains', 'maxContains', 'exclusiveMaximum', 'exclusiveMinimum']
const TEXTS = ['format', 'pattern', 'contentEncoding', 'contentMediaType']
const FLAGS = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly']
const SCHEMAS = ['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains', 'contentSchema']
/** Their references ask what a value is, and do not say what it may be. */
const TESTS = ['propertyNames', 'not', 'if', 'then', 'else']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', 'dependentSchemas']
const MAX_DESCRIPTION = 1000
const MAX_DEFAULT = 2000
/** Schemas that one is composed of: each of a long chain is composed of all that follow. */
const MAX_PARTS = 30
/** Drafts of JSON Schema and the dialects of OpenAPI, which say the same in what is read here. */
const DIALECTS =
  /^https?:\/\/(json-schema\.org\/(schema|draft-0[4-7]\/(hyper-)?schema|draft\/20\d\d-\d\d\/schema)|spec\.openapis\.org\/oas\/3\.\d+\/(dialect|schema)[\w/-]*)#?$/

const none: ReadonlySet<string> = new Set()

/** `omitted`: required names that an enclosing `allOf` found to be left out. */
export function translateSchema(
  raw: unknown,
  context: TranslationContext,
  use: Use = 'value',
  omitted = none,
): JsonSchema {
  if (typeof raw === 'boolean') return raw
  if (!isRecord(raw)) return {}
  const dialect = ownText(raw, '$schema')
  if (dialect && !isKnownDialect(dialect)) context.report(`Its dialect of JSON Schema (${dialect}) is not known.`)
  const hasNames = ['properties', 'required', 'allOf', 'dependentRequired'].some((keyword) =>
    Object.hasOwn(raw, keyword),
  )
  const leftOut = hasNames ? new Set([...omitted, ...leftOutNames(raw, context)]) : none
  const schema = new Map<string, unknown>(Object.entries(referred(raw, context, use)))
  copyPlain(raw, schema)
  copyType(raw, schema, context)
  copyNested(raw, schema, context, leftOut)
  copyDependencies(raw, schema, context, leftOut)
  const description = descriptionOf(raw)
  if (description) schema.set('description', description)
  return withNull(raw, schema)
}

export function isKnownDialect(uri: string): boolean {
  return DIALECTS.test(uri)
}

function referred(raw: JsonRecord, context: TranslationContext, use: Use): JsonRecord {
  // The schema that a dynamic reference names is the widest of those that it can come to.
  const reference = ownText(raw, '$ref') || ownText(raw, '$dynamicRef') || ownText(raw, '$recursiveRef')
  if (!reference) return {}
  // A choice cannot stand beside another one.
  return context.refer(reference, Object.hasOwn(raw, 'anyOf') ? 'part' : use)
}

/**
 * Names of properties that are left out, in the schema itself and in the parts it is composed of. What was referred to
 * already is not read again: parts that share parts would be read more often than there is time for.
 */
function leftOutNames(raw: JsonRecord, context: TranslationContext): Set<string> {
  const names = new Set<string>()
  const seen = new Set<string>()
  const parts: unknown[] = [raw]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    for (const [name, property] of ownEntries(part, 'properties')) if (context.isLeftOut(property)) names.add(name)
    for (const inner of ownList(part, 'allOf')) parts.push(inner)
    const reference = ownText(part, '$ref')
    if (!reference || seen.has(reference) || seen.size >= MAX_PARTS) continue
    seen.add(reference)
    if (context.leadsToMarks(reference)) parts.push(context.look(reference))
  }
  return names
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

function copyType(raw: JsonRecord, schema: Map<string, unknown>, context: TranslationContext): void {
  const type = own(raw, 'type')
  if (type === 'file') {
    schema.set('type', 'string').set('format', 'binary')
    return
  }
  const given: unknown[] = Array.isArray(type) ? type : type === undefined || type === null ? [] : [type]
  const types = given.filter((name) => TYPES.has(String(name)))
  const reference = ownText(raw, '$ref')
  const referred = reference && types.length > 0 ? own(context.look(reference), 'type') : undefined
  if (typeof referred === 'string' && !types.some((name) => isSameType(name, referred))) {
    // OpenAPI 3.0 and Swagger ignore what stands beside a reference; nothing can be both.
    context.report(`The type ${JSON.stringify(type).slice(0, 100)} beside ${reference.slice(0, 200)} contradicts it.`)
    return
  }
  if (types.length > 0) schema.set('type', types.length === 1 ? types[0] : types)
  else if (given.length > 0)
    context.report(`The type ${JSON.stringify(type).slice(0, 100)} is not known and is not checked.`)
}

function isSameType(one: unknown, other: string): boolean {
  const numbers = ['integer', 'number']
  return one === other || (numbers.includes(String(one)) && numbers.includes(other))
}

function copyNested(
  raw: JsonRecord,
  schema: Map<string, unknown>,
  context: TranslationContext,
  leftOut: ReadonlySet<string>,
): void {
  const translate = (part: unknown) => translateSchema(part, context)
  for (const name of [...SCHEMAS, ...TESTS]) {
    const part = own(raw, name)
    const use = TESTS.includes(name) ? 'part' : 'value'
    if (isRecord(part) || typeof part === 'boolean') schema.set(name, translateSchema(part, context, use))
  }
  for (const name of LISTS) {
    const parts = ownList(raw, name)
    if (parts.length > 0) schema.set(name, translateList(name, parts, raw, context, leftOut))
  }
  for (const name of MAPS) {
    // What is write-only is not promised in an answer, and stays marked: an API that sends it all the same sends a secret.
    const isKept = (property: string) => context.direction === 'output' || !leftOut.has(property)
    const parts = ownEntries(raw, name).filter(([property]) => name !== 'properties' || isKept(property))
    if (isRecord(own(raw, name))) {
      schema.set(name, recordOf(parts.map(([property, part]) => [property, translate(part)])))
    }
  }
  const items = own(raw, 'items')
  if (Array.isArray(items)) {
    // Tuples as drafts before 2020-12 wrote them.
    schema.set('prefixItems', items.map(translate))
    if (Object.hasOwn(raw, 'additionalItems')) schema.set('items', translate(raw.additionalItems))
  } else if (isRecord(items) || typeof items === 'boolean') schema.set('items', translate(items))
  const required = ownList(raw, 'required').filter((name) => typeof name === 'string' && !leftOut.has(name))
  if (required.length > 0) schema.set('required', required)
}

function translateList(
  keyword: string,
  parts: unknown[],
  raw: JsonRecord,
  context: TranslationContext,
  leftOut: ReadonlySet<string>,
): JsonSchema[] {
  if (keyword === 'allOf') return parts.map((part) => translateSchema(part, context, 'part', leftOut))
  if (keyword === 'prefixItems' || !Object.hasOwn(raw, 'discriminator')) {
    return parts.map((part) => translateSchema(part, context))
  }
  return parts.map((part) => {
    const translated = translateSchema(part, context, 'part')
    const tight = isRecord(translated) && Object.hasOwn(translated, '$ref') ? context.tighten(raw, part) : null
    return tight && isRecord(translated) ? { ...tight, ...translated } : translated
  })
}

/** What must be there beside a property: lists of names, and in drafts before 2019-09 lists or schemas by one keyword. */
function copyDependencies(
  raw: JsonRecord,
  schema: Map<string, unknown>,
  context: TranslationContext,
  leftOut: ReadonlySet<string>,
): void {
  const entries = [...ownEntries(raw, 'dependencies'), ...ownEntries(raw, 'dependentRequired')]
  const names = entries.flatMap(([property, needed]): [string, unknown][] =>
    Array.isArray(needed) ? [[property, needed.filter((name) => typeof name === 'string' && !leftOut.has(name))]] : [],
  )
  if (names.length > 0) schema.set('dependentRequired', Object.fromEntries(names))
  const schemas = ownEntries(raw, 'dependencies').filter(([, needed]) => isRecord(needed))
  if (schemas.length === 0) return
  const translated = schemas.map(([property, part]) => [property, translateSchema(part, context)])
  schema.set(
    'dependentSchemas',
    Object.fromEntries([...ownEntries({ own: schema.get('dependentSchemas') }, 'own'), ...translated]),
  )
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
  const types = [schema.get('type') ?? []].flat()
  const isComposed = ['$ref', 'allOf', 'anyOf', 'oneOf', 'const'].some((name) => schema.has(name))
  if (!isNullable || !(isComposed || types.length > 0 || schema.has('enum'))) return Object.fromEntries(schema)
  if (types.length > 0 && !isComposed) {
    if (!types.includes('null')) schema.set('type', [...types, 'null'])
    const values: unknown = schema.get('enum')
    if (Array.isArray(values) && !values.includes(null)) schema.set('enum', [...values, null])
    return Object.fromEntries(schema)
  }
  const { description, ...rest } = Object.fromEntries(schema)
  return { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] }
}
