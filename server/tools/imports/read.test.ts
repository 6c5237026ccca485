import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { type Database, openDatabase, type RoundTrip } from '../../db/database.ts'
import { discardRows, failReading, findImport } from '../../db/imports.ts'
import { findIntegrationBySlug } from '../../db/integrations.ts'
import { listTools, readTool } from '../../db/tools.ts'
import { freshDatabase, withoutUpstreams } from '../../testing/database.ts'
import {
  beginScripted,
  importScripted,
  type ListedTool,
  readScripted,
  type Script,
  scriptedAdapter,
} from '../../testing/scripted-import.ts'
import { removeIntegration } from '../remove.ts'
import { readRevision, SupersededError } from './read.ts'

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

async function namesOf(slug: string): Promise<Record<string, string>> {
  const integration = await findIntegrationBySlug(db, slug)
  if (integration === undefined) throw new Error(`no ${slug}`)
  const tools = await listTools(db, { integrationId: integration.id, revision: integration.revision }, { limit: 1_000 })
  return Object.fromEntries(tools.map(({ operation, name }) => [operation, name]))
}

async function rowCounts(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of ['integrations', 'imports', 'documents', 'tools', 'schemas', 'connections', 'tools_vocab']) {
    counts[table] = (await db.get<{ n: number }>(sql`SELECT count(*) AS n FROM ${sql.raw(table)}`)).n
  }
  return counts
}

const tool = (operation: string, suggestedName: string, more: Partial<ListedTool> = {}): ListedTool => ({
  operation,
  suggestedName,
  ...more,
})

function* manyTools(count: number, bytesEach: number): Generator<ListedTool> {
  const description = 'word '.repeat(bytesEach / 5)
  for (let index = 0; index < count; index++) yield tool(`GET /things/${index}`, `things.get${index}x`, { description })
}

test('a catalog of GitHub size is written in a handful of round trips, with its schemas and its words', async () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [`S${n}`, { description: 's'.repeat(2_000) }]),
  )
  const script: Script = { tools: manyTools(1_223, 4_000), schemas }
  const attempt = await beginScripted(db, 'big')
  trips.length = 0
  await readScripted(db, attempt, script)
  expect(trips.length).toBeLessThanOrEqual(5)

  expect(await findImport(db, attempt.importId)).toMatchObject({ state: 'read', done: 1_223, toolCount: 1_223 })
  expect(await findIntegrationBySlug(db, 'big')).toBeUndefined()
  expect(await rowCounts()).toMatchObject({ tools: 1_223, schemas: 300, tools_vocab: 0 })
})

test('tools and schemas come back as they were found', async () => {
  const inputSchema = { type: 'object', properties: { Ünï: { $ref: '#/$defs/A' } } }
  const written = tool('POST /a', 'a.make', {
    summary: 'Make “a” 😀',
    inputSchema,
    outputSchema: { type: 'array', items: { $ref: '#/$defs/B' } },
    binding: { deep: [1, null, { x: 'y' }] },
    isDeprecated: true,
  })
  const { integrationId, revision } = await importScripted(db, 'shapes', {
    tools: [written, tool('GET /b', 'b.get', { inputSchema: true })],
    schemas: { A: { type: 'string', contains: { $ref: '#/$defs/C' } }, B: true, C: {}, Unused: false },
  })
  const found = await readTool(db, { integrationId, revision }, 'a.make', 'all')
  const { suggestedName, ...kept } = written
  expect(found.tool).toMatchObject({ ...kept, name: suggestedName })
  expect(Object.keys(found.tool === null ? {} : found.schemas)).toEqual(['A', 'B', 'C'])
  const forCall = await readTool(db, { integrationId, revision }, 'a.make', 'input')
  expect(Object.keys(forCall.tool === null ? {} : forCall.schemas)).toEqual(['A', 'C'])
  expect(await readTool(db, { integrationId, revision }, 'b.get', 'input')).toMatchObject({
    tool: { inputSchema: true, outputSchema: null, isDeprecated: false },
    schemas: {},
  })
  expect(await readTool(db, { integrationId, revision }, 'nothing', 'all')).toEqual({
    tool: null,
    names: ['a.make', 'b.get'],
    retired: null,
  })
})

test('a failed import leaves nothing visible, and the revision before stays', async () => {
  await importScripted(db, 'shop', { tools: [tool('GET /items', 'items.list', { summary: 'List wares' })] })
  const before = await rowCounts()
  const broken: Script = { tools: manyTools(1_500, 4_000), error: new Error('cut off') }
  const attempt = await beginScripted(db, 'shop')
  await expect(readScripted(db, attempt, broken)).rejects.toThrow('cut off')
  expect(await namesOf('shop')).toEqual({ 'GET /items': 'items.list' })
  await db.batch([failReading(db, attempt, 'The document ends early.', 5), ...discardRows(db)])
  expect(await rowCounts()).toEqual({ ...before, imports: 2 })
  expect(await findImport(db, attempt.importId)).toMatchObject({ state: 'failed', error: 'The document ends early.' })
  expect(await findIntegrationBySlug(db, 'shop')).toMatchObject({ revision: 1, toolCount: 1 })
})

test('a new revision replaces the one before at once, and its words too', async () => {
  await importScripted(db, 'shop', {
    tools: [tool('GET /old', 'old.get', { summary: 'antique' })],
    schemas: { Old: true },
  })
  await importScripted(db, 'shop', {
    tools: [tool('GET /new', 'new.get', { summary: 'modern' })],
    schemas: { New: true },
  })
  expect(await namesOf('shop')).toEqual({ 'GET /new': 'new.get' })
  expect(await rowCounts()).toMatchObject({ tools: 1, schemas: 1, imports: 1 })
  const terms = await db.all<{ term: string }>(sql`SELECT term FROM tools_vocab`)
  expect(terms.map(({ term }) => term)).toEqual(['get', 'modern', 'new', 'shop'])
})

test('an operation keeps its name over revisions, whatever the document calls it now', async () => {
  await importScripted(db, 'shop', {
    tools: [tool('GET /a', 'items.list'), tool('GET /b', 'items.list'), tool('GET /c', 'items.get')],
  })
  expect(await namesOf('shop')).toEqual({ 'GET /a': 'items.list', 'GET /b': 'items.list2', 'GET /c': 'items.get' })
  await importScripted(db, 'shop', {
    tools: [
      tool('GET /z', 'items.list'),
      tool('GET /y', 'items.get'),
      tool('GET /b', 'things.all'),
      tool('GET /a', 'x'),
    ],
  })
  expect(await namesOf('shop')).toEqual({
    'GET /z': 'items.list3',
    'GET /y': 'items.get2',
    'GET /b': 'items.list2',
    'GET /a': 'items.list',
  })
})

test('the name of an operation that is gone is never given to another, and comes back with it', async () => {
  await importScripted(db, 'shop', { tools: [tool('GET /a', 'items.list'), tool('GET /k', 'kept.get')] })
  const { integrationId } = await importScripted(db, 'shop', { tools: [tool('GET /k', 'kept.get')] })
  const gone = await readTool(db, { integrationId, revision: 2 }, 'items.list', 'all')
  expect(gone).toMatchObject({ tool: null, retired: { operation: 'GET /a' } })
  await importScripted(db, 'shop', { tools: [tool('GET /new', 'items.list'), tool('GET /k', 'kept.get')] })
  expect(await namesOf('shop')).toEqual({ 'GET /new': 'items.list2', 'GET /k': 'kept.get' })
  await importScripted(db, 'shop', { tools: [tool('GET /a', 'other'), tool('GET /k', 'kept.get')] })
  expect(await namesOf('shop')).toEqual({ 'GET /a': 'items.list', 'GET /k': 'kept.get' })
  expect(await readTool(db, { integrationId, revision: 4 }, 'items.list', 'all')).toMatchObject({
    tool: { operation: 'GET /a' },
  })
})

test('reading that is cut off at any operation ends as it would have without', async () => {
  const schemas = { A: { type: 'string' }, B: { $ref: '#/$defs/A' } }
  const script = () => ({ tools: manyTools(70, 100), schemas })
  await importScripted(db, 'whole', script())
  const whole = await namesOf('whole')

  const attempt = await beginScripted(db, 'cut')
  let turns = 0
  for (;;) {
    const row = await findImport(db, attempt.importId)
    if (row === undefined) throw new Error('The import is gone')
    if (row.state === 'read') break
    turns++
    await db.run(sql`UPDATE imports SET attempt = 1`)
    await readRevision(db, attempt, scriptedAdapter(script()), {
      source: { documents: [], referenced: [] },
      fetch: () => Promise.reject(new Error('Nothing is fetched')),
      progress: row,
      // The time is over as soon as it is looked at.
      until: 0,
    })
  }
  expect(turns).toBe(71)
  expect(await findImport(db, attempt.importId)).toMatchObject({ done: 70, toolCount: 70, skipped: [] })
  const rows = await db.all<{ operation: string; name: string }>(
    sql`SELECT operation, name FROM tools WHERE revision = 1 AND integration_id = ${attempt.integrationId}`,
  )
  expect(Object.fromEntries(rows.map(({ operation, name }) => [operation, name]))).toEqual(whole)
})

test('a worker that was given up for dead writes nothing more once another has begun', async () => {
  const script: Script = { tools: manyTools(1_500, 4_000) }
  const attempt = await beginScripted(db, 'shop')
  await db.run(sql`UPDATE imports SET attempt = 2 WHERE id = ${attempt.importId}`)
  await expect(readScripted(db, attempt, script)).rejects.toThrow(SupersededError)
  await db.batch([failReading(db, attempt, 'late', 1)])
  expect(await rowCounts()).toMatchObject({ tools: 0 })
  expect(await findImport(db, attempt.importId)).toMatchObject({ state: 'reading', error: null })
})

test('an integration that is removed while a revision is read stays removed, completely', async () => {
  await importScripted(db, 'other', { tools: [tool('GET /a', 'a.get')], schemas: { A: true } })
  const before = await rowCounts()
  await importScripted(db, 'shop', { tools: [tool('GET /b', 'b.get')] })
  const tools = manyTools(2_500, 4_000)
  const beforeTool = async (number: number) => {
    if (number === 1_500) await removeIntegration(withoutUpstreams(db), attempt.integrationId, 'person:ada@example.com')
  }
  const script: Script = { tools, beforeTool }
  const attempt = await beginScripted(db, 'shop')
  await expect(readScripted(db, attempt, script)).rejects.toThrow(SupersededError)
  expect(await rowCounts()).toEqual(before)
})
