// What a run has come to, from its driver where that is here, else from the record.
import { and, asc, eq } from 'drizzle-orm'
import { approvals, calls, runs } from '../../drizzle/schema.ts'
import type { Database } from '../db/database.ts'
import { readRunChunks, RUN_EMITTED, RUN_RESULT } from '../db/run-chunks.ts'
import type { RunRow } from '../db/runs.ts'
import { unpack } from './chunks.ts'
import type { DriveEnd } from './drive.ts'
import { readValue } from './journal-text.ts'
import type { CallSummary, PendingQuestion, RunOutcome } from './outcome.ts'
import { approvalLink } from './questions.ts'

export interface OutcomeDeps {
  db: Database
  origin: string
}

/** `end`: what its driver knows; without it, or when it says too little, the record is read. */
export async function outcomeOf(deps: OutcomeDeps, run: string, end: DriveEnd | undefined): Promise<RunOutcome> {
  if (end?.state === 'succeeded') {
    const { value, emitted, logs } = end
    return { run, state: 'succeeded', value, emitted, logs }
  }
  const read = await readOutcome(deps, run)
  if (read === undefined) throw new Error(`${run} was deleted while it ran`)
  // What the program wrote so far is not stored before it ends.
  if (end !== undefined && 'emitted' in end && end.state === read.outcome.state)
    return { ...read.outcome, emitted: end.emitted }
  return read.outcome
}

/** One round trip, and one for each value that lies in chunks. `canGoOn`: nobody drives it, and nothing holds it. */
export async function readOutcome(
  { db, origin }: OutcomeDeps,
  id: string,
): Promise<{ outcome: RunOutcome; principal: string; canGoOn: boolean } | undefined> {
  const [[run], entries, questions] = await db.batch([
    db.select().from(runs).where(eq(runs.id, id)),
    db
      .select({ number: calls.number, address: calls.address, effect: calls.effect, state: calls.state })
      .from(calls)
      .where(and(eq(calls.runId, id), eq(calls.kind, 'tool')))
      .orderBy(asc(calls.number)),
    db
      .select({
        id: approvals.id,
        question: approvals.question,
        summary: approvals.summary,
        tool: approvals.tool,
        account: approvals.account,
        expiresAt: approvals.expiresAt,
      })
      .from(approvals)
      .where(and(eq(approvals.runId, id), eq(approvals.state, 'pending')))
      .orderBy(asc(approvals.id)),
  ])
  if (run === undefined) return undefined
  const waiting = questions.map((question) => ({ ...question, link: approvalLink(origin, question.id) }))
  // A call that waits, and no question that does: somebody has decided.
  const open = entries.filter(({ state }) => state === 'held' || state === 'unknown').length
  const isIdle = run.leaseUntil <= Date.now()
  const canGoOn = isIdle && (run.state === 'running' || (run.state === 'waiting' && open > waiting.length))
  return { outcome: await build(db, run, entries, waiting), principal: run.principal, canGoOn }
}

async function build(db: Database, run: RunRow, done: CallSummary[], waiting: PendingQuestion[]): Promise<RunOutcome> {
  const about = { run: run.id, emitted: await readEmitted(db, run), logs: run.logs }
  const { state } = run
  if (state === 'succeeded') return { ...about, state, value: await readRunResult(db, run) }
  // A run whose last question was just answered is about to go on.
  if (state === 'waiting') {
    return waiting.length > 0 ? { ...about, state, waiting, calls: done } : { ...about, state: 'running', calls: done }
  }
  if (state === 'running') return { ...about, state, calls: done }
  return { ...about, state, error: run.error ?? NO_REASON, calls: done }
}

const NO_REASON = { code: 'unknown', message: 'No reason is recorded.' }

export async function readRunResult(db: Database, { id, result }: RunRow): Promise<unknown> {
  if (result !== null) return result === 'null' ? undefined : readValue(result)
  const parts = await readRunChunks(db, id, RUN_RESULT)
  return parts.length === 0 ? undefined : readValue(await unpack(parts))
}

async function readEmitted(db: Database, { id, emitted, endedAt }: RunRow): Promise<unknown[]> {
  if (endedAt === null) return []
  const text = emitted ?? (await unpackIfAny(await readRunChunks(db, id, RUN_EMITTED)))
  const values = text === null ? [] : readValue(text)
  return Array.isArray(values) ? values : []
}

function unpackIfAny(parts: readonly Uint8Array[]): Promise<string> | null {
  return parts.length === 0 ? null : unpack(parts)
}
