// What runs leave behind: their calls, the parts that do not fit a row, and what people decided on them.
import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type {
  ApprovalState,
  CallKind,
  CallNotes,
  CallState,
  Effect,
  PolicyAction,
  QuestionKind,
  Remember,
  RequestPreview,
  RunErrorShape,
  RunState,
  StoredProgram,
  ToolErrorShape,
  UpstreamQuestion,
} from './shapes.ts'

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
    notes: text({ mode: 'json' }).$type<CallNotes>(),
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

/** A question to a person about one call of a run. */
export const approvals = sqliteTable(
  'approvals',
  {
    id: text().primaryKey(),
    runId: text('run_id').notNull(),
    number: integer().notNull(),
    question: text().$type<QuestionKind>().notNull(),
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
    /** What the upstream asks; null for other questions. */
    asks: text({ mode: 'json' }).$type<UpstreamQuestion>(),
    /** Why a person is asked, in one sentence. */
    because: text().notNull(),
    /** SHA-256 of exactly what would be sent and through which connection. What no longer has it is asked about anew. */
    hash: text().notNull(),
    state: text().$type<ApprovalState>().notNull(),
    /** What the person said of it; the agent reads it when they declined. */
    reason: text().notNull().default(''),
    /** JSON text: the answer to continue with, when a person said that it happened; of an `input`, an `UpstreamAnswer`. */
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
