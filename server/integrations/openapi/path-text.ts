// A path template with its values. What is between two slashes of the template stays there, whatever a value contains.
import { own } from '../json-value.ts'
import type { BoundParameter } from './binding.ts'
import { contentText } from './content-text.ts'
import { pathText, percentEncode, textOf } from './parameter-style.ts'

export type PathReading = { ok: true; text: string } | { ok: false; message: string }

/** The value of the input, or the document's default for a required parameter. */
export function valueOf(parameter: BoundParameter, input: unknown): unknown {
  const given = own(input, parameter.key)
  return given === undefined || given === null ? (parameter.default ?? given) : given
}

/** A template's text with every `{name}` filled in, encoded for a URL. `isQuery`: of a template's own query. */
export function expandTemplate(
  template: string,
  parameters: BoundParameter[],
  input: unknown,
  isQuery = false,
): PathReading {
  const bound = new Map(
    parameters.filter((parameter) => parameter.in === 'path').map((parameter) => [parameter.name, parameter]),
  )
  let message = ''
  const text = template.replaceAll(/\{([^{}]+)\}/g, (whole, name: string) => {
    const parameter = bound.get(name)
    if (!parameter) return whole
    const value = valueOf(parameter, input)
    const written = parameter.mediaType === undefined ? value : contentText(parameter, value)
    if (isQuery) return percentEncode(textOf(written))
    message ||= pathProblem(parameter, written, typeof value === 'string')
    const sent = message ? '' : pathText(name, written, parameter)
    // Nothing, or an array of nothing; style label has a dot before it.
    if (sent === '' || sent === '.')
      message ||= `${JSON.stringify(parameter.key)} is part of the path and must not be empty.`
    return sent
  })
  // What no value is alone, several may be together.
  if (!isQuery && hasStep(text)) message ||= 'The arguments would lead to another path.'
  if (message) return { ok: false, message }
  return { ok: true, text: text.replaceAll(/[^!-~]|["<>\\^`{}|]/gu, (character) => percentEncode(character)) }
}

/** Whether a server that decodes and normalises first would see a step in a path. */
function hasStep(path: string): boolean {
  return decoded(path)
    .normalize('NFKC')
    .split(/[/\\]/)
    .some((segment) => STEP.test(segment))
}

/** What is not UTF-8 is decoded as far as it is ASCII. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replaceAll(/%[0-7][\da-f]/gi, decodeURIComponent)
  }
}

/** `.` and `..`, also as servers read them that drop spaces or what follows a semicolon. */
const STEP = /^\s*\.{1,2}\s*(;.*)?$/s
/** Dots, slashes, percent signs and NUL in percent-encoding, also in encodings that are longer than they need be. */
const ENCODED = /%(2e|2f|3f|23|5c|25|00|c0|c1|e0%[89]|f0%8|u[0-9a-f]{4})/i

/**
 * Why a value cannot stand in a path; empty when it can. A slash is sent encoded, so it stays inside its segment; what a
 * server that decodes or normalises first could take for a step elsewhere is refused.
 */
function pathProblem(parameter: BoundParameter, value: unknown, isText: boolean): string {
  const name = JSON.stringify(parameter.key)
  const isStructure = typeof value === 'object' && value !== null
  const parts = Array.isArray(value) ? (value as unknown[]) : isStructure ? Object.entries(value).flat() : [value]
  const texts = parts.map((part) => textOf(part))
  const isScalar = texts.length === 1
  for (const text of texts) {
    // Between other values a dot is no step.
    if (text === '.' && !isScalar) continue
    if (/\p{Cs}/u.test(text)) return `${name} must not contain half a character (a lone surrogate).`
    // Compatibility forms: a server that normalises reads a full-width dot as a dot.
    for (const form of [text, text.normalize('NFKC')]) {
      const problem = textProblem(form, parameter, isText || parameter.mediaType === undefined)
      if (problem) return `${name} must not ${problem}`
    }
  }
  return ''
}

/** `isPlain`: not JSON, which has slashes and backslashes of its own. */
function textProblem(text: string, { allowReserved }: BoundParameter, isPlain: boolean): string {
  if (text.split(/[/\\]/).some((segment) => STEP.test(segment))) return 'contain the path steps "." or "..".'
  const segments = text.split('/')
  // A URL has a "//", and as long as its slashes are encoded that is all there is to it.
  const isUrl = !allowReserved && /^[a-z][\w+.-]*:\/\/[^/]/i.test(text)
  if (segments.length > 1 && segments.includes('') && isPlain && !isUrl) {
    return 'begin or end with "/", or contain "//".'
  }
  if (ENCODED.test(text)) return 'contain percent-encoded characters; give it as it is, it is encoded for you.'
  if (/[\\\p{Cc}]/u.test(text) && isPlain) return 'contain backslashes or control characters.'
  if (allowReserved && /[?#]/.test(text)) return 'contain "?" or "#": slashes are all that it can have of a URL.'
  return ''
}
