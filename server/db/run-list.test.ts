import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { calls, runs } from '../../drizzle/schema.ts'
import { freshDatabase } from '../testing/database.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { newId } from './id.ts'
import { listRuns, MOST_COUNTED } from './run-list.ts'
import type { NewRunRow } from './runs.ts'

const ADA = 'person:ada@example.com'

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

async function addRun(startedAt: number, more: Partial<NewRunRow> = {}, tools: string[] = []): Promise<string> {
  const id = newId('run', startedAt)
  const run = {
    id,
    principal: ADA,
    client: 'test',
    code: 'return 1',
    seed: 's',
    state: 'succeeded' as const,
    startedAt,
  }
  await db.insert(runs).values({ ...run, ...more })
  for (const [index, tool] of tools.entries()) {
    const call = { runId: id, number: index + 1, kind: 'tool' as const, tool, arguments: '{}', hash: '' }
    await db.insert(calls).values({ ...call, state: 'succeeded', startedAt })
  }
  return id
}

const idsOf = async (filter: Parameters<typeof listRuns>[1]) => (await listRuns(db, filter)).runs.map(({ id }) => id)

test('runs are listed newest first, page by page, with how many there are in all, in one round trip', async () => {
  const added: string[] = []
  for (const at of [1, 2, 2, 3]) added.unshift(await addRun(at))
  const newestFirst = [added[0], ...[added[1] ?? '', added[2] ?? ''].sort().reverse(), added[3]]
  trips.length = 0
  const first = await listRuns(db, { limit: 2 })
  expect(trips).toHaveLength(1)
  expect(first.count).toBe(4)
  const last = first.runs.at(-1)
  if (last === undefined) throw new Error('there are runs')
  const second = await listRuns(db, { limit: 2, before: last })
  expect(second.count).toBe(4)
  expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(newestFirst)
})

test('runs are found by whose they are, their state and when they started', async () => {
  const failed = await addRun(10, { state: 'failed' })
  const waiting = await addRun(20, { state: 'waiting' })
  const other = await addRun(30, { principal: 'service:bot' })
  expect(await idsOf({ principal: ADA, limit: 9 })).toEqual([waiting, failed])
  expect(await idsOf({ principal: 'service:bot', limit: 9 })).toEqual([other])
  expect(await idsOf({ state: 'failed', limit: 9 })).toEqual([failed])
  expect(await idsOf({ state: 'waiting', limit: 9 })).toEqual([waiting])
  expect(await idsOf({ state: 'lost', limit: 9 })).toEqual([])
  expect(await idsOf({ from: 20, until: 30, limit: 9 })).toEqual([waiting])
  expect(await idsOf({ principal: ADA, state: 'failed', from: 11, limit: 9 })).toEqual([])
})

test('runs are found by what they called, once each, and by no name that only begins alike', async () => {
  const both = await addRun(10, {}, ['github.issues.list', 'github.issues.create', 'slack.chat.post'])
  const one = await addRun(20, {}, ['github.issues.list'])
  await addRun(30, {}, ['github_2.issues.list'])
  await addRun(40)
  expect(await listRuns(db, { integration: 'github', limit: 9 })).toMatchObject({ count: 2 })
  expect(await idsOf({ integration: 'github', limit: 9 })).toEqual([one, both])
  expect(await idsOf({ integration: 'slack', limit: 9 })).toEqual([both])
  expect(await idsOf({ tool: 'github.issues.create', limit: 9 })).toEqual([both])
  expect(await idsOf({ tool: 'github.issues', limit: 9 })).toEqual([])
  expect(await idsOf({ integration: 'github', tool: 'slack.chat.post', limit: 9 })).toEqual([both])
})

test('runs are counted up to a bound', async () => {
  await db.run(sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MOST_COUNTED + 5})
    INSERT INTO runs (id, principal, client, code, seed, state, started_at)
    SELECT 'run_' || i, ${ADA}, 't', '', '', 'succeeded', i FROM n`)
  expect((await listRuns(db, { limit: 1 })).count).toBe(MOST_COUNTED + 1)
})

test('no filter reads a table that an index answers for', async () => {
  const filters = [{}, { principal: ADA }, { state: 'waiting' as const }, { state: 'failed' as const }, { from: 1 }]
  for (const filter of [...filters, { integration: 'github' }, { tool: 'github.issues.list' }]) {
    trips.length = 0
    await listRuns(db, { ...filter, limit: 2 })
    for (const statement of trips[0]?.statements ?? []) {
      const bound = Array.from(statement.matchAll(/\?/g), () => 1)
      const plan = await db.$client
        .prepare(`EXPLAIN QUERY PLAN ${statement}`)
        .bind(...bound)
        .all<{ detail: string }>()
      const details = plan.results.map(({ detail }) => detail)
      // Counting everything stops at its bound.
      const isBounded = Object.keys(filter).length === 0 && statement.includes('count(*)')
      const scans = details.filter((detail) => /SCAN (runs|calls)$/.test(detail))
      expect(isBounded ? [] : scans).toEqual([])
      const isByTool = 'tool' in filter || 'integration' in filter
      expect(details.join('\n').includes('SEARCH calls USING COVERING INDEX calls_by_tool')).toBe(isByTool)
    }
  }
})
