// The schemas of a catalog's tools as the components of one document. What a tool's schema refers to inside itself is a
// component of that tool alone, so no tool can say what another one's types are.
import { isRecord, own, ownEntries, ownText } from '../json-value.ts'
import { pointerOf, placeOf, walk, type DocumentIndex, type Place } from '../openapi/document-index.ts'

const SECTION = ['components', 'schemas']
const DEFINITIONS = ['$defs', 'definitions'] as const
/** No name of a tool has it in it, so that none can be read as another one with a definition. */
const BETWEEN = '\t'

type Part = 'inputSchema' | 'outputSchema'

export class ToolSchemas implements DocumentIndex {
  readonly repeated: readonly Place[] = []
  /** By component: `create_issue Label`, `create_issue Input`. */
  readonly #components = new Map<string, { tool: number; part: Part; place: Place }>()
  readonly #read: (tool: number) => unknown

  /** `read` parses a tool again whenever it is asked for. */
  constructor(tools: Iterable<{ tool: number; name: string; value: unknown }>, read: (tool: number) => unknown) {
    this.#read = read
    for (const { tool, name, value } of tools) {
      for (const part of ['inputSchema', 'outputSchema'] as const) {
        this.#add(name, part, tool, value)
      }
    }
  }

  /** A tool's schema, with references that lead to its components. */
  schema(name: string, part: Part, value: unknown): unknown {
    return this.#referring(own(value, part), name, part)
  }

  get(place: Place): unknown {
    const [first, second, key = '', ...rest] = place
    const found = first === SECTION[0] && second === SECTION[1] ? this.#components.get(key) : undefined
    if (found === undefined) return undefined
    const value = this.#read(found.tool)
    const name = ownText(value, 'name')
    return this.#referring(walk(own(value, found.part), [...found.place, ...rest]), name, found.part)
  }

  keys(place: Place): string[] {
    if (pointerOf(place) === pointerOf(SECTION)) return [...this.#components.keys()]
    const value = this.get(place)
    return isRecord(value) ? Object.keys(value) : []
  }

  #add(name: string, part: Part, tool: number, value: unknown): void {
    const schema = own(value, part)
    if (!isRecord(schema)) return
    const whole = rootOf(name, part)
    // The first tool of a name is the one that counts.
    if (this.#components.has(whole)) return
    this.#components.set(whole, { tool, part, place: [] })
    for (const section of DEFINITIONS) {
      for (const [definition] of ownEntries(schema, section)) {
        this.#components.set(keyOf(name, part, section, definition), { tool, part, place: [section, definition] })
      }
    }
  }

  #referring(schema: unknown, name: string, part: Part): unknown {
    if (Array.isArray(schema)) return schema.map((each) => this.#referring(each, name, part))
    if (!isRecord(schema)) return schema
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => {
        if (key === '$ref' && typeof value === 'string') return [key, componentOf(value, name, part)]
        return [key, this.#referring(value, name, part)]
      }),
    )
  }
}

/** Where a reference inside a tool's schema leads; what leads out of it stays as it is, and is reported. */
function componentOf(reference: string, name: string, part: Part): string {
  const place = placeOf(reference)
  if (place === null) return reference
  const [section, definition, ...rest] = place
  const isDefinition = (section === '$defs' || section === 'definitions') && definition !== undefined
  const target = isDefinition ? [keyOf(name, part, section, definition), ...rest] : [rootOf(name, part), ...place]
  // The reference is a URI, in which a percent sign begins an encoded character.
  return pointerOf([...SECTION, ...target]).replaceAll('%', '%25')
}

function rootOf(name: string, part: Part): string {
  return [name, part === 'inputSchema' ? 'Arguments' : 'Result'].join(BETWEEN)
}

/** Both sections can have the same names, and so can what goes in and what comes out. */
function keyOf(name: string, part: Part, section: (typeof DEFINITIONS)[number], definition: string): string {
  const marks = [...(part === 'inputSchema' ? [] : ['Result']), ...(section === '$defs' ? [] : ['Old'])]
  return [name, ...marks, '', definition].join(BETWEEN)
}
