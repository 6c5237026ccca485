// Authorization server metadata (RFC 8414; OpenID Connect Discovery 1.0): where it is, and what of it is kept.
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import type { Outbound } from '../../net/outbound.ts'
import { endpointOf } from './endpoint.ts'
import { fetchMetadata, gravest, type Problem, problem } from './metadata-request.ts'

export type FoundServer = { ok: true; server: AuthorizationServer } | Problem

const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'
const MAX_ITEMS = 300
const MAX_ITEM = 300

/**
 * The addresses of an issuer's metadata, in the order they are tried: that of RFC 8414 (section 3.1), OpenID's put in
 * the same way (section 5), and as OpenID itself appends it (Discovery, section 4.1).
 */
export function wellKnownUrls(issuer: URL): string[] {
  const { origin } = issuer
  const path = issuer.pathname.replace(/\/$/, '')
  return [...new Set([`${origin}${OAUTH}${path}`, `${origin}${OPENID}${path}`, `${origin}${path}${OPENID}`])]
}

/** By its issuer identifier, which the metadata must name exactly (RFC 8414, section 3.3). */
export async function findServer(outbound: Outbound, issuer: string): Promise<FoundServer> {
  const url = endpointOf(issuer)
  if (!url || url.search !== '') return problem('wrong', 'The issuer is not an https URL without a query.')
  const problems: Problem[] = []
  for (const address of wellKnownUrls(url)) {
    const found = await serverAt(outbound, address, (named) =>
      named === issuer ? null : `is that of the issuer ${named}, and ${issuer} was asked`,
    )
    if (found.ok) return found
    problems.push(found)
    // The same host does not answer: the next question would only wait as long.
    if (found.reason === 'unreachable') break
  }
  return gravest(problems)
}

/**
 * Where the address is known and the issuer is not: the address must then be one of the issuer that the metadata names,
 * or at least on its origin where it is none that the standards know.
 */
export function findServerAt(outbound: Outbound, address: string, expected?: string): Promise<FoundServer> {
  return serverAt(outbound, address, (named, url) => {
    if (expected !== undefined) return named === expected ? null : `is that of ${named}, and ${expected} was expected`
    const issuer = endpointOf(named)
    const isStandard = url.pathname.includes('/.well-known/')
    if (issuer && (isStandard ? wellKnownUrls(issuer).includes(url.href) : issuer.origin === url.origin)) return null
    return `is that of the issuer ${named}, whose metadata is elsewhere`
  })
}

/** `mismatch` says what is wrong with the issuer that was found. */
async function serverAt(
  outbound: Outbound,
  address: string,
  mismatch: (named: string, url: URL) => string | null,
): Promise<FoundServer> {
  const fetched = await fetchMetadata(outbound, address)
  if (!fetched.ok) return fetched
  const { body } = fetched
  const named = body.issuer
  if (typeof named !== 'string') return problem('wrong', `The metadata at ${address} names no issuer.`)
  const shown = named.slice(0, MAX_ITEM)
  const wrong = endpointOf(named) ? mismatch(named, new URL(address)) : 'names an issuer that is no https URL'
  if (wrong !== null) {
    const what = wrong.replace(named, shown)
    return problem('wrong', `The metadata at ${address} ${what} (RFC 8414, section 3.3).`)
  }
  return readServer(body, named, address)
}

const ENDPOINTS = [
  ['authorization_endpoint', 'authorizationEndpoint'],
  ['token_endpoint', 'tokenEndpoint'],
  ['device_authorization_endpoint', 'deviceAuthorizationEndpoint'],
  ['registration_endpoint', 'registrationEndpoint'],
  ['revocation_endpoint', 'revocationEndpoint'],
  ['userinfo_endpoint', 'userinfoEndpoint'],
  ['jwks_uri', 'jwksUri'],
] as const

const LISTS = [
  ['scopes_supported', 'scopesSupported'],
  ['grant_types_supported', 'grantTypesSupported'],
  ['code_challenge_methods_supported', 'codeChallengeMethodsSupported'],
  ['token_endpoint_auth_methods_supported', 'tokenEndpointAuthMethodsSupported'],
  ['id_token_signing_alg_values_supported', 'idTokenSigningAlgorithms'],
] as const

function readServer(body: Record<string, unknown>, issuer: string, address: string): FoundServer {
  const server: AuthorizationServer = {
    issuer,
    sendsIssuer: body.authorization_response_iss_parameter_supported === true,
    acceptsMetadataDocument: body.client_id_metadata_document_supported === true,
  }
  for (const [name, key] of ENDPOINTS) {
    const value = body[name]
    if (value === undefined || value === null) continue
    const url = endpointOf(value)
    if (!url)
      return problem('wrong', `The metadata at ${address} has a ${name} that is no https URL (RFC 8414, section 2).`)
    server[key] = url.href
  }
  for (const [name, key] of LISTS) {
    const value = body[name]
    if (!Array.isArray(value)) continue
    const texts = value.filter((item): item is string => typeof item === 'string' && item.length <= MAX_ITEM)
    server[key] = texts.slice(0, MAX_ITEMS)
  }
  if (server.tokenEndpoint === undefined) {
    return problem('wrong', `The metadata at ${address} names no token_endpoint (RFC 8414, section 2).`)
  }
  return { ok: true, server }
}
