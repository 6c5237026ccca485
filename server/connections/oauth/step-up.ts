// An API that wants more than a token's scopes says so (RFC 6750, section 3.1), and a person can grant it.
import { challengesIn } from './challenge.ts'
import { scopesIn } from './scopes.ts'

/** The scopes that the answer of an API asks for; empty where it asks for none. */
export function insufficientScopes(status: number, headers: Headers): string[] {
  if (status !== 401 && status !== 403) return []
  const refusals = challengesIn(headers.get('www-authenticate')).filter(
    ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'insufficient_scope',
  )
  return [...new Set(refusals.flatMap(({ parameters }) => scopesIn(parameters.get('scope') ?? '')))]
}

/** Where a person grants them: the connection's page. */
export function stepUpLink(origin: string, connectionId: string, scopes: readonly string[]): string {
  const link = new URL(`/connections/${connectionId}`, origin)
  link.searchParams.set('scope', scopes.join(' '))
  return link.href
}
