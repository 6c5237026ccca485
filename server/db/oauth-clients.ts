import { and, eq, sql } from 'drizzle-orm'
import { connections, oauthClients } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export type OAuthClientRow = typeof oauthClients.$inferSelect
export type NewOAuthClientRow = typeof oauthClients.$inferInsert
export type OAuthClientPatch = Partial<Omit<NewOAuthClientRow, 'id' | 'integrationId' | 'createdBy' | 'createdAt'>>

export function findOAuthClient(db: Database, id: string): Promise<OAuthClientRow | undefined> {
  return db.select().from(oauthClients).where(eq(oauthClients.id, id)).get()
}

export function findOAuthClientFor(
  db: Database,
  { integrationId, server, kind }: Pick<OAuthClientRow, 'integrationId' | 'server' | 'kind'>,
): Promise<OAuthClientRow | undefined> {
  const { integrationId: integration, server: of, kind: sort } = oauthClients
  return db
    .select()
    .from(oauthClients)
    .where(and(eq(integration, integrationId), eq(of, server), eq(sort, kind)))
    .get()
}

export function listOAuthClients(db: Database, integrationId: string): Promise<OAuthClientRow[]> {
  return db.select().from(oauthClients).where(eq(oauthClients.integrationId, integrationId)).orderBy(oauthClients.id)
}

/** Adds nothing where the integration has one of that kind for that server already. */
export function insertOAuthClient(db: Database, row: NewOAuthClientRow) {
  return db.insert(oauthClients).values(row).onConflictDoNothing()
}

export function updateOAuthClient(db: Database, id: string, patch: OAuthClientPatch) {
  return db.update(oauthClients).set(patch).where(eq(oauthClients.id, id))
}

/**
 * Makes room for another client of that kind and server. The row stays for the connections that it got tokens for, under
 * a name that no server has: identifiers of issuers and endpoints have no fragment.
 */
export function retireOAuthClient(db: Database, { id, server }: Pick<OAuthClientRow, 'id' | 'server'>) {
  return db
    .update(oauthClients)
    .set({ server: `${server}#${id}` })
    .where(and(eq(oauthClients.id, id), eq(oauthClients.server, server)))
}

export function isRetired({ id, server }: Pick<OAuthClientRow, 'id' | 'server'>): boolean {
  return server.endsWith(`#${id}`)
}

/** Retired clients that no connection needs any more. */
export function deleteUnusedOAuthClients(db: Database, integrationId: string) {
  return db.delete(oauthClients).where(
    and(
      eq(oauthClients.integrationId, integrationId),
      sql`instr(${oauthClients.server}, '#') > 0`,
      sql`NOT EXISTS (SELECT 1 FROM ${connections}
        WHERE ${connections.integrationId} = ${integrationId} AND ${connections.oauth} ->> 'client' = ${oauthClients.id})`,
    ),
  )
}

export function deleteOwnOAuthClient(db: Database, id: string) {
  return db.delete(oauthClients).where(and(eq(oauthClients.id, id), eq(oauthClients.kind, 'own')))
}

/** Those whose integration is gone. */
export function deleteLostOAuthClients(db: Database) {
  return statement(db, sql`DELETE FROM oauth_clients WHERE integration_id NOT IN (SELECT id FROM integrations)`)
}
