// What people may do with connections, and what must hold for one that is stored. Every function asks `may…` itself:
// no caller can forget it. Secrets go in and never come out.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import {
  type ConnectionPatch,
  type ConnectionRow,
  deleteConnection,
  findConnection,
  findConnectionBySlug,
  insertConnection,
  makeDefaultConnection,
  updateConnection as updateRow,
} from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { findIntegration, type IntegrationRow } from '../db/integrations.ts'
import { deleteUnusedOAuthClients } from '../db/oauth-clients.ts'
import { deleteFlowsOf } from '../db/sealed.ts'
import type { Outbound } from '../net/outbound.ts'
import { openConnection, placeOf } from './attach.ts'
import { auditAdded, auditChanged, auditRemoved } from './audit-connection.ts'
import { problemOfForwarding } from './behind-access.ts'
import { isBuiltIn } from './built-in-methods.ts'
import { checkHealth } from './check-health.ts'
import type { ForwardedPerson } from './forwarded-person.ts'
import { checkValues, problemOfMethod, sendsNothing, storedMethod } from './method.ts'
import { prepareRevocation } from './oauth/revoke.ts'
import { confirmedOrigins, originsOf } from './origins.ts'
import type { Probe } from './probe.ts'
import { recordHealth } from './record-health.ts'
import type { Vault } from './seal.ts'

export interface ManageDeps {
  db: Database
  vault: Vault
  outbound: Outbound
  principal: Principal
  /** The principal with their own assertion: connections that forward it are tested as whoever tests them. */
  person?: ForwardedPerson
  /** Of Executor itself, for links in notifications. */
  origin?: string
}

export interface NewConnection {
  integration: Pick<IntegrationRow, 'id' | 'slug' | 'baseUrl' | 'origins' | 'authMethods'>
  /** One of the integration's, or an admin's own description of a credential. */
  method: AuthMethod
  /** By field name. */
  values: Readonly<Record<string, string>>
  /** `org`, or `me` for the person who asks. */
  owner: string
  /** The connection's name: `work` in `github@work`. */
  slug: string
  isDefault?: boolean
  /** How to test it; without one, its base address is asked. */
  probe?: Probe
}

export interface ConnectionChange {
  slug?: string
  /** Secrets left empty stay as they are. */
  values?: Readonly<Record<string, string>>
  isDefault?: true
  /** Lets the credential go to these origins, where the integration has them, and no longer to those that it has left. */
  confirmOrigins?: readonly string[]
  probe?: Probe
}

/** `field`: `connection` is the name, `value` the method's field in `name`. */
export type Managed =
  | { ok: true; connection: ConnectionRow }
  | { ok: false; field: 'connection' | 'owner' | 'method' | 'value'; name?: string; message: string }

type Refusal = Extract<Managed, { ok: false }>

/** The org's connections belong to admins, a person's to that person. */
export function mayManage(principal: Principal, { owner }: Pick<ConnectionRow, 'owner'>): boolean {
  return principal.kind === 'person' && (owner === 'org' ? principal.isAdmin : owner === principal.id)
}

/** Saves, then tests: a connection that fails its test is kept, and says so in its health. */
export async function createConnection(deps: ManageDeps, input: NewConnection): Promise<Managed> {
  const { db, vault, principal } = deps
  const { integration, isDefault = false } = input
  if (principal.kind !== 'person') return refuse('owner', 'Only people add connections.')
  if (input.owner !== 'org' && input.owner !== 'me') return refuse('owner', 'Choose who may use it.')
  const owner = input.owner === 'org' ? 'org' : principal.id
  if (!mayManage(principal, { owner })) return refuse('owner', 'Only admins add connections for everyone.')
  const methodProblem = problemOfChosenMethod(principal, input)
  if (methodProblem !== null) return refuse('method', methodProblem)
  if (input.method.forwards && owner !== 'org') {
    return refuse('owner', 'It calls as whoever asks, so it is for everyone: there is nothing personal to keep.')
  }
  const slugProblem = await problemOfSlug(db, integration.id, input.slug)
  if (slugProblem !== null) return refuse('connection', slugProblem)
  const values = checkValues(input.method, input.values)
  if (!values.ok) return { ok: false, field: 'value', name: values.field, message: values.message }
  if (input.method.forwards) {
    const problem = await problemOfForwarding(deps.outbound, addressesOf(integration, originsOf(integration)))
    if (problem !== null) return refuse('method', problem)
  }

  const now = Date.now()
  const id = newId('con', now)
  const sealed = await sealedOrNull(vault, values.secret, { id, owner })
  const row = {
    id,
    integrationId: integration.id,
    slug: input.slug,
    owner,
    method: storedMethod(input.method),
    values: values.plain,
    sealed,
    origins: originsOf(integration),
    createdBy: principal.id,
    createdAt: now,
    updatedAt: now,
  }
  const [[connection]] = await db.batch([
    insertConnection(db, row).onConflictDoNothing().returning(),
    auditAdded(db, row, { integration: integration.slug, by: principal.id, at: now, isDefault }),
    ...(isDefault ? [makeDefaultConnection(db, row, now)] : []),
  ])
  if (!connection) return refuse('connection', taken(input.slug))
  return testConnection(deps, connection, input.probe)
}

export async function updateConnection(
  deps: ManageDeps,
  connection: ConnectionRow,
  change: ConnectionChange,
): Promise<Managed> {
  const { db, vault, principal } = deps
  if (!mayManage(principal, connection)) return refuseOthers(connection)
  const now = Date.now()
  const integration = await findIntegration(db, connection.integrationId)
  const patch: ConnectionPatch = { updatedAt: now }
  let fields: string[] = []
  if (change.slug !== undefined && change.slug !== connection.slug) {
    const problem = await problemOfSlug(db, connection.integrationId, change.slug)
    if (problem !== null) return refuse('connection', problem)
    patch.slug = change.slug
  }
  if (change.values !== undefined) {
    const opened = await openConnection(connection, vault)
    const values = checkValues(connection.method, change.values, opened.ok ? opened.values : undefined)
    if (!values.ok) return { ok: false, field: 'value', name: values.field, message: values.message }
    fields = newFields({ ...values.plain, ...values.secret }, connection.values, opened.ok ? opened.values : new Map())
    if (connection.oauth === null || fields.length > 0) {
      if (fields.length > 0) patch.identity = null
      patch.values = values.plain
      patch.sealed = await sealedOrNull(vault, values.secret, connection)
      Object.assign(patch, withoutGrant(connection))
    }
  }
  if (change.confirmOrigins !== undefined && integration) {
    patch.origins = confirmedOrigins(integration, connection, change.confirmOrigins)
    if (connection.method.forwards) {
      const problem = await problemOfForwarding(deps.outbound, addressesOf(integration, patch.origins))
      if (problem !== null) return refuse('connection', problem)
    }
  }
  const isDefault = change.isDefault ?? false
  const occasion = { integration: integration?.slug ?? '', by: principal.id, at: now }
  await db.batch([
    updateRow(db, connection.id, patch),
    ...auditChanged(db, connection, { patch, fields, isDefault }, occasion),
    ...(isDefault ? [makeDefaultConnection(db, connection, now)] : []),
  ])
  const changed = { ...connection, ...patch, ...(change.isDefault && { isDefault: true }) }
  const isSameCredential = patch.values === undefined && patch.origins === undefined
  return isSameCredential ? { ok: true, connection: changed } : testConnection(deps, changed, change.probe)
}

/** Admins may also remove a personal connection, of somebody who left for example; they can do nothing else with it. */
export async function removeConnection(deps: ManageDeps, connection: ConnectionRow): Promise<Managed> {
  const { db, principal } = deps
  const isAdmin = principal.kind === 'person' && principal.isAdmin
  if (!isAdmin && !mayManage(principal, connection)) return refuseOthers(connection)
  const [integration, revoke] = await Promise.all([
    findIntegration(db, connection.integrationId),
    prepareRevocation(deps, connection),
  ])
  await db.batch([
    auditRemoved(db, connection, { integration: integration?.slug ?? '', by: principal.id, at: Date.now() }),
    deleteConnection(db, connection.id),
    deleteFlowsOf(db, connection.id),
    deleteUnusedOAuthClients(db, connection.integrationId),
  ])
  await revoke()
  return { ok: true, connection }
}

/** Sends the test call and stores what it shows. The answer is `ok` also when the credential is not. */
export async function testConnection(deps: ManageDeps, connection: ConnectionRow, probe?: Probe): Promise<Managed> {
  if (!mayManage(deps.principal, connection)) return refuseOthers(connection)
  const { principal, person } = deps
  const own = { ...deps, person: person?.id === principal.id ? person : undefined }
  const { identity, ...health } = await checkHealth(own, connection, probe)
  // Of one that signed in, its server has said it first.
  const isNamed = identity === undefined || (connection.oauth !== null && connection.identity !== null)
  const checked = { ...health, ...(!isNamed && { identity }), checkedAt: Date.now() }
  await recordHealth(deps, connection, checked)
  return { ok: true, connection: (await findConnection(deps.db, connection.id)) ?? { ...connection, ...checked } }
}

/** Where each of the origins is asked: Access may protect no more than the path of the API. */
function addressesOf({ baseUrl }: Pick<IntegrationRow, 'baseUrl'>, origins: readonly string[]): string[] {
  return origins.map((origin) => (new URL(baseUrl).origin === origin ? baseUrl : origin))
}

/** What is typed in is nobody's to renew: the refresh token of before would bring the account of before back. */
function withoutGrant({ oauth, tokenVersion, refreshEpoch }: ConnectionRow): ConnectionPatch {
  if (oauth === null) return {}
  const versions = { tokenVersion: tokenVersion + 1, refreshEpoch: refreshEpoch + 1 }
  return { oauth: null, tokenExpiresAt: null, identity: null, refreshUntil: null, ...versions }
}

/** Names of the values that are not what is stored. */
function newFields(
  given: Readonly<Record<string, string>>,
  plain: Readonly<Record<string, string>>,
  opened: ReadonlyMap<string, string>,
): string[] {
  return Object.keys(given).filter((name) => given[name] !== (opened.get(name) ?? plain[name]))
}

function problemOfChosenMethod(principal: Principal, { method, integration }: NewConnection): string | null {
  const chosen = JSON.stringify(storedMethod(method))
  const isDeclared = integration.authMethods.some((declared) => JSON.stringify(storedMethod(declared)) === chosen)
  if (isDeclared || (method.fields.length === 0 && sendsNothing(method))) return null
  if (!principal.isAdmin) return 'Only admins describe a credential of their own.'
  return isBuiltIn(method) ? null : problemOfMethod(method)
}

/** Null when a connection of the integration can be called so. */
export async function problemOfSlug(db: Database, integrationId: string, slug: string): Promise<string | null> {
  if (!/^[A-Za-z_]\w{0,63}$/.test(slug)) return 'Use letters, digits and _, beginning with a letter, for example work.'
  return (await findConnectionBySlug(db, integrationId, slug)) ? taken(slug) : null
}

function taken(slug: string): string {
  return `There is a connection ${slug} already. Choose another name.`
}

async function sealedOrNull(
  vault: Vault,
  secret: Record<string, string>,
  place: Pick<ConnectionRow, 'id' | 'owner'>,
): Promise<string | null> {
  return Object.keys(secret).length === 0 ? null : vault.seal(secret, placeOf(place))
}

function refuse(field: Refusal['field'], message: string): Refusal {
  return { ok: false, field, message }
}

function refuseOthers({ owner }: Pick<ConnectionRow, 'owner'>): Refusal {
  return refuse(
    'owner',
    owner === 'org' ? 'Only admins change connections for everyone.' : 'This connection is not yours.',
  )
}
