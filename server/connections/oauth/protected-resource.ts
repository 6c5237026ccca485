// Protected resource metadata (RFC 9728): which authorization server issues tokens for an API.
import type { Outbound } from '../../net/outbound.ts'
import { OutboundError } from '../../net/outbound.ts'
import { bearerParameter } from './challenge.ts'
import { endpointOf } from './endpoint.ts'
import { fetchMetadata, gravest, type Problem, problem } from './metadata-request.ts'
import { scopesIn } from './scopes.ts'

export interface ProtectedResource {
  ok: true
  /** As the metadata has it: what a token is asked for (RFC 8707). */
  resource: string
  /** Issuer identifiers. */
  authorizationServers: string[]
  /** What is asked for where nothing was declared: of the challenge, or else all that the resource lists. */
  scopes: string[]
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const CHALLENGE_TIMEOUT_MS = 5000
const MAX_SERVERS = 20

/** `challenge` is a `WWW-Authenticate` of the resource; without one the resource is asked for it (section 5). */
export async function findResource(
  outbound: Outbound,
  resourceUrl: string,
  challenge?: string | null,
): Promise<ProtectedResource | Problem> {
  const url = endpointOf(resourceUrl)
  if (!url) return problem('wrong', 'The address of the resource is not https.')
  const header = challenge ?? (await challengeOf(outbound, url))
  const named = bearerParameter(header, 'resource_metadata')
  const wanted = scopesIn(bearerParameter(header, 'scope') ?? '')
  // Section 3.3: what the resource itself names must be of the address that was asked.
  if (named !== undefined) return resourceAt(outbound, named, url, wanted)

  const path = `${url.pathname.replace(/\/$/, '')}${url.search}`
  const inserted = await resourceAt(outbound, `${url.origin}${WELL_KNOWN}${path}`, url, wanted)
  if (inserted.ok || path === '' || inserted.reason === 'unreachable') return inserted
  const atRoot = await resourceAt(outbound, `${url.origin}${WELL_KNOWN}`, new URL(url.origin), wanted)
  return atRoot.ok ? atRoot : gravest([inserted, atRoot])
}

async function resourceAt(
  outbound: Outbound,
  address: string,
  expected: URL,
  wanted: string[],
): Promise<ProtectedResource | Problem> {
  const fetched = await fetchMetadata(outbound, address)
  if (!fetched.ok) return fetched
  const { resource, authorization_servers: servers, scopes_supported: supported } = fetched.body
  if (typeof resource !== 'string' || URL.parse(resource)?.href !== expected.href) {
    const what = typeof resource === 'string' ? `is that of ${resource.slice(0, 300)}` : 'names no resource'
    return problem(
      'wrong',
      `The metadata at ${address} ${what}, and ${expected.href} was asked (RFC 9728, section 3.3).`,
    )
  }
  const authorizationServers = textsOf(servers).slice(0, MAX_SERVERS)
  const scopes = wanted.length > 0 ? wanted : scopesIn(textsOf(supported).join(' '))
  return { ok: true, resource, authorizationServers, scopes }
}

/** An MCP server need not know GET; of what it is sent, it may let strangers introduce themselves, and list nothing. */
async function challengeOf(outbound: Outbound, url: URL): Promise<string | null> {
  const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'
  try {
    for (const asking of [{}, { method: 'POST', body }]) {
      const request = new Request(url, { headers, redirect: 'manual', ...asking })
      const response = await outbound.send(request, { timeoutMs: CHALLENGE_TIMEOUT_MS })
      await response.body?.cancel()
      if (response.status === 401) return response.headers.get('www-authenticate')
      if (response.status < 400) break
    }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
  }
  return null
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
