// Places of very many parts, outside of the heap: of a large document's operations they are some megabytes.
import { PackedTexts } from '../packed-texts.ts'
import { placeAt, pointerOf, type Place } from './document-index.ts'

/** Places in an order; a list of them will do. */
export interface Places extends Iterable<Place> {
  readonly length: number
}

/** Different places, in the order in which they were added. */
export class PackedPlaces implements Places {
  readonly #pointers = new PackedTexts()

  get length(): number {
    return this.#pointers.size
  }

  add(place: Place): void {
    this.#pointers.add(pointerOf(place))
  }

  *[Symbol.iterator](): Generator<Place> {
    for (let number = 0; number < this.#pointers.size; number++) yield placeAt(this.#pointers.at(number))
  }

  /** Gives the memory back; nothing can be asked from then on. */
  release(): void {
    this.#pointers.release()
  }
}
