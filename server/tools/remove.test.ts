import { expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { insertConnection } from '../db/connections.ts'
import { insertPolicy, listPolicies } from '../db/policies.ts'
import { freshDatabase } from '../testing/database.ts'
import { BEARER, importScripted } from '../testing/scripted-import.ts'
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
  await removeIntegration({ db }, id, 'person:ada@example.com')

  for (const table of ['integrations', 'imports', 'documents', 'tools', 'schemas', 'connections']) {
    expect(await count(table)).toBe(1)
  }
  const terms = await db.all<{ term: string }>(sql`SELECT term FROM tools_vocab`)
  expect(terms.map(({ term }) => term)).not.toContain('goe')
  expect(terms.map(({ term }) => term)).toContain('stai')
  expect(await listPolicies(db)).toHaveLength(1)
})
