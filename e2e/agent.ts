// An agent: the official MCP client with the local service token.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { LOCAL_AGENT } from './local-access/identities.ts'

/** Calls one tool of `/mcp` and returns its text. */
export async function callAsAgent(origin: string, name: string, input: Record<string, unknown>): Promise<string> {
  const headers = { 'CF-Access-Client-Id': LOCAL_AGENT.id, 'CF-Access-Client-Secret': LOCAL_AGENT.secret }
  const client = new Client({ name: 'e2e', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin), { requestInit: { headers } }))
  try {
    const result = await client.callTool({ name, arguments: input })
    return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
  } finally {
    await client.close()
  }
}
