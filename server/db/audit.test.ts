import { env } from 'cloudflare:test'
import { eq, sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { audit } from '../../drizzle/schema.ts'
import { freshDatabase } from '../testing/database.ts'
import { auditStatement, chainAudit, trimAudit } from './audit.ts'
import { hashRecord } from './audit-chain.ts'
import { verifyAudit } from './audit-list.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { statement } from './statement.ts'

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

/** Records from `first` to `last`, each made at ten times its number. */
async function record(first: number, last: number): Promise<void> {
  const entries = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const json = JSON.stringify(entries)
  await statement(
    db,
    sql`INSERT INTO audit (at, actor, action, subject, details)
      SELECT value * 10, 'person:ada@example.com', 'policy.added', 'tool.' || value, '{"action":"block"}'
      FROM json_each(${json})`,
  )
}

const run = (text: string) => env.DB.prepare(text).run()

async function problems(): Promise<string[]> {
  const { isIntact, problems } = await verifyAudit(db)
  expect(isIntact).toBe(problems.length === 0)
  return problems.map(({ message }) => message)
}

test('a record is stored with the change it tells of, or neither is', async () => {
  const entry = { at: 5, actor: 'person:ada@example.com', action: 'policy.added', subject: 'a.*' } as const
  await db.batch([auditStatement(db, { ...entry, details: { action: 'block' } })])
  const failing = [auditStatement(db, entry), statement(db, sql`INSERT INTO audit (sequence) VALUES (1)`)] as const
  await expect(db.batch(failing)).rejects.toThrow('constraint')
  expect(await db.query.audit.findMany()).toEqual([
    { sequence: 1, ...entry, details: '{"action":"block"}', hash: null },
  ])
})

test('a record with a condition is stored only if that holds when the batch comes to it', async () => {
  const entry = { at: 5, actor: 'executor', action: 'settings.changed' } as const
  const isThere = sql`EXISTS (SELECT 1 FROM principals WHERE id = 'p')`
  await db.batch([
    auditStatement(db, { ...entry, subject: 'before' }, isThere),
    statement(db, sql`INSERT INTO principals VALUES ('p', 1)`),
    auditStatement(db, { ...entry, subject: 'after' }, isThere),
  ])
  expect((await db.query.audit.findMany()).map(({ subject }) => subject)).toEqual(['after'])
})

test('long texts and lists of a record are cut', async () => {
  const details = { text: 'x'.repeat(5000), list: Array.from({ length: 150 }, (_, index) => index) }
  await auditStatement(db, { at: 1, actor: 'a', action: 'call.blocked', subject: 'y'.repeat(5000), details })
  const [row] = await db.query.audit.findMany()
  expect(row?.subject).toHaveLength(1000)
  const stored = JSON.parse(row?.details ?? '')
  expect(stored.text).toHaveLength(1000)
  expect(stored.list.slice(-2)).toEqual([99, '… 50 more'])
})

test('records are chained in order, and the same ones always to the same head', async () => {
  await record(1, 3)
  await chainAudit(db)
  await record(4, 5)
  const inSteps = await verifyAudit(db)
  expect(inSteps).toMatchObject({ isIntact: true, rows: 5, first: 1, last: 5, highest: 5, anchor: null })
  db = await freshDatabase()
  await record(1, 5)
  expect((await verifyAudit(db)).head).toBe(inSteps.head)
})

test('an empty audit is intact', async () => {
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 0, first: null, last: null, highest: 0 })
})

test('chaining costs two statements for some hundred records, and one when there are none', async () => {
  const trips: RoundTrip[] = []
  db = openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
  await record(1, 400)
  trips.length = 0
  await chainAudit(db)
  expect(trips.flatMap(({ statements }) => statements)).toHaveLength(2)
  await chainAudit(db)
  expect(trips.flatMap(({ statements }) => statements)).toHaveLength(3)
  // By their numbers, and not by reading the table for each.
  expect(trips[1]?.rowsRead).toBeLessThan(10 * 400)
})

test('isolates that chain at once, while records come, make one chain of all', async () => {
  await record(1, 1300)
  const isolates = Array.from({ length: 5 }, () => openDatabase(env.DB))
  await Promise.all([
    ...isolates.map((isolate) => chainAudit(isolate)),
    record(1301, 1400),
    ...isolates.map((isolate) => chainAudit(isolate)),
    record(1401, 1900),
  ])
  await chainAudit(db)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 1900, highest: 1900 })
})

test('whoever read an older state writes nothing over a newer one', async () => {
  await record(1, 4)
  await chainAudit(db)
  await record(5, 6)
  const paused = pauseBefore('UPDATE audit')
  const late = chainAudit(openDatabase(paused.d1))
  await paused.reached
  await run(`UPDATE audit SET hash = 'ffff' WHERE sequence = 4`)
  paused.goOn()
  await late
  const fifth = await db.query.audit.findFirst({ where: eq(audit.sequence, 5) })
  if (!fifth) throw new Error('no fifth record')
  expect(fifth.hash).toBe(await hashRecord('ffff', fifth))
})

test('records that are chained and deleted by age under the hands of somebody who chains them break nothing', async () => {
  await record(1, 3)
  const paused = pauseBefore('UPDATE audit')
  const late = chainAudit(openDatabase(paused.d1))
  await paused.reached
  await chainAudit(db)
  await trimAudit(db, 1000)
  await record(4, 5)
  paused.goOn()
  await late
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 2, first: 4 })
})

/** The database as a slow isolate sees it: it stops before the first statement that begins like this. */
function pauseBefore(beginning: string) {
  let reach = () => {}
  let goOn = () => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const slow = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, key) {
        if (key === 'bind') return (...values: unknown[]) => slow(target.bind(...values))
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          reach()
          await gate
          return Reflect.apply(member, target, args)
        }
      },
    })
  const d1 = new Proxy(env.DB, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (typeof member !== 'function') return member
      if (key !== 'prepare') return member.bind(target)
      return (query: string) => (query.startsWith(beginning) ? slow(target.prepare(query)) : target.prepare(query))
    },
  })
  return { d1, reached, goOn: () => goOn() }
}

const TAMPERING: [what: string, how: string[], said: string[]][] = [
  ['a changed subject', [`UPDATE audit SET subject = 'x' WHERE sequence = 3`], ['Record 3 is not what was recorded']],
  ['a changed actor', [`UPDATE audit SET actor = 'x' WHERE sequence = 1`], ['Record 1 is not what was recorded']],
  ['a changed time', [`UPDATE audit SET at = at + 1 WHERE sequence = 6`], ['Record 6 is not what was recorded']],
  ['a changed action', [`UPDATE audit SET action = 'x' WHERE sequence = 2`], ['Record 2 is not what was recorded']],
  ['changed details', [`UPDATE audit SET details = '{ }' WHERE sequence = 2`], ['Record 2 is not what was recorded']],
  ['a changed hash', [`UPDATE audit SET hash = 'f' WHERE sequence = 3`], ['Record 3 is not', 'Record 4 is not']],
  ['a removed hash', [`UPDATE audit SET hash = NULL WHERE sequence = 3`], ['Record 3 has no hash']],
  ['a removed record', [`DELETE FROM audit WHERE sequence = 3`], ['Record 3 is missing']],
  ['several removed', [`DELETE FROM audit WHERE sequence IN (2, 3, 5)`], ['Records 2 to 3 are', 'Record 5 is missing']],
  ['a head cut off', [`DELETE FROM audit WHERE sequence < 3`], ['Records 1 to 2 are missing at the beginning']],
  ['a tail cut off', [`DELETE FROM audit WHERE sequence > 4`], ['Records 5 to 6 are missing at the end']],
  ['everything removed', [`DELETE FROM audit`], ['Records 1 to 6 are missing at the end']],
  [
    'two swapped',
    [
      `UPDATE audit SET sequence = -1 WHERE sequence = 3`,
      `UPDATE audit SET sequence = 3 WHERE sequence = 4`,
      `UPDATE audit SET sequence = 4 WHERE sequence = -1`,
    ],
    ['Record 3 is not what', 'Record 4 is not what', 'Record 5 is not what'],
  ],
  [
    'a gap that was closed by renumbering',
    [`DELETE FROM audit WHERE sequence = 3`, `UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3`],
    ['Record 3 is not what', 'Record 4 is not what', 'Record 5 is not what', 'Record 6 is missing at the end'],
  ],
  [
    'one put before all',
    [`INSERT INTO audit VALUES (-5, 1, 'x', 'policy.added', 'x', '{}', 'f')`],
    ['Record -5 is out of place'],
  ],
  [
    'one put at the end with a hash of its own',
    [`INSERT INTO audit VALUES (7, 1, 'x', 'policy.added', 'x', '{}', 'f')`],
    ['Record 7 is not what was recorded'],
  ],
]

test.each(TAMPERING)('%s is found, and its place said', async (_what, how, said) => {
  await record(1, 6)
  await chainAudit(db)
  for (const text of how) await run(text)
  expect(await problems()).toEqual(said.map((beginning) => expect.stringMatching(new RegExp(`^${beginning}`))))
  // What comes later does not cover it up.
  await record(7, 8)
  expect((await problems()).length).toBeGreaterThan(0)
})

test('old records are deleted, and what is left is verified from the anchor on', async () => {
  await record(1, 6)
  const { head } = await verifyAudit(db)
  expect(await trimAudit(db, 35)).toBe(3)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 3, first: 4, head, anchor: { sequence: 3 } })
  await record(7, 8)
  await chainAudit(db)
  expect(await trimAudit(db, 1000)).toBe(5)
  await record(9, 9)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 1, first: 9, anchor: { sequence: 8 } })
})

test('what is not chained yet, and what comes after something younger, stays', async () => {
  await record(1, 2)
  expect(await trimAudit(db, 1000)).toBe(0)
  await chainAudit(db)
  await record(3, 4)
  expect(await trimAudit(db, 15)).toBe(1)
  expect(await trimAudit(db, 1000)).toBe(1)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 2, first: 3 })
})

test('after trimming, a head cut off further, a moved or a lost anchor are found', async () => {
  await record(1, 6)
  await chainAudit(db)
  await trimAudit(db, 25)
  await run(`DELETE FROM audit WHERE sequence = 3`)
  expect(await problems()).toEqual(['Record 3 is missing at the beginning, without having been deleted by age.'])
  await run(`UPDATE settings SET value = json_set(value, '$.sequence', 3) WHERE name = 'audit_anchor'`)
  expect(await problems()).toEqual(['Record 4 is not what was recorded: its hash is another.'])
  await run(`DELETE FROM settings WHERE name = 'audit_anchor'`)
  expect(await problems()).toEqual(['Records 1 to 3 are missing at the beginning, without having been deleted by age.'])
})

test('deleting by age does not cover up what was tampered with', async () => {
  await record(1, 6)
  await chainAudit(db)
  await run(`UPDATE audit SET at = 0, subject = 'x' WHERE sequence = 3`)
  expect(await trimAudit(db, 1000)).toBe(2)
  expect(await trimAudit(db, 1000)).toBe(0)
  expect(await problems()).toEqual(['Record 3 is not what was recorded: its hash is another.'])
})

test('two that delete at once agree on the anchor', async () => {
  await record(1, 2500)
  await chainAudit(db)
  const deleted = await Promise.all([trimAudit(db, 20_005), trimAudit(openDatabase(env.DB), 15_005)])
  expect(deleted[0] + deleted[1]).toBe(2000)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 500, anchor: { sequence: 2000 } })
})

test('chaining goes on after everything was deleted by age', async () => {
  await record(1, 3)
  await chainAudit(db)
  expect(await trimAudit(db, 1000)).toBe(3)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 0, last: null, highest: 3 })
  await record(4, 5)
  expect(await verifyAudit(db)).toMatchObject({ isIntact: true, rows: 2, first: 4, last: 5 })
})
