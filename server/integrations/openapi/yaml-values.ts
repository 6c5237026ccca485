// The values of a stretch of YAML, made from the events of js-yaml's parser. Aliases that mean something in front of the
// stretch get their value from outside, and merges are counted, since each copies what it merges.
import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import { isRecord, type JsonRecord } from '../json-value.ts'
import { scalarOf } from './yaml-scalar.ts'
import { MAX_LEVELS } from './yaml-tokens.ts'

/** In one stretch: of a flow collection, and of what it is in. Both parsing and making values recurse. */
export const MAX_DEPTH = MAX_LEVELS + 100
/** Members that merges may copy in one stretch. */
const MAX_MERGED = 200_000
/** Of a collection that is a key, as JSON. */
const MAX_KEY_LENGTH = 4096
const OWN_TAGS = 'tag:yaml.org,2002:'

export interface Around {
  /** The value that an alias means which nothing in front of it in the stretch is named as. */
  outer: (name: string, offset: number) => unknown
  /** What is wrong with the stretch at an offset. */
  error: (problem: string, offset: number) => Error
}

type Content = Extract<Event, { tagStart: number }>

export class YamlValues {
  /** The nodes with an anchor, in order. */
  readonly named: number[] = []
  readonly #text: string
  readonly #events: readonly Event[]
  readonly #around: Around
  /** The nodes that aliases mean within the stretch. */
  readonly #meant = new Map<number, number>()
  /** What nodes with an anchor became, and the events behind them; null while it is being made. */
  readonly #made = new Map<number, { value: unknown; end: number } | null>()
  readonly #prefixes = new Map([['!!', OWN_TAGS]])
  #isVersion11 = false
  #at = 0
  #merged = 0

  /** The events are those of the text, or of another one that is as long. */
  constructor(text: string, events: readonly Event[], around: Around) {
    this.#text = text
    this.#events = events
    this.#around = around
    const [first] = events
    for (const directive of first?.type === EVENT_ID.DOCUMENT ? first.directives : []) {
      if (directive.kind === 'tag') this.#prefixes.set(directive.handle, directive.prefix)
      else this.#isVersion11 = directive.version === '1.1'
    }
    const last = new Map<string, number>()
    for (const [at, event] of events.entries()) {
      if (!('anchorStart' in event) || event.anchorStart < 0) continue
      const name = this.#name(event)
      if (event.type === EVENT_ID.ALIAS) this.#meant.set(at, last.get(name) ?? 0)
      else {
        last.set(name, at)
        this.named.push(at)
      }
    }
  }

  /** The value of one of the nodes, or of the whole stretch. Throws DocumentError, and what the ways out of it throw. */
  valueOf(node = 1): unknown {
    return this.#events.length === 0 ? null : this.#nodeAt(node, 0)
  }

  /** How many characters a node is written in, about. */
  lengthOf(node: number): number {
    const end = this.#made.get(node)?.end ?? node
    let at = end - 1
    while (at > node && this.#events[at]?.type === EVENT_ID.POP) at--
    const last = this.#events[at]
    return (last && 'valueEnd' in last ? last.valueEnd : this.#offset(at)) - this.#offset(node)
  }

  #nodeAt(node: number, level: number): unknown {
    const back = this.#at
    this.#at = node
    const value = this.#node(level)
    this.#at = back
    return value
  }

  /** Goes behind the node that it answers the value of. */
  #node(level: number): unknown {
    const at = this.#at++
    const event = this.#events[at]
    if (event?.type === EVENT_ID.ALIAS) {
      const meant = this.#meant.get(at) ?? 0
      return meant === 0 ? this.#around.outer(this.#name(event), event.anchorStart - 1) : this.#nodeAt(meant, level + 1)
    }
    if (event === undefined || !('tagStart' in event)) throw this.#error('a value was expected', at)
    if (level > MAX_DEPTH) throw this.#error('aliases lead to one another too often', at)
    if (event.anchorStart < 0) return this.#content(event, level)
    const made = this.#made.get(at)
    if (made === null) throw this.#error('A value contains an alias of itself.', at)
    if (made === undefined) return this.#named(event, at, level)
    this.#at = made.end
    return made.value
  }

  #named(event: Content, at: number, level: number): unknown {
    this.#made.set(at, null)
    try {
      const value = this.#content(event, level)
      this.#made.set(at, { value, end: this.#at })
      return value
    } catch (error) {
      this.#made.delete(at)
      throw error
    }
  }

  #content(event: Content, level: number): unknown {
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event)
    return event.type === EVENT_ID.MAPPING ? this.#mapping(level + 1) : this.#sequence(level + 1)
  }

  #sequence(level: number): unknown[] {
    const items: unknown[] = []
    while (this.#hasMore()) items.push(this.#node(level))
    return items
  }

  #mapping(level: number): JsonRecord {
    const members: JsonRecord = {}
    while (this.#hasMore()) {
      if (this.#isMerge()) this.#merge(members, level)
      else put(members, this.#key(level), this.#node(level))
    }
    return members
  }

  #hasMore(): boolean {
    if (this.#events[this.#at]?.type !== EVENT_ID.POP) return true
    this.#at++
    return false
  }

  #isMerge(): boolean {
    const event = this.#events[this.#at]
    if (event?.type !== EVENT_ID.SCALAR) return false
    if (event.tagStart >= 0 && this.#tag(event) === 'merge') return true
    const { style, valueStart, valueEnd } = event
    return style === SCALAR_STYLE.PLAIN && valueEnd - valueStart === 2 && this.#text.startsWith('<<', valueStart)
  }

  /** What is written out counts more than what is merged, and of that the first. */
  #merge(members: JsonRecord, level: number): void {
    const at = this.#at++
    const value = this.#node(level)
    const mappings: unknown[] = Array.isArray(value) ? value : [value]
    for (const mapping of mappings) {
      if (!isRecord(mapping)) throw this.#error('only mappings can be merged', at)
      const names = Object.keys(mapping)
      this.#merged += names.length + 1
      if (this.#merged > MAX_MERGED) throw this.#error(`merges copy more than ${MAX_MERGED} members`, at)
      for (const name of names) if (!Object.hasOwn(members, name)) put(members, name, mapping[name])
    }
  }

  #key(level: number): string {
    const at = this.#at
    const key = this.#node(level)
    if (key === null) return ''
    if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') return String(key)
    // Written out, what is in several places could be any amount of text.
    const hasAlias = this.#events.slice(at, this.#at).some(({ type }) => type === EVENT_ID.ALIAS)
    if (hasAlias) throw this.#error('a key that is a list or a mapping has an alias in it', at)
    const text = JSON.stringify(key)
    // Each key in a key doubles the quotes.
    if (text.length > MAX_KEY_LENGTH) throw this.#error('a key that is a list or a mapping is too long', at)
    return text
  }

  #scalar(event: ScalarEvent): unknown {
    const text = getScalarValue(this.#text, event)
    if (event.tagStart < 0) return event.style === SCALAR_STYLE.PLAIN ? scalarOf(text, this.#isVersion11) : text
    const value = scalarOf(text, this.#isVersion11)
    const tag = this.#tag(event)
    if (tag === 'null') return value === null ? null : text
    if (tag === 'bool') return typeof value === 'boolean' ? value : text
    if (tag === 'int') return Number.isInteger(value) ? value : text
    return tag === 'float' && typeof value === 'number' ? value : text
  }

  /** The name of one of YAML's own tags; those of applications change nothing, nor do YAML's for collections. */
  #tag({ tagStart, tagEnd }: Content): string {
    const written = this.#text.slice(tagStart, tagEnd)
    const [, handle = '', suffix = ''] = /^(!.*!|!)(.*)$/.exec(written) ?? []
    const tag = written.startsWith('!<') ? written.slice(2, -1) : `${this.#prefixes.get(handle) ?? handle}${suffix}`
    return tag.startsWith(OWN_TAGS) ? tag.slice(OWN_TAGS.length) : ''
  }

  #name({ anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }): string {
    return this.#text.slice(anchorStart, anchorEnd)
  }

  #error(problem: string, at: number): Error {
    return this.#around.error(problem, this.#offset(at))
  }

  #offset(at: number): number {
    const event = this.#events[at]
    if (event === undefined || !('anchorStart' in event)) return 0
    if (event.anchorStart >= 0) return event.anchorStart - 1
    return Math.max('start' in event ? event.start : 'valueStart' in event ? event.valueStart : 0, 0)
  }
}

function put(members: JsonRecord, name: string, value: unknown): void {
  // Set in the plain way, it would become the prototype.
  if (name !== '__proto__') members[name] = value
  else Object.defineProperty(members, name, { value, writable: true, enumerable: true, configurable: true })
}
