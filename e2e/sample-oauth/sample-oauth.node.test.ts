// The authorization server and the API that takes its tokens, asked as a client that knows the RFCs asks them.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findForm } from '../local-access/html-form.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from '../local-access/http-browser.ts'
import { digest } from '../sample-api/ledger.ts'
import { type SampleApi, startSampleApi } from '../sample-api/server.ts'
import { type Account, OAUTH_COLLEAGUE, OAUTH_LEAD } from './accounts.ts'
import { API_CLIENT_ID, API_CLIENT_SECRET, OWN_APP_ID, OWN_APP_SECRET } from './clients.ts'
import { type SampleOauth, startSampleOauth } from './server.ts'
import type { TokenRequest } from './token-ledger.ts'

const PORT = 8930
const API = `http://localhost:${PORT + 1}`
/** Nobody listens there: the browser of the tests does not leave the server. */
const REDIRECT = 'http://localhost:8939/oauth/callback'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

let oauth: SampleOauth
let api: SampleApi
let documents: Server
let document: Record<string, unknown> = {}

beforeAll(async () => {
  oauth = await startSampleOauth({ port: PORT, resource: API, redirectUris: [REDIRECT] })
  api = await startSampleApi({ port: PORT + 1, authorizationServer: oauth.url })
  documents = createServer((_request, response) => response.end(JSON.stringify(document)))
  await once(documents.listen(PORT + 2, '127.0.0.1'), 'listening')
})

afterAll(async () => {
  await oauth.close()
  await api.close()
  documents.closeAllConnections()
  documents.close()
})

beforeEach(async () => {
  await fetch(`${oauth.url}/_reset`, { method: 'POST' })
  api.reset()
})

const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` })
const OWN_APP = basic(OWN_APP_ID, OWN_APP_SECRET)
const verifier = randomBytes(32).toString('base64url')

interface Tokens {
  access_token: string
  refresh_token?: string
  expires_in: number
  scope?: string
}

function post(path: string, fields: Record<string, string>, headers: Record<string, string> = OWN_APP) {
  return fetch(oauth.url + path, { method: 'POST', headers, body: new URLSearchParams(fields) })
}

async function behave(change: object): Promise<void> {
  const response = await fetch(`${oauth.url}/_behaviour`, { method: 'PATCH', body: JSON.stringify(change) })
  expect(response.status).toBe(200)
}

function authorization(changes: Record<string, string | undefined> = {}): string {
  const all = {
    response_type: 'code',
    client_id: OWN_APP_ID,
    redirect_uri: REDIRECT,
    scope: 'read write',
    state: 'st',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: API,
    ...changes,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `/authorization?${new URLSearchParams(given)}`
}

type Answer = { deny: true } | { scopes?: string[] }

/** Walks the two pages as a person does, and ends where the client is answered. */
async function decide(address: string, account: Account, answer: Answer = {}): Promise<URL> {
  const browser = createHttpBrowser(oauth.url)
  const who = await browser.open(address)
  expect(who.html).toContain(account.email)
  return (await consent(browser, who, account, answer)).url
}

async function consent(browser: HttpBrowser, who: Page, account: Account, answer: Answer): Promise<Page> {
  const page = await browser.submit(who.url.pathname, { account: account.id })
  expect(page.html).toContain(`You are <strong>${account.email}</strong>`)
  const fields = new URLSearchParams()
  fields.set('account', findForm(page.html, 'account')?.values.account ?? '')
  fields.set('decision', 'deny' in answer ? 'deny' : 'allow')
  const shown = [...page.html.matchAll(/name="scope" value="([^"]+)" checked/g)].map(([, name = '']) => name)
  for (const scope of 'scopes' in answer && answer.scopes ? answer.scopes : shown) fields.append('scope', scope)
  return browser.submit(page.url.pathname, fields)
}

async function redeem(code: string, changes: Record<string, string> = {}): Promise<Response> {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  return post('/token', { ...grant, ...changes })
}

async function tokensOf(account: Account, scope = 'read write', answer: Answer = {}): Promise<Required<Tokens>> {
  const callback = await decide(authorization({ scope }), account, answer)
  const response = await redeem(callback.searchParams.get('code') ?? '')
  expect(response.status).toBe(200)
  return response.json<Required<Tokens>>()
}

const refresh = (token: string) => post('/token', { grant_type: 'refresh_token', refresh_token: token })
const ask = (token: string, path = '/me', init: RequestInit = {}) =>
  fetch(API + path, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } })
const requests = async () => (await fetch(`${oauth.url}/_ledger`)).json<TokenRequest[]>()

// ── Finding the way ───────────────────────────────────────────────────────────────────────────────────────────────

test('a client finds its way from the API’s refusal to the endpoints', async () => {
  const refused = await fetch(`${API}/me`)
  const challenge = refused.headers.get('www-authenticate') ?? ''
  expect(challenge).toBe(`Bearer realm="northwind", resource_metadata="${API}/.well-known/oauth-protected-resource"`)
  const resource = await fetch(/resource_metadata="(.+?)"/.exec(challenge)?.[1] ?? '')
  expect(await resource.json()).toMatchObject({ resource: API, authorization_servers: [oauth.url] })
  const expected = {
    issuer: oauth.url,
    authorization_endpoint: `${oauth.url}/authorization`,
    token_endpoint: `${oauth.url}/token`,
    device_authorization_endpoint: `${oauth.url}/device/auth`,
    registration_endpoint: `${oauth.url}/registration`,
    revocation_endpoint: `${oauth.url}/token/revocation`,
    introspection_endpoint: `${oauth.url}/token/introspection`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  }
  for (const form of ['oauth-authorization-server', 'openid-configuration']) {
    const metadata = await (await fetch(`${oauth.url}/.well-known/${form}`)).json<{ scopes_supported: string[] }>()
    expect(metadata).toMatchObject(expected)
    expect(metadata.scopes_supported).toEqual(expect.arrayContaining(['read', 'write', 'invoices.write', 'openid']))
  }
})

test('the document offers OAuth last, after every way that was there before', async () => {
  const document = await (
    await fetch(`${API}/openapi.json`)
  ).json<{
    security: object[]
    paths: Record<string, Record<string, { security?: object[] }>>
    components: { securitySchemes: Record<string, { flows?: Record<string, object> }> }
  }>()
  const keys = [{ bearer: [] }, { apiKey: [] }, { basic: [] }]
  expect(document.security).toEqual([...keys, { oauth: ['read'] }])
  expect(document.paths['/invoices']?.post?.security).toEqual([...keys, { oauth: ['invoices.write'] }])
  expect(document.paths['/tickets']?.post?.security).toEqual([...keys, { oauth: ['write'] }])
  expect(document.paths['/tickets']?.get).not.toHaveProperty('security')
  expect(document.paths['/status']?.get?.security).toEqual([])
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'apiKey', 'basic', 'oauth'])
  const { authorizationCode, clientCredentials } = document.components.securitySchemes.oauth?.flows ?? {}
  expect(authorizationCode).toMatchObject({ authorizationUrl: `${oauth.url}/authorization` })
  expect(clientCredentials).toMatchObject({ tokenUrl: `${oauth.url}/token` })
})

test('each form of the metadata, and registration, can be missing', async () => {
  const status = async (form: string) => (await fetch(`${oauth.url}/.well-known/${form}`)).status
  await behave({ metadata: ['openid'], registration: false })
  expect([await status('oauth-authorization-server'), await status('openid-configuration')]).toEqual([404, 200])
  const metadata = await (await fetch(`${oauth.url}/.well-known/openid-configuration`)).json()
  expect(metadata).not.toHaveProperty('registration_endpoint')
  expect((await fetch(`${oauth.url}/registration`, { method: 'POST' })).status).toBe(404)
  await behave({ metadata: ['oauth'] })
  expect([await status('oauth-authorization-server'), await status('openid-configuration')]).toEqual([200, 404])
})

// ── People ────────────────────────────────────────────────────────────────────────────────────────────────────────

test('a token acts as the person who allowed it', async () => {
  for (const account of [OAUTH_LEAD, OAUTH_COLLEAGUE]) {
    const tokens = await tokensOf(account)
    expect(tokens).toMatchObject({ expires_in: 600, scope: 'read write' })
    expect(await (await ask(tokens.access_token)).json()).toMatchObject({
      signed_in_with: 'oauth',
      email: account.email,
      may_write: true,
      client_id: OWN_APP_ID,
      scopes: ['read', 'write'],
    })
  }
  expect(OAUTH_LEAD.email).not.toBe(OAUTH_COLLEAGUE.email)
})

test('the answer to the client carries its state and the issuer', async () => {
  const callback = await decide(authorization(), OAUTH_LEAD)
  expect(callback.origin + callback.pathname).toBe(REDIRECT)
  expect(callback.searchParams.get('state')).toBe('st')
  expect(callback.searchParams.get('iss')).toBe(oauth.url)
})

test('one browser, two people: every sign-in asks who it is', async () => {
  const browser = createHttpBrowser(oauth.url)
  for (const account of [OAUTH_LEAD, OAUTH_COLLEAGUE]) {
    const who = await browser.open(authorization())
    const { url } = await consent(browser, who, account, {})
    const tokens = await (await redeem(url.searchParams.get('code') ?? '')).json<Tokens>()
    expect(await (await ask(tokens.access_token)).json()).toMatchObject({ email: account.email })
  }
})

test('a person may say no, before or after saying who they are', async () => {
  const browser = createHttpBrowser(oauth.url)
  const who = await browser.open(authorization())
  const { url } = await browser.submit(who.url.pathname, { decision: 'deny' })
  for (const callback of [url, await decide(authorization(), OAUTH_LEAD, { deny: true })]) {
    expect(callback.searchParams.get('error')).toBe('access_denied')
    expect(callback.searchParams.get('code')).toBeNull()
  }
})

test('a person may allow less, and what is missing is told by name', async () => {
  const all = 'read write invoices.write'
  const tokens = await tokensOf(OAUTH_LEAD, all, { scopes: ['read'] })
  expect(tokens.scope).toBe('read')
  expect((await ask(tokens.access_token, '/invoices')).status).toBe(200)
  const refused = await ask(tokens.access_token, '/invoices/INV-2026-0080', { method: 'DELETE' })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="northwind", error="insufficient_scope", scope="invoices.write", resource_metadata="${API}/.well-known/oauth-protected-resource"`,
  )
  const more = await tokensOf(OAUTH_LEAD, all)
  expect((await ask(more.access_token, '/invoices/INV-2026-0080', { method: 'DELETE' })).status).toBe(204)
  const none = await decide(authorization({ scope: all }), OAUTH_LEAD, { scopes: [] })
  expect(none.searchParams.get('error')).toBe('access_denied')
})

test.each([
  ['a scope that was not asked for', { scopes: ['read', 'invoices.write'] }, 'read'],
  ['an unknown scope', { scopes: ['read', 'everything'] }, 'read'],
])('%s is not granted, whatever the form says', async (_what, answer, scope) => {
  expect((await tokensOf(OAUTH_LEAD, 'read write', answer)).scope).toBe(scope)
})

test('GraphQL takes the same tokens, and tells of each field that needs more', async () => {
  const query = async (token: string, text: string) => {
    const response = await ask(token, '/graphql', { method: 'POST', body: JSON.stringify({ query: text }) })
    return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() }
  }
  const reads = (await tokensOf(OAUTH_LEAD, 'read')).access_token
  const invoice = '{ viewer { signedInWith scopes person { email } } invoice(id: "INV-2026-0001") { id amount } }'
  expect((await query(reads, invoice)).body).toMatchObject({
    data: {
      viewer: { signedInWith: 'OAUTH', scopes: ['read'], person: { email: OAUTH_LEAD.email } },
      invoice: { id: 'INV-2026-0001', amount: null },
    },
    errors: [{ path: ['invoice', 'amount'], extensions: { code: 'FORBIDDEN' } }],
  })
  const written = await query(reads, 'mutation { deleteTicket(id: 1001) { deletedId } }')
  expect(written.body).toMatchObject({
    data: { deleteTicket: null },
    errors: [{ extensions: { code: 'INSUFFICIENT_SCOPE', scope: 'write' } }],
  })
  const bills = (await tokensOf(OAUTH_LEAD, 'read invoices.write')).access_token
  expect((await query(bills, invoice)).body).toMatchObject({ data: { invoice: { amount: expect.any(Number) } } })
  const writes = (await tokensOf(OAUTH_LEAD, 'write')).access_token
  const refused = await query(writes, invoice)
  expect([refused.status, refused.challenge]).toEqual([
    403,
    `Bearer realm="northwind", error="insufficient_scope", scope="read", resource_metadata="${API}/.well-known/oauth-protected-resource"`,
  ])
})

test('no other site answers for a person', async () => {
  const browser = createHttpBrowser(oauth.url)
  const uninvited = await browser.submit('/sign-in/made-up', { account: OAUTH_LEAD.id, decision: 'allow' })
  expect(uninvited.status).toBe(400)
})

// ── What the RFCs refuse ──────────────────────────────────────────────────────────────────────────────────────────

test.each([
  ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['for another resource', { resource: 'https://evil.example/' }, 'invalid_target'],
  ['for an implicit token', { response_type: 'token' }, 'unsupported_response_type'],
])('an authorization %s is an error at the client', async (_what, changes, error) => {
  const { url } = await createHttpBrowser(oauth.url).open(authorization(changes))
  expect(url.href).toContain(`error=${error}`)
})

test('a code works once, with its own verifier and redirect URI', async () => {
  const code = async () => (await decide(authorization(), OAUTH_LEAD)).searchParams.get('code') ?? ''
  const other = randomBytes(32).toString('base64url')
  expect((await redeem(await code(), { code_verifier: other })).status).toBe(400)
  expect((await redeem(await code(), { redirect_uri: 'http://localhost:8939/other' })).status).toBe(400)
  const good = await code()
  expect((await redeem(good)).status).toBe(200)
  expect((await redeem(good)).status).toBe(400)
})

test('a refresh token is renewed with every use, and its reuse ends the grant', async () => {
  const first = await tokensOf(OAUTH_LEAD)
  const second = await (await refresh(first.refresh_token)).json<Required<Tokens>>()
  expect(second.refresh_token).not.toBe(first.refresh_token)
  const reused = await refresh(first.refresh_token)
  expect([reused.status, await reused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  expect((await refresh(second.refresh_token)).status).toBe(400)
  const refused = await ask(second.access_token)
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
})

test('a lenient server keeps the refresh token as it is', async () => {
  await behave({ rotates: false })
  const first = await tokensOf(OAUTH_LEAD)
  const second = await (await refresh(first.refresh_token)).json<Tokens>()
  expect(second.refresh_token).toBe(first.refresh_token)
  expect((await refresh(first.refresh_token)).status).toBe(200)
})

test('revocation ends a token, for its own client alone', async () => {
  const tokens = await tokensOf(OAUTH_LEAD)
  const revoke = (headers: Record<string, string>) =>
    post('/token/revocation', { token: tokens.refresh_token }, headers)
  await revoke(basic(API_CLIENT_ID, API_CLIENT_SECRET))
  expect((await ask(tokens.access_token)).status).toBe(200)
  expect((await revoke(OWN_APP)).status).toBe(200)
  expect((await refresh(tokens.refresh_token)).status).toBe(400)
})

test('introspection tells the API of every token, a client of its own, and nobody else', async () => {
  const { access_token: token } = await tokensOf(OAUTH_COLLEAGUE)
  const introspect = async (headers: Record<string, string>) => post('/token/introspection', { token }, headers)
  const seen = await (await introspect(basic(API_CLIENT_ID, API_CLIENT_SECRET))).json()
  expect(seen).toMatchObject({ active: true, aud: API, sub: OAUTH_COLLEAGUE.id, scope: 'read write' })
  expect((await introspect({})).status).toBe(400)
  expect((await introspect(basic(API_CLIENT_ID, 'guess'))).status).toBe(401)
})

test('an id token, a refresh token and what is made up open nothing', async () => {
  const callback = await decide(authorization({ scope: 'openid email read' }), OAUTH_LEAD)
  const response = await redeem(callback.searchParams.get('code') ?? '')
  const tokens = await response.json<Required<Tokens> & { id_token: string }>()
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString())
  expect(claims).toMatchObject({ iss: oauth.url, sub: OAUTH_LEAD.id, email: OAUTH_LEAD.email })
  for (const token of [tokens.id_token, tokens.refresh_token, 'made-up']) {
    expect((await ask(token)).status).toBe(401)
  }
  expect((await ask(tokens.access_token)).status).toBe(200)
})

// ── Other grants and other clients ────────────────────────────────────────────────────────────────────────────────

test('a client acts as itself with client credentials, without a person and without a refresh token', async () => {
  const response = await post('/token', { grant_type: 'client_credentials', scope: 'read invoices.write' })
  const tokens = await response.json<Tokens>()
  expect(tokens.refresh_token).toBeUndefined()
  const me = await (await ask(tokens.access_token)).json()
  expect(me).toMatchObject({ signed_in_with: 'oauth', client_id: OWN_APP_ID, scopes: ['read', 'invoices.write'] })
  expect(me).not.toHaveProperty('email')
})

test('a device is connected by a person on another screen', async () => {
  const begun = await post('/device/auth', { scope: 'read', client_id: OWN_APP_ID, resource: API })
  const device = await begun.json<Record<'device_code' | 'user_code' | 'verification_uri', string>>()
  const poll = () => post('/token', { grant_type: DEVICE_GRANT, device_code: device.device_code })
  expect(await (await poll()).json()).toMatchObject({ error: 'authorization_pending' })

  const browser = createHttpBrowser(oauth.url)
  const start = await browser.open(device.verification_uri)
  const form = { ...findForm(start.html, 'user_code')?.values }
  const wrong = await browser.submit(start.url.pathname, { ...form, user_code: 'BBBB-BBBB' })
  expect(wrong.html).toContain('This code is not known')
  const again = findForm(wrong.html, 'user_code')?.values
  const confirm = await browser.submit(start.url.pathname, { ...again, user_code: device.user_code })
  expect(confirm.html).toContain(device.user_code)
  const who = await browser.submit(start.url.pathname, findForm(confirm.html, 'confirm')?.values ?? {})
  const done = await consent(browser, who, OAUTH_COLLEAGUE, {})
  expect(done.html).toContain('The device is connected')
  const tokens = await (await poll()).json<Tokens>()
  expect(await (await ask(tokens.access_token)).json()).toMatchObject({ email: OAUTH_COLLEAGUE.email })
  expect(tokens.refresh_token).toBeDefined()
})

test('a device that a person refuses is told so', async () => {
  const begun = await post('/device/auth', { scope: 'read', client_id: OWN_APP_ID })
  const device = await begun.json<Record<'device_code' | 'verification_uri_complete', string>>()
  const browser = createHttpBrowser(oauth.url)
  const start = await browser.open(device.verification_uri_complete)
  const confirm = await browser.submit(start.url.pathname, findForm(start.html, 'user_code')?.values ?? {})
  await browser.submit(start.url.pathname, { ...findForm(confirm.html, 'confirm')?.values, abort: 'yes' })
  const answer = await post('/token', { grant_type: DEVICE_GRANT, device_code: device.device_code })
  expect(await answer.json()).toMatchObject({ error: 'access_denied' })
})

test('a client registers by itself and needs no secret', async () => {
  const registration = await fetch(`${oauth.url}/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Registered <b>',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    }),
  })
  expect(registration.status).toBe(201)
  const { client_id: id } = await registration.json<{ client_id: string }>()
  const who = await createHttpBrowser(oauth.url).open(authorization({ client_id: id }))
  expect(who.html).toContain('Registered &lt;b&gt;')
  const callback = await decide(authorization({ client_id: id }), OAUTH_LEAD)
  const code = callback.searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  const response = await post('/token', { ...grant, client_id: id }, {})
  expect((await response.json<Tokens>()).refresh_token).toBeDefined()
})

test('a client is known by the address of its metadata, and not when the document names another', async () => {
  const id = `http://localhost:${PORT + 2}/oauth/client-metadata.json`
  document = {
    client_id: id,
    client_name: 'By document',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  const open = () => createHttpBrowser(oauth.url).open(authorization({ client_id: id }))
  expect((await open()).html).toContain('By document wants to use your account')
  document = { ...document, client_id: `${id}?other` }
  expect((await open()).status).toBe(400)
})

// ── What tests can do ─────────────────────────────────────────────────────────────────────────────────────────────

test('the ledger tells of every token request, and of no secret', async () => {
  const tokens = await tokensOf(OAUTH_LEAD)
  await refresh(tokens.refresh_token)
  await refresh('made-up')
  const entries = await requests()
  expect(entries).toMatchObject([
    { number: 1, grantType: 'authorization_code', clientId: OWN_APP_ID, hasVerifier: true, status: 200, error: null },
    { grantType: 'refresh_token', refreshToken: digest(tokens.refresh_token), status: 200 },
    { grantType: 'refresh_token', status: 400, error: 'invalid_grant', clientAuth: 'client_secret_basic' },
  ])
  const text = JSON.stringify(entries)
  for (const secret of [tokens.refresh_token, tokens.access_token, OWN_APP_SECRET, verifier, 'made-up']) {
    expect(text).not.toContain(secret)
  }
})

test('the next token requests fail as asked, and no refresh token is spent by it', async () => {
  const tokens = await tokensOf(OAUTH_LEAD)
  await behave({ tokenFailures: [500, 429, 'html'] })
  const answers = []
  for (let count = 0; count < 4; count += 1) answers.push(await refresh(tokens.refresh_token))
  expect(answers.map(({ status }) => status)).toEqual([500, 429, 200, 200])
  expect(answers[1]?.headers.get('retry-after')).toBe('1')
  expect(answers[2]?.headers.get('content-type')).toContain('text/html')
  expect(await answers[3]?.json()).toMatchObject({ token_type: 'Bearer' })
  const failed = (await requests()).slice(1)
  expect(failed.map(({ status }) => status)).toEqual([500, 429, 200, 200])
  expect(new Set(failed.map(({ refreshToken }) => refreshToken)).size).toBe(1)
})

test('a lost answer has spent the refresh token', async () => {
  const tokens = await tokensOf(OAUTH_LEAD)
  await behave({ tokenFailures: ['lost'] })
  await expect(refresh(tokens.refresh_token)).rejects.toThrow('fetch failed')
  expect((await requests()).at(-1)).toMatchObject({ grantType: 'refresh_token', status: null })
  expect((await refresh(tokens.refresh_token)).status).toBe(400)
})

test('tokens can be made to end soon, and grants to end at once', async () => {
  await behave({ accessTokenSeconds: 1 })
  const tokens = await tokensOf(OAUTH_LEAD)
  const others = await tokensOf(OAUTH_COLLEAGUE)
  await expect.poll(async () => (await ask(tokens.access_token)).status, { timeout: 4000 }).toBe(401)
  await behave({ accessTokenSeconds: 600 })
  const next = await (await refresh(tokens.refresh_token)).json<Required<Tokens>>()
  expect((await fetch(`${oauth.url}/_grants/${OAUTH_LEAD.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await ask(next.access_token)).status).toBe(401)
  expect((await refresh(next.refresh_token)).status).toBe(400)
  expect((await refresh(others.refresh_token)).status).toBe(200)
})

test('no page changes how the server behaves, and nonsense is refused', async () => {
  const patch = (body: string, headers = {}) => fetch(`${oauth.url}/_behaviour`, { method: 'PATCH', body, headers })
  expect((await patch('{"rotates":false}', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await patch('{"rotate":false}')).status).toBe(400)
  expect((await fetch(`${oauth.url}/_nothing`)).status).toBe(404)
  expect(await (await fetch(`${oauth.url}/_behaviour`)).json()).toMatchObject({ rotates: true })
})

test('a restart keeps clients and tokens when there is a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sample-oauth-'))
  const options = {
    port: PORT + 3,
    resource: API,
    redirectUris: [REDIRECT],
    storagePath: join(folder, 'sample-oauth.json'),
  }
  const url = `http://localhost:${PORT + 3}`
  const ask = async (origin: string, fields: Record<string, string>) =>
    fetch(`${origin}/token`, { method: 'POST', headers: OWN_APP, body: new URLSearchParams(fields) })
  const first = await startSampleOauth(options)
  const browser = createHttpBrowser(url)
  const { url: callback } = await consent(browser, await browser.open(authorization()), OAUTH_LEAD, {})
  const code = callback.searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  const tokens = await (await ask(url, grant)).json<Required<Tokens>>()
  await first.close()
  // On a port of its own: the client of this test keeps connections to the first.
  const second = await startSampleOauth({ ...options, port: PORT + 4 })
  try {
    const refreshed = await ask(second.url, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
    expect(refreshed.status).toBe(200)
  } finally {
    await second.close()
    await rm(folder, { recursive: true })
  }
})
