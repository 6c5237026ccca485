// Linked applications, both ways: Executor's own assertion forwarded, and a token of Executor as an Access for SaaS
// application. What stands behind the second application is the sample company's, with its own checks.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SamplePeople, startSamplePeople } from '../sample-people/server.ts'
import {
  CLIENT_METADATA_PATH,
  EXECUTOR_APP,
  otherOrigin,
  PEOPLE_APP,
  PEOPLE_AUDIENCE,
  PEOPLE_PUBLIC_PATHS,
  SAAS_APP,
  SAAS_CLIENT_ID,
  SAAS_CLIENT_SECRET,
} from './applications.ts'
import { createHttpBrowser, signIn } from './http-browser.ts'
import { ADMIN, type Identity, LOCAL_AGENT, LOCAL_AUDIENCE, MEMBER } from './identities.ts'
import { type LocalAccess, startLocalAccess } from './start-local-access.ts'

const PORT = 8910
const PEOPLE = otherOrigin(PORT + 2)
const DIRECT = otherOrigin(PORT + 3)
const CONTROL = otherOrigin(PORT + 4)
const REDIRECT = `http://localhost:${PORT}/oauth/callback`
const TOKEN_SECONDS = 60
const SERVICE = { 'cf-access-client-id': LOCAL_AGENT.id, 'cf-access-client-secret': LOCAL_AGENT.secret }

let executor: Server
let people: SamplePeople
let access: LocalAccess

beforeAll(async () => {
  executor = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await once(executor.listen(PORT + 1, '127.0.0.1'), 'listening')
  access = await startLocalAccess({
    port: PORT,
    upstream: `http://127.0.0.1:${PORT + 1}`,
    saas: { redirectUris: [REDIRECT], accessTokenSeconds: TOKEN_SECONDS },
    others: [
      {
        uid: PEOPLE_APP,
        name: 'Northwind People',
        port: PORT + 2,
        upstream: DIRECT,
        audience: PEOPLE_AUDIENCE,
        publicPaths: PEOPLE_PUBLIC_PATHS,
        linkedApps: [],
      },
    ],
    controlPort: PORT + 4,
  })
  people = await startSamplePeople({
    port: PORT + 3,
    publicUrl: PEOPLE,
    teamDomain: access.url,
    audience: PEOPLE_AUDIENCE,
  })
})

afterAll(async () => {
  await access.close()
  await people.close()
  executor.closeAllConnections()
  executor.close()
})

beforeEach(async () => {
  await link(EXECUTOR_APP, SAAS_APP)
  people.ledger.clear()
})

async function link(...uids: string[]): Promise<void> {
  const response = await fetch(`${CONTROL}/_links/${PEOPLE_APP}`, { method: 'PUT', body: JSON.stringify(uids) })
  expect([response.status, await response.json()]).toEqual([200, uids])
}

const ask = (path: string, headers: Record<string, string> = {}, origin = PEOPLE) =>
  fetch(origin + path, { headers, redirect: 'manual' })

/** The assertion that Executor receives when the person asks it for something. */
async function assertionOf({ email }: Identity): Promise<string> {
  const browser = createHttpBrowser(access.url)
  await signIn(browser, email)
  const headers: Record<string, string> = JSON.parse((await browser.open('/')).html)
  return headers['cf-access-jwt-assertion'] ?? ''
}

async function expectTurnedAway(response: Response): Promise<void> {
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toMatch(/^\/cdn-cgi\/access\/login\?kid=local-people-aud&/)
  expect(response.headers.get('cf-access-aud')).toBe(PEOPLE_AUDIENCE)
  expect(response.headers.get('cf-access-domain')).toBe(new URL(PEOPLE).host)
  const login = await fetch(new URL(response.headers.get('location') ?? '', PEOPLE))
  expect(login.headers.get('content-type')).toContain('text/html')
  expect(login.headers.get('cf-access-domain')).toBe(new URL(PEOPLE).host)
  expect(people.ledger.entries()).toEqual([])
}

// ── The first way: Executor's own assertion ───────────────────────────────────────────────────────────────────────

test('an assertion for Executor passes as its person, and each sees what is theirs', async () => {
  for (const person of [ADMIN, MEMBER]) {
    const token = await assertionOf(person)
    const headers = { 'cf-access-token': token }
    expect(await (await ask('/me', headers)).json()).toMatchObject({ email: person.email })
    const colleagues = await (await ask('/people', headers)).json<{ team: string; salary_cents?: number }[]>()
    const isAdmin = person === ADMIN
    expect(colleagues).toHaveLength(isAdmin ? 6 : 3)
    expect(colleagues.every(({ salary_cents }) => (salary_cents !== undefined) === isAdmin)).toBe(true)
  }
  const [entry] = people.ledger.entries()
  const names = entry?.credentials.map(({ name }) => name)
  expect(names).toEqual(['cf-access-jwt-assertion', 'cf-access-authenticated-user-email'])
})

test('the application gets an assertion of its own, not the one that was forwarded', async () => {
  const token = await assertionOf(MEMBER)
  await ask('/me', { 'cf-access-token': token })
  const sent = createHash('sha256').update(token).digest('hex').slice(0, 12)
  expect(JSON.stringify(people.ledger.entries())).not.toContain(sent)
  // Sent past Access, the forwarded one is for another audience.
  expect((await ask('/me', { 'cf-access-jwt-assertion': token }, DIRECT)).status).toBe(401)
})

test('Access lets the person through, and the application refuses by itself in JSON', async () => {
  const response = await ask('/salaries/emp_01', { 'cf-access-token': await assertionOf(MEMBER) })
  expect(response.status).toBe(403)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cf-access-aud')).toBeNull()
  expect(await response.json()).toMatchObject({ detail: 'Only the personnel department sees salaries.' })
})

test.each<[string, (now: number) => Record<string, unknown>]>([
  ['for another audience', () => ({ aud: ['another-application'] })],
  ['for this application itself', () => ({ aud: [PEOPLE_AUDIENCE] })],
  ['of another team', () => ({ iss: 'https://other.cloudflareaccess.com' })],
  ['that has expired', (now) => ({ exp: now - 1 })],
  ['without an end', () => ({ exp: undefined })],
  ['of somebody unknown', () => ({ sub: 'nobody' })],
  ['of a service token', () => ({ sub: '', email: undefined, common_name: LOCAL_AGENT.id })],
])('a token %s is turned away as by Access', async (_what, changes) => {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: access.url, aud: [LOCAL_AUDIENCE], sub: ADMIN.sub, email: ADMIN.email, exp: now + 600 }
  expect((await ask('/me', { 'cf-access-token': await access.sign(good) })).status).toBe(200)
  people.ledger.clear()
  await expectTurnedAway(await ask('/me', { 'cf-access-token': await access.sign({ ...good, ...changes(now) }) }))
})

test('a forged token, one in another header and none at all are turned away', async () => {
  const token = await assertionOf(ADMIN)
  const [header = '', payload = ''] = token.split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  await expectTurnedAway(await ask('/me', { 'cf-access-token': `${none}.${payload}.` }))
  await expectTurnedAway(await ask('/me', { 'cf-access-token': `${header}.${payload}.AAAA` }))
  await expectTurnedAway(await ask('/me', { 'cf-access-jwt-assertion': token }))
  await expectTurnedAway(await ask('/me', { authorization: `Bearer ${token}` }))
  await expectTurnedAway(await ask('/me', { cookie: `CF_Authorization=${token}` }))
  await expectTurnedAway(await ask('/me'))
  expect((await ask('/me', { 'cf-access-token': token })).status).toBe(200)
})

test('a link leads one way only: a token of the other application does not open Executor', async () => {
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = await access.sign({ iss: access.url, aud: [PEOPLE_AUDIENCE], sub: ADMIN.sub, exp })
  expect((await ask('/', { 'cf-access-token': token }, access.url)).status).toBe(401)
})

test('without its link a token is turned away, and with it let in again', async () => {
  const headers = { 'cf-access-token': await assertionOf(MEMBER) }
  await link(SAAS_APP)
  await expectTurnedAway(await ask('/me', headers))
  await link(EXECUTOR_APP)
  expect((await ask('/me', headers)).status).toBe(200)
})

// ── The application by itself ─────────────────────────────────────────────────────────────────────────────────────

test('a browser signs in at the second application by itself, and Executor’s sign-in stays as it is', async () => {
  const browser = createHttpBrowser(PEOPLE)
  const login = await browser.open('/me')
  expect(login.html).toContain('Sign in to Northwind People')
  const page = await signIn(browser, MEMBER.email, '/me')
  expect(JSON.parse(page.html)).toMatchObject({ email: MEMBER.email })
  expect(new URL(PEOPLE).hostname).not.toBe(new URL(access.url).hostname)
})

test('a service token passes Access and is nobody to the application; its document is for everybody', async () => {
  const response = await ask('/me', SERVICE)
  expect([response.status, await response.json()]).toMatchObject([403, { detail: /service token/ }])
  expect((await ask('/me', { ...SERVICE, 'cf-access-client-secret': 'guess' })).status).toBe(403)
  const document = await (await ask('/openapi.json')).json()
  expect(document).toMatchObject({ info: { title: 'Northwind People' }, servers: [{ url: PEOPLE }] })
})

test('Executor’s client metadata is for everybody, and nothing beside it is', async () => {
  const open = await ask(CLIENT_METADATA_PATH, {}, access.url)
  expect(open.status).toBe(200)
  expect(await open.json()).not.toHaveProperty('cf-access-jwt-assertion')
  for (const path of [`${CLIENT_METADATA_PATH}/`, '/oauth/callback', `/x/..${CLIENT_METADATA_PATH}x`]) {
    expect([path, (await ask(path, {}, access.url)).status]).toEqual([path, 401])
  }
})

test('links are changed on the control port alone, and by no page', async () => {
  const body = '[]'
  const path = `/_links/${PEOPLE_APP}`
  const put = (url: string, headers = {}) => fetch(url, { method: 'PUT', body, headers, redirect: 'manual' })
  expect((await put(CONTROL + path, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await put(`${CONTROL}/_links/unknown`)).status).toBe(404)
  expect((await put(PEOPLE + path)).status).toBe(302)
  expect((await put(access.url + path)).status).toBe(401)
  const preflight = await fetch(CONTROL + path, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  expect(await (await fetch(CONTROL + path)).json()).toEqual([EXECUTOR_APP, SAAS_APP])
})

// ── The second way: Executor as an Access for SaaS application ────────────────────────────────────────────────────

const BASE = `/cdn-cgi/access/sso/oidc/${SAAS_CLIENT_ID}`
const verifier = randomBytes(32).toString('base64url')
const basic = { authorization: `Basic ${btoa(`${SAAS_CLIENT_ID}:${SAAS_CLIENT_SECRET}`)}` }

function authorization(changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: SAAS_CLIENT_ID,
    redirect_uri: REDIRECT,
    scope: 'openid email profile',
    state: 'st',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: PEOPLE,
    ...changes,
  })
  return `${BASE}/authorization?${query}`
}

interface Tokens {
  access_token: string
  refresh_token: string
  id_token: string
  expires_in: number
}

const exchange = (fields: Record<string, string>, headers: Record<string, string> = basic) =>
  fetch(`${access.url}${BASE}/token`, { method: 'POST', headers, body: new URLSearchParams(fields) })

/** `REDIRECT` is on Executor's own origin, so the browser goes there and shows what Executor was sent. */
async function authorize({ email }: Identity): Promise<URL> {
  const browser = createHttpBrowser(access.url)
  const login = await browser.open(authorization())
  expect(login.url.pathname).toBe('/cdn-cgi/access/login')
  return (await signIn(browser, email, login.url.searchParams.get('redirect_url') ?? '')).url
}

async function tokensOf(person: Identity): Promise<Tokens> {
  const callback = await authorize(person)
  expect(callback.href).toContain(`${REDIRECT}?`)
  expect(callback.searchParams.get('state')).toBe('st')
  expect(callback.searchParams.get('iss')).toBe(access.url + BASE)
  const code = callback.searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  const response = await exchange({ ...grant, resource: PEOPLE })
  expect(response.status).toBe(200)
  return response.json<Tokens>()
}

test('the provider describes itself under its issuer', async () => {
  const metadata = await (await ask(`${BASE}/.well-known/openid-configuration`, {}, access.url)).json()
  expect(metadata).toMatchObject({
    issuer: access.url + BASE,
    authorization_endpoint: `${access.url}${BASE}/authorization`,
    token_endpoint: `${access.url}${BASE}/token`,
    userinfo_endpoint: `${access.url}${BASE}/userinfo`,
    jwks_uri: `${access.url}${BASE}/jwks`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  })
  const keys = await (await ask(`${BASE}/jwks`, {}, access.url)).json<{ keys: object[] }>()
  expect(keys.keys[0]).not.toHaveProperty('d')
})

test('each person’s token opens the linked application as that person, in either header', async () => {
  for (const person of [ADMIN, MEMBER]) {
    const { access_token: token, expires_in } = await tokensOf(person)
    expect(expires_in).toBe(TOKEN_SECONDS)
    const headers: Record<string, string>[] = [{ authorization: `Bearer ${token}` }, { 'cf-access-token': token }]
    for (const one of headers) {
      people.ledger.clear()
      expect(await (await ask('/me', one)).json()).toMatchObject({ email: person.email })
      const names = people.ledger.entries()[0]?.credentials.map(({ name }) => name)
      expect(names).toEqual(['cf-access-jwt-assertion', 'cf-access-authenticated-user-email'])
    }
    const userinfo = await ask(`${BASE}/userinfo`, { authorization: `Bearer ${token}` }, access.url)
    expect(await userinfo.json()).toMatchObject({ sub: person.sub, email: person.email, name: person.name })
  }
})

test('a refresh token goes on when the access token has ended, is renewed with every use, and its reuse ends all', async () => {
  const first = await tokensOf(MEMBER)
  const refresh = (token: string) => exchange({ grant_type: 'refresh_token', refresh_token: token })
  const second = await (await refresh(first.refresh_token)).json<Tokens>()
  expect(second.refresh_token).not.toBe(first.refresh_token)
  const headers = { authorization: `Bearer ${second.access_token}` }
  expect((await ask('/me', headers)).status).toBe(200)
  expect((await refresh(first.refresh_token)).status).toBe(400)
  people.ledger.clear()
  await expectTurnedAway(await ask('/me', headers))
})

test('a token that is made up, a refresh token and an id token open nothing', async () => {
  const tokens = await tokensOf(MEMBER)
  for (const token of ['made-up', tokens.refresh_token, tokens.id_token]) {
    await expectTurnedAway(await ask('/me', { authorization: `Bearer ${token}` }))
    await expectTurnedAway(await ask('/me', { 'cf-access-token': token }))
  }
  expect((await ask('/', { authorization: `Bearer ${tokens.access_token}` }, access.url)).status).toBe(401)
})

test('without its link a token of the SaaS application is turned away, the other way still works', async () => {
  const { access_token: token } = await tokensOf(MEMBER)
  await link(EXECUTOR_APP)
  await expectTurnedAway(await ask('/me', { authorization: `Bearer ${token}` }))
  expect((await ask('/me', { 'cf-access-token': await assertionOf(MEMBER) })).status).toBe(200)
})

test.each([
  ['without PKCE', { code_challenge: '', code_challenge_method: '' }],
  ['with plain PKCE', { code_challenge_method: 'plain' }],
])('an authorization %s is an error at the client', async (_what, changes) => {
  const { url } = await createHttpBrowser(access.url).open(authorization(changes))
  expect(url.pathname + url.search).not.toContain('code=')
  expect(url.searchParams.get('error') ?? url.href).toContain('invalid_request')
})

test('only the client’s own redirect URI, secret and verifier count', async () => {
  const elsewhere = await ask(authorization({ redirect_uri: 'https://evil.example/cb' }), {}, access.url)
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([400, null])
  const code = (await authorize(MEMBER)).searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  expect((await exchange(grant, { authorization: `Basic ${btoa(`${SAAS_CLIENT_ID}:guess`)}` })).status).toBe(401)
  expect((await exchange({ ...grant, client_id: SAAS_CLIENT_ID }, {})).status).toBe(401)
  expect((await exchange({ ...grant, code_verifier: randomBytes(32).toString('base64url') })).status).toBe(400)
})
