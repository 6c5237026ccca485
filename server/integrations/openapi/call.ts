// Carries a tool out: the request from its binding and the input, then the answer as a value or as an error.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { CallableTool, Fetch, ToolResult } from '../adapter.ts'
import { decodeAnswer } from './answer.ts'
import { isBinding, type Binding } from './binding.ts'
import { cookiePairs, headerText } from './parameter-style.ts'
import { requestBody } from './request-body.ts'
import { contentText, requestUrl, valueOf } from './request-url.ts'
import { outboundFailure, upstreamError } from './upstream-error.ts'

type RequestReading = { ok: true; request: Request } | { ok: false; error: ToolErrorShape }

export async function callOperation(tool: CallableTool, input: unknown, fetch: Fetch): Promise<ToolResult> {
  if (!isBinding(tool.binding)) {
    return {
      ok: false,
      error: { code: 'not_callable', message: 'The tool was stored in another form. Import its integration again.' },
    }
  }
  const built = buildRequest(tool.binding, tool.baseUrl, input)
  if (!built.ok) return built
  let response: Response
  let bytes: Uint8Array
  try {
    response = await fetch(built.request)
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    return { ok: false, error: outboundFailure(error) }
  }
  const headers = Object.fromEntries(response.headers)
  const answer = decodeAnswer(bytes, response.headers, response.url || built.request.url)
  const isSuccess = response.ok || response.status === 304
  if (!isSuccess) return { ok: false, error: upstreamError(response.status, response.headers, answer.data), headers }
  if (answer.ok) return { ok: true, status: response.status, headers, data: answer.data }
  const { message, data: details } = answer
  return { ok: false, error: { code: 'invalid_answer', message, status: response.status, details }, headers }
}

/** The request that a call would send, without a credential. */
export function buildRequest(binding: Binding, baseUrl: string, input: unknown): RequestReading {
  const refuse = (message: string): RequestReading => ({ ok: false, error: { code: 'invalid_arguments', message } })
  const missing = binding.parameters.find(
    (parameter) => parameter.in === 'path' && (valueOf(parameter, input) ?? undefined) === undefined,
  )
  if (missing) return refuse(`missing required field ${JSON.stringify(missing.key)}`)
  const target = requestUrl(binding, baseUrl, input)
  if (!target.ok) return refuse(target.message)
  const headers = new Headers({ accept: binding.accept })
  const problem = setParameters(headers, binding, input)
  if (problem) return refuse(problem)
  const body = binding.body ? requestBody(binding.body, input) : null
  if (body && !body.ok) return refuse(body.message)
  if (body?.contentType) headers.set('content-type', body.contentType)
  return { ok: true, request: new Request(target.url, { method: binding.method, headers, body: body?.body ?? null }) }
}

/** Header and cookie parameters; answers what is wrong with a value, or nothing. */
function setParameters(headers: Headers, binding: Binding, input: unknown): string {
  const cookies: string[] = []
  for (const parameter of binding.parameters) {
    if (parameter.in !== 'header' && parameter.in !== 'cookie') continue
    const value = valueOf(parameter, input)
    if (value === undefined || value === null) continue
    const written = parameter.mediaType === undefined ? value : contentText(value)
    if (parameter.in === 'cookie') {
      cookies.push(...cookiePairs(parameter.name, written, parameter))
      continue
    }
    const text = headerText(written, parameter)
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) {
      return `${JSON.stringify(parameter.key)} is sent in a header, which has no room for line breaks, control or non-Latin characters.`
    }
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(parameter.name)) return `"${parameter.name}" is no name for a header.`
    headers.set(parameter.name, text)
  }
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '))
  return ''
}
