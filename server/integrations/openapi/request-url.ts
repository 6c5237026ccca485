// Base URL + path template + parameters = the URL of a request. No value can lead to another path or another host.
import { isRecord } from '../json-value.ts'
import type { Binding, BoundParameter } from './binding.ts'
import { contentText } from './content-text.ts'
import { classOf } from './media-type.ts'
import { percentEncode, queryPairs } from './parameter-style.ts'
import { expandTemplate, valueOf } from './path-text.ts'

export type UrlReading = { ok: true; url: URL } | { ok: false; message: string }

export function requestUrl(binding: Binding, baseUrl: string, input: unknown): UrlReading {
  const base = baseOf(binding, baseUrl)
  if (base === null)
    return { ok: false, message: `The base URL "${baseUrl}" of the integration is not an absolute http(s) URL.` }
  const [template = '', templateQuery = ''] = (binding.path.split('#')[0] ?? '').split(/\?(.*)/s)
  const path = expandTemplate(template, binding.parameters, input)
  if (!path.ok) return path
  const fixed = expandTemplate(templateQuery, binding.parameters, input, true)
  if (!fixed.ok) return fixed
  const given = binding.parameters.flatMap((parameter) => queryOf(parameter, input))
  const pairs = [fixed.text, base.search.slice(1), ...given].filter(Boolean)
  const pathname = base.pathname.replace(/\/+$/, '') + path.text.replace(/^\/*/, '/')
  const target = `${base.origin}${pathname}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
  if (!URL.canParse(target)) return { ok: false, message: 'The arguments do not make a valid URL.' }
  const url = new URL(target)
  // The parser resolves what looks like a step up; whatever it changed was not what the document describes.
  const isAsWritten = url.origin === base.origin && url.pathname === pathname
  return isAsWritten ? { ok: true, url } : { ok: false, message: 'The arguments would lead to another path.' }
}

/** The `name=value` pairs of a parameter, or its whole query. */
function queryOf(parameter: BoundParameter, input: unknown): string[] {
  if (parameter.in !== 'query' && parameter.in !== 'querystring') return []
  const value = valueOf(parameter, input)
  if (value === undefined || (value === null && !parameter.allowEmptyValue)) return []
  if (parameter.mediaType === undefined) return queryPairs(parameter.name, value, parameter)
  const text = contentText(parameter, value)
  if (parameter.in === 'query') return [`${percentEncode(parameter.name)}=${percentEncode(text)}`]
  // A form is a query as it is; everything else is encoded to be one.
  return [classOf(parameter.mediaType) === 'form' && isRecord(value) ? text : percentEncode(text)]
}

function baseOf({ server }: Binding, baseUrl: string): URL | null {
  const isDefault = server !== undefined && baseUrl.replace(/\/+$/, '') === server.insteadOf
  const chosen = isDefault ? server.url : baseUrl
  if (!URL.canParse(chosen)) return null
  const url = new URL(chosen)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}
