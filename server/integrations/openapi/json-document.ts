// A JSON document indexed by position: where each path item, operation and component lies. Values are parsed when they
// are asked for, one at a time, so memory grows with the largest of them and not with the document.
import type { ByteSequence } from '../byte-sequence.ts'
import { MAX_VALUE_BYTES, tooLargeValue, type DocumentIndex, type Place } from './document-index.ts'
import { JsonScanner } from './json-scanner.ts'
import { levelsBelow, NONE, Outline, ROOT } from './outline.ts'
import { ValueCache } from './value-cache.ts'

/** In what is larger, members are found once and remembered; what is smaller is read through each time. */
const LARGE_BYTES = 64 * 1024

interface Located {
  /** NONE for what is found by reading through a part. */
  part: number
  start: number
  end: number
}

export class JsonDocument implements DocumentIndex {
  readonly #bytes: ByteSequence
  readonly #scanner: JsonScanner
  readonly #outline = new Outline()
  readonly #cache = new ValueCache()

  /** Reads the whole document once; throws DocumentError where it is not JSON. */
  constructor(bytes: ByteSequence, start: number) {
    this.#bytes = bytes
    this.#scanner = new JsonScanner(bytes)
    const first = this.#scanner.space(start)
    const isObject = this.#scanner.isObject(first)
    const end = isObject ? this.#outlineMembers(ROOT, first, levelsBelow) : this.#scanner.skip(first)
    this.#outline.lay(ROOT, first, end)
    this.#outline.trim()
    const rest = this.#scanner.space(end)
    if (rest < bytes.length) throw this.#scanner.error('invalid_json', rest, 'something follows the end of the value')
  }

  get repeated(): readonly Place[] {
    return this.#outline.repeated
  }

  get(place: Place): unknown {
    const found = this.#locate(place)
    if (found === null) return undefined
    const { start, end } = found
    if (end - start > MAX_VALUE_BYTES) throw tooLargeValue(place)
    const known = this.#cache.find(start)
    if (known !== undefined) return known.value
    const value: unknown = JSON.parse(this.#bytes.text(start, end))
    return this.#cache.keep(start, end - start, value)
  }

  keys(place: Place): string[] {
    const found = this.#locate(place)
    if (found === null || !this.#scanner.isObject(found.start)) return []
    const keys = new Set<string>()
    if (this.#isOutlined(found.part))
      for (const member of this.#outline.members(found.part)) keys.add(this.#outline.nameOf(member))
    else {
      this.#scanner.members(found.start, (key, start) => {
        keys.add(String(key))
        return this.#scanner.skip(start)
      })
    }
    return [...keys]
  }

  *names(place: Place): Generator<string> {
    const found = this.#locate(place)
    const isTold = found !== null && this.#isOutlined(found.part) && this.repeated.length === 0
    if (!isTold) yield* this.keys(place)
    else for (const member of this.#outline.members(found.part)) yield this.#outline.nameOf(member)
  }

  release(): void {
    this.#outline.release()
  }

  #locate(place: Place): Located | null {
    let at: Located | null = this.#located(ROOT)
    for (const token of place) {
      if (!this.#scanner.isObject(at.start) && !/^(0|[1-9]\d*)$/.test(token)) return null
      if (this.#isOutlined(at.part)) {
        const part = this.#outline.find(at.part, token)
        at = part === NONE ? null : this.#located(part)
      } else at = this.#find(at.start, token)
      if (at === null) return null
    }
    return at
  }

  #located(part: number): Located {
    return { part, ...this.#outline.stretchOf(part) }
  }

  /** Whether the members of a part are known by now; what is small is not worth it. */
  #isOutlined(part: number): boolean {
    if (part === NONE) return false
    const { start, end } = this.#located(part)
    if (!this.#outline.hasMembers(part) && end - start > LARGE_BYTES) {
      this.#outline.fill(part, () => void this.#outlineMembers(part, start, () => 0))
    }
    return this.#outline.hasMembers(part)
  }

  /** Adds what is inside the value of a part, down to as many levels as are asked for; answers where the value ends. */
  #outlineMembers(part: number, start: number, levelsOf: (name: string) => number): number {
    return this.#scanner.members(start, (name, valueStart) => {
      const member = this.#outline.add(part, typeof name === 'string' ? name : null)
      const levels = typeof name === 'string' ? levelsOf(name) : 0
      const isTaken = levels > 0 && this.#scanner.isObject(valueStart)
      const end = isTaken ? this.#outlineMembers(member, valueStart, () => levels - 1) : this.#scanner.skip(valueStart)
      this.#outline.lay(member, valueStart, end)
      return end
    })
  }

  #find(start: number, token: string): Located | null {
    let found: Located | null = null
    this.#scanner.members(start, (name, valueStart) => {
      const end = this.#scanner.skip(valueStart)
      if (String(name) === token) found = { part: NONE, start: valueStart, end }
      return end
    })
    return found
  }
}
