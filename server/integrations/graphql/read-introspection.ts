// The answer of an introspection query, type by type from its bytes: neither its text nor all of its JSON is ever held.
import type { ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { own, ownList, ownText } from '../json-value.ts'
import { JsonScanner } from '../openapi/json-scanner.ts'
import { readJson } from '../read-json.ts'
import {
  emptyType,
  isKind,
  isName,
  OPERATION_TYPES,
  type FieldModel,
  type InputModel,
  type Report,
  type SchemaModel,
  type TypeKind,
  type TypeModel,
} from './type-model.ts'

/** Of one type, which is read as a whole. The largest known one has 2 MB. */
const MAX_TYPE_BYTES = 8 * 1024 * 1024
const MAX_WRAPPINGS = 20

/** Where the object `__schema` begins, in `{ data: { __schema } }` or `{ __schema }`; -1 when there is none. */
export function schemaStart(bytes: ByteSequence): number {
  const scanner = new JsonScanner(bytes)
  const start = scanner.space(bytes.text(0, 3) === '\uFEFF' ? 3 : 0)
  return find(scanner, start, (key, at) => {
    if (key === '__schema') return at
    return key === 'data' ? find(scanner, at, (name, value) => (name === '__schema' ? value : -1)) : -1
  })
}

/** The first place that `look` answers with, of the members of an object; -1 when there is none. */
function find(scanner: JsonScanner, start: number, look: (key: string | number, at: number) => number): number {
  let found = -1
  if (!scanner.isObject(start)) return found
  scanner.members(start, (key, at) => {
    // What says that it is something else need not be read to its end.
    if (key === 'openapi' || key === 'swagger') return -1
    found = look(key, at)
    return found >= 0 ? -1 : scanner.skip(at)
  })
  return found
}

/** Throws DocumentError where it is no JSON. */
export function readIntrospected(bytes: ByteSequence, report: Report): SchemaModel {
  const scanner = new JsonScanner(bytes)
  const start = schemaStart(bytes)
  if (start < 0 || !scanner.isObject(start)) {
    throw new DocumentError(
      'not_graphql',
      'There is no "__schema" in the document, as the answer to introspection has.',
    )
  }
  const schema: SchemaModel = { description: '', roots: {}, types: new Map() }
  scanner.members(start, (key, at) => {
    if (key === 'types') return readTypes(scanner, at, schema, report)
    const end = scanner.skip(at)
    if (key === 'directives' || end - at > MAX_TYPE_BYTES) return end
    const value = parsed(bytes, at, end)
    if (key === 'description' && typeof value === 'string') schema.description = value
    for (const type of OPERATION_TYPES) if (key === `${type}Type`) setRoot(schema, type, ownText(value, 'name'))
    return end
  })
  return schema
}

function setRoot(schema: SchemaModel, type: (typeof OPERATION_TYPES)[number], name: string): void {
  if (name) schema.roots[type] = name
}

function readTypes(scanner: JsonScanner, start: number, schema: SchemaModel, report: Report): number {
  const pool = new Map<string, string>()
  return scanner.members(start, (index, at) => {
    const end = scanner.skip(at)
    if (end - at > MAX_TYPE_BYTES) {
      report(`type ${index}`, 'The type is too large to be read.')
      return end
    }
    const raw = parsed(scanner.bytes, at, end)
    const name = ownText(raw, 'name')
    if (name.startsWith('__')) return end
    const kind = ownText(raw, 'kind')
    if (!isName(name) || !isKind(kind)) report(`type ${index}`, 'It has no name and kind of GraphQL.')
    else if (schema.types.has(name)) report(`type ${name}`, 'It is described twice; the first description is used.')
    else schema.types.set(name, new TypeReader(pool, report).read(raw, kind, name))
    return end
  })
}

function parsed(bytes: ByteSequence, start: number, end: number): unknown {
  const read = readJson(bytes.text(start, end))
  return read.ok ? read.value : undefined
}

class TypeReader {
  /** Names and types repeat thousands of times. */
  readonly #pool: Map<string, string>
  readonly #report: Report
  #place = ''

  constructor(pool: Map<string, string>, report: Report) {
    this.#pool = pool
    this.#report = report
  }

  read(raw: unknown, kind: TypeKind, name: string): TypeModel {
    this.#place = `type ${name}`
    const type = emptyType(kind, name, ownText(raw, 'description'))
    for (const field of ownList(raw, 'fields')) this.#add(type.fields, field, (base) => this.#field(base, field))
    this.#inputs(type.inputs, ownList(raw, 'inputFields'))
    for (const value of ownList(raw, 'enumValues')) {
      const of = ownText(value, 'name')
      if (!isName(of)) this.#report(this.#place, 'A value of the enum has no name of GraphQL.')
      else type.values.push({ name: of, description: ownText(value, 'description'), deprecation: deprecationOf(value) })
    }
    type.interfaces = this.#names(ownList(raw, 'interfaces'))
    type.possible = this.#names(ownList(raw, 'possibleTypes'))
    type.isOneOf = own(raw, 'isOneOf') === true
    type.specifiedBy = ownText(raw, 'specifiedByURL') || ownText(raw, 'specifiedByUrl')
    return type
  }

  #field(base: InputModel, raw: unknown): FieldModel {
    const { name, description, type, deprecation } = base
    const field: FieldModel = { name, description, type, deprecation, inputs: new Map() }
    this.#inputs(field.inputs, ownList(raw, 'args'))
    return field
  }

  #inputs(inputs: Map<string, InputModel>, raw: unknown[]): void {
    for (const one of raw) this.#add(inputs, one, (base) => base)
  }

  #add<Member>(members: Map<string, Member>, raw: unknown, make: (base: InputModel) => Member): void {
    const name = this.#pooled(ownText(raw, 'name'))
    const type = this.#pooled(typeText(own(raw, 'type')))
    if (!isName(name) || type === '') this.#report(this.#place, 'A field or an argument of it has no name and type.')
    else if (members.has(name)) this.#report(`${this.#place}.${name}`, 'It is described twice.')
    else {
      const fallback = own(raw, 'defaultValue')
      const base = { name, description: ownText(raw, 'description'), type, deprecation: deprecationOf(raw) }
      members.set(name, make({ ...base, fallback: typeof fallback === 'string' ? fallback : null }))
    }
  }

  #names(raw: unknown[]): string[] {
    return [...new Set(raw.map((one) => this.#pooled(ownText(one, 'name'))).filter(isName))]
  }

  #pooled(text: string): string {
    const known = this.#pool.get(text)
    if (known === undefined) this.#pool.set(text, text)
    return known ?? text
  }
}

function deprecationOf(raw: unknown): string | null {
  return own(raw, 'isDeprecated') === true ? ownText(raw, 'deprecationReason') : null
}

/** Empty when it is none. */
function typeText(raw: unknown, depth = 0): string {
  if (depth > MAX_WRAPPINGS) return ''
  const kind = ownText(raw, 'kind')
  if (kind !== 'NON_NULL' && kind !== 'LIST') {
    const name = ownText(raw, 'name')
    return isName(name) ? name : ''
  }
  const inner = typeText(own(raw, 'ofType'), depth + 1)
  if (inner === '') return ''
  if (kind === 'LIST') return `[${inner}]`
  return inner.endsWith('!') ? '' : `${inner}!`
}
