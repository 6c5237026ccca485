interface Kept<Value> {
  value: Value
  bytes: number
}

/**
 * Values that were used last, up to a number of bytes of what they were made from. Nothing is deleted from a map: one that
 * is often rebuilt leaves its former tables behind, each of which holds the next, and all of them every value that they
 * ever had, until the engine looks through all of its heap.
 */
export class RecentValues<Key extends string | number, Value> {
  readonly #limit: number
  #newer = new Map<Key, Kept<Value>>()
  #newerBytes = 0
  /** What was used before that; goes when there is as much that is newer. */
  #older = new Map<Key, Kept<Value>>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: Key): Value | undefined {
    const newer = this.#newer.get(key)
    if (newer !== undefined) return newer.value
    const older = this.#older.get(key)
    if (older !== undefined) this.#keep(key, older)
    return older?.value
  }

  set(key: Key, value: Value, bytes: number): void {
    if (this.get(key) === undefined)
      this.#keep(key, { value, bytes: bytes + (typeof key === 'string' ? key.length : 0) })
  }

  #keep(key: Key, kept: Kept<Value>): void {
    if (this.#newerBytes + kept.bytes > this.#limit / 2) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#newerBytes = 0
    }
    this.#newer.set(key, kept)
    this.#newerBytes += kept.bytes
  }
}
