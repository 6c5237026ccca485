// The only way out of Executor (design §10). Read `follow` first: admit the address, attach the credential, send, and
// go round again for a redirect, as if it were a new request.
import { accessRefusal, isAccessLogin } from './access-refusal.ts'
import { admit, parseTarget } from './admit.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { attach, type Credential, type Hop, nextHop, redirectLocation } from './hop.ts'
import { limitResponse } from './limited-response.ts'
import { OutboundError } from './outbound-error.ts'
import { allowedHeaders } from './request-headers.ts'
import { createResolver, type Resolve } from './resolve.ts'

export type { Credential, CredentialTarget } from './hop.ts'
export { OutboundError } from './outbound-error.ts'

export interface SendOptions {
  credential?: Credential
  /** From the first lookup to the last byte of the body. 60 s. */
  timeoutMs?: number
  /** Of the answer's body, after decompression. 10 MiB. */
  maxBytes?: number
}

export interface Outbound {
  /**
   * Sends a request. Rejects with `OutboundError` only, and so does the body of the answer. Any status of an upstream is
   * an answer, and with `redirect: 'manual'` in the request so is a redirect, which is followed otherwise; one to the login
   * of Cloudflare Access is answered as 401. The body must be read or cancelled: until then, or until the time limit,
   * the exchange stays open.
   */
  send(request: Request, options?: SendOptions): Promise<Response>
}

export interface OutboundOptions {
  allowLocalNetwork: boolean
  fetch?: (request: Request) => Promise<Response>
  /** Keeps its answers, so make one per isolate: by making one `Outbound` per isolate, or by passing it in. */
  resolver?: Resolve
}

const TIMEOUT_MS = 60_000
const MAX_BYTES = 10 * 1024 * 1024
/** Requests are held whole, so that their length is known and a 307 can repeat them. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024
const MAX_REDIRECTS = 5
const USER_AGENT = 'Executor'

interface FollowOptions extends Required<OutboundOptions> {
  followsRedirects: boolean
}

export function createOutbound(options: OutboundOptions): Outbound {
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  const resolver = options.resolver ?? createResolver({ fetch })

  return {
    async send(request, { credential, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = {}) {
      const deadline = startDeadline(timeoutMs, request.signal)
      try {
        const first = await firstHop(request, deadline)
        const followsRedirects = request.redirect !== 'manual'
        const { response, url, secrets } = await follow(first, credential, deadline, {
          ...options,
          fetch,
          resolver,
          followsRedirects,
        })
        try {
          return limitResponse(response, url, { maxBytes, deadline, secrets })
        } catch (error) {
          discard(response)
          throw error
        }
      } catch (error) {
        deadline.end()
        throw error
      }
    },
  }
}

async function firstHop(request: Request, deadline: Deadline): Promise<Hop> {
  const url = parseTarget(request.url)
  const headers = allowedHeaders(request.headers, 'caller')
  if (!headers.has('user-agent')) headers.set('user-agent', USER_AGENT)
  const body = request.body === null ? null : await deadline.race(readWhole(request.body))
  return { url, method: request.method, headers, body, mayCarryCredential: true }
}

async function follow(
  first: Hop,
  credential: Credential | undefined,
  deadline: Deadline,
  { fetch, resolver, allowLocalNetwork, followsRedirects }: FollowOptions,
): Promise<{ response: Response; url: URL; secrets: ReadonlySet<string> }> {
  let hop = first
  const secrets = new Set<string>()
  for (let redirects = 0; ; redirects++) {
    await deadline.race(admit(hop.url, { allowLocalNetwork, resolve: resolver, signal: deadline.signal }))
    const sent = await deadline.race(attach(hop, credential))
    for (const secret of sent.querySecrets) secrets.add(secret)
    const request = new Request(sent.url, {
      method: hop.method,
      headers: sent.headers,
      body: hop.body,
      redirect: 'manual',
      // The platform's cache keys by URL alone: one person's answer must not become another's.
      cache: 'no-store',
      signal: deadline.signal,
    })
    const response = await deadline.race(fetch(request)).catch((error: unknown) => {
      throw error instanceof OutboundError
        ? error
        : new OutboundError('unreachable', `${hop.url.host} could not be reached.`)
    })
    const location = followsRedirects ? redirectLocation(response) : null
    if (location === null) return { response, url: hop.url, secrets }

    discard(response)
    if (isAccessLogin(location, hop.url)) return { response: accessRefusal(response), url: hop.url, secrets }
    if (redirects === MAX_REDIRECTS) {
      throw new OutboundError('too_many_redirects', `${first.url.host} redirected more than ${MAX_REDIRECTS} times.`)
    }
    hop = nextHop(hop, sent, response.status, location)
  }
}

async function readWhole(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_REQUEST_BYTES) {
      const limit = `${MAX_REQUEST_BYTES / 1024 / 1024} MiB`
      throw new OutboundError('request_too_large', `The request's body is larger than the limit of ${limit}.`)
    }
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}
