// An authorization server and an API behind it, in memory, that does what the RFCs say unless a test has it do something
// else. Its `fetch` is what server/net sends with.
import { sha256Hex } from '../db/sha256.ts'

export const ISSUER = 'https://auth.example.com'
export const API = 'https://api.example.com'

type Answer = (request: Request, parameters: URLSearchParams) => Response | Promise<Response>

export interface ScriptedOAuthOptions {
  issuer?: string
  /** Changes the metadata; a member that is undefined is left out. */
  metadata?: Record<string, unknown>
  /** Addresses of the metadata that exist. */
  metadataAt?: readonly string[]
  /** Takes the place of the server's own answer, by address without the query. */
  answers?: Record<string, Answer>
  /** Changes every answer with tokens. */
  tokens?: Record<string, unknown>
  /** How the client must authenticate; what it presents is checked. */
  authMethod?: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  clientId?: string
  clientSecret?: string
}

export interface Sent {
  method: string
  url: string
  headers: Headers
  body: string
  parameters: URLSearchParams
}

export interface ScriptedOAuth {
  fetch: (request: Request) => Promise<Response>
  /** Everything that was asked, in order. */
  sent: Sent[]
  /** Of one address. */
  sentTo: (address: string) => Sent[]
  answers: Record<string, Answer>
  /** What the person does at the authorization endpoint: the address that they are sent back to. */
  authorize: (authorizationUrl: string | null, more?: Record<string, string | null>) => URL
  /** Enters the code of a device. */
  approveDevice: () => void
  /** Refresh and access tokens that were taken back. */
  revoked: string[]
}

interface Issued {
  challenge: string
  redirectUri: string
  clientId: string
}

/** What a server knows while a test lasts. */
interface State {
  issuer: string
  /** The issuer without a slash at the end. */
  base: string
  authMethod: NonNullable<ScriptedOAuthOptions['authMethod']>
  clientId: string
  clientSecret: string
  codes: Map<string, Issued>
  revoked: string[]
  isDeviceApproved: boolean
  issued: number
  options: ScriptedOAuthOptions
}

export function scriptedOAuth(options: ScriptedOAuthOptions = {}): ScriptedOAuth {
  const { issuer = ISSUER, clientId = 'own-app', clientSecret = 'own-secret' } = options
  const { authMethod = 'client_secret_basic' } = options
  const state: State = {
    issuer,
    base: issuer.replace(/\/$/, ''),
    authMethod,
    clientId,
    clientSecret,
    codes: new Map(),
    revoked: [],
    isDeviceApproved: false,
    issued: 0,
    options,
  }
  const sent: Sent[] = []
  const answers = { ...answersOf(state), ...options.answers }
  return {
    sent,
    revoked: state.revoked,
    answers,
    sentTo: (address) => sent.filter(({ url }) => withoutQuery(url) === address),
    async fetch(request) {
      const body = new TextDecoder().decode(await request.clone().arrayBuffer())
      const parameters = new URLSearchParams(body)
      sent.push({ method: request.method, url: request.url, headers: new Headers(request.headers), body, parameters })
      const answer = answers[withoutQuery(request.url)]
      return answer ? answer(request, parameters) : new Response('Not found', { status: 404 })
    },
    authorize: (address, more = {}) => authorize(state, address, more),
    approveDevice() {
      state.isDeviceApproved = true
    },
  }
}

function metadataOf({ issuer, base, authMethod, options }: State): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    revocation_endpoint: `${base}/revoke`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [authMethod],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE],
    authorization_response_iss_parameter_supported: true,
    ...options.metadata,
  }
}

function answersOf(state: State): Record<string, Answer> {
  const { base, authMethod, clientId, clientSecret, options } = state
  const { origin, pathname } = new URL(base)
  const path = pathname === '/' ? '' : pathname
  const metadataAt = options.metadataAt ?? [`${origin}/.well-known/oauth-authorization-server${path}`]
  const metadata = metadataOf(state)
  return {
    ...Object.fromEntries(metadataAt.map((address) => [address, () => Response.json(metadata)])),
    [`${base}/token`]: (request, body) => token(state, request, body),
    [`${base}/revoke`]: (_request, body) => {
      state.revoked.push(body.get('token') ?? '')
      return new Response(null, { status: 200 })
    },
    [`${base}/register`]: async (request) => {
      const asked: Record<string, unknown> = JSON.parse(await request.text())
      const secret = authMethod.startsWith('client_secret') && {
        client_secret: clientSecret,
        client_secret_expires_at: 0,
      }
      return Response.json({ ...asked, client_id: clientId, ...secret }, { status: 201 })
    },
    [`${base}/device`]: () =>
      Response.json({
        device_code: 'device-secret',
        user_code: 'WDJB-MJHT',
        verification_uri: `${base}/enter`,
        expires_in: 600,
        interval: 5,
      }),
  }
}

async function token(state: State, request: Request, body: URLSearchParams): Promise<Response> {
  if (!isClient(state, request, body)) return oauthError('invalid_client', 401)
  const grant = body.get('grant_type')
  if (grant === 'client_credentials') return tokens(state, { refresh_token: undefined })
  if (grant === 'refresh_token') return tokens(state)
  if (grant === DEVICE) return state.isDeviceApproved ? tokens(state) : oauthError('authorization_pending')
  const code = state.codes.get(body.get('code') ?? '')
  state.codes.delete(body.get('code') ?? '')
  const challenge = await sha256Base64Url(body.get('code_verifier') ?? '')
  const isGood = code?.challenge === challenge && code.redirectUri === body.get('redirect_uri')
  return isGood && code.clientId === state.clientId ? tokens(state) : oauthError('invalid_grant')
}

function isClient({ authMethod, clientId, clientSecret }: State, request: Request, body: URLSearchParams): boolean {
  const basic = `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`
  if (authMethod === 'client_secret_basic') return request.headers.get('authorization') === basic
  if (body.get('client_id') !== clientId) return false
  if (authMethod === 'client_secret_post') return body.get('client_secret') === clientSecret
  if (authMethod === 'none') return !body.has('client_secret') && !request.headers.has('authorization')
  return body.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
}

function tokens(state: State, more: Record<string, unknown> = {}): Response {
  const number = ++state.issued
  const [accessToken, refreshToken] = [`access-${number}`, `refresh-${number}`]
  const usual = { access_token: accessToken, token_type: 'Bearer', expires_in: 3600, refresh_token: refreshToken }
  return Response.json({ ...usual, ...more, ...state.options.tokens })
}

function authorize({ codes, issuer }: State, address: string | null, more: Record<string, string | null>): URL {
  const asked = new URL(address ?? '').searchParams
  const callback = new URL(asked.get('redirect_uri') ?? '')
  const code = crypto.randomUUID()
  codes.set(code, {
    challenge: asked.get('code_challenge') ?? '',
    redirectUri: asked.get('redirect_uri') ?? '',
    clientId: asked.get('client_id') ?? '',
  })
  const given = { code, state: asked.get('state'), iss: issuer, ...more }
  for (const [name, value] of Object.entries(given)) if (value !== null) callback.searchParams.set(name, value)
  return callback
}

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

export function oauthError(error: string, status = 400, description?: string): Response {
  return Response.json({ error, ...(description !== undefined && { error_description: description }) }, { status })
}

/** A token that nobody checks the signature of: it comes straight from the server. */
export function idToken(claims: Record<string, unknown>, algorithm = 'RS256'): string {
  const part = (value: unknown) => toBase64Url(new TextEncoder().encode(JSON.stringify(value)))
  return `${part({ alg: algorithm })}.${part(claims)}.${toBase64Url(new Uint8Array(8))}`
}

async function sha256Base64Url(text: string): Promise<string> {
  const hex = await sha256Hex(text)
  return toBase64Url(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address)
  return `${origin}${pathname}`
}
