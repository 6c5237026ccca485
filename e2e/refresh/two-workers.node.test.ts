// Two Executors on one database share connections whose tokens have expired, at an authorization server that ends a grant
// when a refresh token comes twice.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealLocally } from '../../scripts/seal-locally.ts'
import { connectAgent, SERVICE_HEADERS } from '../agent.ts'
import { addIntegration, openConsole } from '../console.ts'
import { type AuthorizationServer, type ClientId, startAuthorizationServer } from './authorization-server.ts'
import { prepareTwoWorkers, type TwoWorkers } from './two-workers.ts'

const PORT = 9210
const FAILURES = [408, 425, 429, 500]

let server: AuthorizationServer
let workers: TwoWorkers
/** Refresh tokens that connections begin with, by slug. */
const tokens = new Map<string, string>()

beforeAll(async () => {
  server = await startAuthorizationServer(PORT + 5)
  workers = await prepareTwoWorkers(PORT)
  await workers.start()
  const admin = await openConsole(workers.url)
  await addIntegration(admin, JSON.stringify(documentOf(server.url)), { slug: 'desk' })
  await workers.kill()
  await addConnection('main', 'rotating')
  for (const status of FAILURES) await addConnection(`after${status}`, 'rotating')
  // By a clock that is two minutes ahead of the server's, and by one that is two minutes behind.
  await addConnection('ahead', 'rotating', { isStillGood: true })
  await addConnection('behind', 'rotating', { endsIn: 120_000 })
  await addConnection('heals', 'lenient')
  await addConnection('ends', 'rotating')
  await workers.start()
}, 180_000)

afterAll(async () => {
  await workers?.end()
  await server?.close()
}, 60_000)

test('of 50 calls at once through both Workers one refreshes, and all succeed', async () => {
  const runs = Array.from({ length: 10 }, (_, index) => execute(index % 2 === 0 ? 'a' : 'b', fiveCalls('main')))
  const texts = await Promise.all(runs)
  expect(texts.map((text) => JSON.parse(text))).toEqual(texts.map(() => Array.from({ length: 5 }, () => 'somebody')))
  expect(server.asked).toEqual([tokens.get('main')])
  expect([...server.served.values()]).toEqual([50])
  expect(stored('main')).toMatchObject({ token_version: 2, refresh_epoch: 1, refresh_until: null, health: 'ok' })
}, 60_000)

test.each(FAILURES)(
  'the token endpoint answers %i once: all calls succeed',
  async (status) => {
    const slug = `after${status}`
    const token = tokens.get(slug) ?? ''
    server.failures.set(token, status)
    const texts = await Promise.all(['a', 'b'].map((worker) => execute(worker, fiveCalls(slug))))
    expect(texts.flatMap((text) => JSON.parse(text))).toEqual(Array.from({ length: 10 }, () => 'somebody'))
    expect(server.asked.filter((asked) => asked === token)).toHaveLength(2)
  },
  60_000,
)

test.each(['ahead', 'behind'])(
  'a clock is two minutes %s: all calls succeed',
  async (slug) => {
    const texts = await Promise.all(['a', 'b'].map((worker) => execute(worker, fiveCalls(slug))))
    expect(texts.flatMap((text) => JSON.parse(text))).toEqual(Array.from({ length: 10 }, () => 'somebody'))
    expect(server.asked.filter((asked) => asked === tokens.get(slug))).toHaveLength(1)
  },
  60_000,
)

test('killed between the answer and the store: the old token is tried once, a lenient server heals, the other has ended the grant', async () => {
  const waiting = new Set<string>()
  const answered = new Promise<void>((resolve) => {
    server.onAnswer = (token) => {
      waiting.add(token)
      if (waiting.size === 2) resolve()
      // Nobody is there any more when the last byte comes.
      return killed
    }
  })
  const killed = answered.then(() => workers.kill())
  const lost = [execute('a', oneCall('heals')), execute('b', oneCall('ends'))].map((run) => run.catch(() => 'lost'))
  await killed
  server.onAnswer = () => Promise.resolve()
  expect(waiting).toEqual(new Set(['heals', 'ends'].map((slug) => tokens.get(slug))))
  // Their time, which is the database's, goes by.
  expect(
    workers.sql('UPDATE connections SET refresh_until = 1 WHERE refresh_until IS NOT NULL RETURNING slug'),
  ).toHaveLength(2)
  server.asked.length = 0
  await workers.start()

  const startedAt = Date.now()
  const through = (slug: string) => ['a', 'b', 'a', 'b'].map((worker) => execute(worker, oneCall(slug)))
  const [healed, ended] = await Promise.all([Promise.all(through('heals')), Promise.all(through('ends'))])
  expect(Date.now() - startedAt).toBeLessThan(15_000)
  expect(healed).toEqual(healed.map(() => 'somebody'))
  for (const text of ended) {
    expect(text).toContain('connection_needs_sign_in')
    expect(text).toContain(`${workers.url}/connections/con_ends`)
  }
  expect([server.asked.length, new Set(server.asked)]).toEqual([2, waiting])
  expect(stored('heals')).toMatchObject({ health: 'ok', refresh_until: null, token_version: 2 })
  expect(stored('ends')).toMatchObject({
    health: 'needs_sign_in',
    health_reason: expect.stringMatching(/^A refresh was interrupted after .*\(invalid_grant\)/),
    token_version: 1,
    refresh_until: null,
  })
  await Promise.all(lost)
}, 90_000)

const oneCall = (slug: string) => `return (await tools["desk@${slug}"].items.get()).account`
const fiveCalls = (slug: string) =>
  `const calls = [1, 2, 3, 4, 5].map(() => tools["desk@${slug}"].items.get())
   return (await Promise.all(calls)).map(({ account }) => account)`

/** What the program returns, or the error. */
async function execute(worker: string, code: string): Promise<string> {
  const agent = await connectAgent(workers.url, { ...SERVICE_HEADERS, 'x-executor': worker })
  try {
    return (await agent.execute(code)).text
  } finally {
    void agent.client.close().catch(() => undefined)
  }
}

function stored(slug: string): Record<string, unknown> | undefined {
  return workers.sql(`SELECT * FROM connections WHERE slug = '${slug}'`)[0]
}

/** As it is after somebody has signed in. Its access token has ended, unless the server still takes it. */
async function addConnection(
  slug: string,
  client: ClientId,
  { endsIn = -1000, isStillGood = false }: { endsIn?: number; isStillGood?: boolean } = {},
): Promise<void> {
  const { refreshToken, accessToken } = await server.signIn(client)
  tokens.set(slug, refreshToken)
  const [integration] = workers.sql("SELECT id, auth_methods FROM integrations WHERE slug = 'desk'")
  const methods: { id: string; oauth?: { field: string } }[] = JSON.parse(String(integration?.auth_methods))
  const method = methods.find(({ oauth }) => oauth)
  if (!integration || !method?.oauth) throw new Error('The integration does not sign in with OAuth.')
  const { oauth, ...kept } = method
  const now = Date.now()
  const [id, by] = [`con_${slug}`, 'person:admin@example.com']
  const secrets = { [oauth.field]: isStillGood ? accessToken : 'ended', '.refresh': refreshToken }
  const sealed = await sealLocally(workers.secretKey, secrets, { table: 'connections', row: id, owner: 'org' })
  const grant = {
    grant: 'authorization_code',
    methodId: method.id,
    client: `cli_${client}`,
    server: {
      issuer: server.url,
      tokenEndpoint: `${server.url}/token`,
      sendsIssuer: true,
      acceptsMetadataDocument: false,
    },
    scopesRequested: ['openid'],
    scopesGranted: null,
    canRefresh: true,
    obtainedAt: now - 3_600_000,
  }
  insert('connections', {
    id,
    integration_id: integration.id,
    slug,
    owner: 'org',
    method: JSON.stringify(kept),
    values: '{}',
    sealed,
    origins: JSON.stringify([server.url]),
    oauth: JSON.stringify(grant),
    token_expires_at: now + endsIn,
    token_version: 1,
    health: 'ok',
    created_by: by,
    created_at: now,
    updated_at: now,
  })
  if (workers.sql(`SELECT 1 FROM oauth_clients WHERE id = 'cli_${client}'`).length > 0) return
  insert('oauth_clients', {
    id: `cli_${client}`,
    integration_id: integration.id,
    server: `${server.url}#${client}`,
    kind: 'own',
    client_id: client,
    auth_method: 'none',
    redirect_uri: 'http://localhost/oauth/callback',
    created_by: by,
    created_at: now,
    updated_at: now,
  })
}

function insert(table: string, row: Record<string, unknown>): void {
  const names = Object.keys(row).map((name) => `"${name}"`)
  const values = Object.values(row).map((value) =>
    typeof value === 'number' ? value : `'${String(value).replaceAll("'", "''")}'`,
  )
  workers.sql(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`)
}

function documentOf(url: string): object {
  const account = { type: 'object', properties: { account: { type: 'string' } } }
  const flow = { authorizationUrl: `${url}/auth`, tokenUrl: `${url}/token`, scopes: { openid: 'Who you are' } }
  return {
    openapi: '3.1.0',
    info: { title: 'Desk', version: '1' },
    servers: [{ url }],
    security: [{ login: ['openid'] }],
    components: { securitySchemes: { login: { type: 'oauth2', flows: { authorizationCode: flow } } } },
    paths: {
      '/items': {
        get: {
          operationId: 'items.get',
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: account } } } },
        },
      },
    },
  }
}
