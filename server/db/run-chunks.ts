import { and, asc, eq } from 'drizzle-orm'
import { runChunks } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

/** `number` of the chunks that hold a run's own result; calls use their own numbers. */
export const RUN_RESULT = -1

/** The run's emitted values. */
export const RUN_EMITTED = 0

/** The parts of one value in order, still compressed; empty when the value lies in its row. */
export async function readRunChunks(db: Database, runId: string, number: number): Promise<Uint8Array[]> {
  const rows = await db
    .select({ bytes: runChunks.bytes })
    .from(runChunks)
    .where(and(eq(runChunks.runId, runId), eq(runChunks.number, number)))
    .orderBy(asc(runChunks.part))
  return rows.map((row) => row.bytes)
}
