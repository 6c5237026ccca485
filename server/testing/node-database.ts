// A migrated, empty D1 for tests in Node, for the whole file: dispose of it in `afterAll`.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getPlatformProxy } from 'wrangler'
import { type Database, openDatabase } from '../db/database.ts'

const ROOT = new URL('../../', import.meta.url).pathname

export async function nodeDatabase(): Promise<{ db: Database; dispose: () => Promise<void> }> {
  process.env.WRANGLER_SEND_METRICS ??= 'false'
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= 'false'
  const folder = await mkdtemp(join(tmpdir(), 'executor-d1-'))
  const configPath = join(ROOT, 'wrangler.jsonc')
  const proxy = await getPlatformProxy<{ DB: D1Database }>({ configPath, persist: { path: folder } })
  const { DB: d1 } = proxy.env
  const migrations = join(ROOT, 'drizzle/migrations')
  for (const file of (await readdir(migrations)).filter((name) => name.endsWith('.sql')).sort()) {
    const statements = (await readFile(join(migrations, file), 'utf8')).split('--> statement-breakpoint')
    await d1.batch(statements.map((statement) => d1.prepare(statement)))
  }
  const dispose = async () => {
    await proxy.dispose()
    await rm(folder, { recursive: true, force: true })
  }
  return { db: openDatabase(d1), dispose }
}
