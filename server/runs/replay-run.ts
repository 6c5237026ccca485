// Carries a run out again from its record alone, for somebody who wants to understand it: no upstream, no catalog, no
// policy is asked, and nothing is written.
import { eq } from 'drizzle-orm'
import { runs } from '../../drizzle/schema.ts'
import { listCalls } from '../db/calls.ts'
import type { Database } from '../db/database.ts'
import type { RunRow } from '../db/runs.ts'
import type { SandboxEngine } from '../sandbox/engine.ts'
import { type Evaluation, evaluateProgram, type HostCall } from '../sandbox/evaluate.ts'
import { askedOf } from './asked.ts'
import { Divergence, Journal } from './journal.ts'
import { writeValue } from './journal-text.ts'
import { readRunResult } from './read-outcome.ts'
import { recordedReply } from './recorded-reply.ts'

export interface ReplayReport {
  state: 'same' | 'different' | 'incomplete'
  sentence: string
  steps: number
  logs: string
  /** What the program came to, this time; JSON-like. */
  outcome: unknown
}

export async function replayRun(
  { db, engine }: { db: Database; engine: SandboxEngine },
  { id }: { id: string },
): Promise<ReplayReport> {
  const [run, calls] = await Promise.all([db.select().from(runs).where(eq(runs.id, id)).get(), listCalls(db, id)])
  if (run === undefined) return nothing('The run is gone.')
  if (run.program === null) return nothing('The code of this run cannot be read, so that there is nothing to replay.')
  const journal = new Journal({ startedAt: run.startedAt, calls, approvals: [] })
  let beyond: number | undefined
  const call: HostCall = async (request, number) => {
    const step = journal.step(await askedOf(number, request, 0))
    if (step.do === 'diverge') throw new Divergence(step.expected)
    if (step.do !== 'replay') {
      beyond ??= number
      return { held: true, at: 0 }
    }
    await journal.turn(step.entry.settleOrder)
    const reply = await recordedReply(db, step.entry)
    journal.pass(step.entry.settleOrder, reply.at)
    return reply
  }
  const onWait = (asked: number, delivered: number) => journal.expectNext(asked, delivered)
  try {
    const options = { call, onWait, now: run.startedAt, seed: run.seed, engine }
    return await report(db, run, await evaluateProgram(run.program, run.code, options), beyond)
  } catch (error) {
    if (!(error instanceof Divergence)) throw error
    const { number, address, kind } = error.expected
    const sentence = `It went another way than the first time: call ${number} was ${address || kind}, and now the code asks for something else.`
    return { ...nothing(sentence), state: 'different' }
  } finally {
    journal.release()
  }
}

async function report(
  db: Database,
  run: RunRow,
  evaluation: Evaluation,
  beyond: number | undefined,
): Promise<ReplayReport> {
  const { steps, logs } = evaluation
  if (evaluation.state === 'suspended') {
    const sentence = `It came to call ${beyond ?? evaluation.held[0]}, which has no answer in the record, as the first time.`
    return { state: run.endedAt === null ? 'incomplete' : 'different', sentence, steps, logs, outcome: null }
  }
  if (evaluation.state === 'failed') {
    const { error } = evaluation
    const isSame = run.error?.code === error.code && run.error.line === error.line
    const sentence = isSame ? 'It failed in the same way.' : `It failed with ${error.code}, unlike the first time.`
    return { state: isSame ? 'same' : 'different', sentence, steps, logs, outcome: error }
  }
  const isSame = run.state === 'succeeded' && writeValue(evaluation.value) === writeValue(await readRunResult(db, run))
  const sentence = isSame ? 'It came to the same result.' : 'It came to another result than the first time.'
  return { state: isSame ? 'same' : 'different', sentence, steps, logs, outcome: evaluation.value }
}

function nothing(sentence: string): ReplayReport {
  return { state: 'incomplete', sentence, steps: 0, logs: '', outcome: null }
}
