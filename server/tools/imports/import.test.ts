import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { listConnections } from '../../db/connections.ts'
import { type Database, openDatabase, type RoundTrip } from '../../db/database.ts'
import { findImport, READING_STALLS_AFTER_MS } from '../../db/imports.ts'
import { findIntegrationBySlug, listIntegrations } from '../../db/integrations.ts'
import { chooseTools, listPendingGroups } from '../../db/pending-tools.ts'
import { listTools, readTool } from '../../db/tools.ts'
import { createOutbound } from '../../net/outbound.ts'
import { freshDatabase } from '../../testing/database.ts'
import { PUBLIC } from '../../testing/scripted-import.ts'
import { beginAgain, beginImport } from './begin.ts'
import { addIntegration, cancelReading, updateIntegrationFrom } from './confirm.ts'
import { readImport } from './read.ts'

const by = 'person:ada@example.com'
let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

const outbound = createOutbound({
  allowLocalNetwork: false,
  fetch: () => Promise.reject(new Error('These documents refer to nothing')),
})

function chunksOf(text: string, size = 1_000): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  const chunks: Uint8Array[] = []
  for (let start = 0; start < bytes.byteLength; start += size) chunks.push(bytes.subarray(start, start + size))
  return chunks
}

interface DocumentOptions {
  operations?: number
  description?: string
  security?: boolean
}

/** An OpenAPI document with `operations` reads and one write. */
function document({ operations = 3, description = '', security = false }: DocumentOptions = {}): string {
  const reads = Array.from({ length: operations }, (_, index) => [
    `/things/${index}`,
    {
      get: {
        operationId: `things/get-${index}x`,
        summary: `Get thing ${index}`,
        description,
        responses: { 200: { description: 'A thing' } },
      },
    },
  ])
  const write = {
    post: { operationId: 'things/create', summary: 'Create a thing', responses: { 201: { description: '' } } },
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Thing Store API', version: '7' },
    servers: [{ url: 'https://things.example/v1' }],
    paths: { ...Object.fromEntries(reads), '/things': write },
    ...(security && {
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
    }),
  })
}

const begin = (text: string) =>
  beginImport({ db, outbound }, { origin: { kind: 'paste' }, files: [{ chunks: chunksOf(text) }], by })

/** The id of an import that was read. */
async function read(text = document()): Promise<string> {
  const result = await begin(text)
  if (!result.ok || !result.isRead) throw new Error(result.ok ? 'The import was not read' : result.message)
  return result.importId
}

const add = (importId: string, more: { slug?: string; title?: string; baseUrl?: string } = {}) =>
  addIntegration(
    { db },
    { importId, slug: 'things', title: 'Things', baseUrl: 'https://things.example/v1', by, ...more },
  )

/** As if the document asked for no credential at all. */
async function makePublic(importId: string): Promise<void> {
  const methods = JSON.stringify([PUBLIC])
  await db.run(
    sql`UPDATE imports SET preview = json_set(preview, '$.authMethods', json(${methods})) WHERE id = ${importId}`,
  )
}

async function added(importId: string, slug = 'things') {
  const result = await add(importId, { slug })
  if (!result.ok) throw new Error(result.message)
  return result.integration
}

async function refuse(text: string) {
  const result = await begin(text)
  if (result.ok) throw new Error('The document was read')
  return result
}

test('an import says what the document would become, and nothing of it is seen yet', async () => {
  const importId = await read()
  const row = await findImport(db, importId)
  expect(row).toMatchObject({
    state: 'read',
    done: 4,
    toolCount: 4,
    skippedCount: 0,
    files: [{ role: 'document', bytes: document().length }],
    preview: {
      kind: 'openapi',
      title: 'Thing Store API',
      version: '7',
      suggestedSlug: 'thing_store',
      servers: [{ url: 'https://things.example/v1' }],
      operationCount: 4,
    },
  })
  if (row === undefined) return
  expect(await listPendingGroups(db, row, {})).toEqual([{ name: 'things', count: 4, chosen: 4 }])
  expect(await listIntegrations(db)).toEqual([])
  expect(await db.all(sql`SELECT * FROM tools_vocab`)).toEqual([])
})

test('a confirmed import becomes an integration with its tools', async () => {
  const importId = await read()
  const integration = await added(importId)
  expect(await findIntegrationBySlug(db, 'things')).toMatchObject({
    title: 'Things',
    baseUrl: 'https://things.example/v1',
    version: '7',
    revision: 1,
    toolCount: 4,
    origins: ['https://things.example'],
    importId,
  })
  const tools = await listTools(db, { integrationId: integration.id, revision: 1 }, { limit: 10 })
  expect(tools.map(({ name }) => name)).toContain('things.create')
  expect(await findImport(db, importId)).toMatchObject({ state: 'done', error: null })
})

test('only what was chosen is in force, and a later revision keeps the choice', async () => {
  const importId = await read()
  const row = await findImport(db, importId)
  if (row === undefined) throw new Error('no import')
  await chooseTools(db, row, {}, false)
  await chooseTools(db, row, { find: 'GET things/1' }, true)
  const integration = await added(importId)
  expect(await findIntegrationBySlug(db, 'things')).toMatchObject({ toolCount: 1 })
  const names = async (revision: number) =>
    (await listTools(db, { integrationId: integration.id, revision }, { limit: 10 })).map(({ operation }) => operation)
  expect(await names(1)).toEqual(['GET /things/1'])
  expect(await db.all(sql`SELECT rowid FROM tools_fts`)).toHaveLength(1)
  const hidden = await readTool(db, { integrationId: integration.id, revision: 1 }, 'things.create', 'all')
  expect(hidden).toMatchObject({ tool: null })

  const again = await beginImport(
    { db, outbound },
    {
      origin: { kind: 'paste' },
      files: [{ chunks: chunksOf(document({ operations: 5 })) }],
      by,
      integrationId: integration.id,
    },
  )
  if (!again.ok) throw new Error(again.message)
  expect(await updateIntegrationFrom({ db }, { importId: again.importId, origins: [], by })).toMatchObject({ ok: true })
  // New ones are not chosen where not all of the others are.
  expect(await names(2)).toEqual(['GET /things/1'])

  const chooseAgain = await beginAgain({ db, outbound }, { ...integration, importId: again.importId }, by)
  const third = await findImport(db, chooseAgain?.importId ?? '')
  if (third === undefined) throw new Error('no third import')
  expect(third).toMatchObject({ state: 'read', revision: 3 })
  await chooseTools(db, third, { effect: 'write' }, true)
  expect(await updateIntegrationFrom({ db }, { importId: third.id, origins: [], by })).toMatchObject({ ok: true })
  expect(await names(3)).toEqual(['POST /things', 'GET /things/1'])
})

test('a large document goes in and out of storage within a dozen round trips altogether', async () => {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(1_000)), (byte) => byte.toString(36)).join(' ')
  const importId = await read(document({ operations: 1_200, description: `${random} `.repeat(3) }))
  const parts = await db.all<{ size: number }>(sql`SELECT length(bytes) AS size FROM documents`)
  expect(parts.every(({ size }) => size < 1024 * 1024)).toBe(true)
  await added(importId)
  expect(trips.length).toBeLessThanOrEqual(12)
  expect(await findIntegrationBySlug(db, 'things')).toMatchObject({ toolCount: 1_201 })
})

test('a document that cannot be read is refused with what was found, and leaves no row', async () => {
  const refusals = {
    html: '<!doctype html><title>Docs</title>',
    truncated: document().slice(0, -30),
    empty: '',
    other: '{"hello":"world"}',
  }
  for (const text of Object.values(refusals)) {
    expect(await refuse(text)).toMatchObject({ message: expect.stringMatching(/\w+ .*\./) })
  }
  for (const table of ['imports', 'documents', 'tools', 'schemas']) {
    expect(await db.get(sql`SELECT count(*) AS n FROM ${sql.raw(table)}`)).toEqual({ n: 0 })
  }
})

test('a document above the limit is refused while it comes in', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given++
      yield new Uint8Array(64 * 1024).fill(32)
    }
  }
  const origin = { kind: 'upload', fileName: 'big.json' } as const
  const result = await beginImport(
    { db, outbound },
    { origin, files: [{ chunks: endless() }], by, maxBytes: 1_000_000 },
  )
  expect(result).toMatchObject({ ok: false, code: 'too_large' })
  expect(given).toBeLessThan(20)
  expect(await db.get(sql`SELECT count(*) AS n FROM imports`)).toEqual({ n: 0 })
})

test('the slug, the title and the base URL are checked, each with its own message', async () => {
  const importId = await read()
  for (const slug of ['', '1st', 'a-b', 'search', 'describe', '__proto__', 'constructor', 'a'.repeat(65)]) {
    expect(await add(importId, { slug })).toMatchObject({ ok: false, field: 'slug' })
  }
  expect(await add(importId, { title: ' ' })).toMatchObject({ ok: false, field: 'title' })
  for (const baseUrl of [
    '',
    'things.example',
    'javascript:alert(1)',
    'https://u:p@x.example',
    'https://x.example/?a=1',
  ]) {
    expect(await add(importId, { baseUrl })).toMatchObject({ ok: false, field: 'baseUrl' })
  }
  expect(await add('imp_unknown')).toMatchObject({ ok: false, field: 'import' })
  expect(await listIntegrations(db)).toEqual([])
})

test('a slug that is taken is refused, also when two confirm at once', async () => {
  await added(await read())
  expect(await add(await read())).toMatchObject({ ok: false, field: 'slug' })
  const [first, second] = [await read(), await read()]
  const both = await Promise.all([add(first, { slug: 'race' }), add(second, { slug: 'race' })])
  expect(both.filter((result) => result.ok)).toHaveLength(1)
  expect(await listIntegrations(db)).toHaveLength(2)
})

test('one import confirmed twice makes one integration, with one record of it', async () => {
  const importId = await read()
  await makePublic(importId)
  const both = await Promise.all([add(importId, { slug: 'one' }), add(importId, { slug: 'two' })])
  expect(both.filter((result) => !result.ok)).toMatchObject([{ field: 'import' }])
  expect(await listIntegrations(db)).toHaveLength(1)
  expect(await listConnections(db)).toHaveLength(1)
  expect(await add(importId, { slug: 'three' })).toMatchObject({ ok: false, field: 'import' })
  expect(await db.all(sql`SELECT action FROM audit ORDER BY sequence`)).toEqual([
    { action: 'integration.added' },
    { action: 'connection.added' },
  ])
})

test('reading whose Worker died is taken up after a minute, by one of those who come', async () => {
  const importId = await read()
  // As if it had stopped half way, in a Worker that is no more.
  await db.run(sql`DELETE FROM tools WHERE operation = 'POST /things'`)
  await db.run(sql`UPDATE imports SET state = 'reading', attempt = 7, done = 3`)
  expect(await readImport({ db, outbound }, importId)).toBe('busy')
  await db.run(sql`UPDATE imports SET updated_at = ${Date.now() - READING_STALLS_AFTER_MS - 1}`)
  const all = await Promise.all([1, 2, 3].map(() => readImport({ db, outbound }, importId)))
  expect(all.filter((result) => result === 'read')).toHaveLength(1)
  expect(all.filter((result) => result === 'busy')).toHaveLength(2)
  expect(await findImport(db, importId)).toMatchObject({ state: 'read', done: 4, toolCount: 4 })
})

test('an import that is cancelled leaves nothing, and nobody can confirm it', async () => {
  const importId = await read()
  await cancelReading({ db }, importId)
  expect(await add(importId)).toMatchObject({ ok: false, field: 'import' })
  for (const table of ['documents', 'tools', 'schemas', 'integrations']) {
    expect(await db.get(sql`SELECT count(*) AS n FROM ${sql.raw(table)}`)).toEqual({ n: 0 })
  }
})

test('an integration that no method asks a credential for is connected in the same step', async () => {
  await added(await read(document({ security: true })))
  expect(await listConnections(db)).toEqual([])

  const importId = await read()
  await makePublic(importId)
  const integration = await added(importId, 'open')
  expect(await listConnections(db)).toMatchObject([
    {
      integrationId: integration.id,
      slug: 'public',
      owner: 'org',
      method: PUBLIC,
      sealed: null,
      origins: ['https://things.example'],
    },
  ])
})

test('imports that nobody confirmed are deleted after a day, with their documents', async () => {
  const old = await read()
  const longAgo = Date.now() - 25 * 60 * 60_000
  await db.run(sql`UPDATE imports SET created_at = ${longAgo}, updated_at = ${longAgo}`)
  const fresh = await read()
  expect(await db.all(sql`SELECT DISTINCT import_id AS id FROM documents`)).toEqual([{ id: fresh }])
  expect(await add(old)).toMatchObject({ ok: false, field: 'import' })
})
