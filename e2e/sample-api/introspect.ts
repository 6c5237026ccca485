// Whether an access token holds, as the authorization server says (RFC 7662).
import { z } from 'zod'
import { API_CLIENT_ID, API_CLIENT_SECRET } from '../sample-oauth/clients.ts'
import { SAMPLE_API_KEY, SAMPLE_READ_ONLY_KEY } from './credentials.ts'
import type { Caller } from './authenticate.ts'

/** Null for what is no token of ours, or does not hold any more. */
export type TokenCheck = (token: string) => Promise<NonNullable<Caller['token']> | null>

const Introspection = z.union([
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    // A refresh token has none.
    aud: z.string().optional(),
    client_id: z.string(),
    sub: z.string().optional(),
    scope: z.string().default(''),
  }),
])

/** `audience` is this API: a token for another one does not count. */
export function createTokenCheck(authorizationServer: string, audience: () => string): TokenCheck {
  const endpoint = `${authorizationServer}/token/introspection`
  const authorization = `Basic ${btoa(`${API_CLIENT_ID}:${API_CLIENT_SECRET}`)}`
  return async (token) => {
    // An API key goes to nobody.
    if (token === SAMPLE_API_KEY || token === SAMPLE_READ_ONLY_KEY) return null
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' })
    const response = await fetch(endpoint, { method: 'POST', headers: { authorization }, body })
    // What cannot be one of its access tokens, an id token for example, is a bad request.
    if (response.status === 400) return null
    const found = Introspection.parse(await response.json())
    if (!found.active || found.aud !== audience()) return null
    return { scopes: found.scope.split(' '), personId: found.sub ?? null, clientId: found.client_id }
  }
}
