// Ends a run that goes on. Whoever drives it finds out at its next write; what was sent already is still recorded.
import { sql } from 'drizzle-orm'
import type { Principal } from '../access/principal.ts'
import { auditStatement } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { closeOpenEnds, endRun, findRun } from '../db/runs.ts'
import { mayDecide } from './may-decide.ts'

export type Done = { ok: true } | { ok: false; message: string }

export async function cancelRun({ db, principal }: { db: Database; principal: Principal }, id: string): Promise<Done> {
  const run = await findRun(db, id)
  if (run === undefined || !mayDecide(principal, run)) return { ok: false, message: 'There is no such run of yours.' }
  const now = Date.now()
  const error = { code: 'cancelled', message: `${principal.id.replace(/^\w+:/, '')} cancelled this run.` }
  const isCancelled = sql`EXISTS (SELECT 1 FROM runs WHERE id = ${id} AND state = 'cancelled' AND ended_at = ${now})`
  const details = { principal: run.principal, client: run.client }
  const entry = { at: now, actor: principal.id, action: 'run.cancelled' as const, subject: id, details }
  const [ended] = await db.batch([
    endRun(db, id, { state: 'cancelled', error, now }),
    auditStatement(db, entry, isCancelled),
    ...closeOpenEnds(db, id, now),
  ])
  return ended.length > 0 ? { ok: true } : { ok: false, message: 'The run has ended already.' }
}
