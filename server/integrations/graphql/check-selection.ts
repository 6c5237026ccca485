// Every field of a selection, level by level, against the types of the schema and the policies.
import { Kind } from 'graphql/language/kinds.js'
import type { FieldNode, SelectionNode, SelectionSetNode, ValueNode } from 'graphql/language/ast.js'
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { LoadedTypes } from './loaded-types.ts'
import { namedType } from './type-model.ts'
import type { TypeRow } from './type-row.ts'

export type Checked = { ok: true; selection: SelectionSetNode } | { ok: false; error: ToolErrorShape }

interface Level {
  type: string
  selections: readonly SelectionNode[]
  /** Takes the ones that are kept. */
  keep: (selections: SelectionNode[]) => void
}

/** Fields that a message lists. */
const MOST_LISTED = 60

/** `dropsBlocked`: what is blocked is left out; otherwise it is refused by name. Loads what it reaches into `types`. */
export async function checkSelection(
  types: LoadedTypes,
  type: string,
  selection: SelectionSetNode,
  dropsBlocked: boolean,
): Promise<Checked> {
  const root: { selections: SelectionNode[] } = { selections: [] }
  let levels: Level[] = [levelOf(type, selection, (kept) => (root.selections = kept))]
  while (levels.length > 0) {
    await types.load(levels.map((level) => level.type))
    const literals: Literal[] = []
    const next: Level[] = []
    for (const level of levels) {
      const error = await checkLevel(types, level, { literals, next, dropsBlocked })
      if (error !== null) return { ok: false, error }
    }
    await loadLiterals(types, literals)
    levels = next
  }
  return { ok: true, selection: { kind: Kind.SELECTION_SET, selections: root.selections } }
}

function levelOf(type: string, { selections }: SelectionSetNode, keep: Level['keep']): Level {
  return { type, selections, keep }
}

interface Work {
  literals: Literal[]
  next: Level[]
  dropsBlocked: boolean
}

async function checkLevel(types: LoadedTypes, level: Level, work: Work): Promise<ToolErrorShape | null> {
  const row = types.get(level.type)
  if (row === undefined) return invalid(`There is no type ${level.type} that has fields.`)
  const kept: SelectionNode[] = []
  for (const node of level.selections) {
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const inner = node.typeCondition?.name.value ?? level.type
      const copy = { ...node, directives: [] }
      kept.push(copy)
      work.next.push(levelOf(inner, node.selectionSet, (selections) => setSelections(copy, selections)))
      continue
    }
    if (node.kind !== Kind.FIELD) return invalid('The selection names a fragment.')
    if (node.name.value === '__typename') {
      if (node.selectionSet || node.arguments?.length)
        return invalid('__typename takes no arguments and has no fields.')
      kept.push(node)
      continue
    }
    const found = await checkField(types, row, node, work)
    if (!found.ok) return found.error
    if (found.node !== null) kept.push(found.node)
  }
  level.keep(kept.length > 0 ? kept : [typename()])
  return null
}

type FieldCheck = { ok: true; node: FieldNode | null } | { ok: false; error: ToolErrorShape }

async function checkField(types: LoadedTypes, row: TypeRow, node: FieldNode, work: Work): Promise<FieldCheck> {
  const name = node.name.value
  if (row.isRoot) {
    const message = `${row.name}.${name} cannot be part of a selection: it is a tool of its own. Call that.`
    return { ok: false, error: invalid(message) }
  }
  const field = row.fields.get(name)
  if (field === undefined) return { ok: false, error: invalid(unknownField(row, name)) }
  const blocked = await types.blockedAs(row, name)
  if (blocked !== undefined) {
    if (work.dropsBlocked) return { ok: true, node: null }
    const message = `${row.name}.${name} may not be selected: a policy blocks ${blocked}. Leave it out.`
    return { ok: false, error: { code: 'blocked', message } }
  }
  for (const argument of node.arguments ?? []) {
    const input = field.inputs.get(argument.name.value)
    if (input) work.literals.push({ value: argument.value, type: namedType(input.type) })
  }
  const inner = namedType(field.type)
  const copy: FieldNode = { ...node, directives: [] }
  if (node.selectionSet) {
    work.next.push(levelOf(inner, node.selectionSet, (selections) => setSelections(copy, selections)))
  } else {
    // Loaded to be known as a type that needs a selection.
    work.literals.push({ value: { kind: Kind.NULL }, type: inner })
  }
  return { ok: true, node: copy }
}

function setSelections(node: { selectionSet?: SelectionSetNode | undefined }, selections: SelectionNode[]): void {
  Object.assign(node, { selectionSet: { kind: Kind.SELECTION_SET, selections } })
}

function typename(): FieldNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }
}

/** A value that is written out, and what it is given for. */
interface Literal {
  value: ValueNode
  type: string
}

/** Types of values as deep as values are written: input objects refer to each other without an end. */
async function loadLiterals(types: LoadedTypes, literals: Literal[]): Promise<void> {
  for (let level = literals; level.length > 0;) {
    await types.load(level.map(({ type }) => type))
    level = level.flatMap(({ value, type }) => innerLiterals(value, type, types))
  }
}

function innerLiterals(value: ValueNode, type: string, types: LoadedTypes): Literal[] {
  if (value.kind === Kind.LIST) return value.values.map((item) => ({ value: item, type }))
  const row = types.get(type)
  if (value.kind !== Kind.OBJECT || row === undefined) return []
  return value.fields.flatMap((field) => {
    const input = row.inputs.get(field.name.value)
    return input ? [{ value: field.value, type: namedType(input.type) }] : []
  })
}

export function invalid(message: string): ToolErrorShape {
  return { code: 'invalid_arguments', message }
}

/** With what was meant, or what there is. */
function unknownField({ name, fields }: TypeRow, wanted: string): string {
  const known = [...fields.keys()]
  const near = known.filter((field) => isNear(field.toLowerCase(), wanted.toLowerCase()))
  if (known.length === 0) return `${name} has no fields of its own. Write "... on Type { }" for one of its types.`
  const meant = near.length > 0 ? ` Did you mean ${near.slice(0, 5).join(', ')}?` : ''
  const listed = known.slice(0, MOST_LISTED).join(', ')
  const more = known.length > MOST_LISTED ? `, and ${known.length - MOST_LISTED} more` : ''
  return `${name} has no field ${wanted}.${meant} Its fields are ${listed}${more}.`
}

/** With a space before it; empty when nothing is near. */
export function didYouMean(wanted: string, known: Iterable<string>, what = ''): string {
  const near = [...known].filter((name) => isNear(name.toLowerCase(), wanted.toLowerCase()))
  const listed = near.slice(0, 5).map((name) => `"${name}"`)
  return listed.length > 0 ? ` Did you mean ${what}${listed.join(', ')}?` : ''
}

function isNear(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  if (short.length > 2 && long.includes(short)) return true
  // One letter more, less, or another.
  let start = 0
  while (start < short.length && short[start] === long[start]) start++
  let end = 0
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end++
  return long.length - start - end <= 1 || (long.length === short.length && long.length - start - end === 2)
}
