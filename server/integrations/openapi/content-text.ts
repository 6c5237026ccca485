// A parameter's value in a media type (`content`) instead of a style.
import { isRecord } from '../json-value.ts'
import type { BoundParameter } from './binding.ts'
import { jsonText, linesText } from './body-text.ts'
import { formText } from './form-text.ts'
import { classOf } from './media-type.ts'

/** Text stays as it is, under JSON too: documents say JSON of a parameter that is a plain text. */
export function contentText({ mediaType = '', encoding }: BoundParameter, value: unknown): string {
  if (typeof value === 'string') return value
  const kind = classOf(mediaType)
  if (kind === 'form' && isRecord(value)) return formText(value, encoding)
  return kind === 'lines' ? linesText(value, mediaType.endsWith('json-seq')) : jsonText(value)
}
