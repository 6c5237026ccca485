// What a GraphQL server answers (section 7): data, errors, or both. An error is told in the words and codes that the
// errors of every other kind of API have.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownList, ownText, shorten, type JsonRecord } from '../json-value.ts'
import { decodeAnswer } from '../openapi/answer.ts'
import { upstreamError } from '../openapi/upstream-error.ts'
import { ACCEPT } from './build-request.ts'

const MAX_LISTED = 5
const MAX_MESSAGE = 500
const MAX_ERRORS = 50
const MAX_ERRORS_LENGTH = 16_000

export type Answer =
  /** `errors` are empty, or say what of the data is missing. */
  | { is: 'answer'; status: number; headers: Headers; data: JsonRecord | null; errors: JsonRecord[]; body: JsonRecord }
  | { is: 'failure'; status: number; error: ToolErrorShape; headers: Headers }

export async function readAnswer(response: Response, url: string): Promise<Answer> {
  const { status, headers } = response
  const bytes = new Uint8Array(await response.arrayBuffer())
  const read = decodeAnswer(bytes, headers, { url: response.url || url, accept: ACCEPT })
  const body = read.data
  const errors = ownList(body, 'errors').filter(isRecord)
  const data = own(body, 'data')
  // By its shape: with the older media type servers answer with any status (GraphQL over HTTP, section 6.4).
  const isAnswer = isRecord(body) && (errors.length > 0 || (response.ok && data !== undefined))
  if (isAnswer && (errors.length === 0 || errors.some((error) => own(error, 'message') !== undefined))) {
    return { is: 'answer', status, headers, data: isRecord(data) ? data : null, errors, body }
  }
  if (!response.ok) return { is: 'failure', status, headers, error: upstreamError(status, headers, body) }
  const found = read.ok ? 'is not one of GraphQL: it has neither data nor errors' : read.message
  const message = `The endpoint answered (${status}), but its answer ${found}. ${shownOf(body)}`.trim()
  return { is: 'failure', status, headers, error: { code: 'invalid_answer', message, status } }
}

function shownOf(body: unknown): string {
  const text = typeof body === 'string' ? body : isRecord(body) ? (JSON.stringify(body) ?? '') : ''
  return text === '' ? '' : `It begins with ${JSON.stringify(shorten(text.slice(0, 400), 120))}.`
}

/** By `extensions.code`, or by the `type` that GitHub and others give: in capitals, words apart. */
const CLASSES: [pattern: RegExp, code: string][] = [
  [/RATE_?LIMIT|THROTTLED|TOO_MANY_REQUESTS|^429$|COST_EXCEEDED_WINDOW/, 'rate_limited'],
  [/INSUFFICIENT_SCOPE/, 'insufficient_scope'],
  [/UNAUTHENTICATED|AUTHENTICATION|^UNAUTHORI[SZ]ED|NOT_AUTHENTICATED|INVALID_TOKEN|^401$/, 'unauthorized'],
  [/FORBIDDEN|ACCESS_DENIED|PERMISSION|NOT_AUTHORI[SZ]ED|^403$/, 'forbidden'],
  [/NOT_FOUND|^404$/, 'not_found'],
  [
    /VALIDATION|PARSE_FAILED|BAD_USER_INPUT|INVALID_INPUT|INVALID_ARGUMENT|UNPROCESSABLE|BAD_REQUEST|^4(00|22)$/,
    'validation_failed',
  ],
]

export function classOf(error: unknown): string | null {
  const extensions = own(error, 'extensions')
  const given = [own(extensions, 'code'), own(error, 'type'), own(error, 'code'), own(extensions, 'type')]
  const codes = given
    .filter((code) => typeof code === 'string' || typeof code === 'number')
    .map((code) =>
      String(code)
        .replaceAll(/[\s-]+/g, '_')
        .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
        .toUpperCase(),
    )
  for (const code of codes) {
    const found = CLASSES.find(([pattern]) => pattern.test(code))
    if (found) return found[1]
  }
  return null
}

/** Whether one of them says that who asks is not known, or may not. */
export function wantCredential(errors: readonly unknown[]): boolean {
  return errors.some((error) => ['unauthorized', 'forbidden'].includes(classOf(error) ?? ''))
}

/** Of an answer without data for the field that was asked for. */
export function errorOf({ status, headers, errors, body }: Extract<Answer, { is: 'answer' }>): ToolErrorShape {
  const plain = upstreamError(status, headers, body)
  const message = shorten(messagesOf(errors), MAX_MESSAGE) || 'The endpoint answered with no data, and did not say why.'
  const known = errors.map(classOf).find((code) => code !== null)
  // What the status says is kept where the errors say nothing.
  const code = known ?? plain.code
  const isLimited = code === 'rate_limited'
  const isFinal = known !== undefined && !isLimited
  const { body: _, ...details } = isRecord(plain.details) ? plain.details : {}
  return {
    ...plain,
    code,
    message,
    details: { ...details, errors: bounded(errors) },
    retryable: isLimited || (!isFinal && plain.retryable === true),
  }
}

/** `viewer.email: Your token may not …; …`. */
export function messagesOf(errors: readonly JsonRecord[]): string {
  const texts = errors.slice(0, MAX_LISTED).map((error) => {
    const path = ownList(error, 'path').map(String).join('.')
    const message = ownText(error, 'message') || 'An error without a message.'
    return path ? `${path}: ${message}` : message
  })
  return [...new Set(texts)].join('; ')
}

export function bounded(errors: readonly JsonRecord[]): unknown {
  const some = errors.slice(0, MAX_ERRORS)
  const text = JSON.stringify(some)
  if (text.length <= MAX_ERRORS_LENGTH) return some
  return some
    .map((error) => ({ message: shorten(ownText(error, 'message'), 200), path: own(error, 'path') }))
    .slice(0, 20)
}
