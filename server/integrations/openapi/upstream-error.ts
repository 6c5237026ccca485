// An upstream's refusal in the words that agents and people understand: a stable code, the best message that the answer
// holds, and whether trying again can help.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import { isRecord, own, ownText, shorten } from '../json-value.ts'

const CODES: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthorized',
  402: 'payment_required',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'upstream_timeout',
  409: 'conflict',
  410: 'gone',
  412: 'precondition_failed',
  413: 'request_too_large',
  415: 'unsupported_media_type',
  422: 'validation_failed',
  425: 'too_early',
  429: 'rate_limited',
}
const RETRYABLE = new Set([408, 425, 429])
const MAX_MESSAGE = 500
const MAX_DETAILS = 16_000

export function upstreamError(status: number, headers: Headers, body: unknown): ToolErrorShape {
  const found = messageIn(body, 0)
  const isLimited = status === 429 || (status === 403 && isRateLimit(headers, found))
  const message = shorten(found, MAX_MESSAGE) || `The upstream answered with status ${status}.`
  const retryAfterSeconds = retryAfter(headers)
  const details = detailsOf(body, retryAfterSeconds)
  return {
    code: isLimited ? 'rate_limited' : (CODES[status] ?? 'upstream_error'),
    message,
    status,
    ...(details === null ? {} : { details }),
    retryable: isLimited || RETRYABLE.has(status) || status >= 500,
  }
}

/** What a request or the reading of its answer failed with before there was an answer. */
export function outboundFailure(error: unknown): ToolErrorShape {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === null || !(error instanceof Error)) {
    return { code: 'unreachable', message: 'The connection to the upstream failed.', retryable: true }
  }
  return { code, message: error.message, retryable: 'retryable' in error && error.retryable === true }
}

/** Some APIs say with 403 that a quota is used up. */
function isRateLimit(headers: Headers, message: string): boolean {
  const isSpent = headers.get('x-ratelimit-remaining') === '0' || headers.get('ratelimit-remaining') === '0'
  return isSpent || headers.has('retry-after') || /rate limit|quota exceeded|too many requests/i.test(message)
}

/** Seconds until it makes sense to try again, from `Retry-After` in either form; null when it does not say. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const date = value ? Date.parse(value) : Number.NaN
  const now = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) || Number.isNaN(now) ? null : Math.max(0, Math.ceil((date - now) / 1000))
}

function detailsOf(body: unknown, retryAfterSeconds: number | null): unknown {
  const shown = body instanceof FileValue ? null : bounded(body)
  if (retryAfterSeconds === null) return shown
  return isRecord(shown)
    ? { ...shown, retryAfterSeconds }
    : { ...(shown === null ? {} : { body: shown }), retryAfterSeconds }
}

function bounded(body: unknown): unknown {
  const text = typeof body === 'string' ? body : jsonText(body)
  if (text === null) return null
  return text.length <= MAX_DETAILS ? body : `${text.slice(0, MAX_DETAILS)}…`
}

/** Null for what is nested more deeply than JSON can be written. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return null
  }
}

/** Problem details (RFC 9457), OAuth errors, JSON:API and GraphQL errors, and what else APIs call their message. */
function messageIn(body: unknown, depth: number): string {
  if (typeof body === 'string') return body.includes('<html') || body.includes('<!') ? titleOf(body) : body
  if (depth > 4) return ''
  if (Array.isArray(body))
    return body
      .slice(0, 3)
      .map((item) => messageIn(item, depth + 1))
      .filter(Boolean)
      .join('; ')
  if (!isRecord(body)) return ''
  const title = ownText(body, 'title')
  const detail = ownText(body, 'detail') || ownText(body, 'error_description')
  if (detail) return title && title !== detail ? `${title}: ${detail}` : detail
  const direct = ['message', 'Message', 'error_message', 'errorMessage', 'msg', 'description', 'reason', 'faultstring']
  const text = direct.map((name) => ownText(body, name)).find(Boolean) ?? ''
  const errors = ['errors', 'details'].map((name) => listed(own(body, name), depth)).find(Boolean) ?? ''
  if (text) return errors && !text.includes(errors) ? `${text}: ${errors}` : text
  return (
    ['error', 'Error', 'fault', 'data'].map((name) => messageIn(own(body, name), depth + 1)).find(Boolean) ||
    errors ||
    title
  )
}

/** `errors: ["…"]`, `errors: [{ field, message }]`, `errors: { name: ["…"] }`. */
function listed(errors: unknown, depth: number): string {
  const entries: unknown[] = Array.isArray(errors) ? errors : []
  const named = isRecord(errors) ? Object.entries(errors) : []
  const texts = [
    ...entries.slice(0, 5).map((entry) => {
      const field = ownText(entry, 'field') || ownText(entry, 'param') || ownText(entry, 'path')
      const message = messageIn(entry, depth + 1) || ownText(entry, 'code')
      return field && message ? `${field}: ${message}` : message
    }),
    ...named.slice(0, 5).map(([field, entry]) => {
      const message = messageIn(entry, depth + 1)
      return message ? `${field}: ${message}` : ''
    }),
  ]
  return texts.filter(Boolean).join('; ')
}

function titleOf(html: string): string {
  return shorten(/<title[^>]{0,200}>([^<]{1,300})/i.exec(html)?.[1] ?? '', 200)
}
