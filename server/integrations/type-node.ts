// JSON Schema 2020-12 as a small tree of TypeScript types, which typescript.ts prints. References are not followed here,
// so a tree is as large as the schema it came from and cycles cannot matter.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from './json-value.ts'

export type TypeNode =
  | { is: 'text'; text: string }
  /** A shared schema: `#/$defs/<name>`. */
  | { is: 'name'; name: string }
  | { is: 'union' | 'intersection'; of: TypeNode[] }
  | { is: 'array'; of: TypeNode }
  | { is: 'tuple'; of: TypeNode[]; rest: TypeNode | null }
  | { is: 'object'; fields: FieldNode[]; rest: TypeNode | null }

export interface FieldNode {
  name: string
  type: TypeNode
  isOptional: boolean
  comment: string
}

const MAX_DEPTH = 40
const unknownType: TypeNode = { is: 'text', text: 'unknown' }
const neverType: TypeNode = { is: 'text', text: 'never' }
const nullType: TypeNode = { is: 'text', text: 'null' }

export function typeNodeOf(schema: unknown, depth = 0): TypeNode {
  if (schema === false) return neverType
  if (!isRecord(schema) || depth > MAX_DEPTH) return unknownType
  if (isEmpty(own(schema, 'not'))) return neverType
  const parts = [referenceOf(schema), valuesOf(schema) ?? typesOf(schema, depth), ...combinationsOf(schema, depth)]
  const known = parts.filter((part) => part !== null)
  const withoutEmpty = known.filter((part) => known.length === 1 || !isAnyObject(part))
  return combine('intersection', withoutEmpty.length > 0 ? withoutEmpty : known)
}

/** Whether a type is no more than a text, a number, some values or a choice of such. */
export function isScalar(node: TypeNode): boolean {
  return node.is === 'text' || (node.is === 'union' && node.of.every((part) => part.is === 'text'))
}

/** A union or an intersection without repetitions; of one member, the member. */
function combine(is: 'union' | 'intersection', of: TypeNode[]): TypeNode {
  const flat = of.flatMap((node) => (node.is === is ? node.of : [node]))
  const isSpecial = (node: TypeNode, text: string) => node.is === 'text' && node.text === text
  if (is === 'union' && flat.some((node) => isSpecial(node, 'unknown'))) return unknownType
  const kept = flat.filter((node) => !isSpecial(node, is === 'union' ? 'never' : 'unknown'))
  const seen = new Set<string>()
  const distinct = kept.length < 2 ? kept : kept.filter((node) => !seen.has(keyOf(node)) && seen.add(keyOf(node)))
  if (distinct.length === 0) return flat[0] ?? unknownType
  return distinct.length === 1 && distinct[0] ? distinct[0] : { is, of: distinct }
}

/** Equal for equal types. */
function keyOf(node: TypeNode): string {
  if (node.is === 'text') return node.text
  return node.is === 'name' ? `#${node.name}` : JSON.stringify(node)
}

/** The `$defs` name that a schema's own `$ref` points to. */
function referenceOf(schema: JsonRecord): TypeNode | null {
  const reference = ownText(schema, '$ref')
  if (!reference) return null
  return reference.startsWith('#/$defs/') ? { is: 'name', name: reference.slice('#/$defs/'.length) } : unknownType
}

function valuesOf(schema: JsonRecord): TypeNode | null {
  if (Object.hasOwn(schema, 'const')) return literal(schema.const)
  const values = ownList(schema, 'enum')
  return values.length > 0 ? combine('union', values.map(literal)) : null
}

function literal(value: unknown): TypeNode {
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return isPlain ? { is: 'text', text: JSON.stringify(value) } : unknownType
}

function typesOf(schema: JsonRecord, depth: number): TypeNode | null {
  const type = own(schema, 'type')
  const types = Array.isArray(type) ? type : type === undefined ? impliedTypes(schema) : [type]
  if (types.length === 0) return ownText(schema, 'format') === 'binary' ? { is: 'text', text: 'File' } : null
  return combine(
    'union',
    types.map((name) => typeOf(name, schema, depth)),
  )
}

function impliedTypes(schema: JsonRecord): string[] {
  if (['properties', 'additionalProperties', 'patternProperties'].some((key) => Object.hasOwn(schema, key))) {
    return ['object']
  }
  return Object.hasOwn(schema, 'items') || Object.hasOwn(schema, 'prefixItems') ? ['array'] : []
}

function typeOf(name: unknown, schema: JsonRecord, depth: number): TypeNode {
  switch (name) {
    case 'string':
      return { is: 'text', text: ownText(schema, 'format') === 'binary' ? 'File' : 'string' }
    case 'integer':
    case 'number':
      return { is: 'text', text: 'number' }
    case 'boolean':
      return { is: 'text', text: 'boolean' }
    case 'null':
      return nullType
    case 'array':
      return arrayOf(schema, depth)
    case 'object':
      return objectOf(schema, depth)
    default:
      return unknownType
  }
}

function arrayOf(schema: JsonRecord, depth: number): TypeNode {
  const items = own(schema, 'items')
  const prefix = ownList(schema, 'prefixItems')
  if (prefix.length === 0) return { is: 'array', of: typeNodeOf(items, depth + 1) }
  return {
    is: 'tuple',
    of: prefix.map((item) => typeNodeOf(item, depth + 1)),
    rest: items === false ? null : typeNodeOf(items, depth + 1),
  }
}

function objectOf(schema: JsonRecord, depth: number): TypeNode {
  // What is needed unless a condition holds is better known than left out.
  const required = new Set([...ownList(schema, 'required'), ...ownList(own(schema, 'else'), 'required')])
  const fields = ownEntries(schema, 'properties').map(([name, property]) => ({
    name,
    type: typeNodeOf(property, depth + 1),
    isOptional: !required.has(name),
    comment: commentOf(property),
  }))
  const others = own(schema, 'additionalProperties') ?? own(schema, 'unevaluatedProperties')
  const patterns = ownEntries(schema, 'patternProperties').map(([, property]) => property)
  const open = isRecord(others) || others === true ? [others, ...patterns] : patterns
  const isClosed = open.length === 0 && (others === false || fields.length > 0)
  const rest =
    open.length > 0
      ? combine(
          'union',
          open.map((other) => typeNodeOf(other, depth + 1)),
        )
      : unknownType
  // Beside named fields an index signature must admit every field's type, so only `unknown` is sure to compile.
  return { is: 'object', fields, rest: isClosed ? null : fields.length > 0 ? unknownType : rest }
}

function combinationsOf(schema: JsonRecord, depth: number): TypeNode[] {
  const nodes: TypeNode[] = ownList(schema, 'allOf').map((part) => typeNodeOf(part, depth + 1))
  for (const keyword of ['anyOf', 'oneOf']) {
    const options = ownList(schema, keyword)
    if (options.length > 0) {
      nodes.push(
        combine(
          'union',
          options.map((option) => typeNodeOf(option, depth + 1)),
        ),
      )
    }
  }
  return nodes
}

/** What admits everything: its opposite admits nothing. */
function isEmpty(schema: unknown): boolean {
  return schema === true || (isRecord(schema) && Object.keys(schema).length === 0)
}

function isAnyObject(node: TypeNode): boolean {
  return node.is === 'object' && node.fields.length === 0
}

function commentOf(property: unknown): string {
  const marks = [
    own(property, 'deprecated') === true ? 'Deprecated.' : '',
    ownText(property, 'description') || ownText(property, 'title'),
    ['date', 'date-time', 'uuid', 'email', 'uri', 'byte'].includes(ownText(property, 'format'))
      ? `(${ownText(property, 'format')})`
      : '',
    own(property, 'default') === undefined ? '' : `Default: ${JSON.stringify(own(property, 'default'))}.`,
  ]
  return marks.filter(Boolean).join(' ')
}
