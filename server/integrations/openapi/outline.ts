// Where the parts of a document lie: a tree of named stretches of its bytes. A document can have hundreds of thousands of
// them, so they are numbers in one array.
import { DocumentError } from '../document-error.ts'
import { ABSENT, PackedTexts, withRoom } from '../packed-texts.ts'
import type { Place } from './document-index.ts'

export const ROOT = 0
export const NONE = -1

/** Far above any real document; each takes some 100 bytes, with its name. */
const MAX_PARTS = 300_000
const MAX_REPEATED = 10_000
/** Names that are kept as they are, beside the packed ones. */
const COMMON = 64

/** What is kept of each part, in the order of its numbers. */
const START = 0
const END = 1
const PARENT = 2
const FIRST = 3
const LAST = 4
const NEXT = 5
const COUNT = 6
const NAME = 7
const NUMBERS = 8
/** The name of what is in a list: hundreds of thousands of positions need not be written out. */
const POSITION = 0xffffffff

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
  readonly #names = new PackedTexts()
  /** Those that were named first: methods and keywords are everywhere. */
  readonly #common: string[] = []
  #count = 1
  #numbers = new Uint32Array(NUMBERS * 16)
  /** Parts by parent and name, of several the last one; at most half full. */
  #slots = new Uint32Array(64)
  #slotsTaken = 0

  /** A new last member of `parent`, null for a list's; where it lies is said by `lay`. Those of a list are added in a row. */
  add(parent: number, name: string | null): number {
    const part = this.#count++
    if (part > MAX_PARTS) throw new DocumentError('too_large', `The document has more than ${MAX_PARTS} parts.`)
    this.#numbers = withRoom(this.#numbers, (part + 1) * NUMBERS)
    const isRepeated = name !== null && this.find(parent, name) !== NONE
    this.#set(part, NAME, name === null ? POSITION : this.#names.add(name))
    this.#set(part, PARENT, parent)
    if (isRepeated && this.repeated.push(this.placeOf(part)) > MAX_REPEATED) {
      throw new DocumentError('too_large', `The document has more than ${MAX_REPEATED} names twice.`)
    }
    const last = this.#get(parent, LAST)
    if (last === 0) this.#set(parent, FIRST, part)
    else this.#set(last, NEXT, part)
    this.#set(parent, LAST, part)
    this.#set(parent, COUNT, this.#get(parent, COUNT) + 1)
    if (name !== null) this.#remember(part)
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
  }

  lay(part: number, start: number, end: number): void {
    this.#set(part, START, start)
    this.#set(part, END, end)
  }

  stretchOf(part: number): Stretch {
    return { start: this.#get(part, START), end: this.#get(part, END) }
  }

  nameOf(part: number): string {
    const name = this.#get(part, NAME)
    if (name === POSITION) return String(part - this.#get(this.parentOf(part), FIRST))
    return name < COMMON ? (this.#common[name] ??= this.#names.at(name)) : this.#names.at(name)
  }

  isList(part: number): boolean {
    return this.hasMembers(part) && this.#get(this.#get(part, FIRST), NAME) === POSITION
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
    const number = this.hasMembers(part) ? this.#names.find(name) : ABSENT
    const found = number === ABSENT ? 0 : (this.#slots[this.#slotOf(part, number)] ?? 0)
    // What was forgotten has a lower number than the first member that there is.
    return found === 0 || found < this.#get(part, FIRST) ? NONE : found
  }

  /** Gives back what is kept for parts that may come: few do once a document was read. */
  trim(): void {
    this.#numbers = new Uint32Array(
      this.#numbers.buffer.transfer(this.#count * NUMBERS * this.#numbers.BYTES_PER_ELEMENT),
    )
    this.#names.trim()
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    this.#names.release()
    for (const { buffer } of [this.#numbers, this.#slots]) buffer.transfer(0)
  }

  #remember(part: number): void {
    const slot = this.#slotOf(this.parentOf(part), this.#get(part, NAME))
    if (this.#slots[slot] === 0) this.#slotsTaken++
    this.#slots[slot] = part
    if (this.#slotsTaken * 2 < this.#slots.length) return
    const before = this.#slots
    this.#slots = new Uint32Array(before.length * 2)
    for (const known of before) {
      if (known !== 0) this.#slots[this.#slotOf(this.parentOf(known), this.#get(known, NAME))] = known
    }
  }

  /** Where the last part of a parent and a name is, or would be. */
  #slotOf(parent: number, name: number): number {
    const mask = this.#slots.length - 1
    const hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(name + 1, 0x85ebca6b)
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const part = this.#slots[slot] ?? 0
      if (part === 0 || (this.parentOf(part) === parent && this.#get(part, NAME) === name)) return slot
    }
  }

  #get(part: number, field: number): number {
    return this.#numbers[part * NUMBERS + field] ?? 0
  }

  #set(part: number, field: number, value: number): void {
    this.#numbers[part * NUMBERS + field] = value
  }
}
