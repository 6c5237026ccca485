// What nobody waits for, done by cron every minute: questions whose time is over, runs that nobody drives, tokens that end
// soon, messages that were not delivered, the chain of the record, documents to be read or asked for again, and what is too
// old to be kept.
import { deleteLeftovers, tendTokens } from '../connections/oauth/tend-tokens.ts'
import { rotateSecrets } from '../connections/rewrap.ts'
import { auditStatement, chainAudit, EXECUTOR, trimAudit } from '../db/audit.ts'
import { deleteExpiredRemembered, expireApprovals } from '../db/decisions.ts'
import { deleteOldNotifications } from '../db/notifications.ts'
import { listTakeableRuns } from '../db/run-journal.ts'
import { closeOpenEnds, deleteRuns, endRun, listLostRuns, listOldRuns } from '../db/runs.ts'
import { readSettings } from '../db/settings.ts'
import { tendImports } from '../tools/imports/refresh.ts'
import { type AdvanceDeps, advanceRun } from './advance.ts'
import { deliverNotifications } from './deliver-notifications.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000
/** Of one invocation by cron, which may last 15 minutes. */
const DRIVE_FOR_MS = 5 * 60 * 1000
const ROTATE_FOR_MS = 20_000
const mostRuns = 20
const mostDeleted = 200
const notificationDays = 30

/** Each part does a bounded amount of work; the next minute goes on. One that fails is reported, and the others go on. */
export async function tend(deps: AdvanceDeps, now: number = Date.now()): Promise<void> {
  const parts = [
    expire,
    markLost,
    tendTokens,
    takeUp,
    deliver,
    rotate,
    chain,
    tendImports,
    ...(now % HOUR_MS < 60_000 ? [clean] : []),
  ]
  for (const part of parts) {
    try {
      await part(deps, now)
    } catch (error) {
      deps.report(error)
    }
  }
}

/** The runs are told when they are taken up. */
async function expire({ db }: AdvanceDeps, now: number): Promise<void> {
  const expired = await expireApprovals(db, now)
  const [first, ...rest] = expired.map(({ id, tool, runId, account }) =>
    auditStatement(db, {
      at: now,
      actor: EXECUTOR,
      action: 'approval.expired',
      subject: tool,
      details: { approval: id, run: runId, account },
    }),
  )
  if (first !== undefined) await db.batch([first, ...rest])
}

async function markLost({ db }: AdvanceDeps, now: number): Promise<void> {
  const message = 'The platform ended this run again and again before it came any further.'
  for (const id of await listLostRuns(db, now, mostRuns)) {
    await db.batch([
      endRun(db, id, { state: 'lost', error: { code: 'lost', message }, now }),
      ...closeOpenEnds(db, id, now),
    ])
  }
}

async function takeUp(deps: AdvanceDeps, now: number): Promise<void> {
  const until = Date.now() + DRIVE_FOR_MS
  for (const id of await listTakeableRuns(deps.db, now, mostRuns)) {
    const left = until - Date.now()
    if (left <= 0) return
    try {
      await advanceRun(deps, id, { retireAfterMs: left })
    } catch (error) {
      deps.report(error)
    }
  }
}

async function deliver(deps: AdvanceDeps): Promise<void> {
  await deliverNotifications(deps, { most: 50 })
}

/** Goes on sealing with the current key, while there is a previous one. */
async function rotate({ db, vault }: AdvanceDeps): Promise<void> {
  await rotateSecrets({ db, vault }, { by: EXECUTOR, until: Date.now() + ROTATE_FOR_MS })
}

async function chain({ db }: AdvanceDeps): Promise<void> {
  await chainAudit(db)
}

/** What is older than the settings say. */
export async function clean({ db }: Pick<AdvanceDeps, 'db'>, now: number): Promise<void> {
  const { runDays, auditDays } = await readSettings(db)
  for (let round = 0; round < 10; round++) {
    const old = await listOldRuns(db, now - runDays * DAY_MS, mostDeleted)
    if (old.length > 0) await db.batch(deleteRuns(db, old))
    if (old.length < mostDeleted) break
  }
  await trimAudit(db, now - auditDays * DAY_MS)
  await deleteOldNotifications(db, now - notificationDays * DAY_MS)
  await deleteExpiredRemembered(db, now)
  await deleteLeftovers({ db }, now)
}
