import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { readRunChunks, RUN_RESULT } from '../db/run-chunks.ts'
import { findRun } from '../db/runs.ts'
import type { Caller } from '../tools/catalog.ts'
import { unpack } from './chunks.ts'
import { readValue } from './journal-text.ts'

/** Ids are shorter; what is longer is not looked for. */
const longestId = 100

/** The whole result of an earlier run of the same principal. Another's run looks like one that does not exist. */
export async function readResult(
  db: Database,
  principal: Caller,
  runId: string,
): Promise<{ ok: true; value: unknown } | { ok: false; error: ToolErrorShape }> {
  const run = runId.length > longestId ? undefined : await findRun(db, runId)
  if (run === undefined || run.principal !== principal.id) {
    return refuse('unknown_run', `There is no run ${JSON.stringify(runId.slice(0, 60))} of yours.`)
  }
  if (run.state !== 'succeeded') {
    const reason = run.error === null ? '' : `: ${run.error.message}`
    return refuse('no_result', `${run.id} has no result; its state is ${run.state}${reason}`)
  }
  if (run.result !== null) return { ok: true, value: readValue(run.result) }
  const parts = await readRunChunks(db, run.id, RUN_RESULT)
  if (parts.length === 0) return refuse('no_result', `The result of ${run.id} is no longer kept.`)
  return { ok: true, value: readValue(await unpack(parts)) }
}

function refuse(code: string, message: string): { ok: false; error: ToolErrorShape } {
  return { ok: false, error: { code, message } }
}
