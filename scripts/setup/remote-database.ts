// The D1 database of a deployment: found or made, known to be Executor's, and migrated.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Login } from './cloudflare-account.ts'
import { type CloudflareApi, CloudflareError } from './cloudflare-api.ts'
import { mustRunWrangler } from './remote-wrangler.ts'
import { SetupStop } from './setup-steps.ts'
import { CONFIG_FILE, type WorkerConfig } from './worker-config.ts'

const databaseShape = z.object({ uuid: z.string(), name: z.string() })
const NAME_TAKEN = 7502

export interface FoundDatabase {
  id: string
  name: string
}

/** The database that wrangler.jsonc names, by id or else by name. Undefined when it has to be made. */
export async function findDatabase({ api, account }: Login, config: WorkerConfig): Promise<FoundDatabase | undefined> {
  const base = `/accounts/${account.id}/d1/database`
  const { databaseId, databaseName } = config
  if (databaseId !== undefined) {
    const database = await api.find(`${base}/${databaseId}`, databaseShape)
    if (database) return { id: database.uuid, name: database.name }
    throw new SetupStop(
      `${CONFIG_FILE} names the database ${databaseId}, and this account has none with that id. Is it the right account?\nTo begin with a new database, write the zeros back: "database_id": "00000000-0000-0000-0000-000000000000"`,
    )
  }
  // The API's own filter finds parts of names too.
  const databases = await api.list(`${base}?name=${encodeURIComponent(databaseName)}`, databaseShape)
  const database = databases.find(({ name }) => name === databaseName)
  return database && { id: database.uuid, name: database.name }
}

export async function createDatabase({ api, account }: Login, name: string): Promise<FoundDatabase> {
  const base = `/accounts/${account.id}/d1/database`
  try {
    const created = await api.send('POST', base, { name }, databaseShape)
    const read = await api.get(`${base}/${created.uuid}`, databaseShape)
    return { id: read.uuid, name: read.name }
  } catch (error) {
    if (!(error instanceof CloudflareError && error.codes.includes(NAME_TAKEN))) throw error
    throw new SetupStop(`Somebody made a database "${name}" at this moment. Run the same command again to use it.`)
  }
}

/** Throws when a database of that name holds something that no migration of ours made. */
export async function requireOwnDatabase(login: Login, database: FoundDatabase, root: string, config: WorkerConfig) {
  const rows = await query(
    login,
    database.id,
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_cf!_%' ESCAPE '!'`,
    z.object({ name: z.string() }),
  )
  const tables = rows.map(({ name }) => name).filter((name) => name !== 'd1_migrations')
  if (tables.length === 0) return
  const [first] = await migrationFiles(root, config)
  const isOwn = rows.length > tables.length && (await appliedMigrations(login, database.id)).includes(first ?? '')
  if (isOwn) return
  throw new SetupStop(
    `The database "${database.name}" (${database.id}) holds something else: ${tables.slice(0, 5).join(', ')}. Nothing was changed in it.\nGive Executor's another name in ${CONFIG_FILE} ("database_name") and run the command again.`,
  )
}

export async function migrationFiles(root: string, config: WorkerConfig): Promise<string[]> {
  return (await readdir(join(root, config.migrationsDir))).filter((name) => name.endsWith('.sql')).sort()
}

/** Migrations of this checkout that the database does not have yet. */
export async function pendingMigrations(
  login: Login,
  id: string,
  root: string,
  config: WorkerConfig,
): Promise<string[]> {
  const applied = await appliedMigrations(login, id)
  return (await migrationFiles(root, config)).filter((name) => !applied.includes(name))
}

export async function migrateDatabase({ account }: Login, root: string, config: WorkerConfig): Promise<void> {
  const args = ['d1', 'migrations', 'apply', config.databaseName, '--remote', '--config', CONFIG_FILE]
  await mustRunWrangler('migrate the database', args, { root, accountId: account.id })
}

/** How many connections hold secrets that only the key they were sealed with opens. */
export async function countSealed(login: Login, id: string): Promise<number> {
  const sql = 'SELECT COUNT(*) AS count FROM connections WHERE sealed IS NOT NULL'
  const [row] = await query(login, id, sql, z.object({ count: z.number() }))
  return row?.count ?? 0
}

async function appliedMigrations(login: Login, id: string): Promise<string[]> {
  const table = `SELECT name FROM sqlite_master WHERE name = 'd1_migrations'`
  const shape = z.object({ name: z.string() })
  if ((await query(login, id, table, shape)).length === 0) return []
  return (await query(login, id, 'SELECT name FROM d1_migrations ORDER BY id', shape)).map(({ name }) => name)
}

async function query<T>(
  { api, account }: { api: CloudflareApi; account: { id: string } },
  id: string,
  sql: string,
  row: z.ZodType<T>,
) {
  const shape = z.array(z.object({ results: z.array(row) }))
  const [answer] = await api.send('POST', `/accounts/${account.id}/d1/database/${id}/query`, { sql }, shape)
  return answer?.results ?? []
}
