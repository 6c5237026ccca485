// An integration whose method signs in by OAuth, and people who do: for any database, and any authorization server.
import type { AuthMethod, OAuth } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { saveOwnApp } from '../connections/oauth/clients.ts'
import type { OAuthDeps } from '../connections/oauth/deps.ts'
import { createVault } from '../connections/seal.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { insertIntegration, type IntegrationRow } from '../db/integrations.ts'
import { createOutbound, type OutboundOptions } from '../net/outbound.ts'
import { API, ISSUER } from './scripted-oauth.ts'
import { person } from './people.ts'

export const ORIGIN = 'https://executor.example.com'
export const REDIRECT_URI = `${ORIGIN}/oauth/callback`

export const ada = person('ada@example.com', true)
export const grace = person('grace@example.com', false)
export const robot: Principal = { kind: 'service', id: 'service:robot', name: 'robot', isAdmin: false }

/** As a document declares it. */
export const DECLARED: OAuth = {
  field: 'token',
  flows: [
    {
      grant: 'authorization_code',
      authorizationUrl: `${ISSUER}/authorize`,
      tokenUrl: `${ISSUER}/token`,
      scopes: { read: 'Read', write: 'Write' },
    },
  ],
}
/** By its issuer, so that everything is discovered. */
export const DISCOVERED: OAuth = { field: 'token', flows: [], issuer: ISSUER, scopes: ['read', 'write'] }

export interface OAuthDesk {
  deps: (principal: Principal) => OAuthDeps
  integration: IntegrationRow
  method: AuthMethod
  /** Enters an app that the server knows. */
  enterApp: (app?: Partial<Parameters<typeof saveOwnApp>[1]>) => ReturnType<typeof saveOwnApp>
  /** Moves the clock. */
  pass: (ms: number) => void
}

export interface DeskOptions {
  oauth?: OAuth
  method?: Partial<AuthMethod>
  origin?: string
  fetch?: OutboundOptions['fetch']
  allowLocalNetwork?: boolean
}

export async function oauthDesk(db: Database, options: DeskOptions): Promise<OAuthDesk> {
  const { oauth = DECLARED, origin = ORIGIN, fetch, allowLocalNetwork = false } = options
  const method: AuthMethod = {
    id: 'oauth2',
    label: 'Access token',
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
    oauth,
    ...options.method,
  }
  const id = newId('int')
  const row = {
    id,
    slug: id.replace('int_', 'i'),
    kind: 'openapi' as const,
    title: 'Example',
    origin: { kind: 'paste' as const },
    baseUrl: `${API}/v3`,
    authMethods: [method],
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  }
  const [integration] = await insertIntegration(db, row).returning()
  if (!integration) throw new Error('no integration')
  const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })
  const resolver = async () => ({ ok: true as const, addresses: ['93.184.215.14'] })
  const outbound = createOutbound({ allowLocalNetwork, resolver, ...(fetch && { fetch }) })
  let passed = 0
  const now = () => Date.now() + passed
  const deps = (principal: Principal): OAuthDeps => ({ db, vault, outbound, principal, origin, now })
  return {
    deps,
    integration,
    method,
    enterApp: (app = {}) =>
      saveOwnApp(deps(ada), {
        integration,
        method,
        clientId: 'own-app',
        clientSecret: 'own-secret',
        authMethod: 'client_secret_basic',
        ...app,
      }),
    pass(ms) {
      passed += ms
    },
  }
}
