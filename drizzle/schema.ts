// Everything Executor stores. Times are epoch milliseconds; ids are `<prefix>_<time-sortable>` (server/db/id.ts).
// The full-text index `tools_fts` is a virtual table, written by hand in the migrations.
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  ApprovalState,
  AuthMethod,
  CallKind,
  CallState,
  DocumentOrigin,
  Effect,
  ImportPreview,
  IntegrationKind,
  JsonSchema,
  PolicyAction,
  Remember,
  RequestPreview,
  RunErrorShape,
  RunState,
  Skipped,
  StoredProgram,
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

/**
 * One execution of agent code. It advances only under a lease: whoever drives it names `epoch` in everything it writes,
 * and holds it until `leaseUntil`; 0 is nobody. How it all fits together: server/runs/journal.ts.
 */
export const runs = sqliteTable(
  'runs',
  {
    id: text().primaryKey(),
    principal: text().notNull(),
    /** The MCP client's own name and version, or `console`. */
    client: text().notNull(),
    code: text().notNull(),
    /** The code without types, as it runs and runs again (server/sandbox/compile.ts); null when it cannot be read. */
    program: text({ mode: 'json' }).$type<StoredProgram>(),
    seed: text().notNull(),
    state: text().$type<RunState>().notNull(),
    epoch: integer().notNull().default(1),
    leaseUntil: integer('lease_until').notNull().default(0),
    /** How often it was taken up since anything last settled. */
    attempts: integer().notNull().default(0),
    /** JSON text of the returned value, when it fits a row; else it lies in `run_chunks`. */
    result: text(),
    resultBytes: integer('result_bytes').notNull().default(0),
    /** JSON text of the list of emitted values; null when there are none, or when it lies in `run_chunks`. */
    emitted: text(),
    error: text({ mode: 'json' }).$type<RunErrorShape>(),
    logs: text().notNull().default(''),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('runs_by_principal').on(table.principal, table.startedAt),
    index('runs_by_start').on(table.startedAt),
    index('runs_by_state').on(table.state, table.leaseUntil),
  ],
)

/**
 * A numbered entry of a run: something that entered the program from outside, in the order it was asked for. Without
 * `settleOrder` it has not reached the program yet.
 */
export const calls = sqliteTable(
  'calls',
  {
    runId: text('run_id').notNull(),
    number: integer().notNull(),
    kind: text().$type<CallKind>().notNull(),
    /** Of the tool as the program wrote it, qualified when it named a connection; empty for other kinds. */
    address: text().notNull().default(''),
    /** The same without the connection, for looking it up; empty for other kinds. */
    tool: text().notNull().default(''),
    effect: text().$type<Effect>(),
    connectionId: text('connection_id'),
    /** JSON text; empty when it lies in `run_chunks`. */
    arguments: text().notNull(),
    /** SHA-256 of what was asked, in hexadecimal: kind, address and arguments. */
    hash: text().notNull(),
    decision: text().$type<PolicyAction>(),
    /** The reason for the decision in one sentence. */
    because: text(),
    state: text().$type<CallState>().notNull(),
    /** JSON text of the answer or null; above one row's size it lies in `run_chunks`. */
    result: text(),
    error: text({ mode: 'json' }).$type<ToolErrorShape>(),
    settleOrder: integer('settle_order'),
    startedAt: integer('started_at').notNull(),
    settledAt: integer('settled_at'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] }), index('calls_by_tool').on(table.tool, table.runId)],
)

/**
 * Values too large for one row, gzip-compressed in parts under 1 MiB. `number` is the call's for its result, 0 for the
 * run's emitted values, -1 for the run's own result, and -1 - the call's number for its arguments, whose row then has an
 * empty text.
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

/**
 * A question to a person about one call of a run. `send`: may it be sent? `outcome`: it was sent, its answer was lost,
 * and only a person can find out what happened.
 */
export const approvals = sqliteTable(
  'approvals',
  {
    id: text().primaryKey(),
    runId: text('run_id').notNull(),
    number: integer().notNull(),
    question: text().$type<'send' | 'outcome'>().notNull(),
    /** The run's. */
    principal: text().notNull(),
    client: text().notNull(),
    /** Of the tool, without a connection. */
    tool: text().notNull(),
    integrationId: text('integration_id').notNull(),
    connectionId: text('connection_id'),
    /** The connection it goes through as people see it: `github@work`, or `github` when it goes through none. */
    account: text().notNull(),
    effect: text().$type<Effect>().notNull(),
    summary: text().notNull(),
    request: text({ mode: 'json' }).$type<RequestPreview>().notNull(),
    /** Why a person is asked, in one sentence. */
    because: text().notNull(),
    /** SHA-256 of exactly what would be sent and through which connection. What no longer has it is asked about anew. */
    hash: text().notNull(),
    state: text().$type<ApprovalState>().notNull(),
    /** What the person said of it; the agent reads it when they declined. */
    reason: text().notNull().default(''),
    /** JSON text of the answer to continue with, when a person said that it happened. */
    answer: text(),
    remember: text().$type<Remember>().notNull().default('once'),
    /** Whether the run has been told of the decision. */
    isApplied: integer('is_applied', { mode: 'boolean' }).notNull().default(false),
    decidedBy: text('decided_by'),
    decidedAt: integer('decided_at'),
    expiresAt: integer('expires_at').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('approvals_by_state').on(table.state, table.principal),
    index('approvals_by_run').on(table.runId, table.number),
  ],
)

/** A decision that holds for later calls too: the tool through the same connection, for the same principal. */
export const rememberedApprovals = sqliteTable(
  'remembered_approvals',
  {
    id: text().primaryKey(),
    approvalId: text('approval_id').notNull(),
    principal: text().notNull(),
    integrationId: text('integration_id').notNull(),
    tool: text().notNull(),
    connectionId: text('connection_id'),
    account: text().notNull(),
    /** Only for calls of this run; null for any. */
    runId: text('run_id'),
    /** Null: until it is revoked. */
    expiresAt: integer('expires_at'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('remembered_by_principal').on(table.principal, table.tool)],
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
