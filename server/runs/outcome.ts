// What a run has come to, as whoever asks for it sees it: told the same by `execute`, by `resume` and in the console.
import type { CallState, Effect, QuestionKind, RunErrorShape, RunState } from '../../drizzle/shapes.ts'

/** A question that a run waits for. Only a signed-in person answers it, at `link`. */
export interface PendingQuestion {
  id: string
  question: QuestionKind
  /** Of the tool, or what the upstream asks, in its words. */
  summary: string
  /** Of the tool: `github.issues.create`. */
  tool: string
  /** The connection it goes through: `github@work`. */
  account: string
  link: string
  expiresAt: number
}

/** One use of a tool by a run, to say what was done and what was not. */
export interface CallSummary {
  number: number
  address: string
  effect: Effect | null
  state: CallState
}

export type EndedWithout = Extract<RunState, 'failed' | 'declined' | 'expired' | 'cancelled' | 'diverged' | 'lost'>

/** `value` and `emitted` are JSON-like, with files as `FileValue`. */
export type RunOutcome = { run: string; emitted: unknown[]; logs: string } & (
  | { state: 'succeeded'; value: unknown }
  | { state: EndedWithout; error: RunErrorShape; calls: CallSummary[] }
  /** Goes on by itself; ask again. */
  | { state: 'running'; calls: CallSummary[] }
  | { state: 'waiting'; waiting: PendingQuestion[]; calls: CallSummary[] }
)
