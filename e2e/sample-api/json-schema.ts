// From zod to the JSON Schema of OpenAPI 3.1, and from a query's text to the values that such a schema describes.
import { z } from 'zod'

export interface ObjectSchema {
  properties: Record<string, Record<string, unknown>>
  required: string[]
}

type Schema = z.core.JSONSchema.BaseSchema

/** Schemas with an `id` in their metadata become references to `#/components/schemas/<id>`. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  return plain(z.toJSONSchema(schema, { io: 'input', override: tidy }))
}

/** The same for what is certainly an object. */
export function objectSchema(schema: z.ZodObject): ObjectSchema {
  return { properties: {}, required: [], ...jsonSchema(schema) }
}

/** Every schema that has an `id`. */
export function componentSchemas(): Record<string, object> {
  const uri = (id: string) => `#/components/schemas/${id}`
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input', override: tidy, uri })
  const ids = Object.keys(schemas).sort()
  return Object.fromEntries(ids.map((id) => [id, plain(schemas[id] ?? {})]))
}

/** Without what only a schema that stands alone needs. */
function plain(schema: Schema): Record<string, unknown> {
  const copy = { ...schema }
  delete copy.$schema
  delete copy.$defs
  delete copy.$id
  return JSON.parse(JSON.stringify(copy).replaceAll('"#/$defs/', '"#/components/schemas/'))
}

/** A format says enough without its regular expression, a nullable string is `['string', 'null']`, 2⁵³ is no limit. */
function tidy({ jsonSchema }: { jsonSchema: Schema }): void {
  if (jsonSchema.format) delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  const [value, nothing] = jsonSchema.anyOf ?? []
  if (jsonSchema.anyOf?.length !== 2 || typeof value !== 'object' || typeof nothing !== 'object') return
  if (nothing.type !== 'null' || typeof value.type !== 'string' || value.enum) return
  delete jsonSchema.anyOf
  Object.assign(jsonSchema, { ...value, ...jsonSchema, type: [value.type, 'null'] })
}

/** What the parameters mean: numbers, booleans and lists where the schema has them, text otherwise. */
export function valuesFor(
  schema: ObjectSchema,
  given: URLSearchParams,
  commaSeparated: readonly string[] = [],
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const name of new Set(given.keys())) {
    const { type } = schema.properties[name] ?? {}
    const texts = given.getAll(name)
    if (type === 'array')
      values[name] = commaSeparated.includes(name) ? texts.flatMap((text) => text.split(',')) : texts
    else values[name] = texts.length === 1 ? scalar(type, texts[0] ?? '') : texts
  }
  return values
}

function scalar(type: unknown, text: string): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
