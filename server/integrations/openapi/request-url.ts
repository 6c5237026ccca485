// Base URL + path template + parameters = the URL of a request. No value can lead to another path or another host.
import { own } from '../json-value.ts'
import type { Binding, BoundParameter } from './binding.ts'
import { pathText, percentEncode, queryPairs, textOf } from './parameter-style.ts'

export type UrlReading = { ok: true; url: URL } | { ok: false; message: string }

export function requestUrl(binding: Binding, baseUrl: string, input: unknown): UrlReading {
  const base = baseOf(binding, baseUrl)
  if (base === null)
    return { ok: false, message: `The base URL "${baseUrl}" of the integration is not an absolute http(s) URL.` }
  const [template = '', templateQuery] = withoutFragment(binding.path).split(/\?(.*)/s)
  const path = expandPath(template, binding.parameters, input)
  if (!path.ok) return path
  const pairs = [templateQuery ?? '', base.search.slice(1)].filter(Boolean)
  for (const parameter of binding.parameters) {
    if (parameter.in !== 'query') continue
    const value = valueOf(parameter, input)
    if (value === undefined || value === null) continue
    const content = parameter.mediaType === undefined ? null : contentText(value)
    pairs.push(
      ...(content === null
        ? queryPairs(parameter.name, value, parameter)
        : [`${percentEncode(parameter.name)}=${percentEncode(content)}`]),
    )
  }
  const pathname = base.pathname.replace(/\/+$/, '') + path.text.replace(/^\/*/, '/')
  const query = pairs.length > 0 ? `?${pairs.join('&')}` : ''
  const target = `${base.origin}${pathname}${query}`
  if (!URL.canParse(target)) return { ok: false, message: 'The arguments do not make a valid URL.' }
  const url = new URL(target)
  // The parser resolves what looks like a step up; whatever it changed was not what the document describes.
  const isAsWritten =
    url.origin === base.origin && url.pathname === new URL(base.origin + encodedPath(pathname)).pathname
  const steps = url.pathname.split('/').length === pathname.split('/').length
  return isAsWritten && steps ? { ok: true, url } : { ok: false, message: 'The arguments would lead to another path.' }
}

/** The value of the input, or the document's default for a required parameter. */
export function valueOf(parameter: BoundParameter, input: unknown): unknown {
  return own(input, parameter.key) ?? parameter.default
}

/** A value in a media type (`content`): JSON, unless it is text already. */
export function contentText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function baseOf({ server }: Binding, baseUrl: string): URL | null {
  const isDefault = server !== undefined && baseUrl.replace(/\/+$/, '') === server.insteadOf
  const chosen = isDefault ? server.url : baseUrl
  if (!URL.canParse(chosen)) return null
  const url = new URL(chosen)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}

function withoutFragment(path: string): string {
  return path.split('#')[0] ?? ''
}

function encodedPath(path: string): string {
  return path.replaceAll('?', '%3F').replaceAll('#', '%23')
}

function expandPath(
  template: string,
  parameters: BoundParameter[],
  input: unknown,
): { ok: true; text: string } | { ok: false; message: string } {
  const bound = new Map(
    parameters.filter((parameter) => parameter.in === 'path').map((parameter) => [parameter.name, parameter]),
  )
  let message = ''
  const text = template.replaceAll(/\{([^{}]+)\}/g, (whole, name: string) => {
    const parameter = bound.get(name)
    if (!parameter) return whole
    const value = valueOf(parameter, input)
    const written = parameter.mediaType === undefined ? value : contentText(value)
    message ||= pathProblem(parameter.key, written)
    return message ? '' : pathText(name, written, parameter)
  })
  if (message) return { ok: false, message }
  return { ok: true, text: text.replaceAll(/[^!-~]|["<>\\^`{}|]/gu, (character) => percentEncode(character)) }
}

/**
 * Why a value cannot stand in a path; empty when it can. A slash is sent encoded, so it stays inside its segment; what a
 * server that decodes first could take for a step elsewhere is refused.
 */
function pathProblem(key: string, value: unknown): string {
  const texts = typeof value === 'object' && value !== null ? Object.entries(value).flat().map(textOf) : [textOf(value)]
  const name = JSON.stringify(key)
  if (texts.length === 0 || (value ?? '') === '') return `${name} is part of the path and must not be empty.`
  for (const text of texts) {
    const segments = text.split('/')
    if (segments.some((segment) => segment === '.' || segment === '..'))
      return `${name} must not contain the path steps "." or "..".`
    if (segments.length > 1 && segments.includes('')) return `${name} must not begin or end with "/", or contain "//".`
    if (/%(2e|2f|5c|25|00)/i.test(text))
      return `${name} must not contain percent-encoded characters; give it as it is, it is encoded for you.`
    if (/[\\\p{Cc}]/u.test(text)) return `${name} must not contain backslashes or control characters.`
  }
  return ''
}
