// Values that were read lately: operations refer to the same parameters, answers and schemas again and again. What is read
// once, as most operations are, is not kept: it would only be old by the time that it is thrown away.

/** Of what the kept values were read from, in bytes. */
const KEPT_BYTES = 1024 * 1024
const MAX_VALUE_BYTES = 256 * 1024
const REMEMBERED = 4096

export class ValueCache {
  /** By where they begin; the one that was used last is at the end. */
  readonly #values = new Map<number, { value: unknown; bytes: number }>()
  #bytes = 0
  /** Where values begin that were read a first time. */
  readonly #readOnce = new Set<number>()

  /** The value that was kept of a place; undefined when there is none. */
  find(start: number): { value: unknown } | undefined {
    const known = this.#values.get(start)
    if (known === undefined) return undefined
    this.#values.delete(start)
    this.#values.set(start, known)
    return known
  }

  /** Keeps a value that was read from so many bytes, when it was read before, and answers it. */
  keep(start: number, bytes: number, value: unknown): unknown {
    if (bytes > MAX_VALUE_BYTES || this.#values.has(start)) return value
    if (!this.#readOnce.delete(start)) {
      if (this.#readOnce.size === REMEMBERED) this.#readOnce.clear()
      this.#readOnce.add(start)
      return value
    }
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
