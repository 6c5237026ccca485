// One request of a redirect chain: what is sent, with which credential, and what the next one is.
import { parseTarget } from './admit.ts'
import { OutboundError } from './outbound-error.ts'
import { allowedHeaders } from './request-headers.ts'

/** A request that a credential is added to: a copy, of which `url` and `headers` may be changed. */
export interface CredentialTarget {
  url: URL
  headers: Headers
  readonly method: string
  readonly body: Uint8Array<ArrayBuffer> | null
}

/** A credential, and the only origins (`https://api.example.com`) that may ever see it. */
export interface Credential {
  origins: readonly string[]
  /** What nobody may read in an answer, should the upstream repeat it (server/tools/without-credential.ts). */
  secrets?: readonly string[]
  /** Adds it: headers, parameters of the query, a signature. Called anew for every request of a redirect chain. */
  apply(target: CredentialTarget): void | Promise<void>
}

/** A request as the caller meant it: never with a credential in it. */
export interface Hop {
  url: URL
  method: string
  headers: Headers
  body: Uint8Array<ArrayBuffer> | null
  /** False once the chain has been outside the credential's origins: the way back is then somebody else's choice. */
  mayCarryCredential: boolean
}

/** A hop as it goes out. `querySecrets`: the values that the credential put into the query. */
export interface Outgoing {
  url: URL
  headers: Headers
  hasCredential: boolean
  querySecrets: ReadonlySet<string>
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const CALLER_CREDENTIALS = ['authorization', 'cookie']
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type']

/** Attaches the credential to a copy of the hop, when the hop's origin is one of the credential's. */
export async function attach(hop: Hop, credential: Credential | undefined): Promise<Outgoing> {
  const url = new URL(hop.url)
  const headers = new Headers(hop.headers)
  const isOwnOrigin = hop.mayCarryCredential && credential?.origins.includes(url.origin) === true
  if (!credential || !isOwnOrigin) return { url, headers, hasCredential: false, querySecrets: new Set() }

  try {
    await credential.apply({ url, headers, method: hop.method, body: hop.body })
  } catch {
    // Not passed on: a header value that the platform refuses is quoted in its message.
    throw new OutboundError('credential_failed', 'The credential could not be attached to the request.')
  }
  if (url.origin !== hop.url.origin || url.username !== '' || url.password !== '') {
    throw new OutboundError('credential_failed', 'The credential would have changed where the request goes.')
  }
  const querySecrets = new Set<string>()
  for (const [name, value] of url.searchParams) if (!hop.url.searchParams.has(name, value)) querySecrets.add(value)
  return { url, headers: allowedHeaders(headers, 'credential'), hasCredential: true, querySecrets }
}

/** The URL that an answer redirects to, as the upstream wrote it, or null. */
export function redirectLocation(response: Response): string | null {
  return REDIRECTS.has(response.status) ? response.headers.get('location') : null
}

/**
 * The hop after a redirect, with the method rules of the Fetch standard (4.4, HTTP-redirect fetch). Resolved against
 * the hop and not against what was sent, so that no relative location repeats a credential of the query.
 */
export function nextHop(hop: Hop, sent: Outgoing, status: number, location: string): Hop {
  const url = parseTarget(location, hop.url)
  for (const [name, value] of Array.from(url.searchParams)) {
    if (sent.querySecrets.has(value)) url.searchParams.delete(name, value)
  }
  const headers = new Headers(hop.headers)
  const isSecret = sent.hasCredential || CALLER_CREDENTIALS.some((name) => headers.has(name))
  if (isSecret && hop.url.protocol === 'https:' && url.protocol === 'http:') {
    const message = `${hop.url.host} redirected a request with a credential from https to http, which is refused.`
    throw new OutboundError('insecure_redirect', message)
  }
  const isSameOrigin = url.origin === hop.url.origin
  if (!isSameOrigin) for (const name of CALLER_CREDENTIALS) headers.delete(name)

  const becomesGet =
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD') ||
    ((status === 301 || status === 302) && hop.method === 'POST')
  if (becomesGet) for (const name of BODY_HEADERS) headers.delete(name)
  return {
    url,
    method: becomesGet ? 'GET' : hop.method,
    headers,
    body: becomesGet ? null : hop.body,
    mayCarryCredential: hop.mayCarryCredential && (isSameOrigin || sent.hasCredential),
  }
}
