import { beforeEach, expect, test } from 'vitest'
import { approvals, calls, rememberedApprovals, runs } from '../../drizzle/schema.ts'
import { freshDatabase } from '../testing/database.ts'
import {
  countPendingApprovals,
  listDecidedApprovals,
  listPendingApprovals,
  listRememberedApprovals,
  readApproval,
} from './approvals.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'

const ADA = 'person:ada@example.com'
const BOT = 'service:bot'

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

async function ask(id: string, more: Partial<typeof approvals.$inferInsert> = {}): Promise<void> {
  await db.insert(approvals).values({
    id,
    runId: 'run_1',
    number: 1,
    question: 'send',
    principal: ADA,
    client: 'claude 1',
    tool: 'github.issues.create',
    integrationId: 'int_1',
    account: 'github@work',
    effect: 'write',
    summary: 'Create an issue',
    request: { method: 'POST', url: 'https://api.example.com/issues', headers: [], body: '{}' },
    because: 'The default asks.',
    hash: 'h',
    state: 'pending',
    expiresAt: 100,
    createdAt: 1,
    ...more,
  })
}

async function addRun(id: string, state: 'running' | 'waiting' | 'succeeded', result?: string): Promise<void> {
  await db
    .insert(runs)
    .values({ id, principal: ADA, client: 'c', code: 'return 1', seed: '', state, result, startedAt: 1 })
}

test('who waits longest comes first, page by page, and only what belongs to whoever looks', async () => {
  await ask('apr_2', { principal: BOT })
  await ask('apr_1')
  await ask('apr_3')
  await ask('apr_4', { state: 'declined' })
  const ids = async (page: Parameters<typeof listPendingApprovals>[1]) =>
    (await listPendingApprovals(db, page)).map(({ id }) => id)
  expect(await ids({ limit: 2 })).toEqual(['apr_1', 'apr_2'])
  expect(await ids({ limit: 2, after: 'apr_2' })).toEqual(['apr_3'])
  expect(await ids({ principal: ADA, limit: 9 })).toEqual(['apr_1', 'apr_3'])
  expect(await ids({ principal: 'person:eve@example.com', limit: 9 })).toEqual([])
})

test('what waits is counted in one statement, from the index alone', async () => {
  await ask('apr_1')
  await ask('apr_2', { principal: BOT })
  await ask('apr_3', { state: 'expired' })
  expect(await countPendingApprovals(db, {})).toBe(2)
  trips.length = 0
  expect(await countPendingApprovals(db, { principal: ADA })).toBe(1)
  expect(trips.flatMap(({ statements }) => statements)).toHaveLength(1)
  const plan = await db.$client
    .prepare(`EXPLAIN QUERY PLAN ${trips[0]?.statements[0]}`)
    .bind('pending', ADA)
    .all<{ detail: string }>()
  expect(plan.results.map(({ detail }) => detail).join()).toContain('COVERING INDEX approvals_by_state')
})

test('what was decided comes with the latest question first, whatever was decided', async () => {
  for (const [id, state] of [
    ['apr_1', 'approved'],
    ['apr_2', 'answered'],
    ['apr_3', 'declined'],
    ['apr_4', 'pending'],
    ['apr_5', 'expired'],
    ['apr_6', 'cancelled'],
  ] as const) {
    await ask(id, { state })
  }
  await ask('apr_7', { state: 'approved', principal: BOT })
  const ids = async (page: Parameters<typeof listDecidedApprovals>[1]) =>
    (await listDecidedApprovals(db, page)).map(({ id }) => id)
  expect(await ids({ limit: 9 })).toEqual(['apr_7', 'apr_6', 'apr_5', 'apr_3', 'apr_2', 'apr_1'])
  expect(await ids({ principal: ADA, before: 'apr_6', limit: 3 })).toEqual(['apr_5', 'apr_3', 'apr_2'])
})

test('a question comes with its run, its calls and the other questions, in one round trip', async () => {
  await addRun('run_1', 'waiting')
  const call = { runId: 'run_1', kind: 'tool' as const, address: 'github.issues.create', hash: '', startedAt: 1 }
  await db.insert(calls).values([
    { ...call, number: 1, arguments: '{"a":1}', state: 'succeeded', settledAt: 2 },
    { ...call, number: 2, arguments: '{"b":2}', state: 'held' },
    { ...call, runId: 'run_2', number: 1, arguments: '{}', state: 'held' },
  ])
  await ask('apr_1', { number: 2 })
  await ask('apr_2', { number: 3 })
  await ask('apr_3', { number: 1, state: 'approved' })
  await ask('apr_4', { runId: 'run_2' })
  trips.length = 0
  const record = await readApproval(db, 'apr_1')
  expect(trips).toHaveLength(1)
  expect(record).toMatchObject({
    approval: { id: 'apr_1', request: { method: 'POST' } },
    run: { id: 'run_1', state: 'waiting', code: 'return 1' },
    calls: [
      { number: 1, state: 'succeeded', arguments: '' },
      { number: 2, state: 'held', arguments: '{"b":2}' },
    ],
    siblings: [{ id: 'apr_2' }],
  })
  expect(await readApproval(db, 'apr_9')).toBeUndefined()
})

test('the result of a run comes along only while it is short', async () => {
  await addRun('run_1', 'succeeded', '"short"')
  await ask('apr_1', { state: 'approved' })
  expect((await readApproval(db, 'apr_1'))?.run?.result).toBe('"short"')
  await db.update(runs).set({ result: `"${'long'.repeat(2000)}"` })
  expect((await readApproval(db, 'apr_1'))?.run?.result).toBeNull()
})

test('what is remembered is listed while it is in force', async () => {
  await addRun('run_1', 'waiting')
  await addRun('run_2', 'succeeded')
  const remembered = {
    approvalId: 'apr_1',
    principal: ADA,
    integrationId: 'int_1',
    tool: 'github.issues.create',
    account: 'github@work',
    createdBy: ADA,
    createdAt: 1,
  }
  await db.insert(rememberedApprovals).values([
    { ...remembered, id: 'rem_1' },
    { ...remembered, id: 'rem_2', expiresAt: 50 },
    { ...remembered, id: 'rem_3', expiresAt: 51 },
    { ...remembered, id: 'rem_4', runId: 'run_1' },
    { ...remembered, id: 'rem_5', runId: 'run_2' },
    { ...remembered, id: 'rem_6', runId: 'run_deleted' },
    { ...remembered, id: 'rem_7', principal: BOT },
  ])
  const ids = async (page: Parameters<typeof listRememberedApprovals>[1]) =>
    (await listRememberedApprovals(db, page)).map(({ id }) => id)
  expect(await ids({ now: 50, limit: 9 })).toEqual(['rem_7', 'rem_4', 'rem_3', 'rem_1'])
  expect(await ids({ now: 50, principal: ADA, limit: 2 })).toEqual(['rem_4', 'rem_3'])
})
