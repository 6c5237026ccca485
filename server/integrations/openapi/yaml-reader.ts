// Stretches of a YAML document as values, parsed by js-yaml, with errors that say where in the document.
import { type Event, parseEvents, YAMLException } from 'js-yaml'
import type { ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { isRecord, shorten } from '../json-value.ts'
import type { Stretch } from './outline.ts'
import { YamlScanner } from './yaml-scanner.ts'
import { lineOf, NEWLINE, RETURN, YamlTokens } from './yaml-tokens.ts'
import { MAX_DEPTH, YamlValues } from './yaml-values.ts'

/** js-yaml refuses them, as the specification does, and documents have them all the same. */
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|[\ufeff\ufffe\uffff]/gu

/** What an alias means that nothing in front of it in its stretch is named as. */
export type OuterValue = (name: string, offset: number) => unknown

export class YamlReader {
  readonly #bytes: ByteSequence
  /** Where the document begins. */
  readonly #first: number
  /** Its directives, which mean something for every stretch. */
  readonly #directives: string

  constructor(bytes: ByteSequence, first: number, directives: string) {
    this.#bytes = bytes
    this.#first = first
    this.#directives = directives
  }

  get hasDirectives(): boolean {
    return this.#directives !== ''
  }

  values(start: number, end: number, outer: OuterValue): YamlValues {
    const text = this.#text(start, end)
    const error = (problem: string, offset: number) => this.error(start, problem, offset)
    return new YamlValues(text, this.#events(text, start, end), { outer, error })
  }

  /** The name that a key has as a member of an object: `200`, `"a b"`. Null when it has none. */
  name(key: string): string | null {
    const text = `${this.#directives}${key}: 0`
    const fail = (): never => {
      throw new Error('a key by itself was expected')
    }
    try {
      const value = new YamlValues(text, eventsOf(text), { outer: fail, error: fail }).valueOf()
      const names = isRecord(value) ? Object.keys(value) : []
      return names.length === 1 ? (names[0] ?? null) : null
    } catch {
      return null
    }
  }

  /** Of what `make` throws, what is not known to be about the document becomes an error at a place. */
  at<Value>(start: number, make: () => Value): Value {
    try {
      return make()
    } catch (error) {
      if (error instanceof DocumentError) throw error
      throw this.error(start, error instanceof Error ? error.message : 'it could not be read')
    }
  }

  /** What is wrong with the stretch that begins at `start`; `offset` is where in the text that was parsed. */
  error(start: number, problem: string, offset = 0): DocumentError {
    const length = Math.max(offset - this.#directives.length, 0)
    const before = this.#text(start, start + length * 4)
      .slice(this.#directives.length)
      .slice(0, length)
    const lines = before.split(/\r\n?|\n/)
    const where = `line ${lineOf(this.#bytes, start) + lines.length - 1}, column ${(lines.at(-1)?.length ?? 0) + 1}`
    return new DocumentError('invalid_yaml', `The YAML cannot be read at ${where}: ${shorten(problem, 200)}`)
  }

  columnOf(position: number): number {
    let lineStart = position
    while (lineStart > this.#first && ![NEWLINE, RETURN].includes(this.#bytes.at(lineStart - 1))) lineStart--
    return position - lineStart
  }

  /** Where in the text everything is. */
  #events(text: string, start: number, end: number, isLenient = false): Event[] {
    try {
      return eventsOf(text)
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      if (!isLenient && error.reason === 'deficient indentation') {
        return this.#events(this.#withoutGaps(start, end), start, end, true)
      }
      if (error.reason.startsWith('nesting exceeded')) throw new YamlTokens(this.#bytes).tooDeep(start)
      throw this.error(start, error.reason, error.mark?.position)
    }
  }

  /**
   * js-yaml wants the last bracket of a flow collection further right than the key that it belongs to, and no tabs in one.
   * Examples in JSON are often written like that. Where nothing can be but spaces, lines and comments, spaces do.
   */
  #withoutGaps(start: number, end: number): string {
    const scanner = new YamlScanner(this.#bytes)
    const gaps: Stretch[] = []
    scanner.tokens.gaps = gaps
    scanner.restart(start)
    let column = this.columnOf(start)
    while (scanner.read(end, column)) column = 0
    let text = this.#text(start, start)
    let at = start
    for (const gap of gaps) {
      text += this.#bytes.text(at, gap.start) + ' '.repeat(this.#bytes.text(gap.start, gap.end).length)
      at = gap.end
    }
    return text + this.#bytes.text(at, end)
  }

  /** A stretch with its directives, and as if only spaces were in front of it on its line. */
  #text(start: number, end: number): string {
    return `${this.#directives}${' '.repeat(this.columnOf(start))}${this.#bytes.text(start, end)}`
  }
}

function eventsOf(text: string): Event[] {
  return parseEvents(text.replace(UNPRINTABLE, 'x'), { maxDepth: MAX_DEPTH })
}
