import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { freshDatabase } from '../testing/database.ts'
import { type Database, MAX_BOUND_BYTES, openDatabase, type RoundTrip } from './database.ts'
import { insertPolicy, listPolicies } from './policies.ts'
import { statement } from './statement.ts'

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

const policy = (id: string, note = '') => ({
  id,
  pattern: `${id}.*`,
  action: 'block' as const,
  note,
  createdBy: 'person:ada@example.com',
  createdAt: 1,
  updatedAt: 1,
})

/** The innermost message: Drizzle wraps what D1 says. */
async function refusalOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return 'accepted'
  } catch (error) {
    let innermost = error
    while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause
    return innermost instanceof Error ? innermost.message : String(innermost)
  }
}

test('a value that the real D1 would refuse is refused, in a single statement and in a batch', async () => {
  const note = 'x'.repeat(MAX_BOUND_BYTES + 1)
  expect(await refusalOf(async () => insertPolicy(db, policy('pol_1', note)))).toMatch(/1500001 bytes/)
  expect(await refusalOf(() => db.batch([insertPolicy(db, policy('pol_1', note))]))).toMatch(/1500001 bytes/)
  expect(await refusalOf(async () => statement(db, sql`UPDATE policies SET note = ${note}`))).toMatch(/1500001 bytes/)
  expect(await refusalOf(() => db.$client.prepare('SELECT ?').bind(note).all())).toMatch(/1500001 bytes/)
  expect(await listPolicies(db)).toEqual([])
})

test('what counts is the length in UTF-8, and that of bytes', async () => {
  const euros = '€'.repeat(MAX_BOUND_BYTES / 3)
  const row = await db.get<{ size: number }>(sql`SELECT length(${euros}) AS size`)
  expect(row.size).toBe(MAX_BOUND_BYTES / 3)
  expect(await refusalOf(async () => db.get(sql`SELECT length(${`${euros}€`})`))).toMatch(/1500003 bytes/)
  const bytes = new Uint8Array(MAX_BOUND_BYTES + 1)
  expect(await refusalOf(() => db.$client.prepare('SELECT ?').bind(bytes).all())).toMatch(/1500001 bytes/)
})

test('every round trip is told once, with its statements and the rows it read', async () => {
  await db.batch([insertPolicy(db, policy('pol_1')), insertPolicy(db, policy('pol_2'))])
  await listPolicies(db)
  await db.all(sql`SELECT * FROM policies`)
  expect(trips.map((trip) => trip.statements.length)).toEqual([2, 1, 1])
  expect(trips[2]?.rowsRead).toBe(2)
})

test('a statement in SQL with parameters goes into a batch, and alone', async () => {
  await insertPolicy(db, policy('pol_1'))
  await db.batch([statement(db, sql`UPDATE policies SET note = ${'a'}`), statement(db, sql`DELETE FROM runs`)])
  expect((await listPolicies(db))[0]?.note).toBe('a')
  await statement(db, sql`UPDATE policies SET note = ${'b'} WHERE id = ${'pol_1'}`)
  expect((await listPolicies(db))[0]?.note).toBe('b')
})
