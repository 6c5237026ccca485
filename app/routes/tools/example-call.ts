// A call to copy: the tool with its required fields, filled with values of the right type.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { literal } from '../literal.ts'

const DEEPEST = 3
/** Of all levels together: schemas that require one another would make millions. */
const MOST_VALUES = 200

type SchemaObject = Exclude<JsonSchema, boolean>

/** `definitions` is what the schema refers to as `#/$defs/<name>`. */
export function exampleCall(address: string, input: JsonSchema, definitions: Record<string, JsonSchema>): string {
  const example = exampleOf(input, { definitions, left: MOST_VALUES }, 0)
  const isEmpty = !isRecord(example) || Object.keys(example).length === 0
  return `return await tools.${address}(${isEmpty ? '' : literal(example)})`
}

interface Walk {
  definitions: Record<string, JsonSchema>
  /** How many values there may still be. */
  left: number
}

function exampleOf(schema: unknown, walk: Walk, depth: number): unknown {
  const object = resolved(schema, walk.definitions)
  // Choices among choices could go round in circles without ever reaching an object.
  if (object === undefined || depth > 2 * DEEPEST || walk.left-- <= 0) return {}
  for (const given of [object.default, object.example, firstOf(object.examples), object.const, firstOf(object.enum)]) {
    if (given !== undefined && given !== null) return given
  }
  const choice = firstOf(object.oneOf) ?? firstOf(object.anyOf)
  if (object.properties === undefined && object.type === undefined && choice !== undefined) {
    return exampleOf(choice, walk, depth + 1)
  }
  switch (Array.isArray(object.type) ? object.type.find((type) => type !== 'null') : object.type) {
    case 'string':
      return text(object)
    case 'integer':
    case 'number':
      return typeof object.minimum === 'number' ? object.minimum : 1
    case 'boolean':
      return true
    case 'array':
      return [exampleOf(object.items, walk, depth + 1)]
    default:
      return record(object, walk, depth)
  }
}

function record(object: SchemaObject, walk: Walk, depth: number): Record<string, unknown> {
  const example: Record<string, unknown> = Object.create(null)
  if (depth > DEEPEST) return example
  for (const part of list(object.allOf)) {
    const merged = exampleOf(part, walk, depth + 1)
    if (isRecord(merged)) Object.assign(example, merged)
  }
  const properties = isRecord(object.properties) ? object.properties : {}
  for (const name of list(object.required)) {
    if (walk.left <= 0) break
    if (typeof name === 'string') example[name] = exampleOf(properties[name], walk, depth + 1)
  }
  return example
}

function text({ format }: SchemaObject): string {
  switch (format) {
    case 'date-time':
      return '2026-01-31T12:00:00Z'
    case 'date':
      return '2026-01-31'
    case 'uri':
      return 'https://example.com/'
    case 'email':
      return 'ada@example.com'
    case 'uuid':
      return '00000000-0000-4000-8000-000000000000'
    default:
      return '…'
  }
}

function resolved(schema: unknown, definitions: Record<string, JsonSchema>): SchemaObject | undefined {
  let current = schema
  for (let hops = 0; hops < 10; hops++) {
    if (!isRecord(current)) return undefined
    if (typeof current.$ref !== 'string') return current
    current = definitions[current.$ref.replace(/^#\/\$defs\//, '')]
  }
  return undefined
}

function firstOf(value: unknown): unknown {
  return list(value)[0]
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
