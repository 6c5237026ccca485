// Which flow of a method is meant, and which scopes are asked for. Pure.
import type { AuthMethod, OAuth, OAuthFlow } from '../../../drizzle/shapes.ts'

/** scope-token of RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/
const MAX_SCOPES = 500

/** Undefined where nothing is declared for the grant: metadata may still have its endpoints. */
export function flowOf({ flows }: OAuth, grant: OAuthFlow['grant'] = 'authorization_code'): OAuthFlow | undefined {
  return flows.find((flow) => flow.grant === grant)
}

/** Of a list as the wire has it; what is no scope is left out. */
export function scopesIn(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((scope) => SCOPE.test(scope))
    .slice(0, MAX_SCOPES)
}

/**
 * As declared, each once: what an admin chose for a method of their own, or else all that the document describes and its
 * operations ask for. `more` is a step-up's.
 */
export function declaredScopes(
  { isAdded, oauth }: Pick<AuthMethod, 'isAdded'> & { oauth: OAuth },
  flow: OAuthFlow | undefined,
  more: readonly string[] = [],
): string[] {
  const asked = oauth.scopes ?? []
  const described = isAdded && asked.length > 0 ? [] : Object.keys(flow?.scopes ?? {})
  return [...new Set([...described, ...asked, ...more.filter((scope) => SCOPE.test(scope))])].slice(0, MAX_SCOPES)
}
