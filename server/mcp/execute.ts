import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { executeRun, type RunDeps } from '../runs/execute.ts'
import { answerOutcome, askedBefore } from './ask-person.ts'
import { refuse } from './content.ts'
import type { Exchange } from './exchange.ts'
import { resumeTool } from './resume.ts'
import { toolInput } from './tool-input.ts'

export const executeTool = {
  name: 'execute',
  config: {
    title: 'Run code',
    description: `Run TypeScript. \`return\` the answer; console.log shows too.

const open = await tools.github.issues.list({ owner: 'acme', repo: 'web' })
return open.map(i => i.title)

tools.<address>(input) gives the data; .pages(input, { max: 20 }) all pages: await a list, or for await; .raw(input) { status, headers, data, next? }. tools['github@work'] picks a connection.
Failures throw ToolError { code, message, status?, details?, retryable? }: message says what to do. On blocked or connection_missing, tell the user.
Calls that need approval wait: give the user the link, then \`resume\`.
Also tools.search({ query }) gives { hits }; tools.describe(address) full types.
Files have name, type, size, bytes(), text(); pass one as input, emit(file) to show it. Independent calls: Promise.all.
Output above 24 KB is cut; results.get('run_…') has all of it.
No fetch, imports or BigInt. Limits: 200 calls, 6 at once, 60 s each, 32 MiB.`,
    inputSchema: toolInput(z.object({ code: z.string() })),
    annotations: { destructiveHint: true },
  },
  async call(
    deps: RunDeps,
    agent: { principal: Principal; client: string },
    { code }: { code: string },
    exchange: Exchange,
  ): Promise<CallToolResult | InputRequiredResult> {
    // A retry is about the run that its state names, whatever code it brings: no code runs twice.
    const before = askedBefore(exchange)
    if (before !== undefined) return resumeTool.call(deps, agent.principal, before, exchange)
    if (exchange.responses !== undefined) {
      return refuse('invalid_state', 'inputResponses came without their requestState, so nothing was run.')
    }
    return answerOutcome(await executeRun(deps, { ...agent, code }), exchange)
  },
}
