// By cron: refreshes the tokens of connections in use before they end, and deletes what sign-ins have left behind.
import { deleteLostOAuthClients } from '../../db/oauth-clients.ts'
import { deleteEndedOAuthFlows } from '../../db/oauth-flows.ts'
import { listEndingTokens } from '../../db/refresh-lease.ts'
import { BACKGROUND_MS, isDueInBackground } from './due.ts'
import { type RefreshDeps, refreshTokens } from './lease.ts'

export interface TendTokensDeps extends RefreshDeps {
  /** Writes a surprise to the log. */
  report: (error: unknown) => unknown
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A connection that was used since then is in use. */
const IN_USE_MS = 7 * DAY_MS
const MOST_LOOKED_AT = 100
const MOST_REFRESHED = 20
const AT_ONCE = 4
/** Of all of them; the next minute goes on. */
const TEND_FOR_MS = 40_000

/** What ended longer ago than it could be refreshed before is left to the call that needs it. */
export async function tendTokens(deps: TendTokensDeps, now: number): Promise<void> {
  const ending = await listEndingTokens(deps.db, {
    usedAfter: now - IN_USE_MS,
    endsAfter: now - BACKGROUND_MS,
    endsBefore: now + BACKGROUND_MS,
    most: MOST_LOOKED_AT,
  })
  const due = ending.filter((connection) => isDueInBackground(connection, now)).slice(0, MOST_REFRESHED)
  const until = (deps.now ?? Date.now)() + TEND_FOR_MS
  const refresh = async () => {
    for (let next = due.shift(); next !== undefined; next = due.shift()) {
      try {
        // What fails is stored, or tried again: nobody waits for it here.
        await refreshTokens(deps, next, until)
      } catch (error) {
        deps.report(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, refresh))
}

/** The outcome of a sign-in can be looked up for a day. */
export async function deleteLeftovers({ db }: Pick<TendTokensDeps, 'db'>, now: number): Promise<void> {
  await db.batch([deleteEndedOAuthFlows(db, now - DAY_MS), deleteLostOAuthClients(db)])
}
