// The pattern language of policies, and its two questions: does a pattern match a use of a tool, and does everything
// that one pattern matches match another too. Both run over the same small automaton, so that they cannot disagree.
//
//   *                          everything
//   github.issues.*            a `*` that is a whole part stands for one or more parts
//   github.*.list*, *.delete*  a `*` inside a part stands for any characters of that part
//   github@work.issues.create  only through the connection `work`; without `@`, through any connection or none

/** One use of a tool: `name` is dotted (`issues.create`), `connection` the slug of the connection it goes through. */
export interface Address {
  integration: string
  connection?: string
  name: string
}

export interface Pattern {
  /** As people see it: trimmed, repeated stars joined. */
  text: string
  /** Set when the pattern covers one connection only. */
  connection: string | undefined
  /** The dotted parts without the connection; `*` is a whole-part star. */
  parts: readonly string[]
  /** What stands before the first star. */
  literal: string
  stars: number
  nodes: readonly Node[]
}

export type ParsedPattern = { ok: true; pattern: Pattern } | { ok: false; message: string }

/**
 * The automaton: node i is a state, the state after the last node accepts.
 * - char: this character, then on.   - run: a star inside a part: any characters but dots, or on.
 * - first: the first character of a part of a whole-part star.   - rest: more of that part, another part, or on.
 */
type Node = { kind: 'char'; char: string } | { kind: 'run' } | { kind: 'first' } | { kind: 'rest' }

const MAX_LENGTH = 200
/** Bounds the automaton's deterministic form: deciding inclusion stays in the thousands of steps. */
const MAX_STARS = 8
const PART = /^[\p{ID_Continue}$*]+$/u
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

export function parsePattern(input: string): ParsedPattern {
  const text = input.trim().replace(/\*{2,}/g, '*')
  const problem = problemOf(text)
  if (problem !== undefined) return { ok: false, message: problem }
  const [first = '', ...rest] = text.split('.')
  const [integration = '', connection] = first.split('@')
  const parts = [integration, ...rest]
  const [literal = '', ...tails] = parts.join('.').split('*')
  return { ok: true, pattern: { text, connection, parts, literal, stars: tails.length, nodes: nodesOf(parts) } }
}

function problemOf(text: string): string | undefined {
  if (text === '') return 'Write a pattern, for example github.* or github.issues.create.'
  if (text.length > MAX_LENGTH) return `A pattern has at most ${MAX_LENGTH} characters; this one has ${text.length}.`
  if (text.split('*').length - 1 > MAX_STARS) return `A pattern has at most ${MAX_STARS} stars.`
  if (/\s/.test(text)) return 'A pattern has no spaces; write one pattern for each policy.'
  const [first = '', ...rest] = text.split('.')
  const [integration = '', connection, extra] = first.split('@')
  if (extra !== undefined || rest.some((part) => part.includes('@'))) {
    return 'The connection comes once, right after the integration: github@work.issues.create.'
  }
  if (connection !== undefined) {
    if (integration.includes('*')) return 'Before the @ stands one integration, without a star: github@work.*.'
    if (connection.includes('*')) return `A connection is named in full; ${integration}.* covers all of them.`
    if (!IDENTIFIER.test(connection)) return 'After the @ stands the name of a connection, for example github@work.*.'
  }
  for (const part of [integration, ...rest]) {
    if (part === '') return 'Two dots in a row, or a dot at an end: each part needs a name or a star.'
    if (!PART.test(part)) return `"${part}" has a character that no name contains; use letters, digits, _, $ and *.`
    if (/^\p{Nd}/u.test(part)) return `"${part}" starts with a digit, and no name does.`
  }
  if (rest.length === 0 && text !== '*')
    return `Say which tools: ${text.replace(/\*$/, '')}.* covers all of an integration.`
  return undefined
}

function nodesOf(parts: readonly string[]): Node[] {
  const nodes: Node[] = []
  for (const [index, part] of parts.entries()) {
    if (index > 0) nodes.push({ kind: 'char', char: '.' })
    if (part === '*') nodes.push({ kind: 'first' }, { kind: 'rest' })
    else for (const char of part) nodes.push(char === '*' ? { kind: 'run' } : { kind: 'char', char })
  }
  return nodes
}

/**
 * Whether a pattern names fields of types of that integration, `github.type.User.email`: it says `type` itself. A broader
 * one, `github.*`, is about tools and leaves fields alone. Throws for a pattern that cannot be read.
 */
export function isFieldPattern(text: string, integration: string): boolean {
  const parsed = parsePattern(text)
  if (!parsed.ok) throw new Error(`Unreadable pattern "${text}": ${parsed.message}`)
  const [first = '', second, ...rest] = parsed.pattern.parts
  if (second !== 'type' || rest.length === 0) return false
  return first === integration || (first.includes('*') && globOf(first).test(integration))
}

function globOf(part: string): RegExp {
  return new RegExp(`^${part.replaceAll('$', '\\$').replaceAll('*', '.*')}$`, 'u')
}

/** Without a `connection`, patterns that name one do not match: resolve the connection before asking. */
export function matches(pattern: Pattern, address: Address): boolean {
  if (pattern.connection !== undefined && pattern.connection !== address.connection) return false
  const text = `${address.integration}.${address.name}`
  // Most patterns are a name, or a name and `.*`: no automaton is needed for them.
  if (!text.startsWith(pattern.literal)) return false
  if (pattern.stars === 0) return text === pattern.literal
  if (pattern.stars === 1 && pattern.parts.at(-1) === '*') return text.length > pattern.literal.length
  let states = closed(pattern.nodes, [0])
  for (const char of text) {
    states = step(pattern.nodes, states, char)
    if (states.length === 0) return false
  }
  return states.includes(pattern.nodes.length)
}

/** True when everything that `a` matches, `b` matches too; equal patterns are narrower than each other. */
export function isNarrower(a: Pattern, b: Pattern): boolean {
  if (b.connection !== undefined && b.connection !== a.connection) return false
  // Every character that neither pattern names behaves alike: one stands for all of them.
  const alphabet = new Set(['.', '\u0000', ...Array.from(a.text + b.text)])
  const start = { a: closed(a.nodes, [0]), b: closed(b.nodes, [0]), dotted: false }
  const queue = [start]
  const seen = new Set<string>()
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    // Every address has an integration and a name, so that a word without a dot shows nothing.
    if (next.dotted && next.a.includes(a.nodes.length) && !next.b.includes(b.nodes.length)) return false
    for (const char of alphabet) {
      const reached = step(a.nodes, next.a, char)
      if (reached.length === 0) continue
      const pair = { a: reached, b: step(b.nodes, next.b, char), dotted: next.dotted || char === '.' }
      const key = `${pair.a.join()}|${pair.b.join()}|${pair.dotted}`
      if (seen.has(key)) continue
      seen.add(key)
      queue.push(pair)
    }
  }
  return true
}

/** The states reached from sorted `states` by `char`, sorted, so that equal sets have equal keys. */
function step(nodes: readonly Node[], states: readonly number[], char: string): number[] {
  const reached: number[] = []
  for (const state of states) {
    const node = nodes[state]
    if (node === undefined) continue
    if (node.kind === 'char') {
      if (node.char === char) reached.push(state + 1)
    } else if (char === '.') {
      if (node.kind === 'rest') reached.push(state - 1)
    } else reached.push(node.kind === 'first' ? state + 1 : state)
  }
  return closed(nodes, reached)
}

/** Adds the states that follow without a character: a star may end anywhere. */
function closed(nodes: readonly Node[], states: readonly number[]): number[] {
  const all = new Set<number>()
  for (let state of states) {
    all.add(state)
    for (let kind = nodes[state]?.kind; kind === 'run' || kind === 'rest'; kind = nodes[state]?.kind) all.add(++state)
  }
  return [...all].sort((x, y) => x - y)
}
