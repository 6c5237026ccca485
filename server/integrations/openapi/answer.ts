// An upstream's answer as a value: by the answer's own content type, and by its bytes where that type says nothing or
// cannot be true.
import { FileValue } from '../../sandbox/file.ts'
import { shorten } from '../json-value.ts'
import { isNestedDeeperThan, readJson } from '../read-json.ts'
import { decodeText, looksLikeText } from './answer-text.ts'
import { classOf, essenceOf, type MediaClass } from './media-type.ts'
import { partsOf } from './multipart-answer.ts'

/** Beyond either, an answer is handed on as a file: as a value it would not fit a sandbox. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024
export const MAX_VALUE_DEPTH = 400

/** `message` goes on after "its answer". */
export type AnswerReading = { ok: true; data: unknown } | { ok: false; message: string; data: unknown }

export interface AnswerSource {
  /** Its path may name a file. */
  url: string
  /** What was asked for: the types that the document declares. */
  accept: string
}

export function decodeAnswer(bytes: Uint8Array, headers: Headers, source: AnswerSource, isPart = false): AnswerReading {
  if (bytes.length === 0) return { ok: true, data: null }
  const contentType = contentTypeOf(headers)
  const kind = kindOf(essenceOf(contentType))
  const file = (): AnswerReading => {
    const type = kind === 'unknown' ? 'application/octet-stream' : essenceOf(contentType)
    return { ok: true, data: new FileValue(fileName(headers, source.url), type, bytes) }
  }
  if (bytes.length > MAX_VALUE_BYTES) return file()
  if (kind === 'json' || kind === 'lines') {
    const text = decodeText(bytes, contentType)
    const reading = kind === 'json' ? readWhole(text, contentType) : readLines(text, contentType)
    return isNestedDeeperThan(reading.data, MAX_VALUE_DEPTH) ? file() : reading
  }
  if (kind === 'multipart') return (isPart ? null : readParts(bytes, contentType, source)) ?? file()
  const isAttachment = /^\s*attachment/i.test(headers.get('content-disposition') ?? '')
  if (kind === 'binary' && (isAttachment || essenceOf(contentType) !== 'application/octet-stream')) return file()
  if ((kind === 'binary' || kind === 'unknown') && !looksLikeText(bytes)) return file()
  const text = decodeText(bytes, contentType)
  const asksForJson = kind === 'unknown' || source.accept.split(',').some((type) => classOf(type) === 'json')
  const reading = asksForJson && /^\s*[[{]/.test(text) ? readJson(text) : { ok: false as const }
  if (reading.ok) return isNestedDeeperThan(reading.value, MAX_VALUE_DEPTH) ? file() : { ok: true, data: reading.value }
  // A text with zeros in it is a file under a wrong name.
  return kind === 'binary' || text.includes('\0') ? file() : { ok: true, data: text }
}

/** The first, of several. */
export function contentTypeOf(headers: Headers): string {
  return /^(?:[^,"]|"[^"]*")*/.exec(headers.get('content-type') ?? '')?.[0] ?? ''
}

function kindOf(essence: string): MediaClass | 'unknown' {
  if (!/^[^/*]+\/[^/*]+$/.test(essence)) return 'unknown'
  const kind = classOf(essence)
  if (kind !== 'binary' || !/\bjson\b/.test(essence)) return kind
  // `application/x-amz-json-1.1`, `application/geo+json-seq`
  return essence.endsWith('json-seq') ? 'lines' : 'json'
}

function readWhole(text: string, contentType: string): AnswerReading {
  // The line that keeps a browser from running it as a script, as Gerrit writes it.
  const json = text.replace(/^\)\]\}',?[^\n]*\n/, '')
  if (json.trim() === '') return { ok: true, data: null }
  const reading = readJson(json)
  if (reading.ok) return { ok: true, data: reading.value }
  const lines = readLines(json, contentType)
  if (lines.ok) return lines
  const begins = JSON.stringify(shorten(text.slice(0, 400), 120))
  const message = `says it is ${essenceOf(contentType)}, but is not valid JSON. It begins with ${begins}.`
  return { ok: false, message, data: text.slice(0, 4000) }
}

/** One JSON value a line; RFC 7464 puts a record separator before each. */
function readLines(text: string, contentType: string): AnswerReading {
  const data: unknown[] = []
  for (const [index, line] of text.replaceAll('\u001e', '\n').split('\n').entries()) {
    if (line.trim() === '') continue
    const reading = readJson(line)
    if (!reading.ok) {
      const message = `says it is ${essenceOf(contentType)}, but its line ${index + 1} is not valid JSON.`
      return { ok: false, message, data: text.slice(0, 4000) }
    }
    data.push(reading.value)
  }
  return { ok: true, data }
}

/** `[{ headers, data }]`; null when it is damaged. */
function readParts(bytes: Uint8Array, contentType: string, source: AnswerSource): AnswerReading | null {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  const parts = partsOf(bytes, quoted ?? plain ?? '')
  if (parts === null) return null
  const data = parts.map(({ headers, bytes }) => ({
    headers: Object.fromEntries(headers),
    data: decodeAnswer(bytes, headers, source, true).data,
  }))
  return { ok: true, data }
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
