// Evaluates one program. Pure: no database, no network, no clock. Everything the program learns comes from its text, its
// seed and the replies of `call`, in the order in which they settle, so the same replies give the same run again.
import { Calls, type HostCall } from './calls.ts'
import { compile, type Program } from './compile.ts'
import type { SandboxEngine } from './engine.ts'
import { Execution } from './execution.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { Outbox } from './outbox.ts'
import type { ProgramError } from './tool-error.ts'

export type { HostCall, HostReply, HostRequest } from './calls.ts'
export type { Program } from './compile.ts'

export interface EvaluateOptions {
  call: HostCall
  /** The clock when the program starts, in epoch milliseconds; it advances only when a reply settles. */
  now: number
  /** What chance comes from: Math.random and crypto. */
  seed: string
  /**
   * Called each time the program can go on with another reply only: `asked` is the number of its last request,
   * `delivered` how many replies it has had. What it throws rejects `evaluate`.
   */
  onWait?: (asked: number, delivered: number) => void
  limits?: Partial<Limits>
  engine: SandboxEngine
}

/** What the program wrote on the way, whatever became of it. Values are JSON data, with `FileValue` for bytes. */
export interface Output {
  emitted: unknown[]
  logs: string
  /** Units of fuel used; see `Limits.steps`. The same for the same program and replies. */
  steps: number
}

export type Evaluation = Output &
  (
    | { state: 'succeeded'; /** Undefined when the program answered nothing. */ value: unknown }
    | { state: 'failed'; error: ProgramError }
    /** Nothing can go on until these requests, by number, are decided. */
    | { state: 'suspended'; held: number[] }
  )

/** Rejects only when `call` or `onWait` does, with the same reason. */
export async function evaluate(code: string, options: EvaluateOptions): Promise<Evaluation> {
  const compiled = compileProgram(code, options.limits)
  return compiled.ok ? evaluateProgram(compiled.program, code, options) : compiled.failure
}

/** What `evaluateProgram` runs, or the failure that it comes to without being run. */
export function compileProgram(
  code: string,
  limits: Partial<Limits> = {},
): { ok: true; program: Program } | { ok: false; failure: Extract<Evaluation, { state: 'failed' }> } {
  const compiled = compile(code, limits.codeBytes ?? DEFAULT_LIMITS.codeBytes)
  if (compiled.ok) return compiled
  return { ok: false, failure: { state: 'failed', error: compiled.error, ...NOTHING_WRITTEN } }
}

/** `code` is what the program was made of: errors show their place in it. */
export async function evaluateProgram(program: Program, code: string, options: EvaluateOptions): Promise<Evaluation> {
  const release = await options.engine.slots.acquire()
  if (release === undefined) return { state: 'failed', error: BUSY, ...NOTHING_WRITTEN }
  try {
    return await run(program, code, options)
  } finally {
    release()
  }
}

const NOTHING_WRITTEN: Output = { emitted: [], logs: '', steps: 0 }

const BUSY: ProgramError = {
  code: 'busy',
  message: 'Too many programs run at once. Try again in a few seconds.',
  retryable: true,
}

async function run(program: Program, code: string, options: EvaluateOptions): Promise<Evaluation> {
  const { call, now, seed, engine, onWait } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const calls = new Calls(call, limits)
  const outbox = new Outbox(limits)
  const machine = await engine.createMachine(limits)
  const execution = new Execution({ machine, program, code, calls, outbox, limits })
  const output = () => ({ emitted: outbox.emitted, logs: outbox.logs, steps: execution.steps })

  execution.start({ now, seed })
  for (;;) {
    await execution.drain()
    const outcome = execution.outcome()
    if (outcome.state === 'failed') return { ...outcome, ...output() }
    // A call that nobody awaited is still finished, as its effect was asked for; a timer is not waited for.
    if (!calls.isBusy && (outcome.state === 'succeeded' || !calls.isTiming)) {
      if (calls.held.length > 0) return { state: 'suspended', held: calls.held, ...output() }
      if (outcome.state === 'succeeded') return { ...outcome, ...output() }
      return { state: 'failed', error: execution.standstill, ...output() }
    }
    onWait?.(calls.asked, calls.delivered)
    const settled = await calls.next()
    if (settled) execution.settle(settled)
  }
}
