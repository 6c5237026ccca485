// How the rest of the importer sees a document, whatever it was written in and however large it is.
import { DocumentError } from '../document-error.ts'
import { own, shorten } from '../json-value.ts'

/** One value, written out. A tool made of more could not be kept, and the isolate has no room for much more. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024

/**
 * Names from the root of a document down to a value; positions in arrays are decimal text. In another file than the
 * document itself, that file's URL comes first.
 */
export type Place = readonly string[]

export type Located = { ok: true; place: Place } | { ok: false; problem: string }

export interface DocumentIndex {
  /**
   * The value at a place, read when asked for; undefined when there is none. It may be shared: never change it. Throws
   * DocumentError for a value that is too large to be read at once, or that cannot be read.
   */
  get(place: Place): unknown
  /** Names of the members of the object at a place, in the document's order; empty when there is no object. */
  keys(place: Place): string[]
  /** The same names one at a time, where the object may have very many. */
  names?(place: Place): Iterable<string>
  /** Places of members that a document gives twice; the last one counts. */
  readonly repeated: readonly Place[]
  /** Whether there are other files that references can lead to. */
  readonly hasFiles?: boolean
  /** Where a reference leads. An index of one file leaves this out: JSON pointers are all that it can follow. */
  locate?(reference: string): Located
  /** Gives back at once what the index takes outside of the heap; nothing can be read from then on. */
  release?(): void
}

export function tooLargeValue(place: Place, limit = MAX_VALUE_BYTES): DocumentError {
  const where = shorten(pointerOf(place), 200)
  return new DocumentError('too_large', `The value at ${where} is above the limit of ${limit / 1024 / 1024} MiB.`)
}

/** A place as the fragment of a URI (RFC 6901), behind the URL of the file when it is another one. */
export function pointerOf(place: Place): string {
  const file = fileOf(place)
  const tokens = file === undefined ? place : place.slice(1)
  return `${file ?? ''}#${tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}

/** The place that `pointerOf` wrote. */
export function placeAt(pointer: string): Place {
  const at = pointer.indexOf('#')
  const tokens = pointer.slice(at + 1).split('/')
  const names = tokens.slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  return at === 0 ? names : [pointer.slice(0, at), ...names]
}

/** The URL of the file that a place is in; undefined for the document itself. */
export function fileOf(place: Place): string | undefined {
  const [first] = place
  return first !== undefined && /^https?:\/\//.test(first) ? first : undefined
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
