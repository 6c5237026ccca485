// Selections and values as GraphQL text (https://spec.graphql.org/draft/#sec-Language), which means what the nodes mean:
// text comes as a string in quotes, and what a selection here never has, directives and fragments with names, is not written.
import type { SelectionNode, SelectionSetNode, ValueNode } from 'graphql/language/ast.js'
import { Kind } from 'graphql/language/kinds.js'

export function writeSelection({ selections }: SelectionSetNode, indent = ''): string {
  const within = `${indent}  `
  const lines = selections.map((node) => {
    if (node.kind === Kind.FRAGMENT_SPREAD) throw new Error('a fragment with a name')
    const inner = node.selectionSet ? ` ${writeSelection(node.selectionSet, within)}` : ''
    return `${within}${headOf(node)}${inner}\n`
  })
  return `{\n${lines.join('')}${indent}}`
}

function headOf(node: Exclude<SelectionNode, { kind: 'FragmentSpread' }>): string {
  if (node.kind === Kind.INLINE_FRAGMENT) return node.typeCondition ? `... on ${node.typeCondition.name.value}` : '...'
  const { alias, name, arguments: given = [] } = node
  const written = given.length > 0 ? `(${pairs(given)})` : ''
  return `${alias ? `${alias.value}: ` : ''}${name.value}${written}`
}

export function writeValue(value: ValueNode): string {
  switch (value.kind) {
    case Kind.VARIABLE:
      return `$${value.name.value}`
    case Kind.NULL:
      return 'null'
    case Kind.STRING:
      return JSON.stringify(value.value)
    case Kind.LIST:
      return `[${value.values.map(writeValue).join(', ')}]`
    case Kind.OBJECT:
      return value.fields.length > 0 ? `{ ${pairs(value.fields)} }` : '{}'
    default:
      return String(value.value)
  }
}

function pairs(nodes: readonly { name: { value: string }; value: ValueNode }[]): string {
  return nodes.map(({ name, value }) => `${name.value}: ${writeValue(value)}`).join(', ')
}
