// A schema of a Discovery document (JSON Schema draft 3, where schemas are referred to by name) as OpenAPI 3.1 has it.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'

/** The reference that stands for a schema's name. */
export type Refer = (name: string) => string

const COPIED = ['format', 'pattern', 'readOnly', 'deprecated']
const MAX_METHODS = 5

export function openApiSchema(raw: unknown, refer: Refer): JsonRecord {
  if (!isRecord(raw)) return {}
  const schema = new Map<string, unknown>()
  const reference = ownText(raw, '$ref')
  if (reference) schema.set('$ref', refer(reference))
  // `any` is any value.
  const type = ownText(raw, 'type')
  if (type && type !== 'any') schema.set('type', type)
  for (const name of COPIED) if (Object.hasOwn(raw, name)) schema.set(name, raw[name])
  if (schema.get('format') === 'google-datetime') schema.set('format', 'date-time')
  copyValues(raw, type, schema)
  const properties = ownEntries(raw, 'properties')
  if (isRecord(own(raw, 'properties'))) {
    schema.set('properties', Object.fromEntries(properties.map(([name, part]) => [name, openApiSchema(part, refer)])))
    const required = properties.filter(([, part]) => own(part, 'required') === true).map(([name]) => name)
    if (required.length > 0) schema.set('required', required)
  }
  for (const name of ['items', 'additionalProperties']) {
    const part = own(raw, name)
    if (isRecord(part)) schema.set(name, openApiSchema(part, refer))
    else if (typeof part === 'boolean') schema.set(name, part)
  }
  copyVariant(own(raw, 'variant'), schema, refer)
  const description = descriptionOf(raw)
  if (description) schema.set('description', description)
  return Object.fromEntries(schema)
}

/** A parameter's own schema; what may be given several times is a list. */
export function parameterSchema(raw: unknown, refer: Refer): JsonRecord {
  const schema = openApiSchema(raw, refer)
  if (own(raw, 'repeated') !== true) return schema
  const { description, default: fallback, ...items } = schema
  return {
    type: 'array',
    items,
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: [fallback] }),
  }
}

/** Defaults and bounds are written as text, whatever their type. */
function copyValues(raw: JsonRecord, type: string, schema: Map<string, unknown>): void {
  const isNumber = type === 'integer' || type === 'number'
  for (const name of ['minimum', 'maximum']) {
    const bound = numberOf(own(raw, name))
    // A 64-bit integer is a string, which has no bounds.
    if (isNumber && bound !== null) schema.set(name, bound)
  }
  const values = ownList(raw, 'enum')
  if (values.length > 0) schema.set('enum', isNumber ? values.map((value) => numberOf(value) ?? value) : values)
  const fallback = own(raw, 'default')
  if (type === 'boolean') {
    if (fallback === true || fallback === 'true') schema.set('default', true)
    if (fallback === false || fallback === 'false') schema.set('default', false)
  } else if (isNumber) {
    if (numberOf(fallback) !== null) schema.set('default', numberOf(fallback))
  } else if (fallback !== undefined && fallback !== '') schema.set('default', fallback)
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null
}

/** `variant`: which schema a value has stands in one of its properties. */
function copyVariant(variant: unknown, schema: Map<string, unknown>, refer: Refer): void {
  const alternatives = ownList(variant, 'map').flatMap((entry): [string, string][] => {
    const name = ownText(entry, '$ref')
    return name ? [[ownText(entry, 'type_value') || name, refer(name)]] : []
  })
  if (alternatives.length === 0) return
  schema.set(
    'oneOf',
    alternatives.map(([, reference]) => ({ $ref: reference })),
  )
  schema.set('discriminator', {
    propertyName: ownText(variant, 'discriminant'),
    mapping: Object.fromEntries(alternatives),
  })
}

/** With what the values of an enum mean, and which methods need the property: neither has a keyword of its own. */
function descriptionOf(raw: JsonRecord): string {
  const texts = [ownText(raw, 'description')]
  const meanings = ownList(raw, 'enumDescriptions')
  const values = ownList(raw, 'enum').flatMap((value, index) => {
    const meaning = meanings[index]
    return typeof meaning === 'string' && meaning.trim() ? [`${String(value)}: ${meaning.trim()}`] : []
  })
  if (values.length > 0) texts.push(values.join('\n'))
  const methods = ownList(own(raw, 'annotations'), 'required').filter((id) => typeof id === 'string')
  if (methods.length > 0) {
    const more = methods.length > MAX_METHODS ? ', …' : ''
    texts.push(`Required by ${methods.slice(0, MAX_METHODS).join(', ')}${more}.`)
  }
  return texts.filter(Boolean).join('\n')
}
