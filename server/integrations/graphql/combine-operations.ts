// Several queries in one request: each field under an alias of its own, each variable under a name of its own.
import { Kind } from 'graphql/language/kinds.js'
import type { ASTNode, DocumentNode, FieldNode, OperationDefinitionNode, SelectionNode } from 'graphql/language/ast.js'
import { print } from 'graphql/language/printer.js'
import { visit } from 'graphql/language/visitor.js'
import { isRecord, own, ownList, type JsonRecord } from '../json-value.ts'
import type { Operation } from './operation.ts'

export interface Combined {
  query: string
  variables: Record<string, unknown>
  /** The answers of each operation, in their order, from the one answer to all. */
  split(answer: { data?: unknown; errors?: unknown }): SplitAnswer[]
}

export interface SplitAnswer {
  /** As if the operation had been sent alone: `{ repository: … }`. */
  data: JsonRecord | null
  errors: JsonRecord[]
  /** Lost to an error of another operation, which emptied all of the data: to be sent again, alone. */
  isLost: boolean
}

/** Null unless all of them are queries with one field each. Mutations are carried out one by one, and never here. */
export function combineOperations(operations: readonly Operation[]): Combined | null {
  const parts = operations.map(({ document }, index) => partOf(document, `q${index}`))
  const known = parts.filter((part) => part !== null)
  if (known.length === 0 || known.length !== operations.length) return null
  const combined: OperationDefinitionNode = {
    ...known[0]!.definition,
    name: undefined,
    variableDefinitions: known.flatMap(({ definition }) => definition.variableDefinitions ?? []),
    selectionSet: { kind: Kind.SELECTION_SET, selections: known.map(({ field }): SelectionNode => field) },
  }
  const variables = operations.flatMap((operation, index) =>
    Object.entries(operation.variables).map(([name, value]) => [`q${index}_${name}`, value] as const),
  )
  const fields = operations.map(({ field }) => field)
  return { query: print(combined), variables: Object.fromEntries(variables), split: (answer) => split(fields, answer) }
}

interface Part {
  definition: OperationDefinitionNode
  field: FieldNode
}

function partOf(document: DocumentNode, alias: string): Part | null {
  const [only, ...more] = document.definitions
  if (only?.kind !== Kind.OPERATION_DEFINITION || more.length > 0 || only.operation !== 'query') return null
  const renamed = visit<ASTNode>(only, {
    Variable: (node) => ({ ...node, name: { ...node.name, value: `${alias}_${node.name.value}` } }),
  })
  if (renamed.kind !== Kind.OPERATION_DEFINITION) return null
  const [field, ...others] = renamed.selectionSet.selections
  if (field?.kind !== Kind.FIELD || others.length > 0) return null
  return { definition: renamed, field: { ...field, alias: { kind: Kind.NAME, value: alias } } }
}

function split(fields: readonly string[], answer: { data?: unknown; errors?: unknown }): SplitAnswer[] {
  const errors = ownList(answer, 'errors').filter(isRecord)
  const data = own(answer, 'data')
  const isEmptied = !isRecord(data)
  // An error without a place, or with another one, is everybody's.
  const isOf = (error: JsonRecord, alias: string) => ownList(error, 'path')[0] === alias
  const shared = errors.filter((error) => !fields.some((_, index) => isOf(error, `q${index}`)))
  return fields.map((field, index) => {
    const alias = `q${index}`
    const ofIt = errors.filter((error) => isOf(error, alias))
    const mine = ofIt.map((error) => ({ ...error, path: [field, ...ownList(error, 'path').slice(1)] }))
    const isLost = isEmptied && mine.length === 0 && shared.length === 0 && errors.length > 0
    const value = own(data, alias)
    return { data: isEmptied || value === undefined ? null : { [field]: value }, errors: [...mine, ...shared], isLost }
  })
}
