// A `Fetch` that goes out as an adapter's does, and counts what a server has to bear: requests, introductions, streams.
import type { Fetch } from '../../integrations/adapter.ts'
import { isRecord } from '../../integrations/json-value.ts'
import { createOutbound, type SendOptions } from '../../net/outbound.ts'

export interface CountingFetch {
  fetch: Fetch
  /** `POST tools/call`, `POST (response)`, `GET`, `DELETE`, in order. */
  requests: string[]
  count: (request: string) => number
  /** Streams that have not ended and were not cancelled. */
  openStreams: () => number
}

export function countingFetch(options: SendOptions = {}): CountingFetch {
  const outbound = createOutbound({ allowLocalNetwork: true })
  const requests: string[] = []
  let open = 0
  const fetch: Fetch = async (request) => {
    const body = request.body === null ? null : await request.text()
    requests.push([request.method, body === null ? '' : methodOf(body)].filter(Boolean).join(' '))
    const sent = new Request(request, body === null ? {} : { body })
    const response = await outbound.send(sent, options)
    if (!response.body || !response.headers.get('content-type')?.includes('text/event-stream')) return response
    open++
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    void response.body
      .pipeTo(writable)
      .catch(() => {})
      .finally(() => open--)
    return new Response(readable, { status: response.status, headers: response.headers })
  }
  return {
    fetch,
    requests,
    count: (request) => requests.filter((each) => each === request).length,
    openStreams: () => open,
  }
}

function methodOf(body: string): string {
  const message: unknown = JSON.parse(body)
  return isRecord(message) && typeof message.method === 'string' ? message.method : '(response)'
}
