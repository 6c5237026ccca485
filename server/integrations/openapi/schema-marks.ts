// Which schemas differ between what is sent and what is answered: those from which anything read-only or write-only can
// be reached. Every schema is looked at once, and of each no more than a number is kept.
import { isRecord, own, ownText } from '../json-value.ts'
import { PackedFlags } from '../packed-texts.ts'
import { mappedChildren } from './discriminator.ts'

const READ_ONLY = 1
const WRITE_ONLY = 2
/** Something in the schema, or that it leads to, is one of them. */
const LEADS_TO_MARKS = 4
const IS_KNOWN = 8

export class SchemaMarks {
  readonly #marks = new PackedFlags()
  readonly #get: (key: string) => unknown
  readonly #follow: (reference: string, isMapped: boolean) => string | null

  /** `get` reads the schema of a key; `follow` answers the key of what a reference, or a mapping's value, leads to. */
  constructor(get: (key: string) => unknown, follow: (reference: string, isMapped: boolean) => string | null) {
    this.#get = get
    this.#follow = follow
  }

  leadsToMarks(key: string): boolean {
    return (this.#of(key) & LEADS_TO_MARKS) !== 0
  }

  isMarked(key: string, mark: 'readOnly' | 'writeOnly'): boolean {
    return (this.#of(key) & (mark === 'readOnly' ? READ_ONLY : WRITE_ONLY)) !== 0
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    this.#marks.release()
  }

  /**
   * Walks to everything that is reached and not known yet, then carries what was found back along the way, so that all of
   * it is known afterwards: a long chain of schemas is walked once, not once from each of them.
   */
  #of(key: string): number {
    const known = this.#marks.get(key)
    if (known !== 0) return known
    const usedBy = new Map<string, string[]>()
    const marked: string[] = []
    const queue = [key]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (this.#marks.get(next) !== 0) continue
      const { marks, references, mapped } = marksOf(this.#get(next))
      this.#marks.set(next, marks | IS_KNOWN)
      if (marks & LEADS_TO_MARKS) marked.push(next)
      const targets = [
        ...Array.from(references, (reference) => this.#follow(reference, false)),
        ...Array.from(mapped, (reference) => this.#follow(reference, true)),
      ]
      for (const target of targets) {
        if (target === null) continue
        const before = this.#marks.get(target)
        if (before === 0) queue.push(target)
        // Known from an earlier walk, or from this one, where it may still turn out.
        else if (before & LEADS_TO_MARKS) marked.push(next)
        const users = usedBy.get(target)
        if (users) users.push(next)
        else usedBy.set(target, [next])
      }
    }
    const seen = new Set<string>()
    for (let next = marked.pop(); next !== undefined; next = marked.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      this.#marks.set(next, this.#marks.get(next) | LEADS_TO_MARKS)
      for (const user of usedBy.get(next) ?? []) marked.push(user)
    }
    return this.#marks.get(key)
  }
}

function marksOf(schema: unknown): { marks: number; references: Set<string>; mapped: Set<string> } {
  const references = new Set<string>()
  const mapped = new Set<string>()
  let marks = (own(schema, 'readOnly') === true ? READ_ONLY : 0) | (own(schema, 'writeOnly') === true ? WRITE_ONLY : 0)
  const queue: unknown[] = [schema]
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    // Not spread: a list in a document can be longer than a call's arguments.
    if (Array.isArray(value)) for (const item of value) queue.push(item)
    if (!isRecord(value)) continue
    const reference = ownText(value, '$ref') || ownText(value, '$dynamicRef')
    if (reference) references.add(reference)
    if (Object.hasOwn(value, 'discriminator')) for (const child of mappedChildren(value)) mapped.add(child)
    if (own(value, 'readOnly') === true || own(value, 'writeOnly') === true) marks |= LEADS_TO_MARKS
    for (const member of Object.values(value)) queue.push(member)
  }
  return { marks, references, mapped }
}
