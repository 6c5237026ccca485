// Everything Executor stores. Times are epoch milliseconds; ids are `<prefix>_<time-sortable>` (server/db/id.ts).
// The full-text index `tools_fts` is a virtual table, written by hand in the migrations.
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  AuthMethod,
  DocumentOrigin,
  Effect,
  ImportPreview,
  IntegrationKind,
  JsonSchema,
  PolicyAction,
  Skipped,
  ToolErrorShape,
} from './shapes.ts'

/** Something Executor can speak to. `revision` names the catalog (tools, schemas) that is in force; 0 is none yet. */
export const integrations = sqliteTable('integrations', {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  kind: text().$type<IntegrationKind>().notNull(),
  title: text().notNull(),
  description: text().notNull().default(''),
  version: text().notNull().default(''),
  origin: text({ mode: 'json' }).$type<DocumentOrigin>().notNull(),
  /** Absolute URL that operation paths are appended to; set from the document or by an admin. */
  baseUrl: text('base_url').notNull(),
  authMethods: text('auth_methods', { mode: 'json' }).$type<AuthMethod[]>().notNull(),
  revision: integer().notNull().default(0),
  toolCount: integer('tool_count').notNull().default(0),
  /** The import whose document is in force. */
  importId: text('import_id'),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/** One reading of one document: first a preview, then (confirmed) the work of making tools of it, with its progress. */
export const imports = sqliteTable(
  'imports',
  {
    id: text().primaryKey(),
    integrationId: text('integration_id'),
    state: text().$type<'previewed' | 'importing' | 'done' | 'failed'>().notNull(),
    origin: text({ mode: 'json' }).$type<DocumentOrigin>().notNull(),
    preview: text({ mode: 'json' }).$type<ImportPreview>().notNull(),
    /** Operations handled so far, of `preview.operationCount`. */
    done: integer().notNull().default(0),
    toolCount: integer('tool_count').notNull().default(0),
    skipped: text({ mode: 'json' })
      .$type<Skipped[]>()
      .notNull()
      .default(sql`'[]'`),
    error: text(),
    /** Random, new each time the work is begun. A worker that was given up for dead names an older one, and writes nothing. */
    attempt: integer().notNull().default(0),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('imports_by_integration').on(table.integrationId)],
)

/** The document of an import, gzip-compressed and cut into parts under 1 MiB. */
export const documents = sqliteTable(
  'documents',
  {
    importId: text('import_id').notNull(),
    part: integer().notNull(),
    bytes: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.importId, table.part] })],
)

/** One operation of an integration. Only rows whose revision is the integration's are in force. */
export const tools = sqliteTable(
  'tools',
  {
    id: integer().primaryKey(),
    integrationId: text('integration_id').notNull(),
    revision: integer().notNull(),
    /** Dotted JavaScript identifiers within the integration: `issues.create`. */
    name: text().notNull(),
    /** What the document calls it, stable over revisions: `POST /repos/{owner}/{repo}/issues`. */
    operation: text().notNull(),
    summary: text().notNull(),
    description: text().notNull(),
    effect: text().$type<Effect>().notNull(),
    isDeprecated: integer('is_deprecated', { mode: 'boolean' }).notNull().default(false),
    /** `(input: { owner: string; … }) => Promise<Issue>`: enough to write the call. */
    signature: text().notNull(),
    inputSchema: text('input_schema', { mode: 'json' }).$type<JsonSchema>().notNull(),
    outputSchema: text('output_schema', { mode: 'json' }).$type<JsonSchema>(),
    /** Names of every row of `schemas` that the two schemas above reach, directly or through others. */
    schemaNames: text('schema_names', { mode: 'json' }).$type<string[]>().notNull(),
    /** How to carry the call out; its shape belongs to the adapter that wrote it. */
    binding: text({ mode: 'json' }).$type<unknown>().notNull(),
    /** What the full-text index is filled with, beside the summary and the description. */
    searchWords: text('search_words', { mode: 'json' })
      .$type<{ name: string; path: string; parameters: string }>()
      .notNull(),
  },
  (table) => [
    uniqueIndex('tools_by_name').on(table.integrationId, table.revision, table.name),
    uniqueIndex('tools_by_operation').on(table.integrationId, table.revision, table.operation),
  ],
)

/** A schema that several tools of an integration share, referenced as `#/$defs/<name>`. */
export const schemas = sqliteTable(
  'schemas',
  {
    integrationId: text('integration_id').notNull(),
    revision: integer().notNull(),
    name: text().notNull(),
    body: text({ mode: 'json' }).$type<JsonSchema>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.integrationId, table.revision, table.name] })],
)

/** A credential for an integration. `owner` is `org`, or the id of one person (`person:<email>`). */
export const connections = sqliteTable(
  'connections',
  {
    id: text().primaryKey(),
    integrationId: text('integration_id').notNull(),
    /** Identifier used in qualified addresses: `github@work`. */
    slug: text().notNull(),
    owner: text().notNull(),
    method: text({ mode: 'json' }).$type<AuthMethod>().notNull(),
    /** Non-secret field values, shown in the console. */
    values: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    /** Secret field values sealed as one JSON object (server/connections/seal.ts); null when the method has none. */
    sealed: text(),
    /** Origins that the credential may be sent to, fixed when the connection is made. */
    origins: text({ mode: 'json' }).$type<string[]>().notNull(),
    isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
    health: text().$type<'untested' | 'ok' | 'failing'>().notNull().default('untested'),
    healthReason: text('health_reason'),
    checkedAt: integer('checked_at'),
    lastUsedAt: integer('last_used_at'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('connections_by_slug').on(table.integrationId, table.slug)],
)

export const policies = sqliteTable('policies', {
  id: text().primaryKey(),
  pattern: text().notNull().unique(),
  action: text().$type<PolicyAction>().notNull(),
  note: text().notNull().default(''),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/** An agent that has sent a request to `/mcp`, by the name it gave itself. Untrusted text, cleaned by server/mcp. */
export const clients = sqliteTable(
  'clients',
  {
    principal: text().notNull(),
    name: text().notNull(),
    version: text().notNull(),
    /** Revision of MCP that it last asked to speak: `2026-07-28`. */
    protocol: text().notNull(),
    /** Of its HTTP requests: before 2026-07-28 only the first request of a session carries the name. */
    userAgent: text('user_agent').notNull(),
    firstSeenAt: integer('first_seen_at').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.principal, table.name] })],
)

/** One execution of agent code. */
export const runs = sqliteTable(
  'runs',
  {
    id: text().primaryKey(),
    principal: text().notNull(),
    /** The MCP client's own name and version, or `console`. */
    client: text().notNull(),
    code: text().notNull(),
    seed: text().notNull(),
    state: text().$type<'running' | 'succeeded' | 'failed' | 'lost'>().notNull(),
    /** JSON text of the returned value, when it fits a row; else it lies in `run_chunks`. */
    result: text(),
    resultBytes: integer('result_bytes').notNull().default(0),
    error: text({ mode: 'json' }).$type<ToolErrorShape>(),
    logs: text().notNull().default(''),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('runs_by_principal').on(table.principal, table.startedAt),
    index('runs_by_start').on(table.startedAt),
  ],
)

/** A numbered entry of a run: everything that entered the program from outside, in the order it was asked for. */
export const calls = sqliteTable(
  'calls',
  {
    runId: text('run_id').notNull(),
    number: integer().notNull(),
    kind: text().$type<'tool' | 'search' | 'describe' | 'results' | 'timer'>().notNull(),
    /** Address of the tool, qualified when a connection was named; empty for other kinds. */
    address: text().notNull().default(''),
    connectionId: text('connection_id'),
    arguments: text().notNull(),
    decision: text().$type<PolicyAction>(),
    state: text().$type<'succeeded' | 'failed'>().notNull(),
    /** JSON text of the answer or null; above one row's size it lies in `run_chunks`. */
    result: text(),
    error: text({ mode: 'json' }).$type<ToolErrorShape>(),
    settleOrder: integer('settle_order').notNull(),
    startedAt: integer('started_at').notNull(),
    settledAt: integer('settled_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] })],
)

/**
 * Values too large for one row, gzip-compressed in parts under 1 MiB. `number` is the call's for its result, -1 for the
 * run's own result, and -1 - the call's number for its arguments, whose row then has an empty text.
 */
export const runChunks = sqliteTable(
  'run_chunks',
  {
    runId: text('run_id').notNull(),
    number: integer().notNull(),
    part: integer().notNull(),
    bytes: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number, table.part] })],
)
