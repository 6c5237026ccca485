// Headers that no parameter sets: the request's own parts write them, or the transport does.
import { allowedHeaders } from '../../net/request-headers.ts'

const OWNED = new Set(
  (
    'accept content-type authorization host content-length connection transfer-encoding cookie ' +
    'accept-encoding user-agent keep-alive te trailer upgrade expect http2-settings'
  ).split(' '),
)

export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(name)
}

/** Also true of what outbound requests never carry, such as hop-by-hop headers and those of proxies. */
export function isOwnedHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return OWNED.has(lower) || (isHeaderName(lower) && !allowedHeaders(new Headers({ [lower]: '' }), 'caller').has(lower))
}
