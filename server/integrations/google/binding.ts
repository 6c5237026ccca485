// What a Google method has beside the HTTP operation that it is.
import type { Binding } from '../openapi/binding.ts'
import type { SegmentPattern } from './segments.ts'

export interface GoogleBinding extends Binding {
  /** Variables of the path that take several segments, by name. */
  segments?: Record<string, SegmentPattern>
  /** A token with one of these may call it. */
  scopes?: string[]
  download?: MediaDownload
  upload?: MediaUpload
}

/** The content of what the method is about can be had in place of its description. */
export interface MediaDownload {
  /** Where the content is, when that is not the method's own path. */
  path?: string
  /** There is nothing but content. */
  isAlways?: true
}

/** Content goes to a path of its own, with the body of the method as its metadata. */
export interface MediaUpload {
  /** The field of the input that is the content. */
  key: string
  path: string
  /** Media ranges: `image/*`. Empty for any. */
  accept: string[]
  /** In bytes. */
  maxSize?: number
  /** `media` is the content alone, `multipart` with metadata, `resumable` in a request of its own. */
  protocols: UploadProtocol[]
}

export type UploadProtocol = 'media' | 'multipart' | 'resumable'
