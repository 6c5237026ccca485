// Says why a program failed, in words that tell its author what to do next.
import type { Limits } from './limits.ts'
import type { ProgramError } from './tool-error.ts'

/** What the prelude could read of a thrown value. A `code` means that it was a ToolError or one of our own. */
export interface Thrown {
  name?: string
  message: string
  stack?: string
  code?: string
  status?: number
  details?: unknown
  retryable?: boolean
}

export type Failure =
  | { kind: 'steps' | 'memory' | 'stack' | 'engine' | 'unsettled' }
  | { kind: 'thrown'; thrown: Thrown }

const ABSENT: Record<string, string> = {
  fetch: 'There is no network here: call a tool.',
  XMLHttpRequest: 'There is no network here: call a tool.',
  require: 'There are no modules here: everything there is to use is global.',
  process: 'This is not Node: use `tools`, `results`, `emit` and `console`.',
  Buffer: 'This is not Node: use Uint8Array, TextEncoder, atob and btoa.',
  BigInt: 'Big integers are off here: use numbers, or strings for long ids.',
  BigInt64Array: 'Big integers are off here.',
  BigUint64Array: 'Big integers are off here.',
  eval: 'Code from strings is off here.',
  Function: 'Code from strings is off here.',
  setInterval: 'There is setTimeout; at most 200 timers and calls in a run.',
  window: 'This is not a browser.',
  document: 'This is not a browser.',
}

export function explain(failure: Failure, limits: Limits): ProgramError {
  return failure.kind === 'thrown' ? explainThrown(failure.thrown, limits) : explainStop(failure.kind, limits)
}

function explainStop(kind: Exclude<Failure['kind'], 'thrown'>, limits: Limits): ProgramError {
  switch (kind) {
    case 'steps': {
      const advice = 'Look for an endless loop, or do less in one run.'
      return { code: 'step_limit', message: `The program computed for too long and was stopped. ${advice}` }
    }
    case 'unsettled': {
      const advice = 'Look for a `new Promise` that is never resolved, or a callback that is never called.'
      const message = 'The program waits for a promise that nothing will settle: no call and no timer is on its way.'
      return { code: 'never_settles', message: `${message} ${advice}` }
    }
    case 'memory': {
      const size = Math.floor(limits.memoryBytes / 1024 / 1024)
      const message = `The program needs more than its ${size} MiB of memory. Work on less data at once.`
      return { code: 'memory_limit', message }
    }
    case 'stack':
      return { code: 'stack_limit', message: 'Functions call each other too deeply: the stack is full.' }
    default:
      return { code: 'engine_failure', message: 'The interpreter failed on this program, and its state was dropped.' }
  }
}

function explainThrown(thrown: Thrown, limits: Limits): ProgramError {
  const { name, message, code, status, details, retryable } = thrown
  if (code !== undefined) {
    return {
      code,
      message,
      ...(status === undefined ? {} : { status }),
      ...(details === undefined ? {} : { details }),
      ...(retryable === undefined ? {} : { retryable }),
    }
  }
  if (message === 'stack overflow') return explainStop('stack', limits)
  if (message === 'out of memory' || message === 'string too long') return explainStop('memory', limits)
  const absent = /^'(\w+)' is not defined$/.exec(message)?.[1]
  const hint = absent !== undefined && Object.hasOwn(ABSENT, absent) ? `. ${ABSENT[absent]}` : ''
  if (name === 'SyntaxError') return { code: 'syntax_error', message: `SyntaxError: ${message}` }
  return { code: 'program_error', message: name ? `${name}: ${message}${hint}` : message }
}
