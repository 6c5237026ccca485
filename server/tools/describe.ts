// Everything about one tool: its types as TypeScript, its schemas, what the policies say, and whether the caller could
// call it now. Two statements, one when the catalog was loaded already.
import type { Effect, JsonSchema, PolicyAction, ToolErrorShape } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { readTool } from '../db/tools.ts'
import { declarationsOf } from '../integrations/typescript.ts'
import type { Decision } from '../policies/decide.ts'
import {
  type Caller,
  type CatalogSnapshot,
  decideBeforehand,
  findCatalogIntegration,
  loadCatalog,
  type ResolvedConnection,
  resolveConnection,
  unknownIntegration,
  usableConnections,
} from './catalog.ts'
import { unknownTool } from './unknown-tool.ts'

export interface DescribeInput {
  principal: Caller
  /** `github.issues.create`, or through a connection `github@work.issues.create`. */
  address: string
  /** What was loaded already. */
  catalog?: CatalogSnapshot
  /** For the console: a blocked tool is described too. */
  showBlocked?: boolean
}

/** In the order in which an agent needs it: what is cut off an answer stands last. */
export interface DescribedTool {
  address: string
  summary: string
  description: string
  effect: Effect
  isDeprecated: boolean
  signature: string
  decision: { action: PolicyAction; sentence: string; because: Decision['because'] }
  connection: ConnectionState
  /** `type …Input = …`, `type …Output = …` and every type they use. */
  typescript: string
  integration: { id: string; slug: string; title: string }
  name: string
  operation: string
  inputSchema: JsonSchema
  outputSchema: JsonSchema | null
  /** What the two schemas refer to as `#/$defs/<name>`. */
  definitions: Record<string, JsonSchema>
}

/** Whether a call would find a connection; `problem` says what to do when it would not. */
export type ConnectionState =
  | { isReady: true; id: string | null; slug: string | null }
  | { isReady: false; problem: ToolErrorShape }

export type Described = { ok: true; tool: DescribedTool } | { ok: false; error: ToolErrorShape }

export async function describeTool(
  deps: { db: Database; origin: string },
  { principal, address, catalog: loaded, showBlocked = false }: DescribeInput,
): Promise<Described> {
  const catalog = loaded ?? (await loadCatalog(deps.db, principal))
  const [first = '', ...rest] = address.split('.')
  const [slug = '', named] = first.split('@')
  const name = rest.join('.')
  const integration = findCatalogIntegration(catalog, slug)
  if (integration === undefined) return { ok: false, error: unknownIntegration(catalog, slug) }

  const inForce = { integrationId: integration.id, revision: integration.revision }
  const found = await readTool(deps.db, inForce, name, 'all')
  if (found.tool === null) return { ok: false, error: unknownTool(catalog, slug, name, found) }
  const { tool, schemas } = found

  const resolved = resolveConnection(catalog, principal, slug, named, deps.origin)
  const usable = usableConnections(catalog, principal, integration.id)
  const { action, sentence, because } = decideBeforehand(catalog, resolved, usable, {
    integration: slug,
    name,
    effect: tool.effect,
  })
  if (action === 'block' && !showBlocked) {
    return { ok: false, error: { code: 'blocked', message: `${address} may not be used. ${sentence}` } }
  }
  const { summary, description, effect, isDeprecated, signature, operation, inputSchema, outputSchema } = tool
  const defs = new Map(Object.entries(schemas))
  return {
    ok: true,
    tool: {
      address,
      summary,
      description,
      effect,
      isDeprecated,
      signature,
      decision: { action, sentence, because },
      connection: connectionState(resolved),
      typescript: declarationsOf({ name, input: inputSchema, output: outputSchema, defs }),
      integration: { id: integration.id, slug, title: integration.title },
      name,
      operation,
      inputSchema,
      outputSchema,
      definitions: schemas,
    },
  }
}

function connectionState(resolved: ResolvedConnection): ConnectionState {
  if (!resolved.ok) return { isReady: false, problem: resolved.error }
  const { connection } = resolved
  return { isReady: true, id: connection?.id ?? null, slug: connection?.slug ?? null }
}
