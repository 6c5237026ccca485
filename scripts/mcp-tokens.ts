// `npm run mcp-tokens`: what an agent pays before its first call, in tokens of `tools/list` as sent and of the server's
// instructions, against a running stack (agent-client.ts says which).
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { withAgentClient } from './agent-client.ts'

const MOST_TOKENS = 600

try {
  // The newer era is the larger of the two: it has fields for caching and for the server's name.
  await withAgentClient('mcp-tokens', async (client) => {
    const listed = await client.listTools()
    const tools = encode(JSON.stringify(listed)).length
    const instructions = encode(client.getInstructions() ?? '').length
    const print = (tokens: number, what: string) => console.log(`${String(tokens).padStart(5)}  ${what}`)
    for (const tool of listed.tools) print(encode(JSON.stringify(tool)).length, tool.name)
    print(tools, 'tools/list as sent')
    print(instructions, 'instructions')
    print(tools + instructions, `together, of at most ${MOST_TOKENS}`)
    if (tools + instructions > MOST_TOKENS) process.exitCode = 1
  })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
