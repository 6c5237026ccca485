// Begins a sign-in of a person: by authorization code with PKCE (RFC 6749, section 4.1; RFC 7636), or on another device
// (RFC 8628). What is to be remembered until they come back lies in `oauth_flows`, its secrets sealed.
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'
import { redirectUriOf } from '../../access/client-metadata.ts'
import { newId } from '../../db/id.ts'
import { insertOAuthFlow, type NewOAuthFlowRow, type OAuthFlowRow } from '../../db/oauth-flows.ts'
import { sha256Hex } from '../../db/sha256.ts'
import { authorizationUrl, forbiddenParameter } from './authorization-request.ts'
import type { OAuthDeps } from './deps.ts'
import { authorizeDevice } from './device-authorization.ts'
import { endpointOf, isLoopbackHttp } from './endpoint.ts'
import { prepare, type Prepared, refuse, type Refused, type SignIn } from './prepare.ts'

export type { SignIn } from './prepare.ts'

export type Began = { ok: true; flow: OAuthFlowRow } | Refused

export interface FlowSecrets {
  verifier?: string
  nonce?: string
  deviceCode?: string
}

const LASTS_MS = 10 * 60 * 1000

export function placeOfFlow({ id, principal }: Pick<OAuthFlowRow, 'id' | 'principal'>) {
  return { table: 'oauth_flows', row: id, owner: principal }
}

export async function beginSignIn(deps: OAuthDeps, input: SignIn): Promise<Began> {
  const grant = input.grant ?? defaultGrant(input)
  const prepared = await prepare(deps, input, grant)
  if (!prepared.ok) return prepared
  return grant === 'device_code' ? beginOnDevice(deps, input, prepared) : beginInBrowser(deps, input, prepared)
}

function defaultGrant({ method }: SignIn): 'authorization_code' | 'device_code' {
  const grants = method.oauth?.flows.map(({ grant }) => grant) ?? []
  return grants.includes('device_code') && !grants.includes('authorization_code') ? 'device_code' : 'authorization_code'
}

async function beginInBrowser(deps: OAuthDeps, input: SignIn, prepared: Prepared): Promise<Began> {
  const { server, client, scopes, resource, oauth } = prepared
  const parameters = oauth.authorizeParameters ?? {}
  const forbidden = forbiddenParameter(parameters)
  if (forbidden !== undefined) {
    return refuse('invalid', `The method must not set the parameter ${forbidden} of the request.`, 'method')
  }
  const problem = problemOfEndpoint(deps, server.authorizationEndpoint) ?? problemOfPkce(prepared)
  if (problem !== null) return refuse('discovery_failed', problem, 'method')

  const state = generateRandomState()
  const verifier = generateRandomCodeVerifier()
  // Only an ID token that can be compared with its issuer shows a nonce.
  const nonce = scopes.includes('openid') && server.issuer !== null ? generateRandomNonce() : undefined
  const url = authorizationUrl({
    endpoint: server.authorizationEndpoint ?? '',
    clientId: client.clientId,
    redirectUri: redirectUriOf(deps.origin),
    state,
    challenge: await calculatePKCECodeChallenge(verifier),
    scopes,
    ...(nonce !== undefined && { nonce }),
    resource,
    parameters,
  })
  return storeFlow(deps, input, prepared, {
    secrets: { verifier, ...(nonce !== undefined && { nonce }) },
    values: { grant: 'authorization_code', stateHash: await sha256Hex(state), authorizationUrl: url },
    lastsMs: LASTS_MS,
  })
}

async function beginOnDevice(deps: OAuthDeps, input: SignIn, prepared: Prepared): Promise<Began> {
  const { now = Date.now } = deps
  const asked = await authorizeDevice(deps, prepared)
  if (!asked.ok) return refuse('refused', asked.message, 'method')
  const { deviceCode, device, expiresInMs } = asked
  return storeFlow(deps, input, prepared, {
    secrets: { deviceCode },
    values: { grant: 'device_code', device, nextPollAt: now() + device.intervalSeconds * 1000 },
    lastsMs: expiresInMs,
  })
}

interface Begun {
  secrets: FlowSecrets
  values: Pick<NewOAuthFlowRow, 'grant' | 'stateHash' | 'authorizationUrl' | 'device' | 'nextPollAt'>
  lastsMs: number
}

async function storeFlow(
  { db, vault, principal, now = Date.now }: OAuthDeps,
  { integration, connection }: SignIn,
  { method, owner, slug, server, client, resource, scopes }: Prepared,
  { secrets, values, lastsMs }: Begun,
): Promise<Began> {
  const at = now()
  const id = newId('flo', at)
  const row: NewOAuthFlowRow = {
    id,
    principal: principal.id,
    integrationId: integration.id,
    connectionId: connection?.id ?? null,
    methodId: method.id,
    owner,
    slug,
    server,
    resource,
    scopes,
    client: client.id,
    ...values,
    sealed: await vault.seal({ ...secrets }, placeOfFlow({ id, principal: principal.id })),
    state: 'open',
    createdAt: at,
    expiresAt: at + lastsMs,
  }
  const [flow] = await insertOAuthFlow(db, row).returning()
  if (!flow) throw new Error('a sign-in that was stored is gone')
  return { ok: true, flow }
}

/** RFC 7636, and for servers of protected resources the authorization of MCP, which wants to see that it is checked. */
function problemOfPkce({ server, isOfResource }: Prepared): string | null {
  const methods = server.codeChallengeMethodsSupported
  if (methods?.includes('S256')) return null
  if (methods)
    return `${server.issuer ?? 'The server'} accepts PKCE only by ${methods.join(', ') || 'no method'}, and not by S256.`
  if (!isOfResource) return null
  return `${server.issuer ?? 'The server'} does not say that it checks PKCE (code_challenge_methods_supported), which MCP requires.`
}

function problemOfEndpoint({ origin }: OAuthDeps, endpoint: string | undefined): string | null {
  const url = endpointOf(endpoint)
  if (!url) return 'The server has no authorization endpoint.'
  const leadsHome = isLoopbackHttp(url) && !isLoopbackHttp(new URL(origin))
  return leadsHome ? 'The authorization endpoint is on the machine of whoever signs in.' : null
}
