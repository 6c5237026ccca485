import type { Database } from '../db/database.ts'
import { readRunChunks } from '../db/run-chunks.ts'
import type { HostReply } from '../sandbox/evaluate.ts'
import { unpack } from './chunks.ts'
import type { SettledCall } from './journal.ts'
import { readValue } from './journal-text.ts'

/** What the program was told; one statement when it lies in chunks, else none. */
export async function recordedReply(
  db: Database,
  { runId, number, result, error, settledAt: at }: SettledCall,
): Promise<HostReply> {
  if (error !== null) return { ok: false, error, at }
  const text = result ?? (await unpack(await readRunChunks(db, runId, number)))
  return { ok: true, value: readValue(text), at }
}
