// How the rest of the importer sees a document, whatever it was written in and however large it is.
import { own } from '../json-value.ts'

/** Names from the root of a document down to a value; positions in arrays are decimal text. */
export type Place = readonly string[]

export interface DocumentIndex {
  /** The value at a place, read when asked for; undefined when there is none. It may be shared: never change it. */
  get(place: Place): unknown
  /** Names of the members of the object at a place, in the document's order; empty when there is no object. */
  keys(place: Place): string[]
  /** Places of members that a document gives twice; the last one counts. */
  readonly repeated: readonly Place[]
}

/** A place as the fragment of a URI (RFC 6901). */
export function pointerOf(place: Place): string {
  return `#${place.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}

/** The place that a local reference names; null when it is not a local JSON pointer. */
export function placeOf(reference: string): Place | null {
  if (reference === '#') return []
  if (!reference.startsWith('#/')) return null
  return reference
    .slice(2)
    .split('/')
    .map((token) => decoded(token).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}

/** The value reached from `value` by names and positions. */
export function walk(value: unknown, place: Place): unknown {
  let current = value
  for (const token of place) {
    if (Array.isArray(current))
      current = /^(0|[1-9]\d*)$/.test(token) ? (current as unknown[])[Number(token)] : undefined
    else current = own(current, token)
    if (current === undefined) return undefined
  }
  return current
}
