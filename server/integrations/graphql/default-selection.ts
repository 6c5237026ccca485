// What a field is asked for when the caller does not say: enough to be useful, and no more than fits an answer. First the
// scalars of the type itself, then the objects, lists and connections in it, as far as the budget goes.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { JsonRecord } from '../json-value.ts'
import { isLeaf, type JsonSchemas } from './json-schemas.ts'
import { BUILT_IN, isRequired, namedType, type FieldModel, type SchemaModel, type TypeModel } from './type-model.ts'

/** Of the whole selection; a field in a list costs what it costs several times. */
const BUDGET = 120
const LIST_COST = 2
/** Composites inside each other, the field's own type included. */
const MAX_DEPTH = 4
/** A type with fewer scalars only leads to what is asked for: the payload of a mutation, an edge. */
const THIN = 3
/** Scalars of the field's own type, of what is in it, and of one alternative of several. */
const MOST_LEAVES = [40, 8, 5, 4] as const
const MOST_ALTERNATIVES = 8
const PAGE = 10
/** What tells one thing from another comes first. */
const TELLING =
  /^(id|name|title|login|slug|key|number|code|identifier|url|state|status|type|email|text|body|description|value|amount|createdAt|updatedAt)$/

export interface DefaultSelection {
  /** `{ id name }`. */
  text: string
  /** Of the field's whole answer. */
  schema: JsonSchema
  /** Every type in it. */
  types: string[]
}

/** Undefined for a scalar and an enum. `roots` are types whose fields are tools of their own. */
export function defaultSelection(
  schema: SchemaModel,
  schemas: JsonSchemas,
  type: string,
  roots: ReadonlySet<string>,
): DefaultSelection | undefined {
  if (isLeaf(schema, type)) return undefined
  const builder = new Builder(schema, roots)
  const root = builder.node(namedType(type), [])
  builder.expandAll()
  prune(root)
  const types = new Set<string>()
  collectTypes(root, types)
  const kept = [...types].filter((name) => !BUILT_IN.has(name))
  return { text: textOf(root), schema: schemas.output(type, schemaOf(root, schemas)), types: kept }
}

interface Node {
  type: TypeModel
  leaves: Leaf[]
  children: Child[]
  /** By the type that they are on. */
  alternatives: { type: string; leaves: Leaf[] }[]
  hasTypename: boolean
  /** Types around it and its own. */
  path: readonly string[]
  cost: number
}

interface Leaf {
  key: string
  field: FieldModel
  argumentsText: string
}

interface Child extends Leaf {
  node: Node
}

class Builder {
  readonly #schema: SchemaModel
  readonly #roots: ReadonlySet<string>
  readonly #queue: Node[] = []
  #left = BUDGET

  constructor(schema: SchemaModel, roots: ReadonlySet<string>) {
    this.#schema = schema
    this.#roots = roots
  }

  /** With its scalars. What is in it is added by `expandAll`, level by level. */
  node(name: string, around: readonly string[], cost = 1, isWanted = true): Node {
    const type = this.#schema.types.get(name)
    if (type === undefined) throw new Error(`The type ${name} is not in the schema`)
    const path = [...around, name]
    const node: Node = { type, leaves: [], children: [], alternatives: [], hasTypename: false, path, cost }
    if (!this.#roots.has(name)) {
      node.leaves = this.#leavesOf(type, Math.min(path.length - 1, 2), new Set())
      this.#addAlternatives(node)
    }
    if (node.leaves.length === 0) node.hasTypename = true
    const fields = node.alternatives.reduce((sum, { leaves }) => sum + leaves.length, node.leaves.length)
    this.#left -= Math.max(1, fields) * cost
    if (path.length < MAX_DEPTH && isWanted) this.#queue.push(node)
    return node
  }

  expandAll(): void {
    for (let next = this.#queue.shift(); next !== undefined && this.#left > 0; next = this.#queue.shift()) {
      this.#expand(next)
    }
  }

  #expand(node: Node): void {
    const { type, path, cost } = node
    if (this.#roots.has(type.name)) return
    const rank = ({ type }: FieldModel) => (this.#isConnection(namedType(type)) ? 2 : type.includes('[') ? 1 : 0)
    const isPage = this.#isConnection(type.name)
    const wanted = [...type.fields.values()].filter((field) => this.#canExpand(field, path, isPage))
    wanted.sort((one, other) => rank(one) - rank(other))
    for (const field of wanted) {
      if (this.#left <= 0) return
      const argumentsText = this.#argumentsOf(field)
      if (argumentsText === null) continue
      const name = namedType(field.type)
      const isMany = field.type.includes('[') || this.#isConnection(name)
      // Of what stands beside the thing itself, its scalars tell enough.
      const leads = isPage || node.leaves.length < THIN
      const inner = this.node(name, path, isMany && !isPage ? cost * LIST_COST : cost, leads)
      node.children.push({ key: field.name, field, argumentsText, node: inner })
    }
  }

  #canExpand({ name, type, deprecation }: FieldModel, path: readonly string[], isPage: boolean): boolean {
    const inner = namedType(type)
    if (deprecation !== null || isLeaf(this.#schema, type) || this.#roots.has(inner)) return false
    // Of a page, its items once, and how it goes on.
    if (isPage && name === 'edges' && this.#schema.types.get(path.at(-1) ?? '')?.fields.has('nodes')) return false
    // Connections of what is listed multiply.
    if (this.#isConnection(inner) && path.length > 1) return false
    return !path.includes(inner)
  }

  #isConnection(name: string): boolean {
    return isConnection(this.#schema, name)
  }

  #leavesOf(type: TypeModel, level: number, taken: ReadonlySet<string>): Leaf[] {
    const found: Leaf[] = []
    for (const field of type.fields.values()) {
      if (field.deprecation !== null || !isLeaf(this.#schema, field.type) || taken.has(field.name)) continue
      const argumentsText = this.#argumentsOf(field)
      if (argumentsText !== null) found.push({ key: field.name, field, argumentsText })
    }
    const most = MOST_LEAVES[level] ?? 4
    if (found.length <= most) return found
    const telling = found.filter(({ key }) => TELLING.test(key))
    const kept = new Set([...telling, ...found].slice(0, most))
    return found.filter((leaf) => kept.has(leaf))
  }

  /** Empty when nothing need be given; null when something must be that nobody here can know. */
  #argumentsOf({ inputs }: FieldModel): string | null {
    const pages = inputs.get('first') ?? inputs.get('limit')
    const isPaged = pages !== undefined && namedType(pages.type) === 'Int' && !pages.type.includes('[')
    for (const input of inputs.values()) if (isRequired(input) && !(isPaged && input === pages)) return null
    return isPaged ? `(${pages.name}: ${PAGE})` : ''
  }

  /** Of a union or an interface: what its types are, and what each has beside what they share. */
  #addAlternatives(node: Node): void {
    const { type, path, leaves } = node
    if (!isAbstract(type)) return
    node.hasTypename = true
    if (path.length > 2 || type.possible.length > 60) return
    const shared = new Set(type.fields.keys())
    const types = new Map<string, string>()
    for (const leaf of leaves) types.set(leaf.key, leaf.field.type)
    for (const name of type.possible.slice(0, MOST_ALTERNATIVES)) {
      const object = this.#schema.types.get(name)
      if (object === undefined || this.#roots.has(name)) continue
      const own = this.#leavesOf(object, 3, shared).map((leaf) => {
        // Two fields of one name must have one shape (section 5.3.2).
        const known = types.get(leaf.key)
        const key = known === undefined || known === leaf.field.type ? leaf.key : `${leaf.key}Of${name}`
        if (types.has(key) && types.get(key) !== leaf.field.type) return null
        types.set(key, leaf.field.type)
        return { ...leaf, key }
      })
      const kept = own.filter((leaf) => leaf !== null)
      if (kept.length > 0) node.alternatives.push({ type: name, leaves: kept })
    }
  }
}

/** Leaves out what would show nothing but the name of its type. */
function prune(node: Node): void {
  for (const child of node.children) prune(child.node)
  const shows = ({ leaves, children, alternatives, type }: Node) =>
    leaves.length + children.length + alternatives.length > 0 || isAbstract(type)
  node.children = node.children.filter((child) => shows(child.node))
  if (node.children.length > 0 && node.leaves.length === 0 && !isAbstract(node.type)) node.hasTypename = false
}

/** A page of Relay's cursor connections. */
export function isConnection({ types }: SchemaModel, name: string): boolean {
  const page = types.get(name)?.fields.get('pageInfo')
  const info = page && types.get(namedType(page.type))
  return info?.fields.has('hasNextPage') === true && info.fields.has('endCursor')
}

function isAbstract({ kind }: TypeModel): boolean {
  return kind === 'UNION' || kind === 'INTERFACE'
}

function collectTypes({ type, leaves, alternatives, children }: Node, types: Set<string>): void {
  types.add(type.name)
  for (const { field } of leaves) types.add(namedType(field.type))
  for (const alternative of alternatives) {
    types.add(alternative.type)
    for (const { field } of alternative.leaves) types.add(namedType(field.type))
  }
  for (const { node } of children) collectTypes(node, types)
}

function textOf({ hasTypename, leaves, alternatives, children }: Node): string {
  const parts = [
    ...(hasTypename ? ['__typename'] : []),
    ...leaves.map(leafText),
    ...alternatives.map(({ type, leaves }) => `... on ${type} { ${leaves.map(leafText).join(' ')} }`),
    ...children.map((child) => `${leafText(child)} ${textOf(child.node)}`),
  ]
  return `{ ${parts.join(' ')} }`
}

function leafText({ key, field, argumentsText }: Leaf): string {
  return `${key === field.name ? key : `${key}: ${field.name}`}${argumentsText}`
}

function schemaOf({ hasTypename, leaves, alternatives, children }: Node, schemas: JsonSchemas): JsonSchema {
  const ofLeaves = (some: Leaf[]) =>
    some.map(({ key, field }): [string, JsonSchema] => [key, schemas.output(field.type)])
  const fields = [
    ...(hasTypename ? [['__typename', { type: 'string' }] as const] : []),
    ...ofLeaves(leaves),
    ...children.map(({ key, field, node }) => [key, schemas.output(field.type, schemaOf(node, schemas))] as const),
  ]
  const properties: JsonRecord = Object.fromEntries(fields)
  const required = Object.keys(properties)
  // Only one of the types has them.
  for (const { leaves: some } of alternatives) {
    for (const [key, schema] of ofLeaves(some)) if (!Object.hasOwn(properties, key)) properties[key] = schema
  }
  return { type: 'object', properties, required }
}
