// `npm run agent -- "<code>"`: one `execute` through the official MCP client, as the local service token. Without code
// it lists the tools that an agent sees. EXECUTOR_URL, EXECUTOR_CLIENT_ID and EXECUTOR_CLIENT_SECRET point it elsewhere.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { LOCAL_AGENT } from '../e2e/local-access/identities.ts'
import { parsePorts } from './ports.ts'

const EXECUTE_MS = 90_000

function target(): URL {
  if (process.env.EXECUTOR_URL) return new URL('/mcp', process.env.EXECUTOR_URL)
  const parsed = parsePorts(process.env.PORT)
  if (!parsed.ok) throw new Error(parsed.message)
  return new URL(`http://localhost:${parsed.ports.access}/mcp`)
}

/** What went wrong, and what to do about it. */
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

async function connect(url: URL): Promise<Client> {
  const headers = {
    'CF-Access-Client-Id': process.env.EXECUTOR_CLIENT_ID ?? LOCAL_AGENT.id,
    'CF-Access-Client-Secret': process.env.EXECUTOR_CLIENT_SECRET ?? LOCAL_AGENT.secret,
  }
  const client = new Client({ name: 'npm-run-agent', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  return client
}

async function listTools(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  for (const { name, description = '' } of tools) console.log(`${name}\n  ${description.replaceAll('\n', '\n  ')}\n`)
  console.log(`Run some code: npm run agent -- "return await tools.search({ query: 'list open tickets' })"`)
}

async function execute(client: Client, code: string): Promise<number> {
  const result = await client.callTool({ name: 'execute', arguments: { code } }, { timeout: EXECUTE_MS })
  for (const part of result.content) {
    if (part.type === 'text') console.log(part.text)
    else if (part.type === 'resource') console.log('text' in part.resource ? part.resource.text : part.resource.uri)
    else console.log(`[${part.type}${'mimeType' in part ? ` ${part.mimeType}` : ''}]`)
  }
  return result.isError ? 1 : 0
}

let url: URL | undefined
try {
  url = target()
  const client = await connect(url)
  const code = process.argv.slice(2).join(' ').trim()
  if (code === '') await listTools(client)
  else process.exitCode = await execute(client, code)
  await client.close()
} catch (error) {
  console.error(url ? explain(error, url) : error instanceof Error ? error.message : error)
  process.exitCode = 1
}
