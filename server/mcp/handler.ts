// The MCP endpoint: stateless streamable HTTP, so that any isolate answers any request, and both protocol eras from one
// handler (2026-07-28, and 2025-11-25 and older without sessions; GET and DELETE are 405). Who asks was established at
// the door, and `Origin` was checked there.
import {
  type CallToolResult,
  CLIENT_INFO_META_KEY,
  createMcpHandler,
  McpServer,
  readRequestBody,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Principal } from '../access/principal.ts'
import type { RunDeps } from '../runs/execute.ts'
import { executeTool } from './execute.ts'
import { type RememberDeps, rememberClient } from './remember-client.ts'
import { searchTool } from './search.ts'

export interface McpDeps extends RunDeps, RememberDeps {
  principal: Principal
  /** Writes a surprise to the log, and returns the id under which it is found there. */
  report: (error: unknown) => string
}

/** With the tools' descriptions and schemas, all that an agent must know; together at most 600 tokens. */
export const instructions =
  "Your organisation's APIs as TypeScript functions. `search` finds them, `execute` runs code that calls them. Do a task in one `execute`: loop, filter and join there, return what is needed."

/** The same for every caller and every catalog. */
const cacheHint = { ttlMs: 60 * 60 * 1000, cacheScope: 'private' } as const

export async function handleMcp(request: Request, deps: McpDeps): Promise<Response> {
  const { headers } = request
  const body = await jsonBody(request)
  const client = headers.get('user-agent') ?? 'unknown client'
  const response = await createMcpHandler(() => createServer(deps, client)).fetch(request, { parsedBody: body })
  if (response.ok && body !== undefined) rememberClient(deps, { headers, body })
  return response
}

/** Undefined for a body that is too large or no JSON: the protocol's own handler reads it then, and says what is wrong. */
async function jsonBody(request: Request): Promise<unknown> {
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

function createServer(deps: McpDeps, userAgent: string): McpServer {
  const server = new McpServer(
    { name: 'executor', title: 'Executor', version: '0.1.0' },
    { instructions, cacheHints: { 'tools/list': cacheHint, 'server/discover': cacheHint } },
  )
  const { principal } = deps
  server.registerTool(searchTool.name, searchTool.config, (input) =>
    orInternalError(deps, () => searchTool.call(deps, principal, input)),
  )
  server.registerTool(executeTool.name, executeTool.config, (input, context) =>
    orInternalError(deps, () => executeTool.call(deps, { principal, client: clientName(context) ?? userAgent }, input)),
  )
  return server
}

/** A surprise is reported once, here; the agent gets the id by which it is found, and nothing else. */
async function orInternalError(deps: McpDeps, answer: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await answer()
  } catch (error) {
    const id = deps.report(error)
    const text = `internal_error: Something went wrong inside Executor. Tell an admin the error id ${id}.`
    return { content: [{ type: 'text', text }], isError: true }
  }
}

/** The client's own name where the protocol carries it with each request. */
function clientName(context: ServerContext): string | undefined {
  const envelope: Record<string, unknown> = { ...context.mcpReq.envelope }
  const client = envelope[CLIENT_INFO_META_KEY]
  if (typeof client !== 'object' || client === null || !('name' in client)) return undefined
  return 'version' in client ? `${String(client.name)} ${String(client.version)}` : String(client.name)
}
