// Tags as groups of operations: a tag can stand under another one, and not every kind of tag is a group (OpenAPI 3.2).
import { isRecord, ownText } from '../json-value.ts'

const MAX_DEPTH = 8

export class TagGroups {
  readonly #tags = new Map<string, { parent: string; kind: string; summary: string }>()

  /** `tags` of the document. */
  constructor(tags: unknown) {
    for (const tag of Array.isArray(tags) ? (tags as unknown[]) : []) {
      const described = { parent: ownText(tag, 'parent'), kind: ownText(tag, 'kind'), summary: ownText(tag, 'summary') }
      if (isRecord(tag) && (described.parent || described.kind || described.summary)) {
        this.#tags.set(ownText(tag, 'name'), described)
      }
    }
  }

  /** Of an operation's tags: `groups` with those that they stand under, `products/books`, and all `words` in them. */
  of(names: readonly string[]): { groups: string[]; words: string[] } {
    if (this.#tags.size === 0) return { groups: [...names], words: [...names] }
    const groups = names.filter((name) => ['', 'nav'].includes(this.#tags.get(name)?.kind ?? ''))
    const words = names.flatMap((name) => {
      const path = this.#path(name)
      return [...path, ...path.map((one) => this.#tags.get(one)?.summary ?? '')]
    })
    return { groups: groups.map((name) => this.#path(name).join('/')), words }
  }

  /** From the outermost tag to this one; a circle ends where it closes. */
  #path(name: string): string[] {
    const path: string[] = []
    for (let at = name; at !== '' && !path.includes(at) && path.length < MAX_DEPTH;) {
      path.unshift(at)
      at = this.#tags.get(at)?.parent ?? ''
    }
    return path
  }
}
