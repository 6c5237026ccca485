// `npm run deploy:setup` from outside, with the real wrangler, against an account that records and enforces.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runSql } from './database-routes.ts'
import {
  HOSTNAME,
  isWrite,
  migrate,
  secretKeyOf,
  setVariables,
  startDeployed,
  startDeployment,
  startUndeployed,
  type TestDeployment,
  variablesOf,
  WORKER,
} from './deployment.ts'
import { addDatabase, type FakeAccount, FIRST_DATABASE_ID, newAccount } from './fake-account.ts'
import { cloneProject, deployedConfig, MIGRATIONS, untouchedConfig } from './project-copy.ts'
import type { ScriptResult } from './run-script.ts'
import { serveUploadedWorker } from './uploaded-worker.ts'

const DATABASE = `/d1/database/${FIRST_DATABASE_ID}`
const SCRIPT = `/workers/scripts/${WORKER}`

// wrangler takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/** A clone of this project, deployed from nothing. */
let first: TestDeployment
let firstRun: ScriptResult
const open: TestDeployment[] = []

beforeAll(async () => {
  first = await startDeployment(await cloneProject(), newAccount())
  firstRun = await first.deploySetup()
})

afterAll(() => first.close())
afterEach(async () => {
  const unknown = open.flatMap(({ api }) => api.unknown)
  for (const deployment of open.splice(0)) await deployment.close()
  if (unknown.length > 0) throw new Error(`The API knows nothing of ${unknown.join(', ')}.`)
})

async function start(starting: Promise<TestDeployment>): Promise<TestDeployment> {
  const deployment = await starting
  open.push(deployment)
  return deployment
}

const appliedMigrations = ({ databases: [database] }: FakeAccount) =>
  database ? runSql(database, 'SELECT name FROM d1_migrations ORDER BY id') : []

const allMigrations = MIGRATIONS.map((name) => ({ name }))

test('from nothing: a database, its migrations, the Worker and its key, and nobody is let in', async () => {
  const { account, api } = first
  expect(firstRun.output).toContain(`Executor is deployed at https://${HOSTNAME}, and lets nobody in yet`)
  expect(firstRun.code).toBe(0)
  expect(api.unknown).toEqual([])

  expect(account.databases.map(({ name, uuid }) => [name, uuid])).toEqual([['executor', FIRST_DATABASE_ID]])
  expect(appliedMigrations(account)).toEqual(allMigrations)
  expect(account.workers).toMatchObject([
    {
      name: WORKER,
      onWorkersDev: true,
      deployments: 1,
      crons: ['* * * * *'],
      compatibilityFlags: ['nodejs_compat', 'global_fetch_strictly_public'],
    },
  ])
  expect(account.workers[0]?.bindings).toContainEqual(
    expect.objectContaining({ name: 'DB', type: 'd1', id: FIRST_DATABASE_ID }),
  )
  expect(secretKeyOf(account)).toMatch(/^[\w-]{43}$/)

  const writes = first.writes()
  expect(writes).toEqual([
    'POST /d1/database',
    ...[...MIGRATIONS, 'their table'].map(() => `POST ${DATABASE}/query`),
    `POST ${SCRIPT}/assets-upload-session`,
    'POST /workers/assets/upload',
    `PUT ${SCRIPT}`,
    `POST ${SCRIPT}/subdomain`,
    `PUT ${SCRIPT}/schedules`,
    `PUT ${SCRIPT}/secrets`,
  ])
})

test('from nothing: wrangler.jsonc differs by the id alone, comments kept', async () => {
  expect(await first.config()).toBe(await deployedConfig())
  expect(await first.config()).toContain('// Without it, a fetch')
})

test('the key is never printed, and what losing it means is said', () => {
  expect(firstRun.output).not.toContain(String(secretKeyOf(first.account)))
  expect(firstRun.output).toContain('a lost key cannot be recovered')
})

test('every step is said before it begins and confirmed after, and what is left has the hostname filled in', () => {
  const lines = firstRun.output.split('\n').filter((line) => /^[→✔]/.test(line))
  expect(lines.filter((_, index) => index % 2 === 0).every((line) => line.startsWith('→'))).toBe(true)
  expect(lines.filter((_, index) => index % 2 === 1).every((line) => line.startsWith('✔'))).toBe(true)
  expect(lines).toHaveLength(18)
  expect(firstRun.output).toContain('npm run access:setup -- --emails')
  expect(firstRun.output).toContain(`Public hostname → ${HOSTNAME}`)
  expect(firstRun.output).toContain('npx wrangler deploy --var ACCESS_AUD:<AUD tag> --var ACCESS_TEAM_DOMAIN:')
})

test('a second time, asking the Worker that was uploaded, with a narrower token: deployed again, and nothing else', async () => {
  const { account } = first
  const key = secretKeyOf(account)
  const worker = await serveUploadedWorker(account)
  try {
    for (const path of ['/', '/api/integrations', '/mcp', '/integrations.data']) {
      const response = await fetch(worker.url + path)
      expect([path, response.status]).toEqual([path, 401])
      expect(await response.text()).toMatch(/ACCESS_AUD.{0,10} is not set/)
    }
    first.edge.worker = async ({ method, url }) => {
      const { status, headers } = await fetch(worker.url + url, { method })
      return { status, headers: { 'www-authenticate': headers.get('www-authenticate') ?? '' } }
    }
    account.tokens.set('narrow', new Set(['d1', 'workers']))
    const before = first.api.calls.length
    const { code, output } = await first.deploySetup({ token: 'narrow', env: { CLOUDFLARE_ACCOUNT_ID: account.id } })
    expect(output).toContain('✔ /, /api and /mcp refuse a request without a sign-in')
    expect(output).toContain('The Worker has EXECUTOR_SECRET_KEY, and keeps it')
    expect(code).toBe(0)
    expect(first.writes(before)).toEqual([
      `POST ${SCRIPT}/assets-upload-session`,
      `POST ${SCRIPT}/versions`,
      `POST ${SCRIPT}/deployments`,
      `PATCH ${SCRIPT}/script-settings`,
      `POST ${SCRIPT}/subdomain`,
      `PUT ${SCRIPT}/schedules`,
    ])
  } finally {
    await worker.stop()
  }
  expect(secretKeyOf(account)).toBe(key)
  expect(await first.config()).toBe(await deployedConfig())
})

test('killed after every announced step and run again: nothing is doubled, nothing lost', async () => {
  const deployment = await start(startUndeployed())
  const killed = new Set<string>()
  let title = ''
  const killAt = (line: string) => {
    if (line.startsWith('→')) title = line
    if (!line.startsWith('✔') || killed.has(title)) return false
    killed.add(title)
    return true
  }
  while ((await deployment.deploySetup({ killAt })).code !== 0) expect(killed.size).toBeLessThan(10)
  for (const step of [
    'login',
    'database and',
    'Writing',
    'Migrating',
    'Looking for the key',
    'Building',
    'Deploying',
  ]) {
    expect([...killed].join()).toContain(step)
  }
  expectOneDeployment(deployment)
})

test('killed after every change took effect, before its answer came: nothing is doubled, nothing lost', async () => {
  const deployment = await start(startUndeployed())
  const changes = new Set<string>()
  let kill = () => {}
  deployment.api.afterEffect = (call) => {
    const sql = call.path.endsWith('/query') ? JSON.stringify(call.json).slice(0, 60) : ''
    const change = `${call.method} ${call.path} ${sql}`
    // A session is only asked for.
    if (!isWrite(call) || call.path.endsWith('-session') || changes.has(change)) return false
    changes.add(change)
    kill()
    return true
  }
  while ((await deployment.deploySetup({ onStart: (stop) => (kill = stop) })).code !== 0) {
    expect(changes.size).toBeLessThan(10 + MIGRATIONS.length)
  }
  // The database, the table of migrations and each of them, the assets, the first upload and its address, a second upload,
  // its release and its settings, the key.
  expect(changes.size).toBe(9 + MIGRATIONS.length)
  expectOneDeployment(deployment)
})

function expectOneDeployment({ account, api, writes }: TestDeployment) {
  expect(account.databases).toHaveLength(1)
  expect(appliedMigrations(account)).toEqual(allMigrations)
  expect(account.workers).toHaveLength(1)
  const keys = api.calls.filter(({ path, method }) => path.endsWith('/secrets') && method === 'PUT')
  expect(keys).toHaveLength(1)
  expect(keys[0]?.json).toMatchObject({ text: secretKeyOf(account) })
  expect(writes().filter((write) => write === 'POST /d1/database')).toHaveLength(1)
}

test('variables given with --var survive a plain deploy, and the end says that Access is set', async () => {
  const deployment = await start(startDeployed())
  const variables = {
    ACCESS_AUD: 'a'.repeat(64),
    ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com',
    ADMIN_EMAILS: 'a@acme.com',
  }
  setVariables(deployment.account, variables)
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(0)
  expect(variablesOf(deployment.account)).toEqual(variables)
  expect(output).toContain('behind Access of acme.cloudflareaccess.com')
  expect(output).not.toContain('access:setup')
})

test('an existing database is used, its rows stay, and only what is missing is migrated', async () => {
  const account = newAccount()
  const database = addDatabase(account, 'executor')
  await migrate(database, MIGRATIONS.slice(0, 1))
  runSql(
    database,
    `INSERT INTO policies (id, pattern, action, created_by, created_at, updated_at) VALUES ('p', '*', 'block', 'person:a', 1, 1)`,
  )
  addDatabase(account, 'executor-old')
  const deployment = await start(startUndeployed(account))
  const { code, output } = await deployment.deploySetup()
  expect(output).toContain('Using the D1 database that is there: executor')
  expect(output).toContain(`✔ Migrated: ${MIGRATIONS.slice(1).join(', ')}\n`)
  expect(code).toBe(0)
  expect(account.databases).toHaveLength(2)
  expect(runSql(database, 'SELECT id FROM policies')).toEqual([{ id: 'p' }])
  expect(await deployment.config()).toBe(await deployedConfig())
})

test('a database of that name with something else in it is left alone', async () => {
  const account = newAccount()
  runSql(addDatabase(account, 'executor'), 'CREATE TABLE invoices (id INTEGER)')
  const deployment = await start(startUndeployed(account))
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(1)
  expect(output).toContain('holds something else: invoices')
  expect(output).toContain('database_name')
  expect(deployment.writes()).toEqual([])
  expect(await deployment.config()).toBe(await untouchedConfig())
})

test.each([
  ['without a database', [], 'has no database DB'],
  ['with another database', [{ name: 'DB', type: 'd1', id: 'another-id' }], 'uses another database, another-id'],
])('a Worker of that name %s is left alone', async (_, bindings, words) => {
  const deployment = await start(startDeployed())
  const [worker] = deployment.account.workers
  if (worker) worker.bindings = bindings
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(1)
  expect(output).toContain(words)
  expect(output).toContain('another name there ("name")')
  expect(deployment.writes()).toEqual([])
})

test('stored secrets without their key: no new key is made behind anybody’s back', async () => {
  const deployment = await start(startDeployed())
  const { account } = deployment
  const [database] = account.databases
  if (!database) throw new Error('not deployed')
  const dropKey = () => {
    for (const worker of account.workers) worker.bindings = worker.bindings.filter(({ type }) => type !== 'secret_text')
  }
  dropKey()
  runSql(
    database,
    `INSERT INTO connections (id, integration_id, slug, owner, method, "values", sealed, origins, created_by, created_at, updated_at) VALUES ('c', 'i', 'work', 'org', 'header', '{}', 'v1.sealed', '[]', 'person:a', 1, 1)`,
  )
  const refused = await deployment.deploySetup()
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('holds 1 connections whose secrets were sealed with a key')
  expect(deployment.writes()).toEqual([])

  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64')
  const given = await deployment.deploySetup({ env: { EXECUTOR_SECRET_KEY: key } })
  expect(given.code).toBe(0)
  expect(given.output).not.toContain(key)
  expect(secretKeyOf(account)).toBe(key)

  dropKey()
  const renewed = await deployment.deploySetup({ args: ['--key-is-lost'] })
  expect(renewed.code).toBe(0)
  expect(secretKeyOf(account)).toMatch(/^[\w-]{43}$/)
})

test('a key that is none is refused before it is uploaded', async () => {
  const deployment = await start(startUndeployed())
  const { code, output } = await deployment.deploySetup({ env: { EXECUTOR_SECRET_KEY: 'hunter2' } })
  expect(code).toBe(1)
  expect(output).toContain('openssl rand -base64 32')
  expect(output).not.toContain('hunter2')
  expect(deployment.account.workers).toEqual([])
})

test('a Worker that lets somebody in ends the command with what is open', async () => {
  const deployment = await start(startDeployed())
  deployment.edge.worker = async ({ url }) =>
    url === '/mcp'
      ? { status: 200, body: '{}' }
      : { status: 401, headers: { 'www-authenticate': 'Bearer realm="Executor"' } }
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(1)
  expect(output).toContain('GET /mcp: not refused (status 200)')
  expect(output).not.toContain('GET /api')
  expect(output).toContain('npx wrangler delete')
})

const failures: [string, (deployment: TestDeployment) => { token?: string } | void, string[]][] = [
  ['not logged in', () => ({ token: '' }), ['You are not logged in to Cloudflare', 'npx wrangler login']],
  [
    'with a token that is not valid',
    () => ({ token: 'old-token' }),
    ['does not accept the login', 'CLOUDFLARE_API_TOKEN'],
  ],
  [
    'with several accounts',
    ({ account }) => void account.otherAccounts.push({ id: 'b', name: 'Beta' }),
    ['has 2 accounts', 'CLOUDFLARE_ACCOUNT_ID=b   # Beta'],
  ],
  [
    'with a token that sees no account',
    ({ account }) => (account.tokens.set('t', new Set(['d1', 'workers'])), { token: 't' }),
    ['sees no account', 'CLOUDFLARE_ACCOUNT_ID=<id>'],
  ],
  [
    'with a token that may not use D1',
    ({ account }) => (account.tokens.set('t', new Set(['account', 'workers'])), { token: 't' }),
    ['GET /accounts/', '/d1/database: Authentication error', 'The login may not do this'],
  ],
  [
    'while the API is down',
    ({ api }) => void (api.outage = 503),
    ['Cloudflare does not answer as it should', 'run the command again later'],
  ],
  [
    'without a workers.dev subdomain',
    ({ account }) => void (account.subdomain = undefined),
    ['no workers.dev subdomain yet', '/workers/onboarding'],
  ],
]

test.each(failures)('%s: the message says what to do next, and nothing was changed', async (_, arrange, words) => {
  const deployment = await start(startUndeployed())
  const { code, output } = await deployment.deploySetup(arrange(deployment) ?? {})
  expect(code).toBe(1)
  for (const word of words) expect(output).toContain(word)
  expect(output).not.toMatch(/^\s+at /m)
  expect(deployment.writes()).toEqual([])
})

test('an id in wrangler.jsonc that the account does not have is not replaced', async () => {
  const config = (await deployedConfig()).replace(FIRST_DATABASE_ID, '11111111-1111-4111-8111-111111111111')
  const deployment = await start(startUndeployed(newAccount(), config))
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(1)
  expect(output).toContain('Is it the right account?')
  expect(await deployment.config()).toBe(config)
  expect(deployment.writes()).toEqual([])
})

test('when wrangler fails, its own words are shown', async () => {
  const deployment = await start(startDeployed())
  deployment.api.afterEffect = ({ path }) => path.endsWith('/versions')
  const { code, output } = await deployment.deploySetup()
  expect(code).toBe(1)
  expect(output).toContain('wrangler could not deploy the Worker. The last it said:')
  expect(output).toContain('run the same command again')
})
