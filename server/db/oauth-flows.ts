import { and, eq, gt, sql } from 'drizzle-orm'
import { oauthFlows } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export type OAuthFlowRow = typeof oauthFlows.$inferSelect
export type NewOAuthFlowRow = typeof oauthFlows.$inferInsert
export type OAuthFlowPatch = Partial<Omit<NewOAuthFlowRow, 'id' | 'principal' | 'createdAt'>>

export function insertOAuthFlow(db: Database, row: NewOAuthFlowRow) {
  return db.insert(oauthFlows).values(row)
}

export function findOAuthFlow(db: Database, id: string): Promise<OAuthFlowRow | undefined> {
  return db.select().from(oauthFlows).where(eq(oauthFlows.id, id)).get()
}

export function findOAuthFlowByState(db: Database, stateHash: string): Promise<OAuthFlowRow | undefined> {
  return db.select().from(oauthFlows).where(eq(oauthFlows.stateHash, stateHash)).get()
}

/** Of two that take it at once, one gets the row. None gets it after its time. */
export function takeOAuthFlow(db: Database, id: string, now: number) {
  return db
    .update(oauthFlows)
    .set({ state: 'taken' })
    .where(and(eq(oauthFlows.id, id), eq(oauthFlows.state, 'open'), gt(oauthFlows.expiresAt, now)))
    .returning()
}

/** Changes it only while it is in that state. */
export function updateOAuthFlow(
  db: Database,
  { id, state }: Pick<OAuthFlowRow, 'id' | 'state'>,
  patch: OAuthFlowPatch,
) {
  return db
    .update(oauthFlows)
    .set(patch)
    .where(and(eq(oauthFlows.id, id), eq(oauthFlows.state, state)))
}

/** The right to ask a device's server once: for whoever still finds the time of the next question as it was read. */
export function takeDevicePoll(
  db: Database,
  { id, nextPollAt }: Pick<OAuthFlowRow, 'id' | 'nextPollAt'>,
  next: number,
) {
  return db
    .update(oauthFlows)
    .set({ nextPollAt: next })
    .where(and(eq(oauthFlows.id, id), eq(oauthFlows.state, 'open'), eq(oauthFlows.nextPollAt, nextPollAt ?? 0)))
    .returning({ id: oauthFlows.id })
}

/** Those that ended before that time, and those whose integration is gone. */
export function deleteEndedOAuthFlows(db: Database, endedBefore: number) {
  return statement(
    db,
    sql`DELETE FROM oauth_flows WHERE expires_at < ${endedBefore}
      OR (state IN ('done', 'failed') AND created_at < ${endedBefore})
      OR integration_id NOT IN (SELECT id FROM integrations)`,
  )
}
