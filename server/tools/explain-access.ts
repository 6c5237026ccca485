// Who refused a call that goes through Cloudflare Access: Access, before the application saw it, or the application.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { ToolResult } from '../integrations/adapter.ts'
import { own } from '../integrations/json-value.ts'
import { isAccessRefusal } from '../net/access-refusal.ts'

type Failed = Extract<ToolResult, { ok: false }>
type Through = Pick<ConnectionRow, 'method' | 'oauth'>

/** Null when the failure has nothing to do with Access. `account` is the connection as people see it: `wiki@main`. */
export function explainAccess(failed: Failed, connection: Through | null, account: string): ToolErrorShape | null {
  const { error } = failed
  const way = connection === null ? 'none' : wayOf(connection)
  if (isOfAccess(failed, way)) {
    const { code: _, message: __, ...rest } = error
    const message = `Cloudflare Access refused the call through ${account} before the application saw it. ${ADVICE[way]}`
    return { ...rest, code: 'access_refused', message, retryable: false }
  }
  if (way === 'none' || (error.status !== 401 && error.status !== 403)) return null
  const message = `${error.message} (Access let the request of ${account} through, and the application behind it refused it: whom it lets do what is set up there.)`
  return { ...error, message }
}

type Way = 'person' | 'service' | 'oidc' | 'none'

const ADVICE: Record<Way, string> = {
  person:
    'Access has to link the application to Executor: whoever runs Executor does that with npm run access:link. The link may also have been removed.',
  service:
    'The service token may have expired or been revoked, or the application has no Service Auth policy that includes it. An admin sees to that in Cloudflare, and enters a new token at the connection.',
  oidc: 'Access has to accept tokens of its SaaS application for Executor there: whoever runs Executor sets that up with npm run access:link. Else sign in again at the connection.',
  none: 'The application is behind Access, and this connection has no way through it. An admin connects it with an Access service token, or as the signed-in person.',
}

function wayOf({ method, oauth }: Through): Way {
  if (method.forwards) return 'person'
  // The issuer of OpenID Connect applications of Access for SaaS.
  if (oauth?.server.issuer?.includes('/cdn-cgi/access/sso/oidc/')) return 'oidc'
  const headers = method.placements.flatMap((one) => (one.in === 'header' ? [one.name.toLowerCase()] : []))
  if (headers.includes('cf-access-token')) return 'oidc'
  return headers.includes('cf-access-client-id') ? 'service' : 'none'
}

function isOfAccess({ error, headers = {} }: Failed, way: Way): boolean {
  const { status, details } = error
  if (status === undefined) return false
  if (isAccessRefusal({ status, headers: new Headers(headers) })) return true
  // Its page, should something on the way have dropped the headers.
  const body = own(details, 'body')
  const isPage = typeof body === 'string' && /<html[\s\S]*(?:\/cdn-cgi\/access\/|\.cloudflareaccess\.com)/i.test(body)
  return way !== 'none' && (status === 401 || status === 403) && isPage
}
