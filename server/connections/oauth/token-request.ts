// The one place that speaks to a token endpoint (RFC 6749, section 3.2): asks, and says which of three things came back.
import {
  type IDToken,
  genericTokenEndpointRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import type { AuthorizationServer, OAuthFlow } from '../../../drizzle/shapes.ts'
import type { OAuthClientRow } from '../../db/oauth-clients.ts'
import { type Outbound, OutboundError } from '../../net/outbound.ts'
import { retryAfterSeconds } from '../../net/retry-after.ts'
import type { Vault } from '../seal.ts'
import { openClient, type OpenedClient } from './client-secrets.ts'
import { jsonObjectIn } from './json-object.ts'
import { said, saidError } from './said.ts'
import { nameOf, sendingTo, serverOf } from './speak.ts'

export interface TokenDeps {
  vault: Vault
  outbound: Outbound
  now?: () => number
}

export interface Tokens {
  accessToken: string
  /** Null where none came: the old one stays good (RFC 6749, section 6). */
  refreshToken: string | null
  /** Epoch milliseconds; null where the server does not say. */
  expiresAt: number | null
  /** Null where the server does not say: as requested (RFC 6749, section 5.1). */
  scopes: string[] | null
}

/**
 * `refused` is the server's own OAuth error (RFC 6749, section 5.2), for example `invalid_grant`, or one of ours:
 * `invalid_response` for an answer that is none, `invalid_client` for a client of ours that cannot be used.
 * `transient`: the same request may succeed later. Messages are for people, and hold no secret.
 */
export type TokenAnswer =
  | { kind: 'tokens'; tokens: Tokens; /** Of a valid ID token. */ claims?: IDToken }
  | { kind: 'refused'; error: string; description: string | null; message: string }
  | { kind: 'transient'; message: string; /** As the server asks. */ retryAfterMs?: number }

/** Who asks whom. */
export interface Asking {
  server: AuthorizationServer
  client: OAuthClientRow
  /** 20 s. */
  timeoutMs?: number
}

const GRANT_TYPES: Record<OAuthFlow['grant'], string> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
}

/** Section 4.1.3. `nonce` when `openid` was asked for: the answer must then hold an ID token with it. */
export function codeRequest(
  deps: TokenDeps,
  asking: Asking,
  code: { code: string; redirectUri: string; verifier: string; nonce?: string; resource?: string | null },
): Promise<TokenAnswer> {
  const { verifier, redirectUri, nonce } = code
  const parameters = { code: code.code, redirect_uri: redirectUri, code_verifier: verifier, ...resourceOf(code) }
  return request(deps, asking, GRANT_TYPES.authorization_code, parameters, nonce ?? null)
}

/** Section 4.4.2. */
export function clientCredentialsRequest(
  deps: TokenDeps,
  asking: Asking,
  { scopes, resource }: { scopes: readonly string[]; resource?: string | null },
): Promise<TokenAnswer> {
  const parameters = resourceOf({ resource })
  if (scopes.length > 0) parameters.scope = scopes.join(' ')
  return request(deps, asking, GRANT_TYPES.client_credentials, parameters)
}

/** RFC 8628, section 3.4. Its `authorization_pending` and `slow_down` are `refused`. */
export function deviceCodeRequest(
  deps: TokenDeps,
  asking: Asking,
  { deviceCode, resource }: { deviceCode: string; resource?: string | null },
): Promise<TokenAnswer> {
  return request(deps, asking, GRANT_TYPES.device_code, { device_code: deviceCode, ...resourceOf({ resource }) }, null)
}

/** Section 6. No scopes are named: the same as before. An ID token in the answer is left aside: nothing is read of it. */
export function refreshTokenRequest(
  deps: TokenDeps,
  { server, ...asking }: Asking,
  { refreshToken, resource }: { refreshToken: string; resource?: string | null },
): Promise<TokenAnswer> {
  const { refreshEndpoint = server.tokenEndpoint } = server
  const at = { ...server, ...(refreshEndpoint !== undefined && { tokenEndpoint: refreshEndpoint }) }
  const parameters = { refresh_token: refreshToken, ...resourceOf({ resource }) }
  return request(deps, { ...asking, server: at }, 'refresh_token', parameters)
}

/** RFC 8707, section 2.2. */
function resourceOf({ resource }: { resource?: string | null | undefined }): Record<string, string> {
  return resource === undefined || resource === null ? {} : { resource }
}

/** `nonce`: of the ID token, null where it has none, undefined where there is nothing to read of one. */
async function request(
  deps: TokenDeps,
  { server, client, timeoutMs }: Asking,
  grantType: string,
  parameters: Record<string, string>,
  nonce?: string | null,
): Promise<TokenAnswer> {
  const { vault, outbound } = deps
  const opened = await openClient(client, vault)
  if (!opened.ok) return { kind: 'refused', error: 'invalid_client', description: null, message: opened.message }
  const host = URL.parse(server.tokenEndpoint ?? '')?.host ?? nameOf(server)
  try {
    const options = sendingTo({ outbound, ...(timeoutMs !== undefined && { timeoutMs }) }, server.tokenEndpoint)
    const as = serverOf(server)
    const response = await genericTokenEndpointRequest(as, opened.client, opened.auth, grantType, parameters, options)
    const body = await response.text()
    const secrets = [...opened.secrets, ...SECRETS.flatMap((name) => parameters[name] ?? [])]
    return await read({ response, body, host, secrets, opened, server, nonce, now: deps.now ?? Date.now })
  } catch (error) {
    if (error instanceof OutboundError) {
      if (error.retryable) return { kind: 'transient', message: error.message }
      return refuse('invalid_response', error.message)
    }
    // What the library refuses to send: an endpoint that is missing, or is no https.
    if (isLibraryError(error)) return refuse('invalid_response', `There is no usable token endpoint at ${host}.`)
    throw error
  }
}

/** Parameters of requests that a server may repeat in its error. */
const SECRETS = ['code', 'code_verifier', 'device_code', 'refresh_token']

interface Received {
  response: Response
  body: string
  host: string
  secrets: readonly string[]
  opened: Extract<OpenedClient, { ok: true }>
  server: AuthorizationServer
  nonce: string | null | undefined
  now: () => number
}

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429])
/** Errors of a server that say: later (RFC 6749, section 4.1.2.1, as some send them from here too). */
const TRANSIENT_ERRORS: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error'])

async function read(received: Received): Promise<TokenAnswer> {
  const { response, body, host, secrets, now } = received
  const { status } = response
  const answer = jsonObjectIn(body)
  const error = typeof answer?.error === 'string' ? answer.error : ''
  const isTransient = status >= 500 || TRANSIENT.has(status) || TRANSIENT_ERRORS.has(error)
  if (isTransient || (answer === null && (status < 300 || status >= 400))) {
    const seconds = retryAfterSeconds(response.headers, now())
    const why = error === '' ? '' : `: ${saidError(error, answer?.error_description, secrets)}`
    const message = isTransient
      ? `The token endpoint at ${host} answered ${status}${why}.`
      : `The token endpoint at ${host} answered ${status} with something that is not JSON.`
    return { kind: 'transient', message, ...(seconds !== null && { retryAfterMs: seconds * 1000 }) }
  }
  // Some servers answer errors with 200, which is no reason to take one for tokens.
  if (error !== '' && answer?.access_token === undefined) {
    const words = said(answer?.error_description, secrets)
    const message = `${host} refused: ${saidError(error, words, secrets)}.`
    return { kind: 'refused', error: said(error, secrets), description: words === '' ? null : words, message }
  }
  if (status !== 200 || answer === null) {
    return refuse('invalid_response', `The token endpoint at ${host} answered ${status} and names no error.`)
  }
  return readTokens(answer, received)
}

async function readTokens(answer: Record<string, unknown>, received: Received): Promise<TokenAnswer> {
  const { host, opened, server, nonce, now } = received
  const type = answer.token_type
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    const what = typeof type === 'string' ? `a token of the type “${said(type)}”` : 'a token without a type'
    const wants = 'Only bearer tokens can be used (RFC 6749, section 5.1).'
    return refuse('invalid_response', `${host} issued ${what}. ${wants}`)
  }
  // Without an issuer there is nothing that an ID token could be compared with.
  const isRead = nonce !== undefined && server.issuer !== null
  const { id_token: idToken, ...others } = answer
  const json = JSON.stringify(isRead && idToken !== undefined ? answer : others)
  const response = new Response(json, { headers: { 'content-type': 'application/json' } })
  const options = isRead && nonce !== null ? { expectedNonce: nonce } : {}
  try {
    const processed = await processAuthorizationCodeResponse(serverOf(server), opened.client, response, options)
    const claims = getValidatedIdTokenClaims(processed)
    return { kind: 'tokens', tokens: tokensOf(processed, now()), ...(claims && { claims }) }
  } catch (error) {
    if (!isLibraryError(error)) throw error
    const why = withoutLibraryWords(error.message)
    return refuse('invalid_response', `The answer of the token endpoint at ${host} cannot be used: ${why}.`)
  }
}

function tokensOf(answer: TokenEndpointResponse, now: number): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = answer
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt: seconds === undefined ? null : Math.round(now + seconds * 1000),
    scopes: scope === undefined ? null : scope.split(' ').filter((name) => name !== ''),
  }
}

function refuse(error: string, message: string): TokenAnswer {
  return { kind: 'refused', error, description: null, message }
}

/** What oauth4webapi throws of its own accord has a code. */
export function isLibraryError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(OAUTH|ERR)_/.test(error.code)
}

/** Its messages are fixed texts, which quote names of members and never a value. */
function withoutLibraryWords(message: string): string {
  return message.replaceAll('"response" body ', '').replaceAll(' property', '').replaceAll('"', '')
}
