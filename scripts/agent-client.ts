// The official MCP client as the local service token. EXECUTOR_URL, EXECUTOR_CLIENT_ID and EXECUTOR_CLIENT_SECRET point
// it elsewhere, PORT at a local stack that was moved.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { LOCAL_AGENT } from '../e2e/local-access/identities.ts'
import { parsePorts } from './ports.ts'

/** Connects, hands the client to `use` and closes it. What goes wrong is thrown with what to do about it. */
export async function withAgentClient(name: string, use: (client: Client) => Promise<void>): Promise<void> {
  const url = target()
  const headers = {
    'CF-Access-Client-Id': process.env.EXECUTOR_CLIENT_ID ?? LOCAL_AGENT.id,
    'CF-Access-Client-Secret': process.env.EXECUTOR_CLIENT_SECRET ?? LOCAL_AGENT.secret,
  }
  const client = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  try {
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    await use(client)
    await client.close()
  } catch (error) {
    throw new Error(explain(error, url), { cause: error })
  }
}

function target(): URL {
  if (process.env.EXECUTOR_URL) return new URL('/mcp', process.env.EXECUTOR_URL)
  const parsed = parsePorts(process.env.PORT)
  if (!parsed.ok) throw new Error(parsed.message)
  return new URL(`http://localhost:${parsed.ports.access}/mcp`)
}

function explain(error: unknown, url: URL): string {
  const messages: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message, String(cause))
  const text = messages.join('\n')
  if (/ECONNREFUSED|ECONNRESET|fetch failed/.test(text)) {
    return `Nothing answers at ${url.href}. Start the local stack with npm start, or set EXECUTOR_URL.`
  }
  if (/\b40[13]\b|unauthorized|forbidden/i.test(text)) {
    return `Access at ${url.origin} refused the service token. Set EXECUTOR_CLIENT_ID and EXECUTOR_CLIENT_SECRET.\n${messages[0]}`
  }
  return messages[0] ?? String(error)
}
