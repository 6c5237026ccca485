import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Database } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { ada, openHelpdesk, SECRET } from '../testing/helpdesk.ts'
import { removeConnection } from './manage.ts'

/** Tables and columns in which a text stands, wherever in the value. */
async function placesOf(db: Database, text: string): Promise<string[]> {
  const tables = await db.all<{ name: string }>(
    sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '!_cf%' ESCAPE '!' AND sql NOT LIKE '%VIRTUAL%'`,
  )
  const places: string[] = []
  for (const { name } of tables) {
    for (const row of await db.all<Record<string, unknown>>(sql`SELECT * FROM ${sql.identifier(name)}`)) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value === 'string' && value.includes(text)) places.push(`${name}.${column}`)
      }
    }
  }
  return [...new Set(places)].toSorted()
}

async function beginSignIn(db: Database, id: string, integrationId: string, connectionId: string | null) {
  await statement(
    db,
    sql`INSERT INTO oauth_flows (id, principal, integration_id, connection_id, method_id, "grant", owner, slug, client,
        server, scopes, sealed, state, created_at, expires_at)
      VALUES (${id}, ${ada.id}, ${integrationId}, ${connectionId}, 'm', 'authorization_code', 'org', 's', 'c', '{}', '[]',
        'v1.sealed', 'open', 1, 2)`,
  )
}

test('of a connection that was removed nothing is left but the record that it was', async () => {
  const desk = await openHelpdesk()
  const { db, deps, integration } = desk
  const [goes, stays] = [await desk.connect('goes'), await desk.connect('stays')]
  await beginSignIn(db, 'ofl_goes', integration.id, goes.id)
  await beginSignIn(db, 'ofl_stays', integration.id, stays.id)
  expect(await placesOf(db, goes.id)).toEqual(['connections.id', 'oauth_flows.connection_id'])

  await removeConnection({ ...deps, principal: ada }, goes)
  expect(await placesOf(db, goes.id)).toEqual([])
  expect(await placesOf(db, String(goes.sealed))).toEqual([])
  expect(await placesOf(db, 'ofl_goes')).toEqual([])
  expect(await placesOf(db, 'helpdesk@goes')).toEqual(['audit.subject'])

  expect(await placesOf(db, stays.id)).toEqual(['connections.id', 'oauth_flows.connection_id'])
  expect(await placesOf(db, String(stays.sealed))).toEqual(['connections.sealed'])
  expect(await placesOf(db, SECRET)).toEqual([])
})
