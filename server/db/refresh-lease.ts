// The lease under which a connection's token is refreshed: a compare-and-swap on the connection's own row, with times by
// the clock of D1 alone. What each state of `refreshUntil` says is told in server/connections/oauth/lease.ts.
import { and, asc, eq, gt, lt, ne, type SQL, sql } from 'drizzle-orm'
import { connections } from '../../drizzle/schema.ts'
import type { ConnectionRow } from './connections.ts'
import type { Database } from './database.ts'

/** Longer than a holder asks the authorization server, with what it takes to store the answer. */
export const REFRESH_LEASE_MS = 25_000

/** `refreshUntil` after a holder that got no token, and does not know whether the server had issued one. */
export const ANSWER_LOST = 0

/** A row as it was seen, or as it was taken. */
export type LeasedRow = Pick<ConnectionRow, 'id' | 'refreshEpoch' | 'refreshUntil' | 'tokenVersion'>

const databaseNow = sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`

export interface SeenLease {
  connection: ConnectionRow
  /** Whether somebody holds it now. */
  isHeld: boolean
}

export async function seeLease(db: Database, id: string): Promise<SeenLease | undefined> {
  const isHeld = sql<number>`coalesce(${connections.refreshUntil}, 0) > ${databaseNow}`
  const seen = await db
    .select({ connection: connections, isHeld })
    .from(connections)
    .where(eq(connections.id, id))
    .get()
  return seen && { connection: seen.connection, isHeld: seen.isHeld === 1 }
}

/** The row with its new epoch; undefined when somebody holds it, or it is not as it was seen. */
export function takeLease(db: Database, seen: LeasedRow): Promise<ConnectionRow | undefined> {
  return db
    .update(connections)
    .set({
      refreshEpoch: sql`${connections.refreshEpoch} + 1`,
      refreshUntil: sql`${databaseNow} + ${REFRESH_LEASE_MS}`,
    })
    .where(
      and(
        eq(connections.id, seen.id),
        eq(connections.refreshEpoch, seen.refreshEpoch),
        sql`${connections.refreshUntil} IS ${seen.refreshUntil}`,
        eq(connections.tokenVersion, seen.tokenVersion),
        ne(connections.health, 'needs_sign_in'),
        sql`coalesce(${connections.refreshUntil}, 0) <= ${databaseNow}`,
      ),
    )
    .returning()
    .get()
}

/** Holds while nobody else has taken the lease, and no other token was stored. */
export function isLeaseHeld({ id, refreshEpoch, tokenVersion }: LeasedRow): SQL {
  return sql`EXISTS (SELECT 1 FROM connections WHERE id = ${id} AND refresh_epoch = ${refreshEpoch}
    AND token_version = ${tokenVersion})`
}

export type NewTokens = Pick<ConnectionRow, 'sealed' | 'tokenExpiresAt' | 'oauth'> & {
  /** Beginning of the reasons that the new token disposes of. */
  overcomes: string
}

/** Stores the tokens and ends the lease, in one. Undefined, and nothing is stored, when it is not held any more. */
export function storeTokens(
  db: Database,
  held: LeasedRow,
  { overcomes, ...tokens }: NewTokens,
): Promise<ConnectionRow | undefined> {
  const isOvercome = sql`${connections.health} = 'failing'
    AND substr(${connections.healthReason}, 1, ${overcomes.length}) = ${overcomes}`
  return db
    .update(connections)
    .set({
      ...tokens,
      tokenVersion: sql`${connections.tokenVersion} + 1`,
      refreshUntil: null,
      health: sql`iif(${isOvercome}, 'untested', ${connections.health})`,
      healthReason: sql`iif(${isOvercome}, NULL, ${connections.healthReason})`,
    })
    .where(and(eq(connections.id, held.id), isLeaseHeld(held)))
    .returning()
    .get()
}

/** Ends the lease without a token. Nothing when it is not held any more. */
export function releaseLease(db: Database, held: LeasedRow, { isAnswerLost }: { isAnswerLost: boolean }) {
  return db
    .update(connections)
    .set({ refreshUntil: isAnswerLost ? ANSWER_LOST : null })
    .where(and(eq(connections.id, held.id), isLeaseHeld(held)))
}

/** Connections in use whose token ends within the given time, or just has, the soonest first. */
export function listEndingTokens(
  db: Database,
  {
    usedAfter,
    endsAfter,
    endsBefore,
    most,
  }: { usedAfter: number; endsAfter: number; endsBefore: number; most: number },
): Promise<ConnectionRow[]> {
  const canRefresh = sql`(${connections.oauth} ->> 'canRefresh' OR ${connections.oauth} ->> 'grant' = 'client_credentials')`
  return db
    .select()
    .from(connections)
    .where(
      and(
        canRefresh,
        gt(connections.tokenExpiresAt, endsAfter),
        lt(connections.tokenExpiresAt, endsBefore),
        gt(connections.lastUsedAt, usedAfter),
        ne(connections.health, 'needs_sign_in'),
        sql`coalesce(${connections.refreshUntil}, 0) <= ${databaseNow}`,
      ),
    )
    .orderBy(asc(connections.tokenExpiresAt))
    .limit(most)
}
