// Values as the text of a body: JSON, one JSON value a line, and bytes where only text can be.
import { FileValue } from '../../sandbox/file.ts'
import { isRecord } from '../json-value.ts'
import type { FieldEncoding } from './binding.ts'

export type Encodings = Readonly<Record<string, FieldEncoding>>

/** A file inside JSON is its content in base64. `encodings`: of the fields of the value. */
export function jsonText(value: unknown, encodings: Encodings = {}): string {
  return JSON.stringify(withoutFiles(value, encodings)) ?? 'null'
}

function withoutFiles(value: unknown, encodings: Encodings = {}): unknown {
  if (isBytes(value)) return base64(bytesOf(value))
  if (Array.isArray(value)) return value.map((item) => withoutFiles(item))
  if (!isRecord(value)) return value
  const members = Object.entries(value).map(([key, member]): [string, unknown] => {
    return [key, isBytes(member) ? bytesText(member, encodingOf(encodings, key)) : withoutFiles(member)]
  })
  return Object.fromEntries(members)
}

/** NDJSON and its like, which a text is already; JSON text sequences (RFC 7464) begin every value with a record separator. */
export function linesText(value: unknown, isSequence: boolean): string {
  if (typeof value === 'string') return value
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items.map((item) => `${isSequence ? '\u001E' : ''}${jsonText(item)}\n`).join('')
}

export function encodingOf(encodings: Encodings | undefined, name: string): FieldEncoding | undefined {
  return encodings && Object.hasOwn(encodings, name) ? encodings[name] : undefined
}

export function isBytes(value: unknown): value is FileValue | Uint8Array {
  return value instanceof FileValue || value instanceof Uint8Array
}

export function bytesOf(value: FileValue | Uint8Array): Uint8Array {
  return value instanceof FileValue ? value.bytes : value
}

/** In the base64 that the document asks for (RFC 4648); the padding stays. */
export function bytesText(value: FileValue | Uint8Array, encoding: { contentEncoding?: string } | undefined): string {
  const text = base64(bytesOf(value))
  return encoding?.contentEncoding === 'base64url' ? text.replaceAll('+', '-').replaceAll('/', '_') : text
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(binary)
}
