// An upstream that keeps every request as it came over the wire and answers what it was told to: for journeys that say
// exactly what a call sent.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen } from './listen.ts'

export interface RecordedRequest {
  method: string
  /** Path and query as they came, percent-encoding included. */
  target: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface UpstreamAnswer {
  status?: number
  headers?: Record<string, string>
  /** Text and bytes go out as they are, everything else as JSON. */
  body?: unknown
}

export interface RecordingUpstream {
  url: string
  /** What came since the last look. */
  take: () => RecordedRequest[]
  close: () => Promise<void>
}

/** `answers` by `GET /path`, without the query; everything else gets 404. Listens on a free port of loopback. */
export async function startRecordingUpstream(answers: Record<string, UpstreamAnswer>): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { method = '', url: target = '', headers } = request
    requests.push({ method, target, headers, body: Buffer.concat(chunks) })
    const { status = 200, headers: own = {}, body } = answers[`${method} ${target.split('?')[0]}`] ?? NOT_FOUND
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
    response.writeHead(status, { ...(!isRaw && { 'content-type': 'application/json; charset=utf-8' }), ...own })
    response.end(isRaw ? body : JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const port = await listen(server)
  return {
    url: `http://localhost:${port}`,
    take: () => requests.splice(0),
    close: () => close(server),
  }
}

const NOT_FOUND: UpstreamAnswer = { status: 404, body: { message: 'Not Found', status: '404' } }
