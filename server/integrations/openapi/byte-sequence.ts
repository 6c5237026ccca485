// A document as it arrived: chunks in order, read as one sequence without being copied together.
export class ByteSequence {
  readonly length: number
  readonly #chunks: Uint8Array[]
  readonly #starts: number[]
  #chunk: Uint8Array
  #from = 0
  #to = 0

  constructor(chunks: Uint8Array[]) {
    this.#chunks = chunks.filter((chunk) => chunk.length > 0)
    this.#starts = []
    let length = 0
    for (const chunk of this.#chunks) {
      this.#starts.push(length)
      length += chunk.length
    }
    this.length = length
    this.#chunk = new Uint8Array()
  }

  /** The byte at a position; -1 before the start and from the end on. */
  at(position: number): number {
    if (position >= this.#from && position < this.#to) return this.#chunk[position - this.#from] ?? -1
    if (position < 0 || position >= this.length) return -1
    this.#moveTo(position)
    return this.#chunk[position - this.#from] ?? -1
  }

  /** The bytes of `[start, end)`, as far as there are any, as UTF-8 text. Bytes that are not UTF-8 become U+FFFD. */
  text(start: number, end: number): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const last = Math.min(end, this.length)
    let text = ''
    for (let at = start; at < last; at = this.#to) {
      if (at < this.#from || at >= this.#to) this.#moveTo(at)
      text += decoder.decode(this.#chunk.subarray(at - this.#from, last - this.#from), { stream: true })
    }
    return text + decoder.decode()
  }

  #moveTo(position: number): void {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= position) low = middle
      else high = middle - 1
    }
    this.#chunk = this.#chunks[low] ?? new Uint8Array()
    this.#from = this.#starts[low] ?? 0
    this.#to = this.#from + this.#chunk.length
  }
}
