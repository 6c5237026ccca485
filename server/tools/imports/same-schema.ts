// Whether two schemas ask for the same, whatever they say about it. Documents are worded anew all the time.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord } from '../../integrations/json-value.ts'

const WORDS = new Set(['description', 'title', 'examples', 'example', '$comment'])
/** Members of these are schemas by names of the document's own. */
const BY_NAME = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs'])
const SETS = new Set(['required', 'enum', 'type'])

export function isSameSchema(a: JsonSchema | null, b: JsonSchema | null): boolean {
  return JSON.stringify(withoutWords(a)) === JSON.stringify(withoutWords(b))
}

/** Without words, and in an order of its own: that of members means nothing. */
function withoutWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutWords)
  if (!isRecord(schema)) return schema
  const kept = Object.entries(schema).filter(([keyword]) => !WORDS.has(keyword))
  return sorted(kept.map(([keyword, value]) => [keyword, ofKeyword(keyword, value)]))
}

function ofKeyword(keyword: string, value: unknown): unknown {
  if (BY_NAME.has(keyword) && isRecord(value)) {
    return sorted(Object.entries(value).map(([name, schema]) => [name, withoutWords(schema)]))
  }
  if (SETS.has(keyword) && Array.isArray(value)) return value.map((one) => JSON.stringify(one)).sort()
  if (keyword === 'const' || keyword === 'default' || keyword === 'enum') return value
  return withoutWords(value)
}

function sorted(entries: [string, unknown][]): [string, unknown][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
