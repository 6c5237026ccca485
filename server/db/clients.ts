import { and, desc, eq, gte, lt, max, notInArray, or, sql } from 'drizzle-orm'
import { clients } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

export type ClientRow = typeof clients.$inferSelect
export type SeenClient = Omit<ClientRow, 'firstSeenAt' | 'lastSeenAt'>

/** Clients kept for each principal: a name is whatever the client says, so a new one for every request costs no more. */
export const MOST_CLIENTS = 50

/** Stores that a client was seen at `now`, and forgets the longest unseen of a principal that has too many. */
export async function recordClient(db: Database, client: SeenClient, now: number): Promise<void> {
  const { version, protocol, userAgent } = client
  const newest = db
    .select({ name: clients.name })
    .from(clients)
    .where(eq(clients.principal, client.principal))
    .orderBy(desc(clients.lastSeenAt))
    .limit(MOST_CLIENTS)
  await db.batch([
    db
      .insert(clients)
      .values({ ...client, firstSeenAt: now, lastSeenAt: now })
      .onConflictDoUpdate({
        target: [clients.principal, clients.name],
        set: { version, protocol, userAgent, lastSeenAt: now },
      }),
    db.delete(clients).where(and(eq(clients.principal, client.principal), notInArray(clients.name, newest))),
  ])
}

/** A request without a name is of the client that spoke last with this user agent; nobody when there is none. */
export async function touchClient(
  db: Database,
  { principal, userAgent }: Pick<ClientRow, 'principal' | 'userAgent'>,
  now: number,
): Promise<void> {
  const latest = db
    .select({ name: clients.name })
    .from(clients)
    .where(and(eq(clients.principal, principal), eq(clients.userAgent, userAgent)))
    .orderBy(desc(clients.lastSeenAt))
    .limit(1)
  await db
    .update(clients)
    .set({ lastSeenAt: now })
    .where(and(eq(clients.principal, principal), eq(clients.name, sql`(${latest})`)))
}

/** Whose clients somebody sees: their own, and with `withServices` those of every service token. */
export interface ClientView {
  principal: string
  withServices: boolean
}

/** Last seen first. */
export function listClients(db: Database, view: ClientView, limit: number): Promise<ClientRow[]> {
  return db.select().from(clients).where(visible(view)).orderBy(desc(clients.lastSeenAt), clients.name).limit(limit)
}

/** When the last of them was seen; 0 when none ever was. */
export async function lastSeenClient(db: Database, view: ClientView): Promise<number> {
  const found = await db
    .select({ at: max(clients.lastSeenAt) })
    .from(clients)
    .where(visible(view))
    .get()
  return found?.at ?? 0
}

function visible({ principal, withServices }: ClientView) {
  // A range, which the key answers; `LIKE` would read every row.
  const services = and(gte(clients.principal, 'service:'), lt(clients.principal, 'service;'))
  return or(eq(clients.principal, principal), withServices ? services : undefined)
}
