// Values of a run that are too long for its row, or for being read unasked.
import type { Database } from '../../../server/db/database.ts'
import { readRunChunks, RUN_EMITTED, RUN_RESULT } from '../../../server/db/run-chunks.ts'
import { findCallTexts } from '../../../server/db/run-record.ts'
import { argumentsChunk, unpack } from '../../../server/runs/chunks.ts'

export interface CallTexts {
  number: number
  /** JSON texts; null when it is not known, or there is none. */
  arguments: string | null
  result: string | null
  error: string | null
}

/** One call as the journal has it. */
export async function readWholeCall(db: Database, runId: string, number: number): Promise<CallTexts | undefined> {
  const texts = await findCallTexts(db, runId, number)
  if (texts === undefined) return undefined
  return {
    ...texts,
    arguments: texts.arguments === '' ? await readCallArguments(db, runId, number) : texts.arguments,
    result: texts.result ?? (texts.error === null ? await readChunked(db, runId, number) : null),
  }
}

/** JSON text of arguments that do not fit the row of their call. */
export function readCallArguments(db: Database, runId: string, number: number): Promise<string | null> {
  return readChunked(db, runId, argumentsChunk(number))
}

export function readLongRunValue(db: Database, runId: string, part: 'result' | 'emitted'): Promise<string | null> {
  return readChunked(db, runId, part === 'result' ? RUN_RESULT : RUN_EMITTED)
}

async function readChunked(db: Database, runId: string, number: number): Promise<string | null> {
  const parts = await readRunChunks(db, runId, number)
  return parts.length === 0 ? null : unpack(parts)
}
