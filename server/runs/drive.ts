// Lets a run advance, under its lease, as far as it can: one evaluation of its program, with the journal in front of
// everything that it asks. How it works is written at the head of journal.ts.
import type { RunErrorShape, RunState } from '../../drizzle/shapes.ts'
import type { CallRow } from '../db/calls.ts'
import { RUN_EMITTED, RUN_RESULT } from '../db/run-chunks.ts'
import { readyStatement, type RunPatch, type TakenRun } from '../db/run-journal.ts'
import type { RunRow } from '../db/runs.ts'
import type { SandboxEngine } from '../sandbox/engine.ts'
import {
  type Evaluation,
  evaluateProgram,
  type HostCall,
  type HostReply,
  type HostRequest,
} from '../sandbox/evaluate.ts'
import { type CatalogSnapshot, loadCatalog } from '../tools/catalog.ts'
import type { CallFacts } from '../tools/prepare-call.ts'
import { type Asked, askedOf, entryOf, written } from './asked.ts'
import { argumentsChunk } from './chunks.ts'
import { type Answer, Divergence, Journal, type SettledCall, type Step } from './journal.ts'
import { readValue, writeValue } from './journal-text.ts'
import { createLanes } from './lanes.ts'
import { lookUp } from './look-ups.ts'
import { recordedReply } from './recorded-reply.ts'
import { LeaseLost, Recorder } from './recorder.ts'
import { storableError } from './storable-error.ts'
import { type Called, ToolCalls, type ToolCallDeps } from './tool-calls.ts'
import { Waits } from './waits.ts'

export interface DriveDeps extends ToolCallDeps {
  engine: SandboxEngine
}

export type DriveEnd =
  | Extract<Evaluation, { state: 'succeeded' }>
  | {
      state: Extract<RunState, 'failed' | 'declined' | 'expired' | 'diverged'>
      error: RunErrorShape
      emitted: unknown[]
      logs: string
    }
  /** `isReady`: somebody has decided meanwhile, and the run can be taken up at once. */
  | { state: 'waiting'; isReady: boolean; emitted: unknown[]; logs: string }
  /** Time is up here; the run goes on where it is taken up next. */
  | { state: 'retired' }
  /** Somebody else has it now, or it was cancelled. */
  | { state: 'superseded' }

/** Requests of a run that are carried out at the same time, timers not counted. */
const callsInFlight = 6
/** A catalog that was looked at this long ago is looked at again: a policy may have changed. */
const catalogFreshMs = 15_000

const unanswered: HostReply = { held: true, at: 0 }

type Handed = { place: number; reply: HostReply } | 'unanswered'

export class Driver {
  readonly #deps: DriveDeps
  readonly #run: RunRow
  readonly #journal: Journal
  readonly #recorder: Recorder
  readonly #tools: ToolCalls
  readonly #waits = new Waits()
  readonly #lanes = createLanes(callsInFlight)
  readonly #underWay = new Set<Promise<unknown>>()
  /** Entries that wait for a person, by number. */
  readonly #open = new Map<number, CallRow>()
  readonly #opened: Promise<unknown>
  #catalog: { loaded: Promise<CatalogSnapshot>; at: number } | undefined
  #asking: Promise<unknown> = Promise.resolve()
  /** Number of the last request. */
  #asked = 0
  #isOver = false
  #isRetired = false
  /** Something was left for whoever takes the run up next. */
  #isUnfinished = false

  /** `opened`: the run's own row is stored; nothing is sent before. */
  constructor(deps: DriveDeps, { run, calls, approvals }: TakenRun, opened: Promise<unknown> = Promise.resolve()) {
    this.#deps = deps
    this.#run = run
    this.#opened = opened
    this.#journal = new Journal({ startedAt: run.startedAt, calls, approvals })
    const { id: runId, epoch, leaseUntil } = run
    this.#recorder = new Recorder(deps.db, { runId, epoch, leaseUntil }, opened)
    this.#tools = new ToolCalls(deps, { run, recorder: this.#recorder, loadCatalog: () => this.#loadCatalog() })
    for (const call of calls) if (call.state === 'held' || call.state === 'unknown') this.#open.set(call.number, call)
  }

  /** Begins nothing any more: what is under way is finished, and the run is left to whoever takes it up next. */
  retire(): void {
    this.#isRetired = true
    if (this.#waits.end()) this.#isUnfinished = true
  }

  async drive(): Promise<DriveEnd> {
    const { program, code, startedAt, seed } = this.#run
    if (program === null) throw new Error(`${this.#run.id} has no program`)
    const call: HostCall = (request, number) => this.#call(request, number)
    const onWait = (asked: number, delivered: number) => this.#journal.expectNext(asked, delivered)
    const options = { call, onWait, now: startedAt, seed, engine: this.#deps.engine }
    const [evaluated] = await Promise.allSettled([evaluateProgram(program, code, options), this.#opened])
    this.#isOver = true
    this.#waits.end()
    this.#journal.release()
    await Promise.allSettled(this.#underWay)
    this.#recorder.end()
    try {
      if (evaluated.status === 'rejected') throw evaluated.reason
      return await this.#finish(evaluated.value)
    } catch (error) {
      if (error instanceof Divergence) return this.#diverge(error)
      if (!(error instanceof LeaseLost)) throw error
      await this.#recorder.saveLate()
      return { state: 'superseded' }
    }
  }

  /** Ends a run that something in Executor itself broke, if that can still be stored. */
  async breakOff(): Promise<void> {
    const error = { code: 'internal_error', message: 'Something went wrong inside Executor.' }
    await this.#end({ state: 'failed', error, logs: '' }).catch(() => {})
  }

  /** Every answer, recorded or new, is handed in at its place, by the same few steps. */
  async #call(request: HostRequest, number: number): Promise<HostReply> {
    this.#asked = number
    // What the program waits for began when it asked, also when it asks again in another life.
    const due = request.kind === 'timer' ? this.#journal.clock + request.ms : 0
    // One after the other, so that requests go on in the order in which they were asked.
    const asking = this.#asking.then(() => askedOf(number, request, Date.now()))
    this.#asking = asking
    const asked = await asking
    // What a failed program still had in line is not sent any more.
    if (this.#isOver) return unanswered
    const step = this.#journal.step(asked)
    if (step.do === 'diverge') throw new Divergence(step.expected)
    if (step.do === 'hold') return unanswered
    const work = step.do === 'replay' ? this.#replay(step.entry) : this.#carryOut(asked, step, due)
    if (step.do !== 'replay' && request.kind !== 'timer') this.#underWay.add(work)
    const handed = await work
    if (handed === 'unanswered') return unanswered
    await this.#journal.turn(handed.place)
    this.#journal.pass(handed.place, handed.reply.at)
    return handed.reply
  }

  async #replay(entry: SettledCall): Promise<Handed> {
    // Large values come when it is their turn, and not all at once.
    await this.#journal.turn(entry.settleOrder)
    return { place: entry.settleOrder, reply: await recordedReply(this.#deps.db, entry) }
  }

  async #carryOut(
    asked: Asked,
    step: Exclude<Step, { do: 'replay' | 'hold' | 'diverge' }>,
    due: number,
  ): Promise<Handed> {
    await this.#journal.caughtUp()
    await this.#opened
    if (this.#isOver) return 'unanswered'
    this.#recorder.requireLease()
    if (step.do === 'settle') return this.#settleDecided(asked, step)
    if (asked.request.kind === 'timer') return this.#wait(asked, due)
    const leave = await this.#lanes.enter()
    try {
      if (this.#isOver || this.#isRetired) return this.#leaveUnfinished()
      const called = await this.#ask(asked, step)
      if (!called.isHeld) return await this.#settle(asked, called.answer, called.facts)
      this.#open.set(asked.number, called.entry)
      return 'unanswered'
    } finally {
      leave()
    }
  }

  async #ask(asked: Asked, step: Extract<Step, { do: 'execute' | 'question' }>): Promise<Called> {
    const { request } = asked
    if (request.kind === 'tool') {
      return step.do === 'execute'
        ? this.#tools.call(asked, request, step.decided)
        : this.#tools.ask(asked, request, step.entry)
    }
    if (request.kind === 'timer') throw new Error('timers are not asked for here')
    const caller = { id: this.#run.principal }
    const answer = await lookUp(this.#deps, caller, request, () => this.#loadCatalog())
    return { isHeld: false, answer, facts: {} }
  }

  /** What a person said of a call is its answer. */
  #settleDecided(asked: Asked, { approval, answer }: Extract<Step, { do: 'settle' }>): Promise<Handed> {
    this.#recorder.apply(approval.id)
    const { connectionId, because, effect, summary, tool: name } = approval
    const facts: CallFacts = { because, decision: 'require_approval', tool: { name, effect, summary } }
    const given: Answer = answer.ok
      ? { ok: true, value: { status: 200, headers: {}, data: readValue(answer.text) } }
      : answer
    return this.#settle(asked, given, { ...facts, ...(connectionId !== null && { connectionId }) })
  }

  async #wait(asked: Asked, due: number): Promise<Handed> {
    if (this.#isRetired) return this.#leaveUnfinished()
    if (!(await this.#waits.until(due))) return 'unanswered'
    return this.#settle(asked, { ok: true, value: null }, {})
  }

  #leaveUnfinished(): 'unanswered' {
    this.#isUnfinished = true
    return 'unanswered'
  }

  /** Keeps the answer and gives it its place, in one step without a wait: places are given as answers leave. */
  async #settle(asked: Asked, given: Answer, facts: CallFacts): Promise<Handed> {
    const { number } = asked
    const result = given.ok ? written(given.value) : null
    const answer = given.ok && result === null ? tooDeep : given
    const kept = await this.#recorder.keep(argumentsChunk(number), asked.arguments)
    const keptResult = result === null ? null : await this.#recorder.keep(number, result)
    const settled = this.#journal.settle(Date.now())
    const error = answer.ok ? null : storableError(answer.error)
    const entry = entryOf(this.#run.id, asked, kept, facts)
    this.#recorder.put({ ...entry, state: error ? 'failed' : 'succeeded', result: keptResult, error, ...settled })
    this.#open.delete(number)
    // A write's answer is stored as it arrives. What breaks this breaks the next batch too, which is awaited.
    if (facts.tool !== undefined && facts.tool.effect !== 'read') this.#recorder.save().catch(() => {})
    const at = settled.settledAt
    const reply: HostReply =
      error !== null ? { ok: false, error, at } : { ok: true, value: answer.ok ? answer.value : null, at }
    return { place: settled.settleOrder, reply }
  }

  async #finish(evaluation: Evaluation): Promise<DriveEnd> {
    const { logs, emitted } = evaluation
    if (evaluation.state === 'failed' && evaluation.error.code === 'busy' && this.#run.epoch > 1) {
      await this.#recorder.save({ leaseUntil: 0, attempts: this.#run.attempts - 1 })
      return { state: 'retired' }
    }
    if (evaluation.state !== 'failed' || evaluation.error.code !== 'busy') this.#journal.expectAll(this.#asked)
    if (evaluation.state === 'suspended') {
      if (this.#isUnfinished) {
        await this.#recorder.save({ leaseUntil: 0, logs })
        return { state: 'retired' }
      }
      const last = readyStatement(this.#deps.db, this.#run.id)
      const ready = await this.#recorder.save({ state: 'waiting', leaseUntil: 0, logs }, last)
      return { state: 'waiting', isReady: ready.length > 0, logs, emitted }
    }
    if (evaluation.state === 'succeeded') {
      await this.#end({ state: 'succeeded', value: evaluation.value, emitted, logs })
      return evaluation
    }
    const { error } = evaluation
    const state = ENDS[error.code] ?? 'failed'
    await this.#end({ state, error, emitted, logs })
    return { state, error, emitted, logs }
  }

  async #diverge({ expected }: Divergence): Promise<DriveEnd> {
    const was = expected.address === '' ? `a ${expected.kind}` : expected.address
    const message = `Carried out again, the code no longer does what it did: call ${expected.number} was ${was}, and now it asks for something else. Nothing more was sent.`
    const end = { state: 'diverged' as const, error: { code: 'diverged', message }, emitted: [], logs: '' }
    await this.#end(end)
    return end
  }

  /** Stores the end of the run, with everything that was open. */
  async #end(
    end: Pick<RunPatch, 'state'> & { logs: string; value?: unknown; error?: RunErrorShape; emitted?: unknown[] },
  ): Promise<void> {
    for (const entry of this.#open.values()) {
      this.#recorder.put({ ...entry, state: entry.state === 'held' ? 'cancelled' : 'unknown' })
    }
    const result = end.state === 'succeeded' ? writeValue(end.value) : null
    const emitted = end.emitted === undefined || end.emitted.length === 0 ? null : writeValue(end.emitted)
    await this.#recorder.save({
      ...(end.state !== undefined && { state: end.state }),
      leaseUntil: 0,
      result: result === null ? null : await this.#recorder.keep(RUN_RESULT, result),
      resultBytes: result === null ? 0 : new TextEncoder().encode(result).byteLength,
      emitted: emitted === null ? null : await this.#recorder.keep(RUN_EMITTED, emitted),
      error: end.error === undefined ? null : storableError(end.error),
      logs: end.logs,
      endedAt: Date.now(),
    })
  }

  #loadCatalog(): Promise<CatalogSnapshot> {
    const now = Date.now()
    if (this.#catalog === undefined || now - this.#catalog.at > catalogFreshMs) {
      this.#catalog = { loaded: loadCatalog(this.#deps.db, { id: this.#run.principal }), at: now }
    }
    return this.#catalog.loaded
  }
}

/** A program that ends with what a person said, or for want of it, ends as that. */
const ENDS: Partial<Record<string, 'declined' | 'expired'>> = {
  declined: 'declined',
  approval_expired: 'expired',
  outcome_unknown: 'expired',
}

const tooDeep: Answer = {
  ok: false,
  error: { code: 'response_too_deep', message: 'The answer is nested too deeply to be read.' },
}
