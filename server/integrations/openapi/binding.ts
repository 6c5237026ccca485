// How an operation's input becomes a request: stored with the tool, read back by `call`.
import { isRecord } from '../json-value.ts'

export interface Binding {
  method: string
  /** The path as the document has it: `/repos/{owner}/{repo}/issues`. */
  path: string
  /** The operation's own server, used instead of the base URL while that is the document's default. */
  server?: { url: string; insteadOf: string }
  parameters: BoundParameter[]
  body?: BoundBody
  accept: string
}

export interface BoundParameter {
  /** The field of the input. */
  key: string
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  style: string
  explode: boolean
  allowReserved?: boolean
  /** Set when the value is written in a media type rather than in a style. */
  mediaType?: string
  /** Sent when the input leaves a required parameter out. */
  default?: unknown
}

export interface BoundBody {
  mediaType: string
  isRequired: boolean
  /** The field of the input that is the whole body … */
  key?: string
  /** … or the fields that are the body's own. */
  fields?: string[]
  /** For forms: how single fields are written. */
  encoding?: Record<string, FieldEncoding>
}

export interface FieldEncoding {
  contentType?: string
  style?: string
  explode?: boolean
  allowReserved?: boolean
}

/** Only this adapter writes bindings, so a look at the outline is enough to tell one from something else. */
export function isBinding(value: unknown): value is Binding {
  return (
    isRecord(value) &&
    typeof value.method === 'string' &&
    typeof value.path === 'string' &&
    Array.isArray(value.parameters)
  )
}
