// Very many short texts, outside of the JavaScript heap: the engine lets that grow to four times of what lives in it, so
// a name that stays as long as a document is read costs four times its size there, and once its size here.

/** What is not in a PackedTexts. */
export const ABSENT = -1

const MOST_ROOM = 256 * 1024

/** Different texts, numbered from 0 in the order in which they were added. */
export class PackedTexts {
  #size = 0
  #bytes = Buffer.from(new ArrayBuffer(256))
  /** Where each text ends in `#bytes`, times two; plus one when it has two bytes for a character. */
  #ends = new Uint32Array(16)
  /** Numbers of texts, plus one, by their hashes; at most half full. */
  #slots = new Uint32Array(32)
  /** Nobody can write a document whose names all have the same hash. */
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0

  get size(): number {
    return this.#size
  }

  /** The number of a text; ABSENT when it was not added. */
  find(text: string): number {
    return (this.#slots[this.#slotOf(text)] ?? 0) - 1
  }

  /** The number of a text, which is added unless it is there. */
  add(text: string): number {
    const slot = this.#slotOf(text)
    const known = this.#slots[slot] ?? 0
    if (known > 0) return known - 1
    const isWide = /[^\0-\xff]/.test(text)
    const start = this.#endOf(this.#size - 1)
    const end = start + (isWide ? text.length * 2 : text.length)
    if (end > this.#bytes.length) this.#bytes = Buffer.from(this.#bytes.buffer.transfer(end + moreRoom(end)))
    this.#bytes.write(text, start, isWide ? 'utf16le' : 'latin1')
    this.#ends = withRoom(this.#ends, this.#size)
    this.#ends[this.#size] = end * 2 + (isWide ? 1 : 0)
    this.#slots[slot] = ++this.#size
    if (this.#size * 2 > this.#slots.length) this.#rehash()
    return this.#size - 1
  }

  /** Gives back what is kept for texts that may come. */
  trim(): void {
    this.#bytes = Buffer.from(this.#bytes.buffer.transfer(this.#endOf(this.#size - 1)))
    this.#ends = new Uint32Array(this.#ends.buffer.transfer(this.#size * this.#ends.BYTES_PER_ELEMENT))
  }

  /** The text of a number. */
  at(number: number): string {
    const isWide = (this.#ends[number] ?? 0) % 2 === 1
    const encoding = isWide ? 'utf16le' : 'latin1'
    return this.#bytes.toString(encoding, this.#endOf(number - 1), this.#endOf(number))
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    for (const { buffer } of [this.#bytes, this.#ends, this.#slots]) buffer.transfer(0)
  }

  #endOf(number: number): number {
    return (this.#ends[number] ?? 0) >>> 1
  }

  /** Where a text's number is, or would be. */
  #slotOf(text: string): number {
    const mask = this.#slots.length - 1
    for (let slot = hashOf(text, this.#seed) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1
      if (number < 0 || this.#isAt(number, text)) return slot
    }
  }

  #isAt(number: number, text: string): boolean {
    const start = this.#endOf(number - 1)
    const isWide = (this.#ends[number] ?? 0) % 2 === 1
    if (this.#endOf(number) - start !== (isWide ? text.length * 2 : text.length)) return false
    for (let index = 0; index < text.length; index++) {
      const at = start + (isWide ? index * 2 : index)
      const unit = (this.#bytes[at] ?? 0) + (isWide ? (this.#bytes[at + 1] ?? 0) * 256 : 0)
      if (unit !== text.charCodeAt(index)) return false
    }
    return true
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.buffer.transfer(this.#slots.byteLength * 2)).fill(0)
    for (let number = 0; number < this.#size; number++) this.#slots[this.#slotOf(this.at(number))] = number + 1
  }
}

/** Names by what has them: none is given twice. */
export class PackedNames {
  readonly #owners = new PackedTexts()
  readonly #names = new PackedTexts()
  /** By the owner's number that of its name, and the other way round. */
  #nameOf = new Uint32Array(64)
  #ownerOf = new Uint32Array(64)

  get size(): number {
    return this.#owners.size
  }

  get(owner: string): string | undefined {
    const number = this.#owners.find(owner)
    return number === ABSENT ? undefined : this.#names.at(this.#nameOf[number] ?? 0)
  }

  set(owner: string, name: string): void {
    const number = this.#owners.add(owner)
    const named = this.#names.add(name)
    this.#nameOf = withRoom(this.#nameOf, number)
    this.#nameOf[number] = named
    this.#ownerOf = withRoom(this.#ownerOf, named)
    this.#ownerOf[named] = number
  }

  ownerOf(name: string): string | undefined {
    const number = this.#names.find(name)
    return number === ABSENT ? undefined : this.#owners.at(this.#ownerOf[number] ?? 0)
  }

  /** Owners and their names, in the order in which they were set. */
  *[Symbol.iterator](): Generator<[owner: string, name: string]> {
    for (let number = 0; number < this.size; number++) {
      yield [this.#owners.at(number), this.#names.at(this.#nameOf[number] ?? 0)]
    }
  }

  isTaken(name: string): boolean {
    return this.#names.find(name) !== ABSENT
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    this.#owners.release()
    this.#names.release()
    for (const { buffer } of [this.#nameOf, this.#ownerOf]) buffer.transfer(0)
  }
}

/** A few bits for each text; 0 for one that none were set of. */
export class PackedFlags {
  readonly #texts = new PackedTexts()
  #flags = new Uint8Array(256)

  get size(): number {
    return this.#texts.size
  }

  get(text: string): number {
    const number = this.#texts.find(text)
    return number === ABSENT ? 0 : (this.#flags[number] ?? 0)
  }

  set(text: string, flags: number): void {
    const number = this.#texts.add(text)
    if (number >= this.#flags.length) this.#flags = new Uint8Array(this.#flags.buffer.transfer(this.#flags.length * 2))
    this.#flags[number] = flags
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    this.#texts.release()
    this.#flags.buffer.transfer(0)
  }
}

/** The array, or its content in a larger one, so that there is something at `index`. The old one is given back at once. */
export function withRoom(array: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
  if (index < array.length) return array
  const bytes = (index + 1) * array.BYTES_PER_ELEMENT
  return new Uint32Array(array.buffer.transfer(bytes + moreRoom(bytes)))
}

/** For what may follow so many bytes, in whole elements: half of them, and not much where they are many. */
function moreRoom(bytes: number): number {
  return Math.ceil(Math.min(bytes / 2, MOST_ROOM) / 4) * 4
}

/** FNV-1a over UTF-16 units, stirred so that its low bits depend on all of them. */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
