// Everything Executor stores. Times are epoch milliseconds; ids are `<prefix>_<time-sortable>` (server/db/id.ts).
// The full-text index `tools_fts` is a virtual table, written by hand in the migrations.
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  AuthMethod,
  DocumentFile,
  DocumentOrigin,
  Effect,
  ImportPreview,
  IntegrationKind,
  JsonSchema,
  PolicyAction,
  RevisionChanges,
  Skipped,
  Validators,
} from './shapes.ts'

export * from './connection-schema.ts'
export * from './run-schema.ts'

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
  /** Tools in force. */
  toolCount: integer('tool_count').notNull().default(0),
  /** Where tools in force go, the base URL's first: an admin has seen each of them. */
  origins: text({ mode: 'json' })
    .$type<string[]>()
    .notNull()
    .default(sql`'[]'`),
  /** The import whose document is in force. */
  importId: text('import_id'),
  /** When the document was last asked for, what it was then, and why that failed if it did. */
  checkedAt: integer('checked_at'),
  checkError: text('check_error'),
  validators: text({ mode: 'json' }).$type<Validators>(),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/**
 * One reading of the documents of an integration, new or known. Their bytes come in (`receiving`), become rows of a
 * revision that nobody sees (`reading`), and wait for an admin (`read`), who puts the revision in force (`done`) or not.
 */
export const imports = sqliteTable(
  'imports',
  {
    id: text().primaryKey(),
    /** Given before there is an integration of that id. */
    integrationId: text('integration_id').notNull(),
    /** Of the rows that are made; greater than that of any import of the integration before. */
    revision: integer().notNull(),
    state: text().$type<'receiving' | 'reading' | 'read' | 'done' | 'failed' | 'cancelled'>().notNull(),
    origin: text({ mode: 'json' }).$type<DocumentOrigin>().notNull(),
    files: text({ mode: 'json' })
      .$type<DocumentFile[]>()
      .notNull()
      .default(sql`'[]'`),
    validators: text({ mode: 'json' }).$type<Validators>(),
    /** Null until the beginning was read. */
    preview: text({ mode: 'json' }).$type<ImportPreview>(),
    /** Operations read so far, of `preview.operationCount`: where reading goes on. */
    done: integer().notNull().default(0),
    toolCount: integer('tool_count').notNull().default(0),
    /** The first thousand. */
    skipped: text({ mode: 'json' })
      .$type<Skipped[]>()
      .notNull()
      .default(sql`'[]'`),
    skippedCount: integer('skipped_count').notNull().default(0),
    /** What differs from the revision in force; null until somebody has asked. */
    changes: text({ mode: 'json' }).$type<RevisionChanges>(),
    error: text(),
    /** Whoever reads now, by a random number; 0 when nobody does. Every statement of the work names it. */
    attempt: integer().notNull().default(0),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('imports_by_integration').on(table.integrationId)],
)

/** The files of an import in blocks that were compressed one by one (server/integrations/packed-bytes.ts). */
export const documents = sqliteTable(
  'documents',
  {
    importId: text('import_id').notNull(),
    /** Position in the import's `files`. */
    file: integer().notNull(),
    part: integer().notNull(),
    bytes: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.importId, table.file, table.part] })],
)

/** One operation of an integration. In force are those that were chosen, of the integration's revision. */
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
    /** Where it is called, when that is not the base URL. */
    origin: text(),
    /** Whether an admin wants it. The others are kept, so that they are not taken for new ones later. */
    isChosen: integer('is_chosen', { mode: 'boolean' }).notNull().default(true),
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
    /** Where the adapter found it, in its own words. */
    place: text().notNull().default(''),
    body: text({ mode: 'json' }).$type<JsonSchema>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.integrationId, table.revision, table.name] })],
)

/** Names of operations that an integration has no more: they are never given to others, and a call learns why. */
export const retiredTools = sqliteTable(
  'retired_tools',
  {
    integrationId: text('integration_id').notNull(),
    name: text().notNull(),
    operation: text().notNull(),
    retiredAt: integer('retired_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.integrationId, table.name] })],
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

/**
 * Who changed or decided what. Rows are added together with the change that they tell of and never changed, except that
 * each is chained to the one before soon after: see server/db/audit.ts.
 */
export const audit = sqliteTable('audit', {
  /** Without gaps, and no number is ever given twice. */
  sequence: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  /** A principal, or `executor` for what it does by itself. */
  actor: text().notNull(),
  /** `policy.changed`, `call.blocked` … */
  action: text().notNull(),
  /** What it happened to, as people know it: an address, a pattern, an id. */
  subject: text().notNull(),
  details: text().notNull().default('{}'),
  /** SHA-256 in hexadecimal over the row before and this one; null until it is chained. */
  hash: text(),
})

/** Everyone who was ever let in. */
export const principals = sqliteTable('principals', {
  id: text().primaryKey(),
  firstSeenAt: integer('first_seen_at').notNull(),
})

/** One row per setting that was changed from its default; values are JSON. */
export const settings = sqliteTable('settings', {
  name: text().primaryKey(),
  value: text({ mode: 'json' }).$type<unknown>().notNull(),
  updatedBy: text('updated_by').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/** A message to the webhook, stored together with what it tells of and tried until it is delivered or too old. */
export const notifications = sqliteTable(
  'notifications',
  {
    id: text().primaryKey(),
    /** `approval.pending`, `connection.failing`, `test`. */
    event: text().notNull(),
    /** What the event's receiver is told; JSON. */
    payload: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    state: text().$type<'pending' | 'delivered' | 'failed'>().notNull(),
    attempts: integer().notNull().default(0),
    /** When it is tried next. */
    dueAt: integer('due_at').notNull(),
    /** Of the last attempt. */
    problem: text(),
    createdAt: integer('created_at').notNull(),
    settledAt: integer('settled_at'),
  },
  (table) => [index('notifications_by_state').on(table.state, table.settledAt, table.dueAt)],
)
