// What an operation's parameters and body come to, whichever version of the language said it.
import type { JsonRecord } from '../json-value.ts'

export interface ParameterModel {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  isRequired: boolean
  isDeprecated: boolean
  description: string
  schema: unknown
  style: string
  explode: boolean
  allowReserved: boolean
  /** Set when the value is written in a media type (`content`) rather than in a style. */
  mediaType: string | null
}

export interface BodyModel {
  isRequired: boolean
  description: string
  mediaType: string
  schema: unknown
  encoding: JsonRecord
}
