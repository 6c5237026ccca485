// Where the tokens of a YAML document end, over its bytes and without making anything. It has to agree with the parser
// about every quote, comment and block of text.
import { utf8End, type ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import type { Stretch } from './outline.ts'

export const TAB = 0x09
export const NEWLINE = 0x0a
export const RETURN = 0x0d
export const SPACE = 0x20
export const EXCLAMATION = 0x21
export const DOUBLE_QUOTE = 0x22
export const HASH = 0x23
export const AMPERSAND = 0x26
export const SINGLE_QUOTE = 0x27
export const ASTERISK = 0x2a
export const PLUS = 0x2b
export const COMMA = 0x2c
export const DASH = 0x2d
export const DOT = 0x2e
export const COLON = 0x3a
export const LESS = 0x3c
export const GREATER = 0x3e
export const QUESTION = 0x3f
export const OPEN_LIST = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_LIST = 0x5d
export const OPEN_MAP = 0x7b
export const PIPE = 0x7c
export const CLOSE_MAP = 0x7d

/** Deeper than any document; the reader of values recurses. */
export const MAX_LEVELS = 400
const MAX_NAME_BYTES = 1024

export class YamlTokens {
  readonly #bytes: ByteSequence
  readonly #onAnchor: (name: string, position: number) => void
  /** How far the next line must be indented to belong to what is open. */
  indentNext = 0
  /** Line breaks inside of tokens, so far. */
  breaks = 0
  /** What is in front of the last bracket of flow collections, and elsewhere in them has a tab: no tokens, in order. */
  gaps: Stretch[] | null = null

  constructor(bytes: ByteSequence, onAnchor: (name: string, position: number) => void = () => {}) {
    this.#bytes = bytes
    this.#onAnchor = onAnchor
  }

  /** Behind the scalar, alias or flow collection that begins at `at`. */
  content(at: number): number {
    const byte = this.#bytes.at(at)
    if (byte === OPEN_LIST || byte === OPEN_MAP) return this.#flow(at)
    if (byte === CLOSE_LIST || byte === CLOSE_MAP) return at + 1
    if (byte === ASTERISK) return this.#nameEnd(at)
    if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) return this.#quoted(at, byte)
    return this.#plain(at, false)
  }

  /** Behind the text that is marked by its indentation and has its `|` or `>` at `start`: the beginning of a line. */
  blockScalar(start: number): number {
    let explicit = -1
    for (let at = start + 1; ; at++) {
      const byte = this.#bytes.at(at)
      if (byte >= 0x31 && byte <= 0x39) explicit = byte - 0x31
      else if (byte !== PLUS && byte !== DASH) break
    }
    let at = this.lineAfter(start)
    let line = at
    let content = this.spaces(line)
    while (this.isBreak(content)) {
      line = this.lineAfter(content)
      content = this.spaces(line)
    }
    if (content - line < this.indentNext) return at
    this.indentNext = explicit < 0 ? content - line : explicit + Math.max(this.indentNext, 1)
    while (at < this.#bytes.length) {
      const continued = this.#continued(at)
      if (continued < 0) break
      at = this.lineAfter(continued)
    }
    return at
  }

  anchor(at: number): number {
    const end = this.#nameEnd(at)
    if (end - at > MAX_NAME_BYTES) throw this.error('invalid_yaml', at, 'the name of an anchor is too long')
    this.#onAnchor(this.#bytes.text(at + 1, end), at)
    return end
  }

  tag(start: number): number {
    const isVerbatim = this.#bytes.at(start + 1) === LESS
    let at = start + 1
    for (;;) {
      const byte = this.#bytes.at(at)
      if (this.isEmpty(at)) return at
      if (isVerbatim && byte === GREATER) return at + 1
      if (!isVerbatim && isFlowByte(byte)) return at
      at = byte < 0x80 ? at + 1 : this.#multibyte(at)
    }
  }

  /** `---` or `...`, alone or with something behind it. */
  isMarker(at: number): boolean {
    const byte = this.#bytes.at(at)
    if (byte !== DASH && byte !== DOT) return false
    return this.#bytes.at(at + 1) === byte && this.#bytes.at(at + 2) === byte && this.isEmpty(at + 3)
  }

  /** The beginning of the line after the one that `at` is on. */
  lineAfter(at: number): number {
    const end = this.lineEnd(at)
    const isPair = this.#bytes.at(end) === RETURN && this.#bytes.at(end + 1) === NEWLINE
    return Math.min(end + (isPair ? 2 : 1), this.#bytes.length)
  }

  lineEnd(start: number): number {
    let at = start
    for (;;) {
      const byte = this.#bytes.at(at)
      if (byte === NEWLINE || byte === RETURN || byte < 0) return at
      at = byte < 0x80 ? at + 1 : this.#multibyte(at)
    }
  }

  spaces(start: number): number {
    let at = start
    while (this.#bytes.at(at) === SPACE) at++
    return at
  }

  blanks(start: number): number {
    let at = start
    while (this.#bytes.at(at) === SPACE || this.#bytes.at(at) === TAB) at++
    return at
  }

  isBreak(at: number): boolean {
    const byte = this.#bytes.at(at)
    return byte === NEWLINE || byte === RETURN
  }

  /** Whether a token ends in front of `at`. */
  isEmpty(at: number): boolean {
    const byte = this.#bytes.at(at)
    return byte < 0 || byte === SPACE || byte === TAB || byte === NEWLINE || byte === RETURN
  }

  error(code: string, at: number, problem: string): DocumentError {
    return new DocumentError(code, `The YAML cannot be read at line ${lineOf(this.#bytes, at)}: ${problem}.`)
  }

  tooDeep(at: number): DocumentError {
    return this.error('too_deep', at, `values are nested more than ${MAX_LEVELS} levels deep`)
  }

  #flow(start: number): number {
    let level = 1
    let at = start + 1
    let behindToken = at
    // Behind a quoted text or a collection, a colon needs no space.
    let isJsonKey = false
    while (level > 0) {
      const token = this.#flowToken(at, start, level)
      const byte = this.#bytes.at(token)
      const isQuote = byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE
      const isOpening = byte === OPEN_LIST || byte === OPEN_MAP
      const isClosing = byte === CLOSE_LIST || byte === CLOSE_MAP
      if (byte !== HASH) this.#gap(behindToken, token, isClosing && level === 1)
      if (isOpening && ++level > MAX_LEVELS) throw this.tooDeep(token)
      if (isClosing) level--
      if (byte === HASH) at = this.lineEnd(token)
      else if (byte === AMPERSAND) at = this.anchor(token)
      else if (byte === EXCLAMATION) at = this.tag(token)
      else if (byte === ASTERISK) at = this.#nameEnd(token)
      else if (isQuote) at = this.#quoted(token, byte)
      else if (byte === COMMA || isOpening || isClosing || this.#isFlowIndicator(token, byte, isJsonKey)) at = token + 1
      else at = this.#plain(token, true)
      isJsonKey = isClosing || isQuote
      if (byte !== HASH) behindToken = at
    }
    return at
  }

  #gap(start: number, end: number, isLast: boolean): void {
    if (this.gaps === null || start === end) return
    let at = start
    while (at < end && this.#bytes.at(at) !== TAB) at++
    if (isLast || at < end) this.gaps.push({ start, end })
  }

  /** The next token of a flow collection, wherever in its lines; they may not go left of where they belong. */
  #flowToken(from: number, start: number, level: number): number {
    let indent = -1
    let at = this.blanks(from)
    while (this.isBreak(at)) {
      const line = this.lineAfter(at)
      indent = this.spaces(line) - line
      at = this.blanks(line)
      this.breaks++
    }
    const byte = this.#bytes.at(at)
    const isLeft = indent >= 0 && indent < this.indentNext && byte !== HASH
    // The last bracket may stand below the key that the collection belongs to.
    const isLast = level === 1 && indent === this.indentNext - 1 && (byte === CLOSE_LIST || byte === CLOSE_MAP)
    if (byte < 0 || (indent === 0 && this.isMarker(at)) || (isLeft && !isLast)) throw this.#unclosed(start)
    return at
  }

  #isFlowIndicator(at: number, byte: number, isJsonKey: boolean): boolean {
    if (byte !== DASH && byte !== QUESTION && byte !== COLON) return false
    return this.isEmpty(at + 1) || isFlowByte(this.#bytes.at(at + 1)) || (byte === COLON && isJsonKey)
  }

  #quoted(start: number, quote: number): number {
    let at = start + 1
    for (;;) {
      const byte = this.#bytes.at(at)
      if (byte < 0) throw this.#unclosed(start)
      if (byte === quote) {
        if (quote === DOUBLE_QUOTE || this.#bytes.at(at + 1) !== quote) return at + 1
        at += 2
      } else if (byte === BACKSLASH && quote === DOUBLE_QUOTE) {
        // What is escaped can be a quote; a line break is looked at as any other.
        const escaped = this.#bytes.at(at + 1)
        at += escaped === DOUBLE_QUOTE || escaped === BACKSLASH ? 2 : 1
      } else if (this.isBreak(at)) {
        at = this.#continued(this.lineAfter(at))
        if (at < 0) throw this.#unclosed(start)
      } else at = byte < 0x80 ? at + 1 : this.#multibyte(at)
    }
  }

  #plain(start: number, isInFlow: boolean): number {
    let end = start
    let at = start
    for (;;) {
      const byte = this.#bytes.at(at)
      if (byte < 0 || (isInFlow && isFlowByte(byte))) return end
      if (byte === COLON) {
        if (this.isEmpty(at + 1) || (isInFlow && isFlowByte(this.#bytes.at(at + 1)))) return end
        end = ++at
      } else if (byte === SPACE || byte === TAB || byte === NEWLINE || byte === RETURN) {
        if (this.#bytes.at(at + 1) === HASH) return end
        const isBreak = this.isBreak(at)
        at = isBreak ? this.#continued(this.lineAfter(at)) : at + 1
        // A comment ends the text, with a space or a line in front of it.
        if (at < 0 || (isBreak && this.#bytes.at(at) === HASH)) return end
      } else end = at = byte < 0x80 ? at + 1 : this.#multibyte(at)
    }
  }

  /** Where what is open goes on in the line at `at`; -1 when the line does not belong to it. */
  #continued(at: number): number {
    this.breaks++
    if (this.indentNext === 0) return this.isMarker(at) ? -1 : at
    const content = this.spaces(at)
    return this.isBreak(content) || content - at >= this.indentNext ? content : -1
  }

  /** Behind the name of an anchor or an alias. */
  #nameEnd(start: number): number {
    let at = start
    while (!this.isEmpty(at) && !isFlowByte(this.#bytes.at(at))) {
      at = this.#bytes.at(at) < 0x80 ? at + 1 : this.#multibyte(at)
    }
    return at
  }

  #multibyte(at: number): number {
    const end = utf8End(this.#bytes, at)
    if (end < 0) throw this.error('invalid_utf8', at, `byte 0x${this.#bytes.at(at).toString(16)} is not UTF-8 text`)
    return end
  }

  #unclosed(start: number): DocumentError {
    const opening = this.#bytes.text(start, start + 1)
    return this.error('invalid_yaml', start, `what begins with ${opening} is not closed where its lines end`)
  }
}

/** The number of the line that a position is on. */
export function lineOf(bytes: ByteSequence, position: number): number {
  let line = 1
  for (let at = 0; at < position; at++) {
    const byte = bytes.at(at)
    if (byte === NEWLINE || (byte === RETURN && bytes.at(at + 1) !== NEWLINE)) line++
  }
  return line
}

function isFlowByte(byte: number): boolean {
  return byte === COMMA || byte === OPEN_LIST || byte === CLOSE_LIST || byte === OPEN_MAP || byte === CLOSE_MAP
}
