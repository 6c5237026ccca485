// A local D1 of its own for a script: migrated, empty, and gone afterwards.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getPlatformProxy } from 'wrangler'
import { ROOT } from './root.ts'

export interface LocalD1 {
  d1: D1Database
  dispose: () => Promise<void>
}

export async function openLocalD1(): Promise<LocalD1> {
  process.env.WRANGLER_SEND_METRICS ??= 'false'
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= 'false'
  const folder = await mkdtemp(join(tmpdir(), 'executor-d1-'))
  const proxy = await getPlatformProxy<{ DB: D1Database }>({
    configPath: join(ROOT, 'wrangler.jsonc'),
    persist: { path: folder },
  })
  const dispose = async () => {
    await proxy.dispose()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await migrate(proxy.env.DB)
    return { d1: proxy.env.DB, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function migrate(d1: D1Database): Promise<void> {
  const folder = join(ROOT, 'drizzle/migrations')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  for (const file of files) {
    const statements = (await readFile(join(folder, file), 'utf8')).split('--> statement-breakpoint')
    await d1.batch(statements.map((statement) => d1.prepare(statement)))
  }
}
