// Everyone who was ever let in. The first time leaves an audit record.
import { sql } from 'drizzle-orm'
import { auditStatement, chainAudit } from './audit.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export interface RememberPrincipalDeps {
  db: Database
  principal: { id: string }
  waitUntil: (work: Promise<unknown>) => void
}

const MOST_REMEMBERED = 10_000

/** Whom this isolate knows to be stored: for each database, which an isolate opens once. */
const known = new WeakMap<Database, Set<string>>()

/** Called for every request that was let in; asks the database once per principal and isolate, beside the answer. */
export function rememberPrincipal({ db, principal: { id }, waitUntil }: RememberPrincipalDeps, now = Date.now()): void {
  const stored = known.get(db) ?? new Set()
  known.set(db, stored)
  if (stored.has(id)) return
  stored.add(id)
  if (stored.size > MOST_REMEMBERED) stored.delete(stored.values().next().value ?? id)
  waitUntil(
    recordPrincipal(db, id, now).catch((error: unknown) => {
      // The next request tries again.
      stored.delete(id)
      throw error
    }),
  )
}

/** Nothing is written for somebody who is known; of several that record the same one at once, one does. */
async function recordPrincipal(db: Database, id: string, now: number): Promise<void> {
  const isKnown = sql`EXISTS (SELECT 1 FROM principals WHERE id = ${id})`
  const found = await db.get<{ isKnown: number }>(sql`SELECT ${isKnown} AS isKnown`)
  if (found.isKnown) return
  await db.batch([
    auditStatement(db, { at: now, actor: id, action: 'principal.first_seen', subject: id }, sql`NOT ${isKnown}`),
    statement(db, sql`INSERT OR IGNORE INTO principals (id, first_seen_at) VALUES (${id}, ${now})`),
  ])
  await chainAudit(db)
}
