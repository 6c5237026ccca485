// The body as fields of the input. An object's fields are the input's own where they cannot be taken for parameters; any
// other body is one field. Several media types are a choice in a field of its own: those with the same fields share them,
// and what the others take is the union that the one field can be.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord } from '../json-value.ts'
import type { BoundBody, BoundContent } from './binding.ts'
import { objectFields, type ObjectFields } from './body-fields.ts'
import { contentEncodingOf, contentSchema, typesOf } from './body-schema.ts'
import { classOf, essenceOf, isRange } from './media-type.ts'
import type { BodyModel, ContentModel } from './operation-model.ts'
import { readEncodings, readPartEncodings, readPartHeaders } from './read-encoding.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

export interface Field {
  key: string
  schema: JsonSchema
  isRequired: boolean
}

export interface BodyInput {
  bound: BoundBody
  fields: Field[]
  /** Keywords for the schema of the input: what is required, depending on what is given. */
  conditions: { [keyword: string]: JsonSchema | Record<string, string[]> }
}

/** So that an optional body with many fields does not fill its schema with who needs whom. */
const MAX_DEPENDENCIES = 200
const MAX_PATTERN = 200

export function readBodyInput(body: BodyModel, taken: ReadonlySet<string>, catalog: SchemaCatalog): BodyInput {
  const objects = sharedObjects(body, taken, catalog)
  const [shared] = objects.values()
  const names = [...(shared?.properties.keys() ?? [])]
  const whole = body.contents.filter((content) => !objects.has(content))
  const fields = names.map((name): Field => {
    const schemas = Array.from(objects.values(), ({ properties }) => catalog.translate(properties.get(name), 'input'))
    const isRequired = body.isRequired && whole.length === 0 && shared?.required.has(name) === true
    return { key: name, schema: unionOf(schemas), isRequired }
  })
  const keys = new Set([...taken, ...names])
  const add = (wished: string, schema: JsonSchema, isRequired = false): string => {
    const key = freeKey(wished, keys)
    keys.add(key)
    fields.push({ key, schema, isRequired })
    return key
  }
  const bind = (content: ContentModel) => bindContent(content, objects.has(content) ? names : null, body, catalog)
  const [preferred, ...others] = body.contents
  const bound: BoundBody = { isRequired: body.isRequired, ...bind(preferred) }
  if (whole.length > 0) bound.key = add('body', wholeSchema(body, whole, catalog), body.isRequired && !shared)
  const partHeaders = body.contents.map((content) => readPartHeaders(content, shared, catalog)).find(Boolean)
  if (partHeaders)
    bound.partHeadersKey = add('partHeaders', partHeaders.schema, body.isRequired && partHeaders.isRequired)
  if (others.length > 0) bound.others = others.map(bind)
  if (others.length > 0 || isRange(preferred.mediaType)) {
    bound.contentTypeKey = add('contentType', contentTypeSchema(body.contents, whole, bound.key))
  }
  return { bound, fields, conditions: conditionsOf(body, shared, bound, [...taken, ...fields.map(({ key }) => key)]) }
}

/** `wished`, or with the first number that makes it free: a field of a body may have any name. */
export function freeKey(wished: string, taken: ReadonlySet<string>): string {
  let key = wished
  for (let number = 2; taken.has(key); number++) key = `${wished}${number}`
  return key
}

/**
 * The media types whose fields are the input's own: the preferred one, unless it has none or one is named like a
 * parameter, and those with the same fields.
 */
function sharedObjects(
  { contents }: BodyModel,
  taken: ReadonlySet<string>,
  catalog: SchemaCatalog,
): Map<ContentModel, ObjectFields> {
  const read = ({ mediaType, schema }: ContentModel) =>
    ['json', 'form', 'multipart'].includes(classOf(mediaType)) ? objectFields(schema, catalog) : null
  const first = read(contents[0])
  if (!first || first.properties.size === 0) return new Map()
  if ([...first.properties.keys()].some((name) => taken.has(name))) return new Map()
  const same = (names: Iterable<string>, all: { has(name: string): boolean; size: number }, size: number) =>
    size === all.size && [...names].every((name) => all.has(name))
  return new Map(
    contents.flatMap((content): [ContentModel, ObjectFields][] => {
      const object = content === contents[0] ? first : read(content)
      const isShared =
        object !== null &&
        same(object.properties.keys(), first.properties, object.properties.size) &&
        same(object.required, first.required, object.required.size)
      return isShared ? [[content, object]] : []
    }),
  )
}

/** `names`: the fields of the input that are the body's own; null when the body is one field. */
function bindContent(
  content: ContentModel,
  names: string[] | null,
  body: BodyModel,
  catalog: SchemaCatalog,
): BoundContent {
  const { mediaType, schema } = content
  const kind = classOf(mediaType)
  const encoding = readEncodings(content.encoding, kind, schema, catalog)
  const bound: BoundContent = { mediaType, ...(encoding ? { encoding } : {}), ...readPartEncodings(content, catalog) }
  if (names) return { ...bound, fields: names }
  const types = body.contents.length > 1 && kind === 'json' ? typesOf(content, catalog) : []
  if (types.length > 0) bound.types = types
  const contentEncoding = kind === 'binary' || kind === 'text' ? contentEncodingOf(schema, catalog) : undefined
  return contentEncoding ? { ...bound, contentEncoding } : bound
}

/** Every schema once; of several, any. */
function unionOf(schemas: JsonSchema[]): JsonSchema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
  return distinct.length === 1 && distinct[0] !== undefined ? distinct[0] : { anyOf: distinct }
}

function wholeSchema({ description }: BodyModel, whole: ContentModel[], catalog: SchemaCatalog): JsonSchema {
  const schema = unionOf(whole.map((content) => contentSchema(content, catalog)))
  return isRecord(schema) && description ? { ...schema, description: description.slice(0, 1000) } : schema
}

function contentTypeSchema(contents: ContentModel[], whole: ContentModel[], wholeKey: string | undefined): JsonSchema {
  const types = contents.map(({ mediaType }) => mediaType)
  const isMixed = whole.length > 0 && whole.length < contents.length
  const hint = isMixed
    ? ` As ${whole.map(({ mediaType }) => mediaType).join(', ')} it is all in "${wholeKey ?? ''}".`
    : ''
  if (!types.some(isRange)) {
    return { type: 'string', enum: types, default: types[0], description: `Media type of the body.${hint}` }
  }
  const pattern = `^(?:${types
    .map((type) =>
      essenceOf(type)
        .replaceAll(/[.+$^|]/g, String.raw`\$&`)
        .replaceAll('*', String.raw`[\w.+-]+`),
    )
    .join('|')})$`
  return {
    type: 'string',
    ...(pattern.length <= MAX_PATTERN ? { pattern } : {}),
    description: `Media type of the body, one of ${types.join(', ')}.${hint}`,
  }
}

/** `keys`: of the whole input. */
function conditionsOf(
  body: BodyModel,
  shared: ObjectFields | undefined,
  { key }: BoundBody,
  keys: string[],
): BodyInput['conditions'] {
  if (!shared) return {}
  const needed = [...shared.required].filter((name) => shared.properties.has(name))
  if (key !== undefined) {
    // The body in one field leaves no room for its fields.
    const others = keys.filter((name) => !shared.properties.has(name))
    const alone = { dependentSchemas: { [key]: { propertyNames: { enum: others } } } }
    const isNeeded = body.isRequired && needed.length > 0
    return isNeeded ? { ...alone, if: { required: [key] }, else: { required: needed } } : alone
  }
  if (body.isRequired || shared.properties.size * needed.length > MAX_DEPENDENCIES) return {}
  // A body that may be left out is whole when it is not.
  const pairs = Array.from(shared.properties.keys(), (name): [string, string[]] => [
    name,
    needed.filter((other) => other !== name),
  ]).filter(([, others]) => others.length > 0)
  return pairs.length > 0 ? { dependentRequired: Object.fromEntries(pairs) } : {}
}
