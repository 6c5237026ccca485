// As which client Executor speaks to an authorization server: an admin's own app, or else its public metadata document,
// or else a registration; and the own app itself, which only admins see to.
import type { AuthMethod, AuthorizationServer, ClientAuthMethod, OAuthFlow } from '../../../drizzle/shapes.ts'
import { clientMetadata, redirectUriOf } from '../../access/client-metadata.ts'
import { sql } from 'drizzle-orm'
import { type AuditEntry, auditStatement } from '../../db/audit.ts'
import { newId } from '../../db/id.ts'
import { findIntegration, type IntegrationRow } from '../../db/integrations.ts'
import {
  deleteOwnOAuthClient,
  deleteUnusedOAuthClients,
  findOAuthClientFor,
  insertOAuthClient,
  type NewOAuthClientRow,
  type OAuthClientRow,
  retireOAuthClient,
  updateOAuthClient,
} from '../../db/oauth-clients.ts'
import { type ClientSecrets, placeOfClient } from './client-secrets.ts'
import type { OAuthDeps } from './deps.ts'
import { discover } from './discovery.ts'
import { isLoopbackHttp } from './endpoint.ts'
import { fetchMetadata } from './metadata-request.ts'
import { CLIENT_AUTH_METHODS, newSigningKeys, register } from './register.ts'
import { flowOf } from './scopes.ts'
import { nameOf } from './speak.ts'

export type ClientFor =
  | { ok: true; client: OAuthClientRow }
  | { ok: false; code: 'own_app_needed' | 'discovery_failed'; message: string }

/** A secret that ends sooner is not begun with. */
const LEAST_LEFT_MS = 15 * 60 * 1000

/** Makes a client where there is none yet. */
export async function clientFor(
  deps: OAuthDeps,
  { integrationId, server, grant }: { integrationId: string; server: AuthorizationServer; grant: OAuthFlow['grant'] },
): Promise<ClientFor> {
  const own = await findOAuthClientFor(deps.db, { integrationId, server: nameOf(server), kind: 'own' })
  if (own) return { ok: true, client: own }
  const isOfCode = grant === 'authorization_code' && server.acceptsMetadataDocument
  if (isOfCode && (await isMetadataReadable(deps, server))) {
    return { ok: true, client: await metadataDocumentClient(deps, integrationId, server) }
  }
  if (server.registrationEndpoint === undefined) return ownAppNeeded(deps, server, '')
  return registeredClient(deps, { integrationId, server, grant })
}

function ownAppNeeded({ origin }: OAuthDeps, server: AuthorizationServer, why: string): ClientFor {
  const host = URL.parse(server.authorizationEndpoint ?? server.tokenEndpoint ?? '')?.host ?? nameOf(server)
  const reason = why === '' ? `${host} knows no clients but those that are registered there by hand.` : why
  const what = `Register an app at ${host} with the redirect URI ${redirectUriOf(origin)}; an admin then enters its client ID and secret here.`
  return { ok: false, code: 'own_app_needed', message: `${reason} ${what}` }
}

/** Whether the server will find the document: asked from outside, as it does. */
async function isMetadataReadable({ outbound, origin }: OAuthDeps, server: AuthorizationServer): Promise<boolean> {
  const { client_id: address } = clientMetadata(origin)
  const url = new URL(address)
  const isLocal = isLoopbackHttp(url) && isLoopbackHttp(new URL(server.tokenEndpoint ?? ''))
  if (url.protocol !== 'https:' && !isLocal) return false
  const read = await fetchMetadata(outbound, address)
  return read.ok && read.body.client_id === address
}

async function metadataDocumentClient(
  deps: OAuthDeps,
  integrationId: string,
  server: AuthorizationServer,
): Promise<OAuthClientRow> {
  const { client_id: clientId } = clientMetadata(deps.origin)
  const key = { integrationId, server: nameOf(server), kind: 'metadata_document' as const }
  const known = await findOAuthClientFor(deps.db, key)
  if (known?.clientId === clientId) return known
  return putClient(deps, known, { ...key, clientId, authMethod: 'none' })
}

async function registeredClient(
  deps: OAuthDeps,
  { integrationId, server, grant }: { integrationId: string; server: AuthorizationServer; grant: OAuthFlow['grant'] },
): Promise<ClientFor> {
  const { db, origin, now = Date.now } = deps
  const key = { integrationId, server: nameOf(server), kind: 'registered' as const }
  const known = await findOAuthClientFor(db, key)
  const isGood = known?.expiresAt === null || (known?.expiresAt ?? 0) > now() + LEAST_LEFT_MS
  if (known && isGood && known.redirectUri === redirectUriOf(origin)) return { ok: true, client: known }
  const registered = await register(deps, server, grant)
  if (!registered.ok) {
    if (registered.reason === 'refused') return ownAppNeeded(deps, server, registered.message)
    return { ok: false, code: 'discovery_failed', message: registered.message }
  }
  const { clientId, authMethod, secrets, publicKey, expiresAt } = registered
  return {
    ok: true,
    client: await putClient(deps, known, { ...key, clientId, authMethod, publicKey, expiresAt, secrets }),
  }
}

type NewClient = Pick<NewOAuthClientRow, 'integrationId' | 'server' | 'kind' | 'clientId' | 'authMethod'> &
  Partial<Pick<NewOAuthClientRow, 'publicKey' | 'expiresAt'>> & { secrets?: ClientSecrets }

/** In place of `known`, which stays for the connections that it serves. Of several that come at once, one is kept. */
async function putClient(
  deps: OAuthDeps,
  known: OAuthClientRow | undefined,
  client: NewClient,
  record?: AuditEntry,
): Promise<OAuthClientRow> {
  const { db, vault, origin, principal, now = Date.now } = deps
  const { secrets = {}, ...values } = client
  const at = now()
  const id = newId('cli', at)
  const sealed = Object.keys(secrets).length === 0 ? null : await vault.seal({ ...secrets }, placeOfClient(id))
  const made = { createdBy: principal.id, createdAt: at, updatedAt: at, redirectUri: redirectUriOf(origin) }
  const insert = insertOAuthClient(db, { id, ...values, ...made, sealed })
  const isThere = sql`EXISTS (SELECT 1 FROM oauth_clients WHERE id = ${id})`
  await db.batch([
    // Nothing to retire: nobody has that id.
    retireOAuthClient(db, known ?? { id: '', server: '' }),
    insert,
    deleteUnusedOAuthClients(db, client.integrationId),
    ...(record ? [auditStatement(db, record, isThere)] : []),
  ])
  const stored = await findOAuthClientFor(db, client)
  if (!stored) throw new Error('a client that was stored is gone')
  return stored
}

export interface OwnApp {
  integration: Pick<IntegrationRow, 'id' | 'slug'>
  /** The integration's, with `oauth`. */
  method: AuthMethod
  /** Where flows have servers of their own. */
  grant?: OAuthFlow['grant']
  clientId: string
  /** Empty where it stays as it is, or where the method has none. */
  clientSecret: string
  authMethod: ClientAuthMethod
}

/** `field` is what to put right. `client.publicKey` is to be given to the server, for `private_key_jwt`. */
export type SavedApp =
  | { ok: true; client: OAuthClientRow }
  | { ok: false; field: 'owner' | 'method' | 'clientId' | 'clientSecret' | 'authMethod'; message: string }

/** Another client id makes another app: connections go on with the one that they signed in through. */
export async function saveOwnApp(deps: OAuthDeps, app: OwnApp): Promise<SavedApp> {
  const { db, vault, principal, now = Date.now } = deps
  const { integration, authMethod } = app
  if (!isAdmin(deps)) return refuse('owner', 'Only admins enter an app of your own.')
  const clientId = app.clientId.trim()
  const clientSecret = app.clientSecret.trim()
  if (!/^[\x20-\x7e]{1,500}$/.test(clientId))
    return refuse('clientId', 'Enter the client ID, as the provider shows it.')
  if (!CLIENT_AUTH_METHODS.includes(authMethod)) return refuse('authMethod', 'Choose how the app authenticates.')
  const server = await serverOfMethod(deps, app)
  if (!server.ok) return refuse('method', server.message)
  const key = { integrationId: integration.id, server: nameOf(server.server), kind: 'own' as const }
  const known = await findOAuthClientFor(db, key)
  const same = known?.clientId === clientId ? known : undefined

  const secrets = await secretsOf(deps, same, { authMethod, clientSecret })
  if (!secrets.ok) return secrets
  const at = now()
  const details = {
    server: key.server,
    authMethod,
    fields: clientSecret === '' ? ['client ID'] : ['client ID', 'client secret'],
  }
  const record = {
    at,
    actor: principal.id,
    action: 'connection.app_saved' as const,
    subject: integration.slug,
    details,
  }
  if (!same) {
    const client = { ...key, clientId, authMethod, publicKey: secrets.publicKey, secrets: secrets.secrets }
    return { ok: true, client: await putClient(deps, known, client, record) }
  }
  const isEmpty = Object.keys(secrets.secrets).length === 0
  const patch = {
    authMethod,
    publicKey: secrets.publicKey,
    sealed: isEmpty ? null : await vault.seal({ ...secrets.secrets }, placeOfClient(same.id)),
    redirectUri: redirectUriOf(deps.origin),
    updatedAt: at,
  }
  await db.batch([updateOAuthClient(db, same.id, patch), auditStatement(db, record)])
  return { ok: true, client: { ...same, ...patch } }
}

/** The app that an admin has entered for the server of a method. */
export async function findOwnApp(
  deps: OAuthDeps,
  app: Pick<OwnApp, 'integration' | 'method' | 'grant'>,
): Promise<OAuthClientRow | undefined> {
  const server = await serverOfMethod(deps, app)
  if (!server.ok) return undefined
  return findOAuthClientFor(deps.db, { integrationId: app.integration.id, server: nameOf(server.server), kind: 'own' })
}

/** Connections that were made through it need their secret no more: they end with their access tokens. */
export async function removeOwnApp(
  deps: OAuthDeps,
  client: Pick<OAuthClientRow, 'id' | 'integrationId' | 'server'>,
): Promise<{ ok: true } | Extract<SavedApp, { ok: false }>> {
  const { db, principal, now = Date.now } = deps
  if (!isAdmin(deps)) return refuse('owner', 'Only admins remove an app of your own.')
  const integration = await findIntegration(db, client.integrationId)
  const details = { server: client.server }
  const record = { at: now(), actor: principal.id, action: 'connection.app_removed' as const, details }
  const isThere = sql`EXISTS (SELECT 1 FROM oauth_clients WHERE id = ${client.id} AND kind = 'own')`
  await db.batch([
    auditStatement(db, { ...record, subject: integration?.slug ?? '' }, isThere),
    deleteOwnOAuthClient(db, client.id),
  ])
  return { ok: true }
}

async function serverOfMethod({ outbound }: OAuthDeps, { method, grant }: Pick<OwnApp, 'method' | 'grant'>) {
  const { oauth } = method
  if (!oauth) return { ok: false as const, message: 'This way to sign in has nothing to do with OAuth.' }
  return discover(outbound, oauth, { flow: flowOf(oauth, grant) })
}

type Secrets = { ok: true; secrets: ClientSecrets; publicKey: Record<string, unknown> | null }

async function secretsOf(
  { vault }: OAuthDeps,
  same: OAuthClientRow | undefined,
  { authMethod, clientSecret }: { authMethod: ClientAuthMethod; clientSecret: string },
): Promise<Secrets | Extract<SavedApp, { ok: false }>> {
  const opened = same?.sealed ? await vault.open(same.sealed, placeOfClient(same.id)) : undefined
  const before: ClientSecrets = opened?.ok ? opened.value : {}
  if (authMethod === 'none') return { ok: true, secrets: {}, publicKey: null }
  if (authMethod === 'private_key_jwt') {
    const { privateKey } = before
    if (privateKey && same?.publicKey) return { ok: true, secrets: { privateKey }, publicKey: same.publicKey }
    const keys = await newSigningKeys()
    return { ok: true, secrets: { privateKey: keys.privateKey }, publicKey: keys.publicKey }
  }
  const secret = clientSecret === '' ? (before.secret ?? '') : clientSecret
  if (secret === '') return refuse('clientSecret', 'Enter the client secret, as the provider shows it.')
  if (!/^[\x20-\x7e]{1,4000}$/.test(secret)) return refuse('clientSecret', 'A client secret has no such characters.')
  return { ok: true, secrets: { secret }, publicKey: null }
}

function isAdmin({ principal }: OAuthDeps): boolean {
  return principal.kind === 'person' && principal.isAdmin
}

function refuse(field: Extract<SavedApp, { ok: false }>['field'], message: string): Extract<SavedApp, { ok: false }> {
  return { ok: false, field, message }
}
