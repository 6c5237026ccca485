import { env } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { rememberPrincipal } from './principals.ts'

let trips: RoundTrip[]
let work: Promise<unknown>[]

beforeEach(async () => {
  await freshDatabase()
  trips = []
  work = []
})

const open = () => openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
const waitUntil = (promise: Promise<unknown>) => void work.push(promise)
const statements = () => trips.reduce((sum, trip) => sum + trip.statements.length, 0)

function letIn(db: Database, id: string, now = 5): Promise<unknown> {
  rememberPrincipal({ db, principal: { id }, waitUntil }, now)
  return Promise.all(work)
}

async function recorded() {
  const rows = await openDatabase(env.DB).query.audit.findMany()
  return rows.map(({ at, actor, action, subject, hash }) => [at, actor, action, subject, hash !== null])
}

test('the first time that a principal is let in is recorded and chained, and no other time', async () => {
  const db = open()
  await letIn(db, 'person:ada@example.com', 5)
  await letIn(db, 'person:ada@example.com', 6)
  await letIn(open(), 'person:ada@example.com', 7)
  await letIn(db, 'service:robot.access', 8)
  expect(await recorded()).toEqual([
    [5, 'person:ada@example.com', 'principal.first_seen', 'person:ada@example.com', true],
    [8, 'service:robot.access', 'principal.first_seen', 'service:robot.access', true],
  ])
  expect(await db.query.principals.findMany()).toEqual([
    { id: 'person:ada@example.com', firstSeenAt: 5 },
    { id: 'service:robot.access', firstSeenAt: 8 },
  ])
})

test('an isolate asks once for each principal, in one statement when they are known', async () => {
  await letIn(open(), 'person:ada@example.com')
  const db = open()
  trips.length = 0
  for (let request = 0; request < 5; request++) await letIn(db, 'person:ada@example.com')
  expect(statements()).toBe(1)
})

test('of isolates that let the same principal in at once, one records it', async () => {
  for (let isolate = 0; isolate < 6; isolate++) void letIn(open(), 'person:ada@example.com')
  await Promise.all(work)
  expect(await recorded()).toHaveLength(1)
})

test('what failed is tried again at the next request', async () => {
  const db = open()
  await env.DB.exec('ALTER TABLE principals RENAME TO elsewhere')
  await expect(letIn(db, 'person:ada@example.com')).rejects.toThrow('principals')
  await env.DB.exec('ALTER TABLE elsewhere RENAME TO principals')
  work = []
  await letIn(db, 'person:ada@example.com')
  expect(await recorded()).toHaveLength(1)
})
