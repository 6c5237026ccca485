import { beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { type CallRow, listCalls } from './calls.ts'
import { findConnection, insertConnection } from './connections.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { readRunChunks, RUN_RESULT } from './run-chunks.ts'
import { saveRun } from './run-journal.ts'
import { deleteRuns, findRun, listLostRuns, openRun } from './runs.ts'

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
  tool: 'github.issues.create',
  effect: 'write',
  hash: 'h',
  because: null,
  connectionId: null,
  arguments: '{"title":"Ünïcode 😀"}',
  decision: 'allow',
  state: 'succeeded',
  result: '{"id":1}',
  error: null,
  notes: null,
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
  const chunks = [
    { number: RUN_RESULT, part: 0, bytes: Uint8Array.of(1, 2) },
    { number: RUN_RESULT, part: 1, bytes: Uint8Array.of(255) },
  ]
  const end = { state: 'succeeded' as const, leaseUntil: 0, resultBytes: 5, logs: 'log', endedAt: 9 }
  const saved = await saveRun(db, LEASE, { ...nothing, run: end, calls, chunks, connectionsUsed: ['con_1'] })
  expect(saved.isHeld).toBe(true)
  expect(trips).toHaveLength(2)

  expect(await findRun(db, 'run_1')).toMatchObject({ state: 'succeeded', logs: 'log', endedAt: 9 })
  expect(await listCalls(db, 'run_1')).toEqual(calls)
  const parts = await readRunChunks(db, 'run_1', RUN_RESULT)
  expect(parts.map((bytes) => Array.from(bytes))).toEqual([[1, 2], [255]])
  expect((await findConnection(db, 'con_1'))?.lastUsedAt).toBe(7)
})

test('nothing is stored under a lease that is no longer the run’s, and what has settled stays as it is', async () => {
  await openRun(db, run('run_1'))
  const stale = { runId: 'run_1', epoch: 2 }
  const chunks = [{ number: 1, part: 0, bytes: Uint8Array.of(1) }]
  expect(await saveRun(db, stale, { ...nothing, calls: [call(1)], chunks })).toMatchObject({ isHeld: false })
  expect(await listCalls(db, 'run_1')).toEqual([])
  expect(await readRunChunks(db, 'run_1', 1)).toEqual([])
  await saveRun(db, LEASE, { ...nothing, calls: [call(1)] })
  await saveRun(db, LEASE, { ...nothing, calls: [call(1, { result: '"another"' })] })
  expect(await listCalls(db, 'run_1')).toMatchObject([{ result: '{"id":1}' }])
})

test('deleting a run deletes everything of it and nothing else, and only when it has ended', async () => {
  for (const id of ['run_1', 'run_2', 'run_3']) {
    await openRun(db, run(id))
    const chunks = [{ number: 1, part: 0, bytes: Uint8Array.of(1) }]
    const end = id === 'run_3' ? { leaseUntil: 9 } : { state: 'failed' as const, leaseUntil: 0, endedAt: 2 }
    await saveRun(db, { runId: id, epoch: 1 }, { ...nothing, run: end, calls: [call(1, { runId: id })], chunks })
  }
  await db.batch(deleteRuns(db, ['run_1', 'run_3']))
  expect(await findRun(db, 'run_1')).toBeUndefined()
  expect(await listCalls(db, 'run_1')).toEqual([])
  expect(await readRunChunks(db, 'run_1', 1)).toEqual([])
  for (const id of ['run_2', 'run_3']) {
    expect(await listCalls(db, id)).toHaveLength(1)
    expect(await readRunChunks(db, id, 1)).toHaveLength(1)
  }
})

test('a run that was taken up again and again, and is not driven, is lost', async () => {
  await openRun(db, { ...run('run_1'), attempts: 5, leaseUntil: 100 })
  await openRun(db, { ...run('run_2'), attempts: 4, leaseUntil: 100 })
  await openRun(db, { ...run('run_3'), attempts: 5, leaseUntil: 900 })
  expect(await listLostRuns(db, 500, 10)).toEqual(['run_1'])
})

const LEASE = { runId: 'run_1', epoch: 1 }
const nothing = {
  run: { leaseUntil: 50 },
  calls: [],
  chunks: [],
  approvals: [],
  applied: [],
  connectionsUsed: [],
  alongside: [],
  now: 7,
}
