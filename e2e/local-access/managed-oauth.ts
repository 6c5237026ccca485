// Access's Managed OAuth: an authorization server on the application's own hostname for clients that are not browsers.
// `oidc-provider` does the protocol; tokens are opaque (`oauth:…`), so that a client never holds an assertion.
import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ClientMetadata, type Configuration, errors, Provider } from 'oidc-provider'
import { isSameOrigin, readForm, redirect, sendJson, sendPage, withoutCookies } from './answer.ts'
import { OAUTH_PREFIX } from './credential.ts'
import type { Identity } from './identities.ts'
import { createOauthStorage } from './oauth-storage.ts'
import { consentPage, messagePage } from './pages.ts'

const BASE = '/cdn-cgi/access/oauth'
const AUTHORIZATION = `${BASE}/authorization`
const TOKEN = `${BASE}/token`
const REGISTRATION = `${BASE}/registration`
const CONSENT = `${BASE}/consent`
const SESSION_COOKIE = 'access_oauth_session'
/** The one permission there is: to use the application. Whatever scopes a client asks for, it gets this one. */
const SCOPE = 'access'
const GRANT_SECONDS = 14 * 24 * 60 * 60
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
/** What a client may say at the authorization endpoint; the OpenID Connect part of the library stays unused. */
const AUTHORIZATION_PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
  'resource',
]

export interface ManagedOauthOptions {
  /** The application's origin: issuer, and the base of every endpoint. */
  origin: string
  identities: readonly Identity[]
  /** Redirect URIs allowed beside loopback ones. */
  allowedRedirectUris: readonly string[]
  accessTokenSeconds: number
  /** The file that keeps clients and tokens over a restart; without it they end with the process. */
  storagePath?: string
}

export interface ManagedOauth {
  /** Answers when the path is Managed OAuth's own, and says whether it did. `person` is the browser's sign-in. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    person: () => Promise<Identity | null>,
  ): Promise<boolean>
  findPerson(accessToken: string): Promise<Identity | undefined>
  /** The 401 that tells a client where to begin. */
  challenge(response: ServerResponse, pathname: string, sentBearer: boolean): void
}

function isAllowedRedirect(uri: unknown, allowed: readonly string[]): boolean {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return false
  const { protocol, hostname } = new URL(uri)
  return allowed.includes(uri) || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname))
}

/** Runs for every registered client: refuses foreign redirect URIs, and drops what Access does not keep. */
function clientRules(allowed: readonly string[]): Configuration['extraClientMetadata'] {
  return {
    properties: ['software_id'],
    validator(_context, _key, _value, metadata: ClientMetadata) {
      const uris = metadata.redirect_uris
      if (!Array.isArray(uris) || !uris.every((uri) => isAllowedRedirect(uri, allowed))) {
        throw new errors.InvalidRedirectUri()
      }
      // Native clients may use their loopback redirect URI on any port.
      metadata.application_type = 'native'
      delete metadata.scope
    },
  }
}

function configure(options: ManagedOauthOptions): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const cookie = { httpOnly: true, sameSite: 'lax', path: BASE } as const
  return {
    adapter: createOauthStorage(options.storagePath),
    scopes: [],
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
    extraClientMetadata: clientRules(options.allowedRedirectUris),
    pkce: { required: () => true },
    routes: { authorization: AUTHORIZATION, token: TOKEN, registration: REGISTRATION, jwks: `${BASE}/jwks` },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { names: { session: SESSION_COOKIE }, long: cookie, short: { ...cookie, path: undefined } },
    clockTolerance: 0,
    ttl: {
      AccessToken: options.accessTokenSeconds,
      AuthorizationCode: 60,
      Interaction: 60 * 60,
      Session: 60 * 60,
      Grant: GRANT_SECONDS,
      RefreshToken: GRANT_SECONDS,
    },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    findAccount: (_context, id) =>
      options.identities.some(({ email }) => email === id) ? { accountId: id, claims: () => ({ sub: id }) } : undefined,
    interactions: { url: (_context, interaction) => `${CONSENT}/${interaction.uid}` },
    renderError(context, { error, error_description: description }) {
      context.type = 'html'
      context.body = messagePage({ title: 'The client could not be let in', text: description ?? error })
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, _client, requested) =>
          Array.isArray(requested) && requested[0] ? requested[0] : `${options.origin}/`,
        useGrantedResource: () => true,
        getResourceServerInfo(_context, resource) {
          if (new URL(resource).origin !== options.origin) throw new errors.InvalidTarget()
          return {
            scope: SCOPE,
            audience: resource,
            accessTokenFormat: 'opaque',
          }
        },
      },
    },
  }
}

function createProvider(options: ManagedOauthOptions): Provider {
  const provider = new Provider(options.origin, configure(options))
  provider.use(async (context, next) => {
    if (context.path === AUTHORIZATION) {
      const known = Object.entries(context.query).filter(([name]) => AUTHORIZATION_PARAMETERS.includes(name))
      context.query = { ...Object.fromEntries(known), scope: SCOPE }
    }
    await next()
    const body: unknown = context.body
    if (context.path === TOKEN && typeof body === 'object' && body !== null && 'access_token' in body) {
      context.body = { ...body, access_token: `${OAUTH_PREFIX}${String(body.access_token)}` }
    }
  })
  return provider
}

function authorizationServerMetadata(origin: string): object {
  return {
    issuer: origin,
    authorization_endpoint: origin + AUTHORIZATION,
    token_endpoint: origin + TOKEN,
    registration_endpoint: origin + REGISTRATION,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }
}

async function answerConsent(
  provider: Provider,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
  person: Identity | null,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => null)
  if (!interaction) {
    const text = 'This request has expired. Start again from your client.'
    return sendPage(response, 400, messagePage({ title: 'Nothing to decide', text }))
  }
  if (!person) {
    const back = encodeURIComponent(request.url ?? '/')
    return redirect(response, 303, `/cdn-cgi/access/login?redirect_url=${back}`)
  }
  const clientId = String(interaction.params.client_id)
  if (request.method !== 'POST') {
    const client = await provider.Client.find(clientId)
    const redirectHost = new URL(String(interaction.params.redirect_uri)).host
    const html = consentPage({ clientName: client?.clientName ?? clientId, redirectHost, email: person.email })
    return sendPage(response, 200, html)
  }
  if (!isSameOrigin(request, origin)) {
    const text = 'The answer has to come from the page itself.'
    return sendPage(response, 403, messagePage({ title: 'Not from here', text }))
  }
  if ((await readForm(request)).get('decision') !== 'allow') {
    const denied = { error: 'access_denied', error_description: 'The person said no.' }
    return provider.interactionFinished(request, response, denied)
  }
  const grant = new provider.Grant({ accountId: person.email, clientId })
  for (const resource of [interaction.params.resource].flat()) grant.addResourceScope(String(resource), SCOPE)
  const grantId = await grant.save()
  const login = { accountId: person.email, remember: false }
  await provider.interactionFinished(request, response, { login, consent: { grantId } })
}

export function createManagedOauth(options: ManagedOauthOptions): ManagedOauth {
  const { origin, identities } = options
  const provider = createProvider(options)
  const answer = provider.callback()
  return {
    async handle(request, response, pathname, person) {
      const resource = /^\/\.well-known\/oauth-protected-resource(\/.*)?$/.exec(pathname)
      if (resource) {
        const body = { resource: origin + (resource[1] ?? '/'), authorization_servers: [origin] }
        sendJson(response, 200, { ...body, bearer_methods_supported: ['header'], resource_name: 'Executor' })
      } else if (pathname.startsWith('/.well-known/oauth-authorization-server')) {
        sendJson(response, 200, authorizationServerMetadata(origin))
      } else if (pathname.startsWith(`${CONSENT}/`)) {
        await answerConsent(provider, origin, request, response, await person())
      } else if (pathname.startsWith(`${BASE}/`)) {
        // Who signs in is the browser's Access login alone, so that changing it changes who the client acts for.
        request.headers.cookie = withoutCookies(request.headers.cookie, [SESSION_COOKIE])
        await answer(request, response)
      } else {
        return false
      }
      return true
    },
    async findPerson(accessToken) {
      const found = await provider.AccessToken.find(accessToken)
      return identities.find(({ email }) => email === found?.accountId)
    },
    challenge(response, pathname, sentBearer) {
      const metadata = `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`
      const error = sentBearer ? 'error="invalid_token", ' : ''
      const body = { error: sentBearer ? 'invalid_token' : 'unauthorized', message: 'Sign in through Access first.' }
      sendJson(response, 401, body, { 'www-authenticate': `Bearer ${error}resource_metadata="${metadata}"` })
    },
  }
}
