import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import type { Database } from './database.ts'
import { DEFAULT_SETTINGS, isHiddenField, readSettings, type Settings, writeSettings } from './settings.ts'

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

const store = (name: string, value: string) =>
  db.run(sql`INSERT OR REPLACE INTO settings VALUES (${name}, ${value}, 'person:ada@example.com', 1)`)

async function write(will: Partial<Settings>): Promise<void> {
  const was = await readSettings(db)
  const change = { was, will: { ...was, ...will }, by: 'person:ada@example.com', now: 2 }
  const [first, ...others] = writeSettings(db, change)
  if (first) await db.batch([first, ...others])
}

test('without anything stored, everything is as it is by default', async () => {
  expect(await readSettings(db)).toEqual(DEFAULT_SETTINGS)
  expect(DEFAULT_SETTINGS).toMatchObject({ runDays: 90, auditDays: 400, approvalDays: 7 })
})

test('what is written is read, and a setting that is set back to its default has no row', async () => {
  await write({ runDays: 30, approvalDays: 90, hiddenFields: ['pin'] })
  expect(await readSettings(db)).toEqual({ runDays: 30, auditDays: 400, approvalDays: 90, hiddenFields: ['pin'] })
  await write({ runDays: 90 })
  const rows = await db.query.settings.findMany()
  expect(rows.map(({ name }) => name).toSorted()).toEqual(['approvalDays', 'hiddenFields'])
  await write({ hiddenFields: [] })
  expect((await readSettings(db)).hiddenFields).toEqual([])
})

test.each<[name: keyof Settings, value: string]>([
  ['runDays', '0'],
  ['runDays', '3651'],
  ['runDays', '1.5'],
  ['runDays', '"30"'],
  ['auditDays', '-1'],
  ['auditDays', 'null'],
  ['approvalDays', '91'],
  ['approvalDays', '{'],
  ['approvalDays', ''],
  ['hiddenFields', '"token"'],
  ['hiddenFields', '[1]'],
  ['hiddenFields', '[""]'],
  ['hiddenFields', `["${'x'.repeat(101)}"]`],
])('a stored %s of %s counts as none, and the others are read', async (name, value) => {
  await store('runDays', '31')
  await store('auditDays', '32')
  await store('approvalDays', '33')
  await store('hiddenFields', '["pin"]')
  await store(name, value)
  const others = { runDays: 31, auditDays: 32, approvalDays: 33, hiddenFields: ['pin'] }
  expect(await readSettings(db)).toEqual({ ...others, [name]: DEFAULT_SETTINGS[name] })
})

test.each([
  ['runDays', 1],
  ['runDays', 3650],
  ['auditDays', 3650],
  ['approvalDays', 1],
  ['approvalDays', 90],
] as const)('%s may be %d', async (name, days) => {
  await write({ [name]: days })
  expect((await readSettings(db))[name]).toBe(days)
})

test('names of fields are compared without case, - and _', () => {
  const hides = (name: string) => isHiddenField(name, DEFAULT_SETTINGS)
  for (const name of [
    'token',
    'Token',
    'apiKey',
    'API-KEY',
    'apikey',
    'client_secret',
    'clientSecret',
    'PRIVATE-KEY',
  ]) {
    expect([name, hides(name)]).toEqual([name, true])
  }
  for (const name of ['tokens', 'title', 'key', '', '_']) expect([name, hides(name)]).toEqual([name, false])
})
