import { expect, test } from 'vitest'
import { diagnose } from './diagnose.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Observations } from './observe.ts'

const ORIGIN = 'https://executor.example.com'
const TEAM = 'https://acme.cloudflareaccess.com'
const TAG = 'f'.repeat(64)

function answered(path: string, status: number, headers: Record<string, string> = {}, body: unknown = ''): Exchange {
  const answer: Answer = { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
  return { name: `GET ${path}`, url: ORIGIN + path, answer }
}

const json = { 'content-type': 'application/json' }
const POLICY = `default-src 'none'; script-src 'self' 'nonce-x'; form-action 'self' ${TEAM}; base-uri 'none'`
const byAccess = (path: string) =>
  answered(path, 302, { location: `${TEAM}/cdn-cgi/access/login/executor.example.com?kid=${TAG}&redirect_url=%2F` })
const challenged = (path: string) =>
  answered(path, 401, {
    'www-authenticate': `Bearer realm="OAuth", error="invalid_token", resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource/mcp"`,
  })
const byExecutor = (path: string, policy = POLICY) =>
  answered(
    path,
    401,
    { 'www-authenticate': 'Bearer realm="Executor"', 'content-security-policy': policy },
    { id: 'i-1' },
  )

const RESOURCE = { resource: `${ORIGIN}/mcp`, authorization_servers: [TEAM] }
const SERVER = {
  issuer: TEAM,
  authorization_endpoint: `${TEAM}/authorize`,
  token_endpoint: `${TEAM}/token`,
  registration_endpoint: `${TEAM}/register`,
  code_challenge_methods_supported: ['S256'],
}
const serverAnswer = (document: object): Exchange => ({
  ...answered('', 200, json, document),
  url: `${TEAM}/.well-known/oauth-authorization-server`,
})
const HEALTH = {
  version: '1.2.3',
  migrations: { latest: '0001_search.sql', pending: [], unknown: [] },
  secrets: { checked: 2, opened: 2, withPreviousKey: 0, failed: 0 },
  flags: { nodejs_compat: true, global_fetch_strictly_public: true },
}
const initialized = answered(
  '/mcp',
  200,
  { 'content-type': 'text/event-stream' },
  'data: {"result":{"serverInfo":{}}}\n\n',
)
const inside = (health: unknown, initialize = initialized) => ({
  service: { health: answered('/api/health', 200, json, health), initialize },
})

const OAUTH = {
  initialize: challenged('/mcp'),
  resource: answered('/.well-known/oauth-protected-resource/mcp', 200, json, RESOURCE),
  server: serverAnswer(SERVER),
  registration: answered('/register', 400, json, { error: 'invalid_redirect_uri' }),
}
const GOOD: Observations = {
  origin: ORIGIN,
  root: byAccess('/'),
  anonymous: [byAccess('/'), challenged('/mcp'), answered('//mcp', 404)],
  oauth: OAUTH,
  ...inside(HEALTH),
}

const found = (changes: Partial<Observations>) => diagnose({ ...GOOD, ...changes }).map(({ id }) => id)
const finding = (id: string, changes: Partial<Observations>) =>
  diagnose({ ...GOOD, ...changes }).find((one) => one.id === id)
const oauth = (changes: Partial<typeof OAUTH> | { registration: undefined }) => ({ oauth: { ...OAUTH, ...changes } })

test('a deployment as it should be', () => {
  expect(found({})).toEqual([
    'anonymous-refused',
    'access-in-front',
    'oauth-discovered',
    'inside-healthy',
    'mcp-answers',
  ])
  expect(finding('access-in-front', {})?.detail).toContain(
    `Sign-in is that of ${TEAM}. The application's AUD tag is ${TAG}.`,
  )
})

test('nothing else is said of a host that does not answer, or leads elsewhere', () => {
  const failure: Exchange = { name: 'GET /', url: ORIGIN, failure: 'the name does not resolve' }
  expect(found({ root: failure })).toEqual(['unreachable'])
  expect(found({ root: answered('/', 301, { location: 'https://other.example.com/x' }) })).toEqual(['redirected'])
  expect(
    finding('redirected', { root: answered('/', 301, { location: 'https://other.example.com/x' }) })?.fix,
  ).toContain('npm run doctor -- https://other.example.com')
})

test.each([
  ['a page', answered('/integrations', 200, { 'content-type': 'text/html' }, '<h1>Integrations</h1>')],
  ['a redirect inside', answered('/x', 302, { location: '/runs', 'content-security-policy': POLICY })],
  ['a page that is not there, from behind the guard', answered('/x', 404, { 'content-security-policy': POLICY })],
  ['a refusal that only somebody known gets', answered('/x', 403, { 'content-security-policy': POLICY })],
])('%s for nobody in particular is an error, and Access is then not said to be in front', (_what, exchange) => {
  const ids = found({ anonymous: [...GOOD.anonymous, exchange] })
  expect(ids).toContain('anonymous-let-in')
  expect(ids).not.toContain('access-in-front')
})

test('a host that tidies an address up before Access sees it lets nobody in', () => {
  const tidied = answered('//integrations', 308, { location: '/integrations' })
  expect(found({ anonymous: [...GOOD.anonymous, tidied] })).toContain('access-in-front')
})

test('requests that fail are not taken for refusals', () => {
  expect(found({ anonymous: [byAccess('/'), answered('/mcp', 530)] })).toContain('worker-failing')
  expect(found({ anonymous: [byAccess('/'), answered('/mcp', 530)] })).not.toContain('anonymous-refused')
})

test('who answers decides whether Access covers all, a part or nothing', () => {
  expect(found({ anonymous: [byExecutor('/'), byExecutor('/mcp')] })).toContain('access-absent')
  expect(found({ anonymous: [byExecutor('/'), challenged('/mcp')] })).toContain('access-partial')
  expect(found(oauth({ server: byExecutor('/.well-known/oauth-authorization-server') }))).toContain('access-partial')
})

test('the longest list of missing settings is shown', () => {
  const page = answered(
    '/',
    401,
    { 'www-authenticate': 'Bearer realm="Executor"' },
    '<h1>Executor is not set up yet</h1>',
  )
  const body = { code: 'not_configured', errors: ['ACCESS_AUD is not set: x.'] }
  const problem = answered('/api/health', 401, { 'www-authenticate': 'Bearer realm="Executor"' }, body)
  const one = finding('not-configured', { root: page, anonymous: [page, problem], oauth: null, service: null })
  expect(one?.detail).toContain('ACCESS_AUD is not set')
})

test.each([
  [
    'no JSON',
    oauth({ resource: answered('/r', 200, { 'content-type': 'text/html' }, '<html>') }),
    'oauth-resource-metadata',
  ],
  ['a login page', oauth({ resource: byAccess('/r') }), 'oauth-resource-metadata'],
  [
    'another resource',
    oauth({ resource: answered('/r', 200, json, { ...RESOURCE, resource: 'https://other.example.com/mcp' }) }),
    'oauth-resource-metadata',
  ],
  ['no server', oauth({ resource: answered('/r', 200, json, { resource: ORIGIN }) }), 'oauth-resource-metadata'],
  ['no description', oauth({ server: answered('/s', 404) }), 'oauth-server-metadata'],
  ['another issuer', oauth({ server: serverAnswer({ ...SERVER, issuer: ORIGIN }) }), 'oauth-issuer'],
  ['no issuer', oauth({ server: serverAnswer({ ...SERVER, issuer: undefined }) }), 'oauth-server-metadata'],
  [
    'no token endpoint',
    oauth({ server: serverAnswer({ ...SERVER, token_endpoint: undefined }) }),
    'oauth-server-metadata',
  ],
  [
    'plain PKCE',
    oauth({ server: serverAnswer({ ...SERVER, code_challenge_methods_supported: ['plain'] }) }),
    'oauth-server-metadata',
  ],
  ['no registration', oauth({ registration: undefined }), 'oauth-registration'],
  ['registration that is switched off', oauth({ registration: answered('/register', 403) }), 'oauth-registration'],
  ['a bare refusal', oauth({ initialize: answered('/mcp', 403) }), 'oauth-no-challenge'],
  ['a login page for programs', oauth({ initialize: byAccess('/mcp') }), 'oauth-login-page'],
])('discovery with %s', (_what, changes, id) => {
  expect(found(changes)).toContain(id)
  expect(found(changes)).not.toContain('oauth-discovered')
})

test('the resource of the whole host is as good as that of /mcp', () => {
  const resource = answered('/r', 200, json, { ...RESOURCE, resource: `${ORIGIN}/` })
  expect(found(oauth({ resource }))).toContain('oauth-discovered')
  const slashed = answered('/r', 200, json, { ...RESOURCE, resource: `${ORIGIN}/mcp/` })
  expect(found(oauth({ resource: slashed }))).toContain('oauth-discovered')
})

test('what Access lets through and the Worker refuses is the audience, when the team is the same', () => {
  const service = { health: byExecutor('/api/health'), initialize: byExecutor('/mcp') }
  expect(finding('wrong-audience', { service })?.fix).toContain(`--var ACCESS_AUD:${TAG}`)
  expect(finding('wrong-audience', { service })?.fix).toContain('the id i-1')
})

test('it is the team, when the Worker trusts another one', () => {
  const health = byExecutor('/api/health', POLICY.replace('acme', 'other'))
  const one = finding('wrong-team', { service: { health, initialize: health } })
  expect(one?.detail).toContain('ACCESS_TEAM_DOMAIN of the Worker is https://other.cloudflareaccess.com')
  expect(one?.fix).toContain('--var ACCESS_TEAM_DOMAIN:acme.cloudflareaccess.com')
})

test('it may be either, where Access does not show whose login it is', () => {
  const health = byExecutor('/api/health')
  const root = answered('/', 403)
  expect(found({ root, service: { health, initialize: health } })).toContain('wrong-audience-or-team')
})

test('a service token that Access refuses is not blamed on the Worker', () => {
  for (const health of [answered('/api/health', 403), byAccess('/api/health'), challenged('/api/health')]) {
    expect(found({ service: { health, initialize: health } })).toContain('service-token-refused')
  }
})

test.each([
  [{ migrations: { latest: 'b.sql', pending: ['b.sql'], unknown: [] }, secrets: null }, ['migrations-pending']],
  [{ migrations: { latest: 'b.sql', pending: [], unknown: ['c.sql'] } }, ['migrations-unknown']],
  [{ secrets: { checked: 3, opened: 1, withPreviousKey: 1, failed: 2 } }, ['secrets-unopened']],
  [{ secrets: { checked: 3, opened: 3, withPreviousKey: 1, failed: 0 } }, ['secrets-previous-key']],
  [{ flags: { nodejs_compat: false, global_fetch_strictly_public: true } }, ['flags-missing']],
])('what the Worker says of itself becomes a finding: %j', (changes, ids) => {
  expect(found(inside({ ...HEALTH, ...changes })).slice(3)).toEqual([...ids, 'mcp-answers'])
})

test('an answer that is no diagnosis says what its status means', () => {
  expect(finding('diagnostics-failed', inside('<html>'))).toBeDefined()
  const health = answered('/api/health', 500, json, { id: 'i-2' })
  expect(finding('diagnostics-failed', { service: { health, initialize: health } })?.detail).toContain('i-2')
})

test('an MCP endpoint that answers something else is an error', () => {
  expect(found(inside(HEALTH, answered('/mcp', 200, { 'content-type': 'text/html' }, '<html>')))).toContain(
    'mcp-failing',
  )
})

test('every finding that is not good says what to do', () => {
  for (const changes of [{}, { service: null }, oauth({ initialize: byAccess('/mcp') }), inside('<html>')]) {
    for (const { level, fix } of diagnose({ ...GOOD, ...changes })) expect(fix === '').toBe(level === 'ok')
  }
})
