// A request's body in its media type: JSON, forms, multipart with files, text, bytes.
import { FileValue } from '../../sandbox/file.ts'
import { isRecord, own } from '../json-value.ts'
import type { BoundBody, FieldEncoding } from './binding.ts'
import { classOf, essenceOf } from './media-type.ts'
import { queryPairs, textOf } from './parameter-style.ts'

export type BodyReading =
  | { ok: true; body: Uint8Array<ArrayBuffer> | string | null; contentType: string }
  | { ok: false; message: string }

export function requestBody(bound: BoundBody, input: unknown): BodyReading {
  const value = bodyValue(bound, input)
  if (value === undefined) return { ok: true, body: null, contentType: '' }
  const contentType = bound.mediaType
  switch (classOf(bound.mediaType)) {
    case 'json':
      return { ok: true, body: jsonText(value), contentType }
    case 'lines':
      return { ok: true, body: linesText(value), contentType }
    case 'form':
      return isRecord(value)
        ? { ok: true, body: formText(value, bound.encoding ?? {}), contentType }
        : typeof value === 'string'
          ? { ok: true, body: value, contentType }
          : { ok: false, message: 'The body must be an object: it is sent as a form.' }
    case 'multipart':
      return isRecord(value)
        ? multipart(bound, value)
        : { ok: false, message: 'The body must be an object: each field is sent as a part.' }
    default:
      return raw(value, contentType)
  }
}

function bodyValue({ key, fields, isRequired }: BoundBody, input: unknown): unknown {
  if (key !== undefined) return own(input, key)
  const given = (fields ?? [])
    .filter((field) => own(input, field) !== undefined)
    .map((field) => [field, own(input, field)])
  return given.length > 0 || isRequired ? Object.fromEntries(given) : undefined
}

function raw(value: unknown, mediaType: string): BodyReading {
  const isOpen = mediaType.includes('*')
  if (value instanceof FileValue) {
    return {
      ok: true,
      body: new Uint8Array(value.bytes),
      contentType: isOpen ? value.type || 'application/octet-stream' : mediaType,
    }
  }
  const contentType = isOpen ? 'application/octet-stream' : mediaType
  if (value instanceof Uint8Array) return { ok: true, body: new Uint8Array(value), contentType }
  if (typeof value === 'string')
    return { ok: true, body: value, contentType: isOpen ? 'text/plain; charset=utf-8' : mediaType }
  if (isOpen) return { ok: true, body: jsonText(value), contentType: 'application/json' }
  return { ok: false, message: `The body is sent as ${essenceOf(mediaType)}: give text or a file.` }
}

/** A file inside JSON is its content in base64. */
function jsonText(value: unknown): string {
  return JSON.stringify(withoutFiles(value)) ?? 'null'
}

function withoutFiles(value: unknown): unknown {
  if (isBytes(value)) return base64(bytesOf(value))
  if (Array.isArray(value)) return value.map(withoutFiles)
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutFiles(member)]))
    : value
}

function linesText(value: unknown): string {
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items
    .map((item) => (typeof item === 'string' ? item : jsonText(item)))
    .map((line) => `${line}\n`)
    .join('')
}

/** `application/x-www-form-urlencoded`: spaces are `+`. Objects are JSON unless the document gives them a style. */
function formText(value: object, encoding: Record<string, FieldEncoding>): string {
  const pairs = Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (member === undefined || member === null) return []
    const field: FieldEncoding = Object.hasOwn(encoding, name) ? (encoding[name] ?? {}) : {}
    const text = isBytes(member) ? base64(bytesOf(member)) : member
    const isPlainObject = isRecord(text) && field.style === undefined && field.explode === undefined
    const isJson = classOf(field.contentType ?? '') === 'json' || isPlainObject
    const style = field.style ?? 'form'
    const explode = field.explode ?? (style === 'form' || style === 'deepObject')
    const allowReserved = field.allowReserved === true
    return queryPairs(name, isJson ? jsonText(text) : text, { style, explode, allowReserved })
  })
  return pairs.join('&').replaceAll('%20', '+')
}

/** RFC 7578: one part a field, one part an item of an array, files with name and type. */
function multipart(bound: BoundBody, value: object): BodyReading {
  const boundary = `part-${crypto.randomUUID()}`
  const chunks: Uint8Array[] = []
  const write = (text: string) => chunks.push(new TextEncoder().encode(text))
  const subtype = essenceOf(bound.mediaType).slice('multipart/'.length)
  const isForm = subtype === 'form-data' || subtype === '*'
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    const encoding = bound.encoding && Object.hasOwn(bound.encoding, name) ? bound.encoding[name] : undefined
    const items: unknown[] =
      Array.isArray(member) && classOf(encoding?.contentType ?? '') !== 'json' ? member : [member]
    for (const item of items) {
      if (item === undefined || item === null) continue
      const part = partOf(item, encoding?.contentType)
      const file = part.fileName === null ? '' : `; filename="${quoted(part.fileName)}"`
      write(
        `--${boundary}\r\nContent-Disposition: ${isForm ? 'form-data' : 'attachment'}; name="${quoted(name)}"${file}\r\n`,
      )
      write(part.contentType ? `Content-Type: ${oneLine(part.contentType)}\r\n\r\n` : '\r\n')
      chunks.push(part.bytes)
      write('\r\n')
    }
  }
  write(`--${boundary}--\r\n`)
  return {
    ok: true,
    body: joined(chunks),
    contentType: `multipart/${isForm ? 'form-data' : subtype}; boundary=${boundary}`,
  }
}

function partOf(
  item: unknown,
  declared: string | undefined,
): { bytes: Uint8Array; contentType: string; fileName: string | null } {
  // Several types may be declared; the file's own is one of them, or the first is meant.
  const wanted = declared?.split(',')[0]?.trim() ?? ''
  const open = wanted === '' || wanted.includes('*')
  if (item instanceof FileValue) {
    return {
      bytes: item.bytes,
      contentType: open ? item.type || 'application/octet-stream' : wanted,
      fileName: item.name || 'file',
    }
  }
  if (item instanceof Uint8Array)
    return { bytes: item, contentType: open ? 'application/octet-stream' : wanted, fileName: 'file' }
  const isJson = typeof item === 'object' || classOf(wanted) === 'json'
  const text = isJson && !(typeof item === 'string' && !wanted) ? jsonText(item) : textOf(item)
  return {
    bytes: new TextEncoder().encode(text),
    contentType: open ? (isJson ? 'application/json' : '') : wanted,
    fileName: null,
  }
}

/** As browsers write names in multipart headers (HTML, multipart/form-data encoding algorithm). */
function quoted(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}

function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function isBytes(value: unknown): value is FileValue | Uint8Array {
  return value instanceof FileValue || value instanceof Uint8Array
}

function bytesOf(value: FileValue | Uint8Array): Uint8Array {
  return value instanceof FileValue ? value.bytes : value
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(binary)
}
