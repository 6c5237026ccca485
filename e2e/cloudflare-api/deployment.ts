// What a test of the setup commands stands on: an account, its API, the Worker's address, and a project.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runSql } from './database-routes.ts'
import { addDatabase, type FakeAccount, type FakeDatabase, FIRST_DATABASE_ID, newAccount } from './fake-account.ts'
import { type FakeCloudflare, startFakeCloudflare } from './fake-cloudflare.ts'
import { type FakeEdge, startFakeEdge } from './fake-edge.ts'
import { deployedConfig, MIGRATIONS, ROOT, smallProject, untouchedConfig } from './project-copy.ts'
import { runScript, type ScriptOptions, type ScriptResult } from './run-script.ts'

export const WORKER = 'executor-cloudflare'
export const HOSTNAME = `${WORKER}.acme.workers.dev`

export type SetupOptions = Partial<Omit<ScriptOptions, 'folder'>> & { token?: string }

export interface TestDeployment {
  folder: string
  account: FakeAccount
  api: FakeCloudflare
  edge: FakeEdge
  config: () => Promise<string>
  deploySetup: (options?: SetupOptions) => Promise<ScriptResult>
  accessSetup: (options?: SetupOptions) => Promise<ScriptResult>
  accessLink: (options?: SetupOptions) => Promise<ScriptResult>
  /** `POST /d1/database` and the like, in order: every call that was not for reading, after the first `from` calls. */
  writes: (from?: number) => string[]
  close: () => Promise<void>
}

export async function startDeployment(folder: string, account: FakeAccount): Promise<TestDeployment> {
  const api = await startFakeCloudflare({ account })
  const edge = await startFakeEdge(account, WORKER)
  const setup =
    (script: string, common: readonly string[] = ['--url', edge.url, '--wait', '0']) =>
    ({ token = 'good-token', args = [], env = {}, ...rest }: SetupOptions = {}) =>
      runScript(script, {
        folder,
        args: [...common, ...args],
        env: {
          CLOUDFLARE_API_BASE_URL: api.baseUrl,
          ...(token !== '' && { CLOUDFLARE_API_TOKEN: token }),
          ...env,
        },
        ...rest,
      })
  return {
    folder,
    account,
    api,
    edge,
    config: () => readFile(join(folder, 'wrangler.jsonc'), 'utf8'),
    deploySetup: setup('deploy-setup.ts'),
    accessSetup: setup('access-setup.ts'),
    accessLink: setup('access-link.ts', []),
    writes: (from = 0) =>
      api.calls
        .slice(from)
        .filter(isWrite)
        .map(({ method, path }) => `${method} ${path}`),
    async close() {
      await edge.close()
      await api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An account with nothing in it unless given, and a project that knows no database. */
export async function startUndeployed(account = newAccount(), config?: string): Promise<TestDeployment> {
  return startDeployment(await smallProject(config ?? (await untouchedConfig())), account)
}

/** As the first deployment leaves account and project. */
export async function startDeployed(config?: string): Promise<TestDeployment> {
  const account = newAccount()
  await migrate(addDatabase(account, 'executor'), MIGRATIONS)
  account.workers.push({
    name: WORKER,
    tag: 'c81a2d22c29840ed9d61681a3270dbff',
    bindings: [
      { name: 'DB', type: 'd1', id: FIRST_DATABASE_ID },
      { name: 'ASSETS', type: 'assets' },
      { name: 'EXECUTOR_SECRET_KEY', type: 'secret_text', text: 'the-key-that-is-there' },
    ],
    compatibilityFlags: ['nodejs_compat', 'global_fetch_strictly_public'],
    compatibilityDate: '2026-10-01',
    mainModule: 'index.js',
    modules: [],
    onWorkersDev: true,
    crons: [],
    hasPreviews: true,
    deployments: 1,
  })
  return startDeployment(await smallProject(config ?? (await deployedConfig())), account)
}

/** What `wrangler d1 migrations apply` does. */
export async function migrate(database: FakeDatabase, names: readonly string[]): Promise<void> {
  runSql(
    database,
    'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
  )
  for (const name of names) {
    const sql = await readFile(join(ROOT, 'drizzle/migrations', name), 'utf8')
    runSql(database, `${sql}\nINSERT INTO d1_migrations (name) VALUES ('${name}')`)
  }
}

export function isWrite({ method, path, json }: { method: string; path: string; json: unknown }): boolean {
  if (method === 'GET') return false
  return !path.endsWith('/query') || !/"sql":"\s*SELECT/i.test(JSON.stringify(json))
}

const bindingsOf = ({ workers }: FakeAccount) => workers.find(({ name }) => name === WORKER)?.bindings ?? []

/** The value of the Worker's one secret; undefined when there is none. */
export function secretKeyOf(account: FakeAccount): unknown {
  return bindingsOf(account).find(({ name, type }) => name === 'EXECUTOR_SECRET_KEY' && type === 'secret_text')?.text
}

export function variablesOf(account: FakeAccount): Record<string, unknown> {
  return Object.fromEntries(
    bindingsOf(account).flatMap(({ name, type, text }) => (type === 'plain_text' ? [[name, text]] : [])),
  )
}

export function setVariables(account: FakeAccount, variables: Record<string, string>): void {
  for (const [name, text] of Object.entries(variables)) bindingsOf(account).push({ name, type: 'plain_text', text })
}
