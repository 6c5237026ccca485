// Asks a deployment everything the doctor wants to know, and judges nothing.
import { type Ask, type Exchange, exchange } from './exchange.ts'
import { parseJson, verdictOn } from './verdict.ts'

export interface ServiceToken {
  id: string
  secret: string
}

export interface Observations {
  /** Of the deployment. */
  origin: string
  /** `GET /`, as a browser asks; what follows is empty when nothing answered. */
  root: Exchange
  /** Requests that nobody without a credential may have answered. */
  anonymous: Exchange[]
  /** An MCP client's first request, and the way that its answer points. */
  oauth: {
    initialize: Exchange
    /** RFC 9728. */
    resource: Exchange
    /** RFC 8414, of the server that the resource's document names, or of this host. */
    server: Exchange
    /** Asked to register a client that says nothing of itself. */
    registration: Exchange | undefined
  } | null
  /** With the service token, when one was given. */
  service: { health: Exchange; initialize: Exchange } | null
}

const AT_ONCE = 6
const HTML = { accept: 'text/html,application/xhtml+xml' }
const INITIALIZE = {
  method: 'POST',
  headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'doctor', version: '1.0.0' } },
  }),
} as const

/** Pages, data, the API and the protocol, and spellings of them that a router may understand and a guard may not. */
const PATHS = ['/integrations', '/runs', '/_root.data', '/integrations.data', '/__manifest?paths=%2Fruns&version=0']
PATHS.push('/api/health', '/api/openapi.json', '/api/tools', '/API/health', '/api//health', '/mcp', '/mcp.data')
PATHS.push('//integrations', '/integrations/', '/%69ntegrations', '/healthz/', '/healthz%2F..%2Fruns')
const MCP_PATHS = ['/mcp', '/mcp/', '/mcp/toolkit', '/MCP', '//mcp', '/%6dcp']

/** What anybody could make up: a token without a signature, and one with a wrong one. */
function forgedTokens(): string[] {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600
  const claims = encode({ email: 'admin@example.com', sub: 'doctor', aud: ['doctor'], type: 'app', exp })
  return [`${encode({ alg: 'none' })}.${claims}.`, `${encode({ alg: 'RS256', kid: 'doctor' })}.${claims}.AAAA`]
}

function anonymousRequests(origin: string): Ask[] {
  const [unsigned = '', wrong = ''] = forgedTokens()
  const at = (path: string) => `${origin}${path}`
  const forged = 'with a made-up token'
  return [
    { name: 'GET / as a program', url: at('/') },
    ...PATHS.map((path) => ({ name: `GET ${path}`, url: at(path) })),
    ...MCP_PATHS.map((path) => ({ name: `POST ${path}`, url: at(path), ...INITIALIZE })),
    { name: `GET /integrations ${forged}`, url: at('/integrations'), headers: { 'cf-access-jwt-assertion': unsigned } },
    { name: `GET /api/health ${forged}`, url: at('/api/health'), headers: { 'cf-access-jwt-assertion': wrong } },
    { name: `GET / with a made-up cookie`, url: at('/'), headers: { ...HTML, cookie: `CF_Authorization=${wrong}` } },
    {
      name: `POST /mcp ${forged}`,
      url: at('/mcp'),
      ...INITIALIZE,
      headers: { ...INITIALIZE.headers, 'cf-access-jwt-assertion': wrong, authorization: `Bearer ${wrong}` },
    },
  ]
}

export async function observe(origin: string, token: ServiceToken | undefined): Promise<Observations> {
  const root = await exchange({ name: 'GET /', url: `${origin}/`, headers: HTML })
  const how = verdictOn(root).how
  const nothing = { origin, root, anonymous: [], oauth: null, service: null }
  if (how === 'unreachable' || how === 'redirect') return nothing
  return {
    origin,
    root,
    anonymous: [root, ...(await inTurns(anonymousRequests(origin), exchange))],
    oauth: await observeOauth(origin),
    service: token ? await observeInside(origin, token) : null,
  }
}

async function observeOauth(origin: string): Promise<NonNullable<Observations['oauth']>> {
  const initialize = await exchange({ name: 'POST /mcp', url: `${origin}/mcp`, ...INITIALIZE })
  const verdict = verdictOn(initialize)
  const named = verdict.how === 'challenge' && isWebAddress(verdict.resourceMetadata) ? verdict.resourceMetadata : null
  const resource = await exchange({ url: named ?? `${origin}/.well-known/oauth-protected-resource/mcp` })
  const servers = documentOf(resource)?.authorization_servers
  const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined
  const server = await exchange({ url: wellKnown(isWebAddress(issuer) ? issuer : origin) })
  const endpoint = documentOf(server)?.registration_endpoint
  if (!isWebAddress(endpoint)) return { initialize, resource, server, registration: undefined }
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return {
    initialize,
    resource,
    server,
    registration: await exchange({ method: 'POST', url: endpoint, headers, body: '{}' }),
  }
}

async function observeInside(origin: string, { id, secret }: ServiceToken) {
  const credential = { 'cf-access-client-id': id, 'cf-access-client-secret': secret }
  const name = (what: string) => `${what} with the service token`
  const headers = { accept: 'application/json', ...credential }
  const asAgent = { ...INITIALIZE, headers: { ...INITIALIZE.headers, ...credential } }
  return {
    health: await exchange({ name: name('GET /api/health'), url: `${origin}/api/health`, headers }),
    initialize: await exchange({ name: name('POST /mcp'), url: `${origin}/mcp`, ...asAgent }),
  }
}

/** RFC 8414, section 3.1: the well-known part goes between host and path. */
function wellKnown(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`
}

/** The JSON object of an answer with status 200. */
export function documentOf(exchange: Exchange): Record<string, unknown> | undefined {
  return 'answer' in exchange && exchange.answer.status === 200 ? parseJson(exchange.answer.body) : undefined
}

function isWebAddress(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

async function inTurns<T, R>(all: readonly T[], each: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < all.length; from += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(each))))
  }
  return results
}
