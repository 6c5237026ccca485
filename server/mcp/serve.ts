// The protocol, whatever the tools: stateless streamable HTTP, so that any isolate answers any request, and both eras
// from one handler (2026-07-28, and 2025-11-25 and older without sessions; GET and DELETE are 405).
import {
  createMcpHandler,
  McpServer,
  readRequestBody,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server'
import type { Principal } from '../access/principal.ts'
import { type Exchange, exchangeOf } from './exchange.ts'
import { createStates } from './request-state.ts'

export interface ServeDeps {
  principal: Principal
  config: { /** States that clients keep are signed with a key derived from it. */ secretKey: string }
}

export interface ServeOptions {
  /** JSON of the request, or undefined when it is none. */
  body: unknown
  server: Pick<ServerOptions, 'instructions' | 'capabilities' | 'cacheHints'>
  register: (server: McpServer, exchangeOf: (context: ServerContext) => Exchange) => void
}

export function serveMcp(request: Request, deps: ServeDeps, { body, register, server: about }: ServeOptions) {
  const states = createStates(deps.config.secretKey, [deps.principal.id, ...askedFor(body)])
  const options: ServerOptions = {
    ...about,
    // Refused before any tool sees it: -32602, "Invalid or expired requestState".
    requestState: { verify: (state, context) => states.verify(state, context) },
    // It would ask an older client through a request to it, and there is no session that could carry the answer.
    inputRequired: { legacyShim: false },
  }
  const handler = createMcpHandler(({ era }) => {
    const server = new McpServer({ name: 'executor', title: 'Executor', version: '0.1.0' }, options)
    register(server, (context) => exchangeOf(context, { era, states }))
    return server
  })
  return handler.fetch(request, { parsedBody: body })
}

/** Undefined for a body that is too large or no JSON: the protocol's own handler reads it then, and says what is wrong. */
export async function jsonBody(request: Request): Promise<unknown> {
  const { url, method, headers } = request
  if (method !== 'POST') return undefined
  try {
    const { body } = request.clone()
    const read = await readRequestBody(new Request(url, { method, headers, body }))
    return read.tooLarge ? undefined : JSON.parse(read.text)
  } catch {
    return undefined
  }
}

/** The method and the name of the tool: a state is for one of them. A batch of an older client has neither. */
function askedFor(body: unknown): [method: unknown, name: unknown] {
  const { method, params } = fieldsOf(body)
  return [method ?? null, fieldsOf(params).name ?? null]
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
