// One flat input for an operation: parameters by name, and the fields of the body beside them where that is unambiguous.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText, shorten } from '../json-value.ts'
import type { BoundBody, BoundParameter, FieldEncoding } from './binding.ts'
import { classOf } from './media-type.ts'
import type { OperationModel } from './operation.ts'
import type { BodyModel, ParameterModel } from './operation-model.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

export interface InputReading {
  schema: JsonSchema
  parameters: BoundParameter[]
  body: BoundBody | null
  /** Field names with their descriptions, for search. */
  words: string
}

interface Field {
  key: string
  schema: JsonSchema
  isRequired: boolean
}

const ORDER = ['path', 'query', 'header', 'cookie']
const MAX_WORDS = 3000
const MAX_FIELD_WORDS = 120

export function readInput(model: OperationModel, catalog: SchemaCatalog, uses: Set<string>): InputReading {
  const named = nameParameters(model.parameters)
  const parameters = named.map(({ key, parameter }) => ({
    key,
    parameter,
    schema: parameterSchema(parameter, catalog, uses),
  }))
  const fields: Field[] = parameters.map(({ key, parameter, schema }) => ({
    key,
    schema,
    isRequired: parameter.isRequired && own(schema, 'default') === undefined,
  }))
  const body = model.body && readBodyInput(model.body, new Set(fields.map((field) => field.key)), catalog, uses)
  if (body) fields.push(...body.fields)
  const required = fields.filter((field) => field.isRequired).map((field) => field.key)
  const schema: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.key, field.schema])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
  return {
    schema,
    parameters: parameters.map(({ key, parameter, schema }) => bindParameter(key, parameter, schema)),
    body: body?.bound ?? null,
    words: shorten(fields.map(wordsOf).join(' '), MAX_WORDS),
  }
}

/** The same name in two places: path before query, header and cookie; the later ones get `id_query`. */
function nameParameters(parameters: ParameterModel[]): { key: string; parameter: ParameterModel }[] {
  const taken = new Set<string>()
  const keys = new Map<ParameterModel, string>()
  for (const parameter of [...parameters].sort((a, b) => ORDER.indexOf(a.in) - ORDER.indexOf(b.in))) {
    let key = parameter.name
    for (let number = 1; taken.has(key); number++)
      key = `${parameter.name}_${parameter.in}${number === 1 ? '' : number}`
    taken.add(key)
    keys.set(parameter, key)
  }
  return parameters.map((parameter) => ({ key: keys.get(parameter) ?? parameter.name, parameter }))
}

function parameterSchema(parameter: ParameterModel, catalog: SchemaCatalog, uses: Set<string>): JsonSchema {
  const translated = catalog.translate(parameter.schema, 'input', uses)
  const schema = isRecord(translated) ? translated : {}
  return {
    ...schema,
    ...(parameter.description ? { description: parameter.description.slice(0, 1000) } : {}),
    ...(parameter.isDeprecated ? { deprecated: true } : {}),
  }
}

function bindParameter(key: string, parameter: ParameterModel, schema: JsonSchema): BoundParameter {
  const fallback = parameter.isRequired ? own(schema, 'default') : undefined
  return {
    key,
    name: parameter.name,
    in: parameter.in,
    style: parameter.style,
    explode: parameter.explode,
    ...(parameter.allowReserved ? { allowReserved: true } : {}),
    ...(parameter.mediaType === null ? {} : { mediaType: parameter.mediaType }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
}

function readBodyInput(
  body: BodyModel,
  taken: Set<string>,
  catalog: SchemaCatalog,
  uses: Set<string>,
): { bound: BoundBody; fields: Field[] } {
  const kind = classOf(body.mediaType)
  const isForm = kind === 'form' || kind === 'multipart'
  const object = kind === 'json' || isForm ? objectFields(body.schema, catalog, new Set()) : null
  const bound = { mediaType: body.mediaType, isRequired: body.isRequired }
  const encoding = isForm ? encodingOf(body, object) : {}
  if (object && object.properties.size > 0 && ![...object.properties.keys()].some((name) => taken.has(name))) {
    const fields = [...object.properties].map(([key, raw]) => ({
      key,
      schema: catalog.translate(raw, 'input', uses),
      isRequired: body.isRequired && object.required.has(key),
    }))
    return { bound: { ...bound, fields: fields.map((field) => field.key), ...encoding }, fields }
  }
  let key = 'body'
  for (let number = 2; taken.has(key); number++) key = `body${number}`
  const schema = isForm || kind === 'json' ? catalog.translate(body.schema, 'input', uses) : contentSchema(kind, body)
  const described =
    isRecord(schema) && body.description ? { ...schema, description: body.description.slice(0, 1000) } : schema
  return { bound: { ...bound, key, ...encoding }, fields: [{ key, schema: described, isRequired: body.isRequired }] }
}

function contentSchema(kind: string, body: BodyModel): JsonSchema {
  if (kind === 'lines') return { type: 'array', items: {}, description: 'One JSON value a line.' }
  if (kind === 'text') return { type: 'string', description: `The text, as ${body.mediaType}.` }
  return { type: 'string', format: 'binary', description: `The content, as ${body.mediaType}.` }
}

interface ObjectFields {
  properties: Map<string, unknown>
  required: Set<string>
}

/**
 * The fields of a body that is one plain object, through references and `allOf`; null when it may be anything else.
 * What was `seen` adds nothing: parts that share parts would be read more often than there is time for.
 */
function objectFields(raw: unknown, catalog: SchemaCatalog, seen: Set<string>): ObjectFields | null {
  const reference = ownText(raw, '$ref')
  if (reference && seen.has(reference)) return { properties: new Map(), required: new Set() }
  seen.add(reference)
  const schema = catalog.look(raw)
  if (!isRecord(schema)) return null
  const type = own(schema, 'type')
  const isOpen = isRecord(own(schema, 'additionalProperties')) || own(schema, 'additionalProperties') === true
  const choices = ['oneOf', 'anyOf', 'not', 'if', 'enum', 'const', 'patternProperties', 'dependentSchemas']
  const types = [type ?? 'object'].flat()
  // `null` beside an object says no more than that the body may be absent.
  if (isOpen || !types.includes('object') || types.some((name) => name !== 'object' && name !== 'null')) return null
  if (choices.some((keyword) => Object.hasOwn(schema, keyword))) return null
  const properties = new Map<string, unknown>()
  const required = new Set(ownList(schema, 'required').filter((name) => typeof name === 'string'))
  const readOnly = new Set<string>()
  const add = (name: string, property: unknown) => {
    if (own(catalog.look(property), 'readOnly') === true || own(property, 'readOnly') === true) readOnly.add(name)
    const before = properties.get(name)
    properties.set(name, before === undefined ? property : { allOf: [before, property] })
  }
  for (const part of ownList(schema, 'allOf')) {
    const fields = objectFields(part, catalog, seen)
    if (fields === null) return null
    for (const [name, property] of fields.properties) add(name, property)
    for (const name of fields.required) required.add(name)
  }
  for (const [name, property] of ownEntries(schema, 'properties')) add(name, property)
  for (const name of readOnly) {
    properties.delete(name)
    required.delete(name)
  }
  return { properties, required }
}

/** What the document says about single fields, and which of them are files or JSON by their schema. */
function encodingOf(body: BodyModel, object: ObjectFields | null): { encoding?: Record<string, FieldEncoding> } {
  const names = new Set([...Object.keys(body.encoding), ...(object?.properties.keys() ?? [])])
  const entries = [...names].flatMap((name): [string, FieldEncoding][] => {
    const declared = own(body.encoding, name)
    const field: FieldEncoding = {}
    const contentType = ownText(declared, 'contentType')
    const style = ownText(declared, 'style')
    if (contentType) field.contentType = contentType
    if (style) field.style = style
    if (typeof own(declared, 'explode') === 'boolean') field.explode = own(declared, 'explode') === true
    if (own(declared, 'allowReserved') === true) field.allowReserved = true
    return Object.keys(field).length > 0 ? [[name, field]] : []
  })
  return entries.length > 0 ? { encoding: Object.fromEntries(entries) } : {}
}

function wordsOf({ key, schema }: Field): string {
  const description = isRecord(schema) ? ownText(schema, 'description') : ''
  return description ? `${key} ${shorten(description, MAX_FIELD_WORDS)}` : key
}
