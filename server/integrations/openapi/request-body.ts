// A request's body: which of its media types it is sent as, and the value in that media type.
import { FileValue } from '../../sandbox/file.ts'
import { own } from '../json-value.ts'
import type { BoundBody, BoundContent } from './binding.ts'
import { bytesOf, bytesText, isBytes, jsonText, linesText } from './body-text.ts'
import { chooseContent } from './choose-content.ts'
import { formText } from './form-text.ts'
import { classOf, essenceOf, isInRange, isMediaType, isRange, mediaTypeParameter } from './media-type.ts'
import { multipartBody } from './multipart.ts'

export type BodyReading =
  | { ok: true; body: Uint8Array<ArrayBuffer> | string | null; contentType: string }
  | { ok: false; message: string }

export function requestBody(bound: BoundBody, input: unknown): BodyReading {
  const chosen = chooseContent(bound, input)
  if (!chosen.ok) return chosen
  const { content } = chosen
  const value = bodyValue(bound, content, input)
  if (value === undefined) return { ok: true, body: null, contentType: '' }
  const contentType = chosen.contentType ?? concreteType(content.mediaType, value)
  if (contentType === null) {
    const field = JSON.stringify(bound.contentTypeKey ?? 'contentType')
    return { ok: false, message: `Say in ${field} which of ${content.mediaType} the body is.` }
  }
  const partHeaders = bound.partHeadersKey === undefined ? undefined : own(input, bound.partHeadersKey)
  const typed = { ...content, mediaType: contentType }
  // Where any type may be sent, a file goes as it is, also one whose content is JSON or a form.
  if (isBytes(value) && isRange(content.mediaType)) return asItIs(typed, value)
  return written(typed, value, partHeaders)
}

function written(content: BoundContent, value: unknown, partHeaders: unknown): BodyReading {
  const contentType = content.mediaType
  switch (classOf(contentType)) {
    case 'json':
      return { ok: true, body: jsonText(value, content.encoding), contentType }
    case 'lines':
      return { ok: true, body: linesText(value, essenceOf(contentType).endsWith('json-seq')), contentType }
    case 'form':
      if (typeof value === 'string') return { ok: true, body: value, contentType }
      // The names of a list are its positions.
      return typeof value === 'object' && value !== null && !isBytes(value)
        ? { ok: true, body: formText(value, content.encoding), contentType }
        : { ok: false, message: 'The body must be an object: it is sent as a form.' }
    case 'multipart':
      return multipartBody(content, value, partHeaders)
    default:
      return asItIs(content, value)
  }
}

function bodyValue({ key, isRequired }: BoundBody, { fields }: BoundContent, input: unknown): unknown {
  if (fields === undefined) return key === undefined ? undefined : own(input, key)
  const given = fields.filter((field) => own(input, field) !== undefined).map((field) => [field, own(input, field)])
  return given.length > 0 || isRequired ? Object.fromEntries(given) : undefined
}

/** Text and bytes. Text is sent as UTF-8, whatever the document says of it. */
function asItIs(content: BoundContent, value: unknown): BodyReading {
  const contentType = content.mediaType
  if (isBytes(value)) {
    const body = content.contentEncoding ? bytesText(value, content) : new Uint8Array(bytesOf(value))
    return { ok: true, body, contentType }
  }
  // Every JSON text is YAML.
  const isYaml = /[/+]([a-z-]+-)?yaml$/.test(essenceOf(contentType))
  if (typeof value !== 'string' && !isYaml) {
    return { ok: false, message: `The body is sent as ${essenceOf(contentType)}: give text or a file.` }
  }
  const isOtherCharset = !/^(utf-?8)?$/i.test(mediaTypeParameter(contentType, 'charset'))
  return {
    ok: true,
    body: typeof value === 'string' ? value : jsonText(value),
    contentType: isOtherCharset ? contentType.replace(/charset=("[^"]*"|[^;]*)/i, 'charset=utf-8') : contentType,
  }
}

/** The media type of a value where the document gives a range of them; null when it cannot be told. */
function concreteType(mediaType: string, value: unknown): string | null {
  if (!isRange(mediaType)) return mediaType
  if (classOf(mediaType) === 'multipart') return 'multipart/form-data'
  const isText = typeof value === 'string'
  const own = value instanceof FileValue && isMediaType(value.type) && !isRange(value.type) ? value.type : ''
  const usual = isBytes(value) ? 'application/octet-stream' : isText ? 'text/plain; charset=utf-8' : 'application/json'
  return [own, usual].find((type) => type !== '' && isInRange(type, mediaType)) ?? null
}
