// From a checkout to a deployed Worker, in steps that each look first: what is there already is used, so that the
// command can be run again at any time, also after it was interrupted anywhere.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseSecretKey } from '../../server/connections/secret-key.ts'
import { probeAnonymously } from './anonymous-probe.ts'
import { buildWhenStale } from '../build.ts'
import { logIn, type Login } from './cloudflare-account.ts'
import * as database from './remote-database.ts'
import * as remote from './remote-worker.ts'
import { deployWorker } from './remote-wrangler.ts'
import { type Step, SetupStop } from './setup-steps.ts'
import { CONFIG_FILE, parseWorkerConfig, withDatabaseId, type WorkerConfig } from './worker-config.ts'

export interface DeployOptions {
  root: string
  /** Where to ask from outside; the Worker's own address unless given. */
  url?: string
  /** Goes on with a new key although the database holds secrets of a lost one. */
  isKeyLost?: boolean
  /** How long a new address may take to answer. */
  waitMs?: number
}

export interface Deployment {
  login: Login
  config: WorkerConfig
  /** Where people and agents come in. */
  url: string
  variables: Record<string, string>
}

export async function deploy(step: Step, options: DeployOptions): Promise<Deployment> {
  const { root } = options
  const login = await step('Checking the login', async (done) => {
    const found = await logIn(root, (await readConfig(root)).accountId)
    if ((await readConfig(root)).hasWorkersDev) await remote.workersDevSubdomain(found)
    done(`Cloudflare account ${found.account.name ?? ''} (${found.account.id})`.replace('  ', ' '))
    return found
  })
  const databaseId = await step('Looking for the database and the Worker', (done) => provideDatabase(login, root, done))
  await step(`Writing the database's id into ${CONFIG_FILE}`, (done) => writeDatabaseId(root, databaseId, done))
  const config = await readConfig(root)

  await step('Migrating the database', async (done) => {
    const pending = await database.pendingMigrations(login, databaseId, root, config)
    if (pending.length > 0) await database.migrateDatabase(login, root, config)
    const left = await database.pendingMigrations(login, databaseId, root, config)
    if (left.length > 0) throw new SetupStop(`These migrations are still missing: ${left.join(', ')}.`)
    done(pending.length > 0 ? `Migrated: ${pending.join(', ')}` : 'Every migration is there')
  })
  const key = await step('Looking for the key that seals secrets', (done) =>
    chooseKey(login, config, databaseId, options, done),
  )
  await step('Building', async (done) => {
    await buildWhenStale(root, () => undefined)
    if ((await builtDatabaseId(root)) !== databaseId) throw new Error('The build has another database id.')
    done('Built')
  })
  const before = await remote.readWorker(login, config.name)
  const url = await step(`Deploying the Worker ${config.name}`, async (done) => {
    const targets = await deployWorker({ root, accountId: login.account.id })
    const worker = await remote.readWorker(login, config.name)
    const problems = remote.deploymentProblems(worker, before, databaseId)
    if (problems.length > 0) throw new SetupStop(`The Worker was deployed, but ${problems.join('; ')}.`)
    const [hostname] = await remote.hostnamesOf(login, config)
    const address = hostname === undefined ? targets[0] : `https://${hostname}`
    if (address === undefined)
      throw new SetupStop('The Worker has no address: give it a domain, or turn workers.dev on.')
    done(`Deployed at ${address}`)
    return address
  })
  // Until it has the key, the Worker refuses everybody.
  if (key !== undefined) await step('Uploading the key', (done) => uploadKey(login, config, key, done))
  await step('Asking from outside, without a sign-in', (done) => checkFromOutside(url, options, done))
  return { login, config, url, variables: before?.variables ?? {} }
}

async function readConfig(root: string): Promise<WorkerConfig> {
  return parseWorkerConfig(await readFile(join(root, CONFIG_FILE), 'utf8'))
}

/** Both names are looked up before anything is made: neither may belong to somebody else. */
async function provideDatabase(login: Login, root: string, done: (text: string) => void): Promise<string> {
  const config = await readConfig(root)
  const found = await database.findDatabase(login, config)
  remote.requireOwnWorker(await remote.readWorker(login, config.name), config, found?.id)
  if (found) await database.requireOwnDatabase(login, found, root, config)
  const { id, name } = found ?? (await database.createDatabase(login, config.databaseName))
  done(`${found ? 'Using the D1 database that is there' : 'Made the D1 database'}: ${name} (${id})`)
  return id
}

async function writeDatabaseId(root: string, id: string, done: (text: string) => void): Promise<void> {
  const path = join(root, CONFIG_FILE)
  const text = await readFile(path, 'utf8')
  const changed = withDatabaseId(text, id)
  if (changed !== text) await writeFile(path, changed)
  if ((await readConfig(root)).databaseId !== id) {
    throw new SetupStop(`The id could not be written. Write "database_id": "${id}" into ${CONFIG_FILE} yourself.`)
  }
  done(changed === text ? 'It is there already' : 'Nothing else in the file was changed; commit it')
}

/** The key to upload; undefined when the Worker has one. */
async function chooseKey(
  login: Login,
  { name }: WorkerConfig,
  databaseId: string,
  { isKeyLost = false }: DeployOptions,
  done: (text: string) => void,
): Promise<string | undefined> {
  if (await hasKey(login, name)) {
    done(`The Worker has ${remote.SECRET_KEY}, and keeps it`)
    return undefined
  }
  const given = process.env[remote.SECRET_KEY]
  if (given !== undefined) {
    if (!parseSecretKey(given)) {
      throw new SetupStop(
        `${remote.SECRET_KEY} is no key: at least 32 random bytes, for example from \`openssl rand -base64 32\`.`,
      )
    }
    done(`Taking ${remote.SECRET_KEY} from the environment`)
    return given
  }
  const sealed = isKeyLost ? 0 : await database.countSealed(login, databaseId)
  if (sealed > 0) {
    throw new SetupStop(
      `The database holds ${sealed} connections whose secrets were sealed with a key that the Worker does not have. A new key would not open them.\nGive the key they were sealed with: ${remote.SECRET_KEY}=<key> npm run deploy:setup\nIf it is lost: npm run deploy:setup -- --key-is-lost, and repair each connection in the console.`,
    )
  }
  done('There is none yet; a new one is made')
  return randomBytes(32).toString('base64url')
}

async function uploadKey(login: Login, { name }: WorkerConfig, key: string, done: (text: string) => void) {
  await remote.uploadSecret(login, name, remote.SECRET_KEY, key)
  if (!(await hasKey(login, name))) {
    throw new SetupStop(`${remote.SECRET_KEY} was uploaded and is not there. Run the command again.`)
  }
  done(
    `Uploaded as the secret ${remote.SECRET_KEY}. Cloudflare never shows it again, no copy is kept here, and a lost key cannot be recovered: without it every stored secret has to be entered anew. To hold a copy of your own, make the key yourself and give it as ${remote.SECRET_KEY} on the first run.`,
  )
}

async function hasKey(login: Login, name: string): Promise<boolean> {
  return (await remote.readWorker(login, name))?.secrets.includes(remote.SECRET_KEY) ?? false
}

async function builtDatabaseId(root: string): Promise<string | undefined> {
  const shape = z.object({ d1_databases: z.array(z.object({ binding: z.string(), database_id: z.string() })) })
  const built = shape.parse(JSON.parse(await readFile(join(root, 'build/server/wrangler.json'), 'utf8')))
  return built.d1_databases.find(({ binding }) => binding === 'DB')?.database_id
}

const NEW_ADDRESS_MS = 90_000

async function checkFromOutside(
  address: string,
  { url = address, waitMs = NEW_ADDRESS_MS }: DeployOptions,
  done: (text: string) => void,
): Promise<void> {
  const report = await probeAnonymously(url, { waitMs })
  if (report.ok) return done('/, /api and /mcp refuse a request without a sign-in')
  throw new SetupStop(
    `${url} does not refuse everybody:\n${report.problems.map((line) => `  ${line}`).join('\n')}\nA new address can take some minutes: run the command again. Where something is open, do not use it: \`npx wrangler delete\` takes the Worker down.`,
  )
}
