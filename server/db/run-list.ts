import { and, desc, eq, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { calls, runs } from '../../drizzle/schema.ts'
import type { RunState } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import type { RunRow } from './runs.ts'

export interface RunFilter {
  /** Whose runs; without it everyone's. */
  principal?: string
  state?: RunState
  /** Slug of an integration of which the run called a tool. */
  integration?: string
  /** A tool that the run called, without a connection: `github.issues.create`. */
  tool?: string
  /** Started at this time or later, in epoch milliseconds. */
  from?: number
  /** Started before this time. */
  until?: number
}

/** A run without its code, logs and result. */
export type RunSummary = Pick<RunRow, 'id' | 'principal' | 'client' | 'state' | 'error' | 'startedAt' | 'endedAt'>

/** The last run of the page before. */
export type RunCursor = Pick<RunRow, 'id' | 'startedAt'>

/** Runs are counted no further. */
export const MOST_COUNTED = 1000

/**
 * Newest first, and how many there are on all pages together: at most `MOST_COUNTED + 1`, which stands for more. One
 * round trip.
 */
export async function listRuns(
  db: Database,
  filter: RunFilter & { before?: RunCursor; limit: number },
): Promise<{ runs: RunSummary[]; count: number }> {
  const page = db
    .select({
      id: runs.id,
      principal: runs.principal,
      client: runs.client,
      state: runs.state,
      error: runs.error,
      startedAt: runs.startedAt,
      endedAt: runs.endedAt,
    })
    .from(runs)
    .where(and(matches(db, filter, 'walk'), filter.before && isOlder(filter.before)))
    .orderBy(desc(runs.startedAt), desc(runs.id))
    .limit(filter.limit)
  const bounded = db
    .select({ id: runs.id })
    .from(runs)
    .where(matches(db, filter, 'collect'))
    .limit(MOST_COUNTED + 1)
  const [found, [total]] = await db.batch([
    page,
    db.select({ count: sql<number>`count(*)` }).from(bounded.as('counted')),
  ])
  return { runs: found, count: total?.count ?? 0 }
}

function isOlder({ id, startedAt }: RunCursor): SQL | undefined {
  return and(lte(runs.startedAt, startedAt), or(lt(runs.startedAt, startedAt), lt(runs.id, id)))
}

/** States that most runs end in: a page of them is found sooner from the newest run on than among all that have one. */
const COMMON_STATES: readonly RunState[] = ['succeeded', 'failed']

function matches(
  db: Database,
  { principal, state, integration, tool, from, until }: RunFilter,
  way: 'walk' | 'collect',
): SQL | undefined {
  const called = (isMeant: SQL | undefined) =>
    inArray(runs.id, db.select({ id: calls.runId }).from(calls).where(isMeant))
  return and(
    principal === undefined ? undefined : eq(runs.principal, principal),
    state === undefined
      ? undefined
      : way === 'walk' && COMMON_STATES.includes(state)
        ? sql`+${runs.state} = ${state}`
        : eq(runs.state, state),
    // '/' follows '.': every address that begins with `slug.`, found through the index.
    integration === undefined
      ? undefined
      : called(and(gte(calls.tool, `${integration}.`), lt(calls.tool, `${integration}/`))),
    tool === undefined ? undefined : called(eq(calls.tool, tool)),
    from === undefined ? undefined : gte(runs.startedAt, from),
    until === undefined ? undefined : lt(runs.startedAt, until),
  )
}
