// `npm run agent -- "<code>"`: one `execute` through the official MCP client (agent-client.ts says as whom, and where).
// Without code it lists the tools that an agent sees.
import type { Client } from '@modelcontextprotocol/client'
import { withAgentClient } from './agent-client.ts'

const EXECUTE_MS = 90_000

async function listTools(client: Client): Promise<void> {
  const { tools } = await client.listTools()
  for (const { name, description = '' } of tools) console.log(`${name}\n  ${description.replaceAll('\n', '\n  ')}\n`)
  console.log(`Run some code: npm run agent -- "return await tools.search({ query: 'list open tickets' })"`)
}

async function execute(client: Client, code: string): Promise<void> {
  const result = await client.callTool({ name: 'execute', arguments: { code } }, { timeout: EXECUTE_MS })
  for (const part of result.content) {
    if (part.type === 'text') console.log(part.text)
    else if (part.type === 'resource') console.log('text' in part.resource ? part.resource.text : part.resource.uri)
    else console.log(`[${part.type}${'mimeType' in part ? ` ${part.mimeType}` : ''}]`)
  }
  if (result.isError) process.exitCode = 1
}

const code = process.argv.slice(2).join(' ').trim()
try {
  await withAgentClient('npm-run-agent', (client) => (code === '' ? listTools(client) : execute(client, code)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
