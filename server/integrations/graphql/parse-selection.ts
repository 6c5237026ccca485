// What a caller wants of a field, as text: `id title author { login }`, with or without the outer braces. It is read by
// GraphQL's own parser, and what is not a plain selection is refused: nothing of the text itself is ever sent.
import type { SelectionSetNode, ValueNode } from 'graphql/language/ast.js'
import { parse } from 'graphql/language/parser.js'
import { shorten } from '../json-value.ts'

const MAX_CHARACTERS = 20_000
const MAX_TOKENS = 3000
const MAX_DEPTH = 15
const MAX_FIELDS = 600

export type SelectionReading = { ok: true; selection: SelectionSetNode } | { ok: false; message: string }

export function parseSelection(text: string): SelectionReading {
  if (text.length > MAX_CHARACTERS) return refuse(`is longer than ${MAX_CHARACTERS.toLocaleString('en')} characters.`)
  const isBraced = /^[\s,\uFEFF]*\{/.test(text)
  let document
  try {
    // On lines of its own, so that a comment at the end hides no brace.
    document = parse(isBraced ? text : `{\n${text}\n}`, { noLocation: true, maxTokens: MAX_TOKENS })
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'it cannot be read'
    return refuse(`is no GraphQL selection (${shorten(problem, 200)}), as "id name owner { login }" is.`)
  }
  const [operation, ...more] = document.definitions
  if (operation?.kind !== 'OperationDefinition' || more.length > 0) {
    return refuse('must be one selection, without other operations and fragments beside it.')
  }
  const { name, variableDefinitions = [], directives = [], selectionSet } = operation
  const isPlain = operation.operation === 'query' && name === undefined
  if (!isPlain || variableDefinitions.length > 0 || directives.length > 0) {
    return refuse('must be fields only, without "query" or "mutation" before them.')
  }
  const problem = problemOf(selectionSet)
  return problem ? refuse(problem) : { ok: true, selection: selectionSet }
}

function refuse(problem: string): SelectionReading {
  return { ok: false, message: `The selection ${problem}` }
}

function problemOf(selection: SelectionSetNode): string {
  let fields = 0
  const stack = [{ selection, depth: 1 }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep.`
    if (next.selection.selections.length === 0) return 'has braces with nothing in them.'
    for (const node of next.selection.selections) {
      if (++fields > MAX_FIELDS) return `has more than ${MAX_FIELDS} fields.`
      if (node.kind === 'FragmentSpread')
        return `names the fragment ${node.name.value}; write "... on Type { }" in place.`
      if ((node.directives ?? []).length > 0) return 'must not have directives (@).'
      if (node.kind === 'Field' && /^__(?!typename$)/.test(node.name.value)) {
        return `must not ask for ${node.name.value}: the schema is not part of an answer.`
      }
      if (node.kind === 'Field' && node.arguments?.some(({ value }) => hasVariable(value))) {
        return `must not have variables ($), as the arguments of ${node.name.value} do: write the values out.`
      }
      if (node.selectionSet) stack.push({ selection: node.selectionSet, depth: next.depth + 1 })
    }
  }
  return ''
}

/** One of the operation's own would be taken for it, and any other makes the operation invalid. */
function hasVariable(value: ValueNode): boolean {
  if (value.kind === 'Variable') return true
  if (value.kind === 'ListValue') return value.values.some(hasVariable)
  return value.kind === 'ObjectValue' && value.fields.some((field) => hasVariable(field.value))
}
