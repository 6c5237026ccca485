// The catalog as a caller sees it: which connection a call would go through, and what the policies say of it.
import { type SQL, sql } from 'drizzle-orm'
import type { Effect, ToolErrorShape } from '../../drizzle/shapes.ts'
import {
  type CatalogIntegration,
  catalogOf,
  type CatalogSnapshot,
  connectionsPart,
  integrationsPart,
  type KindedRow,
  rememberedPart,
  rulesPart,
} from '../db/catalog.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { decide, type Decision } from '../policies/decide.ts'
import { publicMethod } from './import-fields.ts'
import { nearest } from './nearest.ts'

export type { CatalogIntegration, CatalogRule, CatalogSnapshot } from '../db/catalog.ts'

/** Who asks for a tool: a principal by its id, whether it is here or its run goes on without it. */
export interface Caller {
  id: string
}

/** All of the catalog, and what was remembered for the one who asks, in one statement. */
export function catalogStatement(caller: Caller, now: number): SQL {
  return sql`${integrationsPart()} UNION ALL ${connectionsPart()} UNION ALL ${rulesPart()}
    UNION ALL ${rememberedPart(caller.id, now)}`
}

export async function loadCatalog(db: Database, caller: Caller): Promise<CatalogSnapshot> {
  return catalogOf(await db.all<KindedRow>(catalogStatement(caller, Date.now())))
}

export function findCatalogIntegration(catalog: CatalogSnapshot, slug: string): CatalogIntegration | undefined {
  return catalog.integrations.find((integration) => integration.slug === slug)
}

/** Connections that this principal may use for an integration: the org's, and its own. */
export function usableConnections(catalog: CatalogSnapshot, principal: Caller, integrationId: string): ConnectionRow[] {
  return catalog.connections.filter(
    ({ integrationId: id, owner }) => id === integrationId && (owner === 'org' || owner === principal.id),
  )
}

export type ResolvedConnection = { ok: true; connection: ConnectionRow | null } | { ok: false; error: ToolErrorShape }

/**
 * The connection that a call goes through: the one it names, else the only one the caller may use, else the caller's own
 * default, else the org's. Null for an integration that needs none and has none. Never a guess.
 * `origin` is Executor's own, for the link with which a person adds what is missing.
 */
export function resolveConnection(
  catalog: CatalogSnapshot,
  principal: Caller,
  integrationSlug: string,
  connectionSlug: string | undefined,
  origin: string,
): ResolvedConnection {
  const integration = findCatalogIntegration(catalog, integrationSlug)
  if (integration === undefined) return { ok: false, error: unknownIntegration(catalog, integrationSlug) }
  const usable = usableConnections(catalog, principal, integration.id)
  if (connectionSlug !== undefined) {
    const named = usable.find((connection) => connection.slug === connectionSlug)
    return named
      ? { ok: true, connection: named }
      : { ok: false, error: unknown(integrationSlug, connectionSlug, usable) }
  }
  const [first, ...others] = usable
  if (first === undefined) {
    if (publicMethod(integration.authMethods) !== null) return { ok: true, connection: null }
    return { ok: false, error: missing(integrationSlug, connectUrlOf(integrationSlug, origin)) }
  }
  if (others.length === 0) return { ok: true, connection: first }
  const defaults = usable.filter((connection) => connection.isDefault)
  const chosen = defaults.find((connection) => connection.owner === principal.id) ?? defaults[0]
  return chosen ? { ok: true, connection: chosen } : { ok: false, error: ambiguous(integrationSlug, usable) }
}

/** Where a person adds a connection. */
export function connectUrlOf(integrationSlug: string, origin: string): string {
  return `${origin}/connections/new?integration=${encodeURIComponent(integrationSlug)}`
}

export function unknownIntegration(catalog: CatalogSnapshot, slug: string): ToolErrorShape {
  const slugs = catalog.integrations.map((integration) => integration.slug)
  const [meant] = nearest(slug, slugs)
  const hint = meant === undefined ? 'search() without a query lists what there is.' : `Did you mean "${meant}"?`
  return { code: 'unknown_integration', message: `There is no integration "${slug.slice(0, 100)}". ${hint}` }
}

/**
 * What the policies say of a tool before a connection is chosen. With several possible ones it is blocked only when all
 * of them are, and needs approval when any of the rest does.
 */
export function decideBeforehand(
  catalog: CatalogSnapshot,
  resolved: ResolvedConnection,
  usable: readonly ConnectionRow[],
  tool: { integration: string; name: string; effect: Effect },
): Decision {
  const through = resolved.ok ? [resolved.connection] : usable.length === 0 ? [null] : usable
  const decisions = through.map((connection) => decideThrough(catalog, tool, connection))
  const open = decisions.filter((decision) => decision.action !== 'block')
  const decision = open.find(({ action }) => action === 'require_approval') ?? open[0] ?? decisions[0]
  if (decision === undefined) throw new Error('There is always at least one decision')
  return decision
}

/** What the policies say of a call through this connection, or through none. */
export function decideThrough(
  catalog: CatalogSnapshot,
  tool: { integration: string; name: string; effect: Effect },
  connection: Pick<ConnectionRow, 'id' | 'slug'> | null,
  runId?: string,
): Decision {
  const integration = findCatalogIntegration(catalog, tool.integration)
  const remembered = catalog.remembered.some(
    (approval) =>
      approval.integrationId === integration?.id &&
      approval.tool === `${tool.integration}.${tool.name}` &&
      approval.connectionId === (connection?.id ?? null) &&
      (approval.runId === null || approval.runId === runId),
  )
  return decide({ rules: catalog.rules, tool, remembered, ...(connection && { connection: connection.slug }) })
}

function qualified(integrationSlug: string, connections: readonly ConnectionRow[]): string[] {
  return connections.map((connection) => `${integrationSlug}@${connection.slug}`)
}

function missing(integrationSlug: string, link: string): ToolErrorShape {
  const message = `You have no connection to ${integrationSlug}. A person can add one here: ${link}`
  return { code: 'connection_missing', message, details: { link } }
}

function ambiguous(integrationSlug: string, usable: readonly ConnectionRow[]): ToolErrorShape {
  const connections = qualified(integrationSlug, usable)
  const example = `tools["${connections[0]}"]`
  const message = `${integrationSlug} has several connections and no default. Say which: ${connections.join(', ')}, as in ${example}.`
  return { code: 'connection_ambiguous', message, details: { connections } }
}

function unknown(integrationSlug: string, connectionSlug: string, usable: readonly ConnectionRow[]): ToolErrorShape {
  const connections = qualified(integrationSlug, usable)
  const [meant] = nearest(
    connectionSlug,
    usable.map((connection) => connection.slug),
  )
  const hint = meant === undefined ? '' : ` Did you mean ${integrationSlug}@${meant}?`
  const list =
    connections.length === 0 ? 'You may use none of this integration.' : `You may use ${connections.join(', ')}.`
  const message = `There is no connection ${integrationSlug}@${connectionSlug.slice(0, 100)} that you may use.${hint} ${list}`
  return { code: 'connection_unknown', message, details: { connections } }
}
