// `$ref` between the parts of one document. Other documents are not fetched: what needs them is reported.
import { ownText, isRecord } from '../json-value.ts'
import { placeOf, pointerOf, type DocumentIndex, type Place } from './document-index.ts'

export type Resolved = { ok: true; value: unknown; place: Place | null } | { ok: false; problem: string }

/**
 * Follows a chain of references from `value` to what is not one. `place` is where that lies; null when `value` itself
 * was no reference.
 */
export function resolveReference(index: DocumentIndex, value: unknown): Resolved {
  const seen = new Set<string>()
  let current = value
  let place: Place | null = null
  for (;;) {
    const reference = isRecord(current) ? ownText(current, '$ref') : ''
    if (!reference) return { ok: true, value: current, place }
    place = placeOf(reference)
    if (place === null) return { ok: false, problem: `"${reference}" is outside this document and was not read` }
    const pointer = pointerOf(place)
    if (seen.has(pointer)) return { ok: false, problem: `"${reference}" only leads back to itself` }
    seen.add(pointer)
    current = index.get(place)
    if (current === undefined) return { ok: false, problem: `"${reference}" points to nothing` }
  }
}
