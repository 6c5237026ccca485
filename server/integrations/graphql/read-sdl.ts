// A schema in the schema definition language, tolerantly: what cannot be read is reported and left out, extensions are
// added to what they extend, and nothing is refused for a rule that calling it does not need.
import type {
  ConstDirectiveNode,
  DefinitionNode,
  EnumValueDefinitionNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
  NamedTypeNode,
  TypeNode,
} from 'graphql/language/ast.js'
import { parse } from 'graphql/language/parser.js'
import { shorten } from '../json-value.ts'
import { definitionsOf, type Definition } from './sdl-definitions.ts'
import {
  emptyType,
  isKind,
  isName,
  OPERATION_TYPES,
  type InputModel,
  type Report,
  type SchemaModel,
  type TypeKind,
  type TypeModel,
} from './type-model.ts'
import { writeValue } from './write-selection.ts'

const MAX_TOKENS = 200_000
const DEFAULT_ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

export function readSdl(text: string, report: Report): SchemaModel {
  const schema: SchemaModel = { description: '', roots: {}, types: new Map() }
  for (const definition of definitionsOf(text)) {
    for (const node of nodesOf(definition, report)) addDefinition(schema, node, definition, report)
  }
  if (Object.keys(schema.roots).length === 0) {
    for (const type of OPERATION_TYPES) {
      const name = DEFAULT_ROOTS[type]
      if (schema.types.get(name)?.kind === 'OBJECT') schema.roots[type] = name
    }
  }
  return schema
}

function nodesOf({ text, line }: Definition, report: Report): readonly DefinitionNode[] {
  if (text.replaceAll(/#[^\n\r]*/g, '').replaceAll(/[\s,\uFEFF]/g, '') === '') return []
  try {
    return parse(text, { noLocation: true, maxTokens: MAX_TOKENS }).definitions
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'It cannot be read.'
    report(`line ${line}`, `${shorten(problem, 200)} It begins with "${shorten(text, 60)}".`)
    return []
  }
}

/** `INPUT_OBJECT` of `InputObjectTypeExtension`; undefined for what is no type. */
function kindOf({ kind }: DefinitionNode): TypeKind | undefined {
  const [, name = ''] = /^(\w+)Type(?:Definition|Extension)$/.exec(kind) ?? []
  const known = name.replace('tO', 't_O').toUpperCase()
  return isKind(known) ? known : undefined
}

function addDefinition(schema: SchemaModel, node: DefinitionNode, { line }: Definition, report: Report): void {
  if (node.kind === 'DirectiveDefinition') return
  if (node.kind === 'SchemaDefinition' || node.kind === 'SchemaExtension') {
    if ('description' in node) schema.description ||= node.description?.value ?? ''
    for (const { operation, type } of node.operationTypes ?? []) schema.roots[operation] ??= type.name.value
    return
  }
  const kind = kindOf(node)
  if (kind === undefined || !('name' in node) || node.name === undefined) {
    report(`line ${line}`, 'This is no part of a schema.')
    return
  }
  const name = node.name.value
  if (!isName(name)) {
    if (!name.startsWith('__')) report(`type ${shorten(name, 60)}`, 'Its name is not one of GraphQL.')
    return
  }
  const known: DefinedType | undefined = schema.types.get(name)
  const isExtension = node.kind.endsWith('Extension')
  if (known !== undefined && known.kind !== kind) {
    report(`type ${name}`, `It is described as ${known.kind} and as ${kind}; the first description is used.`)
    return
  }
  if (known !== undefined && !isExtension && known.isDefined) {
    report(`type ${name}`, 'It is described twice; the first description is used.')
    return
  }
  const type: DefinedType = known ?? emptyType(kind, name)
  if (!isExtension) type.isDefined = true
  fill(type, node, report)
  schema.types.set(name, type)
}

/** An extension may come before what it extends. */
type DefinedType = TypeModel & { isDefined?: boolean }

function fill(type: DefinedType, node: DefinitionNode, report: Report): void {
  if ('description' in node) type.description ||= node.description?.value ?? ''
  if ('interfaces' in node) type.interfaces = joined(type.interfaces, node.interfaces)
  if ('types' in node) type.possible = joined(type.possible, node.types)
  if ('values' in node) addValues(type, node.values ?? [])
  const directives: readonly ConstDirectiveNode[] = 'directives' in node ? onlyConst(node.directives) : []
  type.isOneOf ||= directives.some(({ name }) => name.value === 'oneOf')
  type.specifiedBy ||= textOf(directives, 'specifiedBy', 'url') ?? ''
  if (!('fields' in node)) return
  for (const field of node.fields ?? []) {
    const name = field.name.value
    const isInput = field.kind === 'InputValueDefinition'
    const isTaken = isInput ? type.inputs.has(name) : type.fields.has(name)
    if (!isName(name) || isTaken) {
      report(`type ${type.name}.${shorten(name, 60)}`, isTaken ? 'It is described twice.' : 'Its name is reserved.')
    } else if (isInput) type.inputs.set(name, inputOf(field))
    else type.fields.set(name, fieldOf(field))
  }
}

function onlyConst(directives: readonly { kind: string }[] | undefined): readonly ConstDirectiveNode[] {
  return (directives ?? []).filter((one): one is ConstDirectiveNode => one.kind === 'Directive')
}

function addValues(type: TypeModel, values: readonly EnumValueDefinitionNode[]): void {
  for (const { name, description, directives } of values) {
    if (!isName(name.value) || type.values.some((known) => known.name === name.value)) continue
    type.values.push({
      name: name.value,
      description: description?.value ?? '',
      deprecation: deprecationOf(directives ?? []),
    })
  }
}

function joined(known: string[], nodes: readonly NamedTypeNode[] | undefined): string[] {
  return [...new Set([...known, ...(nodes ?? []).map(({ name }) => name.value)])].filter(isName)
}

function fieldOf(node: FieldDefinitionNode) {
  const inputs = new Map<string, InputModel>()
  for (const argument of node.arguments ?? []) {
    const { value } = argument.name
    if (isName(value) && !inputs.has(value)) inputs.set(value, inputOf(argument))
  }
  const { name, description, type, directives } = node
  return {
    name: name.value,
    description: description?.value ?? '',
    type: typeText(type),
    deprecation: deprecationOf(directives ?? []),
    inputs,
  }
}

function inputOf({ name, description, type, defaultValue, directives }: InputValueDefinitionNode): InputModel {
  return {
    name: name.value,
    description: description?.value ?? '',
    type: typeText(type),
    fallback: defaultValue === undefined ? null : writeValue(defaultValue),
    deprecation: deprecationOf(directives ?? []),
  }
}

function typeText(node: TypeNode): string {
  if (node.kind === 'NamedType') return node.name.value
  return node.kind === 'ListType' ? `[${typeText(node.type)}]` : `${typeText(node.type)}!`
}

function deprecationOf(directives: readonly ConstDirectiveNode[]): string | null {
  return directives.some(({ name }) => name.value === 'deprecated')
    ? (textOf(directives, 'deprecated', 'reason') ?? '')
    : null
}

function textOf(directives: readonly ConstDirectiveNode[], name: string, argument: string): string | undefined {
  const found = directives.find((directive) => directive.name.value === name)
  const value = found?.arguments?.find((one) => one.name.value === argument)?.value
  return value?.kind === 'StringValue' ? value.value : undefined
}
