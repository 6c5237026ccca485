// A migrated, empty D1 for tests in workerd. Call `freshDatabase()` in `beforeEach`: storage is isolated per file only.
import { applyD1Migrations, type D1Migration, env, reset } from 'cloudflare:test'
import type { RevokeDeps } from '../connections/oauth/revoke.ts'
import { createVault } from '../connections/seal.ts'
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

/** For what is removed where there is no token to give back. */
export function withoutUpstreams(db: Database): RevokeDeps {
  const send = () => Promise.reject(new Error('No upstream is asked for anything here'))
  return {
    db,
    vault: createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' }),
    outbound: { send },
  }
}
