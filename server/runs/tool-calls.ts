// The way of one tool call of a run: prepared, decided on, held or stored as started, sent, answered. What the program is
// told comes back as an answer; a held call comes back as nothing.
import type { UpstreamAnswer, UpstreamQuestion } from '../../drizzle/shapes.ts'
import type { Health } from '../connections/probe.ts'
import { usedHealthStatements } from '../connections/record-health.ts'
import { auditStatement } from '../db/audit.ts'
import { catalogOf, type CatalogSnapshot, isKindedRow } from '../db/catalog.ts'
import type { CallRow } from '../db/calls.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { type ApprovalRow, isLeaseInForce, type Lease } from '../db/run-journal.ts'
import type { RunRow } from '../db/runs.ts'
import { statement } from '../db/statement.ts'
import type { AnsweredQuestion } from '../integrations/adapter.ts'
import type { HostRequest } from '../sandbox/evaluate.ts'
import { catalogStatement } from '../tools/catalog.ts'
import {
  accountOf,
  type CallFacts,
  fingerprint,
  type PreparedCall,
  prepareCall,
  type Prepared,
} from '../tools/prepare-call.ts'
import { sendCall, type SendDeps } from '../tools/send-call.ts'
import { type Asked, entryOf } from './asked.ts'
import { argumentsChunk } from './chunks.ts'
import type { Answer } from './journal.ts'
import { askInput, askOutcome, askToSend, type Question } from './questions.ts'
import type { Recorder } from './recorder.ts'

export interface ToolCallDeps extends SendDeps {
  db: Database
}

export type ToolRequest = Extract<HostRequest, { kind: 'tool' }>

export type Called =
  | { isHeld: false; answer: Answer; facts: CallFacts }
  /** Waits for a person: the entry as it was put into the record. */
  | { isHeld: true; entry: CallRow }

/** A connection in steady use is not written for each run. */
const lastUsePrecisionMs = 60_000

export class ToolCalls {
  readonly #deps: ToolCallDeps
  readonly #run: RunRow
  readonly #recorder: Recorder
  readonly #loadCatalog: () => Promise<CatalogSnapshot>
  /** Never outlives this run: what one request of a Worker waits for, another must not. */
  readonly #together = new WeakMap<object, unknown>()
  /** Connections whose health was noted. */
  readonly #noted = new Set<string>()

  constructor(
    deps: ToolCallDeps,
    { run, recorder, loadCatalog }: { run: RunRow; recorder: Recorder; loadCatalog: () => Promise<CatalogSnapshot> },
  ) {
    this.#deps = deps
    this.#run = run
    this.#recorder = recorder
    this.#loadCatalog = loadCatalog
  }

  /**
   * What is not a read is stored as started before it is sent; the same batch reads the catalog, and everything is asked
   * once more of that: what was blocked, revoked or moved up to this moment is not sent.
   */
  async call(asked: Asked, request: ToolRequest, decided: readonly ApprovalRow[]): Promise<Called> {
    const approval = decided.findLast(({ state }) => state === 'approved')
    let catalog = await this.#loadCatalog()
    for (let isStarted = false; ; isStarted = true) {
      const prepared = await this.#prepare(catalog, asked, request)
      if (!prepared.ok) {
        this.#tell(decided)
        return this.#refused(asked, prepared)
      }
      const { call } = prepared
      const isApproved = approval !== undefined && approval.hash === (await fingerprint(call, asked.arguments))
      if (call.decision.action === 'require_approval' && !isApproved) return this.#hold(asked, call, decided)
      if (isStarted) return this.#send(asked, call, decided)
      if (call.tool.effect === 'read') {
        const sent = await this.#send(asked, call, decided, request.paged === undefined)
        this.#tell(decided)
        return sent
      }
      catalog = await this.#start(asked, call, decided)
    }
  }

  /** A person has to find out what became of a call whose driver is gone. */
  async ask(asked: Asked, request: ToolRequest, entry: CallRow): Promise<Called> {
    const prepared = await this.#prepare(await this.#loadCatalog(), asked, request)
    const unknown: CallRow = { ...entry, state: 'unknown' }
    this.#question(unknown, await askOutcome(this.#deps, this.#run, asked, prepared))
    return { isHeld: true, entry: unknown }
  }

  async #prepare(catalog: CatalogSnapshot, asked: Asked, request: ToolRequest): Promise<Prepared> {
    const { address, connection, input, paged } = request
    const prepared = await prepareCall(this.#deps, catalog, {
      principal: { id: this.#run.principal },
      runId: this.#run.id,
      address,
      input,
      idempotencyKey: `${this.#run.id}-${asked.number}`,
      ...(connection !== undefined && { connection }),
    })
    if (!prepared.ok || paged === undefined || prepared.call.tool.effect === 'read') return prepared
    const message = `${address} is not a read: .pages would carry it out again for every page. Call it without .pages.`
    return { ok: false, error: { code: 'not_a_read', message }, facts: prepared.call.facts }
  }

  #refused(asked: Asked, { error, facts }: Extract<Prepared, { ok: false }>): Called {
    if (facts.decision === 'block') {
      const blocked = {
        at: Date.now(),
        actor: this.#run.principal,
        action: 'call.blocked' as const,
        subject: asked.address,
        details: { run: this.#run.id, number: asked.number, because: facts.because },
      }
      this.#recorder.alongside(auditStatement(this.#deps.db, blocked, isLeaseInForce(this.#lease)))
    }
    return { isHeld: false, answer: { ok: false, error }, facts }
  }

  async #hold(asked: Asked, call: PreparedCall, decided: readonly ApprovalRow[]): Promise<Called> {
    const because = decided.every(({ state }) => state !== 'approved')
      ? call.decision.sentence
      : `${call.decision.sentence} It was approved before, and what would be sent has changed since.`
    this.#tell(decided)
    const entry: CallRow = { ...(await this.#entry(asked, { ...call.facts, because })), state: 'held' }
    this.#question(entry, await askToSend(this.#deps, this.#run, asked, call, because))
    return { isHeld: true, entry }
  }

  #question(entry: CallRow, { approval, notify }: Question): void {
    this.#recorder.put(entry)
    this.#recorder.ask(approval, notify)
    // People see it while the rest of the run goes on. What breaks this breaks the next batch too, which is awaited.
    this.#recorder.save().catch(() => {})
  }

  async #start(asked: Asked, call: PreparedCall, decided: readonly ApprovalRow[]): Promise<CatalogSnapshot> {
    this.#recorder.put({ ...(await this.#entry(asked, call.facts)), state: 'started' })
    this.#tell(decided)
    const caller = { id: this.#run.principal }
    const rows = await this.#recorder.save({}, statement(this.#deps.db, catalogStatement(caller, Date.now())))
    return catalogOf(rows.filter(isKindedRow))
  }

  async #send(asked: Asked, call: PreparedCall, decided: readonly ApprovalRow[], isJoined = false): Promise<Called> {
    const { person, ...deps } = this.#deps
    // Whoever drives a run, for example by deciding on it: only its own principal's assertion may go out in it.
    const own = person?.id === this.#run.principal ? { person } : {}
    const joined = isJoined && { together: this.#together }
    const answers = answersIn(decided)
    const sent = await sendCall({ ...deps, ...own, ...joined, answers }, call, () => this.#recorder.requireTime())
    const { usedConnection, health, ...result } = sent
    if (health && call.connection) this.#noteHealth(call.connection, accountOf(call), health)
    if (usedConnection !== undefined && Date.now() - (usedConnection.lastUsedAt ?? 0) > lastUsePrecisionMs) {
      this.#recorder.use(usedConnection.id)
    }
    const facts = { ...call.facts, ...(result.notes && { notes: result.notes }) }
    if (!result.ok && result.question) return this.#pass(asked, { ...call, facts }, result.question)
    if (!result.ok) return { isHeld: false, answer: { ok: false, error: result.error }, facts }
    const { status, headers, data, next, errors } = result
    const value = { status, headers, data, ...(next && { next }), ...(errors !== undefined && { errors }) }
    return { isHeld: false, answer: { ok: true, value }, facts }
  }

  /** A question of the upstream's, for a person: the call waits for the answer as one waits for an approval. */
  async #pass(asked: Asked, call: PreparedCall, question: UpstreamQuestion): Promise<Called> {
    const entry: CallRow = { ...(await this.#entry(asked, call.facts)), state: 'held' }
    this.#question(entry, await askInput(this.#deps, this.#run, asked, call, question))
    return { isHeld: true, entry }
  }

  /** The run knows of these decisions now, whatever becomes of the call. */
  #tell(decided: readonly ApprovalRow[]): void {
    for (const { id, isApplied } of decided) if (!isApplied) this.#recorder.apply(id)
  }

  /** Once in a run: it knows no more of the connection than what it was at its beginning. */
  #noteHealth(connection: ConnectionRow, address: string, health: Health): void {
    if (this.#noted.has(connection.id)) return
    this.#noted.add(connection.id)
    const checked = { ...health, checkedAt: Date.now() }
    const statements = usedHealthStatements(this.#deps, { ...connection, address }, checked)
    for (const each of statements) this.#recorder.alongside(each)
  }

  async #entry(asked: Asked, facts: CallFacts) {
    const kept = await this.#recorder.keep(argumentsChunk(asked.number), asked.arguments)
    return entryOf(this.#run.id, asked, kept, facts)
  }

  get #lease(): Lease {
    return { runId: this.#run.id, epoch: this.#run.epoch }
  }
}

/** Of the upstream's questions about one call, in the order in which they were asked. */
function answersIn(decided: readonly ApprovalRow[]): AnsweredQuestion[] {
  return decided.flatMap(({ asks, answer }) => {
    if (asks === null || answer === null) return []
    const given: UpstreamAnswer = JSON.parse(answer)
    return [{ question: asks, answer: given }]
  })
}
