// The sample company over MCP: streamable HTTP of 2026-07-28 and, with sessions, of the years before. At one address both
// are spoken, as servers do now; at the other only the older one.
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport as SessionTransport,
} from '@modelcontextprotocol/server'
import { escape } from '../docs-page.ts'
import { problem, type Reply } from '../reply.ts'
import { CONTRACT_PATH, type Contracts, createDesk, type Desk } from './desk.ts'

export const MCP_PATH = '/mcp'
export const LEGACY_MCP_PATH = '/mcp-legacy'

export interface McpCall extends Omit<Desk, 'contracts'> {
  request: Request
  state: McpState
}

/** What lives as long as the server: sessions by their id, and contracts. */
export interface McpState {
  sessions: Map<string, SessionTransport>
  contracts: Contracts
}

export function createMcpState(): McpState {
  return { sessions: new Map(), contracts: new Map() }
}

/** Whoever calls is known. */
export async function answerMcp({ request, state, ...desk }: McpCall): Promise<Reply> {
  const create = () => createDesk({ ...desk, contracts: state.contracts })
  const isLegacy = new URL(request.url).pathname === LEGACY_MCP_PATH || (await isLegacyRequest(request))
  if (!isLegacy) return streamed(await createMcpHandler(create, { legacy: 'reject' }).fetch(request))
  const id = request.headers.get('mcp-session-id')
  const known = id === null ? undefined : state.sessions.get(id)
  if (id !== null && known === undefined) return problem(404, 'This session is over.')
  const transport = known ?? openSession(state)
  if (known === undefined) await create().connect(transport)
  return streamed(await transport.handleRequest(request))
}

function openSession({ sessions }: McpState): SessionTransport {
  const transport = new SessionTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  })
  return transport
}

/** Where a person signs: asked for with GET, signed with POST. Null for what is no contract's address. */
export function answerContract(method: string, path: string, { contracts }: McpState): Reply | null {
  if (!path.startsWith(CONTRACT_PATH)) return null
  const contract = contracts.get(path.slice(CONTRACT_PATH.length))
  if (contract === undefined) return problem(404, 'There is no such contract.')
  if (method === 'POST') contract.isSigned = true
  const form = contract.isSigned
    ? '<p>It is signed. You can close this page.'
    : '<form method="post"><button>Sign</button></form>'
  const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Contract</title><h1>${escape(contract.title)}</h1>${form}`
  return { status: 200, body: { bytes: Buffer.from(html), type: 'text/html; charset=utf-8' } }
}

function streamed(answer: Response): Reply {
  return { status: answer.status, body: { write: (to) => void pour(answer, to) } }
}

async function pour({ status, headers, body }: Response, to: ServerResponse): Promise<void> {
  to.writeHead(status, Object.fromEntries(headers))
  const reader = body?.getReader()
  to.once('close', () => void reader?.cancel().catch(() => {}))
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) to.write(read.value)
  } catch {
    // Whoever asked is gone.
  }
  to.end()
}
