// An upstream's answer as the rest of Executor sees it: bounded in size and time, and without what belonged to the wire.
import type { Deadline } from './deadline.ts'
import { OutboundError } from './outbound-error.ts'

export interface Limits {
  /** Bytes of the body, counted after decompression. */
  maxBytes: number
  deadline: Deadline
}

/**
 * The same answer with a body that fails with `OutboundError` when it passes a limit or breaks off. `url` is where the
 * answer came from, without the credential. Cookies are dropped: nothing here keeps a session with an upstream.
 */
export function limitResponse(response: Response, url: URL, { maxBytes, deadline }: Limits): Response {
  if (response.status < 200 || response.status > 599) {
    throw new OutboundError('invalid_response', `${url.host} answered with the invalid status ${response.status}.`)
  }
  // 204, 205, 304 and the answer to HEAD have no body; their length, when they name one, is another answer's.
  if (response.body !== null && Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    throw tooLarge(maxBytes)
  }
  const headers = new Headers(response.headers)
  headers.delete('set-cookie')
  headers.delete('transfer-encoding')
  if (headers.has('content-encoding')) {
    headers.delete('content-encoding')
    headers.delete('content-length')
  }
  const body = response.body === null ? null : limitBody(response.body, { maxBytes, deadline })
  if (body === null) deadline.end()
  const limited = new Response(body, { status: response.status, statusText: response.statusText, headers })
  Object.defineProperty(limited, 'url', { value: url.href })
  return limited
}

function limitBody(body: ReadableStream<Uint8Array>, { maxBytes, deadline }: Limits): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let received = 0
  const stop = async (reason: unknown) => {
    deadline.end()
    await reader.cancel(reason).catch(() => {})
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      deadline.signal.addEventListener('abort', () => {
        controller.error(deadline.signal.reason)
        void stop(deadline.signal.reason)
      })
    },
    async pull(controller) {
      const chunk = await deadline.race(reader.read()).catch((error: unknown) => {
        deadline.end()
        throw error instanceof OutboundError
          ? error
          : new OutboundError('interrupted', 'The answer broke off before its end.')
      })
      if (chunk.done) {
        deadline.end()
        controller.close()
        return
      }
      received += chunk.value.byteLength
      if (received > maxBytes) {
        const error = tooLarge(maxBytes)
        void stop(error)
        throw error
      }
      controller.enqueue(chunk.value)
    },
    cancel: stop,
  })
}

function tooLarge(maxBytes: number): OutboundError {
  const size = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return new OutboundError('too_large', `The answer is larger than the limit of ${size}.`)
}
