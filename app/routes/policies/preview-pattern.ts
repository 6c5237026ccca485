import type { Database } from '../../../server/db/database.ts'
import { listConnections } from '../../../server/db/connections.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { listToolNames } from '../../../server/db/tools.ts'
import { explainPattern, type Explanation } from '../../../server/policies/explain.ts'

/** What a pattern would cover in the catalog as it is now; when it matches nothing, the nearest that would. */
export async function previewPattern(db: Database, pattern: string): Promise<Explanation> {
  const [integrations, connections] = await Promise.all([listIntegrations(db), listConnections(db)])
  const slugOf = new Map(integrations.map(({ id, slug }) => [id, slug]))
  const names = await Promise.all(
    integrations.map(async ({ id, slug, revision }) => {
      const tools = await listToolNames(db, { integrationId: id, revision })
      return tools.map(({ name }) => ({ integration: slug, name }))
    }),
  )
  return explainPattern(pattern, {
    tools: names.flat(),
    connections: connections.map(({ integrationId, slug }) => ({ integration: slugOf.get(integrationId) ?? '', slug })),
  })
}
