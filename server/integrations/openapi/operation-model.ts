// What an operation's parameters and body come to, whichever version of the language said it.
import type { JsonRecord } from '../json-value.ts'
import type { BoundParameter } from './binding.ts'
import type { Style } from './parameter-style.ts'

export interface ParameterModel extends Style {
  name: string
  in: BoundParameter['in']
  isRequired: boolean
  isDeprecated: boolean
  description: string
  schema: unknown
  /** Set when the value is written in a media type (`content`) rather than in a style. */
  mediaType: string | null
  /** Of a form in the query string. */
  encoding: JsonRecord
}

export interface BodyModel {
  isRequired: boolean
  description: string
  /** What it may be sent as, the preferred one first. Never empty. */
  contents: [ContentModel, ...ContentModel[]]
}

/** One media type with what the document says of it. */
export interface ContentModel {
  mediaType: string
  schema: unknown
  /** By the names of fields. */
  encoding: JsonRecord
  /** Of parts without names: the first ones, and all others. */
  prefixEncoding: unknown[]
  itemEncoding: unknown
}
