// The schemas that a document's operations share. Each gets one name, is translated when the first operation reaches it,
// and is then handed on as a row; only names and who refers to whom stay in memory.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import { pascalCase } from '../typescript.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import { resolveReference } from './references.ts'
import { translateSchema, type Direction, type TranslationContext } from './schema-translation.ts'

/** Of the translated schemas that are kept at hand, as JSON. */
const CACHED_BYTES = 4_000_000
/** A stored row must stay below D1's limit. */
const MAX_SCHEMA_BYTES = 1_000_000
/** Names that printed types use themselves. */
const RESERVED = new Set(['Promise', 'Record', 'Array', 'File', 'Input', 'Output'])

interface Definition {
  place: Place
  direction: Direction
}

export class SchemaCatalog {
  readonly #index: DocumentIndex
  readonly #report: (place: string, reason: string) => void
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #definitions = new Map<string, Definition>()
  readonly #queue: string[] = []
  /** Names that each translated definition refers to. */
  readonly #uses = new Map<string, ReadonlySet<string>>()
  readonly #recent = new Map<string, { body: JsonSchema; bytes: number }>()
  #recentBytes = 0
  /** Whether anything that a schema reaches is read-only, by pointer. */
  readonly #hasReadOnly = new Map<string, boolean>()

  constructor(index: DocumentIndex, report: (place: string, reason: string) => void) {
    this.#index = index
    this.#report = report
    // In the document's order, so that names do not depend on which operation comes first.
    for (const section of [['components', 'schemas'], ['definitions']]) {
      for (const key of index.keys(section)) this.#nameOf([...section, key], 'output')
    }
  }

  /** A schema of an operation in JSON Schema 2020-12; names of the shared schemas it refers to are added to `uses`. */
  translate(raw: unknown, direction: Direction, uses: Set<string>): JsonSchema {
    return translateSchema(raw, this.#context(direction, uses))
  }

  /** The schema itself when `raw` is a reference: what the document has there. */
  look(raw: unknown): unknown {
    const resolved = resolveReference(this.#index, raw)
    return resolved.ok ? resolved.value : undefined
  }

  /** A shared schema by name, translated again unless it was used lately. */
  get(name: string): JsonSchema | undefined {
    const recent = this.#recent.get(name)
    if (recent !== undefined) return recent.body
    const definition = this.#definitions.get(name)
    return definition && this.#define(name, definition)
  }

  /** Shared schemas that were reached since the last time, and those that they reach. */
  *reached(): Generator<{ name: string; body: JsonSchema }> {
    for (let name = this.#queue.shift(); name !== undefined; name = this.#queue.shift()) {
      const body = this.get(name)
      if (body !== undefined) yield { name, body }
    }
  }

  /** `names` and all names that they lead to, sorted. Complete after `reached()` has ended. */
  closure(names: Iterable<string>): string[] {
    const closed = new Set(names)
    for (const name of closed) for (const used of this.#uses.get(name) ?? []) closed.add(used)
    return [...closed].sort()
  }

  #define(name: string, { place, direction }: Definition): JsonSchema {
    const uses = new Set<string>()
    let body = this.translate(this.#index.get(place), direction, uses)
    const bytes = utf8Bytes(JSON.stringify(body))
    if (bytes > MAX_SCHEMA_BYTES) {
      this.#report(pointerOf(place), 'The schema is too large to keep; values of it are not checked.')
      body = { description: 'Too large to show.' }
      uses.clear()
    }
    this.#uses.set(name, uses)
    this.#recent.set(name, { body, bytes })
    this.#recentBytes += bytes
    for (const [oldest, { bytes: freed }] of this.#recent) {
      if (this.#recentBytes <= CACHED_BYTES) break
      this.#recent.delete(oldest)
      this.#recentBytes -= freed
    }
    return body
  }

  #context(direction: Direction, uses: Set<string>): TranslationContext {
    return {
      direction,
      look: (reference) => this.look({ $ref: reference }),
      refer: (reference) => this.#refer(reference, direction, uses),
    }
  }

  #refer(reference: string, direction: Direction, uses: Set<string>): JsonRecord {
    const resolved = resolveReference(this.#index, { $ref: reference })
    if (!resolved.ok || resolved.place === null) {
      this.#report(reference, resolved.ok ? 'An empty reference.' : `A schema is not known: ${resolved.problem}.`)
      return {}
    }
    if (typeof resolved.value === 'boolean') return resolved.value ? {} : { not: {} }
    const isVariant = direction === 'input' && this.#reachesReadOnly(resolved.place)
    const name = this.#nameOf(resolved.place, isVariant ? 'input' : 'output')
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, { place: resolved.place, direction: isVariant ? 'input' : 'output' })
      this.#queue.push(name)
    }
    uses.add(name)
    return { $ref: `#/$defs/${name}` }
  }

  #nameOf(place: Place, direction: Direction): string {
    const key = `${direction} ${pointerOf(place)}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const base =
      direction === 'input'
        ? `${this.#nameOf(place, 'output')}Input`
        : pascalCase(ascii(place.at(-1) ?? '')) || pascalCase(ascii(place.slice(-2).join(' '))) || 'Schema'
    const wished = RESERVED.has(base) ? `${base}_` : base
    let name = wished
    for (let number = 2; this.#taken.has(name); number++) name = `${wished}${number}`
    this.#taken.add(name)
    this.#names.set(key, name)
    return name
  }

  /** One walk over everything reachable: when it finds nothing, nothing that it saw can reach anything either. */
  #reachesReadOnly(place: Place): boolean {
    const queue = [place]
    const seen = new Set<string>()
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const pointer = pointerOf(next)
      if (seen.has(pointer)) continue
      seen.add(pointer)
      const known = this.#hasReadOnly.get(pointer)
      const facts = known === undefined ? factsOf(this.#index.get(next)) : null
      if (known || facts?.hasReadOnly) {
        this.#hasReadOnly.set(pointerOf(place), true).set(pointer, true)
        return true
      }
      for (const reference of facts?.references ?? []) {
        const resolved = resolveReference(this.#index, { $ref: reference })
        if (resolved.ok && resolved.place) queue.push(resolved.place)
      }
    }
    for (const pointer of seen) this.#hasReadOnly.set(pointer, false)
    return false
  }
}

function factsOf(raw: unknown): { hasReadOnly: boolean; references: Set<string> } {
  const references = new Set<string>()
  let hasReadOnly = false
  const queue: unknown[] = [raw]
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    // Not spread: a list in a document can be longer than a call's arguments.
    if (Array.isArray(value)) for (const item of value) queue.push(item)
    if (!isRecord(value)) continue
    const reference = ownText(value, '$ref')
    if (reference) references.add(reference)
    if (own(value, 'readOnly') === true) hasReadOnly = true
    for (const member of Object.values(value)) queue.push(member)
  }
  return { hasReadOnly, references }
}

function ascii(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '')
}
