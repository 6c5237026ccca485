// Many rows in one bound value: `INSERT … SELECT … FROM json_each(?)` writes hundreds of them in one statement.

/** What one JSON parameter may weigh, in bytes of UTF-8; below the guard of database.ts. */
export const MAX_ROWS_BYTES = 1_400_000

/** Collects rows as JSON arrays of at most `MAX_ROWS_BYTES` each. A row above that is refused: `add` throws. */
export class JsonRows {
  readonly #full: string[] = []
  #open: string[] = []
  #openBytes = 0
  #bytes = 0

  /** Bytes collected and not yet taken. */
  get bytes(): number {
    return this.#bytes
  }

  add(row: unknown): void {
    const text = JSON.stringify(row)
    const bytes = utf8Bytes(text) + 1
    if (bytes + 1 > MAX_ROWS_BYTES) throw new RangeError(`A row of ${bytes} bytes does not fit a D1 parameter`)
    if (this.#openBytes + bytes + 1 > MAX_ROWS_BYTES) this.#close()
    this.#open.push(text)
    this.#openBytes += bytes
    this.#bytes += bytes
  }

  /** Everything collected since the last time, as JSON arrays; empty when there is nothing. */
  take(): string[] {
    if (this.#open.length > 0) this.#close()
    this.#bytes = 0
    return this.#full.splice(0)
  }

  #close(): void {
    this.#full.push(`[${this.#open.join(',')}]`)
    this.#open = []
    this.#openBytes = 0
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
