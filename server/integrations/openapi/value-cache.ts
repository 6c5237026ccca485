// Values that were read lately: operations refer to the same parameters, answers and schemas again and again.

/** Of what the kept values were read from, in bytes. */
const KEPT_BYTES = 384 * 1024
const MAX_VALUE_BYTES = 64 * 1024

export class ValueCache {
  /** By where they begin; the one that was used last is at the end. */
  readonly #values = new Map<number, { value: unknown; bytes: number }>()
  #bytes = 0

  /** The value that was kept of a place; undefined when there is none. */
  find(start: number): { value: unknown } | undefined {
    const known = this.#values.get(start)
    if (known === undefined) return undefined
    this.#values.delete(start)
    this.#values.set(start, known)
    return known
  }

  /** Keeps a value that was read from so many bytes, and answers it. */
  keep(start: number, bytes: number, value: unknown): unknown {
    if (bytes > MAX_VALUE_BYTES || this.#values.has(start)) return value
    this.#values.set(start, { value, bytes })
    this.#bytes += bytes
    for (const [oldest, kept] of this.#values) {
      if (this.#bytes <= KEPT_BYTES) break
      this.#values.delete(oldest)
      this.#bytes -= kept.bytes
    }
    return value
  }
}
