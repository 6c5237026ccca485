// What a new revision changes, for the admin who decides whether it may.
import type { RevisionChanges } from '../../../drizzle/shapes.ts'
import type { Database } from '../../db/database.ts'
import { type ImportRow, recordChanges } from '../../db/imports.ts'
import type { IntegrationRow } from '../../db/integrations.ts'
import {
  type ComparedTool,
  differingSchemas,
  differingTools,
  listToolsOnlyIn,
  listToolsReaching,
  type TwoRevisions,
} from '../../db/revisions.ts'
import { summariseChosen } from '../../db/pending-tools.ts'
import { isSameSchema } from './same-schema.ts'

/** Computed once for an import that was read, and kept with it until another choice of operations is made. */
export async function changesOf(
  db: Database,
  integration: Pick<IntegrationRow, 'id' | 'kind' | 'revision' | 'origins'>,
  row: ImportRow,
): Promise<RevisionChanges> {
  if (row.changes !== null) return row.changes
  const withWords = readsWords(integration)
  const revisions = { integrationId: integration.id, before: integration.revision, after: row.revision, withWords }
  const [added, removed, changed, { origins }] = await Promise.all([
    listToolsOnlyIn(db, revisions, 'after'),
    listToolsOnlyIn(db, revisions, 'before'),
    listChanged(db, revisions),
    summariseChosen(db, { integrationId: integration.id, revision: row.revision }),
  ])
  const isAdded = new Set(added)
  const changes = {
    added,
    // A tool that is chosen anew may reach a schema that has changed: to agents it is new.
    changed: changed.filter((name) => !isAdded.has(name)),
    removed,
    origins: origins.filter((one) => !integration.origins.includes(one)),
  }
  await recordChanges(db, row.id, changes)
  return changes
}

/** What an MCP server says of its tools is written for models, and may tell them to do something. */
export function readsWords({ kind }: Pick<IntegrationRow, 'kind'>): boolean {
  return kind === 'mcp'
}

export function isNoChange({ added, changed, removed, origins }: RevisionChanges): boolean {
  return added.length + changed.length + removed.length + origins.length === 0
}

async function listChanged(db: Database, revisions: TwoRevisions): Promise<string[]> {
  const schemaNames: string[] = []
  for await (const { name, before, after } of differingSchemas(db, revisions)) {
    if (revisions.withWords || !isSameSchema(before, after)) schemaNames.push(name)
  }
  const changed = new Set(await listToolsReaching(db, revisions, schemaNames))
  for await (const [before, after] of differingTools(db, revisions)) {
    if (revisions.withWords || !isSameTool(before, after)) changed.add(after.name)
  }
  return [...changed].sort()
}

function isSameTool(before: ComparedTool, after: ComparedTool): boolean {
  return (
    before.effect === after.effect &&
    before.isDeprecated === after.isDeprecated &&
    before.origin === after.origin &&
    isSameSchema(before.inputSchema, after.inputSchema) &&
    isSameSchema(before.outputSchema, after.outputSchema) &&
    JSON.stringify(before.binding) === JSON.stringify(after.binding)
  )
}
