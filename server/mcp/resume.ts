import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import type { RunDeps } from '../runs/execute.ts'
import { resumeRun } from '../runs/resume.ts'
import { answerOutcome, askedBefore, isTurnedDown } from './ask-person.ts'
import { refuse } from './content.ts'
import type { Exchange } from './exchange.ts'
import { toolInput } from './tool-input.ts'

export const resumeTool = {
  name: 'resume',
  config: {
    title: 'Resume run',
    description: 'Result of a run that waits for approval or takes over 25 s.',
    inputSchema: toolInput(z.object({ run: z.string() })),
    // Destructive, as a tool is by default: the code that goes on may do anything. Asking again does nothing twice.
    annotations: { idempotentHint: true },
  },
  async call(
    deps: RunDeps,
    principal: Principal,
    { run }: { run: string },
    exchange: Exchange,
  ): Promise<CallToolResult | InputRequiredResult> {
    const before = askedBefore(exchange)
    if (before !== undefined && before.run !== run) return refuse('invalid_state', `requestState is not of ${run}.`)
    // Who did not open a link waits for nothing.
    const patience = isTurnedDown(exchange) ? { withinMs: 1000 } : {}
    const resumed = await resumeRun(deps, principal, run, patience)
    return resumed.ok ? answerOutcome(resumed.outcome, exchange) : refuse(resumed.error.code, resumed.error.message)
  },
}
