// One run: agent code in the sandbox, with everything it asks for answered by `dispatch` and kept by the journal. The
// run is stored as `running` before its first request is carried out, and closed with all its entries in one batch: a
// run that its isolate did not live to close stays `running`, which says what happened to it.
import type { Principal } from '../access/principal.ts'
import { newId } from '../db/id.ts'
import { insertRunChunk, RUN_RESULT } from '../db/run-chunks.ts'
import { closeRun, openRun } from '../db/runs.ts'
import { type Evaluation, evaluate, type HostCall } from '../sandbox/evaluate.ts'
import type { SandboxEngine } from '../sandbox/engine.ts'
import { type Chunk, pack, rowLimit } from './chunks.ts'
import { createDispatch, type DispatchDeps } from './dispatch.ts'
import { Journal, storableError } from './journal.ts'
import { writeValue } from './journal-text.ts'

export interface RunDeps extends DispatchDeps {
  engine: SandboxEngine
}

export interface RunRequest {
  principal: Principal
  /** The MCP client's own name and version. */
  client: string
  code: string
}

/** `value` and `emitted` are JSON-like, with files as `FileValue`. */
export type RunOutcome = { run: string; emitted: unknown[]; logs: string } & (
  | { state: 'succeeded'; value: unknown }
  | { state: 'failed'; error: RunError }
)

export type RunError = Extract<Evaluation, { state: 'failed' }>['error']

/** A run that something in Executor itself broke off. */
const brokenOff: Extract<Evaluation, { state: 'failed' }> = {
  state: 'failed',
  error: { code: 'internal_error', message: 'Something went wrong inside Executor.' },
  emitted: [],
  logs: '',
  steps: 0,
}

/** What of the code is stored; the sandbox refuses longer code anyway. */
const storedCode = 64 * 1024

export async function executeRun(deps: RunDeps, { principal, client, code }: RunRequest): Promise<RunOutcome> {
  const startedAt = Date.now()
  const run = newId('run', startedAt)
  const seed = crypto.randomUUID()
  const journal = new Journal({
    runId: run,
    startedAt,
    now: () => Date.now(),
    saveChunks: (chunks) => saveChunks(deps, run, chunks),
  })
  const dispatch = createDispatch(deps, principal)
  // Drizzle sends a statement when somebody waits for it.
  const opened = Promise.resolve(
    openRun(deps.db, {
      id: run,
      principal: principal.id,
      client: client.slice(0, 200),
      code: code.slice(0, storedCode),
      seed,
      state: 'running',
      startedAt,
    }),
  )

  const underWay = new Set<Promise<unknown>>()
  let isOver = false
  const call: HostCall = (request, number) => {
    // What a failed program still had in line is not sent any more.
    if (isOver) return Promise.resolve({ held: true, at: startedAt })
    const asked = journal.ask(number, request)
    const reply = opened.then(() => dispatch.answer(request)).then((answer) => journal.settle(asked, answer))
    if (request.kind !== 'timer') underWay.add(reply)
    return reply
  }
  const [evaluated, stored] = await Promise.allSettled([
    evaluate(code, { call, now: startedAt, seed, engine: deps.engine }),
    opened,
  ])
  isOver = true
  dispatch.endTimers()
  await Promise.allSettled(underWay)

  const evaluation = evaluated.status === 'fulfilled' ? evaluated.value : brokenOff
  if (evaluation.state === 'suspended') throw new Error(`${run} was suspended, and no call of it is held`)
  const closed = close(deps, run, evaluation, journal, dispatch.connectionsUsed)
  for (const part of [evaluated, stored]) {
    if (part.status === 'fulfilled') continue
    // What was done is kept where that still works; the surprise is what the caller hears of.
    await closed.catch(() => {})
    throw part.reason
  }
  await closed
  const { emitted, logs } = evaluation
  return evaluation.state === 'succeeded'
    ? { run, state: 'succeeded', value: evaluation.value, emitted, logs }
    : { run, state: 'failed', error: evaluation.error, emitted, logs }
}

async function close(
  deps: RunDeps,
  run: string,
  evaluation: Exclude<Evaluation, { state: 'suspended' }>,
  journal: Journal,
  connectionsUsed: Iterable<string>,
): Promise<void> {
  const text = evaluation.state === 'succeeded' ? writeValue(evaluation.value) : null
  const isLong = text !== null && text.length > rowLimit
  const { calls, chunks } = journal.takeUnsaved()
  const endedAt = Date.now()
  await closeRun(deps.db, {
    id: run,
    end: {
      state: evaluation.state,
      result: isLong ? null : text,
      resultBytes: text === null ? 0 : new TextEncoder().encode(text).byteLength,
      error: evaluation.state === 'failed' ? storableError(evaluation.error) : null,
      logs: evaluation.logs,
      endedAt,
    },
    calls,
    chunks: isLong ? [...chunks, ...(await pack(RUN_RESULT, text))] : chunks,
    connectionsUsed: [...connectionsUsed],
    now: endedAt,
  })
}

async function saveChunks({ db }: RunDeps, runId: string, chunks: readonly Chunk[]): Promise<void> {
  const [first, ...rest] = chunks.map((chunk) => insertRunChunk(db, { runId, ...chunk }))
  if (first !== undefined) await db.batch([first, ...rest])
}
