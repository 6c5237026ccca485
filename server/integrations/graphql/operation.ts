// The one operation of a call: a single field of the root type, every argument of it a variable, and the selection inside
// of it, written from what was parsed and checked.
import { Kind } from 'graphql/language/kinds.js'
import type { FieldNode, NameNode, SelectionNode, SelectionSetNode, VariableNode } from 'graphql/language/ast.js'
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { CallContext } from '../adapter.ts'
import { own, shorten } from '../json-value.ts'
import type { GraphQlBinding } from './binding.ts'
import { checkSelection, invalid } from './check-selection.ts'
import { LoadedTypes } from './loaded-types.ts'
import { parseSelection } from './parse-selection.ts'
import { namedType } from './type-model.ts'
import { validateOperation } from './validate-operation.ts'
import { writeSelection } from './write-selection.ts'

const MAX_MESSAGE = 1000

/** One field of the root type. */
export interface Part {
  binding: GraphQlBinding
  input: unknown
  selection: SelectionSetNode | null
}

export interface Operation {
  /** Its name: that of its first field, which is the only one unless it was made of several. */
  field: string
  parts: readonly Part[]
  /** As they stand in the selection of the root type. */
  nodes: readonly FieldNode[]
  query: string
  variables: Record<string, unknown>
}

export type Planned = { ok: true; operation: Operation } | { ok: false; error: ToolErrorShape }

/**
 * `context` brings the types and what is blocked of them. Without one the operation is what a person is shown, and only
 * that it cannot leave its field is sure.
 */
export async function planOperation(binding: GraphQlBinding, input: unknown, context?: CallContext): Promise<Planned> {
  const asked = selectionOf(binding, input)
  if (!asked.ok) return { ok: false, error: invalid(asked.message) }
  if (context === undefined) return { ok: true, operation: assemble([{ binding, input, selection: asked.selection }]) }
  const types = new LoadedTypes(context)
  const answered = namedType(binding.type)
  await types.load([answered, ...(asked.isDefault ? (binding.types ?? []) : [])])
  let { selection } = asked
  if (selection !== null) {
    const checked = await checkSelection(types, answered, selection, asked.isDefault)
    if (!checked.ok) return checked
    selection = checked.selection
    if (binding.paging) selection = await withPageInfo(types, answered, selection)
  }
  const operation = assemble([{ binding, input, selection }])
  try {
    const problems = validateOperation(binding, types, operation.nodes[0]!)
    if (problems.length > 0)
      return { ok: false, error: invalid(`The selection is not valid: ${shorten(problems.join(' '), MAX_MESSAGE)}`) }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown'
    return { ok: false, error: invalid(`The operation does not fit the schema: ${message}.`) }
  }
  return { ok: true, operation }
}

type Asked = { ok: true; selection: SelectionSetNode | null; isDefault: boolean } | { ok: false; message: string }

function selectionOf({ selection, selectKey }: GraphQlBinding, input: unknown): Asked {
  if (selection === undefined) return { ok: true, selection: null, isDefault: true }
  const given = selectKey === undefined ? undefined : own(input, selectKey)
  const isDefault = given === undefined || given === null
  if (!isDefault && typeof given !== 'string') return { ok: false, message: 'The selection must be text.' }
  const read = parseSelection(isDefault ? selection : given)
  return read.ok ? { ...read, isDefault } : read
}

/** Several have an alias each, `q0` and so on, and their variables begin with it. */
export function assemble(parts: readonly [Part, ...Part[]]): Operation {
  const { field, operation } = parts[0].binding
  const variables: [string, unknown][] = []
  const declared: string[] = []
  const nodes = parts.map(({ binding, input, selection }, index): FieldNode => {
    const alias = parts.length > 1 ? aliasOf(index) : undefined
    const given = binding.arguments.filter(({ name }) => own(input, name) !== undefined)
    return {
      kind: Kind.FIELD,
      ...(alias && { alias: nameNode(alias) }),
      name: nameNode(binding.field),
      arguments: given.map(({ name, type }) => {
        const called = alias ? `${alias}_${name}` : name
        const variable: VariableNode = { kind: Kind.VARIABLE, name: nameNode(called) }
        variables.push([called, own(input, name)])
        declared.push(`$${called}: ${type}`)
        return { kind: Kind.ARGUMENT, name: nameNode(name), value: variable }
      }),
      ...(selection && { selectionSet: selection }),
    }
  })
  const selections = writeSelection({ kind: Kind.SELECTION_SET, selections: nodes })
  const query = `${operation} ${field}${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${selections}`
  return { field, parts, nodes, query, variables: Object.fromEntries(variables) }
}

export const aliasOf = (index: number) => `q${index}`

const nameNode = (value: string): NameNode => ({ kind: Kind.NAME, value })

/** So that the pages of a connection can be followed whatever was selected of it. */
async function withPageInfo(
  types: LoadedTypes,
  connection: string,
  selection: SelectionSetNode,
): Promise<SelectionSetNode> {
  const isTaken = selection.selections.some(
    (node) => node.kind === Kind.FIELD && node.alias?.value === 'pageInfo' && node.name.value !== 'pageInfo',
  )
  if (isTaken) return selection
  const field = (name: string, inner?: SelectionNode[]): FieldNode => ({
    kind: Kind.FIELD,
    name: nameNode(name),
    ...(inner && { selectionSet: { kind: Kind.SELECTION_SET, selections: inner } }),
  })
  const added = field('pageInfo', [field('hasNextPage'), field('endCursor')])
  const one: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [added] }
  const checked = await checkSelection(types, connection, one, true)
  if (!checked.ok) return selection
  return { ...selection, selections: [...selection.selections, ...checked.selection.selections] }
}
