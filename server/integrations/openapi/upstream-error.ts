// An upstream's refusal in the words that agents and people understand: a stable code, the best message that the answer
// holds, and whether trying again can help.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import { limitResetSeconds, retryAfterSeconds } from '../../net/retry-after.ts'
import { FileValue } from '../../sandbox/file.ts'
import { shorten } from '../json-value.ts'
import { messageOf } from './error-message.ts'

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
  423: 'locked',
  425: 'too_early',
  429: 'rate_limited',
  451: 'unavailable_for_legal_reasons',
}
const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429])
/** Of 5xx: they say that it is not a matter of time. */
const FINAL: ReadonlySet<number> = new Set([501, 505, 506, 508, 510, 511])
const MAX_MESSAGE = 500
const MAX_BODY = 16_000
const MAX_HEADER = 1000

/** `details` are the body, the headers that may tell something, and the seconds after which the upstream will listen. */
export function upstreamError(status: number, headers: Headers, body: unknown): ToolErrorShape {
  const said = messageOf(body) || challengeOf(headers)
  const isLimited = status === 429 || hasLimitCode(body) || (status === 403 && isRateLimit(headers, said))
  const isRedirect = status >= 300 && status < 400
  const code = isLimited ? 'rate_limited' : (CODES[status] ?? (isRedirect ? 'unexpected_redirect' : 'upstream_error'))
  const now = Date.now()
  const seconds = retryAfterSeconds(headers, now) ?? (isLimited ? limitResetSeconds(headers, now) : null)
  return {
    code,
    message: shorten(said, MAX_MESSAGE) || plainMessage(status),
    status,
    details: { ...answerDetails(headers, body), ...(seconds !== null && { retryAfterSeconds: seconds }) },
    retryable: isLimited || RETRYABLE.has(status) || (status >= 500 && !FINAL.has(status)),
  }
}

function plainMessage(status: number): string {
  if ([301, 302, 303, 307, 308].includes(status)) return `The upstream redirected (${status}) without saying where.`
  return `The upstream answered with status ${status}.`
}

/** What a request or the reading of its answer failed with before there was an answer. */
export function outboundFailure(error: unknown): ToolErrorShape {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === null || !(error instanceof Error)) {
    return { code: 'unreachable', message: 'The connection to the upstream failed.', retryable: true }
  }
  return { code, message: error.message, retryable: 'retryable' in error && error.retryable === true }
}

/** Headers of every answer, which say nothing of why this one is an error. */
const COMMON_HEADERS =
  /^(?:date|server|age|via|vary|etag|expires|pragma|connection|keep-alive|alt-svc|nel|last-modified|(?:content|accept|access-control|cross-origin|cf|origin|x-(?:cache|served|timer|runtime|powered|frame|xss|content|download|permitted|dns|envoy|amz-cf|ua))-.*|cache-control|report.*|server-timing|strict-transport-security|referrer-policy|permissions-policy|feature-policy|x-cache|x-timer|x-runtime|p3p)$/

/** The body as far as it can be shown, and the headers that are not in every answer. */
export function answerDetails(headers: Headers, body: unknown): { body?: unknown; headers?: Record<string, string> } {
  const shown = body instanceof FileValue ? null : bounded(body)
  const telling = [...headers].filter(([name]) => !COMMON_HEADERS.test(name))
  return {
    ...(shown !== null && { body: shown }),
    ...(telling.length > 0 && {
      headers: Object.fromEntries(telling.slice(0, 30).map(([name, value]) => [name, value.slice(0, MAX_HEADER)])),
    }),
  }
}

function bounded(body: unknown): unknown {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  return text.length <= MAX_BODY ? body : `${text.slice(0, MAX_BODY)}…`
}

/**
 * Names that APIs give to a limit in their own errors, whatever the status: Google's 403 `rateLimitExceeded`, AWS's 400
 * `ThrottlingException`, GraphQL's `RATELIMITED`.
 */
const LIMIT_CODE =
  /"(?:code|reason|error|errorcode|error_code|type|__type|status|name)":"(?:[\w.]*#)?(?:(?:user|daily|request|api|concurrent)?_?(?:rate_?)?limit_?exceeded|rate_?limit(?:ed|_?error)?|too_?many_?requests(?:exception)?|quota_?exceeded|throttl(?:ed|ing|ing_?(?:exception|error))|resource_?exhausted)"/i

function hasLimitCode(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || body instanceof FileValue) return false
  return LIMIT_CODE.test(JSON.stringify(body).slice(0, MAX_BODY))
}

/** Some APIs say with 403 that a quota is used up. */
function isRateLimit(headers: Headers, message: string): boolean {
  const isSpent = headers.get('x-ratelimit-remaining') === '0' || headers.get('ratelimit-remaining') === '0'
  return isSpent || headers.has('retry-after') || /rate limit|quota exceeded|too many requests/i.test(message)
}

/** `Bearer error="invalid_token", error_description="…"` (RFC 6750, 3), for answers that say no more. */
function challengeOf(headers: Headers): string {
  const challenge = headers.get('www-authenticate') ?? ''
  return (/\berror_description="([^"]+)"/i.exec(challenge) ?? /\berror="([^"]+)"/i.exec(challenge))?.[1] ?? ''
}
