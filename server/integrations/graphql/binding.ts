import { isRecord } from '../json-value.ts'

/** How the input of a tool becomes an operation: stored with the tool, read back by `call`. */
export interface GraphQlBinding {
  operation: 'query' | 'mutation'
  /** Of the root type. */
  field: string
  /** The name of the root type. */
  root: string
  /** Of the answer: `Repository!`. */
  type: string
  arguments: BoundArgument[]
  /** What is asked for unless the caller says otherwise: `{ id name }`. Absent where the answer is a scalar or an enum. */
  selection?: string
  /** The types in it, to be loaded at once. */
  types?: string[]
  /** The field of the input that replaces it. */
  selectKey?: string
  /** The argument that a connection's next page is asked for with (Relay's cursor connections). */
  paging?: { cursor: string }
  /** Behind the base URL, which has no trailing slash, where the endpoint has one. */
  suffix?: '/'
  /** Queries are sent with GET. */
  method?: 'GET'
}

export interface BoundArgument {
  name: string
  /** `ID!`. */
  type: string
  /** It may be left out although its type is not null. */
  hasDefault?: true
}

/** Only this adapter writes bindings, so a look at the outline is enough to tell one from something else. */
export function isGraphQlBinding(value: unknown): value is GraphQlBinding {
  return (
    isRecord(value) &&
    (value.operation === 'query' || value.operation === 'mutation') &&
    typeof value.field === 'string' &&
    typeof value.root === 'string' &&
    typeof value.type === 'string' &&
    Array.isArray(value.arguments)
  )
}
