// Which of several schemas a value is, by one of its properties (OpenAPI 3.2, section 4.25). JSON Schema knows nothing of
// it, so each alternative is given the value that its discriminator has there.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'

/** A parent with more children than this is described by itself: they would come along with everything that uses it. */
const MAX_CHILDREN = 20
const MAX_PARTS = 30

export interface Discriminator {
  property: string
  /** The values that stand for a schema, by a key that is equal for equal schemas. */
  values: Map<string, string[]>
  /** The first reference to each schema that is named. */
  references: Map<string, string>
  /** The schema of a value without the property (OpenAPI 3.2). */
  fallback: string | null
}

export interface DiscriminatorContext {
  /** A key that is equal for equal schemas; null, and reported, when the reference leads nowhere. */
  identify: (reference: string) => string | null
  /** How the component of this name is referred to; null when there is none. */
  component: (name: string) => string | null
  look: (reference: string) => unknown
}

/** Null when a schema has none. */
export function readDiscriminator(schema: unknown, context: DiscriminatorContext): Discriminator | null {
  const raw = own(schema, 'discriminator')
  const property = ownText(raw, 'propertyName') || ownText(schema, 'discriminator')
  if (!property) return null
  const values = new Map<string, string[]>()
  const references = new Map<string, string>()
  for (const [value, target] of ownEntries(raw, 'mapping')) {
    const reference = typeof target === 'string' ? (context.component(target) ?? target) : ''
    const key = reference === '' ? null : context.identify(reference)
    if (key === null) continue
    values.set(key, [...(values.get(key) ?? []), value])
    if (!references.has(key)) references.set(key, reference)
  }
  const fallback = ownText(raw, 'defaultMapping')
  return {
    property,
    values,
    references,
    fallback: fallback && context.identify(context.component(fallback) ?? fallback),
  }
}

/**
 * What the property of an alternative is, as a schema to hold beside it; null when the alternative says so itself, or
 * would contradict it. `name` is the alternative's as a component, which stands for it unless a mapping does.
 */
export function tightened(
  discriminator: Discriminator,
  reference: string,
  name: string | null,
  context: DiscriminatorContext,
): JsonRecord | null {
  const key = context.identify(reference)
  if (key === null || key === discriminator.fallback) return null
  const values = discriminator.values.get(key) ?? (name === null ? [] : [name])
  const said = literalsOf(context.look(reference), discriminator.property, context)
  const fitting = said === null ? values : values.filter((value) => said.has(value))
  const isSaid = said !== null && [...said].every((value) => fitting.includes(value))
  if (fitting.length === 0 || isSaid) return null
  const property = fitting.length === 1 ? { const: fitting[0] } : { enum: fitting }
  return { properties: Object.fromEntries([[discriminator.property, property]]), required: [discriminator.property] }
}

/** The part of a schema that has the discriminator of its children: itself, or what it adds to its own parents. */
export function discriminatingPart(schema: unknown): JsonRecord | null {
  const parts = [schema, ...ownList(schema, 'allOf')].filter(isRecord)
  return parts.find((part) => Object.hasOwn(part, 'discriminator')) ?? null
}

/** What a mapping names of a schema that nothing else connects with its children; empty when there are very many. */
export function mappedChildren(schema: JsonRecord): string[] {
  if (['oneOf', 'anyOf'].some((keyword) => Object.hasOwn(schema, keyword))) return []
  const targets = ownEntries(own(schema, 'discriminator'), 'mapping').map(([, target]) => target)
  const named = new Set(targets.filter((target) => typeof target === 'string'))
  return named.size <= MAX_CHILDREN ? [...named] : []
}

/** Those children, each once; a schema can be named by its own mapping too. */
export function childrenOf(schema: JsonRecord, discriminator: Discriminator): { key: string; reference: string }[] {
  if (mappedChildren(schema).length === 0) return []
  return Array.from(discriminator.references, ([key, reference]) => ({ key, reference }))
}

/** Whether the children are all that a value can be: the mapping names every value that the property can have. */
export function isComplete(schema: unknown, discriminator: Discriminator, context: DiscriminatorContext): boolean {
  const mapped = new Set([...discriminator.values.values()].flat())
  const said = literalsOf(schema, discriminator.property, context)
  return said !== null && [...said].every((value) => mapped.has(value))
}

/** The only values that a property can have, through `allOf` and references; null when it can have any. */
function literalsOf(schema: unknown, property: string, { look }: DiscriminatorContext): Set<string> | null {
  const queue: unknown[] = [schema]
  for (let parts = 0; queue.length > 0 && parts < MAX_PARTS; parts++) {
    const part = queue.pop()
    const reference = ownText(part, '$ref')
    if (reference) queue.push(look(reference))
    const found = literals(own(own(part, 'properties'), property), look)
    if (found !== null) return found
    for (const inner of ownList(part, 'allOf')) queue.push(inner)
  }
  return null
}

function literals(schema: unknown, look: (reference: string) => unknown): Set<string> | null {
  const reference = ownText(schema, '$ref')
  const target = reference ? look(reference) : schema
  if (!isRecord(target)) return null
  const values = Object.hasOwn(target, 'const') ? [target.const] : ownList(target, 'enum')
  return values.length > 0 ? new Set(values.map(String)) : null
}
