// A migrated, empty D1 for tests in workerd. Call `freshDatabase()` in `beforeEach`: storage is isolated per file only.
import { applyD1Migrations, type D1Migration, env, reset } from 'cloudflare:test'
import { type Database, openDatabase } from '../db/database.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS: D1Migration[]
    }
  }
}

export async function freshDatabase(): Promise<Database> {
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
  return openDatabase(env.DB)
}
