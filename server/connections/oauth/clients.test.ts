import { beforeEach, expect, test } from 'vitest'
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import { clientMetadata } from '../../access/client-metadata.ts'
import type { Database } from '../../db/database.ts'
import { isRetired, listOAuthClients, type OAuthClientRow } from '../../db/oauth-clients.ts'
import { freshDatabase } from '../../testing/database.ts'
import { ada, DISCOVERED, grace, oauthDesk, type OAuthDesk, ORIGIN, REDIRECT_URI } from '../../testing/oauth-desk.ts'
import { ISSUER, oauthError, type ScriptedOAuth, scriptedOAuth } from '../../testing/scripted-oauth.ts'
import { beginSignIn } from './begin.ts'
import { clientFor, findOwnApp, removeOwnApp, saveOwnApp } from './clients.ts'
import { finishSignIn } from './finish.ts'

const REGISTER = `${ISSUER}/register`
const DOCUMENT = `${ORIGIN}/oauth/client-metadata.json`
const SERVER: AuthorizationServer = {
  issuer: ISSUER,
  authorizationEndpoint: `${ISSUER}/authorize`,
  tokenEndpoint: `${ISSUER}/token`,
  registrationEndpoint: REGISTER,
  tokenEndpointAuthMethodsSupported: ['client_secret_basic'],
  sendsIssuer: false,
  acceptsMetadataDocument: false,
}
const WITH_DOCUMENT: AuthorizationServer = { ...SERVER, acceptsMetadataDocument: true }

let db: Database
let server: ScriptedOAuth
let desk: OAuthDesk

beforeEach(async () => {
  db = await freshDatabase()
  server = scriptedOAuth()
  server.answers[DOCUMENT] = () => Response.json(clientMetadata(ORIGIN))
  desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), oauth: DISCOVERED })
})

const clientAt = (of: AuthorizationServer, origin = ORIGIN) =>
  clientFor(
    { ...desk.deps(ada), origin },
    { integrationId: desk.integration.id, server: of, grant: 'authorization_code' },
  )

async function found(of: AuthorizationServer = SERVER): Promise<OAuthClientRow> {
  const client = await clientAt(of)
  if (!client.ok) throw new Error(client.message)
  return client.client
}

test('an own app comes first, then the metadata document, then a registration', async () => {
  expect(await found(SERVER)).toMatchObject({ kind: 'registered', clientId: 'own-app' })
  expect(await found(WITH_DOCUMENT)).toMatchObject({
    kind: 'metadata_document',
    clientId: DOCUMENT,
    authMethod: 'none',
  })
  await desk.enterApp()
  expect(await found(WITH_DOCUMENT)).toMatchObject({ kind: 'own', clientId: 'own-app' })
})

test.each<[string, () => Response]>([
  ['Access answers instead', () => new Response('<html>', { status: 200, headers: { 'content-type': 'text/html' } })],
  ['it redirects to a login', () => Response.redirect('https://team.cloudflareaccess.com/', 302)],
  [
    'it is that of another client',
    () => Response.json({ ...clientMetadata(ORIGIN), client_id: 'https://evil.example/' }),
  ],
])('the metadata document is not used when the server could not read it: %s', async (_what, answer) => {
  server.answers[DOCUMENT] = answer
  expect((await found(WITH_DOCUMENT)).kind).toBe('registered')
})

test('a server that knows no clients of its own accord needs an app of one’s own, and the message says what to register', async () => {
  const { registrationEndpoint: _none, ...without } = SERVER
  expect(await clientAt(without)).toMatchObject({
    ok: false,
    code: 'own_app_needed',
    message: expect.stringContaining(`Register an app at auth.example.com with the redirect URI ${REDIRECT_URI}`),
  })
})

test('a registration says who Executor is, and its secret is sealed', async () => {
  const client = await found()
  const asked = JSON.parse(server.sentTo(REGISTER)[0]?.body ?? '')
  expect(asked).toEqual({
    client_name: 'Executor',
    client_uri: ORIGIN,
    redirect_uris: [REDIRECT_URI],
    response_types: ['code'],
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
  })
  expect(client).toMatchObject({ authMethod: 'client_secret_basic', expiresAt: null, server: ISSUER })
  expect(JSON.stringify(await listOAuthClients(db, desk.integration.id))).not.toContain('own-secret')
})

test('registrations at once make one client', async () => {
  let count = 0
  server.answers[REGISTER] = async (request) =>
    Response.json(
      {
        ...JSON.parse(await request.text()),
        client_id: `client-${++count}`,
        client_secret: 's',
        client_secret_expires_at: 0,
      },
      { status: 201 },
    )
  const clients = await Promise.all(Array.from({ length: 5 }, () => found()))
  expect(new Set(clients.map(({ id }) => id)).size).toBe(1)
  expect(await listOAuthClients(db, desk.integration.id)).toHaveLength(1)
})

test('a registration is used again, until its secret ends', async () => {
  const ends = Math.floor(Date.now() / 1000) + 3600
  let count = 0
  server.answers[REGISTER] = () =>
    Response.json(
      { client_id: `client-${++count}`, client_secret: 's', client_secret_expires_at: ends },
      { status: 201 },
    )
  expect((await found()).clientId).toBe('client-1')
  expect((await found()).clientId).toBe('client-1')
  desk.pass(50 * 60 * 1000)
  expect((await found()).clientId).toBe('client-2')
  // Nothing was signed in with the first.
  expect(await listOAuthClients(db, desk.integration.id)).toHaveLength(1)
})

test('Executor at another address registers anew, and connections of before keep their client', async () => {
  server = scriptedOAuth({ metadata: { registration_endpoint: REGISTER } })
  const { integration, method } = desk
  const began = await beginSignIn(desk.deps(ada), { integration, method, owner: 'me', slug: 'work' })
  if (!began.ok) throw new Error(began.message)
  const finished = await finishSignIn(desk.deps(ada), server.authorize(began.flow.authorizationUrl))
  expect(finished.ok).toBe(true)

  const elsewhere = await clientAt(SERVER, 'https://moved.example.com')
  expect(elsewhere).toMatchObject({ ok: true, client: { redirectUri: 'https://moved.example.com/oauth/callback' } })
  const clients = await listOAuthClients(db, integration.id)
  expect(clients.map((client) => isRetired(client))).toEqual([true, false])
  expect(finished.ok && finished.connection.oauth?.client).toBe(clients[0]?.id)
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no client_id', { client_secret: 's' }, /without a client_id/],
  ['a method of its own', { client_id: 'c', token_endpoint_auth_method: 'tls_client_auth' }, /for tls_client_auth/],
  ['no secret where one is needed', { client_id: 'c' }, /issued no secret/],
  [
    'a key that nobody sent',
    { client_id: 'c', token_endpoint_auth_method: 'private_key_jwt' },
    /key that it never sent/,
  ],
  [
    'another redirect URI',
    { client_id: 'c', client_secret: 's', redirect_uris: ['https://evil.example/'] },
    /another redirect URI/,
  ],
])('a registration with %s is not used (RFC 7591, 3.2.1)', async (_what, answer, message) => {
  server.answers[REGISTER] = () => Response.json(answer, { status: 201 })
  expect(await clientAt(SERVER)).toMatchObject({
    ok: false,
    code: 'own_app_needed',
    message: expect.stringMatching(message),
  })
  expect(await listOAuthClients(db, desk.integration.id)).toEqual([])
})

test('a server that registers nobody says why', async () => {
  server.answers[REGISTER] = () => oauthError('access_denied', 403, 'Ask\u0000 sales')
  expect(await clientAt(SERVER)).toMatchObject({
    code: 'own_app_needed',
    message: expect.stringContaining('Ask sales'),
  })
  server.answers[REGISTER] = () => new Response('busy', { status: 503 })
  expect(await clientAt(SERVER)).toMatchObject({ code: 'discovery_failed' })
})

test('a registration endpoint in the local network is not asked', async () => {
  const inside = { ...SERVER, registrationEndpoint: 'https://169.254.169.254/register' }
  expect((await clientAt(inside)).ok).toBe(false)
  expect(server.sentTo('https://169.254.169.254/register')).toEqual([])
})

test('an own app is an admin’s, its secret is write-only, and what was done is on record by names', async () => {
  const { integration, method } = desk
  const app = {
    integration,
    method,
    clientId: ' app-1 ',
    clientSecret: 'hunter2',
    authMethod: 'client_secret_post' as const,
  }
  expect(await saveOwnApp(desk.deps(grace), app)).toMatchObject({ ok: false, field: 'owner' })
  expect(await saveOwnApp(desk.deps(ada), { ...app, clientSecret: '' })).toMatchObject({
    ok: false,
    field: 'clientSecret',
  })
  expect(await saveOwnApp(desk.deps(ada), app)).toMatchObject({
    ok: true,
    client: { clientId: 'app-1', server: ISSUER },
  })
  const again = await saveOwnApp(desk.deps(ada), { ...app, clientSecret: '', authMethod: 'client_secret_basic' })
  expect(again).toMatchObject({ ok: true, client: { authMethod: 'client_secret_basic' } })
  const records = await db.query.audit.findMany()
  expect(records.map(({ action, subject, details }) => [action, subject, JSON.parse(details)])).toEqual([
    [
      'connection.app_saved',
      integration.slug,
      { server: ISSUER, authMethod: 'client_secret_post', fields: ['client ID', 'client secret'] },
    ],
    [
      'connection.app_saved',
      integration.slug,
      { server: ISSUER, authMethod: 'client_secret_basic', fields: ['client ID'] },
    ],
  ])
  const stored = await db.$client.prepare('SELECT * FROM oauth_clients').all()
  expect(JSON.stringify([records, stored.results, again])).not.toContain('hunter2')
})

test('for private_key_jwt Executor makes a key, shows its public half, and keeps it when the app is saved again', async () => {
  const first = await desk.enterApp({ authMethod: 'private_key_jwt', clientSecret: '' })
  const second = await desk.enterApp({ authMethod: 'private_key_jwt', clientSecret: '' })
  if (!first.ok || !second.ok) throw new Error('not saved')
  expect(first.client.publicKey).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  expect(first.client.publicKey).not.toHaveProperty('d')
  expect(second.client.publicKey).toEqual(first.client.publicKey)
})

test('an own app can be removed by admins, and is found by the server of its method', async () => {
  await desk.enterApp()
  const { integration, method } = desk
  const own = await findOwnApp(desk.deps(grace), { integration, method })
  if (!own) throw new Error('no app')
  expect(await removeOwnApp(desk.deps(grace), own)).toMatchObject({ ok: false })
  expect(await removeOwnApp(desk.deps(ada), own)).toEqual({ ok: true })
  expect(await findOwnApp(desk.deps(ada), { integration, method })).toBeUndefined()
})
