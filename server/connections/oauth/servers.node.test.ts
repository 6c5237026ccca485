// Which authorization servers Executor signs in to, and which it refuses: each row says what the standards say. The first
// table is real servers (`oidc-provider`), the second servers that do one thing differently.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ClientAuthMethod, OAuth } from '../../../drizzle/shapes.ts'
import { clientMetadata } from '../../access/client-metadata.ts'
import type { ConnectionRow } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { findOAuthClient } from '../../db/oauth-clients.ts'
import { nodeDatabase } from '../../testing/node-database.ts'
import { ada, DECLARED, DISCOVERED, oauthDesk, type OAuthDesk, ORIGIN } from '../../testing/oauth-desk.ts'
import {
  type MetadataForm,
  type OidcServer,
  type OidcServerOptions,
  OWN_CLIENT,
  OWN_SECRET,
  startOidcServer,
} from '../../testing/oidc-server.ts'
import {
  API,
  ISSUER,
  oauthError,
  type ScriptedOAuth,
  scriptedOAuth,
  type ScriptedOAuthOptions,
} from '../../testing/scripted-oauth.ts'
import { openConnection } from '../attach.ts'
import { removeConnection } from '../manage.ts'
import { beginSignIn } from './begin.ts'
import { finishSignIn } from './finish.ts'
import { connectMachine } from './machine.ts'
import { refreshTokenRequest } from './token-request.ts'

let db: Database
let dispose: () => Promise<void>

beforeAll(async () => {
  // What oidc-provider has to say about servers that are not meant for tests.
  for (const level of ['info', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {})
  ;({ db, dispose } = await nodeDatabase())
})

afterAll(() => dispose())

/** The whole way, with whoever plays the person; answers the connection, or why there is none. */
async function signIn(
  desk: OAuthDesk,
  visit: (authorizationUrl: string | null) => URL | Promise<URL>,
): Promise<ConnectionRow | string> {
  const { integration, method } = desk
  const began = await beginSignIn(desk.deps(ada), { integration, method, owner: 'me', slug: 'work' })
  if (!began.ok) return `${began.code}: ${began.message}`
  const finished = await finishSignIn(desk.deps(ada), await visit(began.flow.authorizationUrl))
  return finished.ok ? finished.connection : finished.message
}

const AUTH_METHODS: ClientAuthMethod[] = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']
const LOCAL = 'http://localhost:8787'

describe('oidc-provider', () => {
  const servers: OidcServer[] = []
  afterAll(() => Promise.all(servers.map((server) => server.close())))

  async function start(
    options: Pick<OidcServerOptions, 'form' | 'authMethod' | 'registration'>,
    oauth: Partial<OAuth> = {},
  ) {
    const server = await startOidcServer({ ...options, redirectUri: `${LOCAL}/oauth/callback` })
    servers.push(server)
    const discovered = { field: 'token', flows: [], issuer: server.issuer, scopes: ['openid', 'offline_access'] }
    const desk = await oauthDesk(db, { oauth: { ...discovered, ...oauth }, origin: LOCAL, allowLocalNetwork: true })
    if (!options.registration) {
      const { authMethod } = options
      const clientSecret = authMethod.startsWith('client_secret') ? OWN_SECRET : ''
      const saved = await desk.enterApp({ clientId: OWN_CLIENT, clientSecret, authMethod })
      if (!saved.ok) throw new Error(saved.message)
      server.ownKey.current = saved.client.publicKey
    }
    return { server, desk }
  }

  const FORMS: [MetadataForm, string][] = [
    ['oauth-inserted', 'RFC 8414, 3.1'],
    ['openid-inserted', 'RFC 8414, 5'],
    ['openid-appended', 'OpenID Connect Discovery, 4.1'],
  ]
  const rows = FORMS.flatMap(([form, section]) =>
    AUTH_METHODS.flatMap((authMethod) =>
      [false, true].map((registration): [MetadataForm, string, ClientAuthMethod, string, boolean] => [
        form,
        section,
        authMethod,
        registration ? 'registered (RFC 7591)' : 'an own app',
        registration,
      ]),
    ),
  )

  test.each(rows)(
    'metadata %s (%s), %s, %s: signs in, refreshes, revokes',
    async (form, _section, authMethod, _client, registration) => {
      const { server, desk } = await start({ form, authMethod, registration })
      const connection = await signIn(desk, server.visit)
      if (typeof connection === 'string') throw new Error(connection)
      expect(connection.identity).toBe('ada@corp.example')
      expect(connection.oauth).toMatchObject({ canRefresh: true, server: { issuer: server.issuer, sendsIssuer: true } })
      const { vault, ...deps } = desk.deps(ada)
      const client = await findOAuthClient(db, connection.oauth?.client ?? '')
      const opened = await openConnection(connection, vault)
      const refreshToken = (opened.ok && opened.values.get('.refresh')) || ''
      if (!client || !connection.oauth) throw new Error('no client')
      expect(client).toMatchObject({ kind: registration ? 'registered' : 'own', authMethod })
      const asking = { server: connection.oauth.server, client }

      const refreshed = await refreshTokenRequest({ ...deps, vault }, asking, { refreshToken })
      if (refreshed.kind !== 'tokens') throw new Error(refreshed.message)
      expect(refreshed.tokens.refreshToken).not.toBe(refreshToken)

      // Removal takes the stored token back, and with it the grant.
      await removeConnection(desk.deps(ada), connection)
      const rotated = { refreshToken: refreshed.tokens.refreshToken ?? '' }
      expect(await refreshTokenRequest({ ...deps, vault }, asking, rotated)).toMatchObject({
        kind: 'refused',
        error: 'invalid_grant',
      })
    },
  )

  test.each(AUTH_METHODS.filter((method) => method !== 'none'))(
    'client credentials with %s (RFC 6749, 4.4)',
    async (authMethod) => {
      const { desk } = await start({ form: 'openid-appended', authMethod, registration: false }, { scopes: [] })
      const { integration, method } = desk
      const made = await connectMachine(desk.deps(ada), { integration, method, owner: 'org', slug: 'machine' })
      expect(made).toMatchObject({ ok: true, connection: { oauth: { grant: 'client_credentials', canRefresh: true } } })
    },
  )

  test('an API whose metadata names the server gets tokens for itself (RFC 9728, 3; RFC 8707, 2)', async () => {
    const options = { form: 'oauth-inserted', authMethod: 'client_secret_basic', registration: true } as const
    const { server } = await start(options)
    const oauth: OAuth = { field: 'token', flows: [], resourceUrl: server.resource }
    const desk = await oauthDesk(db, { oauth, origin: LOCAL, allowLocalNetwork: true })
    const connection = await signIn(desk, (address) => {
      const asked = new URL(address ?? '').searchParams
      expect(asked.get('resource')).toBe(server.resource)
      expect(asked.get('scope')).toBe('read offline_access')
      return server.visit(address)
    })
    if (typeof connection === 'string') throw new Error(connection)
    expect(connection.oauth).toMatchObject({ resource: server.resource, scopesGranted: ['read'] })
  })

  test('a wrong secret is the server’s own refusal (RFC 6749, 5.2)', async () => {
    const options = { form: 'openid-appended', authMethod: 'client_secret_basic', registration: false } as const
    const { server, desk } = await start(options)
    await desk.enterApp({ clientId: OWN_CLIENT, clientSecret: 'wrong' })
    expect(await signIn(desk, server.visit)).toMatch(/invalid_client.*checks its client ID, secret and redirect URI/)
  })

  test('an error that it sends back with the person is shown (RFC 6749, 4.1.2.1)', async () => {
    const options = { form: 'openid-appended', authMethod: 'none', registration: false } as const
    const { server, desk } = await start(options, { authorizeParameters: { prompt: 'none' } })
    expect(await signIn(desk, server.visit)).toMatch(/\(login_required\)/)
  })
})

interface Row {
  what: string
  /** Of the standard that says so. */
  section: string
  server?: ScriptedOAuthOptions
  oauth?: OAuth
  /** Null for none. */
  app?: 'own' | null
  callback?: Record<string, string | null>
  /** What the connection has, or why there is none. */
  result: unknown
  /** Addresses that must not have been asked. */
  neverAsked?: string[]
}

const has = (details: Record<string, unknown>): unknown => expect.objectContaining(details)
const why = (message: RegExp): unknown => expect.stringMatching(message)
const WELL_KNOWN = `${ISSUER}/.well-known/oauth-authorization-server`
const TENANT = `${ISSUER}/tenant`
const RESOURCE_METADATA = `${API}/.well-known/oauth-protected-resource/v3`
const BY_RESOURCE: OAuth = { field: 'token', flows: [], resourceUrl: `${API}/v3` }
const protects =
  (change: Record<string, unknown> = {}) =>
  () =>
    Response.json({ resource: `${API}/v3`, authorization_servers: [ISSUER], ...change })
const html =
  (status = 200) =>
  () =>
    new Response('<!doctype html><title>Sign in</title>', { status, headers: { 'content-type': 'text/html' } })
const json = (body: unknown) => () => Response.json(body)
const page =
  (body: string, type: string, status = 200) =>
  () =>
    new Response(body, { status, headers: { 'content-type': type } })
const byAddress = (key: 'metadataUrl' | 'openIdConnectUrl', address: string): OAuth => ({
  field: 'token',
  flows: [],
  scopes: ['read'],
  [key]: address,
})

const METADATA: Row[] = [
  { what: 'at the address of an issuer without a path', section: 'RFC 8414, 3', result: has({ server: ISSUER }) },
  {
    what: 'put in before the path of an issuer',
    section: 'RFC 8414, 3.1',
    server: { issuer: TENANT },
    oauth: { ...DISCOVERED, issuer: TENANT },
    result: has({ server: TENANT }),
  },
  {
    what: 'of OpenID, put in before the path',
    section: 'RFC 8414, 5',
    server: { issuer: TENANT, metadataAt: [`${ISSUER}/.well-known/openid-configuration/tenant`] },
    oauth: { ...DISCOVERED, issuer: TENANT },
    result: has({ server: TENANT }),
  },
  {
    what: 'of OpenID, appended to the path',
    section: 'OpenID Connect Discovery, 4',
    server: { issuer: TENANT, metadataAt: [`${TENANT}/.well-known/openid-configuration`] },
    oauth: { ...DISCOVERED, issuer: TENANT },
    result: has({ server: TENANT }),
  },
  {
    what: 'of an issuer that ends in a slash',
    section: 'RFC 8414, 3.1',
    server: { issuer: `${TENANT}/`, metadataAt: [`${ISSUER}/.well-known/oauth-authorization-server/tenant`] },
    oauth: { ...DISCOVERED, issuer: `${TENANT}/` },
    result: has({ server: `${TENANT}/` }),
  },
  {
    what: 'at the declared address',
    section: 'RFC 8414, 3',
    oauth: byAddress('metadataUrl', WELL_KNOWN),
    result: has({ server: ISSUER }),
  },
  {
    what: 'at a declared address that no standard knows, of an issuer there',
    section: 'RFC 8414, 3',
    server: { metadataAt: [`${ISSUER}/oauth.json`] },
    oauth: byAddress('metadataUrl', `${ISSUER}/oauth.json`),
    result: has({ server: ISSUER }),
  },
  {
    what: 'at a declared address, of an issuer somewhere else',
    section: 'RFC 8414, 3.3',
    server: { metadataAt: ['https://cdn.example.org/oauth.json'] },
    oauth: byAddress('metadataUrl', 'https://cdn.example.org/oauth.json'),
    result: why(/^discovery_failed: .*issuer https:\/\/auth\.example\.com, whose metadata is elsewhere \(RFC 8414/),
  },
  {
    what: 'of another tenant at the same place',
    section: 'OpenID Connect Discovery, 4.3',
    server: { issuer: TENANT, metadataAt: [`${ISSUER}/other/.well-known/openid-configuration`] },
    oauth: byAddress('openIdConnectUrl', `${ISSUER}/other/.well-known/openid-configuration`),
    result: why(/^discovery_failed: .*whose metadata is elsewhere/),
  },
  {
    what: 'of another issuer',
    section: 'RFC 8414, 3.3',
    server: { metadata: { issuer: 'https://evil.example' } },
    result: why(/^discovery_failed: .*issuer https:\/\/evil\.example, and https:\/\/auth\.example\.com was asked/),
  },
  {
    what: 'of an issuer that differs in nothing but a slash',
    section: 'RFC 8414, 3.3',
    server: { metadata: { issuer: `${ISSUER}/` } },
    result: why(/^discovery_failed: .*and https:\/\/auth\.example\.com was asked/),
  },
  {
    what: 'of an issuer that differs in nothing but upper case',
    section: 'RFC 8414, 3.3',
    server: { metadata: { issuer: ISSUER.toUpperCase() } },
    result: why(/^discovery_failed: .*RFC 8414, section 3\.3/),
  },
  {
    what: 'without an issuer',
    section: 'RFC 8414, 2',
    server: { metadata: { issuer: undefined } },
    result: why(/^discovery_failed: .*names no issuer/),
  },
  {
    what: 'without a token endpoint',
    section: 'RFC 8414, 2',
    server: { metadata: { token_endpoint: undefined } },
    result: why(/^discovery_failed: .*names no token_endpoint/),
  },
  {
    what: 'without an authorization endpoint',
    section: 'RFC 8414, 2',
    server: { metadata: { authorization_endpoint: undefined } },
    result: why(/^discovery_failed: The server has no authorization endpoint/),
  },
  {
    what: 'with a token endpoint in plain http',
    section: 'RFC 6749, 3.2',
    server: { metadata: { token_endpoint: 'http://auth.example.com/token' } },
    result: why(/^discovery_failed: .*token_endpoint that is no https URL/),
  },
  {
    what: 'with a token endpoint elsewhere, as it may',
    section: 'RFC 8414, 2',
    server: {
      metadata: { token_endpoint: 'https://tokens.example.org/token' },
      answers: { 'https://tokens.example.org/token': json({ access_token: 'a', token_type: 'Bearer' }) },
    },
    result: has({ server: ISSUER }),
  },
  {
    what: 'with a token endpoint inside the network',
    section: 'RFC 9728, 7.7',
    server: { metadata: { token_endpoint: 'https://169.254.169.254/token' } },
    result: why(/^.*169\.254\.169\.254 is.*public addresses only/),
    neverAsked: ['https://169.254.169.254/token'],
  },
  {
    what: 'as a web page',
    section: 'RFC 8414, 3.2',
    server: { answers: { [WELL_KNOWN]: html() } },
    result: why(/^discovery_failed: .*answered with a web page instead of JSON/),
  },
  {
    what: 'as an error in HTML',
    section: 'RFC 8414, 3.2',
    server: { answers: { [WELL_KNOWN]: html(500) } },
    result: why(/^discovery_failed: .*answered 500\. Try again/),
  },
  {
    what: 'behind a redirect',
    section: 'RFC 8414, 3.2',
    server: { answers: { [WELL_KNOWN]: () => Response.redirect('https://evil.example/metadata', 302) } },
    result: why(/^discovery_failed: .*answered 302, with a redirect/),
    neverAsked: ['https://evil.example/metadata'],
  },
  {
    what: 'that is no JSON object',
    section: 'RFC 8414, 3.2',
    server: { answers: { [WELL_KNOWN]: json(['issuer']) } },
    result: why(/^discovery_failed: .*something else instead of JSON/),
  },
  {
    what: 'that is huge',
    section: 'RFC 9700, 4.15',
    server: { metadata: { padding: 'x'.repeat(300_000) } },
    result: why(/^discovery_failed: .*larger than/i),
  },
  {
    what: 'nowhere',
    section: 'RFC 8414, 3',
    server: { metadataAt: [] },
    result: why(/^discovery_failed: .*answered 404/),
  },
  {
    what: 'in JSON of another content type',
    section: 'RFC 8414, 3.2 (a server’s must; what is read is the same)',
    server: { answers: { [WELL_KNOWN]: page('', 'text/plain') } },
    result: why(/^discovery_failed: .*instead of JSON/),
  },
]

const PKCE: Row[] = [
  {
    what: 'S256 is not among the methods',
    section: 'RFC 7636, 4.2; OAuth 2.1, 7.5.2',
    server: { metadata: { code_challenge_methods_supported: ['plain'] } },
    result: why(/^discovery_failed: .*PKCE only by plain, and not by S256/),
  },
  {
    what: 'no method is listed, and a document declares the server',
    section: 'RFC 8414, 2 (the list is optional, and an unknown parameter is ignored: RFC 6749, 3.1)',
    server: { metadata: { code_challenge_methods_supported: undefined } },
    result: has({ server: ISSUER }),
  },
  {
    what: 'no method is listed, and the server is that of a resource',
    section: 'MCP 2025-11-25, authorization, authorization code protection',
    oauth: BY_RESOURCE,
    server: { metadata: { code_challenge_methods_supported: undefined }, answers: { [RESOURCE_METADATA]: protects() } },
    result: why(/^discovery_failed: .*does not say that it checks PKCE/),
  },
]

const RESOURCES: Row[] = [
  {
    what: 'is found below its path',
    section: 'RFC 9728, 3.1',
    oauth: BY_RESOURCE,
    server: { answers: { [RESOURCE_METADATA]: protects() } },
    result: has({ server: ISSUER, resource: `${API}/v3` }),
  },
  {
    what: 'is found by the challenge of the API',
    section: 'RFC 9728, 5.1',
    oauth: BY_RESOURCE,
    server: {
      answers: {
        [`${API}/v3`]: () =>
          new Response(null, {
            status: 401,
            headers: { 'www-authenticate': `Bearer resource_metadata="${API}/meta.json", scope="files"` },
          }),
        [`${API}/meta.json`]: protects({ scopes_supported: ['all', 'files'] }),
      },
    },
    result: has({ server: ISSUER, resource: `${API}/v3`, scopesRequested: ['files'] }),
    neverAsked: [RESOURCE_METADATA],
  },
  {
    what: 'is found at the root, for the whole origin',
    section: 'RFC 9728, 3.1',
    oauth: BY_RESOURCE,
    server: { answers: { [`${API}/.well-known/oauth-protected-resource`]: protects({ resource: API }) } },
    result: has({ server: ISSUER, resource: API }),
  },
  {
    what: 'lists what may be asked for',
    section: 'RFC 9728, 2; MCP 2025-11-25, scope selection',
    oauth: BY_RESOURCE,
    server: { answers: { [RESOURCE_METADATA]: protects({ scopes_supported: ['a', 'b', 'not"one'] }) } },
    result: has({ scopesRequested: ['a', 'b'] }),
  },
  {
    what: 'is another one',
    section: 'RFC 9728, 3.3',
    oauth: BY_RESOURCE,
    server: { answers: { [RESOURCE_METADATA]: protects({ resource: 'https://evil.example/v3' }) } },
    result: why(
      /^discovery_failed: .*is that of https:\/\/evil\.example\/v3, and https:\/\/api\.example\.com\/v3 was asked/,
    ),
  },
  {
    what: 'is another path of the same origin',
    section: 'RFC 9728, 3.3',
    oauth: BY_RESOURCE,
    server: { answers: { [RESOURCE_METADATA]: protects({ resource: `${API}/v4` }) } },
    result: why(/^discovery_failed: .*RFC 9728, section 3\.3/),
  },
  {
    what: 'is the whole origin, in what the challenge of one address names',
    section: 'RFC 9728, 3.3',
    oauth: BY_RESOURCE,
    server: {
      answers: {
        [`${API}/v3`]: () =>
          new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer resource_metadata="${API}/m"` } }),
        [`${API}/m`]: protects({ resource: API }),
      },
    },
    result: why(/^discovery_failed: .*is that of https:\/\/api\.example\.com, and/),
  },
  {
    what: 'names no authorization server',
    section: 'RFC 9728, 2',
    oauth: BY_RESOURCE,
    server: { answers: { [RESOURCE_METADATA]: protects({ authorization_servers: undefined }) } },
    result: why(/^discovery_failed: .*names no authorization server/),
  },
  {
    what: 'does not name the issuer that was declared',
    section: 'RFC 9728, 2',
    oauth: { ...BY_RESOURCE, issuer: 'https://login.example.org' },
    server: { answers: { [RESOURCE_METADATA]: protects() } },
    result: why(/^discovery_failed: .*does not name https:\/\/login\.example\.org among/),
  },
  {
    what: 'names metadata inside the network',
    section: 'RFC 9728, 7.7',
    oauth: BY_RESOURCE,
    server: {
      answers: {
        [`${API}/v3`]: () =>
          new Response(null, {
            status: 401,
            headers: { 'www-authenticate': 'Bearer resource_metadata="https://10.0.0.1/meta"' },
          }),
      },
    },
    result: why(/^discovery_failed: .*10\.0\.0\.1.*public addresses only/),
    neverAsked: ['https://10.0.0.1/meta'],
  },
  {
    what: 'says nothing, and is its own authorization server',
    section: 'MCP 2025-03-26, authorization, 2.3',
    oauth: { field: 'token', flows: [], resourceUrl: `${ISSUER}/mcp` },
    result: has({ server: ISSUER, resource: `${ISSUER}/mcp` }),
  },
  {
    what: 'says nothing, and its document declares the server',
    section: 'RFC 8707, 2',
    oauth: { ...DECLARED, resourceUrl: `${API}/v3` },
    result: has({ server: null, resource: `${API}/v3` }),
  },
]

const CLIENTS: Row[] = [
  {
    what: 'its metadata document',
    section: 'draft-ietf-oauth-client-id-metadata-document, 3',
    app: null,
    server: {
      authMethod: 'none',
      clientId: clientMetadata(ORIGIN).client_id,
      metadata: { client_id_metadata_document_supported: true },
      answers: { [clientMetadata(ORIGIN).client_id]: json(clientMetadata(ORIGIN)) },
    },
    result: has({ server: ISSUER, client: 'metadata_document' }),
  },
  {
    what: 'a registration, where the document cannot be read from outside',
    section: 'draft-ietf-oauth-client-id-metadata-document, 4.1',
    app: null,
    server: {
      metadata: { client_id_metadata_document_supported: true, registration_endpoint: `${ISSUER}/register` },
      answers: { [clientMetadata(ORIGIN).client_id]: html(302) },
    },
    result: has({ client: 'registered' }),
  },
  ...AUTH_METHODS.map((authMethod): Row => ({
    what: `a registration for ${authMethod}`,
    section: 'RFC 7591, 2',
    app: null,
    server: { authMethod, metadata: { registration_endpoint: `${ISSUER}/register` } },
    result: has({ client: 'registered', authMethod }),
  })),
  ...AUTH_METHODS.map((authMethod): Row => ({
    what: `an own app with ${authMethod}`,
    section: authMethod === 'private_key_jwt' ? 'RFC 7523, 2.2' : 'RFC 6749, 2.3.1',
    server: { authMethod },
    result: has({ client: 'own', authMethod }),
  })),
  {
    what: 'none: the server knows only those that were registered by hand',
    section: 'RFC 6749, 2',
    app: null,
    result: why(/^own_app_needed: .*redirect URI https:\/\/executor\.example\.com\/oauth\/callback/),
  },
  {
    what: 'none: it wants certificates',
    section: 'RFC 8414, 2',
    app: null,
    server: {
      metadata: {
        registration_endpoint: `${ISSUER}/register`,
        token_endpoint_auth_methods_supported: ['tls_client_auth'],
      },
    },
    result: why(/^own_app_needed: .*accepts no way for a client to authenticate/),
    neverAsked: [`${ISSUER}/register`],
  },
  {
    what: 'a registration with a secret that has no end',
    section: 'RFC 7591, 3.2.1',
    app: null,
    server: {
      metadata: { registration_endpoint: `${ISSUER}/register` },
      answers: {
        [`${ISSUER}/register`]: () =>
          Response.json({ client_id: 'own-app', client_secret: 'own-secret' }, { status: 201 }),
      },
    },
    result: has({ client: 'registered' }),
  },
]

const token = (change: Record<string, unknown>): ScriptedOAuthOptions => ({ tokens: change })
const answering = (answer: () => Response): ScriptedOAuthOptions => ({ answers: { [`${ISSUER}/token`]: answer } })

const TOKENS: Row[] = [
  {
    what: 'without a token_type',
    section: 'RFC 6749, 5.1',
    server: token({ token_type: undefined }),
    result: why(/^auth\.example\.com issued a token without a type/),
  },
  {
    what: 'of the type DPoP',
    section: 'RFC 9449, 5; RFC 6749, 7.1',
    server: token({ token_type: 'DPoP' }),
    result: why(/issued a token of the type “DPoP”/),
  },
  {
    what: 'of the type bearer, in lower case',
    section: 'RFC 6749, 5.1',
    server: token({ token_type: 'bearer' }),
    result: has({}),
  },
  {
    what: 'without an access_token',
    section: 'RFC 6749, 5.1',
    server: token({ access_token: undefined }),
    result: why(/cannot be used: access_token/),
  },
  {
    what: 'without expires_in',
    section: 'RFC 6749, 5.1',
    server: token({ expires_in: undefined }),
    result: has({ tokenExpiresAt: null }),
  },
  {
    what: 'with expires_in as a text',
    section: 'RFC 6749, 5.1',
    server: token({ expires_in: '3600' }),
    result: has({}),
  },
  {
    what: 'with an expires_in that is none',
    section: 'RFC 6749, 5.1',
    server: token({ expires_in: 'soon' }),
    result: why(/cannot be used: expires_in/),
  },
  {
    what: 'without a refresh token',
    section: 'RFC 6749, 5.1',
    server: token({ refresh_token: undefined }),
    result: has({ canRefresh: false }),
  },
  { what: 'without scope: as requested', section: 'RFC 6749, 5.1', result: has({ scopesGranted: null }) },
  {
    what: 'with other scopes than were asked for',
    section: 'RFC 6749, 3.3',
    server: token({ scope: 'read  extra' }),
    result: has({ scopesRequested: ['read', 'write'], scopesGranted: ['read', 'extra'] }),
  },
  {
    what: 'as an error with 200',
    section: 'RFC 6749, 5.2 (a server’s must)',
    server: answering(json({ error: 'bad_verification_code', error_description: 'The code is incorrect.' })),
    result: why(/^auth\.example\.com refused: The code is incorrect \(bad_verification_code\)/),
  },
  {
    what: 'as an error with 401 and a challenge',
    section: 'RFC 6749, 5.2',
    server: answering(() => {
      const refused = oauthError('invalid_client', 401, 'Who?')
      refused.headers.set('www-authenticate', 'Basic realm="x"')
      return refused
    }),
    result: why(/refused: Who\? \(invalid_client\)/),
  },
  {
    what: 'as a web page',
    section: 'RFC 6749, 5.1',
    server: answering(html()),
    result: why(/answered 200 with something that is not JSON/),
  },
  {
    what: 'as an error in HTML',
    section: 'RFC 6749, 5.2',
    server: answering(html(500)),
    result: why(/token endpoint at auth\.example\.com answered 500/),
  },
  {
    what: 'behind a redirect',
    section: 'RFC 9700, 4.12',
    server: answering(() => Response.redirect('https://evil.example/', 307)),
    result: why(/answered 307/),
    neverAsked: ['https://evil.example/'],
  },
  {
    what: 'with a control character in the token',
    section: 'RFC 6750, 2.1',
    server: token({ access_token: 'a\nb' }),
    result: why(/control character/),
  },
]

const CALLBACKS: Row[] = [
  {
    what: 'without iss, where the server does not promise it',
    section: 'RFC 9207, 2.4',
    server: { metadata: { authorization_response_iss_parameter_supported: undefined } },
    callback: { iss: null },
    result: has({ server: ISSUER }),
  },
  {
    what: 'without iss, where the server promises it',
    section: 'RFC 9207, 2.4',
    callback: { iss: null },
    result: why(/iss.*missing/),
    neverAsked: [`${ISSUER}/token`],
  },
  {
    what: 'with the iss of another server, where nothing was promised',
    section: 'RFC 9207, 2.4',
    server: { metadata: { authorization_response_iss_parameter_supported: undefined } },
    callback: { iss: 'https://evil.example' },
    result: why(/came from https:\/\/evil\.example/),
    neverAsked: [`${ISSUER}/token`],
  },
  {
    what: 'with an error and a code',
    section: 'RFC 6749, 4.1.2.1',
    callback: { error: 'server_error' },
    result: why(/says: server_error\. Try again in a few minutes/),
    neverAsked: [`${ISSUER}/token`],
  },
]

describe.each<[string, Row[]]>([
  ['metadata', METADATA],
  ['PKCE:', PKCE],
  ['a resource', RESOURCES],
  ['Executor is known by', CLIENTS],
  ['tokens', TOKENS],
  ['a callback', CALLBACKS],
])('%s', (_group, rows) => {
  test.each(rows)('$what ($section)', async ({ server: options = {}, oauth = DISCOVERED, app = 'own', ...row }) => {
    const server: ScriptedOAuth = scriptedOAuth(options)
    const desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), oauth })
    const { authMethod = 'client_secret_basic' } = options
    if (app === 'own') {
      // Where there is nothing to discover, nothing can be entered for it either: the sign-in says the same.
      await desk.enterApp({ authMethod })
      server.sent.length = 0
    }
    const outcome = await signIn(desk, (address) => server.authorize(address, row.callback))
    const shown = typeof outcome === 'string' ? outcome : await shownOf(outcome)
    expect(shown).toEqual(row.result)
    for (const address of row.neverAsked ?? []) expect(server.sentTo(address)).toEqual([])
  })
})

async function shownOf(connection: ConnectionRow) {
  const { oauth, tokenExpiresAt } = connection
  const client = await findOAuthClient(db, oauth?.client ?? '')
  const { kind, authMethod } = client ?? {}
  return { ...oauth, server: oauth?.server.issuer, tokenExpiresAt, client: kind, authMethod }
}

test('a server that does not answer in time is said to be slow, and the others are not asked for it (RFC 9700, 4.15)', async () => {
  const server = scriptedOAuth({ answers: { [WELL_KNOWN]: () => new Promise<Response>(() => {}) } })
  const desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), oauth: DISCOVERED })
  expect(await signIn(desk, (address) => server.authorize(address))).toMatch(/^discovery_failed: .*Try again/)
  expect(server.sent).toHaveLength(1)
})
