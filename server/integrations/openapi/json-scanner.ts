// A strict JSON reader (RFC 8259) over bytes that finds where values begin and end without making them. It never
// recurses below the members that its caller visits, so neither depth nor size of a document costs memory.
import { DocumentError } from '../document-error.ts'
import { utf8End, type ByteSequence } from '../byte-sequence.ts'

const MAX_DEPTH = 400
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const BACKSLASH = 0x5c

/**
 * Called with a member's key, or an element's position, and where its value begins; answers where the value ends, or -1 to
 * stop looking.
 */
export type VisitMember = (name: string | number, start: number) => number

export class JsonScanner {
  readonly bytes: ByteSequence
  readonly #isObject = new Uint8Array(MAX_DEPTH + 1)

  constructor(bytes: ByteSequence) {
    this.bytes = bytes
  }

  /** The first position from `at` on that is not white space. */
  space(at: number): number {
    let position = at
    for (;;) {
      const byte = this.bytes.at(position)
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return position
      position++
    }
  }

  isObject(start: number): boolean {
    return this.bytes.at(start) === OPEN_OBJECT
  }

  /**
   * Visits the members of the object that begins at `start`, or the elements of an array by their positions. Answers where
   * it ends, or -1 when a visit stopped it; `start` for a value that has no members.
   */
  members(start: number, visit: VisitMember): number {
    const opening = this.bytes.at(start)
    const isObject = opening === OPEN_OBJECT
    if (!isObject && opening !== OPEN_ARRAY) return start
    const close = isObject ? CLOSE_OBJECT : CLOSE_ARRAY
    let at = this.space(start + 1)
    if (this.bytes.at(at) === close) return at + 1
    for (let index = 0; ; index++) {
      const keyStart = at
      if (isObject) at = this.space(this.#keyAndColon(at))
      const end = visit(isObject ? this.#key(keyStart) : index, at)
      if (end < 0) return -1
      at = this.space(end)
      if (this.bytes.at(at) === close) return at + 1
      at = this.space(this.#expect(at, COMMA, isObject ? '"," or "}"' : '"," or "]"'))
    }
  }

  /** Checks the value that begins at `start`, whatever it is, and answers where it ends. */
  skip(start: number): number {
    let at = start
    let depth = 0
    for (;;) {
      at = this.space(at)
      const byte = this.bytes.at(at)
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (depth === MAX_DEPTH)
          throw this.error('too_deep', at, `values are nested more than ${MAX_DEPTH} levels deep`)
        const isObject = byte === OPEN_OBJECT
        this.#isObject[depth++] = isObject ? 1 : 0
        const first = this.space(at + 1)
        const isEmpty = this.bytes.at(first) === (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)
        at = isEmpty ? first : isObject ? this.#keyAndColon(first) : first
        if (!isEmpty) continue
      } else {
        at = this.#scalar(at, byte)
        if (depth === 0) return at
      }
      // Behind a value: close what ends here, then go on with the next one.
      for (;;) {
        at = this.space(at)
        const isObject = this.#isObject[depth - 1] === 1
        const next = this.bytes.at(at)
        if (next === COMMA) {
          at = isObject ? this.#keyAndColon(this.space(at + 1)) : at + 1
          break
        }
        at = this.#expect(at, isObject ? CLOSE_OBJECT : CLOSE_ARRAY, isObject ? '"," or "}"' : '"," or "]"')
        if (--depth === 0) return at
      }
    }
  }

  /** A DocumentError that says where: line, column and byte. At the end of the document it is `truncated`. */
  error(code: string, at: number, problem: string): DocumentError {
    let line = 1
    let column = 1
    for (let position = 0; position < at; position++) {
      const byte = this.bytes.at(position)
      if (byte === 0x0a) {
        line++
        column = 1
      } else if ((byte & 0xc0) !== 0x80) column++
    }
    const place = `line ${line}, column ${column} (byte ${at})`
    if (at >= this.bytes.length) {
      return new DocumentError(
        'truncated',
        `The JSON ends too early, at ${place}: ${problem}. The file looks truncated.`,
      )
    }
    return new DocumentError(code, `The JSON cannot be read at ${place}: ${problem}.`)
  }

  #key(start: number): string {
    const raw = this.bytes.text(start + 1, this.#string(start) - 1)
    if (!raw.includes('\\')) return raw
    const key: unknown = JSON.parse(`"${raw}"`)
    return String(key)
  }

  #keyAndColon(at: number): number {
    const keyEnd = this.#string(this.#expect(at, QUOTE, 'a key in double quotes') - 1)
    return this.#expect(this.space(keyEnd), COLON, '":"')
  }

  #expect(at: number, byte: number, wanted: string): number {
    if (this.bytes.at(at) !== byte) throw this.error('invalid_json', at, `${wanted} was expected, ${this.#found(at)}`)
    return at + 1
  }

  #found(at: number): string {
    const byte = this.bytes.at(at)
    if (byte < 0) return 'the document ends'
    return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}" found` : `byte 0x${byte.toString(16)} found`
  }

  #scalar(at: number, byte: number): number {
    if (byte === QUOTE) return this.#string(at)
    if (byte === 0x74) return this.#word(at, 'true')
    if (byte === 0x66) return this.#word(at, 'false')
    if (byte === 0x6e) return this.#word(at, 'null')
    return this.#number(at)
  }

  #word(at: number, word: string): number {
    for (let offset = 0; offset < word.length; offset++) {
      if (this.bytes.at(at + offset) !== word.charCodeAt(offset)) {
        throw this.error('invalid_json', at + offset, `a value was expected, ${this.#found(at + offset)}`)
      }
    }
    return at + word.length
  }

  #number(start: number): number {
    let at = this.bytes.at(start) === 0x2d ? start + 1 : start
    const leading = this.bytes.at(at)
    at = this.#digits(at, start)
    if (leading === 0x30 && at > start + (this.bytes.at(start) === 0x2d ? 2 : 1)) {
      throw this.error('invalid_json', start, 'a number has a leading zero')
    }
    if (this.bytes.at(at) === 0x2e) at = this.#digits(at + 1, at + 1)
    const exponent = this.bytes.at(at)
    if (exponent === 0x65 || exponent === 0x45) {
      const sign = this.bytes.at(at + 1)
      const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
      at = this.#digits(digits, digits)
    }
    return at
  }

  #digits(start: number, blamed: number): number {
    let at = start
    while (this.bytes.at(at) >= 0x30 && this.bytes.at(at) <= 0x39) at++
    if (at === start) throw this.error('invalid_json', blamed, `a value was expected, ${this.#found(blamed)}`)
    return at
  }

  /** From an opening quote to behind the closing one. */
  #string(start: number): number {
    let at = start + 1
    for (;;) {
      const byte = this.bytes.at(at)
      if (byte === QUOTE) return at + 1
      if (byte === BACKSLASH) at = this.#escape(at)
      else if (byte >= 0x80) at = this.#multibyte(at, byte)
      else if (byte >= 0x20) at++
      else if (byte < 0) throw this.error('truncated', at, 'a string is not closed')
      else throw this.error('invalid_json', at, `a string contains the control character 0x${byte.toString(16)}`)
    }
  }

  #escape(at: number): number {
    const byte = this.bytes.at(at + 1)
    if (byte !== 0x75) {
      if (byte >= 0 && '"\\/bfnrt'.includes(String.fromCharCode(byte))) return at + 2
      throw this.error('invalid_json', at + 1, `an unknown escape in a string, ${this.#found(at + 1)}`)
    }
    for (let position = at + 2; position < at + 6; position++) {
      const digit = this.bytes.at(position)
      if (digit < 0 || !/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
        throw this.error('invalid_json', position, `four hexadecimal digits were expected, ${this.#found(position)}`)
      }
    }
    return at + 6
  }

  #multibyte(at: number, first: number): number {
    const end = utf8End(this.bytes, at)
    if (end < 0) throw this.error('invalid_utf8', at, `byte 0x${first.toString(16)} is not UTF-8 text`)
    return end
  }
}
