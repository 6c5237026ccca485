import { and, asc, eq } from 'drizzle-orm'
import { runChunks } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

/** `number` of the chunks that hold a run's own result; calls use their own numbers. */
export const RUN_RESULT = -1

/** One statement per part: put them into the batch that closes the run. Parts stay under 1 MiB. */
export function insertRunChunk(
  db: Database,
  chunk: { runId: string; number: number; part: number; bytes: Uint8Array },
) {
  return db.insert(runChunks).values({ ...chunk, bytes: Buffer.from(chunk.bytes) })
}

/** The parts of one value in order, still compressed; empty when the value lies in its row. */
export async function readRunChunks(db: Database, runId: string, number: number): Promise<Uint8Array[]> {
  const rows = await db
    .select({ bytes: runChunks.bytes })
    .from(runChunks)
    .where(and(eq(runChunks.runId, runId), eq(runChunks.number, number)))
    .orderBy(asc(runChunks.part))
  return rows.map((row) => row.bytes)
}
