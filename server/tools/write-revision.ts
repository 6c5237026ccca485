// The work of an import: what the adapter finds becomes rows of a new revision, batch by batch, and the last batch puts
// the revision in force. Until then nobody sees a row of it; when it fails, its rows go and the revision before stays.
// Every statement asks whether this attempt is still the import's own (`isAttemptAlive`), so a worker that was given up
// for dead and is not cannot disturb the one that took over.
import type { AuthMethod, Skipped } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { deleteEarlierDocuments } from '../db/documents.ts'
import { type Attempt, failImport, finishImport, recordImportProgress } from '../db/imports.ts'
import { setRevisionInForce } from '../db/integrations.ts'
import { JsonRows } from '../db/json-rows.ts'
import { deleteSchemaRevisions, insertSchemas } from '../db/schemas.ts'
import { deleteToolRevisions, insertTools, type NewTool } from '../db/tools.ts'
import { indexTools, unindexTools } from '../db/tools-index.ts'
import type { Adapter, DiscoveredTool, Fetch, Source } from '../integrations/adapter.ts'
import { takingTurns } from './taking-turns.ts'
import type { ToolNames } from './tool-names.ts'
import { spacedWords } from './words.ts'

/** Rows collected before they are sent: two or three parameters' worth, so that few round trips need little memory. */
const BATCH_BYTES = 3_500_000
const SKIPPED_KEPT = 1_000

/** Somebody else began the import again, or removed it; there is nothing to clean up and nobody to tell. */
export class SupersededError extends Error {
  override name = 'SupersededError'
}

interface Collected {
  tools: JsonRows
  schemas: JsonRows
  /** Operations handled, skipped ones included. */
  done: number
  toolCount: number
  skipped: Skipped[]
  about: { description: string; version: string; authMethods: AuthMethod[] }
}

/** Throws what the adapter throws, and `SupersededError`; the caller then calls `abandonRevision`. */
export async function writeRevision(
  db: Database,
  attempt: Attempt,
  from: { adapter: Adapter; source: Source; fetch: Fetch; names: ToolNames },
): Promise<void> {
  const collected: Collected = {
    tools: new JsonRows(),
    schemas: new JsonRows(),
    done: 0,
    toolCount: 0,
    skipped: [],
    about: { description: '', version: '', authMethods: [] },
  }
  for await (const found of takingTurns(from.adapter.discover(from.source, from.fetch))) {
    if (found.type === 'about') {
      collected.about = found
    } else if (found.type === 'schema') {
      collected.schemas.add({ name: found.name, body: found.body })
    } else if (found.type === 'tool') {
      collected.tools.add(toolRow(found, from.names))
      collected.toolCount++
      collected.done++
    } else {
      if (found.isOperation) collected.done++
      if (collected.skipped.length < SKIPPED_KEPT) collected.skipped.push({ place: found.place, reason: found.reason })
    }
    if (collected.tools.bytes + collected.schemas.bytes > BATCH_BYTES) await writeRows(db, attempt, collected)
  }
  await writeLastRows(db, attempt, collected)
}

/** Removes what a failed attempt wrote and says why it failed, in one batch. */
export async function abandonRevision(db: Database, attempt: Attempt, error: string, now: number): Promise<void> {
  await db.batch([
    deleteToolRevisions(db, attempt, 'failed'),
    deleteSchemaRevisions(db, attempt, 'failed'),
    failImport(db, attempt, error, now),
  ])
}

function toolRow(found: DiscoveredTool, names: ToolNames): NewTool {
  const name = names.nameFor(found.operation, found.suggestedName)
  const { operation, summary, description, effect, isDeprecated, signature, inputSchema, outputSchema } = found
  return {
    name,
    operation,
    summary,
    description,
    effect,
    isDeprecated,
    signature,
    inputSchema,
    outputSchema,
    schemaNames: found.schemaNames,
    binding: found.binding,
    searchWords: {
      name: spacedWords(name),
      path: found.searchPath,
      parameters: found.searchParameters,
    },
  }
}

function insertCollected(db: Database, attempt: Attempt, { schemas, tools }: Collected) {
  return [
    ...schemas.take().map((rows) => insertSchemas(db, attempt, rows)),
    ...tools.take().map((rows) => insertTools(db, attempt, rows)),
  ]
}

async function writeRows(db: Database, attempt: Attempt, collected: Collected): Promise<void> {
  const [alive] = await db.batch([
    recordImportProgress(db, attempt, collected.done, Date.now()),
    ...insertCollected(db, attempt, collected),
  ])
  if (alive.length === 0) throw new SupersededError()
}

async function writeLastRows(db: Database, attempt: Attempt, collected: Collected): Promise<void> {
  const { done, toolCount, skipped } = collected
  const { description, version, authMethods } = collected.about
  const now = Date.now()
  const [alive] = await db.batch([
    recordImportProgress(db, attempt, done, now),
    ...insertCollected(db, attempt, collected),
    unindexTools(db, attempt.integrationId, attempt),
    deleteToolRevisions(db, attempt, 'earlier'),
    deleteSchemaRevisions(db, attempt, 'earlier'),
    indexTools(db, attempt),
    deleteEarlierDocuments(db, attempt),
    setRevisionInForce(db, attempt, now, { description, version, authMethods }),
    // Last, since it ends the attempt that the others ask for.
    finishImport(db, attempt, { done, toolCount, skipped }, now),
  ])
  if (alive.length === 0) throw new SupersededError()
}
