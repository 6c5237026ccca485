// From a binding and an input to the request that goes out, without a credential.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { Binding, BoundParameter } from './binding.ts'
import { contentText } from './content-text.ts'
import { classOf } from './media-type.ts'
import { continueAt } from './next-url.ts'
import { isHeaderName, isOwnedHeader } from './owned-headers.ts'
import { cookiePairs, headerText } from './parameter-style.ts'
import { valueOf } from './path-text.ts'
import { requestBody } from './request-body.ts'
import { requestUrl } from './request-url.ts'

export type RequestReading = { ok: true; request: Request } | { ok: false; error: ToolErrorShape }

/** The request that a call would send, without a credential. */
export function buildRequest(binding: Binding, baseUrl: string, input: unknown): RequestReading {
  try {
    return requestOf(binding, baseUrl, input)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const message = 'The arguments are nested too deeply to be written.'
    return { ok: false, error: { code: 'invalid_arguments', message } }
  }
}

function requestOf(binding: Binding, baseUrl: string, input: unknown): RequestReading {
  const refuse = (message: string): RequestReading => ({ ok: false, error: { code: 'invalid_arguments', message } })
  const missing = binding.parameters.find(
    (parameter) => parameter.in === 'path' && (valueOf(parameter, input) ?? undefined) === undefined,
  )
  if (missing) return refuse(`missing required field ${JSON.stringify(missing.key)}`)
  const target = requestUrl(binding, baseUrl, input)
  if (!target.ok) return refuse(target.message)
  const page = continueAt(binding, baseUrl, target.url, input)
  if (!page.ok) return refuse(page.message)
  const headers = new Headers({ accept: binding.accept })
  const problem = setParameters(headers, binding, input)
  if (problem) return refuse(problem)
  const body = binding.body ? requestBody(binding.body, input) : null
  if (body && !body.ok) return refuse(body.message)
  if (body?.contentType) headers.set('content-type', body.contentType)
  return { ok: true, request: new Request(page.url, { method: binding.method, headers, body: body?.body ?? null }) }
}

/** Header and cookie parameters; answers what is wrong with a value, or nothing. */
function setParameters(headers: Headers, binding: Binding, input: unknown): string {
  const cookies: string[] = []
  for (const parameter of binding.parameters) {
    if (parameter.in !== 'header' && parameter.in !== 'cookie') continue
    const value = valueOf(parameter, input)
    if (value === undefined || value === null) continue
    const written = parameter.mediaType === undefined ? value : contentText(parameter, value)
    const problem =
      parameter.in === 'cookie' ? addCookies(cookies, parameter, written) : setHeader(headers, parameter, written)
    if (problem) return problem
  }
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '))
  return ''
}

function setHeader(headers: Headers, parameter: BoundParameter, value: unknown): string {
  const text = headerText(value, parameter)
  if (text === null || isOwnedHeader(parameter.name)) return ''
  if (!isHeaderName(parameter.name)) return `"${parameter.name}" is no name for a header.`
  // JSON can say everything in ASCII.
  const isJson = parameter.mediaType !== undefined && classOf(parameter.mediaType) === 'json'
  const sent = isJson ? text.replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${hex(unit.charCodeAt(0))}`) : text
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(sent)) {
    return `${JSON.stringify(parameter.key)} is sent in a header, which has no room for line breaks, control or non-Latin characters.`
  }
  headers.set(parameter.name, sent)
  return ''
}

/** Whatever a cookie's value is, it stays in its cookie (RFC 6265, section 4.1.1). */
function addCookies(cookies: string[], parameter: BoundParameter, value: unknown): string {
  const pairs = cookiePairs(parameter.name, value, parameter)
  const isStrict = parameter.style === 'cookie'
  const name = JSON.stringify(parameter.key)
  if (isStrict && !pairs.every((pair) => /^[!#$%&'*+.^_`|~\w-]+=[!#-+\-./0-9:<-[\]-~]*$/.test(pair))) {
    return `${name} is sent in a cookie as it is: no spaces, quotes, commas, semicolons, backslashes or other than ASCII characters. Encode them as the API expects.`
  }
  cookies.push(...pairs)
  return ''
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0')
}
