// Another choice of the operations of an integration, and the document that its next versions come from.
import { expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { findImport, recordChanges } from '../../db/imports.ts'
import { findIntegration, type IntegrationRow } from '../../db/integrations.ts'
import { chooseTools } from '../../db/pending-tools.ts'
import { createOutbound } from '../../net/outbound.ts'
import { freshDatabase } from '../../testing/database.ts'
import { beginAgain, beginImport } from './begin.ts'
import { changesOf } from './compare.ts'
import { addIntegration, updateIntegrationFrom } from './confirm.ts'

const by = 'person:ada@example.com'
const outbound = createOutbound({ allowLocalNetwork: false, fetch: () => Promise.reject(new Error('No request')) })

function documentOf(ids: readonly string[], kind = 'string'): string {
  const schema = { $ref: '#/components/schemas/Thing' }
  const responses = { 200: { description: 'ok', content: { 'application/json': { schema } } } }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    paths: Object.fromEntries(ids.map((id) => [`/${id}`, { get: { operationId: `things/${id}`, responses } }])),
    components: { schemas: { Thing: { type: 'object', properties: { size: { type: kind } } } } },
  })
}

async function begin(db: Database, text: string, origin: IntegrationRow['origin'], integrationId?: string) {
  const files = [{ chunks: [new TextEncoder().encode(text)] }]
  const begun = await beginImport(
    { db, outbound },
    { origin, files, by, ...(integrationId !== undefined && { integrationId }) },
  )
  if (!begun.ok) throw new Error(begun.message)
  return begun.importId
}

async function addShop(db: Database): Promise<IntegrationRow> {
  const importId = await begin(db, documentOf(['first', 'second', 'third']), { kind: 'paste' })
  const fields = { slug: 'shop', title: 'Shop', baseUrl: 'https://shop.example' }
  const added = await addIntegration({ db }, { importId, ...fields, by })
  if (!added.ok) throw new Error(added.message)
  return reread(db, added.integration)
}

async function reread(db: Database, { id }: { id: string }): Promise<IntegrationRow> {
  const integration = await findIntegration(db, id)
  if (integration === undefined) throw new Error('The integration is gone')
  return integration
}

/** As the page does: the choice, and what it changes computed anew. */
async function choose(db: Database, integration: IntegrationRow, importId: string, chosen: readonly string[]) {
  const row = await findImport(db, importId)
  if (row === undefined) throw new Error('The import is gone')
  await chooseTools(db, row, {}, false)
  await chooseTools(db, row, { names: chosen.map((id) => `things.${id}`) }, true)
  await recordChanges(db, importId, null)
  return changesOf(db, integration, { ...row, changes: null })
}

test('what is left out is removed, and what is chosen again is added', async () => {
  const db = await freshDatabase()
  let shop = await addShop(db)
  const again = await beginAgain({ db, outbound }, shop, by)
  if (again === null) throw new Error('The document is gone')
  expect(await choose(db, shop, again.importId, ['first'])).toEqual({
    added: [],
    changed: [],
    removed: ['things.second', 'things.third'],
    origins: [],
  })
  await updateIntegrationFrom({ db }, { importId: again.importId, origins: [], by })
  shop = await reread(db, shop)
  expect(shop.toolCount).toBe(1)

  const back = await beginAgain({ db, outbound }, shop, by)
  if (back === null) throw new Error('The document is gone')
  expect(await choose(db, shop, back.importId, ['first', 'third'])).toMatchObject({
    added: ['things.third'],
    removed: [],
  })
})

test('a tool that is chosen with a version that changes it is new, and not changed', async () => {
  const db = await freshDatabase()
  const shop = await addShop(db)
  const again = await beginAgain({ db, outbound }, shop, by)
  if (again === null) throw new Error('The document is gone')
  await choose(db, shop, again.importId, ['first'])
  await updateIntegrationFrom({ db }, { importId: again.importId, origins: [], by })

  const inForce = await reread(db, shop)
  const next = await begin(db, documentOf(['first', 'second', 'third'], 'integer'), { kind: 'paste' }, shop.id)
  expect(await choose(db, inForce, next, ['first', 'second'])).toEqual({
    added: ['things.second'],
    changed: ['things.first'],
    removed: [],
    origins: [],
  })
})

test('the next versions come from where the last one came from', async () => {
  const db = await freshDatabase()
  const shop = await addShop(db)
  const origin = { kind: 'url', url: 'https://shop.example/openapi.json' } as const
  const importId = await begin(db, documentOf(['first']), origin, shop.id)
  expect((await reread(db, shop)).origin).toEqual({ kind: 'paste' })
  await updateIntegrationFrom({ db }, { importId, origins: [], by })
  expect((await reread(db, shop)).origin).toEqual(origin)
})
