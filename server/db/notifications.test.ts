import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { freshDatabase } from '../testing/database.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import {
  claimDueNotifications,
  countFailedNotifications,
  deleteOldNotifications,
  deletePendingNotifications,
  findNotification,
  listNotifications,
  makePendingNotificationsDue,
  notificationStatements,
  recordAttempt,
} from './notifications.ts'
import { statement } from './statement.ts'
import { deleteWebhookSetting, putWebhookSetting } from './webhook-setting.ts'

const MINUTE = 60_000
const NOW = 1_700_000_000_000

let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

async function setUpWebhook(at = NOW - 1): Promise<void> {
  await putWebhookSetting(db, { value: { since: at }, updatedBy: 'person:ada@example.com', updatedAt: at })
}

const reason = (text: string) => ({
  event: 'connection.failing' as const,
  payload: {
    connectionId: 'con_1',
    address: 'github@work',
    owner: 'org',
    reason: text,
    link: 'https://executor.example.com/connections/con_1',
  },
})

async function add(id: string, now = NOW): Promise<void> {
  await db.batch(notificationStatements(db, { ...reason(id), id, now }))
}

const claim = (now = NOW, most = 10) => claimDueNotifications(db, { now, until: now + 2 * MINUTE, most })

async function settle(id: string, state: 'delivered' | 'failed', at: number): Promise<void> {
  const row = await findNotification(db, id)
  if (!row) throw new Error(`no ${id}`)
  await recordAttempt(db, row, state === 'failed' ? { state, at, problem: '500' } : { state, at })
}

test('nothing is stored without a webhook, and the same batch stores it with one', async () => {
  await add('ntf_1')
  expect(await listNotifications(db, 20)).toEqual([])
  await setUpWebhook()
  await add('ntf_2')
  expect(await listNotifications(db, 20)).toMatchObject([
    {
      id: 'ntf_2',
      event: 'connection.failing',
      payload: { reason: 'ntf_2' },
      state: 'pending',
      attempts: 0,
      dueAt: NOW,
    },
  ])
})

test('a condition of the caller is asked in the batch, after what stands before it', async () => {
  await setUpWebhook()
  const isThere = sql`EXISTS (SELECT 1 FROM principals WHERE id = 'person:ada') OR 1 = 0`
  const told = () => notificationStatements(db, { ...reason('x'), now: NOW }, isThere)
  await db.batch(told())
  expect(await listNotifications(db, 20)).toEqual([])
  const insert = statement(db, sql`INSERT INTO principals (id, first_seen_at) VALUES (${'person:ada'}, 1)`)
  await db.batch([insert, ...told()])
  expect(await listNotifications(db, 20)).toHaveLength(1)
})

test('no condition of a caller stores anything without a webhook', async () => {
  await db.batch(notificationStatements(db, { ...reason('x'), now: NOW }, sql`1 = 0 OR 1 = 1`))
  expect(await listNotifications(db, 20)).toEqual([])
})

test('texts of a payload are bounded, numbers stay numbers', async () => {
  await setUpWebhook()
  const payload = {
    approvalId: 'apr_1',
    runId: 'run_1',
    tool: 'github.issues.create',
    account: 'github@work',
    principal: 'person:ada@example.com',
    client: 'agent',
    summary: 'x'.repeat(100_000),
    link: 'https://executor.example.com/approvals/apr_1',
    expiresAt: NOW + MINUTE,
    question: 'send' as const,
  }
  await db.batch(notificationStatements(db, { event: 'approval.pending', payload, now: NOW }))
  const [row] = await listNotifications(db, 1)
  expect(String(row?.payload.summary)).toHaveLength(2000)
  expect(row?.payload).toMatchObject({ expiresAt: NOW + MINUTE, question: 'send', link: payload.link })
})

test('what is due is claimed once, the longest due first, and is due again when the claim has run out', async () => {
  await setUpWebhook()
  await add('ntf_later', NOW + MINUTE)
  await add('ntf_b', NOW)
  await add('ntf_a', NOW - 1)
  expect((await claim(NOW, 1)).map(({ id }) => id)).toEqual(['ntf_a'])
  expect(await claim(NOW)).toMatchObject([{ id: 'ntf_b', attempts: 1, dueAt: NOW + 2 * MINUTE }])
  expect(await claim(NOW)).toEqual([])
  expect((await claim(NOW + 2 * MINUTE)).map(({ id, attempts }) => `${id} ${attempts}`).toSorted()).toEqual([
    'ntf_a 2',
    'ntf_b 2',
    'ntf_later 1',
  ])
})

test('of many that claim at once each notification goes to one', async () => {
  await setUpWebhook()
  for (let index = 0; index < 6; index++) await add(`ntf_${index}`)
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(NOW, 2)))
  const ids = claims.flat().map(({ id }) => id)
  expect(ids.toSorted()).toEqual(['ntf_0', 'ntf_1', 'ntf_2', 'ntf_3', 'ntf_4', 'ntf_5'])
})

test('the outcome of a claim that ran out and was claimed again changes nothing', async () => {
  await setUpWebhook()
  await add('ntf_1')
  const [first] = await claim()
  const [second] = await claim(NOW + 2 * MINUTE)
  if (!first || !second) throw new Error('nothing was claimed')
  await recordAttempt(db, first, { state: 'failed', at: NOW, problem: 'late' })
  expect(await findNotification(db, 'ntf_1')).toMatchObject({ state: 'pending', problem: null })
  await recordAttempt(db, second, { state: 'delivered', at: NOW + 3 * MINUTE })
  expect(await findNotification(db, 'ntf_1')).toMatchObject({ state: 'delivered', settledAt: NOW + 3 * MINUTE })
  await recordAttempt(db, second, { state: 'failed', at: NOW, problem: 'again' })
  expect(await findNotification(db, 'ntf_1')).toMatchObject({ state: 'delivered', problem: null })
})

test('what failed is counted since the last success and since the webhook was set', async () => {
  await setUpWebhook()
  for (const id of ['ntf_1', 'ntf_2', 'ntf_3', 'ntf_4']) await add(id)
  await settle('ntf_1', 'failed', NOW + 1)
  await settle('ntf_2', 'failed', NOW + 2)
  expect(await countFailedNotifications(db)).toEqual({ failed: 2, retrying: 0 })
  await settle('ntf_3', 'delivered', NOW + 3)
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 0 })
  await settle('ntf_4', 'failed', NOW + 4)
  expect(await countFailedNotifications(db)).toEqual({ failed: 1, retrying: 0 })
  await setUpWebhook(NOW + 5)
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 0 })
})

test('what is being retried is counted, and nothing without a webhook', async () => {
  await setUpWebhook()
  await add('ntf_1')
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 0 })
  const [row] = await claim()
  if (!row) throw new Error('nothing was claimed')
  await recordAttempt(db, row, { state: 'pending', retryAt: NOW + MINUTE, problem: '503' })
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 1 })
  await settle('ntf_1', 'failed', NOW + 1)
  await deleteWebhookSetting(db)
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 0 })
})

test('counting and claiming read few rows among many that are settled', async () => {
  await setUpWebhook()
  await db.run(sql`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO notifications (id, event, payload, state, due_at, created_at, settled_at)
    SELECT 'ntf_' || i, 'test', '{}', iif(i % 2, 'failed', 'delivered'), i, i, i FROM n`)
  await add('ntf_new')
  trips.length = 0
  await countFailedNotifications(db)
  await claim()
  await listNotifications(db, 20)
  expect(trips).toHaveLength(3)
  expect(Math.max(...trips.map(({ rowsRead }) => rowsRead))).toBeLessThan(50)
})

test('what waits can be made due, dropped, and what is old deleted', async () => {
  await setUpWebhook()
  for (const id of ['ntf_old', 'ntf_new', 'ntf_waits']) await add(id)
  await claim()
  await settle('ntf_old', 'delivered', NOW + 1)
  await settle('ntf_new', 'failed', NOW + 5)
  await makePendingNotificationsDue(db, NOW)
  expect((await claim()).map(({ id }) => id)).toEqual(['ntf_waits'])
  await deleteOldNotifications(db, NOW + 5)
  expect((await listNotifications(db, 20)).map(({ id }) => id)).toEqual(['ntf_waits', 'ntf_new'])
  await deletePendingNotifications(db)
  expect((await listNotifications(db, 20)).map(({ id }) => id)).toEqual(['ntf_new'])
})
