// An input that a tool's schema asks for, made up: every field of the input, and below it what is required. The same
// seed makes the same input; another seed takes other alternatives.
import { sample as sampleOf, stringMatching } from 'fast-check'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import { isRecord, type JsonRecord, own, ownEntries, ownList, ownText } from '../integrations/json-value.ts'
import { FileValue } from '../sandbox/file.ts'
import { violatesPattern } from '../tools/safe-pattern.ts'
import { validateInput } from '../tools/validate.ts'

export type Schemas = Readonly<Record<string, JsonSchema>>

const MOST_SEEDS = 24
/** Below this, only what is required; below the other, nothing. */
const OPTIONAL_DEPTH = 2
const MOST_DEPTH = 14
const MOST_ITEMS = 20

/** The first sample that the schema accepts; when there is none, what is wrong with the last one that was tried. */
export function sampleInput(
  schema: JsonSchema,
  schemas: Schemas,
): { ok: true; input: unknown } | { ok: false; problem: string; input: unknown } {
  let last: { ok: false; problem: string; input: unknown } = { ok: false, problem: '', input: undefined }
  for (let seed = 0; seed < MOST_SEEDS; seed++) {
    const input = new Sampler(schemas, seed).value(schema, 0) ?? {}
    const validation = validateInput(schema, schemas, input)
    if (validation.ok) return { ok: true, input }
    last = { ok: false, problem: validation.error.message, input }
  }
  return last
}

class Sampler {
  readonly #schemas: Schemas
  readonly #seed: number
  #count = 0

  constructor(schemas: Schemas, seed: number) {
    this.#schemas = schemas
    this.#seed = seed
  }

  value(raw: unknown, depth: number): unknown {
    const schema = this.#flat(raw, 0)
    this.#count++
    if (Object.hasOwn(schema, 'const')) return schema['const']
    const choices = ownList(schema, 'enum')
    if (choices.length > 0) {
      const fitting = choices.filter((one) => fits(schema, one) && one !== '')
      return fitting[this.#seed % Math.max(fitting.length, 1)] ?? choices[this.#seed % choices.length]
    }
    const type = this.#type(schema)
    if (type === 'object') return this.#object(schema, depth)
    if (type === 'array') return this.#array(schema, depth)
    if (type === 'string') return this.#string(schema)
    if (type === 'number' || type === 'integer') return numberOf(schema, type === 'integer')
    if (type === 'boolean') return true
    return type === 'null' ? null : 'text'
  }

  #type(schema: JsonRecord): string {
    const types = [own(schema, 'type') ?? []].flat().filter((type) => type !== 'null')
    const first: unknown = types[this.#seed % Math.max(types.length, 1)]
    if (typeof first === 'string') return first
    if (own(schema, 'type') === 'null' || ownList(schema, 'type').includes('null')) return 'null'
    if (isRecord(own(schema, 'properties')) || ownList(schema, 'required').length > 0) return 'object'
    return 'items' in schema ? 'array' : ''
  }

  /** References, `allOf` and one alternative of each choice, in one schema. */
  #flat(raw: unknown, hops: number): JsonRecord {
    if (!isRecord(raw) || hops > 40) return {}
    const { $ref, allOf, oneOf, anyOf, then, else: otherwise, ...rest } = raw
    let schema: JsonRecord = rest
    if ('if' in raw) schema = merged(schema, this.#flat(this.#seed % 2 === 0 ? otherwise : then, hops + 1))
    if (typeof $ref === 'string') schema = merged(this.#flat(this.#named($ref), hops + 1), schema)
    for (const part of ownList({ allOf }, 'allOf')) schema = merged(schema, this.#flat(part, hops + 1))
    for (const choices of [ownList({ oneOf }, 'oneOf'), ownList({ anyOf }, 'anyOf')]) {
      if (choices.length === 0) continue
      const chosen = choices[(this.#seed + (this.#seed > 8 ? this.#count : 0)) % choices.length]
      schema = merged(schema, this.#flat(chosen, hops + 1))
    }
    return schema
  }

  #named(reference: string): unknown {
    const name = reference.slice('#/$defs/'.length)
    return Object.hasOwn(this.#schemas, name) ? this.#schemas[name] : {}
  }

  #object(schema: JsonRecord, depth: number): JsonRecord {
    if (depth > MOST_DEPTH) return {}
    // A body in one field excludes its fields: the sample has the fields.
    const required = new Set([...ownList(schema, 'required'), ...ownList(own(schema, 'else'), 'required')])
    const isAlone = (name: string) => own(own(schema, 'dependentSchemas'), name) !== undefined
    const properties = ownEntries(schema, 'properties').filter(([name]) => required.has(name) || !isAlone(name))
    const isOptionalWanted = depth < OPTIONAL_DEPTH && this.#seed < 16
    const wanted = properties.filter(([name, property]) => {
      if (required.has(name)) return true
      return isOptionalWanted && property !== false && (depth === 0 || ownList(property, 'allOf').length === 0)
    })
    const entries = wanted.map(([name, property]): [string, unknown] => [name, this.value(property, depth + 1)])
    for (const name of own(schema, 'additionalProperties') === false ? [] : required) {
      if (typeof name === 'string' && !properties.some(([known]) => known === name)) {
        entries.push([name, this.value(own(schema, 'additionalProperties'), depth + 1)])
      }
    }
    for (let extra = 0; entries.length < Number(own(schema, 'minProperties') ?? 0) && extra < MOST_ITEMS; extra++) {
      const more = properties.find(([name]) => !entries.some(([known]) => known === name))
      const [name, property] = more ?? [`extra${extra}`, own(schema, 'additionalProperties')]
      entries.push([name, this.value(property, depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #array(schema: JsonRecord, depth: number): unknown[] {
    const first = ownList(schema, 'prefixItems')
    const least = Math.max(Number(own(schema, 'minItems') ?? 0), depth > MOST_DEPTH ? 0 : 1)
    const length = Math.min(least, MOST_ITEMS, Number(own(schema, 'maxItems') ?? MOST_ITEMS))
    const items = Array.from({ length }, (_, index) => this.value(first[index] ?? own(schema, 'items'), depth + 1))
    return own(schema, 'uniqueItems') === true ? items.map((item, index) => distinct(item, index)) : items
  }

  #string(schema: JsonRecord): unknown {
    if (ownText(schema, 'format') === 'binary') return new FileValue('sample.txt', 'text/plain', new Uint8Array([115]))
    const least = Number(own(schema, 'minLength') ?? 1)
    const most = Number(own(schema, 'maxLength') ?? 10_000)
    const base = FORMATS[ownText(schema, 'format')] ?? 'sample'
    const text = base.padEnd(Math.min(least, 100_000), 'x').slice(0, Math.max(most, 0))
    const pattern = own(schema, 'pattern')
    if (typeof pattern !== 'string' || !violatesPattern(pattern, text)) return text
    return matching(pattern, this.#seed, { least, most }) ?? text
  }
}

const FORMATS: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  byte: 'c2FtcGxl',
  int64: '64',
}

function distinct(item: unknown, index: number): unknown {
  if (index === 0) return item
  return typeof item === 'number' ? item + index : typeof item === 'string' ? `${item}${index}` : item
}

const GUESSES = ['a', 'A', '1', '0', 'abc', 'ABC', '123', '1.0', 'a-1', 'AA', 'true', '2026-01-31', '#fff', '/a', '']

function matching(pattern: string, seed: number, { least, most }: { least: number; most: number }): string | undefined {
  const isPlain = (text: string) => text.length >= least && text.length <= most && /^[ -~]*$/.test(text)
  const fitting = (text: string) => isPlain(text) && !text.includes('\\') && !violatesPattern(pattern, text)
  // What stands at its beginning as it is, and something behind it.
  const start = /^\^?((?:[\w:/-]|\\[.:/-])*)/.exec(pattern)?.[1]?.replaceAll('\\', '') ?? ''
  const padded = ['a', '1', 'A', '0'].flatMap((one) => [
    one.repeat(least),
    start + one.repeat(Math.max(1, least - start.length)),
  ])
  const guess = [...GUESSES, ...Object.values(FORMATS), ...padded, start].find(fitting)
  if (guess !== undefined) return guess
  try {
    return sampleOf(stringMatching(new RegExp(pattern, 'u')), { numRuns: 400, seed: seed + 1 }).find(fitting)
  } catch {
    return undefined
  }
}

function numberOf(schema: JsonRecord, isInteger: boolean): number {
  const limit = (name: string) => {
    const value = own(schema, name)
    return typeof value === 'number' ? value : undefined
  }
  const step = limit('multipleOf') ?? 1
  const above = limit('exclusiveMinimum')
  const least = limit('minimum') ?? (above === undefined ? undefined : above + step)
  const below = limit('exclusiveMaximum')
  const most = limit('maximum') ?? (below === undefined ? undefined : below - step)
  let value = least ?? (most !== undefined && most < 1 ? most : step)
  if (value === above) value += step
  if (most !== undefined && value > most) value = most
  if (above !== undefined && value <= above) value = most ?? above + step
  if (above !== undefined && below !== undefined && (value <= above || value >= below)) value = (above + below) / 2
  if (limit('multipleOf') !== undefined) value = Math.ceil(value / step) * step
  return isInteger ? Math.ceil(value) : value
}

function fits(schema: JsonRecord, value: unknown): boolean {
  const types = [own(schema, 'type') ?? []].flat()
  const given = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return types.length === 0 || types.includes(given) || (given === 'number' && types.includes('integer'))
}

/** Both at once: fields of both, what either requires, and of each other keyword the narrower or the later. */
function merged(a: JsonRecord, b: JsonRecord): JsonRecord {
  const all: JsonRecord = { ...a, ...b }
  const properties = new Map(ownEntries(a, 'properties'))
  for (const [name, property] of ownEntries(b, 'properties')) {
    const before = properties.get(name)
    properties.set(name, before === undefined ? property : { allOf: [before, property] })
  }
  if (properties.size > 0) all['properties'] = Object.fromEntries(properties)
  const required = [...new Set([...ownList(a, 'required'), ...ownList(b, 'required')])]
  if (required.length > 0) all['required'] = required
  if ('enum' in a && 'enum' in b) {
    const both = ownList(a, 'enum').filter((value) => ownList(b, 'enum').includes(value))
    if (both.length > 0) all['enum'] = both
  }
  if (own(a, 'additionalProperties') === false) all['additionalProperties'] = false
  return all
}
