// The schema of a document: introspection JSON or SDL, read, and made consistent.
import type { Source } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { detectGraphQl } from './detect.ts'
import { readIntrospected, schemaStart } from './read-introspection.ts'
import { readSdl } from './read-sdl.ts'
import {
  BUILT_IN,
  emptyType,
  isRequired,
  namedType,
  type FieldModel,
  type InputModel,
  type Report,
  type SchemaModel,
  type TypeModel,
} from './type-model.ts'

const MEBIBYTE = 1024 * 1024
/** SDL is read as one text. The largest known one, of GitHub, has 1.2 MB. */
const MAX_SDL_BYTES = 8 * MEBIBYTE
const MAX_JSON_BYTES = 32 * MEBIBYTE
const MAX_MEMBERS = 300_000
/** Of one type. GitHub's have up to 20. */
const MAX_INTERFACES = 60

/** Throws DocumentError when there is nothing that can be called. */
export function readSchema({ documents }: Source, report: Report): SchemaModel {
  const [file, ...more] = documents
  if (file === undefined) throw new DocumentError('empty', 'There is no document.')
  if (more.length > 0) throw new DocumentError('several', 'A GraphQL schema is one document, and several were given.')
  if (!detectGraphQl(file))
    throw new DocumentError('not_graphql', 'This is neither introspection JSON nor GraphQL SDL.')
  const { bytes } = file
  const isJson = /^\uFEFF?\s*\{/.test(bytes.text(0, 1000)) && schemaStart(bytes) >= 0
  const limit = isJson ? MAX_JSON_BYTES : MAX_SDL_BYTES
  if (bytes.length > limit) {
    const size = (bytes.length / MEBIBYTE).toFixed(1)
    throw new DocumentError('too_large', `The schema of ${size} MiB is above the limit of ${limit / MEBIBYTE} MiB.`)
  }
  const schema = isJson ? readIntrospected(bytes, report) : readSdl(bytes.text(0, bytes.length), report)
  for (const name of BUILT_IN) schema.types.set(name, emptyType('SCALAR', name))
  refuseEndless(schema)
  dropDangling(schema, report)
  findPossible(schema)
  const { query, mutation } = schema.roots
  if ([query, mutation].every((root) => root === undefined || !schema.types.get(root)?.fields.size)) {
    throw new DocumentError(
      'no_operations',
      'The schema has no field of a query or a mutation, so there is nothing to call.',
    )
  }
  return schema
}

function refuseEndless({ types }: SchemaModel): void {
  let members = 0
  for (const { name, fields, inputs, values, interfaces } of types.values()) {
    if (interfaces.length > MAX_INTERFACES) {
      throw new DocumentError('too_large', `The type ${name} implements more than ${MAX_INTERFACES} interfaces.`)
    }
    members += fields.size + inputs.size + values.length
    for (const field of fields.values()) members += field.inputs.size
  }
  if (members <= MAX_MEMBERS) return
  const limit = MAX_MEMBERS.toLocaleString('en')
  throw new DocumentError('too_large', `The schema has more than ${limit} fields, arguments and values.`)
}

/** Leaves out what leads to a type that is not there, or cannot stand there. */
function dropDangling({ types }: SchemaModel, report: Report): void {
  for (const type of types.values()) {
    for (const field of type.fields.values()) {
      const place = `type ${type.name}.${field.name}`
      const problem = problemOfOutput(types, field) || dropInputs(types, field.inputs, place, report)
      if (problem === '') continue
      type.fields.delete(field.name)
      report(place, problem)
    }
    const problem = dropInputs(types, type.inputs, `type ${type.name}`, report)
    if (problem !== '') report(`type ${type.name}`, `${problem} It is sent as any value.`)
    if (problem !== '') Object.assign(type, emptyType('SCALAR', type.name, type.description))
  }
}

type Types = ReadonlyMap<string, TypeModel>

function problemOfOutput(types: Types, { type }: FieldModel): string {
  const kind = types.get(namedType(type))?.kind
  if (kind === undefined) return `The schema does not describe its type ${namedType(type)}.`
  return kind === 'INPUT_OBJECT' ? `Its type ${namedType(type)} is one for input.` : ''
}

/** Optional inputs are left out and reported; for a required one, why the whole cannot be called. */
function dropInputs(types: Types, inputs: Map<string, InputModel>, place: string, report: Report): string {
  for (const input of inputs.values()) {
    const kind = types.get(namedType(input.type))?.kind
    if (kind === 'SCALAR' || kind === 'ENUM' || kind === 'INPUT_OBJECT') continue
    const found = kind === undefined ? 'not described by the schema' : 'not one for input'
    const problem = `The type ${namedType(input.type)} of ${input.name} is ${found}.`
    if (isRequired(input)) return problem
    inputs.delete(input.name)
    report(`${place}(${input.name})`, problem)
  }
  return ''
}

function findPossible({ types }: SchemaModel): void {
  const isObject = (name: string) => types.get(name)?.kind === 'OBJECT'
  const possible = new Map<string, Set<string>>()
  for (const type of types.values()) possible.set(type.name, new Set(type.possible.filter(isObject)))
  for (const type of types.values()) {
    type.interfaces = type.interfaces.filter((name) => types.get(name)?.kind === 'INTERFACE')
    if (type.kind === 'OBJECT') for (const name of type.interfaces) possible.get(name)?.add(type.name)
  }
  for (const type of types.values()) {
    type.possible = type.kind === 'UNION' || type.kind === 'INTERFACE' ? [...(possible.get(type.name) ?? [])] : []
    // Introspection of some servers tells only one of the two directions.
    if (type.kind !== 'INTERFACE') continue
    for (const name of type.possible) {
      const object = types.get(name)
      if (object && !object.interfaces.includes(type.name)) object.interfaces.push(type.name)
    }
  }
  for (const type of types.values()) {
    if (type.kind !== 'INTERFACE') continue
    const shared = new Set(type.interfaces)
    for (const name of type.possible) for (const other of types.get(name)?.interfaces ?? []) shared.add(other)
    shared.delete(type.name)
    type.interfaces = [...shared]
  }
}
