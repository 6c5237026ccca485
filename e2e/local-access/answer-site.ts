// How the local Access answers for one application: every request to its hostname passes here, and the application sees
// only those that carry a credential, each with a signed assertion of who it is.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWTPayload } from 'jose'
import { isNavigation, isSameOrigin, readCookie, readForm, redirect, sendJson, sendPage } from './answer.ts'
import { personClaims, serviceClaims } from './assertion.ts'
import { type Caller, COOKIE, identifyCaller } from './credential.ts'
import { forward } from './forward.ts'
import type { Identity } from './identities.ts'
import { loginPage, messagePage } from './pages.ts'
import type { LinkedToken, Site } from './site.ts'

const LOGIN = '/cdn-cgi/access/login'
const LOGOUT = '/cdn-cgi/access/logout'
const ASSERTION_SECONDS = 15 * 60

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
  const { origin, name, team } = site
  const { identities, keys, sessionSeconds } = team
  if (request.method !== 'POST') {
    const redirectUrl = landingPlace(url.searchParams.get('redirect_url'), origin)
    return sendPage(
      response,
      200,
      loginPage({ action: LOGIN, redirectUrl, application: name, identities }),
      applicationHeaders(site),
    )
  }
  const form = await readForm(request)
  const person = identities.find(({ email }) => email === form.get('email'))
  if (!person || !isSameOrigin(request, origin)) {
    const link = { href: LOGIN, label: 'Back to sign-in' }
    return sendPage(response, 403, messagePage({ title: 'Not let in', text: 'Access does not know you.', link }))
  }
  const application = { issuer: team.origin, audience: site.settings.audience, lifetime: sessionSeconds }
  const token = await keys.sign(personClaims(application, person, Date.now()))
  redirect(response, 303, landingPlace(form.get('redirect_url'), origin), cookieHeader(token, sessionSeconds))
}

/** The claims of the browser's sign-in, when it has one that is in force. */
async function browserClaims(site: Site, token: string | undefined): Promise<JWTPayload | null> {
  const { keys, origin: issuer } = site.team
  return token === undefined ? null : keys.verify(token, { issuer, audience: site.settings.audience })
}

async function browserPerson(site: Site, request: IncomingMessage): Promise<Identity | null> {
  const claims = await browserClaims(site, readCookie(request, COOKIE))
  return site.team.identities.find(({ sub }) => sub === claims?.sub) ?? null
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
      return sendJson(response, 200, site.team.keys.jwks())
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

/** What Access says of the application in answers of its own; `cloudflared` reads both. */
function applicationHeaders({ origin, settings }: Site): Record<string, string> {
  return { 'cf-access-aud': settings.audience, 'cf-access-domain': new URL(origin).host }
}

function turnAway(site: Site, request: IncomingMessage, response: ServerResponse, url: URL, caller: Caller): void {
  const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  const headers = applicationHeaders(site)
  if (caller.kind === 'refused' || isPreflight) {
    const text = isPreflight
      ? 'Access refuses preflight requests, which carry no credential.'
      : 'Access does not know this service token, or its secret is wrong.'
    if (!isNavigation(request)) return sendJson(response, 403, { error: 'forbidden', message: text }, headers)
    return sendPage(response, 403, messagePage({ title: 'Forbidden', text }), headers)
  }
  if (isNavigation(request) || !site.settings.managedOauth || !site.oauth) {
    // Access names the application here, by its audience tag.
    const query = new URLSearchParams({ kid: site.settings.audience, redirect_url: url.pathname + url.search })
    return redirect(response, 302, `${LOGIN}?${query}`, headers)
  }
  site.oauth.challenge(response, url.pathname, caller.kind === 'nobody' && caller.sentBearer)
}

function isCovered({ settings }: Site, path: string): boolean {
  const { policy, paths, publicPaths } = settings
  return policy !== 'bypass' && !publicPaths.includes(path) && paths.some((prefix) => path.startsWith(prefix))
}

/** The first rule of the policy that takes the token decides whose it is. */
async function findLinkedPerson({ settings, team }: Site, token: LinkedToken): Promise<Identity | undefined> {
  for (const uid of settings.linkedApps) {
    const person = await team.personOf.get(uid)?.(token)
    if (person) return person
  }
  return undefined
}

async function passOn(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { upstream, team } = site
  const { keys } = team
  const caller = await identifyCaller(request, {
    serviceTokens: team.serviceTokens,
    findLinkedPerson: (token) => findLinkedPerson(site, token),
    isBrowserToken: async (token) => (await browserClaims(site, token)) !== null,
    findOauthPerson: async (accessToken) => site.oauth?.findPerson(accessToken),
  })
  const application = { issuer: team.origin, audience: site.settings.audience, lifetime: ASSERTION_SECONDS }
  switch (caller.kind) {
    case 'browser': {
      const person = await browserPerson(site, request)
      const forwarding = { upstream, assertion: caller.token, keepsCookie: true }
      return forward(request, response, person ? { ...forwarding, email: person.email } : forwarding)
    }
    case 'oauth':
    case 'linked': {
      const { email } = caller.person
      const assertion = await keys.sign(personClaims(application, caller.person, Date.now()))
      const tookAuthorization = caller.kind === 'linked' && caller.from === 'authorization'
      return forward(request, response, { upstream, assertion, email, keepsCookie: false, tookAuthorization })
    }
    case 'service': {
      const assertion = await keys.sign(serviceClaims(application, caller.token, Date.now()))
      return forward(request, response, { upstream, assertion, keepsCookie: false })
    }
    default:
      turnAway(site, request, response, url, caller)
  }
}

export async function answerSite(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin, oauth, saas, settings } = site
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
  const person = () => browserPerson(site, request)
  if (settings.managedOauth && (await oauth?.handle(request, response, path, person))) return
  if (await saas?.handle(request, response, url, person)) return
  if (isReserved) return answerReserved(site, request, response, url)
  return passOn(site, request, response, url)
}
