// Tokens of a connection that goes are taken back (RFC 7009), as far as the server can and within a few seconds. Nothing
// waits longer for it, and nothing fails because of it.
import { revocationRequest } from 'oauth4webapi'
import type { AuthorizationServer } from '../../../drizzle/shapes.ts'
import type { ConnectionRow } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { findOAuthClient, type OAuthClientRow } from '../../db/oauth-clients.ts'
import type { Outbound } from '../../net/outbound.ts'
import { openConnection } from '../attach.ts'
import type { Vault } from '../seal.ts'
import { openClient } from './client-secrets.ts'
import { REFRESH_TOKEN } from './renew-tokens.ts'
import { sendingTo, serverOf } from './speak.ts'

export interface RevokeDeps {
  db: Database
  vault: Vault
  outbound: Outbound
}

const TIMEOUT_MS = 5000

/** Reads what there is to revoke while the row is there; what it answers revokes it. Neither ever fails. */
export async function prepareRevocation(deps: RevokeDeps, connection: ConnectionRow): Promise<() => Promise<void>> {
  const { oauth } = connection
  const nothing = async () => {}
  if (oauth?.server.revocationEndpoint === undefined) return nothing
  try {
    const [opened, client] = await Promise.all([
      openConnection(connection, deps.vault),
      findOAuthClient(deps.db, oauth.client),
    ])
    if (!opened.ok || !client) return nothing
    const [field = '', ...others] = connection.method.fields.filter(({ isSecret }) => isSecret).map(({ name }) => name)
    // Where there are several secrets, which of them is the token is the integration's to say, and it may be gone.
    const accessToken = others.length === 0 ? (opened.values.get(field) ?? null) : null
    const refreshToken = opened.values.get(REFRESH_TOKEN) ?? null
    return () => revokeTokens(deps, { server: oauth.server, client, refreshToken, accessToken })
  } catch {
    return nothing
  }
}

/** The refresh token first: with it most servers end the whole grant (section 2.1). */
export async function revokeTokens(
  { vault, outbound }: Pick<RevokeDeps, 'vault' | 'outbound'>,
  tokens: {
    server: AuthorizationServer
    client: OAuthClientRow
    refreshToken: string | null
    accessToken: string | null
  },
): Promise<void> {
  const { server, client, refreshToken, accessToken } = tokens
  if (server.revocationEndpoint === undefined) return
  const end = Date.now() + TIMEOUT_MS
  try {
    const opened = await openClient(client, vault)
    if (!opened.ok) return
    for (const [kind, token] of [
      ['refresh_token', refreshToken],
      ['access_token', accessToken],
    ] as const) {
      const timeoutMs = end - Date.now()
      if (token === null || timeoutMs <= 0) continue
      const options = {
        ...sendingTo({ outbound, timeoutMs }, server.revocationEndpoint),
        additionalParameters: { token_type_hint: kind },
      }
      const response = await revocationRequest(serverOf(server), opened.client, opened.auth, token, options)
      await response.body?.cancel()
    }
  } catch {
    // Best effort: the token ends by itself.
  }
}
