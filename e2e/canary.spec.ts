// After all other journeys: no secret that they used is to be found anywhere, in whatever form, except sealed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { connectAgent } from './agent.ts'
import { CANARY, secretsToFind } from './canary.ts'
import { callEverything } from './canary-upstream.ts'
import { signInCookie } from './console.ts'
import { crawl } from './crawl.ts'
import { createSecretFinder, type Found } from './find-secrets.ts'
import { ADMIN, MEMBER } from './local-access/identities.ts'
import { runSql } from './local-sql.ts'
import { JOURNEYS_STATE, stackOrigins } from './stack-origins.ts'

const STATE = fileURLToPath(new URL(`../${JOURNEYS_STATE}`, import.meta.url))
const SLOW_MS = 600_000

const ALWAYS = [
  '/',
  '/connect',
  '/integrations',
  '/integrations/canary',
  '/connections',
  '/tools',
  '/policies',
  '/approvals',
  '/runs',
  '/audit',
  '/settings',
  '/settings/notifications',
  '/settings/encryption',
  '/api/health',
  '/connections/new?integration=canary',
  '/audit/export',
  '/audit/export?format=csv',
  '/no/such/page',
]

let origin: string

test.beforeAll(({ baseURL }) => {
  origin = stackOrigins(baseURL).access
})

test.describe.configure({ timeout: SLOW_MS })

/** With the key that seals, which may be no more in what people see than what it seals. */
function finder(withKey = true) {
  const key = readFileSync(join(STATE, 'secret-key'), 'utf8').trim()
  const secrets = new Map([...secretsToFind(), ...issuedSecrets()])
  return createSecretFinder(withKey ? secrets.set('the secret key', key) : secrets)
}

/** Every token and client secret that the authorization servers of the stack have given to Executor, spent ones too. */
function issuedSecrets(): Map<string, string> {
  const issued = new Map<string, string>()
  for (const file of ['sample-oauth.json', 'access-oidc.json']) {
    const stored: [string, { payload: { client_secret?: string } }][] = JSON.parse(
      readFileSync(join(STATE, file), 'utf8'),
    )
    for (const [key, { payload }] of stored) {
      const [, kind, token] = /^(AccessToken|RefreshToken):(.+)$/.exec(key) ?? []
      if (kind !== undefined && token !== undefined) issued.set(`${file}, ${kind} ${issued.size}`, token)
      if (payload.client_secret !== undefined) issued.set(`${file}, secret ${issued.size}`, payload.client_secret)
    }
  }
  return issued
}

const canaries = (sql: string) => runSql(STATE, sql)

test('the canaries are there, sealed, and were used', () => {
  const rows = canaries(`SELECT slug, health, sealed, last_used_at FROM connections
    WHERE integration_id = (SELECT id FROM integrations WHERE slug = 'canary') ORDER BY slug`)
  expect(rows.map(({ slug }) => slug)).toEqual(['basic', 'bearer', 'personal', 'query'])
  for (const row of rows) {
    expect(row.sealed).toMatch(/^v1\.[\w-]{8}\.[\w-]{40,}$/)
    expect(row.last_used_at).not.toBeNull()
  }
  expect(canaries("SELECT count(*) AS n FROM calls WHERE tool LIKE 'canary%'")[0]?.n).toBeGreaterThan(30)
  expect(canaries('SELECT count(*) AS n FROM run_chunks')[0]?.n).toBeGreaterThan(0)
})

test('tokens and secrets of sign-ins are among what is searched for', () => {
  const kinds = [...issuedSecrets().keys()].map((name) => name.replace(/ \d+$/, ''))
  expect(new Set(kinds)).toEqual(
    new Set([
      'sample-oauth.json, AccessToken',
      'sample-oauth.json, RefreshToken',
      'sample-oauth.json, secret',
      'access-oidc.json, AccessToken',
      'access-oidc.json, RefreshToken',
    ]),
  )
})

test('no value of any table holds a secret', () => {
  const looked = new Map<string, number>()
  const path = join(STATE, 'v3/d1/miniflare-D1DatabaseObject')
  const file = readdirSync(path).find((name) => /^[0-9a-f]+\.sqlite$/.test(name)) ?? ''
  const found = finder().inDatabase(join(path, file), (table, rows) => looked.set(table, rows))
  expect(found).toEqual([])
  const tables = ['audit', 'calls', 'connections', 'documents', 'notifications', 'run_chunks', 'runs', 'tools']
  for (const table of tables) expect(looked.get(table), table).toBeGreaterThan(0)
})

test("no file of the stack holds a secret: the database's pages, and all that the Worker has printed", () => {
  const log = readFileSync(join(STATE, 'worker.log'), 'utf8')
  expect(log).toContain('"event"')
  expect(finder().inText(log, 'worker.log')).toEqual([])
  // wrangler notes its arguments, of which the key is one here. The other files are of the stand-ins for other services.
  for (const folder of ['v3', 'logs']) expect(finder(false).inFolder(join(STATE, folder))).toEqual([])
})

for (const identity of [ADMIN, MEMBER]) {
  test(`no page shows a secret to ${identity.email}`, async () => {
    const owned = canaries("SELECT id FROM connections WHERE slug IN ('basic', 'bearer', 'personal', 'query')")
    const runs = canaries("SELECT DISTINCT run_id AS id FROM calls WHERE tool LIKE 'canary%'")
    const calls = canaries("SELECT run_id AS id, number FROM calls WHERE tool LIKE 'canary%'")
    const approvals = canaries("SELECT id FROM approvals WHERE tool LIKE 'canary%'")
    const from = [
      ...ALWAYS,
      ...owned.map(({ id }) => `/connections/${String(id)}`),
      ...runs.map(({ id }) => `/runs/${String(id)}`),
      ...calls.map(({ id, number }) => `/runs/${String(id)}?show=${String(number)}`),
      ...approvals.map(({ id }) => `/approvals/${String(id)}`),
    ]
    const find = finder()
    const found: Found[] = []
    const statuses = new Map<string, number>()
    const kinds = await crawl(origin, identity, { from }, ({ address, status, body }) => {
      statuses.set(address, status)
      found.push(...find.inText(body, address))
    })
    expect(found).toEqual([])
    // It has seen something: what a page that is not found or not allowed shows is little.
    const isAdmin = identity === ADMIN
    for (const address of from.filter((each) => /^\/(connections|runs)$|^\/$/.test(each))) {
      expect(statuses.get(address), address).toBe(200)
    }
    expect([...statuses.values()].filter((status) => status >= 500)).toEqual([])
    const opened = [...statuses.values()].filter((status) => status === 200).length
    expect(opened).toBeGreaterThan(isAdmin ? 150 : 40)
    expect(kinds.size).toBeGreaterThan(isAdmin ? 15 : 8)
  })
}

test('no answer to an agent has a secret in it', async () => {
  const find = finder()
  const agent = await connectAgent(origin)
  const answers = [
    // The upstream is gone by now.
    await agent.execute(callEverything('query')),
    await agent.execute("return await tools['canary@nobody'].all.echo({})"),
    await agent.execute("return await tools['canary@query'].all.echo({ wrong: 1 })"),
    await agent.execute('return await tools.canary.all.echo({})'),
    await agent.execute("return await tools.describe('canary.all.echo')"),
    await agent.call('search', { query: 'canary echo' }),
    await agent.call('search', {}),
  ]
  await agent.client.close()
  for (const [index, { whole }] of answers.entries()) expect(find.inText(whole, `answer ${index}`)).toEqual([])
  expect(answers[0]?.whole).toMatch(/unreachable/)
})

test('had a secret been written anywhere, it would have been found', async () => {
  // Into a column that nothing reads, and into an address that a page shows.
  const planted = `planted ${Buffer.from(`x${CANARY.query}`).toString('base64')}`
  runSql(STATE, `INSERT INTO settings VALUES ('canary_planted', '"${planted}"', 'x', 1)`)
  try {
    const path = join(STATE, 'v3/d1/miniflare-D1DatabaseObject')
    const file = readdirSync(path).find((name) => /^[0-9a-f]+\.sqlite$/.test(name)) ?? ''
    expect(finder().inDatabase(join(path, file))).toMatchObject([
      { secret: 'query', form: 'base64', where: expect.stringMatching(/^settings\.value/) },
    ])
    expect(finder(false).inFolder(join(STATE, 'v3'))).not.toEqual([])
  } finally {
    runSql(STATE, "DELETE FROM settings WHERE name = 'canary_planted'")
  }
  const cookie = await signInCookie(origin, ADMIN)
  const response = await fetch(new URL(`/tools?query=${CANARY.bearer}`, origin), {
    headers: { cookie, accept: 'text/html' },
  })
  expect(finder().inText(await response.text(), 'page')).toMatchObject([{ secret: 'bearer', form: 'as it is' }])
})
