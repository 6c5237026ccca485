import { and, eq, gt, lt } from 'drizzle-orm'
import { oauthFlows } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

export type OAuthFlowRow = typeof oauthFlows.$inferSelect
export type NewOAuthFlowRow = typeof oauthFlows.$inferInsert
export type OAuthFlowPatch = Partial<Omit<NewOAuthFlowRow, 'id' | 'principal' | 'createdAt'>>

/** How long the outcome of a sign-in can be looked up after its time. */
const KEPT_MS = 24 * 60 * 60 * 1000

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

export function deleteOldOAuthFlows(db: Database, now: number) {
  return db.delete(oauthFlows).where(lt(oauthFlows.expiresAt, now - KEPT_MS))
}
