// Straight into the database of a local stack, for what no request can do: the product has no switch for its clock.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** How long to wait for a Worker that is just writing. */
const BUSY_MS = 5000

/** One statement, on the D1 that `stateDir` holds. */
export function runSql(stateDir: string, text: string): Record<string, unknown>[] {
  const databases = join(stateDir, 'v3/d1/miniflare-D1DatabaseObject')
  const file = readdirSync(databases).find((name) => /^[0-9a-f]+\.sqlite$/.test(name))
  if (file === undefined) throw new Error('There is no database yet.')
  const database = new DatabaseSync(join(databases, file), { timeout: BUSY_MS })
  try {
    return database
      .prepare(text)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}
