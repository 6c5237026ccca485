// What a call may ask of the rest of Executor, beside sending requests.
import type { Database } from '../db/database.ts'
import { readSchemas } from '../db/schemas.ts'
import type { CatalogIntegration, CatalogRule } from '../db/catalog.ts'
import type { ConnectionRow } from '../db/connections.ts'
import { markDueForRefresh } from '../db/integrations.ts'
import type { CallContext } from '../integrations/adapter.ts'
import { decide } from '../policies/decide.ts'
import { isFieldPattern } from '../policies/pattern.ts'

/** However often a server says that it has changed. */
const CHECKED_AGAIN_AFTER_MS = 10 * 60_000

interface Through {
  integration: Pick<CatalogIntegration, 'id' | 'slug' | 'revision' | 'baseUrl'>
  connection: Pick<ConnectionRow, 'id' | 'slug' | 'updatedAt'> | null
  /** Of all rules those that say something of fields of types. */
  fieldRules: readonly CatalogRule[]
}

/** `person`: who calls, where the connection forwards that. */
export function callContext(db: Database, { integration, connection, fieldRules }: Through, person = ''): CallContext {
  const { id: integrationId, revision, slug, baseUrl } = integration
  return {
    async schemas(names) {
      const rows = await readSchemas(db, { integrationId, revision }, names)
      return new Map(rows.map(({ name, body }) => [name, body]))
    },
    isBlocked(name) {
      if (fieldRules.length === 0) return false
      const tool = { integration: slug, name, effect: 'read' as const }
      const through = connection && { connection: connection.slug }
      return decide({ rules: fieldRules, tool, ...through }).action === 'block'
    },
    async outdated() {
      await markDueForRefresh(db, integrationId, Date.now() - CHECKED_AGAIN_AFTER_MS)
    },
    memory: memoryOf(JSON.stringify([connection?.id ?? integrationId, connection?.updatedAt, baseUrl, person])),
  }
}

/** Rules that name fields of types (`github.type.User.email`). What asks a person says nothing of a field. */
export function fieldRulesOf(rules: readonly CatalogRule[], slug: string): CatalogRule[] {
  return rules.filter(({ pattern, action }) => action !== 'require_approval' && isFieldPattern(pattern, slug))
}

const kept = new Map<string, Map<string, unknown>>()
const MOST_KEPT = 200

/** The longest unused goes first. */
function memoryOf(key: string): Map<string, unknown> {
  const memory = kept.get(key) ?? new Map<string, unknown>()
  kept.delete(key)
  kept.set(key, memory)
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return memory
}
