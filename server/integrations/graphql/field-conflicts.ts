// Fields of one selection that would have to be one field of the answer, and cannot be (section 5.3.2).
import type { ArgumentNode, FieldNode, SelectionSetNode, ValueNode } from 'graphql/language/ast.js'
import { Kind } from 'graphql/language/kinds.js'
import type { LoadedTypes } from './loaded-types.ts'
import { namedType } from './type-model.ts'
import { isComposite } from './type-row.ts'
import { writeValue } from './write-selection.ts'

/** Comparisons: they grow with the square of the fields, and again with every level. */
const MAX_COMPARISONS = 250_000
const MAX_REASON = 1000

/** A field as it was asked for, and on what. The type of `__typename` is not looked at. */
interface Asked {
  parent: string
  node: FieldNode
  type: string | undefined
}

type Fields = Map<string, Asked[]>

type Conflict = [name: string, reason: string]

/** One for an operation. */
export class FieldConflicts {
  readonly #types: LoadedTypes
  readonly #collected = new Map<SelectionSetNode, Fields>()
  readonly #arguments = new Map<FieldNode, string>()
  #left = MAX_COMPARISONS

  constructor(types: LoadedTypes) {
    this.#types = types
  }

  /** Of the fields of a selection, also inside of fragments; what is below each of them alone is not compared. */
  *problems(selection: SelectionSetNode, parent: string): Generator<string> {
    for (const [name, list] of this.#collect(selection, parent)) {
      for (const [index, one] of list.entries()) {
        for (const other of list.slice(index + 1)) {
          for (const [conflict, reason] of this.#compare(name, one, other, false)) {
            yield `Fields "${conflict}" conflict because ${reason}. Use different aliases on the fields to fetch both if this was intentional.`
          }
        }
      }
    }
  }

  #collect(selection: SelectionSetNode, parent: string): Fields {
    const known = this.#collected.get(selection)
    if (known) return known
    const fields: Fields = new Map()
    this.#collectInto(fields, selection, parent)
    this.#collected.set(selection, fields)
    return fields
  }

  #collectInto(fields: Fields, { selections }: SelectionSetNode, parent: string): void {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        this.#collectInto(fields, node.selectionSet, node.typeCondition?.name.value ?? parent)
      } else if (node.kind === Kind.FIELD) {
        const name = (node.alias ?? node.name).value
        const type = this.#types.get(parent)?.fields.get(node.name.value)?.type
        const list = fields.get(name) ?? []
        fields.set(name, list)
        list.push({ parent, node, type })
      }
    }
  }

  #between(fields: Fields, others: Fields, isEither: boolean): Conflict[] {
    return [...fields].flatMap(([name, list]) =>
      list.flatMap((one) => (others.get(name) ?? []).flatMap((other) => this.#compare(name, one, other, isEither))),
    )
  }

  /** `isEither`: no object has both, so that they need to have nothing but the same form. */
  #compare(name: string, one: Asked, other: Asked, isEither: boolean): Conflict[] {
    if (--this.#left < 0) throw new Error('too many of its fields have one name')
    const isNever =
      isEither || (one.parent !== other.parent && this.#isObject(one.parent) && this.#isObject(other.parent))
    if (!isNever) {
      const [field, otherField] = [one.node.name.value, other.node.name.value]
      if (field !== otherField) return [[name, `"${field}" and "${otherField}" are different fields`]]
      if (this.#written(one.node) !== this.#written(other.node)) return [[name, 'they have differing arguments']]
    }
    if (one.type === undefined || other.type === undefined) return []
    if (this.#doConflict(one.type, other.type)) {
      return [[name, `they return conflicting types "${one.type}" and "${other.type}"`]]
    }
    if (!one.node.selectionSet || !other.node.selectionSet) return []
    const inner = this.#collect(one.node.selectionSet, namedType(one.type))
    const conflicts = this.#between(inner, this.#collect(other.node.selectionSet, namedType(other.type)), isNever)
    if (conflicts.length === 0) return []
    const reasons = conflicts.map(([field, reason]) => `subfields "${field}" conflict because ${reason}`)
    return [[name, reasons.join(' and ').slice(0, MAX_REASON)]]
  }

  /** The same for arguments in another order, as they mean the same. */
  #written(node: FieldNode): string {
    const known = this.#arguments.get(node)
    if (known !== undefined) return known
    const text = (node.arguments ?? []).map(writtenArgument).toSorted().join('\n')
    this.#arguments.set(node, text)
    return text
  }

  #isObject(type: string): boolean {
    return this.#types.get(type)?.kind === 'OBJECT'
  }

  #doConflict(one: string, other: string): boolean {
    if (one === other) return false
    const end = /[\]!]$/
    const [wrap] = end.exec(one) ?? ['']
    if (wrap !== (end.exec(other)?.[0] ?? '')) return true
    const start = wrap === ']' ? 1 : 0
    if (wrap !== '') return this.#doConflict(one.slice(start, -1), other.slice(start, -1))
    return !isComposite(this.#types.get(one)) || !isComposite(this.#types.get(other))
  }
}

function writtenArgument({ name, value }: ArgumentNode): string {
  return `${name.value}: ${writeValue(sorted(value))}`
}

function sorted(value: ValueNode): ValueNode {
  if (value.kind === Kind.LIST) return { ...value, values: value.values.map(sorted) }
  if (value.kind !== Kind.OBJECT) return value
  const fields = value.fields.map((field) => ({ ...field, value: sorted(field.value) }))
  return { ...value, fields: fields.toSorted((one, other) => (one.name.value < other.name.value ? -1 : 1)) }
}
