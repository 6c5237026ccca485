// The authorization request (RFC 6749, section 4.1.1), as the address that a person's browser is sent to. Pure.

/** What nobody but this file may say: not a method's own parameters, and not an endpoint's query. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'state',
])

export interface AuthorizationRequest {
  endpoint: string
  clientId: string
  redirectUri: string
  state: string
  /** S256 of the verifier (RFC 7636, section 4.2). */
  challenge: string
  scopes: readonly string[]
  /** OpenID Connect Core, section 3.1.2.1. */
  nonce?: string
  /** RFC 8707, section 2.1. */
  resource: string | null
  /** Of the method. */
  parameters: Readonly<Record<string, string>>
}

/** The first of a method's own parameters that would change what the request is. */
export function forbiddenParameter(parameters: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(parameters).find((name) => OWN_PARAMETERS.has(name.trim().toLowerCase()))
}

/** The endpoint's own query stays (section 3.1), without what would say twice what is said here. */
export function authorizationUrl(request: AuthorizationRequest): string {
  const url = new URL(request.endpoint)
  for (const name of new Set(url.searchParams.keys())) {
    if (OWN_PARAMETERS.has(name.trim().toLowerCase())) url.searchParams.delete(name)
  }
  for (const [name, value] of Object.entries(request.parameters)) url.searchParams.set(name, value)
  const { clientId, redirectUri, state, challenge, scopes, nonce, resource } = request
  const own = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(nonce !== undefined && { nonce }),
    ...(resource !== null && { resource }),
  }
  for (const [name, value] of Object.entries(own)) url.searchParams.set(name, value)
  return url.href
}
