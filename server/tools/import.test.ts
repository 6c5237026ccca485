import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { listConnections } from '../db/connections.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import { findImport, IMPORT_STALLS_AFTER_MS } from '../db/imports.ts'
import { findIntegrationBySlug, listIntegrations } from '../db/integrations.ts'
import { listTools } from '../db/tools.ts'
import { createOutbound } from '../net/outbound.ts'
import { freshDatabase } from '../testing/database.ts'
import { PUBLIC } from '../testing/scripted-import.ts'
import { previewDocument, startImport, stateOfImport } from './import.ts'

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

const preview = (text: string) =>
  previewDocument({ db, outbound }, { origin: { kind: 'paste' }, chunks: chunksOf(text), by })

async function previewed(text = document()): Promise<string> {
  const result = await preview(text)
  if (!result.ok) throw new Error(result.message)
  return result.importId
}

const start = (importId: string, more: { slug?: string; title?: string; baseUrl?: string } = {}) =>
  startImport(
    { db, outbound },
    { importId, slug: 'things', title: 'Things', baseUrl: 'https://things.example/v1', by, ...more },
  )

async function imported(importId: string): Promise<void> {
  const started = await start(importId)
  if (!started.ok) throw new Error(started.message)
  await started.work
}

test('a preview says what the document would become, and nothing of it is a tool yet', async () => {
  expect(await preview(document())).toMatchObject({
    ok: true,
    preview: {
      kind: 'openapi',
      title: 'Thing Store API',
      version: '7',
      suggestedSlug: 'thing_store',
      servers: ['https://things.example/v1'],
      operationCount: 4,
      effects: { read: 3, write: 1, destructive: 0 },
      groups: [{ name: 'things', count: 4 }],
      skippedCount: 0,
      documentBytes: document().length,
    },
  })
  expect(await listIntegrations(db)).toEqual([])
  expect(await db.get(sql`SELECT count(*) AS n FROM tools`)).toEqual({ n: 0 })
})

test('a confirmed preview becomes an integration with its tools', async () => {
  const importId = await previewed()
  await imported(importId)
  const integration = await findIntegrationBySlug(db, 'things')
  expect(integration).toMatchObject({
    title: 'Things',
    baseUrl: 'https://things.example/v1',
    version: '7',
    revision: 1,
    toolCount: 4,
    importId,
  })
  const tools = await listTools(db, { integrationId: integration?.id ?? '', revision: 1 }, { limit: 10 })
  expect(tools.map(({ name }) => name)).toContain('things.create')
  expect(await findImport(db, importId)).toMatchObject({ state: 'done', done: 4, toolCount: 4, error: null })
})

test('a large document goes in and out of storage within a dozen round trips altogether', async () => {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(1_000)), (byte) => byte.toString(36)).join(' ')
  const importId = await previewed(document({ operations: 1_200, description: `${random} `.repeat(3) }))
  const parts = await db.all<{ size: number }>(sql`SELECT length(bytes) AS size FROM documents`)
  expect(parts.every(({ size }) => size < 1024 * 1024)).toBe(true)
  await imported(importId)
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
    const result = await preview(text)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/\w+ .*\./) })
  }
  expect(await db.get(sql`SELECT count(*) AS n FROM imports`)).toEqual({ n: 0 })
})

test('a document above the limit is refused while it comes in', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given++
      yield new Uint8Array(64 * 1024)
    }
  }
  const options = {
    origin: { kind: 'upload', fileName: 'big.json' } as const,
    chunks: endless(),
    by,
    maxBytes: 1_000_000,
  }
  const result = await previewDocument({ db, outbound }, options)
  expect(result).toMatchObject({ ok: false, code: 'too_large' })
  expect(given).toBeLessThan(20)
})

test('the slug, the title and the base URL are checked, each with its own message', async () => {
  const importId = await previewed()
  for (const slug of ['', '1st', 'a-b', 'search', 'describe', '__proto__', 'constructor', 'a'.repeat(65)]) {
    expect(await start(importId, { slug })).toMatchObject({ ok: false, field: 'slug' })
  }
  expect(await start(importId, { title: ' ' })).toMatchObject({ ok: false, field: 'title' })
  for (const baseUrl of [
    '',
    'things.example',
    'javascript:alert(1)',
    'https://u:p@x.example',
    'https://x.example/?a=1',
  ]) {
    expect(await start(importId, { baseUrl })).toMatchObject({ ok: false, field: 'baseUrl' })
  }
  expect(await start('imp_unknown')).toMatchObject({ ok: false, field: 'import' })
  expect(await listIntegrations(db)).toEqual([])
})

test('a slug that is taken is refused, also when two confirm at once', async () => {
  await imported(await previewed())
  const again = await previewed()
  expect(await start(again)).toMatchObject({ ok: false, field: 'slug' })

  const [first, second] = [await previewed(), await previewed()]
  const both = await Promise.all([start(first, { slug: 'race' }), start(second, { slug: 'race' })])
  for (const result of both) if (result.ok) await result.work
  expect(both.filter((result) => result.ok)).toHaveLength(1)
})

test('one preview confirmed twice makes one integration', async () => {
  const importId = await previewed()
  const both = await Promise.all([start(importId, { slug: 'one' }), start(importId, { slug: 'two' })])
  for (const result of both) if (result.ok) await result.work
  expect(both.filter((result) => !result.ok)).toMatchObject([{ field: 'import' }])
  expect(await listIntegrations(db)).toHaveLength(1)
  expect(await start(importId, { slug: 'three' })).toMatchObject({ ok: false, field: 'import' })
})

test('an import whose worker died is shown as failed and can be tried again, under another name too', async () => {
  const importId = await previewed()
  const started = await start(importId)
  if (!started.ok) throw new Error(started.message)
  await started.work
  // As if the work had stopped half way.
  const longAgo = Date.now() - IMPORT_STALLS_AFTER_MS - 1
  await db.run(sql`UPDATE imports SET state = 'importing', updated_at = ${longAgo}`)
  await db.run(sql`UPDATE integrations SET revision = 0`)
  const row = await findImport(db, importId)
  expect(row && stateOfImport(row, Date.now())).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('again'),
  })

  const again = await start(importId, { slug: 'things2' })
  if (!again.ok) throw new Error(again.message)
  await again.work
  expect(await listIntegrations(db)).toMatchObject([{ slug: 'things2', revision: 1, toolCount: 4 }])
  expect(await db.get(sql`SELECT count(*) AS n FROM tools`)).toEqual({ n: 4 })
})

test('an integration that no method asks a credential for is connected in the same step', async () => {
  await imported(await previewed(document({ security: true })))
  expect(await listConnections(db)).toEqual([])

  const importId = await previewed()
  const methods = JSON.stringify([PUBLIC])
  await db.run(
    sql`UPDATE imports SET preview = json_set(preview, '$.authMethods', json(${methods})) WHERE id = ${importId}`,
  )
  const started = await start(importId, { slug: 'open' })
  if (!started.ok) throw new Error(started.message)
  await started.work
  expect(await listConnections(db)).toMatchObject([
    {
      integrationId: started.integration.id,
      slug: 'public',
      owner: 'org',
      method: PUBLIC,
      sealed: null,
      origins: ['https://things.example'],
    },
  ])
})

test('previews that nobody confirmed are deleted after a day, with their documents', async () => {
  const old = await previewed()
  await db.run(sql`UPDATE imports SET created_at = ${Date.now() - 25 * 60 * 60_000}`)
  const fresh = await previewed()
  expect(await findImport(db, old)).toBeUndefined()
  expect(await db.all(sql`SELECT DISTINCT import_id AS id FROM documents`)).toEqual([{ id: fresh }])
  expect(await start(old)).toMatchObject({ ok: false, field: 'import' })
})
