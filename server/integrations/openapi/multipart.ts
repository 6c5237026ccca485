// Multipart bodies (RFC 2046): `multipart/form-data` with a part for each field (RFC 7578), and the kinds whose parts
// have an order instead of names, such as `multipart/mixed` and `multipart/related`.
import { FileValue } from '../../sandbox/file.ts'
import { isRecord, own } from '../json-value.ts'
import type { BoundContent, FieldEncoding } from './binding.ts'
import { bytesOf, bytesText, encodingOf, isBytes, jsonText } from './body-text.ts'
import { styleOf } from './form-text.ts'
import { classOf, essenceOf, isInRange, isMediaType, isRange, mediaTypeParameter } from './media-type.ts'
import { formFields, headerText, textOf } from './parameter-style.ts'

export type MultipartReading =
  | { ok: true; body: Uint8Array<ArrayBuffer>; contentType: string }
  | { ok: false; message: string }

interface Part {
  headers: [name: string, value: string][]
  content: Uint8Array
}

/**
 * `partHeaders`: of the fields by name, or of the parts in order. A document that describes a multipart as a single value
 * means a file in it, and most servers that take one call it that.
 */
export function multipartBody(content: Content, value: unknown, partHeaders: unknown): MultipartReading {
  const isStructure = (isRecord(value) && !isBytes(value)) || Array.isArray(value)
  const fields = isStructure ? value : formTypeOf(content.mediaType) === null ? [value] : { file: value }
  const message = problemOf(partHeaders)
  if (message) return { ok: false, message }
  return { ok: true, ...joined(content.mediaType, partsOf(content, fields, partHeaders)) }
}

type Content = Omit<BoundContent, 'fields' | 'types'>

function partsOf(content: Content, value: object, partHeaders: unknown): Part[] {
  const isForm = formTypeOf(content.mediaType) !== null
  if (!Array.isArray(value)) return namedParts(content, Object.entries(value), partHeaders)
  const items: unknown[] = value
  // A form as a list, for its order: every item is an object with a field or more.
  if (isForm)
    return items.flatMap((item) => namedParts(content, isRecord(item) ? Object.entries(item) : [], partHeaders))
  return items.map((item, at) => {
    const encoding = content.prefixEncoding?.[at] ?? content.itemEncoding
    const given: unknown = Array.isArray(partHeaders) ? partHeaders[at] : undefined
    const part = partOf(item, encoding, given)
    if (item instanceof FileValue && item.name) {
      part.headers.unshift(['Content-Disposition', `attachment; filename="${quoted(item.name)}"`])
    }
    return part
  })
}

/** One part a field, and one for each item of a list (RFC 7578, section 4.3). */
function namedParts(content: Content, fields: [string, unknown][], partHeaders: unknown): Part[] {
  return fields.flatMap(([name, member]) => {
    const encoding = encodingOf(content.encoding, name)
    const given = own(partHeaders, name)
    const style = encoding && styleOf(encoding)
    const hasBytes = (Array.isArray(member) ? (member as unknown[]) : [member]).some(isBytes)
    const named = (name: string, part: Part, fileName = ''): Part => {
      const file = fileName && `; filename="${quoted(fileName)}"`
      return {
        ...part,
        headers: [['Content-Disposition', `form-data; name="${quoted(name)}"${file}`], ...part.headers],
      }
    }
    if (style && !hasBytes) {
      return formFields(name, member, style).map(([field, text]) => {
        return named(field, partOf(text, encoding.headers ? { headers: encoding.headers } : {}, given))
      })
    }
    return itemsOf(member, encoding).map((item) => {
      const fileName = isBytes(item) ? (item instanceof FileValue && item.name) || 'file' : ''
      return named(name, partOf(item, encoding, given), fileName)
    })
  })
}

function itemsOf(member: unknown, encoding: FieldEncoding | undefined): unknown[] {
  const type = encoding?.contentType ?? ''
  const isWhole =
    classOf(type) === 'json' || (isNested(type) && !(Array.isArray(member) && member.every(Array.isArray)))
  const items: unknown[] = Array.isArray(member) && !isWhole ? member : [member]
  return items.filter((item) => item !== undefined && item !== null)
}

function partOf(item: unknown, encoding: FieldEncoding | undefined, given: unknown): Part {
  const type = contentTypeOf(item, encoding?.contentType ?? '')
  const extra = headersOf(encoding?.headers, given)
  if (isNested(type) && (isRecord(item) || Array.isArray(item)) && !isBytes(item)) {
    const nested = joined(type, partsOf({ ...encoding, mediaType: type }, item, undefined))
    return { headers: [['Content-Type', nested.contentType], ...extra], content: nested.body }
  }
  const headers: Part['headers'] = type ? [['Content-Type', type], ...extra] : extra
  if (isBytes(item) && !encoding?.contentEncoding) return { headers, content: bytesOf(item) }
  const isJson = classOf(type) === 'json'
  const text = isBytes(item) ? bytesText(item, encoding) : isJson ? jsonText(item) : textOf(item)
  return { headers, content: new TextEncoder().encode(text) }
}

/** The media type of a part: the one of several declared ones that suits the value. Empty means text (RFC 7578). */
function contentTypeOf(item: unknown, declared: string): string {
  const types = declared.split(',').map((type) => type.trim())
  const wanted = types.filter(isMediaType)
  if (isBytes(item)) {
    const own = item instanceof FileValue && isMediaType(item.type) ? item.type : ''
    const isOwn = own !== '' && (wanted.length === 0 || wanted.some((type) => isInRange(own, type)))
    return isOwn ? own : (wanted.find((type) => !isRange(type)) ?? (own || 'application/octet-stream'))
  }
  const isStructure = isRecord(item) || Array.isArray(item)
  const suits = (type: string) => isStructure === (classOf(type) === 'json' || isNested(type))
  const concrete = wanted.filter((type) => !isRange(type))
  return concrete.find(suits) ?? concrete[0] ?? (isStructure ? 'application/json' : '')
}

/** Headers of a part other than those that are written from its value; what the caller gives comes first. */
function headersOf(fixed: Record<string, string> | undefined, given: unknown): Part['headers'] {
  const headers = new Map(Object.entries(fixed ?? {}).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  for (const [name, value] of givenHeaders(given)) headers.set(name.toLowerCase(), { name, value })
  return [...headers.values()].map(({ name, value }): [string, string] => [name, value])
}

function givenHeaders(given: unknown): Part['headers'] {
  return Object.entries(isRecord(given) ? given : {}).flatMap(([name, value]): Part['headers'] => {
    const text = value === null || value === undefined ? null : headerText(value, { style: 'simple', explode: false })
    return text === null ? [] : [[name, text]]
  })
}

/** Why headers that the caller gives for parts cannot be sent; empty when they can. */
function problemOf(partHeaders: unknown): string {
  const parts: unknown[] = isRecord(partHeaders) ? Object.values(partHeaders) : [partHeaders].flat()
  for (const [name, text] of parts.flatMap(givenHeaders)) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /^content-(type|disposition|length)$/i.test(name)) {
      return `A part cannot have a header ${JSON.stringify(name)}.`
    }
    if (/[^\t -~\u0080-\uFFFF]/.test(text))
      return `The header ${JSON.stringify(name)} of a part has control characters.`
  }
  return ''
}

/** `multipart/form-data`, for itself and for a range; null for the kinds whose parts have an order. */
function formTypeOf(mediaType: string): string | null {
  const essence = essenceOf(mediaType)
  return essence === 'multipart/form-data' || isRange(essence) ? 'multipart/form-data' : null
}

function isNested(mediaType: string): boolean {
  return mediaType.toLowerCase().startsWith('multipart/')
}

function joined(mediaType: string, parts: Part[]): { body: Uint8Array<ArrayBuffer>; contentType: string } {
  const boundary = `part-${crypto.randomUUID()}`
  const encoder = new TextEncoder()
  const chunks = parts.flatMap(({ headers, content }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return [encoder.encode(`--${boundary}\r\n${lines}\r\n`), content, encoder.encode('\r\n')]
  })
  chunks.push(encoder.encode(`--${boundary}--\r\n`))
  const body = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  const type = formTypeOf(mediaType) ?? mediaType.replaceAll(/;\s*(boundary=("[^"]*"|[^;]*))?(?=;|$)/gi, '')
  return { body, contentType: `${type}${rootType(type, parts)}; boundary=${boundary}` }
}

/** `multipart/related` says of which type its first part is (RFC 2387, section 3.1). */
function rootType(mediaType: string, parts: Part[]): string {
  if (essenceOf(mediaType) !== 'multipart/related' || mediaTypeParameter(mediaType, 'type')) return ''
  const found = parts[0]?.headers.find(([name]) => name === 'Content-Type')
  return `; type="${essenceOf(found?.[1] ?? 'text/plain')}"`
}

/** As browsers write names in multipart headers (HTML, multipart/form-data encoding algorithm). */
function quoted(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}
