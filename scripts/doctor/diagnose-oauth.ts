// Can an MCP client that has a person find out by itself how to sign in?
import type { Exchange } from './exchange.ts'
import { APPLICATIONS, type Finding } from './finding.ts'
import { documentOf, type Observations } from './observe.ts'
import { verdictOn } from './verdict.ts'

const SERVICE_TOKEN_WAY =
  'Clients that are too old for the 401 challenge, or have no person, use a service token instead: the headers CF-Access-Client-Id and CF-Access-Client-Secret (docs/connect.md).'
const SWITCH_ON = `In ${APPLICATIONS}, edit the application and turn on Managed OAuth under Advanced settings; npm run access:setup does it.`

/** Empty where something else than Access answers: then the way in is no question yet. */
export function diagnoseOauth({ origin, oauth, service }: Observations): Finding[] {
  if (!oauth) return []
  const verdict = verdictOn(oauth.initialize)
  if (verdict.by !== 'access') return []
  // Whoever connects by service token alone may have meant it so.
  const level =
    service && 'answer' in service.initialize && service.initialize.answer.status === 200 ? 'warning' : 'error'
  if (verdict.how === 'login') return [loginPage(level)]
  if (verdict.how !== 'challenge') return [noChallenge(level, oauth.initialize)]
  const problems = [diagnoseResource(origin, oauth.resource), ...diagnoseServer(oauth.server, oauth.registration)]
  const found = problems.filter((finding) => finding !== undefined)
  return found.length > 0 ? found : [discovered(oauth.server.url)]
}

function loginPage(level: Finding['level']): Finding {
  return {
    id: 'oauth-login-page',
    level,
    title: 'MCP clients get a login page instead of JSON',
    detail:
      'Access answers a program at /mcp with a redirect to its login page. An MCP client follows it and reports "Unexpected content type: text/html". Managed OAuth is off for this application.',
    fix: `${SWITCH_ON} ${SERVICE_TOKEN_WAY}`,
  }
}

function noChallenge(level: Finding['level'], initialize: Exchange): Finding {
  const status = 'answer' in initialize ? initialize.answer.status : 0
  return {
    id: 'oauth-no-challenge',
    level,
    title: 'MCP clients are refused without being told how to sign in',
    detail: `POST /mcp is answered with ${status} and without a WWW-Authenticate header that names resource_metadata (RFC 9728), so a client cannot begin to sign in.`,
    fix: `${SWITCH_ON} If it is on, something between the client and Access removes the header. ${SERVICE_TOKEN_WAY}`,
  }
}

function diagnoseResource(origin: string, exchange: Exchange): Finding | undefined {
  const document = documentOf(exchange)
  const problem = document ? resourceProblem(origin, document) : `is not JSON with status 200 (${sawOf(exchange)})`
  if (problem === undefined) return undefined
  return {
    id: 'oauth-resource-metadata',
    level: 'error',
    title: 'The document that tells clients where to sign in is wrong',
    detail: `${exchange.url} ${problem}. The challenge at /mcp points clients there (RFC 9728).`,
    fix: `Access serves this document. Let its application cover the whole hostname, /.well-known included, and serve nothing else there. ${SWITCH_ON}`,
  }
}

function resourceProblem(origin: string, { resource, authorization_servers: servers }: Record<string, unknown>) {
  if (typeof resource !== 'string' || !URL.canParse(resource)) return 'names no resource'
  const { origin: named, pathname } = new URL(resource)
  if (named !== origin || !'/mcp'.startsWith(pathname.replace(/\/$/, '')))
    return `is for ${resource}, and not for ${origin}/mcp`
  if (!Array.isArray(servers) || typeof servers[0] !== 'string') return 'names no authorization server'
  return undefined
}

function diagnoseServer(exchange: Exchange, registration: Exchange | undefined): (Finding | undefined)[] {
  const document = documentOf(exchange)
  const problem = document ? serverProblem(document) : `is not JSON with status 200 (${sawOf(exchange)})`
  if (problem !== undefined) {
    return [
      {
        id: 'oauth-server-metadata',
        level: 'error',
        title: 'The description of the authorization server is wrong',
        detail: `${exchange.url} ${problem} (RFC 8414).`,
        fix: `Access serves this document. Let its application cover the whole hostname, /.well-known included. ${SWITCH_ON}`,
      },
    ]
  }
  return [diagnoseIssuer(exchange.url, String(document?.issuer)), diagnoseRegistration(registration)]
}

/** RFC 8414, section 3.3: careful clients refuse it, others never look. */
function diagnoseIssuer(url: string, issuer: string): Finding | undefined {
  if (new URL(issuer).origin === new URL(url).origin) return undefined
  return {
    id: 'oauth-issuer',
    level: 'warning',
    title: 'The authorization server calls itself by another name',
    detail: `${url} names the issuer ${issuer}, which is another host (RFC 8414). Careful MCP clients refuse that.`,
    fix: `Try the client that you use. If it refuses: ${SERVICE_TOKEN_WAY}`,
  }
}

function serverProblem(document: Record<string, unknown>): string | undefined {
  const { issuer, code_challenge_methods_supported: challenges } = document
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return 'names no issuer'
  for (const endpoint of ['authorization_endpoint', 'token_endpoint']) {
    if (typeof document[endpoint] !== 'string') return `names no ${endpoint}`
  }
  if (!Array.isArray(challenges) || !challenges.includes('S256')) {
    return 'does not offer PKCE with S256, which MCP clients insist on'
  }
  return undefined
}

/** A client that says nothing of itself is refused by a registration that works: 400. */
function diagnoseRegistration(exchange: Exchange | undefined): Finding | undefined {
  const status = exchange && 'answer' in exchange ? exchange.answer.status : 0
  if ([200, 201, 400, 422, 429].includes(status)) return undefined
  return {
    id: 'oauth-registration',
    level: 'error',
    title: 'MCP clients cannot register themselves',
    detail: exchange
      ? `${exchange.url} does not take registrations (${sawOf(exchange)}).`
      : 'The authorization server names no registration_endpoint (RFC 7591).',
    fix: `In ${APPLICATIONS}, edit the application: under Managed OAuth, allow dynamic client registration, clients on localhost and loopback, and the redirect URIs of hosted clients (docs/connect.md).`,
  }
}

function discovered(server: string): Finding {
  return {
    id: 'oauth-discovered',
    level: 'ok',
    title: 'MCP clients find out how to sign in',
    detail: `/mcp answers 401 with a challenge, and the documents behind it lead to ${new URL(server).origin}, with registration and PKCE S256.`,
    fix: '',
  }
}

function sawOf(exchange: Exchange): string {
  if ('failure' in exchange) return exchange.failure
  const type = exchange.answer.headers['content-type']?.split(';')[0] ?? 'no content type'
  return `${exchange.answer.status}, ${type}`
}
