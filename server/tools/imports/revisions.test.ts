// Revision after revision of generated documents, through the whole import: what a policy or a program calls something
// never comes to mean something else.
import { array, assert, asyncProperty, constantFrom, tuple, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import type { Database } from '../../db/database.ts'
import { createOutbound } from '../../net/outbound.ts'
import { decide } from '../../policies/decide.ts'
import { freshDatabase } from '../../testing/database.ts'
import { beginImport } from './begin.ts'
import { addIntegration, updateIntegrationFrom } from './confirm.ts'

const by = 'person:ada@example.com'
const outbound = createOutbound({ allowLocalNetwork: false, fetch: () => Promise.reject(new Error('No request')) })

/** Operation ids that collide, change, move between operations, and are names of JavaScript's own. */
const id = constantFrom('items/list', 'itemsList', 'items.list', 'items/get', 'then', '__proto__', 'constructor', '')
const key = tuple(constantFrom('/items', '/items/{id}', '/a b', '/__proto__'), constantFrom('get', 'post'))
const revision = uniqueArray(tuple(key, id), {
  minLength: 1,
  maxLength: 8,
  selector: ([[path, method]]) => path + method,
})

function documentOf(operations: [[path: string, method: string], id: string][]): string {
  const paths: Record<string, Record<string, object>> = Object.create(null)
  for (const [[path, method], operationId] of operations) {
    const item = (paths[path] ??= {})
    item[method] = { ...(operationId && { operationId }), responses: { 200: { description: 'ok' } } }
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: 'https://shop.example' }],
    paths,
  })
}

async function importNext(db: Database, text: string, integrationId: string | undefined): Promise<string> {
  const files = [{ chunks: [new TextEncoder().encode(text)] }]
  const begun = await beginImport(
    { db, outbound },
    { origin: { kind: 'paste' }, files, by, ...(integrationId !== undefined && { integrationId }) },
  )
  if (!begun.ok) throw new Error(begun.message)
  const { importId } = begun
  const fields = { slug: 'shop', title: 'Shop', baseUrl: 'https://shop.example' }
  const confirmed =
    integrationId === undefined
      ? await addIntegration({ db }, { importId, ...fields, by })
      : await updateIntegrationFrom({ db }, { importId, origins: [], by })
  if (!confirmed.ok) throw new Error(confirmed.message)
  return confirmed.integration.id
}

test('names stay with their operations, and rules with what they were made for', async () => {
  const db = await freshDatabase()
  await assert(
    asyncProperty(array(revision, { minLength: 2, maxLength: 4 }), async (revisions) => {
      for (const table of [
        'integrations',
        'imports',
        'tools',
        'schemas',
        'documents',
        'retired_tools',
        'connections',
      ]) {
        await db.run(sql`DELETE FROM ${sql.raw(table)}`)
      }
      const ever = new Map<string, string>()
      let integrationId: string | undefined
      for (const operations of revisions) {
        integrationId = await importNext(db, documentOf(operations), integrationId)
        const tools = await db.all<{ name: string; operation: string }>(sql`SELECT name, operation FROM tools`)
        expect(tools).toHaveLength(operations.length)
        for (const { name, operation } of tools) {
          expect(ever.get(name) ?? operation, `${name} was another operation`).toBe(operation)
          const known = [...ever].find(([, of]) => of === operation)?.[0]
          expect(known ?? name, `${operation} had another name`).toBe(name)
          ever.set(name, operation)
        }
        // A rule made for a name in any revision blocks that operation or nothing.
        for (const [ruled, operation] of ever) {
          const rules = [{ id: 'pol', pattern: `shop.${ruled}`, action: 'block' as const }]
          const blocked = tools.filter(
            ({ name }) => decide({ rules, tool: { integration: 'shop', name, effect: 'read' } }).action === 'block',
          )
          expect(blocked.every((tool) => tool.operation === operation)).toBe(true)
        }
      }
    }),
    { numRuns: 12 },
  )
}, 60_000)
