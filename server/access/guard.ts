// Who is let in, and to do what: every request is judged here before any router sees it. Refusals are values, and
// whatever is not clearly allowed is refused.
import type { JWTPayload } from 'jose'
import { CLIENT_METADATA_PATH } from './client-metadata.ts'
import { identify, type Principal, type Roles } from './principal.ts'
import type { Verify } from './verify.ts'

/** `page` is everything a browser shows, data requests included, and whatever is neither of the other two. */
export type Surface = 'api' | 'mcp' | 'page'

export type Admission =
  | {
      ok: true
      principal: Principal
      /** The token that shows it, as Access sent it. Nothing may write it down. */
      assertion: string
    }
  | {
      ok: false
      status: 401 | 403
      code: 'unauthenticated' | 'cross_site' | 'browser_required'
      /** For the log, never for the answer. */
      reason: string
    }

export interface Guard {
  verify: Verify
  roles: Roles
}

/** The browser's copy of its token: Managed OAuth and service clients cannot have one. */
const COOKIE = 'CF_Authorization'
/** Several may arrive, since a neighbouring host can set one for the whole domain. */
const MAX_COOKIES = 4

/** By the exact path only: `/MCP`, `//mcp` and `/mcp.data` get the page's stricter rules, whatever a router makes of them. */
export function surfaceOf(pathname: string): Surface {
  if (pathname === '/mcp' || pathname.startsWith('/mcp/')) return 'mcp'
  if (pathname === '/api' || pathname.startsWith('/api/')) return 'api'
  return 'page'
}

const PUBLIC_PATHS = ['/healthz', CLIENT_METADATA_PATH] as const

/** The only paths that are answered without a token, by exactly these names; null for every other request. */
export function publicPathOf(request: Request): (typeof PUBLIC_PATHS)[number] | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null
  const { pathname } = new URL(request.url)
  return PUBLIC_PATHS.find((path) => path === pathname) ?? null
}

export async function admit(request: Request, { verify, roles }: Guard): Promise<Admission> {
  const assertion = request.headers.get('cf-access-jwt-assertion')
  const verified = await verify(assertion)
  if (!verified.ok) {
    const detail = verified.detail === undefined ? '' : `: ${verified.detail}`
    return { ok: false, status: 401, code: 'unauthenticated', reason: `${verified.reason}${detail}` }
  }
  const identified = identify(verified.claims, roles)
  if (!identified.ok) return { ok: false, status: 401, code: 'unauthenticated', reason: identified.reason }
  const { principal } = identified
  const admission: Admission = { ok: true, principal, assertion: assertion ?? '' }
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return admission

  const surface = surfaceOf(new URL(request.url).pathname)
  const source = sourceOf(request)
  if (source === 'cross_site') return refuse('cross_site', `from ${request.headers.get('origin') ?? 'another site'}`)
  if (surface !== 'page') return admission

  // Access makes the same assertion of an agent's OAuth token as of a login, so that it does not show a person. Only
  // a browser has the cookie, and only a page of ours makes its requests same-origin.
  if (principal.kind !== 'person') return refuse('browser_required', `${principal.id} is not a person`)
  if (source !== 'same_origin') return refuse('browser_required', 'neither Origin nor Sec-Fetch-Site')
  if (!(await hasOwnCookie(request, verified.claims, verify)))
    return refuse('browser_required', 'no cookie of their own')
  return admission
}

function refuse(code: 'cross_site' | 'browser_required', reason: string): Admission {
  return { ok: false, status: 403, code, reason }
}

/** `unknown`: neither header is there, as with clients that are not browsers. */
function sourceOf(request: Request): 'same_origin' | 'cross_site' | 'unknown' {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (origin !== null && origin !== new URL(request.url).origin) return 'cross_site'
  if (site !== null && site !== 'same-origin') return 'cross_site'
  return origin === null && site === null ? 'unknown' : 'same_origin'
}

async function hasOwnCookie(request: Request, claims: JWTPayload, verify: Verify): Promise<boolean> {
  for (const token of cookies(request, COOKIE).slice(0, MAX_COOKIES)) {
    const verified = await verify(token)
    if (verified.ok && verified.claims.sub === claims.sub && sameAudience(verified.claims.aud, claims.aud)) return true
  }
  return false
}

function cookies(request: Request, name: string): string[] {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
}

function sameAudience(a: JWTPayload['aud'], b: JWTPayload['aud']): boolean {
  const [left, right] = [new Set([a].flat()), new Set([b].flat())]
  return left.size === right.size && [...left].every((tag) => right.has(tag))
}
