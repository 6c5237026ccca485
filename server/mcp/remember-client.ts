// Which agents have connected, for the page that shows it. Written beside the answer, never before it, and rarely.
import type { Principal } from '../access/principal.ts'
import { recordClient, touchClient } from '../db/clients.ts'
import type { Database } from '../db/database.ts'
import { introductionOf, shownUserAgent } from './introduction.ts'

export interface RememberDeps {
  db: Database
  principal: Principal
  waitUntil: (work: Promise<unknown>) => void
}

/** A client that goes on working is written down again this often, by each isolate that it reaches. */
export const WRITE_EVERY_MS = 5 * 60 * 1000
const MOST_REMEMBERED = 1000

/** When each client was last written: for each database, which an isolate opens once. */
const written = new WeakMap<Database, Map<string, number>>()

/** `body` is the JSON of a request that was answered. */
export function rememberClient(
  { db, principal, waitUntil }: RememberDeps,
  request: { headers: Headers; body: unknown },
  now = Date.now(),
): void {
  const userAgent = shownUserAgent(request.headers)
  const introduction = introductionOf(request.body)
  // Requests without a name follow the one that had it: writing that one speaks for them too.
  const nameless = JSON.stringify([principal.id, null, userAgent])
  if (!introduction) {
    if (isDue(db, nameless, now)) waitUntil(touchClient(db, { principal: principal.id, userAgent }, now))
    return
  }
  if (!isDue(db, JSON.stringify([principal.id, introduction.name]), now)) return
  isDue(db, nameless, now)
  waitUntil(recordClient(db, { principal: principal.id, ...introduction, userAgent }, now))
}

/** True, and noted as written at `now`, unless it was written a short while ago. */
function isDue(db: Database, key: string, now: number): boolean {
  const times = written.get(db) ?? new Map<string, number>()
  written.set(db, times)
  if (now - (times.get(key) ?? -Infinity) < WRITE_EVERY_MS) return false
  // The oldest note is the first: a note that is renewed goes to the end.
  times.delete(key)
  times.set(key, now)
  if (times.size > MOST_REMEMBERED) times.delete(times.keys().next().value ?? key)
  return true
}
