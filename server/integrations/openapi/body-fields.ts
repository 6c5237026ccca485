// The fields of a body that is one plain object.
import { isRecord, own, ownEntries, ownList, ownText } from '../json-value.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

export interface ObjectFields {
  properties: Map<string, unknown>
  required: Set<string>
}

const CHOICES = [
  'oneOf',
  'anyOf',
  'not',
  'if',
  'enum',
  'const',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
]

/** Schemas that one is composed of, each of which may be a part of the one before. */
const MAX_PARTS = 500

/**
 * Through references and `allOf`; null when the body may be anything else. What was `seen` adds nothing: parts that share
 * parts would be read more often than there is time for.
 */
export function objectFields(raw: unknown, catalog: SchemaCatalog, seen = new Set<string>()): ObjectFields | null {
  if (seen.size === 0 && catalog.hasChildren(raw)) return null
  const reference = ownText(raw, '$ref')
  if (reference && seen.has(reference)) return { properties: new Map(), required: new Set() }
  if (seen.size > MAX_PARTS) return null
  seen.add(reference)
  const schema = catalog.look(raw)
  if (!isRecord(schema)) return null
  const type = own(schema, 'type')
  const isOpen = isRecord(own(schema, 'additionalProperties')) || own(schema, 'additionalProperties') === true
  const types = [type ?? 'object'].flat()
  // `null` beside an object says no more than that the body may be absent.
  if (isOpen || !types.includes('object') || types.some((name) => name !== 'object' && name !== 'null')) return null
  if (CHOICES.some((keyword) => Object.hasOwn(schema, keyword))) return null
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
