// Carries out what a program asks for: a tool, a search, a description, an earlier result, a timer. Expected failures
// are answers that the program can catch; the journal keeps all of them.
import { z } from 'zod'
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import type { Database } from '../db/database.ts'
import type { HostRequest } from '../sandbox/evaluate.ts'
import { type CatalogSnapshot, loadCatalog } from '../tools/catalog.ts'
import { describeTool } from '../tools/describe.ts'
import { type InvokeDeps, invokeTool } from '../tools/invoke.ts'
import { searchQuestion, searchTools } from '../tools/search.ts'
import type { Answer } from './journal.ts'
import { readResult } from './results.ts'

const describeInput = z.object({ address: z.string() })

export interface DispatchDeps extends InvokeDeps {
  db: Database
}

export interface Dispatch {
  answer(request: HostRequest): Promise<Answer>
  /** Drops the timers that the program left behind; they never settle. */
  endTimers(): void
  /** Ids of the connections whose last use is to be noted. */
  connectionsUsed: ReadonlySet<string>
}

/** A connection in steady use is not written for each run. */
const lastUsePrecisionMs = 60_000

export function createDispatch(deps: DispatchDeps, principal: Principal): Dispatch {
  const connectionsUsed = new Set<string>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let catalog: Promise<CatalogSnapshot> | undefined
  // One look at the catalog a run: what it shows does not change under a program's feet.
  const loadOnce = () => (catalog ??= loadCatalog(deps.db))

  async function answerTool(request: Extract<HostRequest, { kind: 'tool' }>): Promise<Answer> {
    const { address, connection, input } = request
    const called = await invokeTool(deps, { principal, address, connection, input, catalog: await loadOnce() })
    const { connectionId, decision, usedConnection } = called
    if (usedConnection !== undefined && Date.now() - (usedConnection.lastUsedAt ?? 0) > lastUsePrecisionMs) {
      connectionsUsed.add(usedConnection.id)
    }
    if (!called.ok) return { ok: false, error: called.error, connectionId, decision }
    const { status, headers, data } = called
    return { ok: true, value: { status, headers, data }, connectionId, decision }
  }

  async function answerSearch(input: unknown): Promise<Answer> {
    const parsed = searchQuestion.safeParse(input)
    if (!parsed.success) return refuse('tools.search takes { query?, integration?, limit?, cursor? }')
    const { error, ...found } = await searchTools(deps, { principal, catalog: await loadOnce(), ...parsed.data })
    return error === undefined ? { ok: true, value: found } : { ok: false, error }
  }

  async function answerDescribe(input: unknown): Promise<Answer> {
    const parsed = describeInput.safeParse(input)
    if (!parsed.success) return refuse('tools.describe takes an address: tools.describe("github.issues.create")')
    const described = await describeTool(deps, { principal, catalog: await loadOnce(), ...parsed.data })
    if (!described.ok) return { ok: false, error: described.error }
    // What an agent writes a call with; the schemas behind the types are for the console.
    const { address, summary, description, effect, isDeprecated, decision, connection, typescript } = described.tool
    const policy = { action: decision.action, sentence: decision.sentence }
    const value = { address, summary, description, effect, isDeprecated, policy, connection, typescript }
    return { ok: true, value }
  }

  function wait(ms: number): Promise<Answer> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve({ ok: true, value: null })
      }, ms)
      timers.add(timer)
    })
  }

  return {
    connectionsUsed,
    endTimers: () => timers.forEach((timer) => clearTimeout(timer)),
    answer(request) {
      switch (request.kind) {
        case 'tool':
          return answerTool(request)
        case 'search':
          return answerSearch(request.input)
        case 'describe':
          return answerDescribe(request.input)
        case 'results':
          return readResult(deps.db, principal, request.run)
        default:
          return wait(request.ms)
      }
    },
  }
}

function refuse(message: string): { ok: false; error: ToolErrorShape } {
  return { ok: false, error: { code: 'invalid_arguments', message } }
}
