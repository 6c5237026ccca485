// What the MCP client sends, over the `Fetch` that an adapter is handed. The client's own transports do the protocol;
// this adds what they leave open: no stream of its own is opened, a request that will never be answered fails at once,
// and how an answer failed stays known.
import {
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
  type FetchLike,
  type JSONRPCMessage,
  type TransportSendOptions,
} from '@modelcontextprotocol/client'
import { essenceOf } from '../openapi/media-type.ts'
import type { Fetch } from '../adapter.ts'
import { own } from '../json-value.ts'
import { Notes } from './notes.ts'

/** How an endpoint is spoken to: streamable HTTP (2025-03-26 and later), or HTTP with SSE (2024-11-05). */
export interface Endpoint {
  url: string
  transport: 'http' | 'sse'
}

/** An answer that was no success. */
export interface Refusal {
  status: number
  headers: Headers
  body: string
}

export type WireTransport = AnsweredHttpTransport | SSEClientTransport

/** Of a request that the server ended its answer to without answering. Codes from -32000 on are free for a program. */
export const NO_ANSWER = -32_099
const NO_ANSWER_MESSAGE = 'The server ended its answer without a response to the request.'

export interface WireOptions {
  /** That is gone on with. */
  session?: { id: string; version: string }
  listens?: boolean
}

export class Wire {
  readonly transport: WireTransport
  /** The last one, of a request that has not been followed by an accepted one. */
  refusal: Refusal | null = null
  /** What a request, or reading its answer, failed with before there was an answer. */
  failure: unknown = null
  /** Of the last accepted answer. */
  headers = new Headers()
  /** The server has said that it offers something else now. */
  hasOtherTools = false
  /** How many answers were streams. */
  streams = 0
  /** Resolve when a stream has ended, or was given up. */
  readonly openStreams = new Set<Promise<void>>()
  /** The `result` of the last message that had one, as the server sent it. */
  result: unknown
  /** Messages on their way that expect no answer. */
  readonly notices = new Set<Promise<void>>()
  /** What the server has said meanwhile. */
  readonly notes = new Notes()
  /** Resolves when the server has answered to being listened to, with whether it offers the stream for that. */
  readonly listening: Promise<'offered' | 'refused' | 'unknown'>
  /** Ids of requests of the server's that came by the stream for messages that belong to no request. */
  readonly aside = new Set<unknown>()
  readonly #endpoint: Endpoint
  readonly #fetch: Fetch
  readonly #listens: boolean
  #hasListened: (offer: 'offered' | 'refused' | 'unknown') => void = () => {}
  #isListening = false
  #last = ''

  constructor(endpoint: Endpoint, fetch: Fetch, { session, listens = false }: WireOptions = {}) {
    this.#endpoint = endpoint
    this.#fetch = fetch
    this.#listens = listens
    this.listening = new Promise((resolve) => {
      this.#hasListened = resolve
    })
    const url = new URL(endpoint.url)
    const send: FetchLike = (input, init) => this.#send(input, init)
    this.transport =
      endpoint.transport === 'sse'
        ? new SSEClientTransport(url, { fetch: send, eventSourceInit: { fetch: send } })
        : new AnsweredHttpTransport(this, url, {
            fetch: send,
            onInsufficientScope: 'throw',
            ...(session && { sessionId: session.id, protocolVersion: session.version }),
          })
    // The client calls what stands here before itself.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- no event target
    this.transport.onmessage = (message) => {
      if (endpoint.transport === 'sse' && this.#isRepeated(message)) return
      if ('result' in message) this.result = message.result
      this.notes.take(message)
      if ('method' in message && message.method.endsWith('/list_changed')) this.hasOtherTools = true
    }
  }

  /** In workerd an event source hands on every event twice: the second time it is made into nothing that is known. */
  #isRepeated(message: JSONRPCMessage): boolean {
    const text = 'method' in message ? JSON.stringify(message) : ''
    const isRepeated = text !== '' && text === this.#last
    this.#last = isRepeated ? '' : text
    return isRepeated && Reflect.deleteProperty(message, 'method')
  }

  async #send(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const isGet = init.method === undefined || init.method === 'GET'
    if (isGet && !this.#mayListen(headers)) {
      this.#hasListened('refused')
      return new Response(null, { status: 405 })
    }
    const { method = 'GET', body, signal, redirect = 'manual' } = init
    let response: Response
    try {
      response = await this.#fetch(new Request(input, { method, headers, body, signal, redirect }))
    } catch (error) {
      this.failure = error
      throw error
    }
    // A server without such a stream says so with 405, and that is no failure of a call.
    if (isGet) this.#hasListened(offerOf(response.status))
    if (isGet && response.status >= 400 && this.#endpoint.transport === 'http') return response
    if (response.status >= 400) {
      const text = await response.text()
      this.refusal = { status: response.status, headers: response.headers, body: text }
      return new Response(text, { status: response.status, headers: response.headers })
    }
    if (response.status >= 300) this.refusal = { status: response.status, headers: response.headers, body: '' }
    if (response.status === 200) {
      this.refusal = null
      this.headers = response.headers
    }
    const isStream = essenceOf(response.headers.get('content-type') ?? '') === 'text/event-stream'
    if (!isStream || response.body === null) return response
    const belongsToNone = isGet && this.#endpoint.transport === 'http' && !headers.has('last-event-id')
    return this.#watched(response, response.body, { signal, look: belongsToNone ? this.#lookAside() : () => {} })
  }

  /**
   * A stream for messages that belong to no request is only of use to whoever answers questions. To read on in an answer
   * that broke off is another matter, and HTTP with SSE has its answers nowhere else.
   */
  #mayListen(headers: Headers): boolean {
    if (this.#endpoint.transport === 'http') {
      // Without a session nothing on that stream could be this call's.
      return headers.has('last-event-id') || (this.#listens && headers.has('mcp-session-id'))
    }
    // The event source asks again when its stream has ended: that would be another session.
    if (this.#isListening) return false
    this.#isListening = true
    return true
  }

  /** Notes the ids of requests in server-sent events, before the client sees them. */
  #lookAside(): (bytes: Uint8Array) => void {
    const decoder = new TextDecoder()
    let rest = ''
    return (bytes) => {
      const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split(/\r\n|\r|\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) this.aside.add(line.startsWith('data:') ? idOf(line.slice('data:'.length)) : undefined)
    }
  }

  /** Read by hand: in workerd a pipe does not notice that it is aborted before something comes. */
  #watched(
    response: Response,
    body: ReadableStream<Uint8Array>,
    { signal, look }: { signal: AbortSignal | null | undefined; look: (bytes: Uint8Array) => void },
  ): Response {
    this.streams++
    const reader = body.getReader()
    let settle: () => void = () => {}
    const ended = new Promise<void>((resolve) => {
      settle = resolve
    })
    const end = () => {
      settle()
      this.openStreams.delete(ended)
      // Nothing more can be answered.
      if (this.#endpoint.transport === 'sse') void this.transport.close()
    }
    this.openStreams.add(ended)
    const stop = async (reason?: unknown) => {
      await reader.cancel(reason).catch(() => {})
      end()
    }
    signal?.addEventListener('abort', () => void stop(signal.reason))
    const readable = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            look(value)
            return controller.enqueue(value)
          }
          end()
          controller.close()
        } catch (error) {
          this.failure = error
          end()
          throw error
        }
      },
      cancel: stop,
    })
    return new Response(readable, { status: response.status, headers: response.headers })
  }
}

/** 409 is of another call's stream, 404 and 400 of a session that is gone. */
function offerOf(status: number): 'offered' | 'refused' | 'unknown' {
  if (status < 400) return 'offered'
  return [400, 404, 409].includes(status) ? 'unknown' : 'refused'
}

function idOf(text: string): unknown {
  try {
    return own(JSON.parse(text), 'id')
  } catch {
    return undefined
  }
}

class AnsweredHttpTransport extends StreamableHTTPClientTransport {
  readonly #wire: Wire

  constructor(wire: Wire, url: URL, options: StreamableHTTPClientTransportOptions) {
    super(url, options)
    this.#wire = wire
  }

  override async send(
    message: JSONRPCMessage | JSONRPCMessage[],
    options?: Parameters<StreamableHTTPClientTransport['send']>[1] & TransportSendOptions,
  ): Promise<void> {
    const id = !Array.isArray(message) && 'method' in message && 'id' in message ? message.id : null
    if (id === null) return this.#notify(super.send(message, options))
    // Where the request was answered, the client no longer waits for it, and takes no notice.
    const miss = () => this.onmessage?.({ jsonrpc: '2.0', id, error: { code: NO_ANSWER, message: NO_ANSWER_MESSAGE } })
    const streams = this.#wire.streams
    await super.send(message, { ...options, onRequestStreamEnd: miss })
    if (this.#wire.streams === streams) miss()
  }

  async #notify(sending: Promise<void>): Promise<void> {
    const { notices } = this.#wire
    notices.add(sending)
    await sending.finally(() => notices.delete(sending))
  }
}
