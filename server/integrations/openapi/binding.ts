// How an operation's input becomes a request: stored with the tool, read back by `call`.
import { isRecord } from '../json-value.ts'
import type { Paging } from './paging.ts'
import type { Style } from './parameter-style.ts'

export interface Binding {
  method: string
  /** The path as the document has it: `/repos/{owner}/{repo}/issues`. */
  path: string
  /** The operation's own server, used instead of the base URL while that is the document's default. */
  server?: { url: string; insteadOf: string }
  parameters: BoundParameter[]
  body?: BoundBody
  accept: string
  /** Ids of the auth methods that it accepts, where not all of the integration's do; none when it takes no credential. */
  security?: string[]
  /** How it pages, for a GET. */
  paging?: Paging
}

export interface BoundParameter extends Style {
  /** The field of the input. */
  key: string
  name: string
  /** `querystring`: the value is the whole query. */
  in: 'path' | 'query' | 'querystring' | 'header' | 'cookie'
  /** Set when the value is written in a media type rather than in a style. */
  mediaType?: string
  /** Of a form in `querystring`. */
  encoding?: Record<string, FieldEncoding>
  /** Sent when the input leaves a required parameter out. */
  default?: unknown
}

/** One media type that a body may be sent as. */
export interface BoundContent {
  mediaType: string
  /** The fields of the input that are the body's own. Without them the body is one field, the body's `key`. */
  fields?: string[]
  /** JSON types that the whole body may have, where the document says so and several media types are possible. */
  types?: string[]
  /** `base64` or `base64url`, for content that is text of bytes. */
  contentEncoding?: string
  /** For forms: how single fields are written. */
  encoding?: Record<string, FieldEncoding>
  /** For multipart whose parts have no names: how the first parts are written, and all others. */
  prefixEncoding?: FieldEncoding[]
  itemEncoding?: FieldEncoding
}

/** The media type that is sent unless the caller chooses another one. */
export interface BoundBody extends BoundContent {
  isRequired: boolean
  /** The field of the input that is the whole body. */
  key?: string
  others?: BoundContent[]
  /** The field of the input that chooses the media type. */
  contentTypeKey?: string
  /** The field of the input with the headers of parts. */
  partHeadersKey?: string
}

/** How one field, or one part, is written. With `encoding` and the like it is a multipart of its own. */
export interface FieldEncoding extends Partial<Style>, Omit<Partial<BoundContent>, 'mediaType' | 'fields'> {
  /** One media type, or several with commas between them. */
  contentType?: string
  /** Of the part, where the caller gives no others. */
  headers?: Record<string, string>
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
