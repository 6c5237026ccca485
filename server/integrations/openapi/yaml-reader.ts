// Stretches of a YAML document as values, read by the `yaml` package, with errors that say where in the document.
import { type Document, parseDocument } from 'yaml'
import type { ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { shorten } from '../json-value.ts'
import { lineOf, NEWLINE } from './yaml-tokens.ts'

const OPTIONS = { merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const

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

  document(start: number, end: number): Document {
    const document = parseDocument(this.#directives + this.#text(start, end), OPTIONS)
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    if (error) throw this.error(start, error.message, error.pos[0])
    return document
  }

  /** The name that a key has as a member of an object: `200`, `"a b"`. Null when it has none. */
  name(key: string): string | null {
    const document = parseDocument(`${this.#directives}${key}: 0`, OPTIONS)
    const value: unknown = document.errors.length > 0 ? null : document.toJS()
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
    return names.length === 1 ? (names[0] ?? null) : null
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

  /** What is wrong with the stretch that begins at `start`; `offset` is where the package found it. */
  error(start: number, problem: string, offset = 0): DocumentError {
    const length = Math.max(offset - this.#directives.length, 0)
    const before = length === 0 ? '' : this.#text(start, start + length * 4).slice(0, length)
    const lines = before.split('\n')
    const where = `line ${lineOf(this.#bytes, start) + lines.length - 1}, column ${(lines.at(-1)?.length ?? 0) + 1}`
    return new DocumentError('invalid_yaml', `The YAML cannot be read at ${where}: ${shorten(problem, 200)}`)
  }

  /** A stretch as if only spaces were in front of it on its line. */
  #text(start: number, end: number): string {
    return `${' '.repeat(this.columnOf(start))}${this.#bytes.text(start, end)}`
  }

  columnOf(position: number): number {
    let lineStart = position
    while (lineStart > this.#first && this.#bytes.at(lineStart - 1) !== NEWLINE) lineStart--
    return position - lineStart
  }
}
