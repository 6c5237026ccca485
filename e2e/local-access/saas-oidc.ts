// Executor as an Access for SaaS application: the team as an OpenID Connect provider, for one client with a secret.
// `oidc-provider` does the protocol; who signs in is whoever the browser's Access login says, and nobody is asked again.
import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Configuration, Provider } from 'oidc-provider'
import { SAAS_CLIENT_ID, SAAS_CLIENT_SECRET } from './applications.ts'
import { redirect, sendPage, withoutCookies } from './answer.ts'
import { askAlways } from './ask-always.ts'
import type { Identity } from './identities.ts'
import { createOauthStorage } from './oauth-storage.ts'
import { messagePage } from './pages.ts'

/** Under the team domain. */
export const SAAS_BASE = `/cdn-cgi/access/sso/oidc/${SAAS_CLIENT_ID}`
const SESSION_COOKIE = 'access_saas_session'
const LOGIN = '/login'
const GRANT_SECONDS = 30 * 24 * 60 * 60

export interface SaasOidcOptions {
  /** The team domain. */
  origin: string
  identities: readonly Identity[]
  redirectUris: readonly string[]
  /** Access lets an administrator choose from 1 minute to 24 hours. */
  accessTokenSeconds: number
  storagePath?: string
}

export interface SaasOidc {
  /** Answers when the path is the provider's own, and says whether it did. `person` is the browser's sign-in. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    person: () => Promise<Identity | null>,
  ): Promise<boolean>
  /** Whose access token it is, as long as it is in force. */
  findPerson(accessToken: string): Promise<Identity | undefined>
}

function configure(options: SaasOidcOptions): Configuration {
  const { identities, redirectUris, accessTokenSeconds } = options
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    adapter: createOauthStorage(options.storagePath),
    clients: [
      {
        client_id: SAAS_CLIENT_ID,
        client_secret: SAAS_CLIENT_SECRET,
        client_name: 'Executor',
        redirect_uris: [...redirectUris],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    clientAuthMethods: ['client_secret_basic'],
    responseTypes: ['code'],
    claims: { openid: ['sub'], email: ['email'], profile: ['name'], groups: ['groups'] },
    pkce: { required: () => true },
    routes: {
      authorization: '/authorization',
      token: '/token',
      jwks: '/jwks',
      userinfo: '/userinfo',
    },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: {
      names: { session: SESSION_COOKIE },
      long: { httpOnly: true, sameSite: 'lax', path: SAAS_BASE },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    clockTolerance: 0,
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      Grant: GRANT_SECONDS,
      IdToken: accessTokenSeconds,
      Interaction: 60 * 60,
      RefreshToken: GRANT_SECONDS,
      Session: 60 * 60,
    },
    // A setting of the application, not a scope that a client asks for.
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    findAccount(_context, id) {
      const person = identities.find(({ sub }) => sub === id)
      if (!person) return undefined
      const { sub, email, name, groups } = person
      return { accountId: sub, claims: () => ({ sub, email, name, groups: [...groups] }) }
    },
    interactions: {
      policy: [askAlways()],
      url: (_context, interaction) => `${SAAS_BASE}${LOGIN}/${interaction.uid}`,
    },
    renderError(context, { error, error_description: description }) {
      context.type = 'html'
      context.body = messagePage({ title: 'The application could not be let in', text: description ?? error })
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // Access knows no resource indicators: what a client says of them goes unheard.
      resourceIndicators: { enabled: false },
    },
  }
}

async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  person: Identity | null,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => null)
  if (!interaction) {
    const text = 'This request has expired. Start again from the application.'
    return sendPage(response, 400, messagePage({ title: 'Nothing to sign in to', text }))
  }
  if (!person) {
    return redirect(response, 303, `/cdn-cgi/access/login?redirect_url=${encodeURIComponent(url.pathname)}`)
  }
  const clientId = String(interaction.params.client_id)
  const grant = new provider.Grant({ accountId: person.sub, clientId })
  const { scope } = interaction.params
  grant.addOIDCScope(typeof scope === 'string' ? scope : 'openid')
  const login = { accountId: person.sub, remember: false }
  await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } })
}

export function createSaasOidc(options: SaasOidcOptions): SaasOidc {
  const provider = new Provider(options.origin + SAAS_BASE, configure(options))
  const answer = provider.callback()
  return {
    async handle(request, response, url, person) {
      if (!url.pathname.startsWith(`${SAAS_BASE}/`)) return false
      // Who signs in is the browser's Access login alone.
      request.headers.cookie = withoutCookies(request.headers.cookie, [SESSION_COOKIE])
      if (url.pathname.startsWith(`${SAAS_BASE}${LOGIN}/`)) {
        await signIn(provider, request, response, url, await person())
        return true
      }
      // The library finds where it is mounted by comparing the two.
      const mounted = request as IncomingMessage & { originalUrl?: string }
      mounted.originalUrl = url.pathname + url.search
      request.url = mounted.originalUrl.slice(SAAS_BASE.length)
      await answer(request, response)
      return true
    },
    async findPerson(accessToken) {
      const found = await provider.AccessToken.find(accessToken)
      return options.identities.find(({ sub }) => sub === found?.accountId)
    },
  }
}
