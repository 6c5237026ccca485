// Many rows in one bound value: `INSERT … SELECT … FROM json_each(?)` writes hundreds of them in one statement.

/** What one JSON parameter may weigh, in bytes of UTF-8; below the guard of database.ts. */
export const MAX_ROWS_BYTES = 1_400_000

/** How much longer a row may become so that it takes half of the memory. */
const MOST_GROWTH = 1.1
const OPENING = 0x5b
const CLOSING = 0x5d
const COMMA = 0x2c
const FIRST_BYTES = 16 * 1024

/**
 * Collects rows as JSON arrays of at most `MAX_ROWS_BYTES` each. A row above that is refused: `add` throws. They wait as
 * bytes: as texts, megabytes of them would grow old in the heap before they are garbage.
 */
export class JsonRows {
  readonly #full: Uint8Array<ArrayBuffer>[] = []
  readonly #encoder = new TextEncoder()
  #buffer = new Uint8Array(FIRST_BYTES)
  /** Rows with a separator before each. */
  #filled = 0
  #bytes = 0

  /** Bytes collected and not yet taken. */
  get bytes(): number {
    return this.#bytes
  }

  add(row: unknown): void {
    const text = oneByteJson(JSON.stringify(row))
    const bytes = utf8Bytes(text) + 1
    if (bytes + 1 > MAX_ROWS_BYTES) throw new RangeError(`A row of ${bytes} bytes does not fit a D1 parameter`)
    if (this.#filled + bytes + 1 > MAX_ROWS_BYTES) this.#close()
    this.#reserve(this.#filled + bytes + 1)
    this.#buffer[this.#filled] = this.#filled === 0 ? OPENING : COMMA
    this.#encoder.encodeInto(text, this.#buffer.subarray(this.#filled + 1))
    this.#filled += bytes
    this.#bytes += bytes
  }

  /** Everything collected since the last time, as JSON arrays; empty when there is nothing. */
  take(): string[] {
    if (this.#filled > 0) this.#close()
    this.#bytes = 0
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    return this.#full.splice(0).map((rows) => {
      const text = decoder.decode(rows)
      rows.buffer.transfer(0)
      return text
    })
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return
    const room = Math.min(Math.max(2 * this.#buffer.length, bytes), MAX_ROWS_BYTES)
    this.#buffer = new Uint8Array(this.#buffer.buffer.transfer(room))
  }

  #close(): void {
    this.#buffer[this.#filled] = CLOSING
    this.#full.push(new Uint8Array(this.#buffer.buffer.transfer(this.#filled + 1)))
    this.#buffer = new Uint8Array(FIRST_BYTES)
    this.#filled = 0
  }
}

/** One character above U+00FF, and the engine keeps two bytes for each of a text: few of them are written as escapes. */
function oneByteJson(json: string): string {
  if (!/[^\0-\xff]/.test(json)) return json
  const escaped = json.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return escaped.length < json.length * MOST_GROWTH ? escaped : json
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
