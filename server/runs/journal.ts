// The journal: what entered the program of a run from outside, numbered, as rows of `calls`.
//
// A program in the sandbox is deterministic: with the same code, seed and start time it does the same things, until
// something reaches it from outside. What reaches it is the answer to something it asked, and there are five things to
// ask: a tool, `tools.search`, `tools.describe`, `results.get` and a timer. So a run that has to wait simply ends, and is
// carried out again later: given the same answers in the same order, the program comes to the same point, and goes on
// from there. No upstream, no catalog, no policy and no clock is asked twice for what is in the journal.
//
// NUMBERS say what was asked. The sandbox counts requests from 1, in the order in which the program makes them. The
// program decides that order alone, so that the same request has the same number each time. An entry keeps a hash of what
// was asked. A program that asks something else under a number has diverged: another version of the sandbox may compute
// something differently. The run ends then, before anything else is sent.
//
// PLACES say what the program noticed. Requests run side by side and end in any order, and the program may depend on that
// order (`Promise.race` does), so that each settled entry has a place: 1, 2, 3 … as the answers were handed in. Every
// answer, recorded or new, goes through one turnstile in the order of places, and nothing new begins before the last
// recorded answer went through.
//
// TIME stands still for the program while it computes. Each answer brings the time at which it settled, and that is what
// `Date.now()` says until the next. Times in the order of places never decrease, whatever the machine's clock does.
//
// For a numbered request the journal answers one of five:
//
//   entry                                        answer
//   none, or read and given up on the way        execute   carry it out now
//   settled                                      replay    hand in what is recorded, at its place
//   held, nobody has decided                     hold      it stays unanswered in this evaluation
//   held, approved                               execute   with the approval, which names exactly what may be sent
//   held, the upstream's question was answered   execute   with every answer so far: it is sent again from its beginning
//   held, declined or expired                    settle    with that as its error
//   started, nothing more                        question  ask a person: it was sent, or was just being sent, by a
//                                                          driver that is gone. It is never sent again by itself
//   unknown, nobody has decided                  hold
//   unknown, "it happened"                       settle    with the answer that the person gave
//   unknown, "it did not"                        execute
//   anything asked differently                   diverge
//
// WHO WRITES. A run advances under a lease (server/db/run-journal.ts): a number that grows with everyone who takes the
// run up. What is written names it, and changes nothing when it is no longer the run's. Three moments are stored:
//
//   - before a write is sent: the entry as `started`, with everything that has settled so far, in one batch. An answer to
//     a read that only memory holds might be another one when the read is repeated, and the program would not come to
//     its own write again;
//   - when a write's answer arrives: at once, while the program goes on;
//   - when the evaluation ends: with its result, with what it waits for, or with nothing but what has settled.
//
// Reads therefore cost nothing of their own. They may be repeated; a write never is.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { CallRow } from '../db/calls.ts'
import type { ApprovalRow } from '../db/run-journal.ts'

/** What a request came to. */
export type Answer = { ok: true; value: unknown } | { ok: false; error: ToolErrorShape }

/** An entry that has its place. */
export type SettledCall = CallRow & { settleOrder: number; settledAt: number }

export type Step =
  | { do: 'replay'; entry: SettledCall }
  | { do: 'execute'; /** What people have said of it so far, in order. */ decided: readonly ApprovalRow[] }
  | { do: 'hold' }
  | { do: 'question'; entry: CallRow }
  | { do: 'settle'; approval: ApprovalRow; answer: { ok: true; text: string } | { ok: false; error: ToolErrorShape } }
  | { do: 'diverge'; expected: CallRow }

/** A program that, carried out again, asks for something else than the first time. */
export class Divergence extends Error {
  readonly expected: CallRow

  constructor(expected: CallRow) {
    super(`call ${expected.number} is not what it was`)
    this.expected = expected
  }
}

export class Journal {
  readonly #entries: Map<number, CallRow>
  readonly #questions: Map<number, ApprovalRow[]>
  /** Numbers in the order of places. */
  readonly #recorded: SettledCall[]
  readonly #turns = new Map<number, (() => void)[]>()
  #places: number
  #handed = 0
  #clock: number
  #seen: number

  constructor(stored: { startedAt: number; calls: readonly CallRow[]; approvals: readonly ApprovalRow[] }) {
    this.#entries = new Map(stored.calls.map((call) => [call.number, call]))
    this.#questions = Map.groupBy(stored.approvals, ({ number: asked }) => asked)
    this.#recorded = stored.calls.filter(isSettled).sort((a, b) => a.settleOrder - b.settleOrder)
    this.#places = this.#recorded.length
    this.#clock = this.#recorded.at(-1)?.settledAt ?? stored.startedAt
    this.#seen = stored.startedAt
  }

  /** What to do about a request. */
  step({ number, hash }: { number: number; hash: string }): Step {
    const entry = this.#entries.get(number)
    if (entry === undefined) return { do: 'execute', decided: [] }
    if (entry.hash !== hash) return { do: 'diverge', expected: entry }
    if (isSettled(entry)) return { do: 'replay', entry }
    const questions = this.#questions.get(number) ?? []
    // The last question about a call is the one that counts.
    const last = questions.at(-1)
    if (entry.state === 'started' || last === undefined) return { do: 'question', entry }
    return answered(last, questions)
  }

  /** The time that the program sees, with what was handed in so far. */
  get clock(): number {
    return this.#seen
  }

  /** Takes the next place for an answer, at `now` or at the latest time so far. */
  settle(now: number): { settleOrder: number; settledAt: number } {
    this.#clock = Math.max(this.#clock, now)
    return { settleOrder: ++this.#places, settledAt: this.#clock }
  }

  /** Resolves when the answer with this place is the next to be handed in: then `pass` lets the one after it follow. */
  turn(place: number): Promise<void> {
    if (place <= this.#handed + 1) return Promise.resolve()
    return new Promise((resolve) => {
      this.#turns.set(place, [...(this.#turns.get(place) ?? []), resolve])
    })
  }

  pass(place: number, at: number): void {
    this.#handed = place
    this.#seen = Math.max(this.#seen, at)
    const next = this.#turns.get(place + 1) ?? []
    this.#turns.delete(place + 1)
    for (const wake of next) wake()
  }

  /** Resolves when every recorded answer was handed in. */
  caughtUp(): Promise<void> {
    return this.turn(this.#recorded.length + 1)
  }

  /**
   * Throws when the program stands still although the next recorded answer belongs to a request that it has not made:
   * `asked` is the number of its last one, `delivered` how many answers it has had.
   */
  expectNext(asked: number, delivered: number): void {
    const next = this.#recorded[delivered]
    if (next !== undefined && next.number > asked) throw new Divergence(next)
  }

  /** Throws when the program is through although it has not made every recorded request. */
  expectAll(asked: number): void {
    const missing = this.#recorded.find(({ number }) => number > asked)
    if (missing !== undefined) throw new Divergence(missing)
  }

  /** Lets everything go that waits for its turn: the program is through. */
  release(): void {
    const waiting = [...this.#turns.values()].flat()
    this.#turns.clear()
    for (const wake of waiting) wake()
  }
}

export function isSettled(call: CallRow): call is SettledCall {
  return call.settleOrder !== null && call.settledAt !== null
}

function answered(approval: ApprovalRow, decided: readonly ApprovalRow[]): Step {
  const { state, question, tool, reason, answer } = approval
  if (state === 'approved') return { do: 'execute', decided }
  // Also what a person declines is for the upstream to answer.
  if (question === 'input' && answer !== null) return { do: 'execute', decided }
  if (state === 'answered') return { do: 'settle', approval, answer: { ok: true, text: answer ?? 'null' } }
  if (state === 'declined') {
    const said = reason === '' ? 'A person declined it.' : `A person declined it: ${reason}`
    const error = { code: 'declined', message: `${tool} was not called. ${said}` }
    return { do: 'settle', approval, answer: { ok: false, error } }
  }
  if (state !== 'expired') return { do: 'hold' }
  return { do: 'settle', approval, answer: { ok: false, error: EXPIRED[question](tool) } }
}

const EXPIRED: Record<ApprovalRow['question'], (tool: string) => ToolErrorShape> = {
  send: (tool) => ({ code: 'approval_expired', message: `${tool} was not called. Nobody decided about it in time.` }),
  input: (tool) => ({ code: 'approval_expired', message: `${tool} asked a person, and nobody answered in time.` }),
  outcome: (tool) => ({
    code: 'outcome_unknown',
    message: `Whether ${tool} was carried out is not known, and nobody said so in time.`,
  }),
}
