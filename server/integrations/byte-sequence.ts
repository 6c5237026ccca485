// A document's bytes as one sequence, whatever they lie in.

export interface ByteSequence {
  readonly length: number
  /** The byte at a position; -1 before the start and from the end on. */
  at(position: number): number
  /** The bytes of `[start, end)`, as far as there are any, as UTF-8 text. Bytes that are not UTF-8 become U+FFFD. */
  text(start: number, end: number): string
}

/** Chunks in order, read without being copied together. */
export function bytesOf(chunks: readonly Uint8Array[]): ByteSequence {
  return new ChunkedBytes(chunks)
}

/**
 * Where the UTF-8 sequence (RFC 3629) of several bytes that begins at `start` ends; -1 when it is none: no overlong forms,
 * no surrogates, nothing above U+10FFFF.
 */
export function utf8End(bytes: ByteSequence, start: number): number {
  const first = bytes.at(start)
  const second = bytes.at(start + 1)
  let isValid = first >= 0xc2 && first <= 0xf4
  if (first === 0xe0) isValid &&= second >= 0xa0
  if (first === 0xed) isValid &&= second <= 0x9f
  if (first === 0xf0) isValid &&= second >= 0x90
  if (first === 0xf4) isValid &&= second <= 0x8f
  const end = start + (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2)
  for (let at = start + 1; at < end; at++) isValid &&= bytes.at(at) >= 0x80 && bytes.at(at) <= 0xbf
  return isValid ? end : -1
}

/** A stretch of the sequence that is at hand. */
export interface Stretch {
  from: number
  bytes: Uint8Array
}

/** Reads stretch by stretch: what differs is only where a stretch comes from. */
export abstract class StretchedBytes implements ByteSequence {
  readonly length: number
  #bytes: Uint8Array = new Uint8Array()
  #from = 0
  #to = 0

  constructor(length: number) {
    this.length = length
  }

  /** The stretch that has a position of the sequence in it. */
  protected abstract stretchAt(position: number): Stretch

  at(position: number): number {
    if (position >= this.#from && position < this.#to) return this.#bytes[position - this.#from] ?? -1
    if (position < 0 || position >= this.length) return -1
    this.#moveTo(position)
    return this.#bytes[position - this.#from] ?? -1
  }

  text(start: number, end: number): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const last = Math.min(end, this.length)
    let text = ''
    for (let at = Math.max(start, 0); at < last; at = this.#to) {
      if (at < this.#from || at >= this.#to) this.#moveTo(at)
      text += decoder.decode(this.#bytes.subarray(at - this.#from, last - this.#from), { stream: true })
    }
    return text + decoder.decode()
  }

  #moveTo(position: number): void {
    const { from, bytes } = this.stretchAt(position)
    this.#bytes = bytes
    this.#from = from
    this.#to = from + bytes.length
  }
}

class ChunkedBytes extends StretchedBytes {
  readonly #chunks: Uint8Array[]
  readonly #starts: number[] = []

  constructor(chunks: readonly Uint8Array[]) {
    super(chunks.reduce((length, chunk) => length + chunk.length, 0))
    this.#chunks = chunks.filter((chunk) => chunk.length > 0)
    let start = 0
    for (const chunk of this.#chunks) {
      this.#starts.push(start)
      start += chunk.length
    }
  }

  protected stretchAt(position: number): Stretch {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= position) low = middle
      else high = middle - 1
    }
    return { from: this.#starts[low] ?? 0, bytes: this.#chunks[low] ?? new Uint8Array() }
  }
}
