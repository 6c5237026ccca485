// What every way of signing in needs first: that this person may, the server, the client, and what is asked for.
import type { AuthMethod, AuthorizationServer, OAuth, OAuthFlow } from '../../../drizzle/shapes.ts'
import type { ConnectionRow } from '../../db/connections.ts'
import type { IntegrationRow } from '../../db/integrations.ts'
import type { OAuthClientRow } from '../../db/oauth-clients.ts'
import { mayManage, problemOfSlug } from '../manage.ts'
import { clientFor } from './clients.ts'
import type { OAuthDeps } from './deps.ts'
import { discover } from './discovery.ts'
import { declaredScopes, flowOf } from './scopes.ts'

export interface SignIn {
  integration: IntegrationRow
  /** One of the integration's, with `oauth`. */
  method: AuthMethod
  grant?: 'authorization_code' | 'device_code'
  owner: 'org' | 'me'
  slug: string
  /** Renews it: its owner and slug count then. */
  connection?: ConnectionRow
  /** A step-up's, beside the declared ones. */
  scopes?: readonly string[]
}

export interface Refused {
  ok: false
  code: 'own_app_needed' | 'discovery_failed' | 'refused' | 'invalid'
  field?: 'connection' | 'owner' | 'method'
  message: string
}

export interface Prepared {
  ok: true
  method: AuthMethod
  oauth: OAuth
  /** `org`, or the id of the person. */
  owner: string
  slug: string
  server: AuthorizationServer
  client: OAuthClientRow
  resource: string | null
  scopes: string[]
  isOfResource: boolean
}

export async function prepare(
  deps: OAuthDeps,
  input: Omit<SignIn, 'grant'>,
  grant: OAuthFlow['grant'],
): Promise<Prepared | Refused> {
  const checked = await check(deps, input)
  if (!checked.ok) return checked
  const { method, oauth } = checked
  const flow = flowOf(oauth, grant)
  const found = await discover(deps.outbound, oauth, { flow })
  if (!found.ok) {
    const again = found.reason === 'unreachable' ? ' Try again in a moment.' : ''
    return { ok: false, code: 'discovery_failed', field: 'method', message: `${found.message}${again}` }
  }
  const { server, resource, isOfResource } = found
  const client = await clientFor(deps, { integrationId: input.integration.id, server, grant })
  if (!client.ok) return { ok: false, code: client.code, field: 'method', message: client.message }
  const declared = declaredScopes({ ...method, oauth }, flow)
  const basic = declared.length > 0 ? declared : undeclaredScopes(oauth, found.scopes, server)
  // For more, and not for something else: a server forgets what it is not asked for again.
  const more = input.scopes ? [...(input.connection?.oauth?.scopesRequested ?? []), ...input.scopes] : []
  const scopes = [...new Set([...basic, ...declaredScopes({ ...method, oauth }, flow, more)])]
  return { ...checked, server, client: client.client, resource, scopes, isOfResource }
}

/**
 * Where nothing is declared: what the resource asks for (RFC 9728), and the right to refresh where the server has a scope
 * for it (OpenID Connect Core, section 11). A request without `openid` is none of OpenID Connect (section 3.1.2.1).
 */
function undeclaredScopes(oauth: OAuth, asked: readonly string[], server: AuthorizationServer): string[] {
  const basic = asked.length === 0 && oauth.openIdConnectUrl !== undefined ? ['openid'] : asked
  const canAskToStay = basic.length > 0 && server.scopesSupported?.includes('offline_access') === true
  return [...new Set([...basic, ...(canAskToStay ? ['offline_access'] : [])])]
}

type Checked = Pick<Prepared, 'ok' | 'method' | 'oauth' | 'owner' | 'slug'>

async function check(deps: OAuthDeps, input: Omit<SignIn, 'grant'>): Promise<Checked | Refused> {
  const { db, principal } = deps
  const { integration, connection } = input
  if (principal.kind !== 'person') return refuse('refused', 'Only people sign in to accounts.', 'owner')
  const owner = connection?.owner ?? (input.owner === 'org' ? 'org' : principal.id)
  if (!mayManage(principal, { owner })) {
    return refuse(
      'refused',
      owner === 'org' ? 'Only admins connect accounts for everyone.' : 'It is not yours.',
      'owner',
    )
  }
  if (connection && connection.integrationId !== integration.id) {
    return refuse('invalid', 'This connection is of another integration.', 'connection')
  }
  // As the integration has it now, and not as whoever asks has it.
  const method = integration.authMethods.find(({ id }) => id === input.method.id)
  if (!method?.oauth) return refuse('invalid', 'This integration has no such way to sign in.', 'method')
  const { oauth } = method
  const other = method.fields.find(({ name, isOptional }) => name !== oauth.field && !isOptional)
  if (other && !connection) {
    return refuse(
      'invalid',
      `Signing in gives no ${other.label}, which this way also needs: enter both by hand.`,
      'method',
    )
  }
  const slug = connection?.slug ?? input.slug
  const problem = connection ? null : await problemOfSlug(db, integration.id, slug)
  return problem === null ? { ok: true, method, oauth, owner, slug } : refuse('invalid', problem, 'connection')
}

export function refuse(code: Refused['code'], message: string, field?: Refused['field']): Refused {
  return { ok: false, code, message, ...(field && { field }) }
}
