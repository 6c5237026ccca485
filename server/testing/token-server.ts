// An authorization server with rotating refresh tokens, at the network's edge, and a connection that was signed in with it.
import { createVault } from '../connections/seal.ts'
import { type ConnectionRow, insertConnection } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { insertIntegration } from '../db/integrations.ts'
import { insertOAuthClient } from '../db/oauth-clients.ts'
import { createOutbound, type Outbound } from '../net/outbound.ts'

export const ISSUER = 'https://login.example.com'
export const API = 'https://api.example.com'
export const vault = createVault({ key: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' })

/** `lose`: it is carried out, and the answer never arrives. A response is what stands there, and nothing is carried out. */
export type Scripted = 'answer' | 'lose' | Response

export interface TokenServer {
  /** What it does with the next requests; it answers all others. */
  script: Scripted[]
  fetch: (request: Request) => Promise<Response>
  /** Bodies of the requests, in order. */
  asked: URLSearchParams[]
  /** Of access tokens that were issued. */
  isValid: (accessToken: string | undefined) => boolean
  refreshToken: () => string
  /** It has ended the grant, as somebody came with a spent refresh token. */
  isRevoked: () => boolean
  refusals: () => number
}

/** `spent`: what a refresh token is that was used. */
export function createTokenServer({ spent }: { spent: 'accepted' | 'reuse' }): TokenServer {
  const accessTokens = new Set<string>()
  const known = ['refresh-0']
  let isRevoked = false
  let refusals = 0
  const refuse = () => {
    refusals++
    return Response.json({ error: 'invalid_grant', error_description: 'The grant is gone' }, { status: 400 })
  }
  const issue = () => {
    const number = known.length
    known.push(`refresh-${number}`)
    accessTokens.add(`access-${number}`)
    const scope = 'read write'
    const tokens = { access_token: `access-${number}`, refresh_token: `refresh-${number}`, scope }
    return Response.json({ ...tokens, token_type: 'Bearer', expires_in: 3600 })
  }
  const server: TokenServer = {
    script: [],
    asked: [],
    async fetch(request) {
      const body = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
      server.asked.push(body)
      const now = server.script.shift() ?? 'answer'
      if (now instanceof Response) return now
      const token = body.get('refresh_token') ?? ''
      const isOwn = body.get('grant_type') === 'client_credentials' || known.includes(token)
      if (spent === 'reuse' && isOwn && token !== known.at(-1)) isRevoked = true
      const answer = isRevoked || !isOwn ? refuse() : issue()
      if (now === 'lose') throw new Error('connection reset')
      return answer
    },
    isValid: (token) => !isRevoked && token !== undefined && accessTokens.has(token),
    refreshToken: () => known.at(-1) ?? '',
    isRevoked: () => isRevoked,
    refusals: () => refusals,
  }
  return server
}

export function outboundTo(fetch: (request: Request) => Promise<Response>): Outbound {
  return createOutbound({
    allowLocalNetwork: false,
    fetch,
    resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
  })
}

/** An integration and a client of the server, for `insertSignedIn`. */
export async function insertSignInParts(db: Database, id: string): Promise<void> {
  const token = { name: 'token', label: 'Token', isSecret: true }
  const method = {
    id: 'oauth',
    label: 'OAuth',
    fields: [token],
    placements: [{ in: 'header' as const, name: 'authorization', template: 'Bearer {token}' }],
    oauth: { field: 'token', flows: [] },
  }
  const by = { createdBy: 'person:ada@example.com', createdAt: 1, updatedAt: 1 }
  await insertIntegration(db, {
    id,
    slug: id,
    kind: 'openapi',
    title: id,
    origin: { kind: 'paste' },
    baseUrl: API,
    authMethods: [method],
    ...by,
  })
  await insertOAuthClient(db, {
    id: `cli_${id}`,
    integrationId: id,
    server: ISSUER,
    kind: 'own',
    clientId: 'executor',
    authMethod: 'none',
    redirectUri: 'https://executor.example.com/oauth/callback',
    ...by,
  })
}

export interface SignedIn {
  /** Of the integration. */
  integrationId: string
  tokenExpiresAt: number | null
  now?: number
  grant?: 'authorization_code' | 'client_credentials'
  refreshToken?: string | null
  slug?: string
}

/** A connection as `integrationId` has it after somebody has signed in; its access token is `access-0`. */
export async function insertSignedIn(
  db: Database,
  { integrationId, tokenExpiresAt, now = Date.now(), grant = 'authorization_code', ...more }: SignedIn,
): Promise<ConnectionRow> {
  const { refreshToken = grant === 'client_credentials' ? null : 'refresh-0', slug } = more
  const id = newId('con', now)
  const place = { table: 'connections', row: id, owner: 'org' }
  const method = {
    id: 'oauth',
    label: 'OAuth',
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header' as const, name: 'authorization', template: 'Bearer {token}' }],
  }
  const [row] = await insertConnection(db, {
    id,
    integrationId,
    slug: slug ?? id,
    owner: 'org',
    method,
    values: {},
    sealed: await vault.seal({ token: 'access-0', ...(refreshToken !== null && { '.refresh': refreshToken }) }, place),
    origins: [API],
    oauth: {
      grant,
      methodId: 'oauth',
      client: `cli_${integrationId}`,
      server: { issuer: ISSUER, tokenEndpoint: `${ISSUER}/token`, sendsIssuer: false, acceptsMetadataDocument: false },
      scopesRequested: ['read'],
      scopesGranted: null,
      canRefresh: refreshToken !== null,
      obtainedAt: now - 3_600_000,
    },
    tokenExpiresAt,
    tokenVersion: 1,
    health: 'ok',
    createdBy: 'person:ada@example.com',
    createdAt: now,
    updatedAt: now,
  }).returning()
  if (!row) throw new Error('It was just inserted')
  return row
}

/** What the credential puts into a request. */
export async function bearerOf(
  credential: { apply: (target: { url: URL; headers: Headers; method: string; body: null }) => unknown } | null,
): Promise<string | undefined> {
  const headers = new Headers()
  await credential?.apply({ url: new URL(API), headers, method: 'GET', body: null })
  return headers.get('authorization')?.replace('Bearer ', '')
}
