// An MCP server at the network's edge: the SDK's own, whose tools change while it runs.
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

export const DESK = 'https://desk.example.com/mcp'
export const DESK_TOKEN = 'desk-server-token'

export interface DeskServer {
  /** What it wants before it says anything. */
  token: string | null
  instructions: string
  description: string
  ofNumber: string
  hasClose: boolean
  /** Whether it says in the answer to a call that its tools are other ones. */
  announces: boolean
  answer: (request: Request) => Promise<Response>
}

export function deskServer(given: Partial<Pick<DeskServer, 'token'>> = {}): DeskServer {
  const desk: DeskServer = {
    token: null,
    instructions: 'Be quick.',
    description: 'Reads a ticket.',
    ofNumber: 'Of the ticket.',
    hasClose: true,
    announces: false,
    ...given,
    async answer(request) {
      const { pathname } = new URL(request.url)
      if (pathname !== '/mcp') return new Response('Not here', { status: 404 })
      if (desk.token !== null && request.headers.get('authorization') !== `Bearer ${desk.token}`) {
        const challenge = 'Bearer resource_metadata="https://desk.example.com/.well-known/oauth-protected-resource/mcp"'
        return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } })
      }
      const isCall = (await request.clone().text()).includes('"tools/call"')
      const answer = await handler.fetch(request)
      if (!isCall || !desk.announces) return answer
      const changed = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
      const body = [changed, await answer.text()].map((message) => `event: message\ndata: ${message}\n\n`).join('')
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  }
  const handler = createMcpHandler(() => {
    const { instructions, description, ofNumber, hasClose } = desk
    const server = new McpServer({ name: 'desk', title: 'The desk', version: '1' }, { instructions })
    const inputSchema = z.object({ number: z.number().describe(ofNumber) })
    const annotations = { readOnlyHint: true }
    server.registerTool('read-ticket', { description, inputSchema, annotations }, ({ number }) => ({
      content: [{ type: 'text', text: `Ticket ${number}` }],
    }))
    const said = { content: [{ type: 'text' as const, text: 'closed' }] }
    if (hasClose) server.registerTool('close', { inputSchema, annotations }, () => said)
    return server
  })
  return desk
}
