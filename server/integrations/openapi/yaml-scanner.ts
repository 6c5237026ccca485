// What begins on each line of block YAML, and where the lines that belong to it end. It knows nothing of structure.
import type { ByteSequence } from '../byte-sequence.ts'
import {
  AMPERSAND,
  ASTERISK,
  COLON,
  DASH,
  EXCLAMATION,
  GREATER,
  HASH,
  MAX_LEVELS,
  OPEN_LIST,
  OPEN_MAP,
  PIPE,
  QUESTION,
  YamlTokens,
} from './yaml-tokens.ts'

const MAX_COLUMN = 800

/**
 * `entry`: a key and its colon. `item`: a dash. `end`: a marker that ends the document. `other`: a scalar, a flow
 * collection, properties alone, or a key that only its surroundings explain.
 */
export type LineKind = 'entry' | 'item' | 'end' | 'other'

export class YamlScanner {
  readonly tokens: YamlTokens
  readonly #bytes: ByteSequence
  /** How far the line is indented, the dashes that begin it included. */
  #indent = 0

  // The line that was read last.
  kind: LineKind = 'end'
  start = 0
  /** Of the first thing on it. */
  column = 0
  /** An entry's key as it is written. */
  keyStart = 0
  keyEnd = 0
  /** Whether more than properties and a comment follows the key or the dash. */
  hasValue = false
  /** Where that begins, for an item, and its column. */
  valueStart = 0
  valueColumn = 0
  /** The line behind everything that begins on this one. */
  next = 0

  constructor(bytes: ByteSequence, onAnchor: (name: string, position: number) => void = () => {}) {
    this.#bytes = bytes
    this.tokens = new YamlTokens(bytes, onAnchor)
  }

  /** Goes to another place, where lines belong together that are indented by at least `indentNext`. */
  restart(position: number, indentNext = 0): void {
    this.next = position
    this.tokens.indentNext = indentNext
  }

  /**
   * Reads the next line that has something on it; false when there is none before `to`. The first line can begin inside of
   * one: then its column is given.
   */
  read(to: number, column = 0): boolean {
    const position = this.next
    let line = position - column
    for (let at = position; at < to; at = line = this.next) {
      const first = this.tokens.spaces(at)
      const content = this.tokens.blanks(first)
      this.next = this.tokens.lineAfter(content)
      if (this.#isLineEnd(content)) continue
      if (content > first && this.#bytes.at(content) !== HASH) {
        throw this.tokens.error('invalid_yaml', content, 'a line is indented with a tab')
      }
      this.start = Math.max(line, position)
      this.column = first - line
      if (this.column > MAX_COLUMN) throw this.tokens.tooDeep(first)
      if (this.#line(first, this.#bytes.at(content) === HASH)) return true
    }
    return false
  }

  /** Whether there is more on the line than a comment. */
  #line(first: number, isComment: boolean): boolean {
    if (this.column === 0 && this.tokens.isMarker(first)) {
      this.kind = 'end'
      return true
    }
    this.#indent = this.column
    if (this.tokens.indentNext > this.#indent && !this.tokens.isEmpty(first + 1)) this.tokens.indentNext = this.#indent
    if (isComment) return false
    this.kind = 'other'
    this.hasValue = false
    const start = this.#dashes(first)
    this.next = this.#rest(start, start === first)
    return true
  }

  /** Behind the indicators that begin a line. */
  #dashes(start: number): number {
    let at = start
    for (let level = 0; this.#isIndicator(at); level++) {
      if (level === MAX_LEVELS) throw this.tokens.tooDeep(at)
      const next = this.tokens.blanks(at + 1)
      this.tokens.indentNext = this.#indent + 1
      this.#indent += next - at
      if (level === 0) {
        this.kind = this.#bytes.at(at) === DASH ? 'item' : 'other'
        this.valueStart = next
        this.valueColumn = this.column + next - at
      } else this.hasValue = true
      at = next
    }
    return at
  }

  /** Reads on from `start` to the end of the line, and of what begins on it; only the first thing can be a key. */
  #rest(start: number, isFirst: boolean): number {
    let mayBeKey = isFirst
    let at = start
    for (;;) {
      at = this.tokens.blanks(at)
      const byte = this.#bytes.at(at)
      if (byte === HASH || this.#isLineEnd(at)) return this.tokens.lineAfter(at)
      if (byte === AMPERSAND) at = this.tokens.anchor(at)
      else if (byte === EXCLAMATION) {
        at = this.tokens.tag(at)
        // A tag could make anything of a key.
        mayBeKey = false
      } else if (this.#isIndicator(at)) {
        if (byte === COLON && mayBeKey && this.hasValue) {
          this.kind = 'entry'
          this.hasValue = false
        }
        mayBeKey = false
        this.tokens.indentNext = this.#indent + 1
        at++
      } else {
        const isBlock = byte === PIPE || byte === GREATER
        mayBeKey &&= !this.hasValue && !isBlock && byte !== ASTERISK && byte !== OPEN_LIST && byte !== OPEN_MAP
        this.hasValue = true
        if (isBlock) return this.tokens.blockScalar(at)
        const { breaks } = this.tokens
        this.keyStart = mayBeKey ? at : this.keyStart
        at = this.tokens.content(at)
        this.keyEnd = mayBeKey ? at : this.keyEnd
        mayBeKey &&= this.tokens.breaks === breaks
      }
    }
  }

  #isIndicator(at: number): boolean {
    const byte = this.#bytes.at(at)
    return (byte === DASH || byte === QUESTION || byte === COLON) && this.tokens.isEmpty(at + 1)
  }

  #isLineEnd(at: number): boolean {
    return this.#bytes.at(at) < 0 || this.tokens.isBreak(at)
  }
}
