// A request of a program as the journal keeps it: what was asked, and a hash by which it is known again.
import type { CallRow } from '../db/calls.ts'
import { sha256Hex } from '../db/sha256.ts'
import type { HostRequest } from '../sandbox/evaluate.ts'
import type { CallFacts } from '../tools/prepare-call.ts'
import { writeValue } from './journal-text.ts'

/** Of a tool's address, as a program may write it. No real one comes near. */
const longestAddress = 500

export interface Asked {
  number: number
  request: HostRequest
  /** As the program wrote it: `github@work.issues.create` when it named a connection. Empty for other kinds. */
  address: string
  /** The same without the connection. */
  tool: string
  /** JSON text. */
  arguments: string
  hash: string
  startedAt: number
}

export async function askedOf(number: number, request: HostRequest, startedAt: number): Promise<Asked> {
  const text = written(argumentsOf(request)) ?? '"nested too deeply to keep"'
  const address = addressOf(request)
  const tool = request.kind === 'tool' ? request.address.slice(0, longestAddress) : ''
  const hash = await sha256Hex(JSON.stringify([request.kind, address, text]))
  return { number, request, address, tool, arguments: text, hash, startedAt }
}

/** The entry of a request. `keptArguments` is null when they lie in chunks. */
export function entryOf(
  runId: string,
  asked: Asked,
  keptArguments: string | null,
  facts: CallFacts,
): Omit<CallRow, 'state'> {
  return {
    runId,
    number: asked.number,
    kind: asked.request.kind,
    address: asked.address,
    tool: asked.tool,
    effect: facts.tool?.effect ?? null,
    connectionId: facts.connectionId ?? null,
    arguments: keptArguments ?? '',
    hash: asked.hash,
    decision: facts.decision ?? null,
    because: facts.because ?? null,
    result: null,
    error: null,
    notes: facts.notes ?? null,
    settleOrder: null,
    startedAt: asked.startedAt,
    settledAt: null,
  }
}

/** Null when the value is nested more deeply than JSON can be written. */
export function written(value: unknown): string | null {
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

function addressOf(request: HostRequest): string {
  if (request.kind !== 'tool') return ''
  const { address, connection } = request
  const qualified =
    connection === undefined ? address : address.replace(/^[^.]*/, (integration) => `${integration}@${connection}`)
  return qualified.slice(0, longestAddress)
}
