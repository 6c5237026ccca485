// Integrations made of listed tools, through the same steps as an import: a scripted adapter stands for the protocol.
import type { AuthMethod, JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { type Attempt, insertImport } from '../db/imports.ts'
import { findIntegrationBySlug } from '../db/integrations.ts'
import type { Adapter, Discovered, DiscoveredTool } from '../integrations/adapter.ts'
import { addIntegration, updateIntegrationFrom } from '../tools/imports/confirm.ts'
import { readRevision } from '../tools/imports/read.ts'

const ada = 'person:ada@example.com'

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
    async *discover(_source, _fetch, from): AsyncGenerator<Discovered> {
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
      for (const [name, body] of Object.entries(script.schemas ?? {})) yield { type: 'schema', name, place: name, body }
      let number = 0
      for (const tool of script.tools) {
        if (number < (from?.done ?? 0)) {
          number++
          continue
        }
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
    origin: null,
    binding: {},
    searchPath: tool.operation,
    searchParameters: '',
    ...tool,
  }
}

/** A new integration, or another revision of one: begun, and nothing of it read yet. */
export async function beginScripted(db: Database, slug: string): Promise<Attempt> {
  const now = Date.now()
  const known = await findIntegrationBySlug(db, slug)
  const importId = newId('imp')
  const integrationId = known?.id ?? newId('int')
  const times = { createdAt: now, updatedAt: now }
  const row = { id: importId, integrationId, origin: { kind: 'paste' as const }, createdBy: ada, ...times }
  const [inserted] = await insertImport(db, { ...row, state: 'reading', attempt: 1 })
  return { importId, integrationId, revision: inserted?.revision ?? 0, attempt: 1 }
}

/** Does the work of an attempt that was begun, and puts the revision in force. */
export async function readScripted(db: Database, attempt: Attempt, script: Script): Promise<void> {
  await readRevision(db, attempt, scriptedAdapter(script))
}

export async function importScripted(db: Database, slug: string, script: Script): Promise<Attempt> {
  const isNew = (await findIntegrationBySlug(db, slug)) === undefined
  const attempt = await beginScripted(db, slug)
  await readScripted(db, attempt, script)
  const { importId } = attempt
  const confirmed = isNew
    ? await addIntegration({ db }, { importId, slug, title: slug, baseUrl: `https://${slug}.example/api`, by: ada })
    : await updateIntegrationFrom({ db }, { importId, origins: [], by: ada })
  if (!confirmed.ok) throw new Error(confirmed.message)
  return attempt
}
