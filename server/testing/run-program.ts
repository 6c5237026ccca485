// Evaluates a program in Node against a host that answers at once: tool calls echo their input.
import {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type HostReply,
  type HostRequest,
} from '../sandbox/evaluate.ts'
import { createNodeEngine } from './sandbox-engine.ts'

export const PROGRAM_START = Date.UTC(2026, 0, 2, 3, 4, 5)

const engine = createNodeEngine()

export function runProgram(code: string, options: Partial<EvaluateOptions> = {}): Promise<Evaluation> {
  return evaluate(code, { call: echo, now: PROGRAM_START, seed: 'seed', engine, ...options })
}

/** The program's result; throws the program's own error when it has none. */
export async function valueOf(code: string, options: Partial<EvaluateOptions> = {}): Promise<unknown> {
  const evaluation = await runProgram(code, options)
  if (evaluation.state === 'succeeded') return evaluation.value
  throw new Error(JSON.stringify(evaluation))
}

/** The program's error; throws when it did not fail. */
export async function errorOf(code: string, options: Partial<EvaluateOptions> = {}) {
  const evaluation = await runProgram(code, options)
  if (evaluation.state === 'failed') return evaluation.error
  throw new Error(`It did not fail: ${JSON.stringify(evaluation).slice(0, 500)}`)
}

async function echo(request: HostRequest): Promise<HostReply> {
  if (request.kind === 'timer') return { ok: true, value: null, at: PROGRAM_START + request.ms }
  if (request.kind === 'results') return { ok: true, value: { of: request.run }, at: PROGRAM_START }
  if (request.kind !== 'tool') return { ok: true, value: { [request.kind]: request.input }, at: PROGRAM_START }
  return { ok: true, value: { status: 200, headers: { 'x-host': 'echo' }, data: request.input }, at: PROGRAM_START }
}
