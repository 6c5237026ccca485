// A document that was read as a whole (YAML).
import { isRecord } from '../json-value.ts'
import { walk, type DocumentIndex, type Place } from './document-index.ts'

export class ValueDocument implements DocumentIndex {
  readonly repeated: readonly Place[] = []
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  get(place: Place): unknown {
    return walk(this.#value, place)
  }

  keys(place: Place): string[] {
    const value = walk(this.#value, place)
    return isRecord(value) ? Object.keys(value) : []
  }
}
