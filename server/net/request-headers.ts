// Request headers that the platform or the proxies in front of an upstream own, and that a caller therefore may not set.

const FORBIDDEN: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'upgrade',
  'via',
  'x-real-ip',
  // They would turn a call that policy let through as a read into something else.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
])
const FORBIDDEN_PREFIXES = ['cf-', 'proxy-', 'sec-', 'x-forwarded-']
/** They say what a request holds, and what its answer may be. */
const CONTENT: ReadonlySet<string> = new Set(['accept', 'content-encoding', 'content-type'])
/** field-name of RFC 9110, section 5.1. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]{1,100}$/

/** A copy without forbidden headers. Cloudflare Access credentials are `cf-` headers: only a credential may set them. */
export function allowedHeaders(headers: Headers, setBy: 'caller' | 'credential'): Headers {
  const allowed = new Headers(headers)
  for (const name of headers.keys()) {
    if (setBy === 'credential' && name.startsWith('cf-access-')) continue
    if (FORBIDDEN.has(name) || FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix))) allowed.delete(name)
  }
  return allowed
}

/** Whether a credential may be a header of this name. */
export function isCredentialHeader(name: string): boolean {
  return (
    TOKEN.test(name) &&
    !CONTENT.has(name.toLowerCase()) &&
    allowedHeaders(new Headers([[name, '']]), 'credential').has(name)
  )
}
