// Where a YAML document names values for others to use (`&name`), in its order.
import { DocumentError } from '../document-error.ts'
import { NONE, ROOT } from './outline.ts'

const MAX_ANCHORS = 250_000

export class YamlAnchors {
  readonly #positions: number[] = []
  /** The smallest part of the outline that each is in. */
  readonly #parts: number[] = []
  /** A name can be given again: an alias means the last one before it. */
  readonly #byName = new Map<string, number[]>()

  get count(): number {
    return this.#positions.length
  }

  add(name: string, position: number): void {
    const anchor = this.#positions.push(position) - 1
    if (anchor === MAX_ANCHORS) {
      throw new DocumentError('too_large', `The YAML has more than ${MAX_ANCHORS} anchors.`)
    }
    const known = this.#byName.get(name)
    if (known) known.push(anchor)
    else this.#byName.set(name, [anchor])
  }

  /** Says where the anchors are that were added since the last time. */
  settleIn(part: number): void {
    while (this.#parts.length < this.#positions.length) this.#parts.push(part)
  }

  positionOf(anchor: number): number {
    return this.#positions[anchor] ?? 0
  }

  partOf(anchor: number): number {
    return this.#parts[anchor] ?? ROOT
  }

  /** The last one of a name before a position; NONE when there is none. */
  before(name: string, position: number): number {
    const named = this.#byName.get(name) ?? []
    const index = countBelow(named.length, (at) => this.positionOf(named[at] ?? 0) < position)
    return named[index - 1] ?? NONE
  }

  /** How many there are before a position. */
  countBefore(position: number): number {
    return countBelow(this.count, (at) => this.positionOf(at) < position)
  }
}

/** How many of `length` things in order are below something. */
function countBelow(length: number, isBelow: (at: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBelow(middle)) low = middle + 1
    else high = middle
  }
  return low
}
