// `npm run access:link` from outside, against an account that records, enforces, and keeps fields that nobody knows.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { setVariables, startDeployed, type TestDeployment, WORKER } from './deployment.ts'
import type { FakeAccount, Json, Permission } from './fake-account.ts'

vi.setConfig({ testTimeout: 120_000 })

const open: TestDeployment[] = []

afterEach(async () => {
  const unknown = open.flatMap(({ api }) => api.unknown)
  for (const deployment of open.splice(0)) await deployment.close()
  if (unknown.length > 0) throw new Error(`The API knows nothing of ${unknown.join(', ')}.`)
})

const EXECUTOR_UID = '11111111-aaaa-4aaa-8aaa-000000000001'
const WIKI = '22222222-bbbb-4bbb-8bbb-000000000002'
const RULE = { linked_app_token: { app_uid: EXECUTOR_UID } }
const SCRIPT_HOST = `${WORKER}.acme.workers.dev`
const yes = ['--apply', '--yes']

const wiki = (more: Json = {}): Json => ({
  id: WIKI,
  uid: WIKI,
  aud: 'b'.repeat(64),
  name: 'Wiki',
  type: 'self_hosted',
  domain: 'wiki.acme.com',
  destinations: [
    { type: 'public', uri: 'wiki.acme.com', overrides: [{ behavior: 'public', path_pattern: '/health' }] },
  ],
  self_hosted_domains: ['wiki.acme.com'],
  session_duration: '8h',
  allowed_idps: ['idp-1'],
  cors_headers: { allowed_origins: ['https://acme.com'], max_age: 5 },
  field_of_tomorrow: { nested: [1, { deep: true }, null], empty: [] },
  another_one: null,
  policies: [
    { id: 'staff', precedence: 2 },
    { id: 'ops', precedence: 5 },
  ],
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2026-09-09T09:09:09Z',
  ...more,
})

/** Executor behind Access as access:setup leaves it, a wiki with two policies, and some more. */
async function start(upstream: Json = wiki()): Promise<TestDeployment & { upstream: () => Json }> {
  const deployment = await startDeployed()
  open.push(deployment)
  const { account } = deployment
  const policy = (id: string, name: string, decision = 'allow') =>
    account.policies.push({ id, name, decision, include: [{ everyone: {} }], novelty: { of: id } })
  policy('people', `${WORKER}: people`)
  policy('services', `${WORKER}: service tokens`, 'non_identity')
  policy('staff', 'Staff')
  policy('ops', 'Operations')
  account.applications.push(
    {
      id: 'executor',
      uid: EXECUTOR_UID,
      aud: 'a'.repeat(64),
      name: WORKER,
      type: 'self_hosted',
      destinations: [{ type: 'worker', worker_id: account.workers[0]?.tag }],
      allowed_idps: ['idp-1'],
      policies: [
        { id: 'people', precedence: 1 },
        { id: 'services', precedence: 2 },
      ],
    },
    upstream,
    { id: 'crm', name: 'CRM', type: 'saas', saas_app: { auth_type: 'saml' } },
    { id: 'desk', name: 'Desk', type: 'vnc', domain: 'desk.acme.com' },
    { id: 'app', name: 'App', type: 'self_hosted', domain: 'app.acme.com' },
    { id: 'app-admin', name: 'App, admin', type: 'self_hosted', domain: 'app.acme.com/admin' },
    { id: 'wild', name: 'Wild', type: 'self_hosted', domain: '*.internal.acme.com' },
  )
  setVariables(account, { ACCESS_AUD: 'a'.repeat(64), ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' })
  return { ...deployment, upstream: () => account.applications.find(({ id }) => id === upstream.id) ?? {} }
}

const withoutTheWritten = (application: Json): Json =>
  Object.fromEntries(Object.entries(application).filter(([name]) => !['policies', 'updated_at'].includes(name)))
const linkOf = ({ policies }: FakeAccount, name = `${WORKER}: linked app token`) =>
  policies.find((one) => one.name === name)

async function keptFiles({ folder }: TestDeployment): Promise<string[]> {
  const path = join(folder, '.wrangler/access-link')
  return (await readdir(path).catch(() => [])).map((name) => join(path, name))
}

test('the link is written, nothing of the application is lost, and the second time nothing is written', async () => {
  const deployment = await start()
  const { account, upstream } = deployment
  const before = structuredClone(upstream())
  const { code, output } = await deployment.accessLink({ args: ['--app', 'wiki.acme.com', ...yes] })
  expect(output).toContain('Written, read again and compared: nothing else has changed')
  expect(code).toBe(0)

  const policy = linkOf(account)
  expect(policy).toMatchObject({ decision: 'non_identity', include: [RULE] })
  expect(withoutTheWritten(upstream())).toEqual(withoutTheWritten(before))
  expect(upstream().policies).toEqual([
    { id: 'staff', precedence: 2 },
    { id: 'ops', precedence: 5 },
    { id: policy?.id, precedence: 6 },
  ])
  expect(deployment.writes()).toEqual(['POST /access/policies', `PUT /access/apps/${WIKI}`])
  // Everything that was read went back: what the API owns too, and policies of others by their id alone.
  const put = deployment.api.calls.find(({ method }) => method === 'PUT')
  expect(put?.json).toEqual({ ...before, policies: upstream().policies })

  expect(output).toContain('Everybody who may sign in to "executor-cloudflare" gets through Access to "Wiki"')
  expect(output).toMatch(/Allow\s+executor-cloudflare: people\n\s+Service Auth\s+executor-cloudflare: service tokens/)
  expect(output).toContain('The policies of "Wiki" are not what admits these requests')
  expect(output).toContain('"Wiki" itself must decide by the person')
  expect(output).toContain('"Access (as the signed-in person)"')
  // Said before it was done.
  expect(output.indexOf('Whom this lets in')).toBeLessThan(output.indexOf('→ The policy'))

  const copy = structuredClone({ applications: account.applications, policies: account.policies })
  const calls = deployment.api.calls.length
  const again = await deployment.accessLink({ args: ['--app', 'https://wiki.acme.com/some/page', ...yes] })
  expect(again.code).toBe(0)
  expect(again.output).toContain(
    `"Wiki" is already linked, by the policy "${WORKER}: linked app token". Nothing is written.`,
  )
  expect(deployment.writes(calls)).toEqual([])
  expect({ applications: account.applications, policies: account.policies }).toEqual(copy)
})

test('what was read is kept in a file for its owner only, which git does not see', async () => {
  const deployment = await start()
  const { output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  const [file = '', ...others] = await keptFiles(deployment)
  expect(others).toEqual([])
  expect(output).toContain(file.slice(deployment.folder.length + 1))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const kept: Json = JSON.parse(await readFile(file, 'utf8'))
  expect(kept).toMatchObject(withoutTheWritten(wiki()))
  expect(kept.policies).toMatchObject([{ id: 'staff', name: 'Staff' }, { id: 'ops' }])
  expect(await readFile(join(import.meta.dirname, '../../.gitignore'), 'utf8')).toMatch(/^\.wrangler\/$/m)
})

test('a dry run shows each field, and writes nothing to the account nor to the disk', async () => {
  const deployment = await start()
  const before = structuredClone(deployment.account.applications)
  const { code, output } = await deployment.accessLink({ args: ['--app', 'wiki.acme.com'] })
  expect(code).toBe(0)
  expect(output).toContain(`+ name: "${WORKER}: linked app token"`)
  expect(output).toContain('+ decision: "non_identity"')
  expect(output).toContain(`+ include: ${JSON.stringify([RULE])}`)
  expect(output).toContain('+ policies[2]: {"id":"<id of the new policy>","precedence":6}')
  expect(output).toContain('= 2 policies and 15 other fields go back exactly as they were read')
  expect(output).toContain('The same command with --apply does it')
  expect(output).toContain('Whom this lets in')
  expect(deployment.writes()).toEqual([])
  expect(deployment.account.applications).toEqual(before)
  expect(await keptFiles(deployment)).toEqual([])
})

test('without --yes and without anybody to ask, nothing is written', async () => {
  const deployment = await start()
  const { code, output } = await deployment.accessLink({ args: ['--app', 'wiki.acme.com', '--apply'] })
  expect(code).toBe(1)
  expect(output).toContain('There is nobody to ask: add --yes')
  expect(output).toContain('Whom this lets in')
  expect(deployment.writes()).toEqual([])
})

const policyOf = (more: Json) => ({ decision: 'non_identity', include: [RULE], name: 'Ours', ...more })

test('a reusable policy that says the same is used, whatever it is called', async () => {
  const deployment = await start()
  deployment.account.policies.push(
    policyOf({ id: 'narrow', name: 'Narrow', require: [{ geo: { country_code: 'CH' } }] }),
    policyOf({ id: 'wide', name: 'Wide', include: [RULE, { everyone: {} }] }),
    policyOf({ id: 'ours' }),
  )
  expect((await deployment.accessLink({ args: ['--app', WIKI, ...yes] })).code).toBe(0)
  expect(deployment.writes()).toEqual([`PUT /access/apps/${WIKI}`])
  expect(deployment.upstream().policies).toContainEqual({ id: 'ours', precedence: 6 })
})

test('a policy of that name that says something else is left alone', async () => {
  const deployment = await start()
  deployment.account.policies.push(
    policyOf({ id: 'x', name: `${WORKER}: linked app token`, include: [{ everyone: {} }] }),
  )
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('is there and says something else')
  expect(deployment.writes()).toEqual([])
})

test('linked by another policy, one of the application itself: nothing is written', async () => {
  const own = policyOf({
    id: 'own',
    precedence: 1,
    reusable: false,
    name: 'By hand',
    include: [{ everyone: {} }, RULE],
  })
  const deployment = await start(wiki({ policies: [own] }))
  const { code, output } = await deployment.accessLink({ args: ['--app', 'wiki.acme.com', ...yes] })
  expect(code).toBe(0)
  expect(output).toContain('already linked, by the policy "By hand"')
  expect(deployment.writes()).toEqual([])
})

test.each([
  ['it asks for more', { require: [{ geo: { country_code: 'CH' } }] }],
  ['it excludes somebody', { exclude: [{ email: { email: 'eve@acme.com' } }] }],
  ['it is for another application', { include: [{ linked_app_token: { app_uid: WIKI } }] }],
])('a policy that is no whole link is no link: %s', async (_, more) => {
  const deployment = await start(wiki({ policies: [{ id: 'other', precedence: 1 }] }))
  deployment.account.policies.push(policyOf({ id: 'other', ...more }))
  expect((await deployment.accessLink({ args: ['--app', WIKI, ...yes] })).code).toBe(0)
  expect(deployment.upstream().policies).toHaveLength(2)
})

const legacy = (id: string, precedence: number): Json => ({
  id,
  precedence,
  name: `Legacy ${id}`,
  decision: 'allow',
  include: [{ email: { email: `${id}@acme.com` } }],
  exclude: [],
  approval_required: true,
  reusable: false,
  novelty: { of: id },
})

test('an application with policies of its own keeps them whole, in order, and gets another of its own', async () => {
  const deployment = await start(wiki({ policies: [legacy('b', 7), legacy('a', 3)] }))
  const before = structuredClone(deployment.upstream())
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(output).toContain('One of the application itself')
  expect(code).toBe(0)
  expect(deployment.writes()).toEqual([`PUT /access/apps/${WIKI}`])
  expect(withoutTheWritten(deployment.upstream())).toEqual(withoutTheWritten(before))
  expect(deployment.upstream().policies).toEqual([
    legacy('b', 7),
    legacy('a', 3),
    {
      id: expect.any(String),
      name: `${WORKER}: linked app token`,
      decision: 'non_identity',
      include: [RULE],
      precedence: 8,
      reusable: false,
    },
  ])
  const calls = deployment.api.calls.length
  expect((await deployment.accessLink({ args: ['--app', WIKI, ...yes] })).output).toContain('already linked')
  expect(deployment.writes(calls)).toEqual([])
})

test('where both kinds are mixed already, all of them stay', async () => {
  const deployment = await start(wiki({ policies: [legacy('b', 7), { id: 'staff', precedence: 3 }] }))
  deployment.account.mixesPolicies = true
  expect((await deployment.accessLink({ args: ['--app', WIKI, ...yes] })).code).toBe(0)
  expect(deployment.upstream().policies).toEqual([
    legacy('b', 7),
    { id: 'staff', precedence: 3 },
    { id: linkOf(deployment.account)?.id, precedence: 8 },
  ])
})

test('where Cloudflare refuses it, the application is as it was and the rest is told', async () => {
  const deployment = await start(wiki({ policies: [legacy('b', 7), { id: 'staff', precedence: 3 }] }))
  const before = structuredClone(deployment.upstream())
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('reusable and inline policies are exclusive')
  expect(output).toContain(`(${String(linkOf(deployment.account)?.id)})`)
  expect(deployment.upstream()).toEqual(before)
})

test('credentials that the API shows masked are never written back', async () => {
  const scim = { enabled: true, authentication: { scheme: 'httpbasic', user: 'u', password: '********' } }
  const deployment = await start(wiki({ scim_config: scim }))
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('has credentials for SCIM')
  expect(output).toContain('Include → Linked App Token')
  expect(output).not.toContain('********')
  expect(deployment.writes()).toEqual([])
})

test('a field that the write loses is reported without its value, and the kept file puts it back', async () => {
  const deployment = await start(wiki({ secret_header: 'the-value' }))
  const { account, upstream } = deployment
  const before = structuredClone(upstream())
  account.lostFields.push('field_of_tomorrow', 'secret_header')
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('  field_of_tomorrow is gone\n  secret_header is gone')
  expect(output).not.toContain('the-value')
  const [, url, file] =
    /curl -X PUT "https:\/\/api\.cloudflare\.com\/client\/v4([^"]+)".* --data @(\S+)/.exec(output) ?? []
  account.lostFields = []
  const answer = await fetch(deployment.api.baseUrl + url, {
    method: 'PUT',
    headers: { authorization: 'Bearer good-token', 'content-type': 'application/json' },
    body: await readFile(join(deployment.folder, file ?? '')),
  })
  expect(answer.status).toBe(200)
  expect({ ...upstream(), updated_at: before.updated_at }).toEqual(before)
})

test('a policy that loses something on the way is reported', async () => {
  const deployment = await start()
  deployment.api.afterEffect = ({ method, path }) => {
    const own = deployment.upstream()
    if (method === 'PUT' && path.includes(WIKI))
      own.policies = [
        { id: linkOf(deployment.account)?.id, precedence: 1 },
        { id: 'ops', precedence: 5 },
      ]
    return false
  }
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('the policy "Staff" is gone')
  expect(output).not.toContain('"Operations"')
})

test('somebody changes the application between reading and writing: it is not written', async () => {
  const deployment = await start()
  deployment.api.afterEffect = ({ method }) => {
    if (method === 'POST')
      Object.assign(deployment.upstream(), { session_duration: '1h', updated_at: '2026-10-10T00:00:00Z' })
    return false
  }
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('Somebody has changed "Wiki"')
  expect(deployment.upstream().session_duration).toBe('1h')
  expect(deployment.writes()).toEqual(['POST /access/policies'])

  deployment.api.afterEffect = () => false
  expect((await deployment.accessLink({ args: ['--app', WIKI, ...yes] })).code).toBe(0)
  expect(deployment.upstream()).toMatchObject({ session_duration: '1h', policies: [{}, {}, {}] })
  expect(deployment.account.policies.filter(({ name }) => name === `${WORKER}: linked app token`)).toHaveLength(1)
})

test('the answer to the write is lost: reading again tells that it was done', async () => {
  const deployment = await start()
  deployment.api.afterEffect = ({ method }) => method === 'PUT'
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(output).toContain('Written, read again and compared')
  expect(code).toBe(0)
  expect(deployment.writes()).toEqual(['POST /access/policies', `PUT /access/apps/${WIKI}`])
})

test.each(['forward', 'oidc'])('killed after every step and every change, and again (%s): one of each', async (way) => {
  const deployment = await start()
  const before = structuredClone(deployment.upstream())
  const killed = new Set<string>()
  let kill = () => {}
  const killOnce = (name: string) => {
    if (killed.has(name)) return false
    killed.add(name)
    kill()
    return true
  }
  deployment.api.afterEffect = ({ method, path }) => method !== 'GET' && killOnce(`${method} ${path}`)
  let title = ''
  const killAt = (line: string) => {
    if (line.startsWith('→')) title = line
    return line.startsWith('✔') && killOnce(title)
  }
  const args = ['--app', WIKI, '--way', way, ...yes]
  while ((await deployment.accessLink({ args, onStart: (stop) => (kill = stop), killAt })).code !== 0) {
    expect(killed.size).toBeLessThan(16)
  }
  expect(killed.size).toBeGreaterThanOrEqual(7)
  const { account, upstream } = deployment
  expect(withoutTheWritten(upstream())).toEqual(withoutTheWritten(before))
  expect(upstream().policies).toHaveLength(3)
  expect(account.policies).toHaveLength(5)
  expect(account.applications.filter(({ type }) => type === 'saas')).toHaveLength(way === 'oidc' ? 2 : 1)
})

const oidc = ['--app', 'wiki.acme.com', '--way', 'oidc', ...yes]
const saasOf = ({ applications }: FakeAccount) => applications.find(({ name }) => name === `${WORKER}: OIDC`) ?? {}

test('OIDC: the application is made with the same people, its secret is shown once and kept nowhere', async () => {
  const deployment = await start()
  const { account } = deployment
  const { code, output } = await deployment.accessLink({ args: oidc })
  expect(code).toBe(0)
  const saas = saasOf(account)
  expect(saas).toMatchObject({
    type: 'saas',
    allowed_idps: ['idp-1'],
    policies: [{ id: 'people', precedence: 1 }],
    saas_app: {
      auth_type: 'oidc',
      redirect_uris: [`https://${SCRIPT_HOST}/oauth/callback`],
      grant_types: ['authorization_code_with_pkce', 'refresh_tokens'],
      scopes: ['openid', 'email', 'profile', 'groups'],
    },
  })
  expect(linkOf(account, `${WORKER}: linked app token (OIDC)`)).toMatchObject({
    decision: 'non_identity',
    include: [{ linked_app_token: { app_uid: saas.uid } }],
  })
  const { client_id: id, client_secret: secret } = Object(saas.saas_app)
  expect(output.split(String(secret))).toHaveLength(2)
  expect(output).toContain(`Issuer         https://acme.cloudflareaccess.com/cdn-cgi/access/sso/oidc/${id}`)
  expect(output).toContain(`Client ID      ${id}`)
  expect(output).toMatch(/Authorization: Bearer \{token\}\n\s+or Cf-Access-Token: \{token\}/)
  for (const file of await keptFiles(deployment)) expect(await readFile(file, 'utf8')).not.toContain(secret)

  const calls = deployment.api.calls.length
  const again = await deployment.accessLink({ args: oidc })
  expect(again.code).toBe(0)
  expect(again.output).not.toContain(secret)
  expect(again.output).toContain(`Client ID      ${id}`)
  expect(deployment.writes(calls)).toEqual([])
})

test('OIDC: a dry run shows the application that it would make, and for whom', async () => {
  const deployment = await start()
  const { code, output } = await deployment.accessLink({ args: oidc.slice(0, 4) })
  expect(code).toBe(0)
  expect(output).toContain(`+ name: "${WORKER}: OIDC"`)
  expect(output).toContain('+ saas_app: {"auth_type":"oidc"')
  expect(output).toContain('<id of the new application>')
  expect(output).toMatch(/Allow\s+executor-cloudflare: people/)
  expect(deployment.writes()).toEqual([])
})

test('OIDC: an application that is there is used as it is, and what it lacks is said', async () => {
  const deployment = await start()
  const saas = {
    auth_type: 'oidc',
    client_id: 'c1',
    redirect_uris: ['https://elsewhere.acme.com/cb'],
    scopes: ['openid'],
  }
  deployment.account.applications.push({ id: 'ours', uid: 'ours', name: 'Agents', type: 'saas', saas_app: saas })
  const { code, output } = await deployment.accessLink({ args: [...oidc, '--saas-app', 'Agents'] })
  expect(code).toBe(0)
  expect(deployment.writes()).toEqual(['POST /access/policies', `PUT /access/apps/${WIKI}`])
  expect(output).toContain(
    `! In the application "Agents" (ours): add the redirect URL https://${SCRIPT_HOST}/oauth/callback.`,
  )
  expect(output).toContain('turn on refresh tokens')
  expect(output).toContain('add the scopes email, profile')
  expect(output).toContain('nobody may sign in to it')
})

const scoped = (...permissions: Permission[]) => ['account', ...permissions] satisfies Permission[]
const missing: [string, Permission[], string, string[], string[]][] = [
  ['the Worker', scoped('access'), 'forward', [], ["<id of Executor's application>", 'Workers Scripts: Read']],
  [
    'reading applications',
    scoped('workers'),
    'forward',
    [],
    ["<id of Executor's application>", 'the application over wiki.acme.com'],
  ],
  [
    'reading policies',
    scoped('workers', 'access_apps'),
    'forward',
    [],
    [EXECUTOR_UID, `"Wiki" (wiki.acme.com, ${WIKI})`],
  ],
  [
    'making a policy',
    scoped('workers', 'access_read'),
    'forward',
    [],
    [JSON.stringify([RULE]), 'Action: Service Auth'],
  ],
  [
    'writing the application',
    scoped('workers', 'access_read', 'access_policies'),
    'forward',
    ['POST /access/policies'],
    ['Select existing policies', 'PUT the same JSON back', '{ "id": "POLICY", "precedence"'],
  ],
  [
    'making the SaaS application',
    scoped('workers', 'access_read', 'access_policies'),
    'oidc',
    [],
    ['→ SaaS → OIDC', `Redirect URL: https://${SCRIPT_HOST}/oauth/callback`, '<id of the SaaS application>'],
  ],
]

test.each(missing)(
  'without the permission for %s: what to do by hand, with what is known',
  async (_, permissions, way, writes, words) => {
    const deployment = await start()
    const before = structuredClone(deployment.account.applications)
    deployment.account.tokens.set('weak', new Set(permissions))
    const args = ['--app', 'wiki.acme.com', '--way', way, ...yes]
    const { code, output } = await deployment.accessLink({ token: 'weak', args })
    expect(code).toBe(1)
    expect(output).toContain('Access: Apps and Policies: Edit')
    expect(output).toContain(`https://one.dash.cloudflare.com/${deployment.account.id}/access-controls/apps`)
    const policyId = String(linkOf(deployment.account)?.id)
    for (const word of words) expect(output).toContain(word.replace('POLICY', policyId))
    const refused = deployment.writes().length - writes.length
    expect(deployment.writes().slice(0, writes.length)).toEqual(writes)
    expect(refused).toBeLessThanOrEqual(1)
    expect(deployment.account.applications).toEqual(before)

    // With the permission it goes on, and makes nothing twice.
    expect((await deployment.accessLink({ args })).code).toBe(0)
    expect(deployment.account.policies).toHaveLength(5)
  },
)

test('read permissions are enough for a dry run, and the address of Executor in place of the Worker', async () => {
  const deployment = await start()
  deployment.account.tokens.set('reader', new Set(scoped('access_read')))
  const args = ['--app', 'wiki.acme.com', '--url', `https://${SCRIPT_HOST}/anything`]
  const { code, output } = await deployment.accessLink({ token: 'reader', args })
  expect(output).toContain(RULE.linked_app_token.app_uid)
  expect(code).toBe(0)
})

test('of several applications, Executor is the one whose tokens the Worker accepts', async () => {
  const deployment = await start()
  const other = { id: 'older', name: WORKER, type: 'self_hosted', domain: SCRIPT_HOST, aud: 'c'.repeat(64) }
  deployment.account.applications.unshift(other)
  const { output } = await deployment.accessLink({ args: ['--app', WIKI] })
  expect(output).toContain(EXECUTOR_UID)
})

const refusals: [string, string[], string][] = [
  ['no application named', [], 'Say which application Executor should call: --app'],
  ['no such way', ['--app', WIKI, '--way', 'magic'], '--way is forward or oidc, and not "magic"'],
  ['--saas-app without its way', ['--app', WIKI, '--saas-app', 'x'], '--saas-app goes with --way oidc'],
  ['an unknown option', ['--app', WIKI, '--force'], "Unknown option '--force'"],
  ['an address that is none', ['--app', WIKI, '--url', 'executor'], "--url is Executor's own address"],
  ['a word', ['--app', 'wiki'], '"wiki" is neither a hostname, nor a URL, nor the id of an application'],
  [
    'an unknown hostname',
    ['--app', 'nothing.acme.com'],
    'No application of this account covers nothing.acme.com.\nSelf-hosted applications:',
  ],
  ['a host of several', ['--app', 'app.acme.com'], '2 applications cover app.acme.com. Say which one is meant:'],
  ['a SaaS application', ['--app', 'crm'], '"CRM" (crm) is an application of type saas'],
  ['another type', ['--app', 'desk.acme.com'], 'is an application of type vnc'],
  ['Executor itself', ['--app', 'executor'], 'is Executor itself'],
  [
    'an unknown SaaS application',
    ['--app', WIKI, '--way', 'oidc', '--saas-app', 'Agents'],
    'No application is called "Agents"',
  ],
  [
    'SAML',
    ['--app', WIKI, '--way', 'oidc', '--saas-app', 'crm'],
    'is no Access for SaaS application with OpenID Connect',
  ],
  ['another account', ['--app', WIKI, '--account', 'nobody'], 'This login has no account nobody'],
]

test.each(refusals)('%s: a sentence that helps, and nothing was changed', async (_, args, words) => {
  const deployment = await start()
  const { code, output } = await deployment.accessLink({ args: [...args, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain(words)
  expect(output).not.toMatch(/\n\s+at .*:\d+/)
  expect(deployment.writes()).toEqual([])
  // Asked on purpose.
  deployment.api.unknown = deployment.api.unknown.filter((call) => call !== 'GET /accounts/nobody')
})

test.each([
  ['https://app.acme.com/admin/users', '"App, admin"'],
  ['https://app.acme.com/administration', '"App"'],
  ['app-admin', '"App, admin"'],
  ['b.internal.acme.com', '"Wild"'],
])('%s means %s', async (app, name) => {
  const deployment = await start()
  const { output } = await deployment.accessLink({ args: ['--app', app] })
  expect(output).toContain(`✔ ${name} (`)
})

test('before Executor is behind Access, that comes first', async () => {
  const deployment = await start()
  deployment.account.applications = deployment.account.applications.filter(({ id }) => id !== 'executor')
  const { code, output } = await deployment.accessLink({ args: ['--app', WIKI, ...yes] })
  expect(code).toBe(1)
  expect(output).toContain('First: npm run access:setup')
})
