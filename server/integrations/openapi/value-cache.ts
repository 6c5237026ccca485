// Values that were read lately: operations refer to the same parameters, answers and schemas again and again. What is read
// once, as most operations are, is not kept: it would only be old by the time that it is thrown away.
import { RecentValues } from './recent-values.ts'

/** Of what the kept values were read from, in bytes. */
const KEPT_BYTES = 1024 * 1024
const MAX_VALUE_BYTES = 256 * 1024
const REMEMBERED = 4096

export class ValueCache {
  /** By where they begin. */
  readonly #values = new RecentValues<number, { value: unknown }>(KEPT_BYTES)
  /** Where values end that were read before, each in a place that follows from where it ends. */
  readonly #read = new Uint32Array(REMEMBERED)

  /** The value that was kept of a place; undefined when there is none. */
  find(start: number): { value: unknown } | undefined {
    return this.#values.get(start)
  }

  /** Keeps a value that was read from so many bytes, when it was read before, and answers it. */
  keep(start: number, bytes: number, value: unknown): unknown {
    if (bytes > MAX_VALUE_BYTES) return value
    const end = start + bytes
    const slot = (Math.imul(end, 0x9e3779b1) >>> 16) % REMEMBERED
    if (this.#read[slot] === end) this.#values.set(start, { value }, bytes)
    else this.#read[slot] = end
    return value
  }
}
