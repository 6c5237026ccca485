// Deletes an ended run with everything that belongs to it: calls, results, questions.
import { sql } from 'drizzle-orm'
import type { Principal } from '../access/principal.ts'
import { auditStatement } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { deleteRuns, findRun } from '../db/runs.ts'
import type { Done } from './cancel-run.ts'
import { mayDecide } from './may-decide.ts'

export async function deleteRun({ db, principal }: { db: Database; principal: Principal }, id: string): Promise<Done> {
  const run = await findRun(db, id)
  if (run === undefined || !mayDecide(principal, run)) return { ok: false, message: 'There is no such run of yours.' }
  if (run.endedAt === null) return { ok: false, message: 'The run has not ended: cancel it first.' }
  const details = { principal: run.principal, client: run.client, state: run.state }
  const entry = { at: Date.now(), actor: principal.id, action: 'run.deleted' as const, subject: id, details }
  const isThere = sql`EXISTS (SELECT 1 FROM runs WHERE id = ${id})`
  await db.batch([auditStatement(db, entry, isThere), ...deleteRuns(db, [id])])
  return { ok: true }
}
