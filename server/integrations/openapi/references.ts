// `$ref`, wherever it is allowed: chains of references to what they stand for, and the URLs that they are made of.
import { DocumentError } from '../document-error.ts'
import { isRecord, ownText } from '../json-value.ts'
import { placeOf, pointerOf, type DocumentIndex, type Located, type Place } from './document-index.ts'

export type Resolved = { ok: true; value: unknown; place: Place | null } | { ok: false; problem: string }

/** Beside a `$ref` these say nothing about the value. */
const ANNOTATIONS = new Set(
  '$ref $comment description summary title deprecated example examples externalDocs xml'.split(' '),
)

/**
 * Follows a chain of references from `value` to what is not one. `place` is where that lies; null when `value` itself
 * was no reference.
 */
export function resolveReference(index: DocumentIndex, value: unknown): Resolved {
  return follow(index, value, (current) => ownText(current, '$ref') !== '')
}

/** The same for a schema, which stands for itself where it adds something to what it refers to. */
export function resolveSchema(index: DocumentIndex, reference: string): Resolved {
  let isFirst = true
  return follow(index, { $ref: reference }, (current) => {
    const goesOn = isFirst || isBareReference(current)
    isFirst = false
    return goesOn
  })
}

export function isBareReference(schema: unknown): boolean {
  if (!isRecord(schema) || ownText(schema, '$ref') === '') return false
  return Object.keys(schema).every((keyword) => ANNOTATIONS.has(keyword) || keyword.startsWith('x-'))
}

function follow(index: DocumentIndex, value: unknown, goesOn: (current: unknown) => boolean): Resolved {
  const seen = new Set<string>()
  let current = value
  let place: Place | null = null
  while (goesOn(current)) {
    const reference = ownText(current, '$ref')
    const located = locate(index, reference)
    if (!located.ok) return located
    place = located.place
    const pointer = pointerOf(place)
    if (seen.has(pointer)) return { ok: false, problem: `"${reference}" only leads back to itself` }
    seen.add(pointer)
    const read = readAt(index, place)
    if (!read.ok) return { ok: false, problem: `"${reference}" ${read.problem}` }
    current = read.value
  }
  return { ok: true, value: current, place }
}

function readAt(index: DocumentIndex, place: Place): { ok: true; value: unknown } | { ok: false; problem: string } {
  try {
    const value = index.get(place)
    return value === undefined ? { ok: false, problem: 'points to nothing' } : { ok: true, value }
  } catch (error) {
    if (error instanceof DocumentError) return { ok: false, problem: unreadable(error) }
    throw error
  }
}

/** For the middle of a sentence. */
export function unreadable({ message }: DocumentError): string {
  return `cannot be read: ${message.replace(/\.$/, '')}`
}

function locate(index: DocumentIndex, reference: string): Located {
  if (index.locate) return index.locate(reference)
  const place = placeOf(reference)
  return place === null
    ? { ok: false, problem: `"${reference}" is outside this document and was not read` }
    : { ok: true, place }
}

export interface SplitReference {
  /** Before the `#`; empty for a reference within the same file. */
  address: string
  /** Behind the `#`, as it is written; empty without one. */
  fragment: string
}

export function splitReference(reference: string): SplitReference {
  const at = reference.indexOf('#')
  return at < 0
    ? { address: reference, fragment: '' }
    : { address: reference.slice(0, at), fragment: reference.slice(at + 1) }
}

/** The URL of the file that a reference names (RFC 3986), without a fragment; null when it cannot be made absolute. */
export function fileUrl(address: string, base: string | undefined): string | null {
  if (!URL.canParse(address, base)) return null
  const url = new URL(address, base)
  url.hash = ''
  return url.href.replace(/#$/, '')
}

/** Why a file of this URL is never fetched; null when it may be. */
export function problemOfUrl(url: string): string | null {
  const { protocol, username, password } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') return 'is not at an http(s) address and was not read'
  return username || password ? 'has a user name or a password in its address and was not read' : null
}
