// What a pattern would cover, told to the person who is writing it.
import { type Address, matches, parsePattern, type Pattern } from './pattern.ts'

export interface Catalog {
  tools: Iterable<{ integration: string; name: string }>
  /** Needed for patterns with `@` only. */
  connections?: readonly { integration: string; slug: string }[]
}

export type Explanation =
  | { ok: false; message: string }
  | {
      ok: true
      /** Tools that the pattern matches now. */
      count: number
      /** The first addresses of these, at most `sampleSize`. */
      examples: string[]
      /** When it matches nothing: the pattern nearest to it that matches something, if one is near. */
      nearest?: string
      /** One sentence. */
      message: string
    }

export function explainPattern(text: string, catalog: Catalog, sampleSize = 5): Explanation {
  const parsed = parsePattern(text)
  if (!parsed.ok) return parsed
  const { pattern } = parsed
  const known = (catalog.connections ?? []).filter(({ integration }) => integration === pattern.parts[0])
  const isConnected = pattern.connection === undefined || known.some(({ slug }) => slug === pattern.connection)

  let count = 0
  const examples: string[] = []
  for (const tool of catalog.tools) {
    if (!matches(pattern, addressOf(pattern, tool))) continue
    count++
    if (examples.length < sampleSize) examples.push(`${tool.integration}.${tool.name}`)
  }
  if (count > 0 && isConnected) {
    return { ok: true, count, examples, message: `Matches ${count === 1 ? 'one tool' : `${count} tools`}.` }
  }
  const parts = count > 0 ? pattern.parts : nearestParts(pattern, catalog.tools)
  const connection = isConnected
    ? pattern.connection
    : nearestOf(
        pattern.connection ?? '',
        known.map(({ slug }) => slug),
      )
  const nearest =
    parts && [connection === undefined ? parts[0] : `${parts[0]}@${connection}`, ...parts.slice(1)].join('.')
  const found = count > 0 ? `There is no connection ${pattern.connection}.` : 'Matches no tool.'
  return {
    ok: true,
    count: 0,
    examples: [],
    ...(nearest !== undefined && { nearest }),
    message: nearest === undefined ? found : `${found} Did you mean ${nearest}?`,
  }
}

/** The tool as the pattern's own connection would reach it. */
function addressOf(pattern: Pattern, tool: { integration: string; name: string }): Address {
  return { integration: tool.integration, name: tool.name, connection: pattern.connection }
}

interface Alignment {
  cost: number
  parts: string[]
}

/** The pattern's parts with as few characters changed as it takes to match some tool; else a broader pattern. */
function nearestParts(pattern: Pattern, tools: Catalog['tools']): string[] | undefined {
  let best: Alignment | undefined
  let broader: string[] | undefined
  const distances = new Map<string, number>()
  for (const tool of tools) {
    const names = [tool.integration, ...tool.name.split('.')]
    const aligned = align(pattern.parts, names, distances)
    if (aligned && (!best || aligned.cost < best.cost)) best = aligned
    const different = names.findIndex((name, index) => name !== pattern.parts[index])
    const same = different === -1 ? names.length - 1 : different
    if (same > (broader?.length ?? 1) - 1) broader = [...names.slice(0, same), '*']
  }
  return best?.parts ?? broader
}

/** Pairs pattern parts with a tool's names, in order; undefined when that changes too much to be a slip of the pen. */
function align(
  parts: readonly string[],
  names: readonly string[],
  distances: Map<string, number>,
): Alignment | undefined {
  const [part, ...later] = parts
  const [name, ...others] = names
  if (part === undefined || name === undefined) return part === name ? { cost: 0, parts: [] } : undefined
  if (part === '*') {
    const ended = align(later, others, distances)
    const longer = others.length > later.length ? align(parts, others, distances) : undefined
    if (longer && (!ended || longer.cost < ended.cost)) return longer
    return ended && { cost: ended.cost, parts: ['*', ...ended.parts] }
  }
  const key = `${part}.${name}`
  // The odd tenth keeps a difference in case only from being none.
  const cost =
    distances.get(key) ?? (globMatches(part, name) ? 0 : 0.1 + distance(part.toLowerCase(), name.toLowerCase()))
  distances.set(key, cost)
  if (cost > Math.max(2, part.replaceAll('*', '').length / 2)) return undefined
  const rest = align(later, others, distances)
  if (!rest) return undefined
  if (cost === 0) return { cost: rest.cost, parts: [part, ...rest.parts] }
  const replacement = `${part.startsWith('*') ? '*' : ''}${name}${part.endsWith('*') ? '*' : ''}`
  return { cost: rest.cost + cost, parts: [replacement, ...rest.parts] }
}

function globMatches(glob: string, name: string): boolean {
  const parsed = parsePattern(`x.${glob}`)
  return parsed.ok && matches(parsed.pattern, { integration: 'x', name })
}

/** Edits (insert, delete, replace a character) that turn `glob` into a pattern for `name`; a star's text is free. */
function distance(glob: string, name: string): number {
  let row = Array.from({ length: name.length + 1 }, (_, index) => index)
  for (const [index, char] of Array.from(glob).entries()) {
    const next = [char === '*' ? (row[0] ?? 0) : index + 1]
    for (let column = 1; column <= name.length; column++) {
      const [left = 0, above = 0, diagonal = 0] = [next[column - 1], row[column], row[column - 1]]
      next.push(
        char === '*'
          ? Math.min(left, above)
          : Math.min(left + 1, above + 1, diagonal + (char === name[column - 1] ? 0 : 1)),
      )
    }
    row = next
  }
  return row[name.length] ?? 0
}

function nearestOf(wanted: string, names: readonly string[]): string | undefined {
  const near = names.map((name) => ({ name, cost: distance(wanted.toLowerCase(), name.toLowerCase()) }))
  return near.toSorted((a, b) => a.cost - b.cost)[0]?.name
}
