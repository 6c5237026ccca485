// Two Executors on one database, behind one local Access and a Worker that chooses between them.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWhenStale } from '../../scripts/build.ts'
import type { RunningTool } from '../../scripts/process-group.ts'
import { ROOT } from '../../scripts/root.ts'
import { migrateDatabase, startWorker } from '../../scripts/wrangler.ts'
import { ADMIN, LOCAL_AUDIENCE } from '../local-access/identities.ts'
import { startLocalAccess } from '../local-access/start-local-access.ts'
import { runSql } from '../local-sql.ts'

export interface TwoWorkers {
  url: string
  /** Of what is sealed. */
  secretKey: string
  start(): Promise<void>
  /** SIGKILL of both, and of everything that serves them. */
  kill(): Promise<void>
  /** Writes only while they are down. */
  sql(text: string): Record<string, unknown>[]
  end(): Promise<void>
}

export async function prepareTwoWorkers(port: number): Promise<TwoWorkers> {
  await buildWhenStale(ROOT, () => undefined)
  const folder = await mkdtemp(join(tmpdir(), 'executor-two-'))
  const stateDir = join(folder, 'state')
  await migrateDatabase(ROOT, stateDir)
  const access = await startLocalAccess({ port, upstream: `http://127.0.0.1:${port + 1}` })
  const secretKey = Buffer.from('the key that both Workers have, of 32 bytes and more').toString('base64')
  const variables = {
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: LOCAL_AUDIENCE,
    ADMIN_EMAILS: ADMIN.email,
    EXECUTOR_SECRET_KEY: secretKey,
    ALLOW_LOCAL_NETWORK: 'true',
  }
  const config = await writeConfigs(folder, variables)
  let worker: RunningTool | undefined
  const kill = async () => {
    await worker?.kill()
    worker = undefined
  }
  return {
    url: access.url,
    secretKey,
    kill,
    async start() {
      const about = { root: ROOT, stateDir, port: port + 1, inspectorPort: 0, variables: {}, onOutput: () => undefined }
      worker = await startWorker({ ...about, config })
    },
    sql: (text) => runSql(stateDir, text),
    async end() {
      await kill()
      await access.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The build under two names, with the variables that the command line gives to one Worker only. */
async function writeConfigs(folder: string, vars: Record<string, string>): Promise<string[]> {
  const built = join(ROOT, 'build/server')
  const config: Record<string, unknown> = JSON.parse(await readFile(join(built, 'wrangler.json'), 'utf8'))
  const assets = { directory: join(ROOT, 'build/client'), binding: 'ASSETS' }
  const executor = (name: string) => ({ ...config, name, main: join(built, 'index.js'), assets, vars })
  const services = ['a', 'b'].map((name) => ({ binding: name.toUpperCase(), service: name }))
  const front = {
    name: 'front',
    main: join(ROOT, 'e2e/refresh/front.ts'),
    compatibility_date: config.compatibility_date,
    services,
  }
  const configs = { front, a: executor('a'), b: executor('b') }
  return Promise.all(
    Object.entries(configs).map(async ([name, content]) => {
      const path = join(folder, `${name}.json`)
      await writeFile(path, JSON.stringify(content))
      return path
    }),
  )
}
