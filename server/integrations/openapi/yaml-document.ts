// A YAML document indexed by position: where each path item, operation and component of its block mappings lies. Values
// are read when they are asked for, one at a time, and aliases read what they mean from wherever it is.
import type { ByteSequence } from '../byte-sequence.ts'
import { isRecord, own, type JsonRecord } from '../json-value.ts'
import { MAX_VALUE_BYTES, tooLargeValue, walk, type DocumentIndex, type Place } from './document-index.ts'
import { ExpandedSizes } from './expanded-size.ts'
import { NONE, ROOT, type Stretch } from './outline.ts'
import { ValueCache } from './value-cache.ts'
import { MAX_WHOLE_BYTES, YamlParts, type Inside } from './yaml-parts.ts'
import type { YamlValues } from './yaml-values.ts'

/** What js-yaml's parser finds takes five to forty times as much memory as the text: what is larger is read in pieces. */
const PIECE_BYTES = 64 * 1024
const KEPT_SLICES = 4
/** How often an alias can mean something that has an alias that means something further. */
const MAX_ALIAS_LEVELS = 100

export class YamlDocument implements DocumentIndex {
  readonly #parts: YamlParts
  readonly #values = new ValueCache()
  readonly #sizes = new ExpandedSizes()
  /** The value of a document that can only be read as a whole. */
  #whole: { value: unknown } | null = null
  /** What anchors name, by where they are. */
  readonly #named = new ValueCache()
  /** Stretches that an anchor was looked for in. */
  readonly #slices = new Map<number, YamlValues>()
  /** Anchors that are being read. */
  readonly #reading = new Set<number>()

  /** Reads the whole document once; throws DocumentError where it is not YAML. */
  constructor(bytes: ByteSequence, start: number, pieceBytes = PIECE_BYTES) {
    this.#parts = new YamlParts(bytes, start, pieceBytes)
    if (this.#parts.isWhole) this.#whole = { value: this.#collection(this.#parts.stretchOf(ROOT)) }
  }

  get repeated(): readonly Place[] {
    return this.#parts.outline.repeated
  }

  get isMapping(): boolean {
    return this.#whole ? isRecord(this.#whole.value) : !this.isList
  }

  get isList(): boolean {
    return this.#whole ? Array.isArray(this.#whole.value) : this.#parts.outline.isList(ROOT)
  }

  get(place: Place): unknown {
    const value = this.#find(place)
    if (this.#mayAlias) this.#sizes.check(value)
    return value
  }

  keys(place: Place): string[] {
    const { part, depth } = this.#reach(place)
    if (depth < place.length || !this.#parts.isOutlined(part)) {
      const value = this.#find(place)
      return isRecord(value) ? Object.keys(value) : []
    }
    const { outline } = this.#parts
    if (outline.isList(part)) return []
    const keys = new Set([...outline.members(part)].map((member) => outline.nameOf(member)))
    for (const merged of this.#mergedFrom(this.#parts.mergesOf(part)))
      for (const key of Object.keys(merged)) keys.add(key)
    return [...keys]
  }

  release(): void {
    this.#parts.outline.release()
  }

  get #mayAlias(): boolean {
    return this.#parts.isWhole || this.#parts.anchors.count > 0
  }

  /** The part that is as deep on the way to a place as parts are known. */
  #reach(place: Place): { part: number; depth: number } {
    let part = ROOT
    for (const [depth, token] of place.entries()) {
      const member = this.#parts.isOutlined(part) ? this.#parts.outline.find(part, token) : NONE
      if (member === NONE) return { part, depth }
      part = member
    }
    return { part, depth: place.length }
  }

  #find(place: Place): unknown {
    const { part, depth } = this.#reach(place)
    const rest = place.slice(depth)
    const [token] = rest
    if (token === undefined || (part === ROOT && this.#whole)) return walk(this.#read(part, place), rest)
    if (!this.#parts.isOutlined(part)) return this.#within(this.#parts.stretchOf(part), rest, place)
    return walk(memberOf(this.#mergedFrom(this.#parts.mergesOf(part)), token), rest.slice(1))
  }

  /** What is further inside of an entry or an item, without reading all that is beside it. */
  #within(stretch: Stretch, rest: Place, place: Place): unknown {
    const [token] = rest
    const known = this.#values.find(stretch.start)
    if (known !== undefined) return walk(known.value, rest)
    const inside = token === undefined ? null : this.#parts.insideOf(stretch)
    if (token === undefined || inside === null) return walk(this.#value(stretch, place), rest)
    const member = inside.outline.find(ROOT, token)
    if (member !== NONE) return this.#within(inside.outline.stretchOf(member), rest.slice(1), place)
    return walk(memberOf(this.#mergedFrom(inside.merges), token), rest.slice(1))
  }

  #read(part: number, place: Place): unknown {
    if (part === ROOT && this.#whole) return this.#whole.value
    const stretch = this.#parts.stretchOf(part)
    if (part !== ROOT) return this.#value(stretch, place)
    if (stretch.end - stretch.start > MAX_VALUE_BYTES) throw tooLargeValue(place)
    return this.#collection(stretch)
  }

  #mergedFrom(merges: Stretch[]): JsonRecord[] {
    return merges.map((merge) => {
      const merged = this.#collection(merge)
      return isRecord(merged) ? merged : {}
    })
  }

  /** The value of an entry or an item. */
  #value(stretch: Stretch, place: Place): unknown {
    const length = stretch.end - stretch.start
    const known = this.#values.find(stretch.start)
    if (known !== undefined) return known.value
    if (length > MAX_VALUE_BYTES) throw tooLargeValue(place)
    const inside = length > this.#parts.pieceBytes ? this.#parts.insideOf(stretch) : null
    if (inside === null && length > MAX_WHOLE_BYTES) throw tooLargeValue(place, MAX_WHOLE_BYTES)
    return this.#values.keep(stretch.start, length, inside ? this.#inPieces(inside, place) : this.#only(stretch))
  }

  #inPieces({ outline, merges }: Inside, place: Place): unknown {
    // What is merged first counts more, and what is written out counts most: the last one of a name stays.
    const entries = merges.toReversed().flatMap((merge) => entriesOf(this.#collection(merge)))
    let piece: Stretch = { start: 0, end: 0 }
    const readPiece = () => {
      if (piece.start < piece.end) for (const entry of entriesOf(this.#collection(piece))) entries.push(entry)
    }
    for (const member of outline.members(ROOT)) {
      const { start, end } = outline.stretchOf(member)
      const isLarge = end - start > this.#parts.pieceBytes
      // Between members can be a merge, which has been read.
      if (isLarge || start !== piece.end || end - piece.start > this.#parts.pieceBytes) {
        readPiece()
        piece = { start, end: start }
      }
      if (isLarge) {
        entries.push([outline.nameOf(member), this.#value({ start, end }, place)])
        piece.start = end
      }
      piece.end = end
    }
    readPiece()
    return outline.isList(ROOT) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
  }

  /** The value of the one member of a collection. */
  #only(stretch: Stretch): unknown {
    const entries = entriesOf(this.#collection(stretch))
    if (entries.length !== 1) throw this.#parts.reader.error(stretch.start, 'One value was expected here.')
    return entries[0]?.[1]
  }

  /** The entries or items of a stretch; the value of a document that is read as a whole. */
  #collection(stretch: Stretch): unknown {
    return this.#parts.reader.at(stretch.start, () => this.#valuesOf(stretch).valueOf())
  }

  #valuesOf({ start, end }: Stretch): YamlValues {
    const { anchors, reader } = this.#parts
    return reader.values(start, end, (name, offset) => {
      const anchor = anchors.before(name, start)
      if (anchor !== NONE) return this.#meaningOf(anchor)
      throw reader.error(start, `Nothing in front of the alias *${name} has its name.`, offset)
    })
  }

  /** The value that an anchor names. */
  #meaningOf(anchor: number): unknown {
    const { anchors, reader } = this.#parts
    const position = anchors.positionOf(anchor)
    const known = this.#named.find(position)
    if (known !== undefined) return known.value
    if (this.#reading.has(anchor)) throw reader.error(position, 'A value contains an alias of itself.')
    if (this.#reading.size === MAX_ALIAS_LEVELS) {
      throw reader.error(position, `Aliases lead to one another over more than ${MAX_ALIAS_LEVELS} places.`)
    }
    this.#reading.add(anchor)
    try {
      const { part, stretch } = this.#parts.around(anchor)
      const place = this.#parts.outline.placeOf(part)
      if (stretch === null) return this.#read(part, place)
      const { start, end } = stretch
      if (end - start > MAX_WHOLE_BYTES) throw tooLargeValue(place, MAX_WHOLE_BYTES)
      const slice = this.#sliceOf(stretch)
      const node = slice.named[anchor - anchors.countBefore(start)]
      if (node === undefined) throw reader.error(position, 'An anchor cannot be found again.')
      const value = reader.at(position, () => slice.valueOf(node))
      return this.#named.keep(position, slice.lengthOf(node), value)
    } finally {
      this.#reading.delete(anchor)
    }
  }

  /** Anchors are often side by side. */
  #sliceOf(stretch: Stretch): YamlValues {
    const known = this.#slices.get(stretch.start)
    if (known !== undefined) return known
    const slice = this.#valuesOf(stretch)
    const [oldest] = this.#slices.keys()
    if (oldest !== undefined && this.#slices.size === KEPT_SLICES) this.#slices.delete(oldest)
    this.#slices.set(stretch.start, slice)
    return slice
  }
}

/** What the first of several mappings that has a name has there. */
function memberOf(merged: JsonRecord[], name: string): unknown {
  return own(
    merged.find((members) => Object.hasOwn(members, name)),
    name,
  )
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
