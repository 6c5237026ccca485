// The sample company's authorization server as `oidc-provider` is told to be it: OAuth 2.1 with PKCE, device codes,
// client credentials, refresh tokens that rotate, registration, revocation, introspection, and resource indicators.
import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Configuration, errors, Provider } from 'oidc-provider'
import { readForm, withoutCookies } from '../local-access/answer.ts'
import { askAlways } from '../local-access/ask-always.ts'
import { createOauthStorage } from '../local-access/oauth-storage.ts'
import { ACCOUNTS } from './accounts.ts'
import type { Behaviour, TokenFailure } from './behaviour.ts'
import { withClientDocuments } from './client-documents.ts'
import { ALL_SCOPES, API_CLIENT_ID, API_CLIENT_SECRET, OWN_APP_ID, OWN_APP_SECRET } from './clients.ts'
import { deviceCodePage, deviceConfirmPage, noticePage } from './pages.ts'
import { SIGN_IN } from './sign-in.ts'
import type { TokenLedger, TokenRequest } from './token-ledger.ts'

const SESSION_COOKIE = 'northwind_session'
const TOKEN = '/token'
const REGISTRATION = '/registration'
const DEVICE = '/device'
const DISCOVERY = '/.well-known/openid-configuration'
const GRANT_SECONDS = 90 * 24 * 60 * 60
const SLOW_MS = 3_000

type Context = Parameters<Parameters<Provider['use']>[0]>[0]

export interface ProviderOptions {
  issuer: string
  /** The API's identifier (RFC 8707): the only resource that tokens are issued for. */
  resource: string
  /** Of the app that is set up by hand. */
  redirectUris: readonly string[]
  storagePath?: string
}

function clients({ redirectUris }: ProviderOptions): Configuration['clients'] {
  const grants = [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
  ]
  return [
    {
      client_id: OWN_APP_ID,
      client_secret: OWN_APP_SECRET,
      client_name: 'Your own app',
      redirect_uris: [...redirectUris],
      grant_types: grants,
      response_types: ['code'],
    },
    {
      client_id: API_CLIENT_ID,
      client_secret: API_CLIENT_SECRET,
      redirect_uris: [],
      grant_types: [],
      response_types: [],
    },
  ]
}

function features({ resource }: ProviderOptions): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    // Access tokens are for the API: who it is stands in the id token.
    userinfo: { enabled: false },
    clientCredentials: { enabled: true },
    registration: { enabled: true, issueRegistrationAccessToken: false },
    revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
    introspection: {
      enabled: true,
      allowedPolicy: (_context, client, token) =>
        client.clientId === API_CLIENT_ID || token.clientId === client.clientId,
    },
    deviceFlow: {
      enabled: true,
      userCodeInputSource(context, form, _out, error) {
        context.body = deviceCodePage(form, error ? 'This code is not known, or not any more. Try again.' : null)
      },
      userCodeConfirmSource(context, form, client, _info, userCode) {
        context.body = deviceConfirmPage(form, client.clientName ?? client.clientId, userCode)
      },
      successSource(context) {
        context.body = noticePage('The device is connected', 'You can close this page and go on there.')
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_context, _client, requested) =>
        Array.isArray(requested) && requested[0] ? requested[0] : resource,
      useGrantedResource: () => true,
      getResourceServerInfo(_context, asked) {
        // With or without the slash at the end: both are written. Its MCP servers are the same API.
        const known = ['', '/mcp', '/mcp-legacy'].map((path) => new URL(resource + path).href)
        if (!known.includes(new URL(asked).href)) throw new errors.InvalidTarget()
        return { scope: ALL_SCOPES.join(' '), audience: resource, accessTokenFormat: 'opaque' }
      },
    },
  }
}

function configure(options: ProviderOptions, behaviour: () => Behaviour): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const cookie = { httpOnly: true, sameSite: 'lax' } as const
  return {
    adapter: withClientDocuments(createOauthStorage(options.storagePath)),
    clients: clients(options) ?? [],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    responseTypes: ['code'],
    claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    routes: { authorization: '/authorization', token: TOKEN, registration: REGISTRATION, code_verification: DEVICE },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { names: { session: SESSION_COOKIE }, long: cookie, short: cookie },
    clockTolerance: 0,
    ttl: {
      AccessToken: () => behaviour().accessTokenSeconds,
      ClientCredentials: () => behaviour().accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: GRANT_SECONDS,
      IdToken: 600,
      Interaction: 60 * 60,
      RefreshToken: GRANT_SECONDS,
      Session: 60 * 60,
    },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: () => behaviour().rotates,
    findAccount(_context, id) {
      const account = ACCOUNTS.find((one) => one.id === id)
      return account && { accountId: id, claims: () => ({ sub: id, email: account.email, name: account.name }) }
    },
    interactions: { policy: [askAlways()], url: (_context, interaction) => `${SIGN_IN}/${interaction.uid}` },
    renderError(context, { error, error_description: description }) {
      context.type = 'html'
      context.body = noticePage('That did not work', description ?? error)
    },
    discovery: { client_id_metadata_document_supported: true, protected_resources: [options.resource] },
    features: features(options) ?? {},
  }
}

/** Reads the request instead of the library, so it must not read it again. */
async function failToken(context: Context, failure: number | 'html', ledger: TokenLedger): Promise<void> {
  const entry = ledger.record(await readForm(context.req), context.get('authorization'))
  if (failure === 'html') {
    context.type = 'html'
    context.body = noticePage('Please wait', 'Something stands between you and the sign-in.')
  } else {
    context.status = failure
    if (failure === 429 || failure === 503) context.set('retry-after', '1')
    context.body = { error: failure < 500 ? 'slow_down' : 'temporarily_unavailable' }
  }
  entry.status = context.status
}

function noteAnswer(context: Context, entry: TokenRequest): void {
  const body: unknown = context.body
  entry.status = context.status
  if (typeof body === 'object' && body !== null && 'error' in body) entry.error = String(body.error)
}

async function answerToken(
  context: Context,
  next: () => Promise<void>,
  ledger: TokenLedger,
  failure: TokenFailure | undefined,
): Promise<void> {
  if (typeof failure === 'number' || failure === 'html') return failToken(context, failure, ledger)
  if (failure === 'slow') await sleep(SLOW_MS)
  await next()
  const { body = {} }: { body?: Record<string, unknown> } = context.oidc ?? {}
  const form = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  const entry = ledger.record(new URLSearchParams(form), context.get('authorization'))
  if (failure !== 'lost') return noteAnswer(context, entry)
  context.respond = false
  context.req.socket.destroy()
}

function tidyMetadata(body: unknown, { registration }: Behaviour): void {
  if (typeof body !== 'object' || body === null) return
  const listed = 'scopes_supported' in body && Array.isArray(body.scopes_supported) ? body.scopes_supported : []
  Object.assign(body, { scopes_supported: [...ALL_SCOPES, ...listed] })
  if (!registration) Object.assign(body, { registration_endpoint: undefined })
}

export function createProvider(options: ProviderOptions, behaviour: () => Behaviour, ledger: TokenLedger): Provider {
  const provider = new Provider(options.issuer, configure(options, behaviour))
  provider.use(async (context, next) => {
    const { path, method } = context
    if (!path.startsWith(DEVICE) || (path === DEVICE && method === 'GET')) {
      // Every sign-in asks who it is; a device's code is bound to a session from its first page to its last.
      context.req.headers.cookie = withoutCookies(context.req.headers.cookie, [SESSION_COOKIE])
    }
    if (path === TOKEN && method === 'POST') {
      return answerToken(context, next, ledger, behaviour().tokenFailures.shift())
    }
    if (path === REGISTRATION && !behaviour().registration) return
    await next()
    if (path === DISCOVERY) tidyMetadata(context.body, behaviour())
  })
  return provider
}
