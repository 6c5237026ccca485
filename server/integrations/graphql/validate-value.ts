// Whether values that are written out in an operation are of the type that they are given for (section 5.6.1).
import type { ObjectValueNode, ValueNode } from 'graphql/language/ast.js'
import { Kind } from 'graphql/language/kinds.js'
import type { LoadedTypes } from './loaded-types.ts'
import { namedType } from './type-model.ts'
import type { TypeRow } from './type-row.ts'
import { didYouMean } from './check-selection.ts'
import { writeValue } from './write-selection.ts'

/** The kinds of literals that a scalar of the specification takes, and what it says to others. */
const SCALARS: Record<string, [kinds: ValueNode['kind'][], refusal: string]> = {
  Int: [[Kind.INT], 'Int cannot represent non-integer value'],
  Float: [[Kind.FLOAT, Kind.INT], 'Float cannot represent non numeric value'],
  String: [[Kind.STRING], 'String cannot represent a non string value'],
  Boolean: [[Kind.BOOLEAN], 'Boolean cannot represent a non boolean value'],
  ID: [[Kind.STRING, Kind.INT], 'ID cannot represent a non-string and non-integer value'],
}
const MAX_INT = 2_147_483_647

/** Variables are not looked at. */
export function* problemsOfValue(types: LoadedTypes, value: ValueNode, type: string): Generator<string> {
  if (value.kind === Kind.VARIABLE) return
  if (value.kind === Kind.NULL) {
    if (type.endsWith('!')) yield `Expected value of non-null type "${type}" not to be null.`
    return
  }
  const bare = type.replace(/!$/, '')
  if (bare.startsWith('[')) {
    // One value stands for a list of it.
    const items = value.kind === Kind.LIST ? value.values : [value]
    for (const item of items) yield* problemsOfValue(types, item, bare.slice(1, -1))
    return
  }
  const row = types.get(namedType(bare))
  if (row?.kind === 'INPUT_OBJECT') yield* problemsOfObject(types, value, row)
  else if (row?.kind === 'ENUM') yield* problemsOfEnum(value, row)
  else if (Object.hasOwn(SCALARS, bare)) yield* problemsOfScalar(value, bare)
}

function* problemsOfScalar(value: ValueNode, name: string): Generator<string> {
  const [kinds, refusal] = SCALARS[name] ?? [[], '']
  if (!kinds.includes(value.kind)) yield `${refusal}: ${writeValue(value)}`
  else if (name === 'Int' && value.kind === Kind.INT) {
    const number = Number.parseInt(value.value, 10)
    if (number > MAX_INT || number < -MAX_INT - 1)
      yield `Int cannot represent non 32-bit signed integer value: ${value.value}`
  }
}

function* problemsOfEnum(value: ValueNode, { name, values }: TypeRow): Generator<string> {
  const text = writeValue(value)
  const meant = didYouMean(text, values, 'the enum value ')
  if (value.kind !== Kind.ENUM) yield `Enum "${name}" cannot represent non-enum value: ${text}.${meant}`
  else if (!values.includes(value.value)) yield `Value "${text}" does not exist in "${name}" enum.${meant}`
}

function* problemsOfObject(types: LoadedTypes, value: ValueNode, row: TypeRow): Generator<string> {
  const expected = `Expected value of type "${row.name}"`
  if (value.kind !== Kind.OBJECT) {
    yield `${expected} to be an object, found: ${writeValue(value)}.`
    return
  }
  const given = fieldsOf(value)
  for (const [name, { type, hasDefault }] of row.inputs) {
    const field = given.get(name)
    if (field) yield* problemsOfValue(types, field, type)
    else if (type.endsWith('!') && !hasDefault)
      yield `${expected} to include required field "${name}", found: ${writeValue(value)}.`
  }
  for (const { name } of value.fields) {
    if (row.inputs.has(name.value)) continue
    const meant = didYouMean(name.value, row.inputs.keys())
    yield `${expected} not to include unknown field "${name.value}"${meant ? `.${meant} Found` : ', found'}: ${writeValue(value)}.`
  }
  if (!row.isOneOf) return
  const known = value.fields.filter(({ name }) => row.inputs.has(name.value))
  if (known.length !== 1 || known[0]?.value.kind === Kind.NULL) {
    yield `Within OneOf Input Object type "${row.name}", exactly one field must be specified, and the value for that field must be non-null.`
  }
}

function fieldsOf({ fields }: ObjectValueNode): Map<string, ValueNode> {
  return new Map(fields.map(({ name, value }) => [name.value, value]))
}
