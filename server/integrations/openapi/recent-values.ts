/** Values that were used last, up to a number of bytes of what they were made from. */
export class RecentValues<Value> {
  readonly #limit: number
  /** The one that was used last is at the end. */
  readonly #values = new Map<string, { value: Value; bytes: number }>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): Value | undefined {
    const known = this.#values.get(key)
    if (known === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, known)
    return known.value
  }

  set(key: string, value: Value, bytes: number): void {
    if (this.#values.has(key)) return
    this.#values.set(key, { value, bytes })
    this.#bytes += bytes + key.length
    for (const [oldest, kept] of this.#values) {
      if (this.#bytes <= this.#limit) break
      this.#values.delete(oldest)
      this.#bytes -= kept.bytes + oldest.length
    }
  }
}
