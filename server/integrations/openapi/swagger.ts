// What Swagger 2.0 says differently: types beside the parameter instead of in a schema, bodies among the parameters,
// and media types for the whole document.
import { own, ownText, type JsonRecord } from '../json-value.ts'
import type { DocumentIndex } from './document-index.ts'
import { classOf } from './media-type.ts'
import type { BodyModel, ContentModel, ParameterModel } from './operation-model.ts'
import { asMediaType, bodyOf } from './read-content.ts'

/** `collectionFormat` as a style of OpenAPI 3. */
const FORMATS = new Map([
  ['multi', { style: 'form', explode: true }],
  ['ssv', { style: 'spaceDelimited', explode: false }],
  ['tsv', { style: 'tabDelimited', explode: false }],
  ['pipes', { style: 'pipeDelimited', explode: false }],
])

export function readSwaggerParameter(
  _index: DocumentIndex,
  parameter: JsonRecord,
  name: string,
  where: ParameterModel['in'],
  onProblem: (reason: string) => void,
): ParameterModel {
  const isQuery = where === 'query'
  const format = ownText(parameter, 'collectionFormat')
  const isMisplaced = format === 'multi' && !isQuery
  if (isMisplaced) onProblem('it cannot be repeated there, and is sent with commas.')
  const style = (!isMisplaced && FORMATS.get(format)) || { style: isQuery ? 'form' : 'simple', explode: false }
  return {
    name,
    in: where,
    isRequired: where === 'path' || own(parameter, 'required') === true,
    isDeprecated: own(parameter, 'deprecated') === true,
    description: ownText(parameter, 'description'),
    schema: schemaOf(parameter),
    ...style,
    ...itemStyleOf(parameter),
    ...(isQuery && own(parameter, 'allowEmptyValue') === true ? { allowEmptyValue: true } : {}),
    mediaType: null,
    encoding: {},
  }
}

/** Arrays in an array have a format of their own. */
function itemStyleOf(parameter: JsonRecord): { itemStyle?: string } {
  const itemStyle = FORMATS.get(ownText(own(parameter, 'items'), 'collectionFormat'))?.style
  return itemStyle === undefined ? {} : { itemStyle }
}

export function readSwaggerBody(parameters: JsonRecord[], consumes: string[]): BodyModel | null {
  const content = (mediaType: string, schema: unknown, encoding: JsonRecord = {}): ContentModel => ({
    mediaType,
    schema,
    encoding,
    prefixEncoding: [],
    itemEncoding: undefined,
  })
  const isForm = (mediaType: string) => ['form', 'multipart'].includes(classOf(mediaType))
  const body = parameters.find((parameter) => ownText(parameter, 'in') === 'body')
  if (body) {
    const usable = consumes.filter((mediaType) => !isForm(mediaType))
    const mediaTypes = usable.length > 0 ? usable : ['application/json']
    const contents = mediaTypes.map((mediaType) => content(mediaType, own(body, 'schema')))
    return bodyOf(contents, own(body, 'required') === true, ownText(body, 'description'))
  }
  const fields = parameters.filter((parameter) => ownText(parameter, 'in') === 'formData')
  if (fields.length === 0) return null
  const hasFile = fields.some((field) => ownText(field, 'type') === 'file')
  const usable = consumes.filter((mediaType) => (hasFile ? classOf(mediaType) === 'multipart' : isForm(mediaType)))
  const usual = hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  const named = (value: (field: JsonRecord) => unknown) =>
    Object.fromEntries(fields.map((field) => [ownText(field, 'name'), value(field)]))
  const required = fields.filter((field) => own(field, 'required') === true).map((field) => ownText(field, 'name'))
  const schema = { type: 'object', properties: named((field) => schemaOf(field, true)), required }
  const contents = (usable.length > 0 ? usable : [usual]).map((mediaType) =>
    content(mediaType, schema, named(fieldEncoding)),
  )
  return bodyOf(contents, required.length > 0, '')
}

/** Only lists have a format. */
function fieldEncoding(field: JsonRecord): JsonRecord {
  if (ownText(field, 'type') !== 'array') return {}
  const format = FORMATS.get(ownText(field, 'collectionFormat')) ?? { style: 'form', explode: false }
  return { ...format, ...itemStyleOf(field) }
}

/** An operation's own list replaces the document's, even when it is empty. */
export function swaggerMediaTypes(own: unknown, shared: unknown): string[] {
  const list: unknown[] = Array.isArray(own) ? own : Array.isArray(shared) ? shared : []
  const types = list.flatMap((type) => (typeof type === 'string' ? (asMediaType(type) ?? []) : []))
  return types.length > 0 ? [...new Set(types)] : ['application/json']
}

function schemaOf(parameter: JsonRecord, isField = false): JsonRecord {
  const left = new Set([
    'name',
    'in',
    'required',
    'collectionFormat',
    'allowEmptyValue',
    ...(isField ? [] : ['description']),
  ])
  return Object.fromEntries(Object.entries(parameter).filter(([key]) => !left.has(key)))
}
