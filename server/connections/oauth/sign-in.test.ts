// A sign-in from its beginning to its connection, and everything that somebody may try in between.
import { eq } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { connections, oauthFlows } from '../../../drizzle/schema.ts'
import type { Principal } from '../../access/principal.ts'
import { findConnection } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { updateIntegration } from '../../db/integrations.ts'
import type { OAuthFlowRow } from '../../db/oauth-flows.ts'
import { freshDatabase } from '../../testing/database.ts'
import {
  ada,
  DECLARED,
  type DeskOptions,
  DISCOVERED,
  grace,
  oauthDesk,
  type OAuthDesk,
  REDIRECT_URI,
  robot,
} from '../../testing/oauth-desk.ts'
import {
  idToken,
  ISSUER,
  oauthError,
  type ScriptedOAuth,
  scriptedOAuth,
  type ScriptedOAuthOptions,
} from '../../testing/scripted-oauth.ts'
import { openConnection } from '../attach.ts'
import { removeConnection, updateConnection } from '../manage.ts'
import { beginSignIn, type SignIn } from './begin.ts'
import { finishSignIn } from './finish.ts'

let db: Database
let server: ScriptedOAuth
let desk: OAuthDesk

beforeEach(async () => {
  db = await freshDatabase()
  await setUp()
})

/** With an app of one's own, unless the desk is to do without. */
async function setUp(scripted: ScriptedOAuthOptions = {}, options: DeskOptions = {}): Promise<void> {
  server = scriptedOAuth(scripted)
  desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), ...options })
  const { authMethod } = scripted
  const saved = await desk.enterApp(authMethod && { authMethod })
  if (!saved.ok) throw new Error(saved.message)
}

async function begin(principal: Principal = ada, input: Partial<SignIn> = {}): Promise<OAuthFlowRow> {
  const { integration, method } = desk
  const began = await beginSignIn(desk.deps(principal), { integration, method, owner: 'me', slug: 'work', ...input })
  if (!began.ok) throw new Error(began.message)
  return began.flow
}

async function refusal(principal: Principal, input: Partial<SignIn> = {}) {
  const { integration, method } = desk
  return beginSignIn(desk.deps(principal), { integration, method, owner: 'me', slug: 'work', ...input })
}

async function signIn(principal: Principal = ada, input: Partial<SignIn> = {}) {
  const flow = await begin(principal, input)
  const finished = await finishSignIn(desk.deps(principal), server.authorize(flow.authorizationUrl))
  if (!finished.ok) throw new Error(finished.message)
  return finished.connection
}

const parametersOf = (flow: OAuthFlowRow) => new URL(flow.authorizationUrl ?? '').searchParams
const messageOf = async (finishing: ReturnType<typeof finishSignIn>) => {
  const finished = await finishing
  return finished.ok ? 'it worked' : finished.message
}

test('a person is sent to the server with PKCE, a state of their own, and the scopes as declared', async () => {
  const flow = await begin()
  expect(flow.authorizationUrl).toMatch(/^https:\/\/auth\.example\.com\/authorize\?/)
  expect(Object.fromEntries(parametersOf(flow))).toEqual({
    response_type: 'code',
    client_id: 'own-app',
    redirect_uri: REDIRECT_URI,
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    scope: 'read write',
  })
})

test('the callback makes a connection: sealed, pinned, and with what was granted', async () => {
  await setUp({ tokens: { scope: 'read' } })
  const connection = await signIn()
  expect(connection).toMatchObject({
    slug: 'work',
    owner: ada.id,
    origins: ['https://api.example.com'],
    values: {},
    tokenVersion: 1,
    health: 'untested',
    oauth: {
      grant: 'authorization_code',
      methodId: 'oauth2',
      scopesRequested: ['read', 'write'],
      scopesGranted: ['read'],
      canRefresh: true,
    },
  })
  expect(connection.tokenExpiresAt).toBeGreaterThan(Date.now() + 3_500_000)
  expect(connection.method).not.toHaveProperty('oauth')
  const opened = await openConnection(connection, desk.deps(ada).vault)
  expect(opened.ok && Object.fromEntries(opened.values)).toEqual({ token: 'access-1', '.refresh': 'refresh-1' })
})

test('neither a token, a code, a verifier nor a client secret is anywhere in plain text', async () => {
  await setUp({ tokens: { access_token: 'canary-access', refresh_token: 'canary-refresh' } })
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  await finishSignIn(desk.deps(ada), callback)
  const tables = ['connections', 'oauth_clients', 'oauth_flows', 'audit']
  const stored = await Promise.all(tables.map((table) => db.$client.prepare(`SELECT * FROM ${table}`).all()))
  const text = JSON.stringify(stored.map(({ results }) => results))
  const verifier = server.sentTo(`${ISSUER}/token`)[0]?.parameters.get('code_verifier') ?? 'none was sent'
  for (const secret of ['canary', 'own-secret', verifier, callback.searchParams.get('code') ?? 'none']) {
    expect(text).not.toContain(secret)
  }
})

test('the state is stored as its hash only, beside the address that only its own person is shown', async () => {
  const flow = await begin()
  expect(flow.stateHash).toMatch(/^[\da-f]{64}$/)
  expect(flow.stateHash).not.toContain(parametersOf(flow).get('state'))
})

test('opened twice, the same address finds the same connection and exchanges nothing', async () => {
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  const [first, second] = [await finishSignIn(desk.deps(ada), callback), await finishSignIn(desk.deps(ada), callback)]
  expect(first.ok && second.ok && first.connection.id === second.connection.id).toBe(true)
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(1)
})

test('opened twice at once, one exchanges the code and both have its connection', async () => {
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  const both = await Promise.all([finishSignIn(desk.deps(ada), callback), finishSignIn(desk.deps(ada), callback)])
  expect(both.map(({ ok }) => ok)).toEqual([true, true])
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(1)
  expect(await db.$count(connections)).toBe(1)
})

test('a state is good once: with another code it finds what came of the first', async () => {
  const flow = await begin()
  await finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl))
  await finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl, { code: 'stolen' }))
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(1)
})

test('another person finds nothing at that address, and learns nothing', async () => {
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  const theirs = await finishSignIn(desk.deps(grace), callback)
  const unknown = await finishSignIn(desk.deps(grace), server.authorize(flow.authorizationUrl, { state: 'made-up' }))
  expect(theirs).toEqual(unknown)
  expect(theirs).not.toHaveProperty('flow')
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(0)
  // And it is still there for whoever began it.
  expect((await finishSignIn(desk.deps(ada), callback)).ok).toBe(true)
})

test.each<[string, (callback: URL) => void]>([
  ['no state', (callback) => callback.searchParams.delete('state')],
  ['an empty state', (callback) => callback.searchParams.set('state', '')],
  ['two states', (callback) => callback.searchParams.append('state', 'another')],
  ['the hash of the state', (callback) => callback.searchParams.set('state', 'a'.repeat(64))],
])('an answer with %s is nobody’s', async (_what, change) => {
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  change(callback)
  expect(await messageOf(finishSignIn(desk.deps(ada), callback))).toMatch(/no such sign-in of yours/)
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(0)
})

test('after ten minutes it is over, and says so as often as it is asked', async () => {
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  desk.pass(10 * 60 * 1000 + 1)
  for (let asked = 0; asked < 2; asked++) {
    expect(await messageOf(finishSignIn(desk.deps(ada), callback))).toMatch(/time for this sign-in is over/)
  }
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(0)
})

test.each<[string, Record<string, string | null>, RegExp]>([
  ['of another issuer (RFC 9207)', { iss: 'https://evil.example' }, /came from https:\/\/evil\.example.*was not used/],
  ['that names no issuer, where the server says that it does (RFC 9207)', { iss: null }, /iss.*missing/],
  ['with an ID token in it (RFC 6749, 4.1.2)', { id_token: 'x' }, /cannot be used/],
  ['without a code', { code: null }, /without a code/],
])('an answer %s is refused, and its code goes nowhere', async (_what, more, message) => {
  await setUp({}, { oauth: DISCOVERED })
  const flow = await begin()
  expect(await messageOf(finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl, more)))).toMatch(message)
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(0)
  const [stored] = await db.select().from(oauthFlows)
  expect(stored?.state).toBe('failed')
})

test('a server without a known issuer is held to its own host, so that no other server’s code reaches it', async () => {
  const flow = await begin()
  const mixedUp = server.authorize(flow.authorizationUrl, { iss: 'https://honest.example' })
  expect(await messageOf(finishSignIn(desk.deps(ada), mixedUp))).toMatch(/came from https:\/\/honest\.example/)
  expect(server.sentTo(`${ISSUER}/token`)).toHaveLength(0)
})

test('a code that somebody else got is worth nothing here: it was made for another verifier', async () => {
  const [mine, theirs] = [await begin(ada), await begin(grace)]
  const stolen = server.authorize(theirs.authorizationUrl).searchParams.get('code')
  const injected = server.authorize(mine.authorizationUrl, { code: stolen })
  expect(await messageOf(finishSignIn(desk.deps(ada), injected))).toMatch(/invalid_grant.*Begin again/)
  expect(await db.$count(connections)).toBe(0)
})

test('what the provider says is shown as it is, on one line, bounded, with what to do', async () => {
  const flow = await begin()
  const description = `Ask\u202e your\nadmin\u0000 ${'!'.repeat(2000)}`
  const denied = server.authorize(flow.authorizationUrl, {
    code: null,
    error: 'access_denied',
    error_description: description,
  })
  const message = await messageOf(finishSignIn(desk.deps(ada), denied))
  expect(message).toMatch(/^auth\.example\.com says: Ask your admin !+… \(access_denied\)\. Access was declined there/)
  expect(message).not.toMatch(/\p{Cc}|\u202e/u)
  expect(message.length).toBeLessThan(600)
  // Also for whoever opens it again.
  expect(await messageOf(finishSignIn(desk.deps(ada), denied))).toBe(message)
})

test('an error of the token endpoint never repeats the code or the secret', async () => {
  await setUp({
    answers: {
      [`${ISSUER}/token`]: (_request, body) =>
        oauthError('invalid_grant', 400, `code ${body.get('code')} verifier ${body.get('code_verifier')} own-secret`),
    },
  })
  const flow = await begin()
  const callback = server.authorize(flow.authorizationUrl)
  const message = await messageOf(finishSignIn(desk.deps(ada), callback))
  expect(message).toContain('code ••• verifier ••• •••')
  expect(message).not.toContain(callback.searchParams.get('code'))
})

test.each([
  'client_id',
  'redirect_uri',
  'state',
  'scope',
  'code_challenge',
  'resource',
  'request_uri',
  'Response_Type',
])('a method may not set %s of the request', async (name) => {
  await setUp({}, { oauth: { ...DECLARED, authorizeParameters: { [name]: 'https://evil.example' } } })
  expect(await refusal(ada)).toMatchObject({ ok: false, code: 'invalid', message: expect.stringContaining(name) })
})

test('its other parameters are sent', async () => {
  const authorizeParameters = { access_type: 'offline', prompt: 'consent' }
  await setUp({}, { oauth: { ...DECLARED, authorizeParameters } })
  expect(Object.fromEntries(parametersOf(await begin()))).toMatchObject(authorizeParameters)
})

test('an endpoint’s own query stays, but what is said here is said once', async () => {
  const [flow] = DECLARED.flows
  if (!flow) throw new Error('no flow')
  const authorizationUrl = `${ISSUER}/authorize?tenant=acme&redirect_uri=https://evil.example&state=known&request_uri=https://evil.example`
  await setUp({}, { oauth: { ...DECLARED, flows: [{ ...flow, authorizationUrl }] } })
  const parameters = parametersOf(await begin())
  expect(parameters.get('tenant')).toBe('acme')
  expect(parameters.getAll('redirect_uri')).toEqual([REDIRECT_URI])
  expect(parameters.getAll('state')).toHaveLength(1)
  expect(parameters.has('request_uri')).toBe(false)
})

test.each([
  'javascript:alert(1)',
  'data:text/html,hi',
  'http://auth.example.com/authorize',
  'https://user:password@auth.example.com/authorize',
  'http://127.0.0.1:9000/authorize',
])('nobody is led to %s', async (endpoint) => {
  await setUp({}, { oauth: DISCOVERED })
  server.answers[`${ISSUER}/.well-known/oauth-authorization-server`] = () =>
    Response.json({
      issuer: ISSUER,
      authorization_endpoint: endpoint,
      token_endpoint: `${ISSUER}/token`,
      code_challenge_methods_supported: ['S256'],
    })
  expect(await refusal(ada)).toMatchObject({ ok: false, code: 'discovery_failed' })
  expect(await db.$count(oauthFlows)).toBe(0)
})

test.each<[string, Principal, Partial<SignIn>, string]>([
  ['a member for everyone', grace, { owner: 'org' }, 'refused'],
  ['a service', robot, {}, 'refused'],
  ['under a name that is none', ada, { slug: 'not a name' }, 'invalid'],
])('%s cannot sign in', async (_what, principal, input, code) => {
  expect(await refusal(principal, input)).toMatchObject({ ok: false, code })
})

test('a method that the integration does not have is not taken from whoever asks', async () => {
  const [flow] = DECLARED.flows
  if (!flow) throw new Error('no flow')
  const evil = { ...DECLARED, flows: [{ ...flow, authorizationUrl: 'https://evil.example/authorize' }] }
  const forged = await begin(ada, { method: { ...desk.method, oauth: evil } })
  expect(forged.authorizationUrl).toMatch(/^https:\/\/auth\.example\.com\//)
  expect(await refusal(ada, { method: { ...desk.method, id: 'other' } })).toMatchObject({ ok: false, code: 'invalid' })
})

test('whoever is no admin any more when they come back connects nothing for everyone', async () => {
  await setUp({}, { oauth: DISCOVERED })
  const flow = await begin(ada, { owner: 'org' })
  const callback = server.authorize(flow.authorizationUrl)
  const demoted: Principal = ada.kind === 'person' ? { ...ada, isAdmin: false } : ada
  expect(await messageOf(finishSignIn(desk.deps(demoted), callback))).toMatch(/may not connect accounts for everyone/)
  expect(await db.$count(connections)).toBe(0)
  expect(server.revoked).toEqual(['refresh-1', 'access-1'])
})

test('a name that was taken meanwhile is said so, and the tokens are taken back', async () => {
  await setUp({}, { oauth: DISCOVERED })
  const flow = await begin()
  await signIn(ada)
  const late = await finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl))
  expect(late).toMatchObject({ ok: false, message: expect.stringMatching(/already/) })
  expect(server.revoked).toEqual(['refresh-2', 'access-2'])
})

test('a sign-in renews a connection in place, and whoever refreshes it just now is too late', async () => {
  const before = await signIn()
  const needy = { health: 'needs_sign_in' as const, healthReason: 'gone', refreshUntil: 0, refreshEpoch: 3 }
  await db.update(connections).set(needy).where(eq(connections.id, before.id))
  const after = await signIn(ada, { connection: before, slug: 'other' })
  expect(after).toMatchObject({
    id: before.id,
    slug: 'work',
    tokenVersion: 2,
    refreshEpoch: 4,
    refreshUntil: null,
    health: 'untested',
    healthReason: null,
  })
  const opened = await openConnection(after, desk.deps(ada).vault)
  expect(opened.ok && opened.values.get('token')).toBe('access-2')
  const [last] = (await db.query.audit.findMany()).slice(-1)
  expect(last).toMatchObject({ action: 'connection.changed', actor: ada.id })
})

test('a connection that was removed meanwhile does not come back', async () => {
  const before = await signIn()
  const flow = await begin(ada, { connection: before })
  await db.delete(connections).where(eq(connections.id, before.id))
  const message = await messageOf(finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl)))
  expect(message).toMatch(/removed meanwhile/)
  expect(await db.$count(connections)).toBe(0)
})

test('nobody renews the connection of somebody else', async () => {
  const hers = await signIn(ada)
  expect(await refusal(grace, { connection: hers })).toMatchObject({ ok: false, code: 'refused', field: 'owner' })
})

test('a step-up asks for more than was declared, once', async () => {
  const connection = await signIn()
  const flow = await begin(ada, { connection, scopes: ['admin', 'read', 'not"a scope'] })
  expect(parametersOf(flow).get('scope')).toBe('read write admin')
})

test('a method that the integration loses meanwhile ends the sign-in', async () => {
  const flow = await begin()
  await updateIntegration(db, desk.integration.id, { authMethods: [], updatedAt: 2 })
  const message = await messageOf(finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl)))
  expect(message).toMatch(/no such way to sign in any more/)
})

const OPENID: ScriptedOAuthOptions = { metadata: { userinfo_endpoint: `${ISSUER}/userinfo` } }
const WITH_OPENID = { ...DISCOVERED, scopes: ['openid', 'read'] }

/** Claims of an ID token that is right in everything but what is changed. */
function claims(flow: OAuthFlowRow, change: Record<string, unknown> = {}) {
  const now = Math.floor(Date.now() / 1000)
  const nonce = parametersOf(flow).get('nonce')
  return { iss: ISSUER, aud: 'own-app', sub: '1', iat: now, exp: now + 60, nonce, email: 'ada@corp.example', ...change }
}

test('an ID token says whose account it is', async () => {
  const tokens: Record<string, unknown> = {}
  await setUp({ ...OPENID, tokens }, { oauth: WITH_OPENID })
  const flow = await begin()
  tokens.id_token = idToken(claims(flow))
  const finished = await finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl))
  expect(finished.ok && finished.connection.identity).toBe('ada@corp.example')
})

test.each<[string, Record<string, unknown> | null]>([
  ['of another sign-in', { nonce: 'another' }],
  ['without a nonce', { nonce: undefined }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['for another client', { aud: 'another-app' }],
  ['for another client too, and not issued to this one', { aud: ['own-app', 'another'], azp: 'another' }],
  ['that ended more than five minutes ago', { exp: Math.floor(Date.now() / 1000) - 400 }],
  ['that is not there, though it was asked for', null],
])('an ID token %s is refused', async (_what, change) => {
  const tokens: Record<string, unknown> = {}
  await setUp({ ...OPENID, tokens }, { oauth: WITH_OPENID })
  const flow = await begin()
  if (change) tokens.id_token = idToken(claims(flow, change))
  const message = await messageOf(finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl)))
  expect(message).toMatch(/answer of the token endpoint at auth\.example\.com cannot be used/)
  expect(await db.$count(connections)).toBe(0)
})

test('an ID token that ended four minutes ago by our clock is good: clocks differ', async () => {
  const tokens: Record<string, unknown> = {}
  await setUp({ ...OPENID, tokens }, { oauth: WITH_OPENID })
  const flow = await begin()
  tokens.id_token = idToken(claims(flow, { exp: Math.floor(Date.now() / 1000) - 240 }))
  expect(await messageOf(finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl)))).toBe('it worked')
})

test('userinfo of somebody else is not used (OpenID Connect Core, 5.3.2)', async () => {
  const tokens: Record<string, unknown> = {}
  await setUp({ ...OPENID, tokens }, { oauth: WITH_OPENID })
  server.answers[`${ISSUER}/userinfo`] = () => Response.json({ sub: '2', email: 'eve@corp.example' })
  const flow = await begin()
  tokens.id_token = idToken(claims(flow, { email: undefined }))
  const finished = await finishSignIn(desk.deps(ada), server.authorize(flow.authorizationUrl))
  expect(finished.ok && finished.connection.identity).toBeNull()
})

test('without an ID token the userinfo says who it is, and that the token works', async () => {
  await setUp(OPENID, { oauth: DISCOVERED })
  server.answers[`${ISSUER}/userinfo`] = (request) =>
    request.headers.get('authorization') === 'Bearer access-1'
      ? Response.json({ sub: '1', preferred_username: 'ada' })
      : new Response(null, { status: 401 })
  expect(await signIn()).toMatchObject({ identity: 'ada', health: 'ok' })
})

test('a removed connection takes its tokens back, refresh token first', async () => {
  await setUp({}, { oauth: DISCOVERED })
  const connection = await signIn()
  expect((await removeConnection(desk.deps(ada), connection)).ok).toBe(true)
  const asked = server.sentTo(`${ISSUER}/revoke`).map(({ parameters }) => Object.fromEntries(parameters))
  expect(asked).toEqual([
    { token: 'refresh-1', token_type_hint: 'refresh_token' },
    { token: 'access-1', token_type_hint: 'access_token' },
  ])
})

test.each<[string, () => Response | Promise<Response>]>([
  ['fails', () => new Response('no', { status: 500 })],
  ['answers with a web page', () => new Response('<html>', { status: 200 })],
  ['is gone', () => Promise.reject(new Error('connection refused'))],
])('a connection is removed all the same when revocation %s', async (_what, answer) => {
  await setUp({}, { oauth: DISCOVERED })
  const connection = await signIn()
  server.answers[`${ISSUER}/revoke`] = answer
  expect((await removeConnection(desk.deps(ada), connection)).ok).toBe(true)
  expect(await findConnection(db, connection.id)).toBeUndefined()
})

test('a token that is typed in takes the place of the grant, and of its refresh token', async () => {
  const connection = await signIn()
  const changed = await updateConnection(desk.deps(ada), connection, { values: { token: 'typed' } })
  if (!changed.ok) throw new Error(changed.message)
  expect(changed.connection).toMatchObject({ oauth: null, tokenExpiresAt: null, identity: null, tokenVersion: 2 })
  const opened = await openConnection(changed.connection, desk.deps(ada).vault)
  expect(opened.ok && Object.fromEntries(opened.values)).toEqual({ token: 'typed' })
})

test('a form that leaves the token as it is leaves the grant as it is', async () => {
  const connection = await signIn()
  const changed = await updateConnection(desk.deps(ada), connection, { slug: 'home', values: { token: '' } })
  expect(changed.ok && changed.connection).toMatchObject({ slug: 'home', oauth: { canRefresh: true } })
  const opened = await openConnection((await findConnection(db, connection.id)) ?? connection, desk.deps(ada).vault)
  expect(opened.ok && opened.values.get('.refresh')).toBe('refresh-1')
})
