// Arguments that a tool wants as headers too: `x-mcp-header` of 2026-07-28 (streamable HTTP, custom headers).
import { isRecord, own, ownEntries, ownText } from '../json-value.ts'
import type { MirroredArgument } from './binding.ts'

const KEYWORD = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const TYPES = new Set(['string', 'integer', 'boolean'])
const MAX_DEPTH = 100

export type Mirroring = { ok: true; headers: MirroredArgument[] } | { ok: false; reason: string }

/** A tool whose declarations break a rule must not be used. */
export function mirroredArguments(schema: unknown): Mirroring {
  const headers: MirroredArgument[] = []
  const seen = new Set<string>()
  const problem = collect(schema, [], headers, seen) || misplaced(schema, headers.length)
  return problem ? { ok: false, reason: problem } : { ok: true, headers }
}

function collect(schema: unknown, path: string[], headers: MirroredArgument[], seen: Set<string>): string {
  for (const [key, property] of path.length < MAX_DEPTH ? ownEntries(schema, 'properties') : []) {
    const inner = [...path, key]
    if (isRecord(property) && Object.hasOwn(property, KEYWORD)) {
      const header = own(property, KEYWORD)
      const type = ownText(property, 'type')
      if (typeof header !== 'string' || !TOKEN.test(header)) return 'It names a header that cannot be one.'
      if (!TYPES.has(type)) return `It wants ${header} as a header, which is no text, integer or boolean.`
      if (seen.has(header.toLowerCase())) return `It wants two arguments as the header ${header}.`
      seen.add(header.toLowerCase())
      headers.push({ path: inner, header, type })
    }
    const problem = collect(property, inner, headers, seen)
    if (problem) return problem
  }
  return ''
}

/** Only properties can be headers: not items of lists, not parts of alternatives. */
function misplaced(schema: unknown, expected: number): string {
  let found = 0
  const look = (value: unknown, isSchema: boolean) => {
    if (Array.isArray(value)) for (const item of value) look(item, true)
    if (!isRecord(value)) return
    if (isSchema && Object.hasOwn(value, KEYWORD)) found++
    for (const [key, inner] of Object.entries(value)) {
      if (isSchema && DATA.has(key)) continue
      look(inner, !(isSchema && MAPS.has(key)))
    }
  }
  look(schema, true)
  return found > expected ? 'It wants a header from a place that is no property.' : ''
}

/** Names, and behind each a schema. */
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'])
/** Values, in which a keyword is none. */
const DATA = new Set(['default', 'const', 'enum', 'examples', 'example'])
