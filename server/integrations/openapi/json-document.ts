// A JSON document indexed by position: where each path item, operation and component lies. Values are parsed when they
// are asked for, one at a time, so memory grows with the largest of them and not with the document.
import type { ByteSequence } from './byte-sequence.ts'
import { walk, type DocumentIndex, type Place } from './document-index.ts'
import { JsonScanner } from './json-scanner.ts'

/** How many levels below a member of the root are indexed; others are found by reading through the member. */
const INDEXED_LEVELS: Record<string, number> = {
  paths: 2,
  components: 2,
  webhooks: 1,
  definitions: 1,
  parameters: 1,
  responses: 1,
  securityDefinitions: 1,
}
const CACHED_VALUE_BYTES = 2048
const CACHED_VALUES = 1024

interface Node {
  start: number
  end: number
  members: Map<string, Node> | null
}

export class JsonDocument implements DocumentIndex {
  readonly repeated: Place[] = []
  readonly #bytes: ByteSequence
  readonly #scanner: JsonScanner
  readonly #root: Node
  /** Small values (parameters, responses) are asked for again and again. */
  readonly #cache = new Map<number, unknown>()

  /** Reads the whole document once; throws DocumentError where it is not JSON. */
  constructor(bytes: ByteSequence, start: number) {
    this.#bytes = bytes
    this.#scanner = new JsonScanner(bytes)
    const first = this.#scanner.space(start)
    this.#root = this.#index(first, [])
    const rest = this.#scanner.space(this.#root.end)
    if (rest < bytes.length) throw this.#scanner.error('invalid_json', rest, 'something follows the end of the value')
  }

  get(place: Place): unknown {
    let node = this.#root
    for (const [depth, token] of place.entries()) {
      const next: Node | null = node.members ? (node.members.get(token) ?? null) : this.#find(node, token)
      if (next === null) {
        const isArray = !this.#scanner.isObject(node.start)
        return isArray ? walk(this.#parse(node), place.slice(depth)) : undefined
      }
      node = next
    }
    return this.#parse(node)
  }

  keys(place: Place): string[] {
    let node: Node | null = this.#root
    for (const token of place) {
      node = node.members ? (node.members.get(token) ?? null) : this.#find(node, token)
      if (node === null) return []
    }
    if (node.members) return [...node.members.keys()]
    if (!this.#scanner.isObject(node.start)) return []
    const keys = new Set<string>()
    this.#scanner.members(node.start, (key, start) => {
      keys.add(key)
      return this.#scanner.skip(start)
    })
    return [...keys]
  }

  #index(start: number, place: Place): Node {
    const [section] = place
    const levels =
      section === undefined ? 0 : Object.hasOwn(INDEXED_LEVELS, section) ? (INDEXED_LEVELS[section] ?? 0) : 0
    if (place.length > levels || !this.#scanner.isObject(start)) {
      return { start, end: this.#scanner.skip(start), members: null }
    }
    const members = new Map<string, Node>()
    const end = this.#scanner.members(start, (key, valueStart) => {
      if (members.has(key)) this.repeated.push([...place, key])
      const node = this.#index(valueStart, [...place, key])
      members.set(key, node)
      return node.end
    })
    return { start, end, members }
  }

  #find(node: Node, token: string): Node | null {
    if (!this.#scanner.isObject(node.start)) return null
    let found: Node | null = null
    this.#scanner.members(node.start, (key, start) => {
      const end = this.#scanner.skip(start)
      if (key === token) found = { start, end, members: null }
      return end
    })
    return found
  }

  #parse(node: Node): unknown {
    const cached = this.#cache.get(node.start)
    if (cached !== undefined) return cached
    const value: unknown = JSON.parse(this.#bytes.text(node.start, node.end))
    if (node.end - node.start <= CACHED_VALUE_BYTES && this.#cache.size < CACHED_VALUES) {
      this.#cache.set(node.start, value)
    }
    return value
  }
}
