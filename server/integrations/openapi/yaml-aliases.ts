// Aliases in a stretch of YAML that was read by itself: those that mean something in front of it get their value from
// outside, and merges are counted, since each copies what it merges.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  visit,
  YAMLMap,
} from 'yaml'
import { isRecord } from '../json-value.ts'

/** Members that merges may copy in one stretch. */
const MAX_MERGED = 200_000

/** The value that an alias means which nothing in the stretch itself is named as. */
export type OuterValue = (alias: Alias) => unknown

export class SliceAliases {
  /** The nodes with an anchor, in order. */
  readonly named: Node[] = []
  readonly #document: Document
  readonly #outer: OuterValue
  /** What each alias means within the stretch. */
  readonly #sources = new Map<Alias, Node | undefined>()
  #merged = 0

  constructor(document: Document, outer: OuterValue) {
    this.#document = document
    this.#outer = outer
    const last = new Map<string, Node>()
    visit(document, {
      Alias: (_, alias) => {
        this.#sources.set(alias, last.get(alias.source))
      },
      Value: (_, node) => {
        if (node.anchor === undefined) return
        this.named.push(node)
        last.set(node.anchor, node)
      },
    })
  }

  /** The value of a node of the document, or of all of it. Throws what the package throws. */
  valueOf(node: Node | null): unknown {
    this.#prepare(node)
    return node === null ? this.#document.toJS({ maxAliasCount: -1 }) : node.toJS(this.#document, { maxAliasCount: -1 })
  }

  /** Puts values from outside into a node, and into what the aliases in it mean. */
  #prepare(node: Node | null): void {
    const prepared = new Set<Node>()
    const queue: (Node | Document)[] = [node ?? this.#document]
    for (let next = queue.pop(); next; next = queue.pop()) {
      visit(next, {
        Alias: (key, alias, path) => {
          const isMerge = isMergeSource(key, path)
          const source = this.#sources.get(alias)
          if (source !== undefined && !prepared.has(source)) queue.push(source)
          if (source !== undefined) prepared.add(source)
          const meant = source ?? new Outer(this.#outer(alias))
          if (isMerge) return new Merge((asMap) => this.#membersOf(meant, asMap))
          return source === undefined ? meant : undefined
        },
      })
    }
  }

  /** What is merged when a mapping, or each of a list of mappings, is. */
  #membersOf(node: unknown, asMap: AsMap): Map<unknown, unknown> {
    if (isAlias(node)) return this.#membersOf(this.#sources.get(node), asMap)
    if (isMap(node)) return this.#counted(asMap(node))
    if (isSeq(node)) return joined(node.items.map((item) => this.#membersOf(item, asMap)))
    if (!(node instanceof Outer)) throw new Error('only mappings can be merged')
    const mappings: unknown[] = Array.isArray(node.value) ? node.value : [node.value]
    return joined(mappings.map((mapping) => this.#counted(isRecord(mapping) ? new Map(Object.entries(mapping)) : null)))
  }

  #counted(members: unknown): Map<unknown, unknown> {
    if (!(members instanceof Map)) throw new Error('only mappings can be merged')
    this.#merged += members.size
    if (this.#merged > MAX_MERGED) throw new Error(`merges copy more than ${MAX_MERGED} members`)
    return members
  }
}

/** A value that is there already. */
class Outer extends Scalar {
  override toJSON(): unknown {
    return this.value
  }
}

type AsMap = (map: YAMLMap) => unknown

class Merge extends YAMLMap {
  readonly #members: (asMap: AsMap) => Map<unknown, unknown>

  constructor(members: (asMap: AsMap) => Map<unknown, unknown>) {
    super()
    this.#members = members
  }

  /** The package asks a merged mapping for a Map, and nothing else. */
  override toJSON(_: unknown, context: Parameters<YAMLMap['toJSON']>[1]): Map<unknown, unknown> {
    return this.#members((map) => map.toJSON(null, context, Map))
  }
}

/** Of members with one name, the first counts. */
function joined(mappings: Map<unknown, unknown>[]): Map<unknown, unknown> {
  const [first, ...others] = mappings
  if (first === undefined || others.length === 0) return first ?? new Map()
  return new Map(mappings.toReversed().flatMap((mapping) => [...mapping]))
}

function isMergeSource(key: unknown, path: readonly unknown[]): boolean {
  const parent = path.at(-1)
  if (isPair(parent)) return key === 'value' && isMergeKey(parent.key)
  const pair = path.at(-2)
  return isSeq(parent) && isPair(pair) && isMergeKey(pair.key)
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false
  return typeof key.value === 'symbol' || (key.value === '<<' && key.type === 'PLAIN')
}
