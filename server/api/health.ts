// `GET /api/health`: what only the inside knows about a deployment, for `npm run doctor`. Booleans, counts and the names
// of migrations; nothing of what is stored, and nothing that helps anybody who is not let in anyway.
import migrations from '../../drizzle/migrations/meta/_journal.json'
import { version } from '../../package.json'
import type { Principal } from '../access/principal.ts'
import { placeOf } from '../connections/attach.ts'
import type { Vault } from '../connections/seal.ts'
import { sampleSealedConnections } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { listAppliedMigrations } from '../db/migrations.ts'

/** The compatibility flags that the Worker cannot do without. */
const FLAGS = ['nodejs_compat', 'global_fetch_strictly_public'] as const

export interface Health {
  /** Nothing below needs anybody's attention. */
  ok: boolean
  version: string
  migrations: {
    /** File name of the newest one that this Worker was built with. */
    latest: string
    /** Built with and not applied, oldest first. */
    pending: string[]
    /** Applied and not known to this Worker: the database belongs to a newer one. */
    unknown: string[]
  }
  /** Some of the connections that hold a secret, a few for every key that sealed any; null before the first migration. */
  secrets: { checked: number; opened: number; /** Of those opened. */ withPreviousKey: number; failed: number } | null
  /** Whether each is in effect. */
  flags: Record<(typeof FLAGS)[number], boolean>
}

export interface HealthDeps {
  db: Database
  vault: Vault
  principal: Principal
  /** Of the runtime; a parameter for tests. */
  compatibilityFlags?: Readonly<Record<string, boolean>>
}

const SAMPLE = { perKey: 10, limit: 50 }

export async function answerHealth(deps: HealthDeps): Promise<Response> {
  const { principal } = deps
  if (principal.kind === 'person' && !principal.isAdmin) {
    const detail = 'Only admins and service tokens can read the state of the deployment.'
    const problem = { title: 'Not allowed', status: 403, detail, code: 'admin_required' }
    return Response.json(problem, { status: 403, headers: { 'content-type': 'application/problem+json' } })
  }
  return Response.json(await readHealth(deps))
}

async function readHealth({ db, vault, compatibilityFlags }: HealthDeps): Promise<Health> {
  const effective = compatibilityFlags ?? Cloudflare.compatibilityFlags
  const built = migrations.entries.map(({ tag }) => `${tag}.sql`)
  const applied = await listAppliedMigrations(db)
  const pending = built.filter((name) => !applied.includes(name))
  const unknown = applied.filter((name) => !built.includes(name))
  const secrets = pending.includes(built[0] ?? '') ? null : await tryKeys(db, vault)
  const flags = {
    nodejs_compat: effective.nodejs_compat === true,
    global_fetch_strictly_public: effective.global_fetch_strictly_public === true,
  }
  const ok = pending.length === 0 && secrets?.failed === 0 && FLAGS.every((flag) => flags[flag])
  return { ok, version, migrations: { latest: built.at(-1) ?? '', pending, unknown }, secrets, flags }
}

async function tryKeys(db: Database, vault: Vault): Promise<NonNullable<Health['secrets']>> {
  const found = { checked: 0, opened: 0, withPreviousKey: 0, failed: 0 }
  for (const connection of await sampleSealedConnections(db, SAMPLE)) {
    found.checked += 1
    if (!(await vault.open(connection.sealed, placeOf(connection))).ok) found.failed += 1
    else if (await vault.usesCurrentKey(connection.sealed)) found.opened += 1
    else {
      found.opened += 1
      found.withPreviousKey += 1
    }
  }
  return found
}
