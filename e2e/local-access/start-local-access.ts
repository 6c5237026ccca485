// A faithful stand-in for Cloudflare Access: one team, and the applications it stands in front of, each on a port of its
// own. The first is Executor, and its origin is the team domain too.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { answerSite } from './answer-site.ts'
import { sendJson } from './answer.ts'
import { CLIENT_METADATA_PATH, EXECUTOR_APP, otherOrigin, SAAS_APP } from './applications.ts'
import { answerControl } from './control.ts'
import { ADMIN, type Identity, LOCAL_AGENT, LOCAL_AUDIENCE, MEMBER, type ServiceToken } from './identities.ts'
import { listenOnLoopback } from './listen.ts'
import { createManagedOauth } from './managed-oauth.ts'
import { createSaasOidc, type SaasOidc, type SaasOidcOptions } from './saas-oidc.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'
import type { ApplicationSettings, Site, Team } from './site.ts'

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
  /** Executor as an Access for SaaS application too. */
  saas?: Pick<SaasOidcOptions, 'redirectUris' | 'storagePath'> & { accessTokenSeconds?: number }
  /** Applications beside the first. */
  others?: readonly OtherApplication[]
  /** Where tests change links; nowhere unless given. */
  controlPort?: number
}

export interface OtherApplication extends Pick<ApplicationSettings, 'audience' | 'linkedApps' | 'publicPaths'> {
  /** Its `app_uid`. */
  uid: string
  name: string
  port: number
  upstream: string
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
  /** Changes the first application's settings, from the next request on. */
  configure(settings: Partial<ApplicationSettings>): void
}

function settingsOf(options: LocalAccessOptions): ApplicationSettings {
  const { audience = LOCAL_AUDIENCE, managedOauth = true, paths = ['/'], policy = 'allow' } = options
  const { publicPaths = [CLIENT_METADATA_PATH], linkedApps = [] } = options
  return { audience, managedOauth, paths, publicPaths, policy, linkedApps }
}

/** How a token of each application is recognised that another one may be linked to. */
function personsOf(
  { origin, identities, keys }: Pick<Team, 'origin' | 'identities'> & { keys: SigningKeys },
  executor: ApplicationSettings,
  saas: SaasOidc | null,
): Team['personOf'] {
  const persons = new Map<string, NonNullable<ReturnType<Team['personOf']['get']>>>()
  persons.set(EXECUTOR_APP, async ({ value, from }) => {
    // An application's own token is taken in Access's header only.
    if (from !== 'cf-access-token') return undefined
    const claims = await keys.verify(value, { issuer: origin, audience: executor.audience })
    return identities.find(({ sub }) => sub === claims?.sub)
  })
  if (saas) persons.set(SAAS_APP, ({ value }) => saas.findPerson(value))
  return persons
}

function createSites(options: LocalAccessOptions, keys: SigningKeys): [executor: Site, ...others: Site[]] {
  const { identities = [ADMIN, MEMBER], serviceTokens = [LOCAL_AGENT], others = [] } = options
  const { allowedRedirectUris = ['cursor://anysphere.cursor-mcp/oauth/callback'] } = options
  const { sessionSeconds = 24 * 60 * 60, accessTokenSeconds = 15 * 60 } = options
  const origin = `http://localhost:${options.port}`
  const settings = settingsOf(options)
  const oauth = createManagedOauth({
    origin,
    identities,
    allowedRedirectUris,
    accessTokenSeconds,
    ...(options.oauthStoragePath === undefined ? {} : { storagePath: options.oauthStoragePath }),
  })
  const saas = options.saas ? createSaasOidc({ accessTokenSeconds, ...options.saas, origin, identities }) : null
  const personOf = personsOf({ origin, identities, keys }, settings, saas)
  const team: Team = { origin, identities, serviceTokens, sessionSeconds, keys, personOf }
  return [
    { team, name: 'Executor', origin, upstream: new URL(options.upstream), settings, oauth, saas },
    ...others.map(({ name, port, upstream, audience, publicPaths, linkedApps }): Site => {
      const own = { audience, publicPaths, linkedApps, managedOauth: false, paths: ['/'], policy: 'allow' } as const
      return {
        team,
        name,
        origin: otherOrigin(port),
        upstream: new URL(upstream),
        settings: own,
        oauth: null,
        saas: null,
      }
    }),
  ]
}

function guarded(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  return (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      console.error('The local Access failed:', error)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: 'internal', message: 'The local Access failed.' })
    })
  }
}

export async function startLocalAccess(options: LocalAccessOptions): Promise<LocalAccess> {
  const keys = await createSigningKeys()
  const [executor, ...others] = createSites(options, keys)
  const byUid = new Map((options.others ?? []).map(({ uid }, index) => [uid, others[index]]))
  const links = {
    read: (uid: string) => byUid.get(uid)?.settings.linkedApps,
    write: (uid: string, linkedApps: readonly string[]) =>
      void Object.assign(byUid.get(uid)?.settings ?? {}, { linkedApps }),
  }

  const closing: (() => Promise<void>)[] = []
  const close = async () => void (await Promise.all(closing.splice(0).map((end) => end())))
  try {
    const answer = (site: Site) => guarded((request, response) => answerSite(site, request, response))
    closing.push(await listenOnLoopback(answer(executor), options.port))
    for (const site of others) {
      closing.push(await listenOnLoopback(answer(site), Number(new URL(site.origin).port), '127.0.0.1'))
    }
    if (options.controlPort !== undefined) {
      const control = guarded((request, response) => answerControl(links, request, response))
      closing.push(await listenOnLoopback(control, options.controlPort, '127.0.0.1'))
    }
  } catch (error) {
    await close()
    throw error
  }

  return {
    url: executor.origin,
    close,
    rotateKeys: () => keys.rotate(),
    sign: (claims) => keys.sign(claims),
    jwks: () => keys.jwks(),
    configure: (changes) => void Object.assign(executor.settings, changes),
  }
}
