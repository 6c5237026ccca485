// Executor as an Access for SaaS application: an OpenID Connect client of the team's own Access, which each person connects to once.
import { z } from 'zod'
import { type Application, names } from './access-application.ts'
import { described } from './access-link-plan.ts'

const saasShape = z.looseObject({
  auth_type: z.string().optional(),
  client_id: z.string().optional(),
  /** In the answer to the request that made it, and never again. */
  client_secret: z.string().optional(),
  redirect_uris: z.array(z.string()).nullish(),
  grant_types: z.array(z.string()).nullish(),
  scopes: z.array(z.string()).nullish(),
})

export type SaasApp = z.infer<typeof saasShape>

export const SCOPES: readonly string[] = ['openid', 'email', 'profile', 'groups']

/** Undefined for an application that is no client of OpenID Connect. */
export function oidcOf(application: Application): SaasApp | undefined {
  const { data } = saasShape.safeParse(application.saas_app)
  return application.type === 'saas' && data?.auth_type === 'oidc' ? data : undefined
}

/** Where Access sends people back to after they have connected. */
export const callbackOf = (origin: string) => `${origin}/oauth/callback`

/** The base of every endpoint, and what discovery begins with. */
export const issuerOf = (teamDomain: string, clientId: string) =>
  `https://${teamDomain}/cdn-cgi/access/sso/oidc/${clientId}`

/** Undefined when there is none yet. `asked` is an id or a name, else Executor's is looked for. */
export function findSaas(
  applications: readonly Application[],
  worker: string,
  callback: string,
  asked: string | undefined,
): { ok: true; application: Application | undefined } | { ok: false; message: string } {
  const clients = applications.filter((one) => oidcOf(one))
  const lines = clients.map((one) => `  --saas-app ${one.id}   # "${one.name ?? ''}"`).join('\n')
  if (asked !== undefined) {
    const found = applications.filter(({ id, uid, name }) => [id, uid, name].includes(asked))
    const [application] = found
    if (!application || found.length > 1) {
      const count = application ? `${found.length} applications are called` : 'No application is called'
      const hint = lines === '' ? ' Leave --saas-app out, and one is made.' : ` Access for SaaS with OIDC:\n${lines}`
      return { ok: false, message: `${count} "${asked}".${hint}` }
    }
    if (oidcOf(application)) return { ok: true, application }
    return { ok: false, message: `${described(application)} is no Access for SaaS application with OpenID Connect.` }
  }
  const own = clients.filter((one) => one.name === names(worker).oidc || oidcOf(one)?.redirect_uris?.includes(callback))
  if (own.length < 2) return { ok: true, application: own[0] }
  return { ok: false, message: `${own.length} applications could be Executor's. Say which one is meant:\n${lines}` }
}

/** The same people as Executor, by the same policies and identity providers. Its own policies cannot be shared. */
export function newSaas(worker: string, callback: string, executor: Application) {
  const shared = (executor.policies ?? []).filter(
    ({ reusable, decision }) => reusable !== false && (decision === 'allow' || decision === 'deny'),
  )
  return {
    name: names(worker).oidc,
    type: 'saas',
    app_launcher_visible: false,
    allowed_idps: executor.allowed_idps ?? [],
    policies: shared.map(({ id }, index) => ({ id, precedence: index + 1 })),
    saas_app: {
      auth_type: 'oidc',
      redirect_uris: [callback],
      grant_types: ['authorization_code_with_pkce', 'refresh_tokens'],
      scopes: [...SCOPES],
      // Short, because each renewal asks the policies again.
      access_token_lifetime: '15m',
      refresh_token_options: { lifetime: '90d' },
      allow_pkce_without_client_secret: false,
    },
  }
}

/** What an application that somebody made lacks for Executor, as what to do. It is never changed here. */
export function saasProblems(application: Application, callback: string): string[] {
  const { redirect_uris: uris, grant_types: grants, scopes } = oidcOf(application) ?? {}
  const missing = SCOPES.filter((scope) => scope !== 'groups' && !(scopes ?? SCOPES).includes(scope))
  const problems = [
    ...(uris?.includes(callback) ? [] : [`add the redirect URL ${callback}`]),
    ...(grants?.includes('refresh_tokens') ? [] : ['turn on refresh tokens']),
    ...(missing.length === 0 ? [] : [`add the scopes ${missing.join(', ')}`]),
    ...((application.policies ?? []).some(({ decision }) => decision === 'allow')
      ? []
      : ['add an Allow policy: nobody may sign in to it']),
  ]
  return problems.map((text) => `In the application ${described(application)}: ${text}.`)
}
