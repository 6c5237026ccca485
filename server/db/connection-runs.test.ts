import { beforeEach, expect, test } from 'vitest'
import { calls, runs } from '../../drizzle/schema.ts'
import { freshDatabase } from '../testing/database.ts'
import { listRunsThrough } from './connection-runs.ts'
import type { Database } from './database.ts'
import { newId } from './id.ts'

const ADA = 'person:ada@example.com'
const GRACE = 'person:grace@example.com'

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

async function addRun(startedAt: number, principal: string, connectionIds: (string | null)[]): Promise<string> {
  const id = newId('run', startedAt)
  const run = { id, principal, client: 'test', code: '', seed: '', state: 'succeeded' as const, startedAt }
  await db.insert(runs).values(run)
  for (const [index, connectionId] of connectionIds.entries()) {
    const call = { runId: id, number: index + 1, kind: 'tool' as const, arguments: '{}', hash: '', connectionId }
    await db.insert(calls).values({ ...call, state: 'succeeded', startedAt })
  }
  return id
}

test('the newest runs through a connection are found, each once, and no others', async () => {
  const first = await addRun(10, ADA, ['con_a', 'con_a'])
  const second = await addRun(20, GRACE, ['con_b', 'con_a'])
  await addRun(30, ADA, ['con_b', null])
  const found = async (more: { principal?: string; limit: number }) =>
    (await listRunsThrough(db, { id: 'con_a', lastUsedAt: 30 }, more)).map(({ id }) => id)
  expect(await found({ limit: 10 })).toEqual([second, first])
  expect(await found({ limit: 1 })).toEqual([second])
  expect(await found({ limit: 10, principal: ADA })).toEqual([first])
})

test('runs since the last use that was noted are found too', async () => {
  const noted = await addRun(1000, ADA, ['con_a'])
  const since = await addRun(60_000, ADA, ['con_a'])
  const found = await listRunsThrough(db, { id: 'con_a', lastUsedAt: 1500 }, { limit: 10 })
  expect(found.map(({ id }) => id)).toEqual([since, noted])
})

test('a connection that was last used long ago finds its runs behind any number of newer ones', async () => {
  const old = await addRun(10, ADA, ['con_a'])
  const later = 60 * 60_000
  const newer = Array.from({ length: 400 }, (_, at) => ({
    id: newId('run', later + at),
    principal: ADA,
    client: 'test',
    code: '',
    seed: '',
    state: 'succeeded' as const,
    startedAt: later + at,
  }))
  for (let at = 0; at < newer.length; at += 5) await db.insert(runs).values(newer.slice(at, at + 5))
  const found = await listRunsThrough(db, { id: 'con_a', lastUsedAt: 12 }, { limit: 10 })
  expect(found.map(({ id }) => id)).toEqual([old])
  expect(await listRunsThrough(db, { id: 'con_a', lastUsedAt: null }, { limit: 10 })).toEqual([])
})
