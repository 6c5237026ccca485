// What an agent pays before its first call: the tokens of `tools/list` as sent and of the server's instructions, against
// a running stack (PORT, or EXECUTOR_URL with EXECUTOR_CLIENT_ID and EXECUTOR_CLIENT_SECRET).
//   node scripts/mcp-tokens.ts
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { LOCAL_AGENT } from '../e2e/local-access/identities.ts'
import { parsePorts } from './ports.ts'

const MOST_TOKENS = 600

function target(): URL {
  if (process.env.EXECUTOR_URL) return new URL('/mcp', process.env.EXECUTOR_URL)
  const parsed = parsePorts(process.env.PORT)
  if (!parsed.ok) throw new Error(parsed.message)
  return new URL(`http://localhost:${parsed.ports.access}/mcp`)
}

const headers = {
  'CF-Access-Client-Id': process.env.EXECUTOR_CLIENT_ID ?? LOCAL_AGENT.id,
  'CF-Access-Client-Secret': process.env.EXECUTOR_CLIENT_SECRET ?? LOCAL_AGENT.secret,
}
// The larger of the two eras: it has fields for caching and for the server's name.
const client = new Client({ name: 'mcp-tokens', version: '1' }, { versionNegotiation: { mode: 'auto' } })
await client.connect(new StreamableHTTPClientTransport(target(), { requestInit: { headers } }))
const listed = await client.listTools()
const tools = encode(JSON.stringify(listed)).length
const instructions = encode(client.getInstructions() ?? '').length
await client.close()

for (const tool of listed.tools) console.log(`${String(encode(JSON.stringify(tool)).length).padStart(5)}  ${tool.name}`)
console.log(`${String(tools).padStart(5)}  tools/list as sent`)
console.log(`${String(instructions).padStart(5)}  instructions`)
console.log(`${String(tools + instructions).padStart(5)}  together, of at most ${MOST_TOKENS}`)
if (tools + instructions > MOST_TOKENS) process.exitCode = 1
