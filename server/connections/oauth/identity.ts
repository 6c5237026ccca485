// Whose account it is, as the server says: of a valid ID token, or of its userinfo (OpenID Connect Core, section 5.3).
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import { type Outbound, OutboundError } from '../../net/outbound.ts'
import { endpointOf } from './endpoint.ts'
import { jsonObjectIn } from './json-object.ts'
import { said } from './said.ts'

const TIMEOUT_MS = 5000
const MAX_BYTES = 64 * 1024

export interface Account {
  /** A name or an address; null where the server does not say. */
  identity: string | null
  /** The server has taken the access token. */
  isTaken: boolean
}

/** Never fails: a connection without a name is one all the same. */
export async function accountOf(
  outbound: Outbound,
  {
    server,
    accessToken,
    claims,
  }: { server: AuthorizationServer; accessToken: string; claims?: Record<string, unknown> },
): Promise<Account> {
  const named = claims ? nameIn(claims) : null
  if (named !== null) return { identity: named, isTaken: false }
  const info = await userinfo(outbound, server, accessToken)
  // Section 5.3.2: of somebody else it must not be used.
  if (!info || (claims && info.sub !== claims.sub)) return { identity: null, isTaken: false }
  return { identity: nameIn(info), isTaken: true }
}

function nameIn(claims: Record<string, unknown>): string | null {
  const names = ['email', 'preferred_username', 'name'].map((claim) => said(claims[claim]))
  return names.find((name) => name !== '') ?? null
}

async function userinfo(
  outbound: Outbound,
  { userinfoEndpoint }: AuthorizationServer,
  accessToken: string,
): Promise<Record<string, unknown> | null> {
  const url = endpointOf(userinfoEndpoint)
  if (!url) return null
  try {
    const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` }
    const request = new Request(url, { headers, redirect: 'manual' })
    const response = await outbound.send(request, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
    const body = await response.text()
    return response.ok ? jsonObjectIn(body) : null
  } catch (error) {
    // A token that is no header value throws a TypeError, which would quote it.
    if (error instanceof OutboundError || error instanceof TypeError) return null
    throw error
  }
}
