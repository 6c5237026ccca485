// Integrations made of listed tools, through the same steps as an import: a scripted adapter stands for the protocol.
import type { AuthMethod, JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { type Attempt, beginImport, insertImport } from '../db/imports.ts'
import { findIntegrationBySlug, insertIntegration } from '../db/integrations.ts'
import { listToolNames } from '../db/tools.ts'
import type { Adapter, Discovered, DiscoveredTool } from '../integrations/adapter.ts'
import { ToolNames } from '../tools/tool-names.ts'
import { writeRevision } from '../tools/write-revision.ts'

export type ListedTool = Partial<DiscoveredTool> & Pick<DiscoveredTool, 'operation' | 'suggestedName'>

export const PUBLIC: AuthMethod = { id: 'none', label: 'No credential', fields: [], placements: [] }
export const BEARER: AuthMethod = {
  id: 'bearer',
  label: 'Bearer token',
  fields: [{ name: 'token', label: 'Token', isSecret: true }],
  placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
}

export interface Script {
  tools: Iterable<ListedTool>
  schemas?: Record<string, JsonSchema>
  authMethods?: AuthMethod[]
  /** Thrown after everything was handed over. */
  error?: Error
  /** Runs before each tool is handed over. */
  beforeTool?: (number: number) => Promise<void>
}

/** An adapter that finds what it was told. */
export function scriptedAdapter(script: Script): Adapter {
  return {
    kind: 'openapi',
    async *discover(): AsyncGenerator<Discovered> {
      const { authMethods = [PUBLIC] } = script
      yield {
        type: 'about',
        title: 'Scripted',
        description: '',
        version: '1',
        servers: [],
        authMethods,
        operationCount: 0,
      }
      for (const [name, body] of Object.entries(script.schemas ?? {})) yield { type: 'schema', name, body }
      let number = 0
      for (const tool of script.tools) {
        await script.beforeTool?.(++number)
        yield { type: 'tool', ...complete(tool) }
      }
      if (script.error !== undefined) throw script.error
    },
    preview: async () => null,
    call: () => Promise.reject(new Error('The scripted adapter calls nothing')),
  }
}

function complete(tool: ListedTool): DiscoveredTool {
  const isRead = tool.operation.startsWith('GET ')
  return {
    summary: '',
    description: '',
    effect: isRead ? 'read' : tool.operation.startsWith('DELETE ') ? 'destructive' : 'write',
    isDeprecated: false,
    signature: '() => Promise<unknown>',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    outputSchema: null,
    schemaNames: [],
    binding: {},
    searchPath: tool.operation,
    searchParameters: '',
    ...tool,
  }
}

/** A new integration, or another revision of one: begun, with its import stored, and nothing of it written yet. */
export async function beginScripted(db: Database, slug: string, script: Script): Promise<Attempt> {
  const now = Date.now()
  const by = 'person:ada@example.com'
  const known = await findIntegrationBySlug(db, slug)
  const importId = newId('imp')
  const authMethods = script.authMethods ?? [PUBLIC]
  const about = { kind: 'openapi' as const, title: slug, description: '', version: '1', authMethods }
  const origin = { kind: 'paste' as const }
  const preview = { ...about, suggestedSlug: slug, servers: [], operationCount: 0, groups: [], skipped: [] }
  await insertImport(db, {
    id: importId,
    state: 'previewed',
    origin,
    preview: { ...preview, effects: { read: 0, write: 0, destructive: 0 }, skippedCount: 0, documentBytes: 0 },
    createdBy: by,
    createdAt: now,
    updatedAt: now,
  })
  const id = known?.id ?? newId('int')
  if (known === undefined) {
    const baseUrl = `https://${slug}.example/api`
    await insertIntegration(db, { ...about, id, slug, origin, baseUrl, createdBy: by, createdAt: now, updatedAt: now })
  }
  const attempt: Attempt = { importId, integrationId: id, revision: (known?.revision ?? 0) + 1, attempt: 1 }
  await beginImport(db, attempt, now)
  return attempt
}

/** Does the work of an attempt that was begun. */
export async function writeScripted(db: Database, attempt: Attempt, script: Script): Promise<void> {
  const names = new ToolNames(await listToolNames(db, { ...attempt, revision: attempt.revision - 1 }))
  const source = { document: [] }
  const fetch = () => Promise.reject(new Error('Scripted imports fetch nothing'))
  await writeRevision(db, attempt, { adapter: scriptedAdapter(script), source, fetch, names })
}

export async function importScripted(db: Database, slug: string, script: Script): Promise<Attempt> {
  const attempt = await beginScripted(db, slug, script)
  await writeScripted(db, attempt, script)
  return attempt
}
