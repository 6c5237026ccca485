// A GraphQL schema (https://spec.graphql.org, section 3) as far as Executor reads it, the same from introspection and SDL.

export type TypeKind = 'SCALAR' | 'OBJECT' | 'INTERFACE' | 'UNION' | 'ENUM' | 'INPUT_OBJECT'

export interface TypeModel {
  kind: TypeKind
  name: string
  description: string
  /** Of objects and interfaces. */
  fields: Map<string, FieldModel>
  /** Of input objects. */
  inputs: Map<string, InputModel>
  /** Of enums. */
  values: ValueModel[]
  /** That an object implements; of an interface, those that it shares an object with. */
  interfaces: string[]
  /** Objects that a union or an interface may be. */
  possible: string[]
  isOneOf: boolean
  /** Of a scalar (`@specifiedBy`). */
  specifiedBy: string
}

export interface FieldModel {
  name: string
  description: string
  /** As SDL writes it: `[Issue!]!`. */
  type: string
  inputs: Map<string, InputModel>
  /** Why it should not be used any more; null while it may be. */
  deprecation: string | null
}

/** An argument, or a field of an input object. */
export interface InputModel {
  name: string
  description: string
  type: string
  /** As a GraphQL literal: `{ field: NAME }`. */
  fallback: string | null
  deprecation: string | null
}

export interface ValueModel {
  name: string
  description: string
  deprecation: string | null
}

export type OperationType = 'query' | 'mutation' | 'subscription'

export interface SchemaModel {
  description: string
  roots: Partial<Record<OperationType, string>>
  types: Map<string, TypeModel>
}

/** Why a part of a document is not in the schema. */
export type Report = (place: string, reason: string) => void

export const BUILT_IN: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Float', 'Boolean'])
export const OPERATION_TYPES: readonly OperationType[] = ['query', 'mutation', 'subscription']

export function isKind(kind: unknown): kind is TypeKind {
  return typeof kind === 'string' && /^(SCALAR|OBJECT|INTERFACE|UNION|ENUM|INPUT_OBJECT)$/.test(kind)
}

/** Names of the specification (section 2.1.9), without those that it keeps for itself. */
export function isName(name: string): boolean {
  return name.length <= 200 && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__')
}

/** `Issue` of `[Issue!]!`. */
export function namedType(type: string): string {
  return type.replaceAll(/[[\]!]/g, '')
}

export function isRequired({ type, fallback }: InputModel): boolean {
  return type.endsWith('!') && fallback === null
}

export function emptyType(kind: TypeKind, name: string, description = ''): TypeModel {
  return {
    kind,
    name,
    description,
    fields: new Map(),
    inputs: new Map(),
    values: [],
    interfaces: [],
    possible: [],
    isOneOf: false,
    specifiedBy: '',
  }
}
