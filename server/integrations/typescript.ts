// Schemas as TypeScript: what an agent reads before it writes a call. `signatureOf` is one bounded line for search hits;
// `declarationsOf` is everything, for describe.
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { shorten } from './json-value.ts'
import { isScalar, typeNodeOf, type FieldNode, type TypeNode } from './type-node.ts'

/** Shared schemas by name: a Map, or anything that finds them when asked. */
export interface Definitions {
  get(name: string): JsonSchema | undefined
  /** The tree of one, where it is kept as long as the schema. */
  nodeOf?(name: string): TypeNode | undefined
  /** Known of one that need not be read again for it. */
  isScalar?(name: string): boolean | undefined
  /** How they are shown where they are all of an answer. Many tools have the same, and not one after the other. */
  readonly answers?: { get(name: string): string | undefined; set(name: string, text: string): void }
}

export interface ToolTypes {
  input: JsonSchema
  output: JsonSchema | null
  defs: Definitions
}

const MAX_SIGNATURE = 400
const MAX_OUTPUT = 180
const MAX_FIELD_TYPE = 72
const MAX_COMMENT = 160
const MAX_DECLARATIONS = 400
/** Names that are followed for the fields of one object. */
const MAX_PARENTS = 200

/** `(input: { owner: string; title: string; body?: string }) => Promise<{ id: number; … }>`, about 400 characters at most. */
export function signatureOf({ input, output, defs }: ToolTypes, maxLength = MAX_SIGNATURE): string {
  const answer = output === null ? 'unknown' : compactAnswer(typeNodeOf(output), defs, maxLength / 2)
  const fixed = `(input: ) => Promise<${answer}>`.length
  const node = rootOf(typeNodeOf(input), defs)
  if (isEmptyInput(node)) return `() => Promise<${answer}>`
  const isOptional = node.is === 'object' && node.fields.every((field) => field.isOptional)
  return `(input${isOptional ? '?' : ''}: ${compactRoot(node, defs, maxLength - fixed)}) => Promise<${answer}>`
}

/**
 * Every type of a tool: `type <Name>Input`, `type <Name>Output`, and each shared schema they reach, once. `name` is the
 * tool's dotted name or address.
 */
export function declarationsOf({ input, output, defs, name }: ToolTypes & { name: string }): string {
  const root = pascalCase(name) || 'Tool'
  const inputNode = typeNodeOf(input)
  const outputNode = output === null ? null : typeNodeOf(output)
  const reached = reachedFrom(outputNode ? [inputNode, outputNode] : [inputNode], defs)
  const free = (wished: string): string => (reached.has(wished) ? free(`${wished}_`) : wished)
  const blocks = [
    `type ${free(`${root}Input`)} = ${isEmptyInput(inputNode) ? '{}' : print(inputNode, '')}`,
    `type ${free(`${root}Output`)} = ${outputNode === null ? 'unknown' : print(outputNode, '')}`,
  ]
  for (const [definition, found] of reached) {
    const comment = jsDoc(found.comment, '')
    blocks.push(`${comment}type ${definition} = ${print(found.node, '')}`)
  }
  return blocks.join('\n\n')
}

/** Words of a name joined as a type name: `issues.create` → `IssuesCreate`. */
export function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean)
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

interface Reached {
  node: TypeNode
  comment: string
}

function reachedFrom(roots: TypeNode[], defs: Definitions): Map<string, Reached> {
  const reached = new Map<string, Reached>()
  const queue = roots.flatMap(namesIn)
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (reached.has(name) || reached.size >= MAX_DECLARATIONS) continue
    const schema = defs.get(name)
    const node = typeNodeOf(schema)
    const description = typeof schema === 'object' && typeof schema.description === 'string' ? schema.description : ''
    reached.set(name, { node, comment: description })
    queue.push(...namesIn(node))
  }
  return reached
}

function namesIn(node: TypeNode): string[] {
  switch (node.is) {
    case 'text':
      return []
    case 'name':
      return [node.name]
    case 'array':
      return namesIn(node.of)
    case 'tuple':
      return [...node.of, ...(node.rest ? [node.rest] : [])].flatMap(namesIn)
    case 'object':
      return [...node.fields.map((field) => field.type), ...(node.rest ? [node.rest] : [])].flatMap(namesIn)
    default:
      return node.of.flatMap(namesIn)
  }
}

function print(node: TypeNode, indent: string): string {
  switch (node.is) {
    case 'text':
      return node.text
    case 'name':
      return node.name
    case 'array':
      return `${grouped(node.of, print(node.of, indent))}[]`
    case 'tuple': {
      const rest = node.rest ? [`...${grouped(node.rest, print(node.rest, indent))}[]`] : []
      return `[${[...node.of.map((item) => print(item, indent)), ...rest].join(', ')}]`
    }
    case 'object':
      return printObject(node.fields, node.rest, indent)
    default: {
      const separator = node.is === 'union' ? ' | ' : ' & '
      return node.of.map((part) => grouped(part, print(part, indent), node.is)).join(separator)
    }
  }
}

function printObject(fields: FieldNode[], rest: TypeNode | null, indent: string): string {
  const deeper = `${indent}  `
  if (fields.length === 0) return rest ? `Record<string, ${print(rest, indent)}>` : '{}'
  const lines = fields.map(
    (field) => `${jsDoc(field.comment, deeper)}${deeper}${fieldHead(field)}: ${print(field.type, deeper)}`,
  )
  if (rest) lines.push(`${deeper}[key: string]: ${print(rest, deeper)}`)
  return `{\n${lines.join('\n')}\n${indent}}`
}

function grouped(node: TypeNode, text: string, inside: 'union' | 'intersection' | 'array' = 'array'): string {
  const isJoined = node.is === 'union' || node.is === 'intersection'
  return isJoined && node.is !== inside ? `(${text})` : text
}

function fieldHead(field: FieldNode): string {
  const isIdentifier = /^[A-Za-z_$][\w$]*$/.test(field.name)
  return `${isIdentifier ? field.name : JSON.stringify(field.name)}${field.isOptional ? '?' : ''}`
}

/** One line; a comment cannot be ended from inside. */
function jsDoc(text: string, indent: string): string {
  const line = shorten(text, MAX_COMMENT).replaceAll('*/', '*\\/')
  return line ? `${indent}/** ${line} */\n` : ''
}

// The compact form.

/** Not kept here for each schema: the engine lets the values of a WeakMap grow old with it. */
function sharedNodeOf(name: string, defs: Definitions): TypeNode | undefined {
  if (defs.nodeOf) return defs.nodeOf(name)
  const schema = defs.get(name)
  return schema === undefined ? undefined : typeNodeOf(schema)
}

/**
 * Follows a name at the root, and merges intersections of objects: what remains to be printed field by field. A name that
 * was `seen` adds no field.
 */
function rootOf(node: TypeNode, defs: Definitions, seen = new Set<string>()): TypeNode {
  if (node.is === 'name') {
    if (seen.has(node.name) || seen.size > MAX_PARENTS) return { is: 'object', fields: [], rest: null }
    seen.add(node.name)
    const shared = sharedNodeOf(node.name, defs)
    return shared === undefined ? node : rootOf(shared, defs, seen)
  }
  if (node.is !== 'intersection') return node
  const parts = node.of.map((part) => rootOf(part, defs, seen))
  if (!parts.every((part) => part.is === 'object')) return node
  const fields = new Map(parts.flatMap((part) => part.fields).map((field) => [field.name, field]))
  return { is: 'object', fields: [...fields.values()], rest: parts.find((part) => part.rest)?.rest ?? null }
}

function compactAnswer(node: TypeNode, defs: Definitions, maxLength: number): string {
  const answers = node.is === 'name' && maxLength >= MAX_OUTPUT ? defs.answers : undefined
  const known = node.is === 'name' ? answers?.get(node.name) : undefined
  if (known !== undefined) return known
  const text = compactRoot(node, defs, Math.min(MAX_OUTPUT, maxLength))
  if (node.is === 'name') answers?.set(node.name, text)
  return text
}

function compactRoot(node: TypeNode, defs: Definitions, maxLength: number): string {
  const root = rootOf(node, defs)
  if (root.is === 'object') return compactObject(root.fields, root.rest, defs, maxLength)
  if (root.is === 'array') {
    const item = rootOf(root.of, defs)
    if (item.is === 'object') return `${compactObject(item.fields, item.rest, defs, maxLength - 2)}[]`
  }
  return root.is === 'union' ? compactUnion(root.of, defs, maxLength) : compact(root, defs, maxLength)
}

/** Behind its children, each told apart by a value, stands a parent: its fields are what they have in common. */
function compactUnion(of: TypeNode[], defs: Definitions, maxLength: number): string {
  const children = of.slice(0, -1)
  const [parent] = of.slice(-1)
  const root = parent?.is === 'name' && children.every((part) => part.is === 'intersection') && rootOf(parent, defs)
  if (!root || root.is !== 'object') return compactJoined('union', of, defs, maxLength)
  const names = `${compactJoined('union', children, defs, maxLength / 2)} | `
  return names + compactObject(root.fields, root.rest, defs, maxLength - names.length)
}

function compactObject(fields: FieldNode[], rest: TypeNode | null, defs: Definitions, maxLength: number): string {
  if (fields.length === 0) return rest ? `Record<string, ${compact(rest, defs, maxLength - 16)}>` : '{}'
  const ordered = [...fields.filter((field) => !field.isOptional), ...fields.filter((field) => field.isOptional)]
  const shown: string[] = []
  let left = maxLength - '{ … }'.length
  for (const field of ordered) {
    const text = `${fieldHead(field)}: ${compact(field.type, defs, MAX_FIELD_TYPE)}`
    left -= text.length + 2
    if (left < 0) return shown.length > 0 ? `{ ${shown.join('; ')}; … }` : '{ … }'
    shown.push(text)
  }
  return `{ ${shown.join('; ')}${rest ? '; [key: string]: unknown' : ''} }`
}

/** At most about `maxLength` characters: what does not fit is cut to `{ … }`, `string` or `…`. */
function compact(node: TypeNode, defs: Definitions, maxLength: number): string {
  switch (node.is) {
    case 'text':
      return node.text.length <= maxLength ? node.text : 'string'
    case 'name':
      return compactName(node.name, defs, maxLength)
    case 'array': {
      const item = node.of.is === 'name' ? (scalarOf(node.of.name, defs) ?? node.of) : node.of
      return `${grouped(item, compact(item, defs, maxLength - 4))}[]`
    }
    case 'tuple':
      return `[${node.of.map((item) => compact(item, defs, maxLength / node.of.length)).join(', ')}${node.rest ? ', …' : ''}]`
    case 'object':
      return compactObject(node.fields, node.rest, defs, maxLength)
    default:
      return compactJoined(node.is, node.of, defs, maxLength)
  }
}

/** A name that stands for no more than scalars says less than they do. */
function compactName(name: string, defs: Definitions, maxLength: number): string {
  const scalar = scalarOf(name, defs)
  return scalar ? compact(scalar, defs, maxLength) : name
}

function scalarOf(name: string, defs: Definitions): TypeNode | null {
  if (defs.isScalar?.(name) === false) return null
  const node = sharedNodeOf(name, defs)
  return node !== undefined && isScalar(node) ? node : null
}

function compactJoined(is: 'union' | 'intersection', of: TypeNode[], defs: Definitions, maxLength: number): string {
  const separator = is === 'union' ? ' | ' : ' & '
  const shown: string[] = []
  let left = maxLength
  for (const part of of) {
    const text = grouped(part, compact(part, defs, Math.max(24, maxLength / of.length)), is)
    if (shown.includes(text)) continue
    left -= text.length + separator.length
    if (left < 0 && shown.length > 0) return `${shown.join(separator)}${separator}…`
    shown.push(text)
  }
  return shown.join(separator)
}

function isEmptyInput(node: TypeNode): boolean {
  return node.is === 'object' && node.fields.length === 0 && node.rest === null
}
