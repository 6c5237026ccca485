// One flat input for an operation: parameters by name, and the fields of the body beside them where that is unambiguous.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownList, ownText, recordOf, shorten } from '../json-value.ts'
import type { BoundBody, BoundParameter } from './binding.ts'
import { objectFields } from './body-fields.ts'
import { freeKey, readBodyInput, type Field } from './body-input.ts'
import type { OperationModel } from './operation.ts'
import type { ParameterModel } from './operation-model.ts'
import { readEncodings } from './read-encoding.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

export interface InputReading {
  schema: JsonSchema
  parameters: BoundParameter[]
  body: BoundBody | null
  /** Field names with their descriptions, for search. */
  words: string
}

const ORDER = ['path', 'query', 'querystring', 'header', 'cookie']
const MAX_WORDS = 3000
const MAX_FIELD_WORDS = 120

export function readInput(model: OperationModel, catalog: SchemaCatalog): InputReading {
  const named = nameParameters(model.parameters)
  const read = named.map(({ key, parameter }) => {
    const schema = parameterSchema(parameter, catalog)
    return { schema, bound: bindParameter(key, parameter, schema, catalog) }
  })
  const parameters: Field[] = read.map(({ schema, bound }, index) => ({
    key: bound.key,
    schema,
    isRequired: named[index]?.parameter.isRequired === true && bound.default === undefined,
  }))
  const body = model.body && readBodyInput(model.body, new Set(parameters.map(({ key }) => key)), catalog)
  const fields = [...parameters, ...(body?.fields ?? [])]
  const required = fields.filter((field) => field.isRequired).map((field) => field.key)
  // What every tool with a choice of media types has says nothing of one of them.
  const isDescribed = ({ key }: Field) => key !== body?.bound.contentTypeKey && key !== body?.bound.partHeadersKey
  const schema: JsonSchema = {
    type: 'object',
    properties: recordOf(fields.map(({ key, schema }) => [key, schema])),
    ...(required.length > 0 ? { required } : {}),
    ...body?.conditions,
    additionalProperties: false,
  }
  return {
    schema,
    parameters: read.map(({ bound }) => bound),
    body: body?.bound ?? null,
    words: shorten(fields.filter(isDescribed).map(wordsOf).join(' '), MAX_WORDS),
  }
}

/** The same name in two places: path before query, header and cookie; the later ones get `id_query`. */
function nameParameters(parameters: ParameterModel[]): { key: string; parameter: ParameterModel }[] {
  const taken = new Set<string>()
  const keys = new Map<ParameterModel, string>()
  for (const parameter of [...parameters].sort((a, b) => ORDER.indexOf(a.in) - ORDER.indexOf(b.in))) {
    const key = taken.has(parameter.name) ? freeKey(`${parameter.name}_${parameter.in}`, taken) : parameter.name
    taken.add(key)
    keys.set(parameter, key)
  }
  return parameters.map((parameter) => ({ key: keys.get(parameter) ?? parameter.name, parameter }))
}

function parameterSchema(parameter: ParameterModel, catalog: SchemaCatalog): JsonSchema {
  const translated = isOpaque(parameter, catalog) ? { type: 'string' } : catalog.translate(parameter.schema, 'input')
  const schema = isRecord(translated) ? translated : {}
  return {
    ...(parameter.allowEmptyValue ? orEmpty(schema) : schema),
    ...(parameter.description ? { description: parameter.description.slice(0, 1000) } : {}),
    ...(parameter.isDeprecated ? { deprecated: true } : {}),
  }
}

/** An object of which nothing can be sent: documents describe the type that a text in the path is parsed as. */
function isOpaque({ in: where, mediaType, schema }: ParameterModel, catalog: SchemaCatalog): boolean {
  const looked = catalog.look(schema)
  if (where !== 'path' || mediaType !== null || own(looked, 'type') !== 'object') return false
  const isOpen = own(looked, 'additionalProperties') !== undefined && own(looked, 'additionalProperties') !== false
  return !isOpen && objectFields(schema, catalog)?.properties.size === 0
}

/** The schema, or an empty text, where that is not a value of the schema anyway. */
function orEmpty(schema: { [keyword: string]: unknown }): { [keyword: string]: unknown } {
  const isPlainText =
    own(schema, 'type') === 'string' && !['enum', 'const', 'minLength', 'pattern'].some((word) => word in schema)
  return isPlainText || Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { const: '' }] }
}

function bindParameter(
  key: string,
  parameter: ParameterModel,
  schema: JsonSchema,
  catalog: SchemaCatalog,
): BoundParameter {
  const { name, style, explode, allowReserved, allowEmptyValue, itemStyle, mediaType } = parameter
  const fallback = parameter.isRequired ? onlyValue(schema) : undefined
  const encoding = readEncodings(parameter.encoding, 'form', parameter.schema, catalog)
  return {
    key,
    name,
    in: parameter.in,
    style,
    explode,
    ...(allowReserved ? { allowReserved } : {}),
    ...(allowEmptyValue ? { allowEmptyValue } : {}),
    ...(itemStyle === undefined ? {} : { itemStyle }),
    ...(mediaType === null ? {} : { mediaType }),
    ...(parameter.in === 'querystring' && encoding ? { encoding } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
}

/** What stands for a required value that is left out: the document's default, or all that it can be. */
function onlyValue(schema: JsonSchema): unknown {
  const values = ownList(schema, 'enum')
  return own(schema, 'default') ?? own(schema, 'const') ?? (values.length === 1 ? values[0] : undefined)
}

function wordsOf({ key, schema }: Field): string {
  const description = isRecord(schema) ? ownText(schema, 'description') : ''
  return description ? `${key} ${shorten(description, MAX_FIELD_WORDS)}` : key
}
