// Reading JSON that others wrote: only own members count, so that `constructor` and `__proto__` are names like any other.
export interface JsonRecord {
  [key: string]: unknown
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own member `key` of an object; undefined for anything else. */
export function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** The own member `key` when it is a string, trimmed; else the empty string. */
export function ownText(value: unknown, key: string): string {
  const member = own(value, key)
  return typeof member === 'string' ? member.trim() : ''
}

/** The own member `key` when it is an array; else an empty one. */
export function ownList(value: unknown, key: string): unknown[] {
  const member = own(value, key)
  return Array.isArray(member) ? member : []
}

/** The own members of `value[key]` in order; empty when it is not an object. */
export function ownEntries(value: unknown, key: string): [string, unknown][] {
  const member = own(value, key)
  return isRecord(member) ? Object.entries(member) : []
}

/**
 * An object of members whose names are a document's. It has no prototype, and so none of the shapes that the engine would
 * keep for names in an order that nothing else has.
 */
export function recordOf<Value>(members: Iterable<readonly [string, Value]>): { [key: string]: Value } {
  const record: { [key: string]: Value } = Object.create(null)
  for (const [name, value] of members) record[name] = value
  return record
}

/** Text in one line and at most `maxLength` characters, cut at a word and marked with `…`. */
export function shorten(text: string, maxLength: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= maxLength) return line
  const cut = line.slice(0, maxLength - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > maxLength / 2 ? cut.slice(0, space) : cut).trimEnd()}…`
}
