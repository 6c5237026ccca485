// The MCP endpoint: what an agent can see. Who asks was established at the door, and `Origin` was checked there.
import {
  type CallToolResult,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { RunDeps } from '../runs/execute.ts'
import { refuse } from './content.ts'
import type { Exchange } from './exchange.ts'
import { executeTool } from './execute.ts'
import { keepInformed } from './keep-informed.ts'
import { type RememberDeps, rememberClient } from './remember-client.ts'
import { resumeTool } from './resume.ts'
import { searchTool } from './search.ts'
import { jsonBody, type ServeDeps, serveMcp } from './serve.ts'

export interface McpDeps extends RunDeps, RememberDeps, ServeDeps {
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
  const userAgent = headers.get('user-agent') ?? 'unknown client'
  const response = await serveMcp(request, deps, {
    body,
    server: {
      instructions,
      capabilities: { tools: { listChanged: false } },
      cacheHints: { 'tools/list': cacheHint, 'server/discover': cacheHint },
    },
    register: (server, exchangeOf) => registerTools(server, deps, { userAgent, exchangeOf }),
  })
  if (response.ok && body !== undefined) rememberClient(deps, { headers, body })
  return response
}

function registerTools(
  server: McpServer,
  deps: McpDeps,
  { userAgent, exchangeOf }: { userAgent: string; exchangeOf: (context: ServerContext) => Exchange },
): void {
  const { principal } = deps
  server.registerTool(searchTool.name, searchTool.config, (input) =>
    orInternalError(deps, () => searchTool.call(deps, principal, input)),
  )
  server.registerTool(executeTool.name, executeTool.config, (input, context) => {
    const exchange = exchangeOf(context)
    const agent = { principal, client: exchange.clientName ?? userAgent }
    return orInternalError(deps, () => keepInformed(context, () => executeTool.call(deps, agent, input, exchange)))
  })
  server.registerTool(resumeTool.name, resumeTool.config, (input, context) => {
    const exchange = exchangeOf(context)
    return orInternalError(deps, () => keepInformed(context, () => resumeTool.call(deps, principal, input, exchange)))
  })
}

/** A surprise is reported once, here; the agent gets the id by which it is found, and nothing else. */
async function orInternalError<T extends CallToolResult | InputRequiredResult>(
  deps: McpDeps,
  answer: () => Promise<T>,
): Promise<T | CallToolResult> {
  try {
    return await answer()
  } catch (error) {
    const id = deps.report(error)
    return refuse('internal_error', `Something went wrong inside Executor. Tell an admin the error id ${id}.`)
  }
}
