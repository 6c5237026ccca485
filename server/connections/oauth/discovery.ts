// From what a method says of OAuth to the authorization server: discovered where there is something to discover, as
// declared where there is nothing.
import type { AuthorizationServer, OAuth, OAuthFlow } from '../../../drizzle/shapes.ts'
import type { Outbound } from '../../net/outbound.ts'
import { endpointOf } from './endpoint.ts'
import type { Problem } from './metadata-request.ts'
import { problem } from './metadata-request.ts'
import { findResource } from './protected-resource.ts'
import { findServer, findServerAt, type FoundServer } from './server-metadata.ts'

export type Discovered =
  | {
      ok: true
      server: AuthorizationServer
      /** RFC 8707; null where tokens are not asked for one. */
      resource: string | null
      /** What the resource asks for (RFC 9728): for where nothing was declared. */
      scopes: string[]
      /** Found through a resource's metadata, as MCP servers are: a list of PKCE methods is then required. */
      isOfResource: boolean
    }
  | Problem

/** `flow` is the one whose endpoints count. `challenge` is a `WWW-Authenticate` of the resource. */
export async function discover(
  outbound: Outbound,
  oauth: OAuth,
  { flow, challenge }: { flow?: OAuthFlow | undefined; challenge?: string | null } = {},
): Promise<Discovered> {
  const { resourceUrl } = oauth
  if (resourceUrl === undefined) return withoutResource(await declaredServer(outbound, oauth, flow), null)

  const resource = await findResource(outbound, resourceUrl, challenge)
  if (!resource.ok) {
    if (resource.reason !== 'absent') return resource
    const isElsewhere = flow?.tokenUrl !== undefined || isDiscovered(oauth)
    if (isElsewhere) return withoutResource(await declaredServer(outbound, oauth, flow), resourceUrl)
    // Before RFC 9728, MCP servers were their own authorization servers (MCP 2025-03-26).
    const own = await findServer(outbound, new URL(resourceUrl).origin)
    if (own.ok) return { ...own, resource: resourceUrl, scopes: [], isOfResource: true }
    return own.reason === 'absent' ? resource : own
  }
  const issuer = oauth.issuer ?? resource.authorizationServers[0]
  if (issuer === undefined) {
    if (flow?.tokenUrl === undefined) return problem('wrong', `${resourceUrl} names no authorization server.`)
    return withoutResource(await declaredServer(outbound, oauth, flow), resource.resource)
  }
  if (!resource.authorizationServers.includes(issuer)) {
    return problem(
      'wrong',
      `${resourceUrl} does not name ${issuer} among its authorization servers (RFC 9728, section 2).`,
    )
  }
  const found = await findServer(outbound, issuer)
  return found.ok ? { ...found, resource: resource.resource, scopes: resource.scopes, isOfResource: true } : found
}

function withoutResource(found: FoundServer, resource: string | null): Discovered {
  return found.ok ? { ...found, resource, scopes: [], isOfResource: false } : found
}

function isDiscovered({ issuer, metadataUrl, openIdConnectUrl }: OAuth): boolean {
  return issuer !== undefined || metadataUrl !== undefined || openIdConnectUrl !== undefined
}

/**
 * The endpoints that the flow declares, and what metadata adds to them. Metadata of a server with another token endpoint
 * is of another server (one for signing in beside one for the API, for example), and adds nothing.
 */
async function declaredServer(outbound: Outbound, oauth: OAuth, flow: OAuthFlow | undefined): Promise<FoundServer> {
  const declared = endpointsOf(flow)
  if (!isDiscovered(oauth)) {
    if (declared.tokenEndpoint !== undefined) return { ok: true, server: { ...UNKNOWN, ...declared } }
    return problem('absent', 'The method says neither where tokens are issued nor who issues them.')
  }
  const found = await metadataOf(outbound, oauth)
  if (!found.ok) {
    const isEnough = found.reason === 'absent' && declared.tokenEndpoint !== undefined
    return isEnough ? { ok: true, server: { ...UNKNOWN, ...declared } } : found
  }
  if (declared.tokenEndpoint === undefined || declared.tokenEndpoint === found.server.tokenEndpoint) {
    return { ok: true, server: { ...found.server, ...declared } }
  }
  return { ok: true, server: { ...UNKNOWN, ...declared } }
}

const UNKNOWN: AuthorizationServer = { issuer: null, sendsIssuer: false, acceptsMetadataDocument: false }

function metadataOf(outbound: Outbound, { issuer, metadataUrl, openIdConnectUrl }: OAuth): Promise<FoundServer> {
  const address = metadataUrl ?? openIdConnectUrl
  if (address !== undefined) return findServerAt(outbound, address, issuer)
  return findServer(outbound, issuer ?? '')
}

type Endpoints = Pick<
  AuthorizationServer,
  'authorizationEndpoint' | 'tokenEndpoint' | 'refreshEndpoint' | 'deviceAuthorizationEndpoint'
>

function endpointsOf(flow: OAuthFlow | undefined): Endpoints {
  const authorization = endpointOf(flow?.authorizationUrl)?.href
  const token = endpointOf(flow?.tokenUrl)
  const refresh = endpointOf(flow?.refreshUrl)
  const device = endpointOf(flow?.deviceAuthorizationUrl)?.href
  const hasOwnRefresh = token && refresh && refresh.origin === token.origin && refresh.href !== token.href
  return {
    ...(authorization !== undefined && { authorizationEndpoint: authorization }),
    ...(token && { tokenEndpoint: token.href }),
    ...(hasOwnRefresh && { refreshEndpoint: refresh.href }),
    ...(device !== undefined && { deviceAuthorizationEndpoint: device }),
  }
}
