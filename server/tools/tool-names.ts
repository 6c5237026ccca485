// Names of tools. An operation keeps the name it has for as long as it exists; what is new gets the name its document
// suggests, with a number behind it where that is taken, by a tool of the revision before too: a policy or a program
// that says `github.issues.list` must never come to mean something else.
import { PackedNames } from '../integrations/packed-texts.ts'

/** Members that every tool, or every JavaScript object, has. A tool of that name could not be reached. */
const RESERVED = new Set(['then', 'catch', 'finally', 'raw', 'pages', 'prototype', 'toJSON'])

export class ToolNames {
  readonly #byOperation = new PackedNames()

  /** `existing`: the names in the revision that is in force. */
  constructor(existing: readonly { operation: string; name: string }[]) {
    this.keep(existing)
  }

  /** More of them. */
  keep(existing: readonly { operation: string; name: string }[]): void {
    for (const { operation, name } of existing) this.#byOperation.set(operation, name)
  }

  /** Gives the memory back; nothing can be named from then on. */
  release(): void {
    this.#byOperation.release()
  }

  nameFor(operation: string, suggested: string): string {
    const known = this.#byOperation.get(operation)
    if (known !== undefined) return known
    const wished = safeName(suggested)
    let name = wished
    for (let number = 2; this.#byOperation.isTaken(name); number++)
      name = `${wished}${/\d$/.test(wished) ? '_' : ''}${number}`
    this.#byOperation.set(operation, name)
    return name
  }
}

/** Dotted JavaScript identifiers, none of them reserved. */
function safeName(suggested: string): string {
  const segments = suggested
    .slice(0, 200)
    .split('.')
    .map((segment) => segment.replaceAll(/[^\p{ID_Continue}$]+/gu, '_').replace(/^(?![\p{ID_Start}$_])/u, '_'))
    .filter((segment) => !/^_*$/.test(segment))
    .map((segment) => (RESERVED.has(segment) || segment in Object.prototype ? `${segment}_` : segment))
  return segments.length === 0 ? 'tool' : segments.join('.')
}
