// How large a value is when everything that it has in several places is written out in each of them.
import { DocumentError } from '../document-error.ts'
import { MAX_VALUE_BYTES } from './document-index.ts'

const MAX_LEVELS = 400
/** Of a number, a word or a bracket, with the comma behind it. */
const SMALL = 4

interface Size {
  size: number
  levels: number
}

export class ExpandedSizes {
  /** Null while the value is being measured: whatever leads to it then is inside of it. */
  readonly #known = new WeakMap<object, Size | null>()

  /** Throws DocumentError for a value that contains itself, or becomes too large or too deep by its aliases. */
  check(value: unknown): void {
    const { size, levels } = this.#measure(value, 0)
    if (levels > MAX_LEVELS) throw tooDeep()
    if (size <= MAX_VALUE_BYTES) return
    const limit = MAX_VALUE_BYTES / 1024 / 1024
    throw new DocumentError('too_large', `A value grows above ${limit} MiB when the YAML's aliases are followed.`)
  }

  #measure(value: unknown, level: number): Size {
    if (typeof value === 'string') return { size: value.length + SMALL, levels: 0 }
    if (typeof value !== 'object' || value === null) return { size: SMALL, levels: 0 }
    const known = this.#known.get(value)
    if (known) return known
    if (known === null) throw new DocumentError('invalid_yaml', 'A value in the YAML contains an alias of itself.')
    if (level > MAX_LEVELS) throw tooDeep()
    this.#known.set(value, null)
    const sum: Size = { size: SMALL, levels: 0 }
    const members: [string, unknown][] | unknown[] = Array.isArray(value) ? value : Object.values(value)
    if (!Array.isArray(value)) for (const key of Object.keys(value)) sum.size += key.length + SMALL
    for (const member of members) {
      const { size, levels } = this.#measure(member, level + 1)
      sum.size += size
      sum.levels = Math.max(sum.levels, levels)
    }
    sum.levels++
    this.#known.set(value, sum)
    return sum
  }
}

function tooDeep(): DocumentError {
  return new DocumentError('too_deep', `The YAML nests values more than ${MAX_LEVELS} levels deep.`)
}
