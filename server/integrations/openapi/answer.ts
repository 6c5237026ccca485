// An upstream's answer as a value, by the answer's own content type.
import { FileValue } from '../../sandbox/file.ts'
import { shorten } from '../json-value.ts'
import { classOf, essenceOf, mediaTypeParameter } from './media-type.ts'

/** More JSON than this is handed on as a file: as a value it would not fit a sandbox. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024

export type AnswerReading = { ok: true; data: unknown } | { ok: false; message: string; data: unknown }

export function decodeAnswer(bytes: Uint8Array, headers: Headers, url: string): AnswerReading {
  if (bytes.length === 0) return { ok: true, data: null }
  const contentType = headers.get('content-type') ?? ''
  if (!contentType) return { ok: true, data: guessed(bytes, url) }
  const kind = classOf(contentType)
  const file = () => new FileValue(fileName(headers, url), essenceOf(contentType), bytes)
  const isFile = /^\s*attachment/i.test(headers.get('content-disposition') ?? '') && kind === 'binary'
  if (kind === 'binary' || kind === 'multipart' || isFile || bytes.length > MAX_VALUE_BYTES)
    return { ok: true, data: file() }
  const text = textOf(bytes, contentType)
  if (kind === 'json') return parsed(text, contentType)
  return kind === 'lines' ? lines(text, contentType) : { ok: true, data: text }
}

function parsed(text: string, contentType: string): AnswerReading {
  if (text.trim() === '') return { ok: true, data: null }
  const value = json(text)
  if (value.ok) return value
  const begins = JSON.stringify(shorten(text.slice(0, 400), 120))
  return {
    ok: false,
    message: `The answer says it is ${essenceOf(contentType)}, but is not valid JSON. It begins with ${begins}.`,
    data: text.slice(0, 4000),
  }
}

/** One JSON value a line; RFC 7464 puts a record separator before each. */
function lines(text: string, contentType: string): AnswerReading {
  const data: unknown[] = []
  for (const [index, line] of text.replaceAll('\u001e', '\n').split('\n').entries()) {
    if (line.trim() === '') continue
    const value = json(line)
    if (!value.ok)
      return {
        ok: false,
        message: `Line ${index + 1} of the ${essenceOf(contentType)} answer is not valid JSON.`,
        data: text.slice(0, 4000),
      }
    data.push(value.data)
  }
  return { ok: true, data }
}

function json(text: string): { ok: true; data: unknown } | { ok: false } {
  try {
    return { ok: true, data: JSON.parse(text) }
  } catch {
    return { ok: false }
  }
}

/** No content type at all: JSON if it reads as JSON, text if it is text, else a file. */
function guessed(bytes: Uint8Array, url: string): unknown {
  const file = () => new FileValue(fileName(new Headers(), url), 'application/octet-stream', bytes)
  if (bytes.length > MAX_VALUE_BYTES) return file()
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.includes('\0')) return file()
    const value = /^\s*[[{"]/.test(text) ? json(text) : { ok: false as const }
    return value.ok ? value.data : text
  } catch {
    return file()
  }
}

function textOf(bytes: Uint8Array, contentType: string): string {
  const label = mediaTypeParameter(contentType, 'charset') || 'utf-8'
  try {
    return new TextDecoder(label).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** From Content-Disposition (RFC 6266), else the last segment of the URL's path. Never with a folder. */
function fileName(headers: Headers, url: string): string {
  const disposition = headers.get('content-disposition') ?? ''
  const extended = /filename\*\s*=\s*(?:utf-8|iso-8859-1)'[^']*'([^;\s]+)/i.exec(disposition)?.[1]
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)
  const last = URL.canParse(url) ? new URL(url).pathname.split('/').findLast(Boolean) : undefined
  const named = decoded(extended) || (plain?.[1] ?? plain?.[2] ?? '').replaceAll(/\\(.)/g, '$1') || decoded(last)
  return (named.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'file'
}

function decoded(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? ''
  }
}
