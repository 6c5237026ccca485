// Executor's own address, for links in what cron sends: there is no request to take it from.
import { eq, sql } from 'drizzle-orm'
import { settings } from '../../drizzle/schema.ts'
import type { Database } from './database.ts'

const NAME = 'origin'

/** The last one that each database was told, by this isolate. */
const told = new WeakMap<Database, string>()

/** Stores the origin of a request that was let in, once per isolate and only when it is another. */
export function rememberOrigin(
  { db, waitUntil }: { db: Database; waitUntil: (work: Promise<unknown>) => void },
  origin: string,
  now: number = Date.now(),
): void {
  if (told.get(db) === origin) return
  told.set(db, origin)
  const row = { name: NAME, value: origin, updatedBy: 'executor', updatedAt: now }
  const stored = db
    .insert(settings)
    .values(row)
    .onConflictDoUpdate({
      target: settings.name,
      set: { value: origin, updatedAt: now },
      setWhere: sql`${settings.value} <> ${JSON.stringify(origin)}`,
    })
  waitUntil(Promise.resolve(stored))
}

/** Empty before anybody was ever let in: links are paths then. */
export async function readOrigin(db: Database): Promise<string> {
  const row = await db.select({ value: settings.value }).from(settings).where(eq(settings.name, NAME)).get()
  return typeof row?.value === 'string' ? row.value : ''
}
