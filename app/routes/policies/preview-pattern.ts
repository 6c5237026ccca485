import type { Database } from '../../../server/db/database.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { type IntegrationRow, listIntegrations } from '../../../server/db/integrations.ts'
import { listTypeFields } from '../../../server/db/schemas.ts'
import { listNamesInForce } from '../../../server/db/tools.ts'
import { type Catalog, explainPattern, type Explanation } from '../../../server/policies/explain.ts'
import { isFieldPattern, parsePattern } from '../../../server/policies/pattern.ts'

/** What a pattern would cover in the catalog as it is now; when it matches nothing, the nearest that would. */
export async function previewPattern(db: Database, pattern: string): Promise<Explanation> {
  const [integrations, all] = await Promise.all([listIntegrations(db), listConnections(db)])
  const slugOf = new Map(integrations.map(({ id, slug }) => [id, slug]))
  const connections = all.map(({ integrationId, slug }) => ({ integration: slugOf.get(integrationId) ?? '', slug }))
  const named = namedBy(pattern, integrations)
  if (named.length === 0) return explainPattern(pattern, { tools: await listNamesInForce(db), connections })
  const explained = explainPattern(pattern, { tools: await fieldsOf(db, named), connections })
  return explained.ok ? { ...explained, message: inWords(explained) } : explained
}

/** Whether a pattern is about fields of the types of an integration that speaks GraphQL, and not about tools. */
export async function namesFields(db: Database, pattern: string): Promise<boolean> {
  return namedBy(pattern, await listIntegrations(db)).length > 0
}

function namedBy(pattern: string, integrations: readonly IntegrationRow[]): IntegrationRow[] {
  if (!parsePattern(pattern).ok) return []
  return integrations.filter(({ kind, slug }) => kind === 'graphql' && isFieldPattern(pattern, slug))
}

function inWords({ count, nearest }: Extract<Explanation, { ok: true }>): string {
  if (count === 0) return `Matches no field of a type.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`
  const fields = count === 1 ? 'one field of a type' : `${count} fields of types`
  return `Matches ${fields}. Blocked, it is left out of every selection, whichever tool asks.`
}

/** Under the names that policies know them by. */
async function fieldsOf(db: Database, named: readonly IntegrationRow[]): Promise<Catalog['tools']> {
  const all = await Promise.all(
    named.map(async ({ id: integrationId, slug, revision }) => {
      const fields = await listTypeFields(db, { integrationId, revision })
      return fields.map(({ type, field }) => ({ integration: slug, name: `type.${type}.${field}` }))
    }),
  )
  return all.flat()
}
