// What a program has handed out: its log, its emitted values, and the files that stand in them and in its arguments.
// Everything in here was written by the program's side and is parsed, counted and bounded.
import { FileValue } from './file.ts'
import type { Limits } from './limits.ts'
import { decodeValue } from './values.ts'

const LONGEST_LABEL = 200

export class Outbox {
  readonly emitted: unknown[] = []
  logs = ''
  /** See values.ts. */
  readonly marker = crypto.randomUUID()
  readonly #limits: Limits
  readonly #files: FileValue[] = []
  #fileBytes = 0
  #emittedCharacters = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  log(text: string): void {
    this.logs += String(JSON.parse(text))
  }

  /** Returns whether there was room for the value. */
  emit(text: string): boolean {
    this.#emittedCharacters += text.length
    if (this.#emittedCharacters > this.#limits.resultCharacters) return false
    this.emitted.push(this.read(text))
    return true
  }

  /** Takes a file that the next value refers to; returns its number, or -1 when there is no room. */
  putFile(bytes: Uint8Array, described: string): number {
    this.#fileBytes += bytes.length
    if (this.#fileBytes > this.#limits.fileBytes) return -1
    const [name, type]: [string, string] = JSON.parse(described)
    return this.#files.push(new FileValue(label(name), label(type), bytes)) - 1
  }

  /** A value that the program wrote, with its files in place. */
  read(text: string): unknown {
    return decodeValue(text, this.marker, this.#files)
  }
}

/** A file's name or type as the host can write it anywhere, in a URL for example. */
function label(text: string): string {
  return text.slice(0, LONGEST_LABEL).toWellFormed()
}
