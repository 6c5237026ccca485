// The secrets of a client, sealed in its row, and how it proves to be that client with them.
import { type Client, type ClientAuth, ClientSecretPost, clockTolerance, None, PrivateKeyJwt } from 'oauth4webapi'
import type { OAuthClientRow } from '../../db/oauth-clients.ts'
import type { Vault } from '../seal.ts'

export interface ClientSecrets {
  secret?: string
  /** Of `private_key_jwt`. */
  privateKey?: JsonWebKey
  /** Of a registration that can be managed (RFC 7592). */
  registrationToken?: string
}

export type OpenedClient =
  | { ok: true; client: Client; auth: ClientAuth; /** What no message may repeat. */ secrets: readonly string[] }
  | { ok: false; message: string }

export const SIGNING_ALGORITHM = 'ES256'
/** Of ID tokens. */
const CLOCK_TOLERANCE_SECONDS = 300

export function placeOfClient(id: string) {
  return { table: 'oauth_clients', row: id, owner: 'org' }
}

type Stored = Pick<OAuthClientRow, 'id' | 'clientId' | 'authMethod' | 'sealed' | 'publicKey'>

/** The client as oauth4webapi takes it. */
export async function openClient(row: Stored, vault: Vault): Promise<OpenedClient> {
  const opened = await openSecrets(row, vault)
  if (!opened) {
    return { ok: false, message: 'The secret of the app does not open with the key in use; an admin enters it again.' }
  }
  const client = { client_id: row.clientId, [clockTolerance]: CLOCK_TOLERANCE_SECONDS }
  const auth = await clientAuthOf(row, opened)
  if (!auth) return { ok: false, message: `The app has no secret for ${row.authMethod}; an admin enters it again.` }
  return { ok: true, client, auth, secrets: opened.secret === undefined ? [] : [opened.secret] }
}

async function openSecrets({ id, sealed }: Stored, vault: Vault): Promise<ClientSecrets | null> {
  if (sealed === null) return {}
  const opened = await vault.open(sealed, placeOfClient(id))
  return opened.ok ? opened.value : null
}

/** Null where the secret that the method needs is not there. */
async function clientAuthOf(
  { authMethod, publicKey }: Pick<Stored, 'authMethod' | 'publicKey'>,
  { secret, privateKey }: ClientSecrets,
): Promise<ClientAuth | null> {
  if (authMethod === 'none') return None()
  if (authMethod === 'private_key_jwt') {
    if (!privateKey) return null
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await crypto.subtle.importKey('jwk', privateKey, algorithm, false, ['sign'])
    const kid = publicKey?.kid
    return PrivateKeyJwt({ key, ...(typeof kid === 'string' && { kid }) })
  }
  if (secret === undefined) return null
  return authMethod === 'client_secret_post' ? ClientSecretPost(secret) : basic(secret)
}

/**
 * RFC 6749, section 2.3.1: form-urlencoded, then base64. As browsers encode forms, which leaves `-._*` as they are: many
 * servers forget to decode, and most ids have nothing else that is special.
 */
function basic(secret: string): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(`${inForm(id)}:${inForm(secret)}`)}`)
  }
}

function inForm(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
