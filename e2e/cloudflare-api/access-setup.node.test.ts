// `npm run access:setup` from outside, with the real wrangler, against an account that records and enforces.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import {
  HOSTNAME,
  secretKeyOf,
  setVariables,
  startDeployed,
  type TestDeployment,
  variablesOf,
  WORKER,
} from './deployment.ts'
import { ALL_PERMISSIONS, type FakeAccount, type Json } from './fake-account.ts'
import { untouchedConfig } from './project-copy.ts'

// wrangler takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

const open: TestDeployment[] = []

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

/** The Worker has its variables already, so that telling it needs no wrangler. */
async function startTold(): Promise<TestDeployment> {
  const deployment = await start(startDeployed())
  const { account } = deployment
  setVariables(account, { ACCESS_AUD: account.nextAudience, ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' })
  return deployment
}

const everything = ['--emails', 'Ada@Acme.com,bob@acme.com', '--service-token', 'ci', '--public-client-metadata']
const applicationOf = ({ applications }: FakeAccount, name = WORKER) =>
  applications.find((one) => one.name === name) ?? {}

test('Access from nothing: application, policies, service token, public document, variables, all read back', async () => {
  const deployment = await start(startDeployed())
  const { account } = deployment
  const { code, output } = await deployment.accessSetup({ args: everything })
  expect(output).toContain('✔ Access stands in front of /, /api and /mcp')
  expect(code).toBe(0)

  const [people, services, everyone] = account.policies
  expect(people).toMatchObject({
    decision: 'allow',
    include: [{ email: { email: 'ada@acme.com' } }, { email: { email: 'bob@acme.com' } }],
  })
  const [token] = account.serviceTokens
  expect(services).toMatchObject({ decision: 'non_identity', include: [{ service_token: { token_id: token?.id } }] })
  expect(everyone).toMatchObject({ decision: 'bypass', include: [{ everyone: {} }] })

  const application = applicationOf(account)
  expect(application).toMatchObject({
    type: 'self_hosted',
    destinations: [{ type: 'worker', worker_id: account.workers[0]?.tag }],
    policies: [
      { id: people?.id, precedence: 1 },
      { id: services?.id, precedence: 2 },
    ],
    oauth_configuration: {
      enabled: true,
      grant: { access_token_lifetime: '15m', session_duration: '336h' },
      dynamic_client_registration: { enabled: true, allow_any_on_localhost: true, allow_any_on_loopback: true },
    },
  })
  expect(JSON.stringify(application)).toContain('cursor://anysphere.cursor-mcp/oauth/callback')
  expect(applicationOf(account, `${WORKER}: public client metadata`)).toMatchObject({
    destinations: [{ type: 'public', uri: `${HOSTNAME}/oauth/client-metadata.json` }],
    policies: [{ id: everyone?.id }],
  })
  expect(variablesOf(account)).toEqual({ ACCESS_AUD: application.aud, ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' })
  expect(application.aud).toMatch(/^[\da-f]{64}$/)
  expect(secretKeyOf(account)).toBe('the-key-that-is-there')

  expect(output.split(String(token?.client_secret))).toHaveLength(2)
  expect(output).toContain(`CF-Access-Client-Id: ${String(token?.client_id)}`)
  expect(deployment.writes().filter((write) => write.includes('/access/'))).toEqual([
    'POST /access/policies',
    'POST /access/service_tokens',
    'POST /access/policies',
    'POST /access/apps',
    'POST /access/policies',
    'POST /access/apps',
  ])

  const secrets = ['the-key-that-is-there', String(token?.client_secret)]
  expect(await filesWith(deployment.folder, secrets)).toEqual([])

  const before = deployment.api.calls.length
  const again = await deployment.accessSetup({ args: everything })
  expect(again.code).toBe(0)
  expect(deployment.writes(before)).toEqual([])
  expect(again.output).not.toContain(String(token?.client_secret))
  expect(again.output).toContain('--new-secret makes another')
})

test('killed after every step and every change in Access, and again: one of each, and everything in place', async () => {
  const deployment = await start(startDeployed())
  const killed = new Set<string>()
  let kill = () => {}
  const killOnce = (name: string) => {
    if (killed.has(name)) return false
    killed.add(name)
    kill()
    return true
  }
  deployment.api.afterEffect = ({ method, path, json }) =>
    method !== 'GET' && path.startsWith('/access/') && killOnce(`${method} ${path} ${JSON.stringify(json)}`)
  let title = ''
  const killAt = (line: string) => {
    if (line.startsWith('→')) title = line
    return line.startsWith('✔') && killOnce(title)
  }
  while ((await deployment.accessSetup({ args: everything, onStart: (stop) => (kill = stop), killAt })).code !== 0) {
    expect(killed.size).toBeLessThan(16)
  }
  // Six changes; eight steps before the last, which may end before it is killed.
  expect(killed.size).toBeGreaterThanOrEqual(14)

  const { applications, policies, serviceTokens } = deployment.account
  expect(applications.map(({ name }) => name)).toEqual([WORKER, `${WORKER}: public client metadata`])
  expect(policies).toHaveLength(3)
  expect(serviceTokens).toHaveLength(1)
  expect(applicationOf(deployment.account).policies).toHaveLength(2)
  expect(variablesOf(deployment.account).ACCESS_AUD).toBe(applicationOf(deployment.account).aud)
})

/** As somebody made it in the dashboard, with fields that we have never heard of, behind a page of others. */
function addByHand(account: FakeAccount): Json {
  for (let index = 0; index < 60; index++) {
    account.applications.push({
      id: `other-${index}`,
      name: `Other ${index}`,
      type: 'self_hosted',
      domain: `app${index}.acme.com`,
    })
    account.policies.push({
      id: `policy-${index}`,
      name: `Policy ${index}`,
      decision: 'allow',
      include: [{ everyone: {} }],
    })
  }
  const application = {
    id: 'by-hand',
    aud: account.nextAudience,
    name: 'Our Executor',
    type: 'self_hosted',
    domain: HOSTNAME,
    destinations: [{ type: 'public', uri: HOSTNAME }],
    session_duration: '8h',
    allowed_idps: ['idp-1'],
    policies: [{ id: 'policy-7', precedence: 3 }],
    field_of_tomorrow: { nested: [1, { deep: true }] },
    oauth_configuration: {
      enabled: false,
      novelty: 'kept',
      grant: { session_duration: '24h' },
      dynamic_client_registration: {
        enabled: true,
        allowed_uris: ['https://tool.acme.com/callback'],
        scope_of_tomorrow: 1,
      },
    },
  }
  account.applications.push(application)
  return structuredClone(application)
}

test('an application made by hand is completed, and nothing of it is lost, twice in a row', async () => {
  const deployment = await startTold()
  const { account } = deployment
  const before = addByHand(account)
  const run = await deployment.accessSetup({ args: ['--domain', 'acme.com'] })
  expect(run.code).toBe(0)
  expect(account.applications).toHaveLength(61)
  const after = applicationOf(account, 'Our Executor')
  expect(after).toMatchObject({
    id: 'by-hand',
    aud: before.aud,
    domain: HOSTNAME,
    session_duration: '8h',
    allowed_idps: ['idp-1'],
    field_of_tomorrow: before.field_of_tomorrow,
    destinations: [
      { type: 'public', uri: HOSTNAME },
      { type: 'worker', worker_id: account.workers[0]?.tag },
    ],
    oauth_configuration: {
      enabled: true,
      novelty: 'kept',
      grant: { session_duration: '24h', access_token_lifetime: '15m' },
      dynamic_client_registration: { scope_of_tomorrow: 1, allow_any_on_localhost: true },
    },
  })
  const people = account.policies.at(-1)
  expect(people).toMatchObject({ include: [{ email_domain: { domain: 'acme.com' } }] })
  expect(after.policies).toMatchObject([
    { id: 'policy-7', precedence: 3 },
    { id: people?.id, precedence: 4 },
  ])
  expect(JSON.stringify(after)).toContain('https://tool.acme.com/callback')

  const copy = structuredClone(account.applications)
  const calls = deployment.api.calls.length
  expect((await deployment.accessSetup()).code).toBe(0)
  expect(account.applications).toEqual(copy)
  expect(deployment.writes(calls)).toEqual([])
})

test('somebody more is added to the policy, and whoever was in it stays', async () => {
  const deployment = await startTold()
  const { account } = deployment
  account.policies.push({
    id: 'p',
    name: `${WORKER}: people`,
    decision: 'allow',
    include: [{ group: { id: 'g' } }],
    require: [{ geo: { country_code: 'CH' } }],
    approval_required: true,
  })
  expect((await deployment.accessSetup({ args: ['--emails', 'ada@acme.com'] })).code).toBe(0)
  expect(account.policies).toEqual([
    expect.objectContaining({
      include: [{ group: { id: 'g' } }, { email: { email: 'ada@acme.com' } }],
      require: [{ geo: { country_code: 'CH' } }],
      approval_required: true,
    }),
  ])
})

test('where the API knows no Workers as destinations: every hostname, whole, and the previews', async () => {
  const deployment = await startTold()
  const { account } = deployment
  account.knowsWorkerDestinations = false
  account.domains.push({ hostname: 'executor.acme.com', service: WORKER }, { hostname: 'x.acme.com', service: 'x' })
  const run = await deployment.accessSetup({ args: ['--domain', 'acme.com'] })
  expect(run.code).toBe(0)
  expect(run.output).toContain('over its hostnames and previews')
  const uris = ['executor.acme.com', HOSTNAME, `*-${HOSTNAME}`]
  expect(applicationOf(account).destinations).toEqual(uris.map((uri) => ({ type: 'public', uri })))
  const calls = deployment.api.calls.length
  expect((await deployment.accessSetup()).code).toBe(0)
  expect(deployment.writes(calls)).toEqual([])
})

test.each([
  ['Access', ['account', 'workers', 'd1'], 'GET /accounts/'],
  ['applications', ['account', 'workers', 'organization'], '/access/policies'],
] as const)(
  'without the permission for %s: what to click, with the hostname filled in',
  async (_, permissions, words) => {
    const deployment = await start(startDeployed())
    deployment.account.tokens.set('weak', new Set(permissions))
    const { code, output } = await deployment.accessSetup({ token: 'weak', args: everything })
    expect(code).toBe(1)
    expect(output).toContain(words)
    expect(output).toContain('Access: Apps and Policies: Edit')
    expect(output).toContain(`Public hostname → ${HOSTNAME}, without a path`)
    expect(output).toContain(`https://one.dash.cloudflare.com/${deployment.account.id}/access-controls/apps`)
    expect(output).toContain('Service Tokens → Create: ci')
    expect(output).toContain('path oauth/client-metadata.json')
    expect(output).toContain('https://chatgpt.com/connector/oauth/*')
    expect(deployment.writes()).toEqual([])
  },
)

test('without the permission for service tokens: that is named, and what was found out is filled in', async () => {
  const deployment = await start(startDeployed())
  deployment.account.tokens.set('weak', new Set(ALL_PERMISSIONS.filter((one) => one !== 'service_tokens')))
  const { code, output } = await deployment.accessSetup({ token: 'weak', args: everything })
  expect(code).toBe(1)
  expect(output).toContain('Access: Service Tokens: Edit')
  expect(output).toContain('--var ACCESS_TEAM_DOMAIN:acme.cloudflareaccess.com')
})

test('an audience that was accepted before stays, a placeholder goes, and admins are set on request', async () => {
  const deployment = await start(startDeployed())
  const other = 'c'.repeat(64)
  deployment.account.workers[0]?.bindings.push(
    { name: 'ACCESS_AUD', type: 'plain_text', text: `<AUD tag>, ${other}` },
    { name: 'ADMIN_GROUPS', type: 'plain_text', text: 'ops' },
  )
  const { code } = await deployment.accessSetup({
    args: ['--domain', 'acme.com', '--admins', 'ada@acme.com,bob@acme.com'],
  })
  expect(code).toBe(0)
  expect(variablesOf(deployment.account)).toEqual({
    ACCESS_AUD: `${other},${String(applicationOf(deployment.account).aud)}`,
    ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com',
    ADMIN_EMAILS: 'ada@acme.com,bob@acme.com',
    ADMIN_GROUPS: 'ops',
  })
})

test('a lost secret is replaced by another of the same token, on request only', async () => {
  const deployment = await startTold()
  await deployment.accessSetup({ args: everything })
  const [before] = structuredClone(deployment.account.serviceTokens)
  const { output } = await deployment.accessSetup({ args: [...everything, '--new-secret'] })
  const [after] = deployment.account.serviceTokens
  expect(after).toMatchObject({ id: before?.id, client_id: before?.client_id })
  expect(after?.client_secret).not.toBe(before?.client_secret)
  expect(output).toContain(String(after?.client_secret))
})

test('applications that Access asks first, and policies that let people past it, are pointed at', async () => {
  const deployment = await startTold()
  const { account } = deployment
  addByHand(account)
  account.applications.push({ id: 'scoped', name: 'MCP only', type: 'self_hosted', domain: `${HOSTNAME}/mcp` })
  account.policies.push({ id: 'hole', name: 'Office', decision: 'bypass', include: [{ ip: { ip: '192.0.2.0/24' } }] })
  const own = account.applications.find(({ id }) => id === 'by-hand')
  if (own) own.policies = [{ id: 'hole', precedence: 1 }]
  const { code, output } = await deployment.accessSetup({ args: ['--domain', 'acme.com'] })
  expect(code).toBe(0)
  expect(output).toContain(`! "MCP only" covers ${HOSTNAME}/mcp and is asked first`)
  expect(output).toContain('! The policy "Office" lets everybody it names past Access')
})

const accessFailures: [string, (deployment: TestDeployment) => string[], string][] = [
  [
    'Zero Trust is off',
    ({ account }) => ((account.teamDomain = undefined), ['--domain', 'acme.com']),
    'Choose a team name at https://one.dash.cloudflare.com/',
  ],
  [
    'nothing is deployed',
    ({ account }) => ((account.workers = []), ['--domain', 'acme.com']),
    'First: npm run deploy:setup',
  ],
  ['nobody is named and nobody can be asked', () => [], 'Say who may sign in: --emails'],
  [
    'somebody is named who is no address',
    () => ['--emails', 'ada@acme.com,bob'],
    'neither an email address nor a domain: bob',
  ],
  [
    'a policy of that name does something else',
    ({ account }) => {
      account.policies.push({ id: 'p', name: `${WORKER}: people`, decision: 'deny', include: [{ everyone: {} }] })
      return ['--domain', 'acme.com']
    },
    'has the action deny, not allow',
  ],
]

test.each(accessFailures)('%s: the message says what to do, and nothing was changed', async (_, arrange, words) => {
  const deployment = await start(startDeployed())
  const { code, output } = await deployment.accessSetup({ args: arrange(deployment) })
  expect(code).toBe(1)
  expect(output).toContain(words)
  expect(deployment.writes()).toEqual([])
})

test('a checkout that does not know the database deploys nothing', async () => {
  const deployment = await start(startDeployed(await untouchedConfig()))
  const { code, output } = await deployment.accessSetup({ args: ['--domain', 'acme.com'] })
  expect(code).toBe(1)
  expect(output).toContain('Run npm run deploy:setup here first')
  expect(variablesOf(deployment.account)).toEqual({})
})

async function filesWith(folder: string, secrets: string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1')
    if (secrets.some((secret) => text.includes(secret))) found.push(join(entry.parentPath, entry.name))
  }
  return found
}
