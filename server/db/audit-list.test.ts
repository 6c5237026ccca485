import { env } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { type AuditAction, auditStatement, chainAudit, trimAudit } from './audit.ts'
import { type AuditFilter, chainedBounds, listAudit, readAudit } from './audit-list.ts'
import { type Database, openDatabase, type RoundTrip } from './database.ts'
import { statement } from './statement.ts'

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

const record = (at: number, actor: string, action: AuditAction, subject: string) =>
  auditStatement(db, { at, actor, action, subject })

async function listed(filter: AuditFilter, page: { before?: number; limit?: number } = {}): Promise<number[]> {
  const rows = await listAudit(db, filter, { limit: 10, ...page })
  return rows.map(({ sequence }) => sequence)
}

async function recordSix() {
  await db.batch([
    record(10, 'person:ada@example.com', 'policy.added', 'github.*'),
    record(20, 'person:bob@example.com', 'connection.added', 'github@work'),
    record(30, 'executor', 'approval.expired', 'github.issues.create'),
    record(40, 'person:ada@example.com', 'policy.changed', 'GitHub.Issues.*'),
    record(50, 'service:100%_robot', 'call.blocked', 'slack.chat.post'),
    record(60, 'person:ada@example.com', 'remembered.added', '100% of_it'),
  ])
}

test.each<[string, AuditFilter, number[]]>([
  ['nothing', {}, [6, 5, 4, 3, 2, 1]],
  ['an actor', { actor: 'person:ada@example.com' }, [6, 4, 1]],
  ['a part of an actor', { actor: 'BOB@' }, [2]],
  ['a group', { group: 'policy' }, [4, 1]],
  ['a group that begins like another', { group: 'remember' }, []],
  ['a text in the subject', { subject: 'issues' }, [4, 3]],
  ['a text that LIKE would take for a pattern', { subject: '100%' }, [6]],
  ['a pattern, as it stands', { actor: '%_r' }, [5]],
  ['a time', { from: 20, to: 40 }, [3, 2]],
  ['several at once', { actor: 'ada', group: 'policy', subject: 'git', from: 20 }, [4]],
])('records are listed newest first, filtered by %s', async (_what, filter, sequences) => {
  await recordSix()
  expect(await listed(filter)).toEqual(sequences)
})

test('a list goes on before the last record of the page before', async () => {
  await recordSix()
  expect(await listed({}, { limit: 2 })).toEqual([6, 5])
  expect(await listed({}, { limit: 2, before: 5 })).toEqual([4, 3])
  expect(await listed({ actor: 'ada' }, { limit: 2, before: 6 })).toEqual([4, 1])
})

test('all of it is read page by page, in order, up to a bound that was set before', async () => {
  const trips: RoundTrip[] = []
  db = openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
  const numbers = JSON.stringify(Array.from({ length: 4500 }, (_, index) => index))
  await statement(
    db,
    sql`INSERT INTO audit (at, actor, action, subject) SELECT value, 'a', 'policy.added', 'x' FROM json_each(${numbers})`,
  )
  await record(1, 'late', 'policy.added', 'x')
  trips.length = 0
  const read: number[] = []
  for await (const { sequence } of readAudit(db, {}, { through: 4500 })) read.push(sequence)
  expect(read).toEqual(Array.from({ length: 4500 }, (_, index) => index + 1))
  expect(trips).toHaveLength(3)
})

test('the bounds name the highest number ever given and what was deleted by age, and everything is chained', async () => {
  expect(await chainedBounds(db)).toEqual({ anchor: null, highest: 0 })
  await recordSix()
  expect(await chainedBounds(db)).toEqual({ anchor: null, highest: 6 })
  expect((await listAudit(db, {}, { limit: 10 })).every(({ hash }) => hash !== null)).toBe(true)
  await chainAudit(db)
  await trimAudit(db, 35)
  await env.DB.exec('DELETE FROM audit WHERE sequence > 4')
  expect(await chainedBounds(db)).toMatchObject({ anchor: { sequence: 3 }, highest: 6 })
})
