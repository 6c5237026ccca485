// An upstream's answer as the rest of Executor sees it: bounded in size and time, and without what belonged to the wire.
import type { Deadline } from './deadline.ts'
import { decodeContent, isLeftEncoded, tooLarge } from './decode-content.ts'
import { OutboundError } from './outbound-error.ts'

export interface Limits {
  /** Bytes of the body, counted before and after decompression. */
  maxBytes: number
  deadline: Deadline
  /** Values of the query that no one may read in a header, should the upstream repeat its own URL there. */
  secrets: ReadonlySet<string>
}

/** Each costs time, whatever its size: a body of single bytes would keep a Worker busy for minutes. */
const MAX_SMALL_PIECES = 50_000
const SMALL_BYTES = 256

/** Sessions and credentials that an upstream hands out: nothing here keeps them, and no agent is to see them. */
const SECRET_HEADERS =
  /cookie|^(?:proxy-)?authorization$|^authentication-info$|^cf-access-(?!aud$|domain$)|(?:^|[-_])(?:api-?key|jwt|secret|session-?id|(?:api|auth|authentication|access|bearer|csrf|id|refresh|security|session|subject|user|xsrf)[-_]?token)$/

/**
 * The same answer with a body that fails with `OutboundError` when it passes a limit or breaks off. `url` is where the
 * answer came from, without the credential.
 */
export function limitResponse(response: Response, url: URL, limits: Limits): Response {
  const { maxBytes, deadline } = limits
  if (response.status < 200 || response.status > 599) {
    throw new OutboundError('invalid_response', `${url.host} answered with the invalid status ${response.status}.`)
  }
  // 204, 205, 304 and the answer to HEAD have no body; their length, when they name one, is another answer's.
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  if (response.body !== null && length > maxBytes) throw tooLarge(maxBytes)
  // A Worker's `fetch` takes an empty body for a damaged one when it is said to be compressed.
  const source = length === 0 ? null : response.body
  if (source === null) response.body?.cancel().catch(() => {})
  const body = source === null ? null : limitBody(source, response.headers, limits)
  if (body === null) deadline.end()
  const headers = shownHeaders(response.headers, limits.secrets)
  const limited = new Response(body, { status: response.status, statusText: response.statusText, headers })
  Object.defineProperty(limited, 'url', { value: url.href })
  return limited
}

function shownHeaders(given: Headers, secrets: ReadonlySet<string>): Headers {
  const headers = new Headers()
  for (const [name, value] of given) {
    // The adapter of MCP goes on with it, and shows it to nobody.
    const isOfMcp = name === 'mcp-session-id'
    if (isOfMcp || !SECRET_HEADERS.test(name)) headers.set(name, withoutSecrets(value, secrets))
  }
  headers.delete('transfer-encoding')
  if (headers.has('content-encoding')) {
    headers.delete('content-encoding')
    headers.delete('content-length')
  }
  return headers
}

/** A `Link` to the next page often repeats the whole query. Short values are no secrets, and would be found in words. */
function withoutSecrets(value: string, secrets: ReadonlySet<string>): string {
  let text = value
  for (const secret of secrets) {
    if (secret.length < 8) continue
    const inForm = new URLSearchParams({ '': secret }).toString().slice(1)
    for (const written of [secret, encodeURIComponent(secret), inForm]) text = text.replaceAll(written, '')
  }
  return text
}

function limitBody(
  body: ReadableStream<Uint8Array>,
  headers: Headers,
  { maxBytes, deadline }: Limits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let received = 0
  let pieces = 0
  const stop = async (reason: unknown) => {
    deadline.end()
    await reader.cancel(reason).catch(() => {})
  }
  /** The next bytes, or nothing at the end. */
  const read = async () => {
    const chunk = await reader.read().catch((error: unknown) => {
      throw error instanceof OutboundError
        ? error
        : new OutboundError('interrupted', 'The answer broke off before its end.')
    })
    if (chunk.done) return undefined
    received += chunk.value.byteLength
    if (received > maxBytes) throw tooLarge(maxBytes)
    if (++pieces > MAX_SMALL_PIECES + received / SMALL_BYTES) {
      throw new OutboundError('invalid_response', `The answer came in more than ${MAX_SMALL_PIECES} small pieces.`)
    }
    return chunk.value
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Not a race for each piece: what has been raced is remembered until the deadline, a million times over.
      deadline.signal.addEventListener('abort', () => {
        controller.error(deadline.signal.reason)
        void stop(deadline.signal.reason)
      })
    },
    async pull(controller) {
      try {
        const bytes = await read()
        const isEncoded = bytes !== undefined && pieces === 1 && isLeftEncoded(headers, bytes)
        if (isEncoded) controller.enqueue(decodeContent(await readRest(bytes, read), headers, maxBytes))
        else if (bytes !== undefined) controller.enqueue(bytes)
        if (bytes !== undefined && !isEncoded) return
        deadline.end()
        controller.close()
      } catch (error) {
        void stop(error)
        throw error
      }
    },
    cancel: stop,
  })
}

async function readRest(first: Uint8Array, read: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  const pieces = [first]
  for (let piece = await read(); piece !== undefined; piece = await read()) pieces.push(piece)
  return Buffer.concat(pieces)
}
