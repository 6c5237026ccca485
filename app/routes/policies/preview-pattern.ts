import type { Database } from '../../../server/db/database.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { listNamesInForce } from '../../../server/db/tools.ts'
import { explainPattern, type Explanation } from '../../../server/policies/explain.ts'

/** What a pattern would cover in the catalog as it is now; when it matches nothing, the nearest that would. */
export async function previewPattern(db: Database, pattern: string): Promise<Explanation> {
  const [integrations, connections, tools] = await Promise.all([
    listIntegrations(db),
    listConnections(db),
    listNamesInForce(db),
  ])
  const slugOf = new Map(integrations.map(({ id, slug }) => [id, slug]))
  return explainPattern(pattern, {
    tools,
    connections: connections.map(({ integrationId, slug }) => ({ integration: slugOf.get(integrationId) ?? '', slug })),
  })
}
