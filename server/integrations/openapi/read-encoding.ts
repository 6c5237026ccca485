// `encoding`: how single fields of a form, or single parts of a multipart, are written.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { BoundContent, FieldEncoding } from './binding.ts'
import type { ObjectFields } from './body-fields.ts'
import { isMediaType, type MediaClass } from './media-type.ts'
import type { ContentModel } from './operation-model.ts'
import { isHeaderName } from './owned-headers.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

const STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject', 'tabDelimited']
/** Multipart within multipart: the specification asks for one level. */
const MAX_DEPTH = 3
/** Schemas that one is composed of, each of which may be a part of the one before. */
const MAX_PARTS = 500

type ByName = Record<string, FieldEncoding>

/** What the document says of fields, and which of them are text of bytes by their schema; undefined for nothing. */
export function readEncodings(
  declared: JsonRecord,
  kind: MediaClass,
  schema: unknown,
  catalog: SchemaCatalog,
  depth = 0,
): ByName | undefined {
  if (kind !== 'json' && kind !== 'form' && kind !== 'multipart') return undefined
  const properties = propertiesOf(schema, catalog, new Set())
  const names = new Set([...Object.keys(declared), ...properties.keys()])
  const entries = [...names].flatMap((name): [string, FieldEncoding][] => {
    const field = readField(own(declared, name), properties.get(name), kind, catalog, depth)
    return Object.keys(field).length > 0 ? [[name, field]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** For parts that have an order instead of names. */
export function readPartEncodings(
  { prefixEncoding, itemEncoding, schema }: Pick<ContentModel, 'prefixEncoding' | 'itemEncoding' | 'schema'>,
  catalog: SchemaCatalog,
  depth = 0,
): Pick<BoundContent, 'prefixEncoding' | 'itemEncoding'> {
  const looked = catalog.look(schema)
  const first = ownList(looked, 'prefixItems')
  const read = (encoding: unknown, item: unknown) => readField(encoding, item, 'multipart', catalog, depth)
  return {
    ...(prefixEncoding.length > 0 ? { prefixEncoding: prefixEncoding.map((one, at) => read(one, first[at])) } : {}),
    ...(itemEncoding === undefined ? {} : { itemEncoding: read(itemEncoding, own(looked, 'items')) }),
  }
}

function readField(
  declared: unknown,
  schema: unknown,
  kind: MediaClass,
  catalog: SchemaCatalog,
  depth: number,
): FieldEncoding {
  const field: FieldEncoding = {}
  const bytes = bytesEncoding(schema, catalog)
  // In JSON and forms bytes are base64 unless the document says otherwise.
  if (bytes.name && (kind === 'multipart' || bytes.name === 'base64url')) field.contentEncoding = bytes.name
  if (kind === 'json') return field
  const types = ownText(declared, 'contentType')
    .split(',')
    .map((type) => type.trim())
    .filter(isMediaType)
  if (types.length > 0) field.contentType = types.join(', ')
  const style = ownText(declared, 'style')
  const itemStyle = ownText(declared, 'itemStyle')
  if (STYLES.includes(style)) field.style = style
  if (STYLES.includes(itemStyle)) field.itemStyle = itemStyle
  const explode = own(declared, 'explode')
  if (typeof explode === 'boolean') field.explode = explode
  if (own(declared, 'allowReserved') === true) field.allowReserved = true
  if (kind === 'form') return field
  const fixed = headersOf(declared, catalog).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
  if (bytes.isSaid) fixed.unshift(['Content-Transfer-Encoding', bytes.name])
  if (fixed.length > 0) field.headers = Object.fromEntries(fixed)
  if (!/^multipart\//i.test(types[0] ?? '') || depth >= MAX_DEPTH) return field
  const nested = own(declared, 'encoding')
  const encoding = readEncodings(isRecord(nested) ? nested : {}, 'multipart', schema, catalog, depth + 1)
  const prefixEncoding = ownList(declared, 'prefixEncoding')
  const parts = { prefixEncoding, itemEncoding: own(declared, 'itemEncoding'), schema }
  return { ...field, ...(encoding ? { encoding } : {}), ...readPartEncodings(parts, catalog, depth + 1) }
}

/** `isSaid`: by the keyword that stands for a header of the part. */
function bytesEncoding(schema: unknown, catalog: SchemaCatalog): { name: string; isSaid: boolean } {
  const looked = catalog.look(schema)
  const value = own(looked, 'type') === 'array' ? catalog.look(own(looked, 'items')) : looked
  const keyword = ownText(value, 'contentEncoding')
  if (keyword === 'base64' || keyword === 'base64url') return { name: keyword, isSaid: true }
  const format = ownText(value, 'format')
  const name = format === 'base64url' ? format : format === 'byte' || format === 'base64' ? 'base64' : ''
  return { name, isSaid: false }
}

/** Also those of parts that a schema is composed of. */
function propertiesOf(raw: unknown, catalog: SchemaCatalog, seen: Set<string>): Map<string, unknown> {
  const reference = ownText(raw, '$ref')
  if (reference && (seen.has(reference) || seen.size > MAX_PARTS)) return new Map()
  seen.add(reference)
  const schema = catalog.look(raw)
  const parts = ownList(schema, 'allOf').flatMap((part) => [...propertiesOf(part, catalog, seen)])
  return new Map([...parts, ...ownEntries(schema, 'properties')])
}

interface PartHeader {
  name: string
  schema: unknown
  description: string
  isRequired: boolean
  /** All that it can be. */
  value: string | undefined
}

/** Headers of a part, other than those that are written from its value. */
function headersOf(declared: unknown, catalog: SchemaCatalog): PartHeader[] {
  return ownEntries(declared, 'headers').flatMap(([name, raw]): PartHeader[] => {
    const header = catalog.look(raw)
    const schema = own(header, 'schema')
    const isWritten = /^content-(type|disposition|length)$/i.test(name)
    if (!isRecord(header) || schema === false || isWritten || !isHeaderName(name)) return []
    const looked = catalog.look(schema)
    const values = ownList(looked, 'enum')
    const only = own(looked, 'const') ?? own(looked, 'default') ?? (values.length === 1 ? values[0] : undefined)
    const isPlain =
      (typeof only === 'string' && !/\p{Cc}/u.test(only)) || typeof only === 'number' || typeof only === 'boolean'
    return [
      {
        name,
        schema,
        description: ownText(header, 'description'),
        isRequired: own(header, 'required') === true,
        value: isPlain ? String(only) : undefined,
      },
    ]
  })
}

/** A field of the input for the headers of parts, by the name of the part or in their order; undefined without any. */
export function readPartHeaders(
  content: ContentModel,
  object: ObjectFields | undefined,
  catalog: SchemaCatalog,
): { schema: JsonSchema; isRequired: boolean } | undefined {
  if (!/^multipart\//i.test(content.mediaType)) return undefined
  const schemaOf = (headers: PartHeader[]): JsonSchema => ({
    type: 'object',
    properties: Object.fromEntries(headers.map((header) => [header.name, headerSchema(header, catalog)])),
    required: headers.filter((header) => header.isRequired && header.value === undefined).map((header) => header.name),
    additionalProperties: false,
  })
  const isNeeded = (headers: PartHeader[]) => headers.some((header) => header.isRequired && header.value === undefined)
  const named = Object.entries(content.encoding)
    .map(([name, declared]) => ({ name, headers: headersOf(declared, catalog) }))
    .filter(({ headers }) => headers.length > 0)
  if (named.length > 0) {
    const properties = Object.fromEntries(named.map(({ name, headers }) => [name, schemaOf(headers)]))
    const needed = named.filter(({ name, headers }) => object?.required.has(name) && isNeeded(headers))
    const required = needed.map(({ name }) => name)
    const schema = {
      type: 'object',
      properties,
      required,
      additionalProperties: false,
      description: 'Headers of parts, by their fields.',
    }
    return { schema, isRequired: needed.length > 0 }
  }
  const first = content.prefixEncoding.map((declared) => schemaOf(headersOf(declared, catalog)))
  const rest = schemaOf(headersOf(content.itemEncoding, catalog))
  const hasAny = [...first, rest].some((schema) => Object.keys(own(schema, 'properties') ?? {}).length > 0)
  if (!hasAny) return undefined
  const schema = {
    type: 'array',
    ...(first.length > 0 ? { prefixItems: first } : {}),
    items: rest,
    description: 'Headers of the parts, in their order.',
  }
  return { schema, isRequired: false }
}

function headerSchema({ schema, description }: PartHeader, catalog: SchemaCatalog): JsonSchema {
  const translated = catalog.translate(schema, 'input')
  return isRecord(translated) && description ? { ...translated, description: description.slice(0, 1000) } : translated
}
