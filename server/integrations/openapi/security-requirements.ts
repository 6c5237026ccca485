// What operations ask for: the alternatives of their `security`, and of the document's where they have none themselves.
import { isRecord } from '../json-value.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import type { Places } from './packed-places.ts'
import { readPart } from './readable-part.ts'

/** One alternative: the names of the schemes that it asks for together, sorted; none when it asks for nothing. */
export interface Alternative {
  /** Equal for equal names. */
  key: string
  names: string[]
  /** By name; for OAuth. */
  scopes: Map<string, string[]>
}

/** The first place where an alternative stands. */
export type PlacedAlternative = Alternative & { place: string }

/** Of alternatives that are told apart; a document with more of them was not written by anybody. */
const MAX_ALTERNATIVES = 200

/** Null where a value says nothing. An empty list takes no credential, as one empty alternative does. */
export function alternativesOf(security: unknown): Alternative[] | null {
  if (security === undefined || security === null) return null
  const list: unknown[] = Array.isArray(security) ? security : [security]
  const read = list.flatMap((entry): Alternative[] => {
    if (typeof entry === 'string') return [alternative([[entry, []]])]
    return isRecord(entry) ? [alternative(Object.entries(entry))] : []
  })
  return list.length > 0 && read.length === 0 ? null : read
}

export function asksForNothing(alternatives: readonly Alternative[]): boolean {
  return alternatives.every(({ names }) => names.length === 0)
}

/** The distinct alternatives of the document and of its operations, in the order they first appear. */
export function requirementsOf(
  index: DocumentIndex,
  operations: Places,
  report: (place: string, reason: string) => void,
): PlacedAlternative[] {
  const found = new Map<string, PlacedAlternative>()
  let leftOut = 0
  const readAt = (place: Place): Alternative[] | null => {
    const security = readPart(
      () => index.get(place),
      (problem) => {
        report(pointerOf(place), problem)
        return undefined
      },
    )
    const read = alternativesOf(security)
    if (read === null && security !== undefined && security !== null) {
      report(pointerOf(place), 'This is no security requirement.')
    }
    return read
  }
  const add = (read: Alternative[] | null, place: Place): boolean => {
    if (read === null) return false
    for (const one of read.length === 0 ? [alternative([])] : read) {
      const before = found.get(one.key)
      if (before) mergeScopes(before, one)
      else if (found.size < MAX_ALTERNATIVES) found.set(one.key, { ...one, place: pointerOf(place) })
      else leftOut++
    }
    return true
  }
  const isShared = add(readAt(['security']), ['security'])
  for (const operation of operations) {
    const place = [...operation, 'security']
    if (!add(readAt(place), place) && !isShared) add([], place)
  }
  if (leftOut > 0) report('#/security', `${leftOut} more combinations of security schemes were not read.`)
  return [...found.values()]
}

function alternative(entries: [name: string, scopes: unknown][]): Alternative {
  const names = entries.map(([name]) => name).sort()
  const scopes = entries.map(([name, asked]): [string, string[]] => [
    name,
    Array.isArray(asked) ? asked.filter((scope) => typeof scope === 'string') : [],
  ])
  return { key: JSON.stringify(names), names, scopes: new Map(scopes) }
}

function mergeScopes({ scopes }: Alternative, more: Alternative): void {
  for (const [name, asked] of more.scopes) {
    const known = scopes.get(name) ?? []
    if (asked.some((scope) => !known.includes(scope))) scopes.set(name, [...new Set([...known, ...asked])])
  }
}
