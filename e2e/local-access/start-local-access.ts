// A faithful stand-in for Cloudflare Access in front of one application: every request to the hostname passes here,
// and the application sees only those that carry a credential, each with a signed assertion of who it is.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { isNavigation, isSameOrigin, readCookie, readForm, redirect, sendJson, sendPage } from './answer.ts'
import { personClaims, serviceClaims } from './assertion.ts'
import { type Caller, COOKIE, identifyCaller } from './credential.ts'
import { forward } from './forward.ts'
import { ADMIN, type Identity, LOCAL_AGENT, LOCAL_AUDIENCE, MEMBER, type ServiceToken } from './identities.ts'
import { createManagedOauth, type ManagedOauth } from './managed-oauth.ts'
import { loginPage, messagePage } from './pages.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'

const LOGIN = '/cdn-cgi/access/login'
const LOGOUT = '/cdn-cgi/access/logout'
const ASSERTION_SECONDS = 15 * 60

/** What an administrator of Access decides about the application, and can get wrong. */
export interface ApplicationSettings {
  audience: string
  /** Off: programs are led to the login page like everybody, and there is no discovery. */
  managedOauth: boolean
  /** What the application covers; other paths of the hostname reach the Worker without Access. */
  paths: readonly string[]
  /** The policy's decision: `bypass` lets everybody pass, without an assertion. */
  policy: 'allow' | 'bypass'
}

export interface LocalAccessOptions extends Partial<ApplicationSettings> {
  port: number
  /** Where the application listens. */
  upstream: string
  identities?: readonly Identity[]
  serviceTokens?: readonly ServiceToken[]
  /** OAuth redirect URIs allowed beside loopback ones. */
  allowedRedirectUris?: readonly string[]
  /** How long a browser's sign-in lasts. */
  sessionSeconds?: number
  /** How long an OAuth access token lasts. */
  accessTokenSeconds?: number
  /** A file that keeps OAuth clients and their tokens over a restart. */
  oauthStoragePath?: string
}

export interface LocalAccess {
  /** The origin: `http://localhost:<port>`; also the issuer, Access's "team domain". */
  url: string
  close(): Promise<void>
  /** Makes a new signing key; tokens of the key before stay good until the next rotation. */
  rotateKeys(): Promise<void>
  /** Signs any claims with the current key, for tests that need a token of a certain kind. */
  sign(claims: JWTPayload): Promise<string>
  jwks(): JSONWebKeySet
  /** Changes the application's settings, from the next request on. */
  configure(settings: Partial<ApplicationSettings>): void
}

interface Site {
  origin: string
  upstream: URL
  settings: ApplicationSettings
  identities: readonly Identity[]
  serviceTokens: readonly ServiceToken[]
  sessionSeconds: number
  keys: SigningKeys
  oauth: ManagedOauth
}

/** Only an address of this origin, and never Access's own login or logout, may follow a login. */
function landingPlace(wanted: string | null, origin: string): string {
  if (wanted === null || !URL.canParse(wanted, origin)) return '/'
  const url = new URL(wanted, origin)
  if (url.origin !== origin || url.pathname.startsWith(LOGIN) || url.pathname.startsWith(LOGOUT)) return '/'
  // `/..//other.example` is a path here, and another host as a Location.
  return url.pathname.replace(/^\/{2,}/, '/') + url.search
}

function cookieHeader(value: string, maxAge: number): Record<string, string> {
  // Access sets `SameSite=None; Secure`. On plain http browsers refuse that, so the stand-in says Lax.
  return { 'set-cookie': `${COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax` }
}

async function answerLogin(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { origin, identities } = site
  if (request.method !== 'POST') {
    const redirectUrl = landingPlace(url.searchParams.get('redirect_url'), origin)
    return sendPage(response, 200, loginPage({ action: LOGIN, redirectUrl, identities }))
  }
  const form = await readForm(request)
  const person = identities.find(({ email }) => email === form.get('email'))
  if (!person || !isSameOrigin(request, origin)) {
    const link = { href: LOGIN, label: 'Back to sign-in' }
    return sendPage(response, 403, messagePage({ title: 'Not let in', text: 'Access does not know you.', link }))
  }
  const application = { issuer: origin, audience: site.settings.audience, lifetime: site.sessionSeconds }
  const token = await site.keys.sign(personClaims(application, person, Date.now()))
  redirect(response, 303, landingPlace(form.get('redirect_url'), origin), cookieHeader(token, site.sessionSeconds))
}

/** The claims of the browser's sign-in, when it has one that is in force. */
async function browserClaims(site: Site, token: string | undefined): Promise<JWTPayload | null> {
  return token === undefined ? null : site.keys.verify(token, { issuer: site.origin, audience: site.settings.audience })
}

async function browserPerson(site: Site, request: IncomingMessage): Promise<Identity | null> {
  const claims = await browserClaims(site, readCookie(request, COOKIE))
  return site.identities.find(({ sub }) => sub === claims?.sub) ?? null
}

async function answerIdentity(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const person = await browserPerson(site, request)
  if (!person) return sendJson(response, 401, { err: 'no app token set' })
  const { email, name, sub, groups } = person
  sendJson(response, 200, { id: sub, user_uuid: sub, email, name, groups, idp: { id: 'local', type: 'local' } })
}

/** Everything under `/cdn-cgi/` is the network's own and never reaches the application. */
async function answerReserved(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  switch (url.pathname) {
    case '/cdn-cgi/access/certs':
      return sendJson(response, 200, site.keys.jwks())
    case '/cdn-cgi/access/get-identity':
      return answerIdentity(site, request, response)
    case LOGIN:
      return answerLogin(site, request, response, url)
    case LOGOUT: {
      const link = { href: LOGIN, label: 'Sign in again' }
      const page = messagePage({ title: 'You are signed out', text: 'See you soon.', link })
      return sendPage(response, 200, page, cookieHeader('', 0))
    }
    default:
      return sendPage(response, 404, messagePage({ title: 'Not found', text: 'Access has nothing at this address.' }))
  }
}

function turnAway(site: Site, request: IncomingMessage, response: ServerResponse, url: URL, caller: Caller): void {
  const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  if (caller.kind === 'refused' || isPreflight) {
    const text = isPreflight
      ? 'Access refuses preflight requests, which carry no credential.'
      : 'Access does not know this service token, or its secret is wrong.'
    if (!isNavigation(request)) return sendJson(response, 403, { error: 'forbidden', message: text })
    return sendPage(response, 403, messagePage({ title: 'Forbidden', text }))
  }
  if (isNavigation(request) || !site.settings.managedOauth) {
    // Access names the application here, by its audience tag.
    const query = new URLSearchParams({ kid: site.settings.audience, redirect_url: url.pathname + url.search })
    return redirect(response, 302, `${LOGIN}?${query}`)
  }
  site.oauth.challenge(response, url.pathname, caller.kind === 'nobody' && caller.sentBearer)
}

function isCovered({ settings }: Site, path: string): boolean {
  return settings.policy !== 'bypass' && settings.paths.some((prefix) => path.startsWith(prefix))
}

async function passOn(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const caller = await identifyCaller(request, {
    serviceTokens: site.serviceTokens,
    isBrowserToken: async (token) => (await browserClaims(site, token)) !== null,
    findOauthPerson: (accessToken) => site.oauth.findPerson(accessToken),
  })
  const { upstream, keys } = site
  const application = { issuer: site.origin, audience: site.settings.audience, lifetime: ASSERTION_SECONDS }
  switch (caller.kind) {
    case 'browser': {
      const person = await browserPerson(site, request)
      const forwarding = { upstream, assertion: caller.token, keepsCookie: true }
      return forward(request, response, person ? { ...forwarding, email: person.email } : forwarding)
    }
    case 'oauth': {
      const assertion = await keys.sign(personClaims(application, caller.person, Date.now()))
      return forward(request, response, { upstream, assertion, email: caller.person.email, keepsCookie: false })
    }
    case 'service': {
      const assertion = await keys.sign(serviceClaims(application, caller.token, Date.now()))
      return forward(request, response, { upstream, assertion, keepsCookie: false })
    }
    default:
      turnAway(site, request, response, url, caller)
  }
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin } = site
  const url = URL.parse((request.url ?? '/').replace(/^[/\\]{2,}/, '/'), origin)
  // One name only: another one that resolves to this machine must not reach what is signed in here.
  if (url?.origin !== origin || request.headers.host !== new URL(origin).host) {
    const link = { href: origin, label: `Open ${origin}` }
    return sendPage(response, 421, messagePage({ title: 'Wrong address', text: `This is ${origin}.`, link }))
  }
  const path = url.pathname
  const isReserved = path.startsWith('/cdn-cgi/')
  if (!isReserved && !isCovered(site, path)) {
    return forward(request, response, { upstream: site.upstream, keepsCookie: true })
  }
  const { managedOauth } = site.settings
  if (managedOauth && (await site.oauth.handle(request, response, path, () => browserPerson(site, request)))) return
  if (isReserved) return answerReserved(site, request, response, url)
  return passOn(site, request, response, url)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => resolve())
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

export async function startLocalAccess(options: LocalAccessOptions): Promise<LocalAccess> {
  const { audience = LOCAL_AUDIENCE, managedOauth = true, paths = ['/'], policy = 'allow' } = options
  const { identities = [ADMIN, MEMBER], serviceTokens = [LOCAL_AGENT] } = options
  const { allowedRedirectUris = ['cursor://anysphere.cursor-mcp/oauth/callback'] } = options
  const { sessionSeconds = 24 * 60 * 60, accessTokenSeconds = 15 * 60 } = options
  const origin = `http://localhost:${options.port}`
  const keys = await createSigningKeys()
  const oauth = createManagedOauth({
    origin,
    identities,
    allowedRedirectUris,
    accessTokenSeconds,
    ...(options.oauthStoragePath === undefined ? {} : { storagePath: options.oauthStoragePath }),
  })
  const upstream = new URL(options.upstream)
  const settings = { audience, managedOauth, paths, policy }
  const site: Site = { origin, upstream, settings, identities, serviceTokens, sessionSeconds, keys, oauth }

  const handler = (request: IncomingMessage, response: ServerResponse) => {
    answer(site, request, response).catch((error: unknown) => {
      console.error('The local Access failed:', error)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: 'internal', message: 'The local Access failed.' })
    })
  }
  // `localhost` is either of the two addresses, depending on the machine and on who asks.
  const servers = [createServer(handler)]
  await listen(servers[0]!, options.port, '127.0.0.1')
  const v6 = createServer(handler)
  await listen(v6, options.port, '::1').then(
    () => servers.push(v6),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') throw error
    },
  )

  return {
    url: origin,
    close: async () => void (await Promise.all(servers.map(closeServer))),
    rotateKeys: () => keys.rotate(),
    sign: (claims) => keys.sign(claims),
    jwks: () => keys.jwks(),
    configure: (changes) => void Object.assign(settings, changes),
  }
}
