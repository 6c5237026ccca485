import { beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { type CallRow, listCalls } from './calls.ts'
import { findConnection, insertConnection } from './connections.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { readRunChunks, RUN_RESULT } from './run-chunks.ts'
import { closeRun, deleteRun, findRun, listRuns, markLostRuns, openRun } from './runs.ts'

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

const run = (id: string, startedAt = 1) => ({
  id,
  principal: 'person:ada@example.com',
  client: 'test',
  code: 'return 1',
  seed: 's',
  state: 'running' as const,
  startedAt,
})

const call = (number: number, more: Partial<CallRow> = {}): CallRow => ({
  runId: 'run_1',
  number,
  kind: 'tool',
  address: 'github.issues.create',
  connectionId: null,
  arguments: '{"title":"Ünïcode 😀"}',
  decision: 'allow',
  state: 'succeeded',
  result: '{"id":1}',
  error: null,
  settleOrder: number,
  startedAt: 1,
  settledAt: 2,
  ...more,
})

test('a run is stored in two round trips, with all its calls, its large result and the connections it used', async () => {
  await insertConnection(db, {
    id: 'con_1',
    integrationId: 'int_1',
    slug: 'work',
    owner: 'org',
    method: { id: 'none', label: '', fields: [], placements: [] },
    values: {},
    origins: [],
    createdBy: 'x',
    createdAt: 1,
    updatedAt: 1,
  })
  trips.length = 0
  const failed = call(2, {
    state: 'failed',
    result: null,
    error: { code: 'upstream_error', message: 'no', status: 500 },
  })
  const large = Array.from({ length: 8 }, (_, index) => call(3 + index, { result: 'r'.repeat(400_000) }))
  const calls = [call(1, { connectionId: 'con_1' }), failed, ...large]

  await openRun(db, run('run_1'))
  await closeRun(db, {
    id: 'run_1',
    end: { state: 'succeeded', result: null, resultBytes: 5, error: null, logs: 'log', endedAt: 9 },
    calls,
    chunks: [
      { number: RUN_RESULT, part: 0, bytes: Uint8Array.of(1, 2) },
      { number: RUN_RESULT, part: 1, bytes: Uint8Array.of(255) },
    ],
    connectionsUsed: ['con_1'],
    now: 7,
  })
  expect(trips).toHaveLength(2)

  expect(await findRun(db, 'run_1')).toMatchObject({ state: 'succeeded', logs: 'log', endedAt: 9 })
  expect(await listCalls(db, 'run_1')).toEqual(calls)
  const chunks = await readRunChunks(db, 'run_1', RUN_RESULT)
  expect(chunks.map((bytes) => Array.from(bytes))).toEqual([[1, 2], [255]])
  expect((await findConnection(db, 'con_1'))?.lastUsedAt).toBe(7)
})

test('deleting a run deletes everything of it and nothing else', async () => {
  for (const id of ['run_1', 'run_2']) {
    await openRun(db, run(id))
    const end = { state: 'failed' as const, result: null, resultBytes: 0, error: null, logs: '', endedAt: 2 }
    const chunks = [{ number: 1, part: 0, bytes: Uint8Array.of(1) }]
    await closeRun(db, { id, end, calls: [call(1, { runId: id })], chunks, now: 2 })
  }
  await deleteRun(db, 'run_1')
  expect(await findRun(db, 'run_1')).toBeUndefined()
  expect(await listCalls(db, 'run_1')).toEqual([])
  expect(await readRunChunks(db, 'run_1', 1)).toEqual([])
  expect(await listCalls(db, 'run_2')).toHaveLength(1)
  expect(await readRunChunks(db, 'run_2', 1)).toHaveLength(1)
})

test('runs are listed newest first, page by page, and per principal', async () => {
  for (const id of ['run_1', 'run_2', 'run_3']) await openRun(db, run(id))
  await openRun(db, { ...run('run_4'), principal: 'service:bot' })
  const first = await listRuns(db, { limit: 2 })
  expect(first.map(({ id }) => id)).toEqual(['run_4', 'run_3'])
  const mine = await listRuns(db, { principal: 'person:ada@example.com', before: 'run_3', limit: 5 })
  expect(mine.map(({ id }) => id)).toEqual(['run_2', 'run_1'])
})

test('a run that outlived its time is marked lost', async () => {
  await openRun(db, run('run_1', 100))
  await openRun(db, run('run_2', 900))
  await markLostRuns(db, 500, 1000)
  expect((await findRun(db, 'run_1'))?.state).toBe('lost')
  expect((await findRun(db, 'run_2'))?.state).toBe('running')
})
