// Where the parts of a document lie: a tree of named stretches of its bytes. A document can have hundreds of thousands of
// them, so they are numbers in one array.
import { DocumentError } from '../document-error.ts'
import type { Place } from './document-index.ts'

export const ROOT = 0
export const NONE = -1

/** Far above any real document; each takes some 100 bytes, with its name. */
const MAX_PARTS = 300_000
const MAX_REPEATED = 10_000
/** From here on the members of a part are found by a map. */
const MANY_MEMBERS = 16

/** What is kept of each part, in the order of its numbers. */
const START = 0
const END = 1
const PARENT = 2
const FIRST = 3
const LAST = 4
const NEXT = 5
const COUNT = 6
const NUMBERS = 7

/** How many levels below a member of the root are outlined at once; others are when something below them is asked for. */
const LEVELS: Record<string, number> = {
  paths: 2,
  components: 2,
  webhooks: 1,
  definitions: 1,
  parameters: 1,
  responses: 1,
  securityDefinitions: 1,
}

export function levelsBelow(section: string): number {
  return Object.hasOwn(LEVELS, section) ? (LEVELS[section] ?? 0) : 0
}

export interface Stretch {
  start: number
  end: number
}

export class Outline {
  /** Places of parts that have the name of an earlier one beside them. */
  readonly repeated: Place[] = []
  /** Null for what is in a list: hundreds of thousands of numbers as names are slow in the engine's table of strings. */
  readonly #names: (string | null)[] = ['']
  readonly #byName = new Map<number, Map<string, number>>()
  #numbers = new Uint32Array(NUMBERS * 16)

  /** A new last member of `parent`, null for a list's; where it lies is said by `lay`. Those of a list are added in a row. */
  add(parent: number, name: string | null): number {
    const part = this.#names.length
    if (part > MAX_PARTS) throw new DocumentError('too_large', `The document has more than ${MAX_PARTS} parts.`)
    if ((part + 1) * NUMBERS > this.#numbers.length) {
      const larger = new Uint32Array(this.#numbers.length * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    const isRepeated = name !== null && this.find(parent, name) !== NONE
    this.#names.push(name)
    this.#set(part, PARENT, parent)
    if (isRepeated && this.repeated.push(this.placeOf(part)) > MAX_REPEATED) {
      throw new DocumentError('too_large', `The document has more than ${MAX_REPEATED} names twice.`)
    }
    const last = this.#get(parent, LAST)
    if (last === 0) this.#set(parent, FIRST, part)
    else this.#set(last, NEXT, part)
    this.#set(parent, LAST, part)
    this.#set(parent, COUNT, this.#get(parent, COUNT) + 1)
    if (name !== null) this.#remember(parent, name, part)
    return part
  }

  /** Adds the members of a part; none when there are too many. */
  fill(part: number, addMembers: () => void): void {
    try {
      addMembers()
    } catch (error) {
      this.clear(part)
      throw error
    }
  }

  /** Forgets the members of a part. */
  clear(part: number): void {
    for (const field of [FIRST, LAST, COUNT]) this.#set(part, field, 0)
    this.#byName.delete(part)
  }

  lay(part: number, start: number, end: number): void {
    this.#set(part, START, start)
    this.#set(part, END, end)
  }

  stretchOf(part: number): Stretch {
    return { start: this.#get(part, START), end: this.#get(part, END) }
  }

  nameOf(part: number): string {
    return this.#names[part] ?? String(part - this.#get(this.parentOf(part), FIRST))
  }

  isList(part: number): boolean {
    return this.hasMembers(part) && this.#names[this.#get(part, FIRST)] === null
  }

  parentOf(part: number): number {
    return this.#get(part, PARENT)
  }

  placeOf(part: number): string[] {
    const place: string[] = []
    for (let at = part; at !== ROOT; at = this.parentOf(at)) place.push(this.nameOf(at))
    return place.reverse()
  }

  hasMembers(part: number): boolean {
    return this.#get(part, COUNT) > 0
  }

  *members(part: number): Generator<number> {
    for (let member = this.#get(part, FIRST); member !== 0; member = this.#get(member, NEXT)) yield member
  }

  /** The last member of a name; NONE when there is none. */
  find(part: number, name: string): number {
    if (this.isList(part)) {
      const index = /^(0|[1-9]\d{0,9})$/.test(name) ? Number(name) : Infinity
      return index < this.#get(part, COUNT) ? this.#get(part, FIRST) + index : NONE
    }
    const known = this.#byName.get(part)
    if (known) return known.get(name) ?? NONE
    let found = NONE
    for (let member = this.#get(part, FIRST); member !== 0; member = this.#get(member, NEXT)) {
      if (this.#names[member] === name) found = member
    }
    return found
  }

  #remember(parent: number, name: string, part: number): void {
    const count = this.#get(parent, COUNT)
    if (count < MANY_MEMBERS) return
    const known = this.#byName.get(parent)
    if (known) known.set(name, part)
    else this.#byName.set(parent, new Map([...this.members(parent)].map((member) => [this.nameOf(member), member])))
  }

  #get(part: number, field: number): number {
    return this.#numbers[part * NUMBERS + field] ?? 0
  }

  #set(part: number, field: number, value: number): void {
    this.#numbers[part * NUMBERS + field] = value
  }
}
