// Begins a run, and answers within the time that a client waits: with its end, with what it waits for, or with nothing
// but its id, while it goes on.
import type { Principal } from '../access/principal.ts'
import { newId } from '../db/id.ts'
import { type NewRunRow, openRun, type RunRow } from '../db/runs.ts'
import { compileProgram } from '../sandbox/evaluate.ts'
import { type AdvanceDeps, advanceRun, driveFor } from './advance.ts'
import type { DriveEnd } from './drive.ts'
import type { RunOutcome } from './outcome.ts'
import { outcomeOf } from './read-outcome.ts'
import { LEASE_MS } from './recorder.ts'
import { storableError } from './storable-error.ts'

export type RunDeps = AdvanceDeps

export interface RunRequest {
  principal: Principal
  /** The MCP client's own name and version. */
  client: string
  code: string
}

/** Clients give up at 60 s. */
export const ANSWER_WITHIN_MS = 25_000
/** A Worker may go on for 30 s after its answer; what is not done then is left to the next who takes the run up. */
export const RETIRE_AFTER_MS = ANSWER_WITHIN_MS + 20_000

/** What of the code is stored; the sandbox refuses longer code anyway. */
const storedCode = 64 * 1024

export interface Started {
  run: string
  /** Resolves when the run ends, waits, or is left to somebody else. */
  end: Promise<DriveEnd>
}

export async function startRun(deps: RunDeps, { principal, client, code }: RunRequest): Promise<Started> {
  const startedAt = Date.now()
  const compiled = compileProgram(code)
  const row = {
    id: newId('run', startedAt),
    principal: principal.id,
    client: client.slice(0, 200),
    code: code.slice(0, storedCode),
    seed: crypto.randomUUID(),
    startedAt,
  }
  if (!compiled.ok) {
    const { error, emitted, logs } = compiled.failure
    await openRun(deps.db, { ...row, state: 'failed', error: storableError(error), endedAt: startedAt })
    return { run: row.id, end: Promise.resolve({ state: 'failed', error, emitted, logs }) }
  }
  const { program } = compiled
  const opening: NewRunRow = { ...row, program, state: 'running', leaseUntil: startedAt + LEASE_MS, attempts: 1 }
  // Drizzle sends a statement when somebody waits for it.
  const opened = Promise.resolve(openRun(deps.db, opening))
  const run: RunRow = { ...blank, ...row, program, leaseUntil: startedAt + LEASE_MS, code }
  const end = driveFor(deps, { run, calls: [], approvals: [] }, RETIRE_AFTER_MS, opened).then((first) =>
    first.state === 'waiting' && first.isReady ? goOn(deps, row.id, first) : first,
  )
  return { run: row.id, end }
}

export async function executeRun(deps: RunDeps, request: RunRequest): Promise<RunOutcome> {
  const { run, end } = await startRun(deps, request)
  deps.waitUntil(end)
  return outcomeOf(deps, run, await within(end, ANSWER_WITHIN_MS))
}

/** Somebody was so quick that the run had not been put aside. */
async function goOn(deps: RunDeps, id: string, first: DriveEnd): Promise<DriveEnd> {
  return (await advanceRun(deps, id, { retireAfterMs: RETIRE_AFTER_MS })) ?? first
}

/** Undefined when the time is over first. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms))
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

const blank = {
  state: 'running' as const,
  epoch: 1,
  attempts: 1,
  result: null,
  resultBytes: 0,
  emitted: null,
  error: null,
  logs: '',
  endedAt: null,
}
