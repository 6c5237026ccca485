// The one operation of a call: a single field of the root type, every argument of it a variable, and the selection inside
// of it, written from what was parsed and checked.
import { Kind } from 'graphql/language/kinds.js'
import type {
  DocumentNode,
  FieldNode,
  NameNode,
  SelectionNode,
  SelectionSetNode,
  VariableNode,
} from 'graphql/language/ast.js'
import { parseType } from 'graphql/language/parser.js'
import { print } from 'graphql/language/printer.js'
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { CallContext } from '../adapter.ts'
import { own, shorten } from '../json-value.ts'
import type { GraphQlBinding } from './binding.ts'
import { checkSelection, invalid } from './check-selection.ts'
import { LoadedTypes } from './loaded-types.ts'
import { parseSelection } from './parse-selection.ts'
import { namedType } from './type-model.ts'
import { validateOperation } from './validate-operation.ts'

const MAX_MESSAGE = 1000

export interface Operation {
  /** Of the root type: the answer's `data` has it alone. */
  field: string
  /** Whole, as the root type's selection has it. */
  node: FieldNode
  document: DocumentNode
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
  if (context === undefined) return { ok: true, operation: assemble(binding, input, asked.selection) }
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
  const operation = assemble(binding, input, selection)
  try {
    const problems = validateOperation(binding, types, operation.node)
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

function assemble(binding: GraphQlBinding, input: unknown, selection: SelectionSetNode | null): Operation {
  const given = binding.arguments.filter(({ name }) => own(input, name) !== undefined)
  const nameNode = (value: string): NameNode => ({ kind: Kind.NAME, value })
  const variable = (name: string): VariableNode => ({ kind: Kind.VARIABLE, name: nameNode(name) })
  const field: FieldNode = {
    kind: Kind.FIELD,
    name: nameNode(binding.field),
    arguments: given.map(({ name }) => ({ kind: Kind.ARGUMENT, name: nameNode(name), value: variable(name) })),
    ...(selection && { selectionSet: selection }),
  }
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: binding.operation,
        name: nameNode(binding.field),
        variableDefinitions: given.map(({ name, type }) => ({
          kind: Kind.VARIABLE_DEFINITION,
          variable: variable(name),
          type: parseType(type, { noLocation: true }),
        })),
        selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
      },
    ],
  }
  const variables = Object.fromEntries(given.map(({ name }) => [name, own(input, name)]))
  return { field: binding.field, node: field, document, query: print(document), variables }
}

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
    name: { kind: Kind.NAME, value: name },
    ...(inner && { selectionSet: { kind: Kind.SELECTION_SET, selections: inner } }),
  })
  const added = field('pageInfo', [field('hasNextPage'), field('endCursor')])
  const one: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [added] }
  const checked = await checkSelection(types, connection, one, true)
  if (!checked.ok) return selection
  return { ...selection, selections: [...selection.selections, ...checked.selection.selections] }
}
