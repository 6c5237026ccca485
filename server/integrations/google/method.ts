// Where the methods of Discovery documents lie, and what they are called.
import { ownEntries, ownText } from '../json-value.ts'
import { pointerOf, type Place } from '../openapi/document-index.ts'
import { identifier, wordsOf } from '../openapi/names.ts'
import type { DiscoveryDocument } from './document.ts'

export interface Method {
  document: DiscoveryDocument
  /** `gmail.users.messages.list`; from where it lies when it does not say. */
  id: string
  /** Stable over revisions, and unlike that of any other: `GET gmail:v1/users.messages.list`. */
  operation: string
  /** `['resources', 'users', 'resources', 'messages', 'methods', 'list']`. */
  place: Place
  value: unknown
}

/** Every method of every document, in their order. */
export function methodsOf(documents: readonly DiscoveryDocument[]): Method[] {
  return documents.flatMap((document) => {
    const found = [...placesOf(document.value, [])]
    const ids = found.map(([place, value]) => ownText(value, 'id') || [document.name, ...namesIn(place)].join('.'))
    const uses = new Map<string, number>()
    for (const id of ids) uses.set(id, (uses.get(id) ?? 0) + 1)
    return found.map(([place, value], index): Method => {
      const id = ids[index] ?? ''
      const verb = ownText(value, 'httpMethod').toUpperCase() || '?'
      const own = uses.get(id) === 1 ? `/${withoutApi(id)}` : pointerOf(place)
      return { document, id, operation: `${verb} ${document.id}${own}`, place, value }
    })
  })
}

/** `users.messages.list`; among other documents `gmail.users.messages.list`. */
export function nameOf({ id, document }: Method): string {
  const segments = (document.prefix === '' ? withoutApi(id) : id).split('.').filter(Boolean)
  return segments.map((segment) => identifier(wordsOf(segment))).join('.')
}

/** The id without its first segment, the API's name. */
function withoutApi(id: string): string {
  const rest = id.slice(id.indexOf('.') + 1)
  return rest === '' ? id : rest
}

function* placesOf(node: unknown, place: Place): Generator<[place: Place, value: unknown]> {
  for (const [name, value] of ownEntries(node, 'methods')) yield [[...place, 'methods', name], value]
  for (const [name, inner] of ownEntries(node, 'resources')) yield* placesOf(inner, [...place, 'resources', name])
}

/** The names of the resources and the method, without the words between them. */
function namesIn(place: Place): string[] {
  return place.filter((_, index) => index % 2 === 1)
}
