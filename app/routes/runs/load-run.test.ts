import { beforeEach, expect, test } from 'vitest'
import { approvals, calls, runChunks, runs } from '../../../drizzle/schema.ts'
import type { Database } from '../../../server/db/database.ts'
import { RUN_EMITTED, RUN_RESULT } from '../../../server/db/run-chunks.ts'
import { argumentsChunk, pack } from '../../../server/runs/chunks.ts'
import { freshDatabase } from '../../../server/testing/database.ts'
import { ada, bob, robot } from '../../../server/testing/helpdesk.ts'
import { loadRun, parseWanted } from './load-run.ts'

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

const run = { id: 'run_1', principal: bob.id, client: 'c', code: 'return 1', seed: '', startedAt: 1000 }
const call = { runId: 'run_1', kind: 'tool' as const, address: 'crm.a.b', tool: 'crm.a.b', hash: '', startedAt: 1100 }

async function store(number: number, text: string): Promise<void> {
  for (const { part, bytes } of await pack(number, text)) {
    await db.insert(runChunks).values({ runId: 'run_1', number, part, bytes: Buffer.from(bytes) })
  }
}

test('a run is shown to its own principal and to admins; to others there is none', async () => {
  await db.insert(runs).values({ ...run, state: 'succeeded', endedAt: 2000 })
  expect(await loadRun({ db, principal: bob }, 'run_1', undefined)).toMatchObject({ run: { id: 'run_1' } })
  expect(await loadRun({ db, principal: ada }, 'run_1', undefined)).toMatchObject({ run: { id: 'run_1' } })
  expect(await loadRun({ db, principal: robot }, 'run_1', undefined)).toBeUndefined()
  expect(await loadRun({ db, principal: ada }, 'run_2', undefined)).toBeUndefined()
})

test('values that lie in chunks are loaded when they are asked for, one by one', async () => {
  const long = 'x'.repeat(100_000)
  await db.insert(runs).values({ ...run, state: 'succeeded', resultBytes: 100_002, endedAt: 2000 })
  await db.insert(calls).values({ ...call, number: 1, arguments: '', state: 'succeeded', settledAt: 1200 })
  await store(RUN_RESULT, JSON.stringify(long))
  await store(RUN_EMITTED, JSON.stringify([{ token: long }]))
  await store(1, JSON.stringify({ status: 200, headers: {}, data: long }))
  await store(argumentsChunk(1), JSON.stringify({ query: long }))

  const unasked = await loadRun({ db, principal: ada }, 'run_1', undefined)
  expect(unasked).toMatchObject({
    run: { result: { text: null }, emitted: { text: null } },
    calls: [{ arguments: { text: null }, answer: { text: null }, code: null }],
  })
  const result = await loadRun({ db, principal: ada }, 'run_1', 'result')
  expect(result?.run).toMatchObject({ result: { text: `"${long}"`, isWhole: true }, emitted: { text: null } })
  const emitted = await loadRun({ db, principal: ada }, 'run_1', 'emitted')
  expect(emitted?.run.emitted?.text).toContain('"token": "[hidden]"')
  const whole = await loadRun({ db, principal: ada }, 'run_1', 1)
  expect(whole?.calls[0]?.arguments.text).toContain(long)
  expect(whole?.calls[0]?.answer?.text).toContain(long)
})

test('a run that waits for nobody any more is going on', async () => {
  const asked = {
    id: 'apr_1',
    runId: 'run_1',
    number: 1,
    question: 'send' as const,
    principal: bob.id,
    client: 'c',
    tool: 'crm.a.b',
    integrationId: 'int_1',
    account: 'crm',
    effect: 'write' as const,
    summary: 'B',
    request: { method: 'POST', url: 'https://example.com', headers: [], body: null },
    because: '',
    hash: '',
    expiresAt: 9000,
    createdAt: 1100,
  }
  await db.insert(runs).values({ ...run, state: 'waiting' })
  await db.insert(calls).values({ ...call, number: 1, arguments: '{}', state: 'held' })
  await db.insert(approvals).values({ ...asked, state: 'pending' })
  const waiting = await loadRun({ db, principal: bob }, 'run_1', undefined)
  expect(waiting).toMatchObject({
    isGoingOn: false,
    pending: [{ id: 'apr_1' }],
    calls: [{ questions: [{ id: 'apr_1' }] }],
  })
  await db.update(approvals).set({ state: 'approved', decidedBy: ada.id, decidedAt: 1500 })
  expect(await loadRun({ db, principal: bob }, 'run_1', undefined)).toMatchObject({ isGoingOn: true, pending: [] })
})

test.each([
  [null, undefined],
  ['result', 'result'],
  ['emitted', 'emitted'],
  ['12', 12],
  ['logs', undefined],
  ['-1', undefined],
])('?show=%s asks for %s', (text, wanted) => {
  expect(parseWanted(text)).toBe(wanted)
})
