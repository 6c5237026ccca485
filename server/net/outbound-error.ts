// Every way a request can fail before its answer has been read to the end.

export type OutboundErrorCode =
  | 'invalid_url'
  | 'blocked_address'
  | 'unresolvable'
  | 'resolver_unavailable'
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'interrupted'
  | 'invalid_response'
  | 'too_large'
  | 'request_too_large'
  | 'too_many_redirects'
  | 'insecure_redirect'
  | 'credential_failed'

const RETRYABLE: ReadonlySet<OutboundErrorCode> = new Set([
  'resolver_unavailable',
  'unreachable',
  'timeout',
  'interrupted',
])

/**
 * The only error that `send`, and the body of a response that it returned, fail with. `message` is a sentence for a
 * person; it names hosts, and never a query, a header or anything else that may hold a secret.
 */
export class OutboundError extends Error {
  readonly code: OutboundErrorCode
  /** The same request may succeed later. Whether it may be sent again is the caller's decision: a write may have arrived. */
  readonly retryable: boolean

  constructor(code: OutboundErrorCode, message: string) {
    super(message)
    this.name = 'OutboundError'
    this.code = code
    this.retryable = RETRYABLE.has(code)
  }
}
