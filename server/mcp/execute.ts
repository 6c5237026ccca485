import type { CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { executeRun, type RunDeps } from '../runs/execute.ts'
import { renderOutcome } from './content.ts'

export const executeTool = {
  name: 'execute',
  config: {
    title: 'Run code',
    description: `Run TypeScript. Top-level await; \`return\` the answer; console.log is shown after it.

const open = await tools.github.issues.list({ owner: "acme", repo: "web" })
return open.filter(i => !i.assignee).map(i => i.title)

tools.<address>(input) gives the data; .raw(input) gives { status, headers, data }. tools["github@work"] picks the connection \`work\`.
Failures throw ToolError { code, message, status?, details?, retryable? }; the message says what to do. On approval_required, blocked or connection_missing, tell the user instead of retrying.
Also in code: tools.search({ query }) gives { hits }; tools.describe(address) gives full types.
Files have name, type, size, bytes(), text(); pass one as input, emit(file) to show it. Run independent calls with Promise.all.
Output above 24 KB is cut; results.get("run_…") gives all of an earlier result.
No fetch, imports or BigInt. Limits: 200 calls, 6 at once, 60 s each, 32 MiB of memory.`,
    inputSchema: z.object({ code: z.string() }),
    annotations: { destructiveHint: true },
  },
  async call(
    deps: RunDeps,
    agent: { principal: Principal; client: string },
    { code }: { code: string },
  ): Promise<CallToolResult> {
    return renderOutcome(await executeRun(deps, { ...agent, code }))
  },
}
