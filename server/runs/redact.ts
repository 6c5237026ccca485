// What people may see of a value that went into a tool or came out of it. Secrets are left out: what the tool's schema
// marks as `writeOnly` or `format: password`, and fields whose names an admin has listed. Bytes are told of in words.
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { isRecord } from '../integrations/json-value.ts'
import { NEXT } from '../integrations/openapi/next-url.ts'
import { FileValue } from '../sandbox/file.ts'

/** Stands where a secret was. */
export const HIDDEN = '[hidden]'

export interface Hiding {
  /** Whether fields of this name are secret, wherever they are. */
  isHiddenField: (name: string) => boolean
  /** Of the value. */
  schema?: JsonSchema
  /** What the schema refers to as `#/$defs/<name>`. */
  definitions?: Record<string, JsonSchema>
}

/** A copy of a journal's value, as JSON can say it. An empty secret stays as it is: it says that there was none. */
export function redact(value: unknown, hiding: Hiding): unknown {
  const walk: Walk = { ...hiding, known: new Map() }
  return copyOf(value, hiding.schema === undefined ? [] : [hiding.schema], walk, 0)
}

type SchemaObject = Exclude<JsonSchema, boolean>

interface Walk extends Hiding {
  /** Each schema with all that hold together with it, once they were looked for. */
  known: Map<unknown, SchemaObject[]>
}

const DEEPEST_VALUE = 200
/** Of one place in a value: schemas that choose among one another could go on for ever. */
const MOST_SCHEMAS = 200

function copyOf(value: unknown, schemas: readonly unknown[], walk: Walk, depth: number): unknown {
  if (value instanceof FileValue) return value.toJSON()
  if (value instanceof Uint8Array) return `[${value.length.toLocaleString('en')} bytes]`
  if (isEmpty(value)) return value
  const applying = schemas.flatMap((schema) => applyingWith(schema, walk))
  if (applying.some(isSecret)) return HIDDEN
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST_VALUE) return '[nested too deeply to show]'
  if (Array.isArray(value)) {
    return value.map((item, index) => copyOf(item, itemSchemas(applying, index), walk, depth + 1))
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (walk.isHiddenField(name) && !isEmpty(field)) return [name, HIDDEN]
      if (name === NEXT && hasSecretQuery(field, applying, walk)) return [name, HIDDEN]
      return [name, copyOf(field, fieldSchemas(applying, name), walk, depth + 1)]
    }),
  )
}

/** The URL of a page holds fields of the input: what is secret there is secret here. */
function hasSecretQuery(link: unknown, applying: readonly SchemaObject[], walk: Walk): boolean {
  if (typeof link !== 'string') return false
  const query = new URLSearchParams(link.split('?').slice(1).join('?'))
  return [...query].some(([name, value]) => {
    const schemas = fieldSchemas(applying, name).flatMap((schema) => applyingWith(schema, walk))
    return value !== '' && (walk.isHiddenField(name) || schemas.some(isSecret))
  })
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === ''
}

function isSecret({ format, writeOnly }: SchemaObject): boolean {
  return format === 'password' || writeOnly === true
}

function fieldSchemas(schemas: readonly SchemaObject[], name: string): unknown[] {
  return schemas.flatMap(({ properties, patternProperties, additionalProperties }) => {
    const patterns = isRecord(patternProperties) ? Object.values(patternProperties) : []
    // Patterns are a stranger's regular expressions: each counts as one that matches.
    if (isRecord(properties) && Object.hasOwn(properties, name)) return [properties[name], ...patterns]
    return [additionalProperties, ...patterns]
  })
}

function itemSchemas(schemas: readonly SchemaObject[], index: number): unknown[] {
  return schemas.flatMap(({ prefixItems, items }) => {
    const first = Array.isArray(prefixItems) ? prefixItems : []
    return index < first.length ? [first[index]] : [items]
  })
}

/** The schema with everything that it refers to, requires or lets choose from, at the same place of the value. */
function applyingWith(schema: unknown, walk: Walk): SchemaObject[] {
  const known = walk.known.get(schema)
  if (known !== undefined) return known
  const found = new Set<SchemaObject>()
  const open: unknown[] = [schema]
  while (open.length > 0 && found.size < MOST_SCHEMAS) {
    const next = open.pop()
    if (!isRecord(next) || found.has(next)) continue
    found.add(next)
    const { $ref, allOf, anyOf, oneOf, then, else: otherwise } = next
    for (const several of [allOf, anyOf, oneOf]) if (Array.isArray(several)) open.push(...several)
    open.push(then, otherwise)
    if (typeof $ref === 'string') open.push(definition($ref, walk))
  }
  walk.known.set(schema, [...found])
  return [...found]
}

function definition(ref: string, { definitions = {} }: Walk): unknown {
  const name = ref.replace(/^#\/\$defs\//, '')
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined
}
