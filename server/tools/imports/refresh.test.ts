import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { EXECUTOR } from '../../db/audit.ts'
import { insertConnection, listConnections } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { findImport } from '../../db/imports.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../db/integrations.ts'
import { listTools } from '../../db/tools.ts'
import { vault } from '../../testing/token-server.ts'
import { createOutbound } from '../../net/outbound.ts'
import { freshDatabase } from '../../testing/database.ts'
import { beginImport } from './begin.ts'
import { addIntegration, updateIntegrationFrom } from './confirm.ts'
import { changesOf } from './compare.ts'
import { refreshIntegration, tendImports } from './refresh.ts'

const by = 'person:ada@example.com'
const URL_OF_IT = 'https://api.example/openapi.json'
const DAY_MS = 24 * 60 * 60_000

let db: Database
/** What the host of the document answers, and what it was asked. */
let answer: (request: Request) => Response
let asked: Request[]

const outbound = createOutbound({
  allowLocalNetwork: false,
  fetch: (request) => {
    asked.push(request)
    return Promise.resolve(answer(request))
  },
  resolver: () => Promise.resolve({ ok: true, addresses: ['93.184.215.14'] }),
})

beforeEach(async () => {
  db = await freshDatabase()
  asked = []
  answer = () => new Response(document(), { headers: { etag: '"one"' } })
})

interface Shape {
  version?: string
  paths?: Record<string, object>
  description?: string
}

const operation = (more: object = {}) => ({ responses: { 200: { description: 'ok' } }, ...more })
const things = { '/things': { get: operation() }, '/things/{id}': { get: operation(), delete: operation() } }

function document({ version = '1', paths = things, description = '' }: Shape = {}): string {
  const servers = [{ url: 'https://api.example/v1' }]
  return JSON.stringify({ openapi: '3.1.0', info: { title: 'Things', version, description }, servers, paths })
}

async function integrate(): Promise<IntegrationRow> {
  const given = { origin: { kind: 'url', url: URL_OF_IT } as const, by }
  const chunks = [new TextEncoder().encode(document())]
  const begun = await beginImport({ db, outbound }, { ...given, files: [{ url: URL_OF_IT, chunks }] })
  if (!begun.ok) throw new Error(begun.message)
  const fields = { slug: 'things', title: 'Things', baseUrl: 'https://api.example/v1' }
  const added = await addIntegration({ db }, { importId: begun.importId, ...fields, by })
  if (!added.ok) throw new Error(added.message)
  return added.integration
}

async function current(): Promise<IntegrationRow> {
  const integration = await findIntegrationBySlug(db, 'things')
  if (integration === undefined) throw new Error('no integration')
  return integration
}

async function refreshed(by = EXECUTOR) {
  return refreshIntegration({ db, outbound, vault }, await current(), by)
}

/** The import of a refresh that found something. */
async function waiting(): Promise<string> {
  const result = await refreshed()
  if (!result.ok || !result.changed) throw new Error(`nothing waits: ${JSON.stringify(result)}`)
  return result.importId
}

async function operations(): Promise<string[]> {
  const { id, revision } = await current()
  const tools = await listTools(db, { integrationId: id, revision }, { limit: 100 })
  return tools.map((tool) => tool.operation).sort()
}

test('a document that is the same, by its bytes or by its own word, changes nothing', async () => {
  await integrate()
  expect(await refreshed()).toEqual({ ok: true, changed: false })
  expect(await db.get(sql`SELECT count(*) AS n FROM imports`)).toEqual({ n: 1 })

  answer = () => new Response(document({ version: '2' }), { headers: { etag: '"two"' } })
  await refreshed()
  expect(await current()).toMatchObject({ version: '2', validators: { etag: '"two"' } })
  answer = (request) => new Response(null, { status: request.headers.get('if-none-match') === '"two"' ? 304 : 500 })
  expect(await refreshed()).toEqual({ ok: true, changed: false })
  expect(await current()).toMatchObject({ checkError: null, version: '2' })
})

test('a version that only says things in other words takes its place by itself', async () => {
  const { revision } = await integrate()
  answer = () => new Response(document({ version: '1.1', description: 'Now with words' }))
  await refreshed()
  expect(await current()).toMatchObject({ version: '1.1', revision: revision + 1, description: 'Now with words' })
  expect(await operations()).toHaveLength(3)
})

test('a version that changes tools waits, with what it changes, and is in force when an admin says so', async () => {
  const integration = await integrate()
  const parameters = [{ name: 'limit', in: 'query', required: true, schema: { type: 'integer' } }]
  const paths = {
    '/things': { get: operation({ parameters }), post: operation() },
    '/things/{id}': { get: operation() },
  }
  answer = () => new Response(document({ paths }))
  const importId = await waiting()
  expect(await operations()).toEqual(['DELETE /things/{id}', 'GET /things', 'GET /things/{id}'])
  const row = await findImport(db, importId)
  if (row === undefined) throw new Error('no import')
  expect(await changesOf(db, integration, row)).toEqual({
    added: ['things.create'],
    changed: ['things.list'],
    removed: ['things.delete'],
    origins: [],
  })
  expect(await updateIntegrationFrom({ db }, { importId, origins: [], by })).toMatchObject({ ok: true })
  expect(await operations()).toEqual(['GET /things', 'GET /things/{id}', 'POST /things'])
})

test('new hosts are confirmed one by one, and only then do credentials of the organisation follow', async () => {
  const { id: integrationId, origins } = await integrate()
  const method = { id: 'key', label: 'Key', fields: [], placements: [] }
  const row = { integrationId, method, values: {}, origins, createdBy: by, createdAt: 1, updatedAt: 1 }
  await insertConnection(db, { ...row, id: 'con_org', slug: 'org', owner: 'org' })
  await insertConnection(db, { ...row, id: 'con_own', slug: 'own', owner: by })
  const servers = [{ url: 'https://evil.example' }]
  answer = () => new Response(document({ paths: { ...things, '/up': { post: operation({ servers }) } } }))
  const importId = await waiting()

  const refused = await updateIntegrationFrom({ db }, { importId, origins: [], by })
  expect(refused).toMatchObject({ ok: false, field: 'origins', message: expect.stringContaining('evil.example') })
  expect(await current()).toMatchObject({ origins })
  const confirmed = await updateIntegrationFrom({ db }, { importId, origins: ['https://evil.example'], by })
  expect(confirmed).toMatchObject({ ok: true })
  expect(await current()).toMatchObject({ origins: ['https://api.example', 'https://evil.example'] })
  expect((await listConnections(db)).map((one) => [one.slug, one.origins])).toEqual([
    ['org', ['https://api.example', 'https://evil.example']],
    ['own', ['https://api.example']],
  ])
})

test('a refresh that fails keeps the last good catalog and says why', async () => {
  await integrate()
  const before = await operations()
  const failures: [() => Response, string][] = [
    [() => new Response('gone', { status: 404 }), 'answered 404'],
    [() => new Response('<!doctype html><title>Sign in</title>'), 'web page'],
    [() => new Response(document().slice(0, -40)), 'too early'],
    [() => new Response(''), 'empty'],
  ]
  for (const [failing, words] of failures) {
    answer = failing
    const result = await refreshed()
    expect({ words, operations: await operations() }).toEqual({ words, operations: before })
    expect((await current()).checkError).toContain(words)
    expect(result).not.toEqual({ ok: true, changed: false })
  }
  expect(await db.get(sql`SELECT count(*) AS n FROM tools`)).toEqual({ n: before.length })
  answer = () => new Response(document())
  await refreshed()
  expect((await current()).checkError).toBeNull()
})

test('cron asks once a day, each integration for itself, and goes on with what was left', async () => {
  await integrate()
  await tendImports({ db, outbound, vault })
  expect(asked).toHaveLength(0)
  await db.run(sql`UPDATE integrations SET checked_at = ${Date.now() - 2 * DAY_MS}`)
  await Promise.all([tendImports({ db, outbound, vault }), tendImports({ db, outbound, vault })])
  await tendImports({ db, outbound, vault })
  expect(asked).toHaveLength(1)

  answer = () => new Response(document({ paths: { ...things, '/new': { get: operation() } } }))
  const importId = await waiting()
  await db.run(sql`DELETE FROM tools WHERE operation = 'GET /new'`)
  await db.run(sql`UPDATE imports SET state = 'reading', done = 3 WHERE id = ${importId}`)
  await tendImports({ db, outbound, vault })
  expect(await findImport(db, importId)).toMatchObject({ state: 'read', done: 4 })
})

test('a newer version takes the place of one that nobody has decided on', async () => {
  await integrate()
  answer = () => new Response(document({ paths: { ...things, '/b': { get: operation() } } }))
  const first = await waiting()
  answer = () => new Response(document({ paths: { ...things, '/c': { get: operation() } } }))
  const second = await waiting()
  expect(await findImport(db, first)).toMatchObject({ state: 'cancelled' })
  expect(await updateIntegrationFrom({ db }, { importId: first, origins: [], by })).toMatchObject({ ok: false })
  expect(await updateIntegrationFrom({ db }, { importId: second, origins: [], by })).toMatchObject({ ok: true })
  expect(await operations()).toContain('GET /c')
})
