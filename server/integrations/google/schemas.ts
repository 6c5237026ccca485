// The schemas of Discovery documents as the components of one OpenAPI document. Each is translated when it is asked for.
import { isRecord, own, ownEntries } from '../json-value.ts'
import { pointerOf, walk, type DocumentIndex, type Place } from '../openapi/document-index.ts'
import type { DiscoveryDocument } from './document.ts'
import { openApiSchema, type Refer } from './schema.ts'

const SECTION = ['components', 'schemas']

export class DiscoverySchemas implements DocumentIndex {
  readonly repeated: readonly Place[] = []
  /** By the name that it has among those of all documents. */
  readonly #schemas = new Map<string, { document: DiscoveryDocument; name: string }>()

  constructor(documents: readonly DiscoveryDocument[]) {
    for (const document of documents) {
      for (const [name] of ownEntries(document.value, 'schemas'))
        this.#schemas.set(keyOf(document, name), { document, name })
    }
  }

  get(place: Place): unknown {
    const [first, second, key = '', ...rest] = place
    const found = first === SECTION[0] && second === SECTION[1] ? this.#schemas.get(key) : undefined
    if (found === undefined) return undefined
    const raw = own(own(found.document.value, 'schemas'), found.name)
    return walk(openApiSchema(raw, referIn(found.document)), rest)
  }

  keys(place: Place): string[] {
    if (pointerOf(place) === pointerOf(SECTION)) return [...this.#schemas.keys()]
    const value = this.get(place)
    return isRecord(value) ? Object.keys(value) : []
  }
}

/** How the schemas of a document refer to each other. */
export function referIn(document: DiscoveryDocument): Refer {
  // The reference is a URI, in which a percent sign begins an encoded character.
  return (name) => pointerOf([...SECTION, keyOf(document, name)]).replaceAll('%', '%25')
}

/** `Message`; among other documents `gmail Message`, of which the catalog makes `GmailMessage`. */
function keyOf({ prefix }: DiscoveryDocument, name: string): string {
  return prefix === '' ? name : `${prefix} ${name}`
}
