// `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12, section 8.2): what else a schema can be referred to as.
import type { SourceFile } from '../adapter.ts'
import { isRecord, ownText } from '../json-value.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import { fileUrl, splitReference } from './references.ts'

const MAX_IDENTIFIERS = 50_000
const WINDOW = 256 * 1024

export class Identifiers {
  /** Places of schemas by `<URL>`, and by `<URL>#<anchor>`. */
  readonly places = new Map<string, Place>()
  /** URLs of schemas that have an `$id`, by the pointer to where they are. */
  readonly resources = new Map<string, string>()

  /** Adds those of a file. `prefix` is how its places begin, `base` what a relative `$id` in it is relative to. */
  add(index: DocumentIndex, base: string, prefix: Place): void {
    const schemas: Place = ['components', 'schemas']
    for (const name of index.keys(schemas))
      this.#walk(index.get([...schemas, name]), [...prefix, ...schemas, name], base)
    const keys = index.keys([])
    if (!keys.includes('openapi') && !keys.includes('components')) this.#walk(index.get([]), prefix, base)
  }

  /** The URL of the innermost schema with an `$id` around a place, and where that is. */
  around(place: Place): { url: string; place: Place } | null {
    for (let length = place.length - 1; length > 0; length--) {
      const outer = place.slice(0, length)
      const url = this.resources.get(pointerOf(outer))
      if (url !== undefined) return { url, place: outer }
    }
    return null
  }

  #walk(schema: unknown, place: Place, base: string): void {
    const stack = [{ value: schema, place, base }]
    for (let next = stack.pop(); next !== undefined && this.places.size < MAX_IDENTIFIERS; next = stack.pop()) {
      const { value, place } = next
      if (typeof value !== 'object' || value === null) continue
      const inner = isRecord(value) ? this.#name(value, place, next.base) : next.base
      for (const [key, member] of Object.entries(value)) {
        if (typeof member === 'object') stack.push({ value: member, place: [...place, key], base: inner })
      }
    }
  }

  /** Takes down what a schema is called; answers what references in it are relative to. */
  #name(schema: object, place: Place, base: string): string {
    const { address, fragment } = splitReference(ownText(schema, '$id'))
    const url = address === '' ? null : fileUrl(address, base)
    const inner = url ?? base
    if (url !== null && !this.places.has(url)) {
      this.places.set(url, place)
      this.resources.set(pointerOf(place), url)
    }
    // Drafts before 2019-09 wrote an anchor as `"$id": "#name"`.
    for (const anchor of [fragment, ownText(schema, '$anchor'), ownText(schema, '$dynamicAnchor')]) {
      const name = `${inner}#${anchor}`
      if (anchor !== '' && !this.places.has(name)) this.places.set(name, place)
    }
    return inner
  }
}

/** Whether there can be any in a file, by a look at its text. */
export function mentionsIdentifiers({ bytes }: SourceFile): boolean {
  for (let start = 0; start < bytes.length; start += WINDOW) {
    if (/\$(id|anchor|dynamicAnchor)["']?\s{0,20}:/.test(bytes.text(start, start + WINDOW + 100))) return true
  }
  return false
}
