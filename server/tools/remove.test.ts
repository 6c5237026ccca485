import { expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { beginSignIn } from '../connections/oauth/begin.ts'
import { finishSignIn } from '../connections/oauth/finish.ts'
import { insertConnection } from '../db/connections.ts'
import { insertPolicy, listPolicies } from '../db/policies.ts'
import { freshDatabase, withoutUpstreams } from '../testing/database.ts'
import { ada, DISCOVERED, oauthDesk } from '../testing/oauth-desk.ts'
import { BEARER, importScripted } from '../testing/scripted-import.ts'
import { scriptedOAuth } from '../testing/scripted-oauth.ts'
import { removeIntegration } from './remove.ts'

test('removing an integration removes all of it, and nothing of another', async () => {
  const db = await freshDatabase()
  const count = async (table: string) =>
    (await db.get<{ n: number }>(sql`SELECT count(*) AS n FROM ${sql.raw(table)}`)).n
  for (const slug of ['stays', 'goes']) {
    const { integrationId, importId } = await importScripted(db, slug, {
      tools: [{ operation: 'GET /a', suggestedName: `${slug}.get` }],
      schemas: { A: true },
      authMethods: [BEARER],
    })
    await db.run(sql`INSERT INTO documents VALUES (${importId}, 0, 0, x'00')`)
    await db.run(sql`INSERT INTO oauth_clients (id, integration_id, server, kind, client_id, auth_method, sealed,
        redirect_uri, created_by, created_at, updated_at)
      VALUES (${slug}, ${integrationId}, 's', 'own', 'x', 'none', 'v1.sealed', '', 'x', 1, 1)`)
    await db.run(sql`INSERT INTO oauth_flows (id, principal, integration_id, method_id, "grant", owner, slug, client, server,
        scopes, sealed, state, created_at, expires_at)
      VALUES (${slug}, 'p', ${integrationId}, 'm', 'authorization_code', 'org', 's', 'c', '{}', '[]', 'v1.sealed', 'open',
        1, 2)`)
    await insertConnection(db, {
      id: `con_${slug}`,
      integrationId,
      slug: 'work',
      owner: 'org',
      method: BEARER,
      values: {},
      sealed: 'secret',
      origins: [],
      createdBy: 'x',
      createdAt: 1,
      updatedAt: 1,
    })
  }
  await insertPolicy(db, { id: 'p', pattern: 'goes.*', action: 'block', createdBy: 'x', createdAt: 1, updatedAt: 1 })
  const id = (await db.get<{ id: string }>(sql`SELECT id FROM integrations WHERE slug = 'goes'`)).id
  await removeIntegration(withoutUpstreams(db), id, 'person:ada@example.com')

  const tables = [
    'integrations',
    'imports',
    'documents',
    'tools',
    'schemas',
    'connections',
    'oauth_clients',
    'oauth_flows',
  ]
  for (const table of tables) {
    expect(await count(table)).toBe(1)
  }
  const terms = await db.all<{ term: string }>(sql`SELECT term FROM tools_vocab`)
  expect(terms.map(({ term }) => term)).not.toContain('goe')
  expect(terms.map(({ term }) => term)).toContain('stai')
  expect(await listPolicies(db)).toHaveLength(1)
})

test('with an integration go the tokens of its connections, at their server too', async () => {
  const db = await freshDatabase()
  const server = scriptedOAuth({})
  const desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), oauth: DISCOVERED })
  await desk.enterApp()
  const { integration, method } = desk
  for (const slug of ['one', 'other']) {
    const began = await beginSignIn(desk.deps(ada), { integration, method, owner: 'me', slug })
    if (!began.ok) throw new Error(began.message)
    await finishSignIn(desk.deps(ada), server.authorize(began.flow.authorizationUrl))
  }
  await removeIntegration(desk.deps(ada), integration.id, ada.id)
  expect(server.revoked.toSorted()).toEqual(['access-1', 'access-2', 'refresh-1', 'refresh-2'])
})
