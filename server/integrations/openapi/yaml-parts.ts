// The parts that a YAML document can be read in: found by one pass over its bytes, and further inside of a large part when
// something in it is asked for.
import type { ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { levelsBelow, Outline, ROOT, type Stretch } from './outline.ts'
import { YamlAnchors } from './yaml-anchors.ts'
import { MERGE, YamlOutliner } from './yaml-outline.ts'
import { YamlReader } from './yaml-reader.ts'
import { YamlScanner } from './yaml-scanner.ts'
import { DASH, HASH, type YamlTokens } from './yaml-tokens.ts'

/** What cannot be taken apart: flow style, keys that are values, a long text. */
export const MAX_WHOLE_BYTES = 1024 * 1024
const MAX_PROLOG_BYTES = 4096
const PERCENT = 0x25

export class YamlParts {
  readonly bytes: ByteSequence
  readonly pieceBytes: number
  reader: YamlReader
  anchors = new YamlAnchors()
  /** Whether the document can only be read as one value. */
  isWhole = false
  readonly #outliner: YamlOutliner

  /** Reads the whole document once; throws DocumentError where it is not YAML. */
  constructor(bytes: ByteSequence, start: number, pieceBytes: number) {
    this.bytes = bytes
    this.pieceBytes = pieceBytes
    const scanner = new YamlScanner(bytes, (name, position) => this.anchors.add(name, position))
    const { first, directives } = prologOf(bytes, scanner.tokens, start)
    this.reader = new YamlReader(bytes, start, directives)
    this.#outliner = this.#newOutliner(new Outline())
    try {
      scanner.restart(first)
      const settle = (part: number) => this.anchors.settleIn(part)
      const end = this.#outliner.takeRoot(scanner, levelsBelow, settle)
      this.#outliner.outline.lay(ROOT, first, end)
      if (this.#outliner.outline.hasMembers(ROOT)) {
        this.outline.trim()
        return
      }
    } catch (error) {
      const isHopeless =
        error instanceof DocumentError && ['too_deep', 'invalid_utf8', 'too_large'].includes(error.code)
      if (isHopeless || bytes.length - start > MAX_WHOLE_BYTES) throw error
    }
    if (bytes.length - start > MAX_WHOLE_BYTES) {
      const message = `The YAML is above the limit of 1 MiB for what is not a mapping in block style. Convert it to JSON.`
      throw new DocumentError('too_large', message)
    }
    // The parser decides about it, with its own errors.
    this.isWhole = true
    this.anchors = new YamlAnchors()
    this.reader = new YamlReader(bytes, start, '')
    this.#outliner.giveUp(ROOT)
    this.#outliner.outline.lay(ROOT, start, endOfFirst(bytes, scanner.tokens, first))
  }

  get outline(): Outline {
    return this.#outliner.outline
  }

  stretchOf(part: number): Stretch {
    return this.outline.stretchOf(part)
  }

  /** Entries that put the members of other mappings into a part. */
  mergesOf(part: number): Stretch[] {
    return this.#outliner.merges.get(part) ?? []
  }

  /** Whether the members of a part are known by now; what is small is not worth it. */
  isOutlined(part: number): boolean {
    if (this.outline.hasMembers(part)) return true
    const stretch = this.stretchOf(part)
    if (part === ROOT || stretch.end - stretch.start <= this.pieceBytes || this.#outliner.whole.has(part)) return false
    this.outline.fill(part, () => this.#takeMembers(this.#outliner, part, stretch))
    if (!this.outline.hasMembers(part)) this.#outliner.giveUp(part)
    return this.outline.hasMembers(part)
  }

  /** What is directly inside of a stretch that is an entry or an item; null when it cannot be taken apart. */
  insideOf(stretch: Stretch): Inside | null {
    const outliner = this.#newOutliner(new Outline())
    this.#takeMembers(outliner, ROOT, stretch)
    const { outline } = outliner
    if (!outline.hasMembers(ROOT)) return null
    return { outline, merges: outliner.merges.get(ROOT) ?? [] }
  }

  /** The smallest stretch that has a place of the document in it, for an anchor that was seen in `part`. */
  around(anchor: number): { part: number; stretch: Stretch | null } {
    const position = this.anchors.positionOf(anchor)
    let part = this.anchors.partOf(anchor)
    // Parts inside of one that turned out to be read as a whole.
    for (let at = part; at !== ROOT; at = this.outline.parentOf(at)) {
      if (this.#outliner.whole.has(this.outline.parentOf(at))) part = this.outline.parentOf(at)
    }
    while (this.isOutlined(part)) {
      const isAround = ({ start, end }: Stretch) => start <= position && position < end
      const inner = [...this.outline.members(part)].find((member) => isAround(this.stretchOf(member)))
      const merge = this.mergesOf(part).find(isAround)
      if (merge) return { part, stretch: merge }
      if (inner === undefined) return { part, stretch: null }
      part = inner
    }
    return { part, stretch: this.stretchOf(part) }
  }

  #takeMembers(outliner: YamlOutliner, part: number, stretch: Stretch): void {
    outliner.takeMembers(new YamlScanner(this.bytes), part, stretch, this.reader.columnOf(stretch.start))
  }

  #newOutliner(outline: Outline): YamlOutliner {
    return new YamlOutliner(this.bytes, outline, (raw) => this.#key(raw))
  }

  #key(raw: string): string | typeof MERGE | null {
    if (raw === '<<') return MERGE
    // Version 1.1 has many more words that are no text.
    if (this.reader.hasDirectives) return this.reader.name(raw)
    if (/^"[^"\\]*"$|^'[^']*'$/.test(raw)) return raw.slice(1, -1)
    const isText = /^[A-Za-z/_$][^"]*$/.test(raw) && !/^(null|true|false)$/i.test(raw)
    return isText || /^[1-9]\d{0,14}$/.test(raw) ? raw : this.reader.name(raw)
  }
}

export interface Inside {
  /** The members are those of its root. */
  outline: Outline
  merges: Stretch[]
}

/** Where the document ends: at the next marker, and a line that begins like one is always one. */
function endOfFirst(bytes: ByteSequence, tokens: YamlTokens, first: number): number {
  let at = tokens.lineAfter(first)
  while (at < bytes.length && !tokens.isMarker(at)) at = tokens.lineAfter(at)
  return at
}

/** What is in front of the document itself. */
function prologOf(bytes: ByteSequence, tokens: YamlTokens, start: number): { first: number; directives: string } {
  let directives = ''
  let at = start
  while (at < bytes.length) {
    const content = tokens.blanks(at)
    const byte = bytes.at(content)
    if (byte === PERCENT && content === at) {
      // They are read again with every part.
      if (tokens.lineAfter(at) - start > MAX_PROLOG_BYTES)
        throw tokens.error('invalid_yaml', at, 'a directive is too far down')
      directives += bytes.text(at, tokens.lineAfter(at))
    } else if (byte === DASH && content === at && tokens.isMarker(at)) {
      const rest = tokens.blanks(at + 3)
      const isAlone = tokens.isBreak(rest) || bytes.at(rest) === HASH
      const marked = directives === '' ? '' : `${directives}---\n`
      // What begins on the marker's own line is read from there on, and found to be no mapping.
      return { first: isAlone ? tokens.lineAfter(rest) : at, directives: marked }
    } else if (byte !== HASH && !tokens.isBreak(content)) break
    at = tokens.lineAfter(at)
  }
  return { first: at, directives: '' }
}
