// The rules of GraphQL (section 5) that an operation of ours could break, on the rows that a call has loaded. Its fields
// are known to be there (check-selection.ts), and it has no directives and no fragments by name (parse-selection.ts).
// graphql-js has these rules too, for schemas of its own classes, which would be a twentieth of the bundle; the tests hold
// both next to each other.
import type { FieldNode, SelectionSetNode, ValueNode } from 'graphql/language/ast.js'
import { Kind } from 'graphql/language/kinds.js'
import type { GraphQlBinding } from './binding.ts'
import { FieldConflicts } from './field-conflicts.ts'
import { didYouMean } from './check-selection.ts'
import type { LoadedTypes } from './loaded-types.ts'
import { namedType } from './type-model.ts'
import { isComposite, type FieldRow, type InputRow, type TypeRow } from './type-row.ts'
import { problemsOfValue } from './validate-value.ts'

const MAX_ERRORS = 5

/** What is wrong; empty when nothing is. */
export function validateOperation(binding: GraphQlBinding, types: LoadedTypes, field: FieldNode): string[] {
  const problems = new Set<string>()
  for (const problem of new Validation(binding, types, field).problems(field)) {
    if (problems.add(problem).size === MAX_ERRORS) break
  }
  return [...problems]
}

class Validation {
  readonly #binding: GraphQlBinding
  readonly #types: LoadedTypes
  readonly #conflicts: FieldConflicts
  /** Each argument that is given is the variable of its name. */
  readonly #variables: ReadonlyMap<string, string>

  constructor(binding: GraphQlBinding, types: LoadedTypes, { arguments: given = [] }: FieldNode) {
    this.#binding = binding
    this.#types = types
    this.#conflicts = new FieldConflicts(types)
    const known = binding.arguments.filter(({ name }) => given.some((one) => one.name.value === name))
    this.#variables = new Map(known.map(({ name, type }) => [name, type]))
  }

  problems(field: FieldNode): Generator<string> {
    const { root, type, arguments: known } = this.#binding
    const inputs = new Map(
      known.map(({ name, type: input, hasDefault }): [string, InputRow] => [
        name,
        { type: input, hasDefault: hasDefault === true },
      ]),
    )
    return this.#field(root, { type, inputs }, field)
  }

  *#selection({ selections }: SelectionSetNode, parent: string): Generator<string> {
    const row = this.#types.get(parent)
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        const found = row?.fields.get(node.name.value)
        if (found) yield* this.#field(parent, found, node)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        const inner = node.typeCondition?.name.value ?? parent
        const type = this.#types.get(inner)
        if (!isComposite(type)) yield `Fragment cannot condition on non composite type "${inner}".`
        else if (isComposite(row) && !canBeBoth(row, type)) {
          yield `Fragment cannot be spread here as objects of type "${parent}" can never be of type "${inner}".`
        }
        yield* this.#selection(node.selectionSet, inner)
      }
    }
  }

  *#field(parent: string, { type, inputs }: FieldRow, node: FieldNode): Generator<string> {
    const { value: name } = node.name
    const { selectionSet, arguments: given = [] } = node
    const inner = this.#types.get(namedType(type))
    if (!isComposite(inner)) {
      if (selectionSet) yield `Field "${name}" must not have a selection since type "${type}" has no subfields.`
    } else if (!selectionSet) {
      yield `Field "${name}" of type "${type}" must have a selection of subfields. Did you mean "${name} { ... }"?`
    } else {
      if (!isAlone(selectionSet)) yield* this.#conflicts.problems(selectionSet, inner.name)
      yield* this.#selection(selectionSet, inner.name)
    }
    const names = given.map((argument) => argument.name.value)
    for (const repeated of repeatedIn(names)) yield `There can be only one argument named "${repeated}".`
    for (const { name: argument, value } of given) {
      const input = inputs.get(argument.value)
      if (input === undefined) {
        yield `Unknown argument "${argument.value}" on field "${parent}.${name}".${didYouMean(argument.value, inputs.keys())}`
      } else yield* problemsOfValue(this.#types, value, input.type)
      yield* this.#uses(value, input)
    }
    for (const [missing, { type: wanted, hasDefault }] of inputs) {
      if (names.includes(missing) || !wanted.endsWith('!') || hasDefault) continue
      yield `Argument "${parent}.${name}(${missing}:)" of type "${wanted}" is required, but it was not provided.`
    }
  }

  /** Of variables, and of fields that are named twice, at any depth of a value. */
  *#uses(value: ValueNode, input: InputRow | undefined, within?: TypeRow): Generator<string> {
    if (value.kind === Kind.VARIABLE) yield* this.#variable(value.name.value, input, within)
    if (value.kind === Kind.LIST) {
      const type = input?.type.replace(/!$/, '')
      const item = type?.startsWith('[') ? { type: type.slice(1, -1), hasDefault: false } : undefined
      for (const one of value.values) yield* this.#uses(one, item)
    }
    if (value.kind !== Kind.OBJECT) return
    const names = value.fields.map(({ name }) => name.value)
    for (const repeated of repeatedIn(names)) yield `There can be only one input field named "${repeated}".`
    const row = input && this.#types.get(namedType(input.type))
    for (const { name, value: inner } of value.fields) yield* this.#uses(inner, row?.inputs.get(name.value), row)
  }

  *#variable(name: string, input: InputRow | undefined, within: TypeRow | undefined): Generator<string> {
    const type = this.#variables.get(name)
    if (type === undefined) yield `Variable "$${name}" is not defined.`
    if (type === undefined || input === undefined) return
    const place = input.hasDefault && !type.endsWith('!') ? input.type.replace(/!$/, '') : input.type
    if (!fits(type, place))
      yield `Variable "$${name}" of type "${type}" used in position expecting type "${input.type}".`
    if (within?.isOneOf && !type.endsWith('!')) {
      yield `Variable "$${name}" is of type "${type}" but must be non-nullable to be used for OneOf Input Object "${within.name}".`
    }
  }
}

function canBeBoth(one: TypeRow, other: TypeRow): boolean {
  const objects = (row: TypeRow) => (row.kind === 'OBJECT' ? [row.name] : row.possible)
  const known = new Set(objects(one))
  return one.name === other.name || objects(other).some((name) => known.has(name))
}

function isAlone({ selections }: SelectionSetNode): boolean {
  return selections.length <= 1 && selections[0]?.kind !== Kind.INLINE_FRAGMENT
}

/** Whether a variable of a type may stand where another is expected (section 5.8.5). */
function fits(type: string, place: string): boolean {
  if (type === place) return true
  if (type.endsWith('!')) return fits(type.slice(0, -1), place.endsWith('!') ? place.slice(0, -1) : place)
  return type.startsWith('[') && place.endsWith(']') && fits(type.slice(1, -1), place.slice(1, -1))
}

function repeatedIn(names: readonly string[]): Set<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) !== index))
}
