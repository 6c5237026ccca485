import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/** File names of the migrations that `wrangler d1 migrations apply` has recorded, oldest first; none in a new database. */
export async function listAppliedMigrations(db: Database): Promise<string[]> {
  const recorded = await db.get(sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'`)
  if (!recorded) return []
  const rows = await db.all<{ name: string }>(sql`SELECT name FROM d1_migrations ORDER BY id`)
  return rows.map(({ name }) => name)
}
