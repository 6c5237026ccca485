// Dynamic client registration (RFC 7591): asks a server to make Executor its client.
import { dynamicClientRegistrationRequest } from 'oauth4webapi'
import type { AuthorizationServer, ClientAuthMethod, OAuthFlow } from '../../../drizzle/shapes.ts'
import { clientMetadata, redirectUriOf } from '../../access/client-metadata.ts'
import { type Outbound, OutboundError } from '../../net/outbound.ts'
import { type ClientSecrets, SIGNING_ALGORITHM } from './client-secrets.ts'
import { jsonObjectIn } from './json-object.ts'
import { said, saidError } from './said.ts'
import { sendingTo, serverOf } from './speak.ts'
import { isLibraryError } from './token-request.ts'

export interface Registration {
  ok: true
  clientId: string
  authMethod: ClientAuthMethod
  secrets: ClientSecrets
  publicKey: Record<string, unknown> | null
  /** Of the secret, epoch ms; null when it stays valid. */
  expiresAt: number | null
}

export type Registered =
  | Registration
  /** `refused`: it registers nobody, or not us. `unreachable`: it may later. */
  | { ok: false; reason: 'refused' | 'unreachable'; message: string }

/** The best one first: a secret keeps whoever sees a code from using it. */
export const CLIENT_AUTH_METHODS: readonly ClientAuthMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
]

const GRANT_TYPES: Record<OAuthFlow['grant'] | 'refresh_token', string> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
}

export async function register(
  { outbound, origin, now = Date.now }: { outbound: Outbound; origin: string; now?: () => number },
  server: AuthorizationServer,
  grant: OAuthFlow['grant'],
): Promise<Registered> {
  const host = new URL(server.registrationEndpoint ?? '').host
  const authMethod = authMethodFor(server)
  if (!authMethod) return refuse(`${host} accepts no way for a client to authenticate that Executor knows.`)
  const keys = authMethod === 'private_key_jwt' ? await newSigningKeys() : null
  const { client_id: _id, ...described } = clientMetadata(origin)
  const metadata = {
    ...described,
    grant_types: grantTypesFor(server, grant),
    token_endpoint_auth_method: authMethod,
    ...(keys && { jwks: { keys: [{ ...keys.publicKey }] }, token_endpoint_auth_signing_alg: SIGNING_ALGORITHM }),
  }
  try {
    const as = { ...serverOf(server), registration_endpoint: server.registrationEndpoint ?? '' }
    const options = sendingTo({ outbound }, server.registrationEndpoint)
    const response = await dynamicClientRegistrationRequest(as, metadata, options)
    const body = jsonObjectIn(await response.text())
    if (response.status >= 500 || response.status === 429) {
      return { ok: false, reason: 'unreachable', message: `Registering at ${host} was answered ${response.status}.` }
    }
    if ((response.status !== 201 && response.status !== 200) || !body) {
      const words = body === null ? '' : ` It says: ${saidError(body.error, body.error_description)}.`
      return refuse(`${host} did not register Executor (${response.status}).${words}`)
    }
    return readRegistration(body, { host, asked: authMethod, redirectUri: redirectUriOf(origin), keys, now: now() })
  } catch (error) {
    if (error instanceof OutboundError) {
      return { ok: false, reason: error.retryable ? 'unreachable' : 'refused', message: error.message }
    }
    if (isLibraryError(error)) return refuse(`There is no usable registration endpoint at ${host}.`)
    throw error
  }
}

interface SigningKeys {
  privateKey: JsonWebKey
  publicKey: Record<string, string | undefined>
}

/** A key pair of ES256, and what of it a server is given (RFC 7517). */
export async function newSigningKeys(): Promise<SigningKeys> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('ECDSA has pairs of keys')
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (exported instanceof ArrayBuffer) throw new Error('a JWK is an object')
  const { kty, crv, x, y, d } = exported
  const publicKey = { kty, crv, x, y, use: 'sig', alg: SIGNING_ALGORITHM, kid: crypto.randomUUID() }
  return { privateKey: { kty, crv, x, y, d }, publicKey }
}

/** A server that lists none means `client_secret_basic` (RFC 8414, section 2). */
function authMethodFor({ tokenEndpointAuthMethodsSupported }: AuthorizationServer): ClientAuthMethod | undefined {
  const supported: readonly string[] = tokenEndpointAuthMethodsSupported ?? ['client_secret_basic']
  return CLIENT_AUTH_METHODS.find((method) => supported.includes(method))
}

/** All that the server lists of those that Executor knows, as one registration serves every connection. */
function grantTypesFor(server: AuthorizationServer, grant: OAuthFlow['grant']): string[] {
  const listed = server.grantTypesSupported ?? [GRANT_TYPES.authorization_code, GRANT_TYPES.refresh_token]
  const known = Object.values(GRANT_TYPES).filter((type) => listed.includes(type))
  return [...new Set([...known, GRANT_TYPES[grant]])]
}

interface Expected {
  host: string
  asked: ClientAuthMethod
  redirectUri: string
  keys: SigningKeys | null
  now: number
}

/** Section 3.2.1: the server may have changed what was asked for. */
function readRegistration(body: Record<string, unknown>, expected: Expected): Registered {
  const { host, asked, redirectUri, keys, now } = expected
  const { client_id: clientId, client_secret: secret, redirect_uris: redirectUris } = body
  if (typeof clientId !== 'string' || clientId === '') return refuse(`${host} registered Executor without a client_id.`)
  const hasSecret = typeof secret === 'string' && secret !== ''
  const named = body.token_endpoint_auth_method ?? (asked === 'none' && hasSecret ? 'client_secret_basic' : asked)
  const authMethod = CLIENT_AUTH_METHODS.find((method) => method === named)
  if (!authMethod) return refuse(`${host} registered Executor for ${said(named)}, which it cannot do.`)
  if (authMethod.startsWith('client_secret') && !hasSecret) {
    return refuse(`${host} registered Executor for ${authMethod}, and issued no secret.`)
  }
  if (authMethod === 'private_key_jwt' && !keys)
    return refuse(`${host} registered Executor for a key that it never sent.`)
  if (Array.isArray(redirectUris) && !redirectUris.includes(redirectUri)) {
    return refuse(`${host} registered another redirect URI than ${redirectUri}.`)
  }
  const end = body.client_secret_expires_at
  const registrationToken = body.registration_access_token
  return {
    ok: true,
    clientId,
    authMethod,
    secrets: {
      ...(hasSecret && { secret }),
      ...(authMethod === 'private_key_jwt' && keys && { privateKey: keys.privateKey }),
      ...(typeof registrationToken === 'string' && { registrationToken }),
    },
    publicKey: authMethod === 'private_key_jwt' ? (keys?.publicKey ?? null) : null,
    expiresAt: hasSecret && typeof end === 'number' && end > 0 ? Math.max(end * 1000, now) : null,
  }
}

function refuse(message: string): Registered {
  return { ok: false, reason: 'refused', message }
}
