// What decides, marks and resolves: integrations in force, their connections and the policies, as rows of one statement.
// Several queries take these rows along with their own, so that they cost no statement of their own.
import { type SQL, sql } from 'drizzle-orm'
import type { rememberedApprovals } from '../../drizzle/schema.ts'
import type { ConnectionRow } from './connections.ts'
import type { IntegrationRow } from './integrations.ts'
import type { PolicyRow } from './policies.ts'

/** Of its auth methods without what only people who connect it need: some documents have hundreds of OAuth scopes. */
export type CatalogIntegration = Pick<
  IntegrationRow,
  'id' | 'slug' | 'kind' | 'title' | 'description' | 'baseUrl' | 'revision' | 'toolCount' | 'authMethods'
>
export type CatalogRule = Pick<PolicyRow, 'id' | 'pattern' | 'action'>
/** An approval that holds for later calls of one principal too. */
export type CatalogRemembered = Pick<
  typeof rememberedApprovals.$inferSelect,
  'integrationId' | 'tool' | 'connectionId' | 'runId' | 'expiresAt'
>

/** A part of the catalog, or all of it. Integrations without a revision in force are not in it. */
export interface CatalogSnapshot {
  integrations: CatalogIntegration[]
  connections: ConnectionRow[]
  rules: CatalogRule[]
  /** Of the principal that the catalog was loaded for. */
  remembered: CatalogRemembered[]
}

/** Every part of a combined statement selects two columns: `kind`, and `body` as JSON. */
export interface KindedRow {
  kind: string
  body: string
}

export function isKindedRow(row: Record<string, unknown>): row is Record<string, unknown> & KindedRow {
  return typeof row['kind'] === 'string' && typeof row['body'] === 'string'
}

export function integrationsPart(where: SQL = sql`TRUE`): SQL {
  return sql`SELECT 'integration' AS kind, json_object('id', id, 'slug', slug, 'kind', kind, 'title', title,
    'description', substr(description, 1, 500), 'baseUrl', base_url, 'revision', revision, 'toolCount', tool_count,
    'authMethods', json((SELECT json_group_array(json_remove(value, '$.oauth', '$.description') ORDER BY key)
      FROM json_each(auth_methods)))) AS body FROM integrations WHERE revision > 0 AND ${where}`
}

export function connectionsPart(where: SQL = sql`TRUE`): SQL {
  return sql`SELECT 'connection' AS kind, json_object('id', id, 'integrationId', integration_id, 'slug', slug,
    'owner', owner, 'method', json(method), 'values', json("values"), 'sealed', sealed, 'origins', json(origins),
    'isDefault', json(iif(is_default, 'true', 'false')), 'oauth', json(oauth), 'tokenExpiresAt', token_expires_at,
    'tokenVersion', token_version, 'refreshEpoch', refresh_epoch, 'refreshUntil', refresh_until, 'identity', identity,
    'health', health, 'healthReason', health_reason,
    'checkedAt', checked_at, 'lastUsedAt', last_used_at, 'createdBy', created_by, 'createdAt', created_at,
    'updatedAt', updated_at) AS body FROM connections WHERE ${where}`
}

export function rulesPart(): SQL {
  return sql`SELECT 'rule' AS kind, json_object('id', id, 'pattern', pattern, 'action', action) AS body FROM policies`
}

/** What was remembered for a principal and is in force at `now`. */
export function rememberedPart(principal: string, now: number): SQL {
  return sql`SELECT 'remembered' AS kind, json_object('integrationId', integration_id, 'tool', tool, 'connectionId',
    connection_id, 'runId', run_id, 'expiresAt', expires_at) AS body FROM remembered_approvals
    WHERE principal = ${principal} AND (expires_at IS NULL OR expires_at > ${now})`
}

/** The catalog among the rows of a combined statement, by slug and pattern. */
export function catalogOf(rows: readonly KindedRow[]): CatalogSnapshot {
  const of = <T>(kind: string): T[] => rows.flatMap((row): T[] => (row.kind === kind ? [JSON.parse(row.body)] : []))
  return {
    integrations: of<CatalogIntegration>('integration').sort((a, b) => order(a.slug, b.slug)),
    connections: of<ConnectionRow>('connection').sort((a, b) => order(a.slug, b.slug)),
    rules: of<CatalogRule>('rule').sort((a, b) => order(a.pattern, b.pattern)),
    remembered: of<CatalogRemembered>('remembered'),
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
