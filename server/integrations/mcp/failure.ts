// Why a call, or the introduction before it, came to nothing: an HTTP answer, an error of JSON-RPC or of the client.
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { ToolResult } from '../adapter.ts'
import { own, ownText, shorten } from '../json-value.ts'
import { outboundFailure, upstreamError } from '../openapi/upstream-error.ts'
import { SessionError } from './session.ts'
import { NO_ANSWER, type Wire } from './wire.ts'

type Failure = Extract<ToolResult, { ok: false }>

const SESSION = 'mcp-session-id'
const MAX_MESSAGE = 1000
const MAX_DATA = 8000
/** Of JSON-RPC, and of MCP before 2026-07-28 (-32002) and from then on (-32021, -32022). */
const INVALID_REQUEST = -32_600
const METHOD_NOT_FOUND = -32_601
const INVALID_PARAMS = -32_602
const RESOURCE_NOT_FOUND = -32_002
const MISSING_CAPABILITY = -32_021
const UNSUPPORTED_VERSION = -32_022
const URL_ELICITATION = -32_042

/** What servers answer for a name that they do not know, as an error and as a result that is one. */
const UNKNOWN_TOOL =
  /^(?:mcp error -?\d+: )?(?:unknown tool\b|(?:no such )?tool\b.{0,200}\b(?:not found|does not exist|unknown))/i

export function isUnknownTool(text: string): boolean {
  return UNKNOWN_TOOL.test(text)
}

export function toolGone(message: string): ToolErrorShape {
  return { code: 'tool_gone', message: `The server does not have this tool any more: ${shorten(message, MAX_MESSAGE)}` }
}

/** `wire` is that of the call; a failed introduction brings its own. */
export function failureOf(error: unknown, wire: Wire | null): Failure {
  if (error instanceof SessionError) return failureOf(error.cause, error.wire)
  const isUnanswered = error instanceof ProtocolError && error.code === NO_ANSWER
  if (isUnanswered && isOutbound(wire?.failure)) return { ok: false, error: unsent(wire?.failure) }
  if (error instanceof ProtocolError) return { ok: false, error: protocolFailure(error) }
  if (wire?.refusal) {
    const { status, body } = wire.refusal
    const headers = new Headers(wire.refusal.headers)
    headers.delete(SESSION)
    return { ok: false, error: upstreamError(status, headers, bodyOf(body)), headers: Object.fromEntries(headers) }
  }
  if (isOutbound(error)) return { ok: false, error: unsent(error) }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    const message = 'The server did not answer in time.'
    return { ok: false, error: { code: 'timeout', message, retryable: true } }
  }
  return { ok: false, error: isOutbound(wire?.failure) ? unsent(wire?.failure) : sdkFailure(error) }
}

function unsent(error: unknown): ToolErrorShape {
  const failure = outboundFailure(error)
  if (failure.code !== 'too_large') return failure
  return { ...failure, code: 'answer_too_large', message: `${failure.message} Ask for less at a time.` }
}

/** Whether the parameters were not what the server takes, so that nothing was carried out. */
export function isRefused(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === INVALID_PARAMS
}

/** Whether a session that was kept is what the server does not know; nothing was carried out then. */
export function isSessionGone(error: unknown, wire: Wire): boolean {
  if (error instanceof ProtocolError) return error.code === UNSUPPORTED_VERSION
  const { refusal } = wire
  // The specification has 404; servers of before say 400 in many words.
  return refusal?.status === 404 || (refusal?.status === 400 && /session|not initialized/i.test(refusal.body))
}

/** The answer came, and the client makes nothing of it: `wire.result` has it as it was sent. */
export function isMisshapen(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.InvalidResult
}

function protocolFailure(error: ProtocolError): ToolErrorShape {
  const { code, data } = error
  const said = shorten(error.message.replace(/^MCP error -?\d+: /, ''), MAX_MESSAGE) || `error ${code}`
  if (code === NO_ANSWER) return { code: 'interrupted', message: said, retryable: true }
  if (code === URL_ELICITATION) return { code: 'input_required', message: said }
  if (code === METHOD_NOT_FOUND || (code === INVALID_PARAMS && isUnknownTool(said))) return toolGone(said)
  const details = { rpcCode: code, ...(data !== undefined && { data: bounded(data) }) }
  // From 2026-07-28 on it is an invalid parameter, and names the resource.
  if (code === RESOURCE_NOT_FOUND || (code === INVALID_PARAMS && ownText(data, 'uri')))
    return { code: 'not_found', message: said, details }
  if (code === INVALID_PARAMS) return { code: 'invalid_arguments', message: said, details }
  if (code === MISSING_CAPABILITY) return { code: 'unsupported_request', message: said, details }
  const isFault = code !== INVALID_REQUEST && code !== UNSUPPORTED_VERSION
  return { code: 'upstream_error', message: said, details, ...(isFault && { retryable: false }) }
}

function sdkFailure(error: unknown): ToolErrorShape {
  const code = error instanceof SdkError ? error.code : null
  const said = error instanceof Error ? shorten(error.message, MAX_MESSAGE) : ''
  if (code === SdkErrorCode.CapabilityNotSupported || code === SdkErrorCode.UnsupportedResultType) {
    const message = 'The server asks for what Executor does not do for it, as sampling from a model or listing roots.'
    return { code: 'unsupported_request', message }
  }
  if (code === SdkErrorCode.ConnectionClosed) {
    return { code: 'interrupted', message: 'The connection to the server ended before its answer.', retryable: true }
  }
  if (code === null && error instanceof TypeError) return outboundFailure(error)
  return { code: 'invalid_answer', message: `The answer of the server is not one of MCP: ${said}` }
}

function isOutbound(error: unknown): boolean {
  return error instanceof Error && error.name === 'OutboundError'
}

function bodyOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return own(parsed, 'error') === undefined ? parsed : { error: own(parsed, 'error') }
  } catch {
    return text
  }
}

/** The session is nobody's business but the connection's. */
export function shownHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name !== SESSION))
}

function bounded(data: unknown): unknown {
  const text = JSON.stringify(data) ?? ''
  return text.length <= MAX_DATA ? data : `${text.slice(0, MAX_DATA)}…`
}
