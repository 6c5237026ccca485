// What a program asks of Executor itself: a search, a description, an earlier result. Expected failures are answers that
// the program can catch.
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { HostRequest } from '../sandbox/evaluate.ts'
import type { Caller, CatalogSnapshot } from '../tools/catalog.ts'
import { describeTool } from '../tools/describe.ts'
import { searchQuestion, searchTools } from '../tools/search.ts'
import type { Answer } from './journal.ts'
import { readResult } from './results.ts'

export type LookUp = Extract<HostRequest, { kind: 'search' | 'describe' | 'results' }>

export interface LookUpDeps {
  db: Database
  origin: string
}

const describeInput = z.object({ address: z.string() })

export async function lookUp(
  deps: LookUpDeps,
  principal: Caller,
  request: LookUp,
  loadCatalog: () => Promise<CatalogSnapshot>,
): Promise<Answer> {
  if (request.kind === 'results') return readResult(deps.db, principal, request.run)
  if (request.kind === 'search') return search(deps, principal, request.input, await loadCatalog())
  return describe(deps, principal, request.input, await loadCatalog())
}

async function search(deps: LookUpDeps, principal: Caller, input: unknown, catalog: CatalogSnapshot): Promise<Answer> {
  const parsed = searchQuestion.safeParse(input)
  if (!parsed.success) return refuse('tools.search takes { query?, integration?, limit?, cursor? }')
  const { error, ...found } = await searchTools(deps, { principal, catalog, ...parsed.data })
  return error === undefined ? { ok: true, value: found } : { ok: false, error }
}

async function describe(
  deps: LookUpDeps,
  principal: Caller,
  input: unknown,
  catalog: CatalogSnapshot,
): Promise<Answer> {
  const parsed = describeInput.safeParse(input)
  if (!parsed.success) return refuse('tools.describe takes an address: tools.describe("github.issues.create")')
  const described = await describeTool(deps, { principal, catalog, ...parsed.data })
  if (!described.ok) return { ok: false, error: described.error }
  // What an agent writes a call with; the schemas behind the types are for the console.
  const { address, summary, description, effect, isDeprecated, decision, connection, typescript } = described.tool
  const policy = { action: decision.action, sentence: decision.sentence }
  return { ok: true, value: { address, summary, description, effect, isDeprecated, policy, connection, typescript } }
}

function refuse(message: string): Answer {
  return { ok: false, error: { code: 'invalid_arguments', message } }
}
