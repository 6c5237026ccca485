import { env, reset } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { createVault } from '../connections/seal.ts'
import { insertConnection } from '../db/connections.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { freshDatabase } from '../testing/database.ts'
import { answerHealth, type Health } from './health.ts'

const KEY = 'a1'.repeat(16) + 'b2c3d4e5f6978695'.repeat(2)
const OTHER_KEY = '0123456789abcdef'.repeat(4)
const SERVICE: Principal = { kind: 'service', id: 'service:robot', name: 'robot', isAdmin: false }
const person = (isAdmin: boolean): Principal => ({
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin,
})
const FLAGS = { nodejs_compat: true, global_fetch_strictly_public: true }

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

async function health(changes: Partial<Parameters<typeof answerHealth>[0]> = {}): Promise<Health> {
  const deps = { db, vault: createVault({ key: KEY }), principal: SERVICE, compatibilityFlags: FLAGS, ...changes }
  const response = await answerHealth(deps)
  expect(response.status).toBe(200)
  return response.json<Health>()
}

async function storeConnection(id: string, key: string, sealedFor = id) {
  const place = { table: 'connections', row: sealedFor, owner: 'org' }
  await insertConnection(db, {
    id,
    integrationId: 'int_1',
    slug: id,
    owner: 'org',
    method: { id: 'token', label: 'Token', placements: [], fields: [] },
    values: {},
    sealed: await createVault({ key }).seal({ token: 's3cret' }, place),
    origins: [],
    createdBy: 'person:ada@example.com',
    createdAt: 1,
    updatedAt: 1,
  })
}

test('a deployment without fault says so, with its version and its newest migration', async () => {
  const found = await health()
  expect(found).toMatchObject({ ok: true, migrations: { pending: [], unknown: [] }, flags: FLAGS })
  expect(found.version).toMatch(/^\d+\.\d+\.\d+/)
  expect(found.migrations.latest).toBe(env.TEST_MIGRATIONS.at(-1)?.name)
})

test('a database that nobody migrated has every migration pending, and no secrets to try', async () => {
  await reset()
  const found = await health({ db: openDatabase(env.DB) })
  expect(found).toMatchObject({ ok: false, secrets: null })
  expect(found.migrations.pending).toEqual(env.TEST_MIGRATIONS.map(({ name }) => name))
})

test('migrations of an older and of a newer Worker are told apart', async () => {
  const latest = env.TEST_MIGRATIONS.at(-1)?.name
  await env.DB.prepare('UPDATE d1_migrations SET name = ? WHERE name = ?').bind('9999_later.sql', latest).run()
  expect(await health()).toMatchObject({ ok: false, migrations: { pending: [latest], unknown: ['9999_later.sql'] } })
})

test('secrets of the current key, of the previous one, of neither, and moved ones are counted', async () => {
  await storeConnection('con_1', KEY)
  await storeConnection('con_2', OTHER_KEY)
  await storeConnection('con_3', KEY, 'con_1')
  const both = createVault({ key: KEY, previousKey: OTHER_KEY })
  expect(await health({ vault: both })).toMatchObject({
    ok: false,
    secrets: { checked: 3, opened: 2, withPreviousKey: 1, failed: 1 },
  })
  expect((await health()).secrets).toMatchObject({ opened: 1, failed: 2 })
})

test('a few connections that the current key does not open are found among many that it does', async () => {
  for (let index = 0; index < 30; index += 1) await storeConnection(`con_${index}`, KEY)
  await storeConnection('con_old', OTHER_KEY)
  expect((await health()).secrets).toEqual({ checked: 11, opened: 10, withPreviousKey: 0, failed: 1 })
})

test('the answer holds nothing of what is stored', async () => {
  await storeConnection('con_1', KEY)
  const text = JSON.stringify(await health())
  for (const word of ['s3cret', 'con_1', 'ada', KEY]) expect(text).not.toContain(word)
})

test('a flag that is not in effect is told, and so is what the runtime itself says', async () => {
  expect(await health({ compatibilityFlags: { nodejs_compat: true } })).toMatchObject({
    ok: false,
    flags: { nodejs_compat: true, global_fetch_strictly_public: false },
  })
  const response = await answerHealth({ db, vault: createVault({ key: KEY }), principal: SERVICE })
  expect(await response.json<Health>()).toMatchObject({ flags: FLAGS })
})

test('admins may read it, other people may not', async () => {
  expect((await health({ principal: person(true) })).ok).toBe(true)
  const response = await answerHealth({ db, vault: createVault({ key: KEY }), principal: person(false) })
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({ code: 'admin_required' })
})
