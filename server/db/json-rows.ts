// Many rows in one bound value: `INSERT … SELECT … FROM json_each(?)` writes hundreds of them in one statement.

/** What one JSON parameter may weigh, in bytes of UTF-8; below the guard of database.ts. */
export const MAX_ROWS_BYTES = 1_400_000

const COMMA = 0x2c

/**
 * Collects rows as JSON arrays of at most `MAX_ROWS_BYTES` each. A row above that is refused: `add` throws. They wait as
 * bytes in one buffer: as texts, megabytes of them would grow old in the heap before they are garbage.
 */
export class JsonRows {
  readonly #full: string[] = []
  readonly #encoder = new TextEncoder()
  /** Small at first: most collections stay so. */
  #buffer = new Uint8Array(16 * 1024)
  #filled = 0
  #bytes = 0

  /** Bytes collected and not yet taken. */
  get bytes(): number {
    return this.#bytes
  }

  add(row: unknown): void {
    const text = JSON.stringify(row)
    const bytes = utf8Bytes(text) + 1
    if (bytes + 1 > MAX_ROWS_BYTES) throw new RangeError(`A row of ${bytes} bytes does not fit a D1 parameter`)
    if (this.#filled + bytes + 1 > MAX_ROWS_BYTES) this.#close()
    this.#reserve(this.#filled + bytes + 1)
    this.#encoder.encodeInto(text, this.#buffer.subarray(this.#filled))
    this.#filled += bytes
    this.#buffer[this.#filled - 1] = COMMA
    this.#bytes += bytes
  }

  /** Everything collected since the last time, as JSON arrays; empty when there is nothing. */
  take(): string[] {
    if (this.#filled > 0) this.#close()
    this.#bytes = 0
    return this.#full.splice(0)
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return
    const larger = new Uint8Array(Math.min(Math.max(2 * this.#buffer.length, bytes), MAX_ROWS_BYTES))
    larger.set(this.#buffer.subarray(0, this.#filled))
    this.#buffer = larger
  }

  #close(): void {
    const rows = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#buffer.subarray(0, this.#filled - 1))
    this.#full.push(`[${rows}]`)
    this.#filled = 0
  }
}

/** `rows` as JSON arrays that fit a parameter each. */
export function jsonRows(rows: Iterable<unknown>): string[] {
  const collected = new JsonRows()
  for (const row of rows) collected.add(row)
  return collected.take()
}

/** Length of a text in UTF-8, without encoding it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // A surrogate is half of a four-byte character; JSON.stringify escapes one that stands alone.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
