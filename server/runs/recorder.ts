// Writes the journal of one run under its lease: collects what is new and stores it in batches, one after the other, so
// that what is stored is always a beginning of what happened.
import type { CallRow } from '../db/calls.ts'
import type { Database } from '../db/database.ts'
import { type ApprovalRow, type Lease, type RunPatch, type RunSave, saveRun } from '../db/run-journal.ts'
import { CALL_TIMEOUT_MS } from '../tools/send-call.ts'
import { type Chunk, pack, rowLimit } from './chunks.ts'

/** The run was taken up by somebody else, cancelled or deleted: whoever drives it stops. */
export class LeaseLost extends Error {
  override message = 'the run is no longer driven from here'
}

/** Longer than the longest call, with what is around it. */
export const LEASE_MS = 150_000
const RENEW_AFTER_MS = 40_000

/** Compressed bytes that may wait in memory for the next batch. */
const heavyBytes = 2 * 1024 * 1024

type Statement = RunSave['alongside'][number]

export class Recorder {
  readonly #db: Database
  readonly #lease: Lease
  readonly #calls = new Map<number, CallRow>()
  readonly #kept = new Set<number>()
  readonly #connectionsUsed = new Set<string>()
  #chunks: Chunk[] = []
  #chunkBytes = 0
  #approvals: ApprovalRow[] = []
  #applied: string[] = []
  #alongside: Statement[] = []
  #chain: Promise<unknown>
  #failure: { error: unknown } | undefined
  #leaseUntil: number
  #renewal: ReturnType<typeof setTimeout> | undefined

  /** Nothing is stored before `opened` has resolved: the run's own row. */
  constructor(db: Database, lease: Lease & { leaseUntil: number }, opened: Promise<unknown>) {
    this.#db = db
    this.#lease = lease
    this.#leaseUntil = lease.leaseUntil
    this.#chain = opened
    this.#renewLater()
  }

  /** The entry as it stands now. */
  put(call: CallRow): void {
    this.#calls.set(call.number, call)
  }

  /** The text when it fits a row; otherwise null, and the text lies in chunks under `number`. */
  async keep(number: number, text: string): Promise<string | null> {
    if (text.length <= rowLimit) return text
    if (this.#kept.has(number)) return null
    this.#kept.add(number)
    const chunks = await pack(number, text)
    this.#chunks.push(...chunks)
    this.#chunkBytes += chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    if (this.#chunkBytes > heavyBytes) await this.save()
    return null
  }

  /** A question to a person, with the statements that tell of it. */
  ask(approval: ApprovalRow, alongside: readonly Statement[] = []): void {
    this.#approvals.push(approval)
    this.#alongside.push(...alongside)
  }

  /** The run has been told of this decision. */
  apply(approvalId: string): void {
    this.#applied.push(approvalId)
  }

  use(connectionId: string): void {
    this.#connectionsUsed.add(connectionId)
  }

  alongside(statement: Statement): void {
    this.#alongside.push(statement)
  }

  /**
   * Stores everything new, with a change of the run itself, in one batch. Gives the rows of `last`, which is carried out
   * after the rest. Rejects with `LeaseLost`, or with what broke an earlier batch: nothing is stored after a gap.
   */
  save(run: RunPatch = {}, last?: Statement): Promise<Record<string, unknown>[]> {
    const saved = this.#chain.then(() => this.#saveNow(run, last))
    this.#chain = saved.catch(() => {})
    return saved
  }

  /** Throws when an earlier batch showed that the run is no longer driven from here. */
  requireLease(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Throws when a request that is sent now might still be under way after the lease. */
  requireTime(): void {
    this.requireLease()
    if (Date.now() + CALL_TIMEOUT_MS >= this.#leaseUntil) throw new LeaseLost()
  }

  /** What came back after the lease was lost: it is recorded if nobody else has taken the run up. */
  async saveLate(): Promise<void> {
    this.end()
    await this.#chain
    const late = this.#take({ leaseUntil: 0 })
    if (late.calls.length > 0) await saveRun(this.#db, this.#lease, { ...late, approvals: [], alongside: [] })
  }

  end(): void {
    clearTimeout(this.#renewal)
    this.#renewal = undefined
  }

  async #saveNow(run: RunPatch, last: Statement | undefined): Promise<Record<string, unknown>[]> {
    if (this.#failure !== undefined) throw this.#failure.error
    const leaseUntil = run.leaseUntil ?? Date.now() + LEASE_MS
    const taken = this.#take({ ...run, leaseUntil })
    const hasProgress = taken.calls.length > 0
    const save = { ...taken, run: { ...(hasProgress && { attempts: 0 }), ...taken.run } }
    try {
      const alongside = last === undefined ? save.alongside : [...save.alongside, last]
      const { isHeld, rows } = await saveRun(this.#db, this.#lease, { ...save, alongside })
      if (!isHeld) throw new LeaseLost()
      this.#leaseUntil = leaseUntil
      return rows
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  #take(run: RunSave['run']): RunSave {
    const calls = [...this.#calls.values()].sort((a, b) => a.number - b.number)
    const taken: RunSave = {
      run,
      calls,
      chunks: this.#chunks,
      approvals: this.#approvals,
      applied: this.#applied,
      connectionsUsed: [...this.#connectionsUsed],
      alongside: this.#alongside,
      now: Date.now(),
    }
    this.#calls.clear()
    this.#connectionsUsed.clear()
    this.#chunks = []
    this.#chunkBytes = 0
    this.#approvals = []
    this.#applied = []
    this.#alongside = []
    return taken
  }

  #renewLater(): void {
    this.#renewal = setTimeout(() => {
      this.save().then(
        () => this.#renewal !== undefined && this.#renewLater(),
        () => {},
      )
    }, RENEW_AFTER_MS)
  }
}
