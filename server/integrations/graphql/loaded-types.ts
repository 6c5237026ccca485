// The types that one call touches, loaded by name as they are reached, and what the policies say of their fields.
import type { CallContext } from '../adapter.ts'
import { readRow, rowName, type TypeRow } from './type-row.ts'
import { BUILT_IN } from './type-model.ts'

export class LoadedTypes {
  readonly #context: CallContext
  readonly #rows = new Map<string, TypeRow | null>()

  constructor(context: CallContext) {
    this.#context = context
  }

  /** In one statement, those that are not there yet. */
  async load(names: Iterable<string>): Promise<void> {
    const missing = [...new Set(names)].filter((name) => !this.#rows.has(name) && !BUILT_IN.has(name))
    if (missing.length === 0) return
    const found = await this.#context.schemas(missing.map(rowName))
    for (const name of missing) this.#rows.set(name, readRow(name, found.get(rowName(name))))
  }

  /** Undefined for a scalar of the specification, and for what the schema does not have. */
  get(name: string): TypeRow | undefined {
    return this.#rows.get(name) ?? undefined
  }

  all(): TypeRow[] {
    return [...this.#rows.values()].filter((row) => row !== null)
  }

  /**
   * The name under which a field is blocked, `type.User.email`, or undefined. What is blocked on an interface is blocked
   * on every type that implements it, and what is blocked on one of the types also where only the interface is named.
   */
  async blockedAs(type: TypeRow, field: string): Promise<string | undefined> {
    const isBlocked = (owner: string) => this.#context.isBlocked(`type.${owner}.${field}`)
    if (isBlocked(type.name)) return nameOf(type.name, field)
    const possible = type.possible.find(isBlocked)
    if (possible !== undefined) return nameOf(possible, field)
    // A policy may name all fields of an interface, and this field need not be one of them.
    const owners = type.interfaces.filter(isBlocked)
    if (owners.length === 0) return undefined
    await this.load(owners)
    const owner = owners.find((name) => this.get(name)?.fields.has(field) !== false)
    return owner === undefined ? undefined : nameOf(owner, field)
  }
}

function nameOf(owner: string, field: string): string {
  return `type.${owner}.${field}`
}
