// A connection as it is after somebody signed in at the token server: its token has ended, and nobody knows yet.
import { placeOf } from '../connections/attach.ts'
import { type ConnectionRow, updateConnection } from '../db/connections.ts'
import { insertOAuthClient } from '../db/oauth-clients.ts'
import { ada, type Helpdesk, ORIGIN } from './helpdesk.ts'
import { ISSUER } from './token-server.ts'

/** Its first token is `access-0`, and it is renewed with `refresh-0`. */
export async function signedIn({ db, deps }: Helpdesk, connection: ConnectionRow): Promise<ConnectionRow> {
  const { id, owner, method, integrationId } = connection
  await insertOAuthClient(db, {
    id: 'cli_desk',
    integrationId,
    server: ISSUER,
    kind: 'own',
    clientId: 'executor',
    authMethod: 'none',
    redirectUri: `${ORIGIN}/oauth/callback`,
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  })
  const tokens = { [method.fields[0]?.name ?? '']: 'access-0', '.refresh': 'refresh-0' }
  await updateConnection(db, id, {
    sealed: await deps.vault.seal(tokens, placeOf({ id, owner })),
    tokenVersion: 1,
    oauth: {
      grant: 'authorization_code',
      methodId: method.id,
      client: 'cli_desk',
      server: { issuer: ISSUER, tokenEndpoint: `${ISSUER}/token`, sendsIssuer: false, acceptsMetadataDocument: false },
      scopesRequested: [],
      scopesGranted: null,
      canRefresh: true,
      obtainedAt: 1,
    },
  })
  return connection
}
