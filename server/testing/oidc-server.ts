// `oidc-provider` on a port of its own, under a path, with a person at its pages who agrees to everything. In front of
// it stands what deployments put there: metadata at the addresses that a test wants, and an API that it protects.
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Configuration, Provider } from 'oidc-provider'
import type { ClientAuthMethod } from '../../drizzle/shapes.ts'

export type MetadataForm = 'oauth-inserted' | 'openid-inserted' | 'openid-appended'

export interface OidcServer {
  issuer: string
  /** Of the API that it protects. */
  resource: string
  /** Of the client `own`: the public key that it signs its assertions with. */
  ownKey: { current: Record<string, unknown> | null }
  /** Follows the address of an authorization request through the provider's pages, to the callback. */
  visit: (authorizationUrl: string | null) => Promise<URL>
  close: () => Promise<void>
}

export interface OidcServerOptions {
  form: MetadataForm
  authMethod: ClientAuthMethod
  redirectUri: string
  registration: boolean
}

const PATH = '/tenant'
export const OWN_CLIENT = 'own app: id'
export const OWN_SECRET = 'own secret: a+b/c %&='
const GRANTS = ['authorization_code', 'refresh_token', 'client_credentials']

const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

export async function startOidcServer(options: OidcServerOptions): Promise<OidcServer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const { port } = address
  const origin = `http://127.0.0.1:${port}`
  const [issuer, resource] = [`${origin}${PATH}`, `${origin}/api`]
  const ownKey: OidcServer['ownKey'] = { current: null }
  const provider = new Provider(issuer, configuration(options, { origin, resource }))
  provider.use(async (context, next) => {
    if (context.path.startsWith('/agree/')) {
      await agree(provider, context.req, context.res, resource)
      context.respond = false
    } else {
      await next()
    }
  })
  const answer = provider.callback()
  const forms: Record<MetadataForm, string> = {
    'oauth-inserted': `/.well-known/oauth-authorization-server${PATH}`,
    'openid-inserted': `/.well-known/openid-configuration${PATH}`,
    'openid-appended': `${PATH}/.well-known/openid-configuration`,
  }
  server.on('request', (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse) => {
    const path = request.url ?? '/'
    const json = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    if (path === '/.well-known/oauth-protected-resource/api') {
      json({ resource, authorization_servers: [issuer], scopes_supported: ['read'] })
    } else if (path === '/own-jwks') {
      json({ keys: ownKey.current ? [ownKey.current] : [] })
    } else if (Object.values(forms).includes(path) && path !== forms[options.form]) {
      response.writeHead(404).end()
    } else if (path === forms[options.form]) {
      pass(request, response, '/.well-known/openid-configuration')
    } else if (path.startsWith(`${PATH}/`)) {
      pass(request, response, path.slice(PATH.length))
    } else {
      response.writeHead(404).end()
    }
  })
  const pass = (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, path: string) => {
    request.originalUrl = `${PATH}${path}`
    request.url = path
    answer(request, response).catch(() => response.destroy())
  }
  return {
    issuer,
    resource,
    ownKey,
    visit: (address) => visit(address ?? '', options.redirectUri),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function configuration(
  { authMethod, redirectUri, registration }: OidcServerOptions,
  { origin, resource }: { origin: string; resource: string },
): Configuration {
  return {
    clients: [
      {
        client_id: OWN_CLIENT,
        token_endpoint_auth_method: authMethod,
        redirect_uris: [redirectUri],
        grant_types: authMethod === 'none' ? GRANTS.slice(0, 2) : GRANTS,
        response_types: ['code'],
        ...(authMethod.startsWith('client_secret') && { client_secret: OWN_SECRET }),
        ...(authMethod === 'private_key_jwt' && {
          jwks_uri: `${origin}/own-jwks`,
          token_endpoint_auth_signing_alg: 'ES256',
        }),
      },
    ],
    clientAuthMethods: [authMethod],
    // Its own refuses addresses of this machine.
    fetch: (url) => fetch(url),
    enabledJWA: { clientAuthSigningAlgValues: ['ES256'] },
    jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256' }] },
    scopes: ['openid', 'offline_access', 'read', 'write'],
    claims: { openid: ['sub', 'email'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    cookies: { keys: ['a', 'b'] },
    interactions: { url: (_context, { uid }) => `${PATH}/agree/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@corp.example` }) }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: registration },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'read write', audience: resource, accessTokenFormat: 'opaque' }),
      },
    },
  }
}

async function agree(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  api: string,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  const scope = typeof params.scope === 'string' ? params.scope : ''
  const grant = new provider.Grant({ accountId: 'ada', clientId: String(params.client_id) })
  grant.addOIDCScope(scope)
  if (params.resource !== undefined) grant.addResourceScope(api, scope)
  const grantId = await grant.save()
  await provider.interactionFinished(request, response, { login: { accountId: 'ada' }, consent: { grantId } })
}

/** A browser with cookies and without patience. */
async function visit(address: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(address)
  for (let hops = 0; hops < 10; hops++) {
    if (url.href.startsWith(redirectUri)) return url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = response.headers.get('location')
    if (location === null)
      throw new Error(`no way on from ${url.pathname}: ${response.status} ${await response.text()}`)
    url = new URL(location, url)
  }
  throw new Error('too many redirects')
}
