// A type as a call needs it: a row of its own, which a call loads by name when a selection reaches it. No schema of a
// tool refers to such a row, so that nobody is shown it.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList } from '../json-value.ts'
import { isKind, isRequired, type InputModel, type TypeKind, type TypeModel } from './type-model.ts'

export interface TypeRow {
  name: string
  kind: TypeKind
  /** Its fields are tools of their own, and no selection may reach them. */
  isRoot: boolean
  fields: ReadonlyMap<string, FieldRow>
  inputs: ReadonlyMap<string, InputRow>
  values: readonly string[]
  interfaces: readonly string[]
  possible: readonly string[]
  isOneOf: boolean
}

export interface FieldRow {
  type: string
  inputs: ReadonlyMap<string, InputRow>
}

export interface InputRow {
  type: string
  /** May be left out although its type is not null. */
  hasDefault: boolean
}

const NONE: ReadonlyMap<string, InputRow> = new Map()

/** The name of the row; GraphQL's own names have no colon. */
export function rowName(type: string): string {
  return `type:${type}`
}

export function writeRow(type: TypeModel, isRoot: boolean): JsonSchema {
  const { kind, interfaces, possible } = type
  if (isRoot) return { kind, isRoot }
  const fields = [...type.fields.values()].map((field): [string, unknown] => {
    const inputs = writeInputs(field.inputs)
    return [field.name, inputs === undefined ? field.type : [field.type, inputs]]
  })
  const inputs = writeInputs(type.inputs)
  return {
    kind,
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    ...(inputs && { inputs }),
    ...(kind === 'ENUM' && { values: type.values.map(({ name }) => name) }),
    ...(interfaces.length > 0 && { interfaces }),
    ...(possible.length > 0 && { possible }),
    ...(type.isOneOf && { isOneOf: true }),
  }
}

/** `Int!`, or `Int!=` where there is a default. */
function writeInputs(inputs: ReadonlyMap<string, InputModel>): Record<string, string> | undefined {
  if (inputs.size === 0) return undefined
  const written = [...inputs.values()].map((input): [string, string] => {
    const hasDefault = input.type.endsWith('!') && !isRequired(input)
    return [input.name, hasDefault ? `${input.type}=` : input.type]
  })
  return Object.fromEntries(written)
}

/** Null for what this adapter has not written. */
export function readRow(name: string, body: JsonSchema | undefined): TypeRow | null {
  const kind = own(body, 'kind')
  if (!isKind(kind)) return null
  return {
    name,
    kind,
    isRoot: own(body, 'isRoot') === true,
    fields: new Map(ownEntries(body, 'fields').map(([field, raw]) => [field, readField(raw)])),
    inputs: readInputs(own(body, 'inputs')),
    values: ownList(body, 'values').map(String),
    interfaces: ownList(body, 'interfaces').map(String),
    possible: ownList(body, 'possible').map(String),
    isOneOf: own(body, 'isOneOf') === true,
  }
}

/** It has fields, or stands for types that have them. */
export function isComposite(row: TypeRow | undefined): row is TypeRow {
  return row?.kind === 'OBJECT' || row?.kind === 'INTERFACE' || row?.kind === 'UNION'
}

function readField(raw: unknown): FieldRow {
  const [type, inputs]: unknown[] = Array.isArray(raw) ? raw : [raw]
  return { type: String(type), inputs: readInputs(inputs) }
}

function readInputs(raw: unknown): ReadonlyMap<string, InputRow> {
  if (!isRecord(raw)) return NONE
  return new Map(
    Object.entries(raw).map(([name, text]) => {
      const type = String(text)
      return [name, { type: type.replace(/=$/, ''), hasDefault: type.endsWith('=') }]
    }),
  )
}
