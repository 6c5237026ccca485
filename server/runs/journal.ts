// The journal: everything that enters the program of a run from outside, numbered, as rows of `calls`.
//
// A program in the sandbox is deterministic: with the same code, seed and start time it does the same things, until
// something reaches it from outside. What reaches it is the answer to something it asked, and there are five things to
// ask: a tool, `tools.search`, `tools.describe`, `results.get` and a timer. So a run can be carried out again, with no
// upstream, no catalog, no policy and no clock, from its code, its seed, its start time and the list of those answers.
// That list is the journal, and each answer is an entry.
//
// NUMBERS say what was asked. The sandbox counts requests from 1, in the order in which the program makes them. The
// program decides that order alone, so that the same request has the same number each time the program is carried out.
// An entry keeps what was asked beside its number: its kind, its address and its arguments. A program that asks
// something else under a number is another program, or one that an answer reached which is not in the journal.
//
// SETTLING is what the program notices. Requests run side by side and end in any order, and the program may depend on
// that order (`Promise.race` does), so that each entry has a place in the settle order: 1, 2, 3 … as the answers were
// handed in. The sandbox hands in one answer at a time and lets the program run until nothing is left to do before it
// takes the next. `settle` gives an entry its place and its time in one synchronous step, as the last thing before the
// answer leaves, and every answer takes the same way from there: the order of places is the order of handing in.
//
// TIME stands still for the program while it computes. Each answer brings the time at which it settled, and that is
// what `Date.now()` says until the next. Times in settle order never decrease, whatever the machine's clock does.
//
// ANSWERS are kept whole, failures too, also those that Executor itself decided on: an unknown tool, a wrong argument, a
// policy, a missing connection. What the catalog or a policy says today must not change what a program was told then.
// The decision and the connection that a call used stand beside it. No entry holds a secret: credentials are attached
// below the tools, after the arguments and before the answer, and an answer's headers are those an agent may see.
//
// A request that was made and never settled has no entry: it did not reach the program. Requests that are still under
// way when the program ends are waited for and kept (a write may be among them), except timers, which do nothing.
//
// Texts above `rowLimit` are compressed and lie in `run_chunks`; they are handed over early once they get heavy, so that
// a run of large answers does not hold them all in memory. Everything else is stored in the batch that closes the run.
import type { PolicyAction, ToolErrorShape } from '../../drizzle/shapes.ts'
import type { CallRow } from '../db/calls.ts'
import type { HostReply, HostRequest } from '../sandbox/evaluate.ts'
import { argumentsChunk, type Chunk, pack, rowLimit } from './chunks.ts'
import { writeValue } from './journal-text.ts'

/** What a request came to, with what the journal keeps beside it. */
export type Answer = ({ ok: true; value: unknown } | { ok: false; error: ToolErrorShape }) & {
  connectionId?: string
  decision?: PolicyAction
}

/** A request that has not settled yet. */
export interface Asked {
  number: number
  request: HostRequest
  startedAt: number
}

/** Compressed bytes that may wait in memory for the end of the run. */
const heavyBytes = 2 * 1024 * 1024

const longestMessage = 8 * 1024
/** Of a tool's address, as a program may write it. No real one comes near. */
const longestAddress = 500

export interface JournalOptions {
  runId: string
  startedAt: number
  now: () => number
  /** Stores chunks before the run ends. */
  saveChunks: (chunks: Chunk[]) => Promise<void>
}

export class Journal {
  readonly #options: JournalOptions
  #rows: CallRow[] = []
  #chunks: Chunk[] = []
  #chunkBytes = 0
  #places = 0
  #clock: number

  constructor(options: JournalOptions) {
    this.#options = options
    this.#clock = options.startedAt
  }

  ask(number: number, request: HostRequest): Asked {
    return { number, request, startedAt: this.#options.now() }
  }

  /** Keeps the answer and gives it its place. The reply goes to the program at once: nothing may wait in between. */
  async settle({ number, request, startedAt }: Asked, given: Answer): Promise<HostReply> {
    const asked = written(argumentsOf(request)) ?? '"nested too deeply to keep"'
    const result = given.ok ? written(given.value) : null
    const answer: Answer = !given.ok
      ? { ...given, error: storableError(given.error) }
      : result === null
        ? { ...given, ok: false, error: tooDeep }
        : given
    const kept = {
      arguments: await this.#keep(argumentsChunk(number), asked),
      result: result === null ? null : await this.#keep(number, result),
    }
    this.#clock = Math.max(this.#clock, this.#options.now())
    this.#rows.push({
      runId: this.#options.runId,
      number,
      kind: request.kind,
      address: addressOf(request),
      connectionId: answer.connectionId ?? null,
      arguments: kept.arguments ?? '',
      decision: answer.decision ?? null,
      state: answer.ok ? 'succeeded' : 'failed',
      result: kept.result,
      error: answer.ok ? null : answer.error,
      settleOrder: ++this.#places,
      startedAt,
      settledAt: this.#clock,
    })
    return answer.ok
      ? { ok: true, value: answer.value, at: this.#clock }
      : { ok: false, error: answer.error, at: this.#clock }
  }

  /** What is not stored yet, by number. */
  takeUnsaved(): { calls: CallRow[]; chunks: Chunk[] } {
    const unsaved = { calls: this.#rows.sort((a, b) => a.number - b.number), chunks: this.#chunks }
    this.#rows = []
    this.#chunks = []
    this.#chunkBytes = 0
    return unsaved
  }

  /** The text when it fits a row; otherwise null, and the text lies in chunks under `number`. */
  async #keep(number: number, text: string): Promise<string | null> {
    if (text.length <= rowLimit) return text
    const chunks = await pack(number, text)
    this.#chunks.push(...chunks)
    this.#chunkBytes += chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    if (this.#chunkBytes > heavyBytes) {
      const heavy = this.#chunks
      this.#chunks = []
      this.#chunkBytes = 0
      await this.#options.saveChunks(heavy)
    }
    return null
  }
}

/** An error as its row can hold it; what the program is told is the same. Messages quote what was asked, of any length. */
export function storableError<E extends ToolErrorShape>(error: E): E {
  const message = error.message.length > longestMessage ? `${error.message.slice(0, longestMessage)}…` : error.message
  if (error.details === undefined) return { ...error, message }
  const details = written(error.details)
  const isHeavy = details === null || details.length > rowLimit
  return { ...error, message, details: isHeavy ? 'too large to keep' : error.details }
}

const tooDeep: ToolErrorShape = { code: 'response_too_deep', message: 'The answer is nested too deeply to be read.' }

/** Null when the value is nested more deeply than JSON can be written. */
function written(value: unknown): string | null {
  try {
    return writeValue(value)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function argumentsOf(request: HostRequest): unknown {
  if (request.kind === 'results') return request.run
  return request.kind === 'timer' ? request.ms : request.input
}

/** As the program wrote it: `github@work.issues.create` when it named a connection. */
function addressOf(request: HostRequest): string {
  if (request.kind !== 'tool') return ''
  const { address, connection } = request
  const qualified =
    connection === undefined ? address : address.replace(/^[^.]*/, (integration) => `${integration}@${connection}`)
  return qualified.slice(0, longestAddress)
}
