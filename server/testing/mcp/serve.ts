// MCP servers for tests in workerd, which cannot listen. Each is behind a counter of what it has to bear: requests,
// introductions, streams. They start when they are first asked for something.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { TestProject } from 'vitest/node'
import { isRecord } from '../../integrations/json-value.ts'
import { startEverything } from './everything.ts'

type Answer = (request: Request) => Promise<Response>

/** Address to ask what the server had to bear since it was asked last: `Borne` as JSON. */
export const BORNE_PATH = '/borne'

export interface Borne {
  /** `POST tools/call`, `POST (response)`, `GET`, `DELETE`, in order. */
  requests: string[]
  /** Streams that have not ended now. */
  openStreams: number
}

export const UPSTREAMS = [
  'everything by http',
  'everything by sse',
  'suite of 2025-11-25',
  'suite of 2026-07-28',
] as const
export type Upstream = (typeof UPSTREAMS)[number]

declare module 'vitest' {
  interface ProvidedContext {
    /** Origins, by name. */
    mcpUpstreams: Record<Upstream, string>
  }
}

export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = []
  const everything = (transport: 'streamableHttp' | 'sse') => async (): Promise<Answer> => {
    const { url, stop } = await startEverything(transport)
    stops.push(stop)
    return (request) => {
      const { pathname, search } = new URL(request.url)
      return fetch(new Request(new URL(`${pathname}${search}`, url), request), { redirect: 'manual' })
    }
  }
  const suite = (era: 'legacy' | 'modern') => async (): Promise<Answer> => {
    const { suiteServer } = await import('./suite-server.ts')
    return suiteServer(era)
  }
  const starts: Record<Upstream, () => Promise<Answer>> = {
    'everything by http': everything('streamableHttp'),
    'everything by sse': everything('sse'),
    'suite of 2025-11-25': suite('legacy'),
    'suite of 2026-07-28': suite('modern'),
  }
  const servers = await Promise.all(UPSTREAMS.map((name) => listen(starts[name])))
  const origins = Object.fromEntries(UPSTREAMS.map((name, at) => [name, originOf(servers[at])]))
  provide('mcpUpstreams', { ...NOWHERE, ...origins })
  return async () => {
    for (const server of servers) server.close().closeAllConnections()
    await Promise.all(stops.map((stop) => stop()))
  }
}

const NOWHERE: Record<Upstream, string> = {
  'everything by http': '',
  'everything by sse': '',
  'suite of 2025-11-25': '',
  'suite of 2026-07-28': '',
}

async function listen(start: () => Promise<Answer>): Promise<Server> {
  let answer: Promise<Answer> | undefined
  let requests: string[] = []
  let openStreams = 0
  const server = createServer((request, response) => {
    if (request.url === BORNE_PATH) {
      response.end(JSON.stringify({ requests, openStreams } satisfies Borne))
      requests = []
      return
    }
    answer ??= start()
    void pass(request, response, answer).catch(() => response.destroy())
  })
  const pass = async (request: IncomingMessage, response: ServerResponse, answering: Promise<Answer>) => {
    const body = Buffer.concat(await request.toArray())
    requests.push([request.method, methodOf(body)].filter(Boolean).join(' '))
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const asked = new Request(`http://127.0.0.1${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        HOP.has(name) || typeof value !== 'string' ? [] : [[name, value]],
      ),
      ...(body.length > 0 && { body }),
      signal: gone.signal,
    })
    const answered = await (await answering)(asked)
    response.writeHead(answered.status, Object.fromEntries(answered.headers))
    const isStream = answered.headers.get('content-type')?.includes('text/event-stream') === true
    if (isStream) {
      openStreams++
      response.once('close', () => openStreams--)
      response.flushHeaders()
    }
    const reader = answered.body?.getReader()
    // Whoever does not read on any more is told to the server.
    response.once('close', () => void reader?.cancel().catch(() => {}))
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      response.write(part.value)
    }
    response.end()
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** What belongs to one connection, and is made anew. */
const HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'accept-encoding'])

function methodOf(body: Buffer): string {
  if (body.length === 0) return ''
  const message: unknown = JSON.parse(body.toString())
  return isRecord(message) && typeof message.method === 'string' ? message.method : '(response)'
}

function originOf(server: Server | undefined): string {
  const address = server?.address()
  if (!address || typeof address === 'string') throw new Error('No port')
  return `http://127.0.0.1:${address.port}`
}
