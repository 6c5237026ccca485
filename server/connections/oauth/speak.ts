// How oauth4webapi sends: through server/net, bounded, without following redirects (RFC 8414 and RFC 6749 know none).
import { allowInsecureRequests, type AuthorizationServer as Server, customFetch } from 'oauth4webapi'
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import type { Outbound } from '../../net/outbound.ts'
import { endpointOf, isLoopbackHttp } from './endpoint.ts'

export interface Sending {
  outbound: Outbound
  timeoutMs?: number
}

const TIMEOUT_MS = 20_000
const MAX_BYTES = 256 * 1024

/** Options of one request to `url`. */
export function sendingTo({ outbound, timeoutMs = TIMEOUT_MS }: Sending, url: string | undefined) {
  const target = endpointOf(url)
  return {
    [customFetch]: (address: string, options: RequestInit) =>
      outbound.send(new Request(address, options), { timeoutMs, maxBytes: MAX_BYTES }),
    // server/net refuses this machine unless its network was opened.
    [allowInsecureRequests]: target !== null && isLoopbackHttp(target),
  }
}

/** A server without an issuer goes by its token endpoint, which an assertion may be for too (RFC 7523, section 3). */
export function serverOf(server: AuthorizationServer): Server {
  const tokenEndpoint = server.tokenEndpoint ?? ''
  return {
    issuer: server.issuer ?? tokenEndpoint,
    token_endpoint: tokenEndpoint,
    authorization_response_iss_parameter_supported: server.issuer !== null && server.sendsIssuer,
    ...(server.deviceAuthorizationEndpoint !== undefined && {
      device_authorization_endpoint: server.deviceAuthorizationEndpoint,
    }),
    ...(server.revocationEndpoint !== undefined && { revocation_endpoint: server.revocationEndpoint }),
    ...(server.userinfoEndpoint !== undefined && { userinfo_endpoint: server.userinfoEndpoint }),
    ...(server.idTokenSigningAlgorithms && { id_token_signing_alg_values_supported: server.idTokenSigningAlgorithms }),
  }
}

/** What a client of it is stored under, beside the integration: one that other servers cannot take on. */
export function nameOf({ issuer, tokenEndpoint }: AuthorizationServer): string {
  return issuer ?? tokenEndpoint ?? ''
}
