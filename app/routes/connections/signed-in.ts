// What a connection's page says of the sign-in that its token came by. Pure.
import { canRenew, scopeDifferences } from '../../../server/connections/shown-health.ts'
import type { ConnectionRow } from '../../../server/db/connections.ts'
import type { IntegrationRow } from '../../../server/db/integrations.ts'

export interface SignedIn {
  /** By a sign-in, not typed. */
  isObtained: boolean
  identity: string | null
  /** Host of the authorization server. */
  server: string | null
  /** Epoch milliseconds; null when it has no end, or nobody knows. */
  endsAt: number | null
  isRenewed: boolean
  scopes: string[]
  missing: string[]
  extra: string[]
  /** The integration still has the way that it was made by. */
  canSignIn: boolean
  /** Scopes that a call wanted and that it does not have. */
  stepUp: string[]
}

/** `wanted`: what the page's address asks for besides. */
export function signedInOf(
  { authMethods }: Pick<IntegrationRow, 'authMethods'>,
  connection: Pick<ConnectionRow, 'oauth' | 'identity' | 'tokenExpiresAt'>,
  wanted: readonly string[],
): SignedIn {
  const { oauth, identity, tokenExpiresAt: endsAt } = connection
  const canSignIn =
    oauth !== null && authMethods.some(({ id, oauth: way }) => id === oauth.methodId && way !== undefined)
  const base = { isObtained: oauth !== null, identity, endsAt, isRenewed: canRenew(connection), canSignIn }
  if (oauth === null) return { ...base, server: null, scopes: [], missing: [], extra: [], stepUp: [] }
  const has = oauth.scopesGranted ?? oauth.scopesRequested
  const server = oauth.server.issuer ?? oauth.server.tokenEndpoint ?? ''
  return {
    ...base,
    ...scopeDifferences(connection),
    server: URL.parse(server)?.host ?? null,
    scopes: has,
    stepUp: canSignIn ? [...new Set(wanted)].filter((scope) => !has.includes(scope)) : [],
  }
}
