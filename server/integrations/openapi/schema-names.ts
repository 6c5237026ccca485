// What the schemas of a document are called. A component's name depends on the document alone; any other schema is named
// when it is first reached, and keeps its name when reading goes on after an interruption.
import type { Position } from '../adapter.ts'
import { PackedNames } from '../packed-texts.ts'
import { pascalCase } from '../typescript.ts'
import { fileOf, placeAt, pointerOf, type Place } from './document-index.ts'
import type { Direction } from './schema-translation.ts'

/** Names that printed types use themselves. */
const RESERVED = new Set(['Promise', 'Record', 'Array', 'File', 'Input', 'Output'])
/** Parts of a place that say how a schema is used and not what it is. */
const STRUCTURE = new Set(
  'schema itemSchema items content properties additionalProperties allOf anyOf oneOf prefixItems parameters $defs'.split(
    ' ',
  ),
)

/** Of schemas that are no components. Each is a row, and a document can refer to its own parts in any number of ways. */
const MAX_OTHERS = 100_000

export class SchemaNames {
  /** Of components by pointer, of others by direction and pointer, as `placeKey` writes them. */
  readonly #names = new PackedNames()
  readonly #componentCount: number

  /** `components` in the document's order. */
  constructor(components: Iterable<{ name: string; place: Place }>, handedOn: Position['schemas']) {
    for (const { name, place } of components) {
      const pointer = pointerOf(place)
      if (this.#names.get(pointer) === undefined) this.#names.set(pointer, this.#free(typeName(name) || 'Schema'))
    }
    this.#componentCount = this.#names.size
    for (const { name, place } of handedOn) {
      if (this.#names.get(place.replace(/^output /, '')) !== name) this.#names.set(place, name)
    }
  }

  /** Of the schema at a pointer; null when there are too many. */
  nameOf(pointer: string, direction: Direction): string | null {
    const component = this.#names.get(pointer)
    if (component !== undefined && direction === 'output') return component
    const key = `${direction} ${pointer}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    if (this.#names.size - this.#componentCount >= MAX_OTHERS) return null
    const base = component ?? wishFor(placeAt(pointer))
    const name = this.#free(direction === 'input' ? `${base}Input` : base)
    this.#names.set(key, name)
    return name
  }

  /** What has a name, for whoever goes on later as well: the direction and the pointer. */
  placeKeyOf(name: string): string {
    const owner = this.#names.ownerOf(name) ?? ''
    return /^(input|output) /.test(owner) ? owner : `output ${owner}`
  }

  /** Gives the memory back; nothing can be named from then on. */
  release(): void {
    this.#names.release()
  }

  #free(wished: string): string {
    const base = RESERVED.has(wished) ? `${wished}_` : wished
    let name = base
    for (let number = 2; this.#names.isTaken(name); number++) name = `${base}${number}`
    return name
  }
}

function wishFor(place: Place): string {
  const file = fileOf(place)
  const tokens = file === undefined ? [...place] : [baseName(file), ...place.slice(1)]
  const isNoun = (token: string) => !STRUCTURE.has(token) && !/^\d+$|\//.test(token)
  const noun = tokens.findLast((token) => isNoun(token) && typeName(token) !== '')
  return (noun === undefined ? '' : typeName(noun)) || 'Schema'
}

/** `https://api.acme.test/schemas/pet-owner.v2.yaml` → `pet-owner.v2`. */
function baseName(url: string): string {
  return (new URL(url).pathname.split('/').at(-1) ?? '').replace(/\.(json|ya?ml)$/i, '')
}

function typeName(text: string): string {
  return pascalCase(text.normalize('NFKD').replaceAll(/\p{M}/gu, ''))
}
