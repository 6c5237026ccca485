import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { retiredTools, tools } from '../../drizzle/schema.ts'
import type { Effect, JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { statement } from './statement.ts'

export type ToolRow = typeof tools.$inferSelect
export type NewTool = Omit<ToolRow, 'id' | 'integrationId' | 'revision'>

/** A tool in force, as lists show it. */
export type ToolSummary = Pick<
  ToolRow,
  'name' | 'operation' | 'summary' | 'effect' | 'isDeprecated' | 'signature' | 'integrationId'
>

/** A tool of a revision that is not in force yet. */
export type PendingTool = Pick<ToolRow, 'name' | 'operation' | 'summary' | 'effect' | 'isDeprecated' | 'isChosen'>

/** Names that shut a tool's address: the integration and the revision of it that is in force. */
export interface InForce {
  integrationId: string
  revision: number
}

/** No tool has a longer name; what is longer is not looked for. */
const LONGEST_NAME = 1_000

/** How many names of an integration are compared with an unknown one. */
const NAMES_COMPARED = 5_000

/** Shared schemas that come with a tool, the nearest first: what is further away accepts anything. */
const SCHEMAS_READ = { input: 200, all: 400 }
const SCHEMAS_CHARACTERS = 2_000_000

/** `rows` is a JSON array of `NewTool` that fits a parameter. */
export function insertTools(db: Database, attempt: Attempt, rows: string) {
  return statement(
    db,
    sql`
    INSERT INTO tools (integration_id, revision, name, operation, summary, description, effect, is_deprecated,
                       signature, input_schema, output_schema, origin, is_chosen, binding, search_words)
    SELECT ${attempt.integrationId}, ${attempt.revision}, value ->> 'name', value ->> 'operation', value ->> 'summary',
           value ->> 'description', value ->> 'effect', value ->> 'isDeprecated', value ->> 'signature',
           value -> 'inputSchema', nullif(value -> 'outputSchema', 'null'), value ->> 'origin', value ->> 'isChosen',
           value -> 'binding', value -> 'searchWords'
    FROM json_each(${rows}) WHERE ${isAttemptAlive(attempt)}`,
  )
}

/** Every revision before one, when it is put in force. */
export function deleteEarlierTools(db: Database, { integrationId, revision }: InForce) {
  return statement(db, sql`DELETE FROM tools WHERE integration_id = ${integrationId} AND revision < ${revision}`)
}

export function deleteToolsOf(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM tools WHERE integration_id = ${integrationId}`)
}

/** The name that each operation has: in a new revision, in the one in force, or had before it was retired. */
export function listToolNames(db: Database, { integrationId, revision }: InForce) {
  const inForce = sql`(SELECT revision FROM integrations WHERE id = ${integrationId})`
  return db
    .select({ operation: tools.operation, name: tools.name })
    .from(tools)
    .where(and(eq(tools.integrationId, integrationId), sql`${tools.revision} IN (${revision}, ${inForce})`))
    .union(
      db
        .select({ operation: retiredTools.operation, name: retiredTools.name })
        .from(retiredTools)
        .where(eq(retiredTools.integrationId, integrationId)),
    )
}

/** Operations that the revision before has and this one lacks: their names are kept. Those that are back are not. */
export function retireTools(db: Database, { integrationId, revision }: InForce, now: number) {
  const inNew = sql`SELECT operation FROM tools WHERE integration_id = ${integrationId} AND revision = ${revision}`
  return [
    statement(
      db,
      sql`INSERT OR REPLACE INTO retired_tools (integration_id, name, operation, retired_at)
        SELECT integration_id, name, operation, ${now} FROM tools WHERE integration_id = ${integrationId}
        AND revision = (SELECT revision FROM integrations WHERE id = ${integrationId})
        AND operation NOT IN (${inNew})`,
    ),
    statement(db, sql`DELETE FROM retired_tools WHERE integration_id = ${integrationId} AND operation IN (${inNew})`),
  ] as const
}

/** Where chosen tools of a revision go beside the base URL, and how many there are. */
export async function summariseChosen(
  db: Database,
  { integrationId, revision }: InForce,
): Promise<{ toolCount: number; origins: string[] }> {
  const rows = await db.all<{ origin: string | null; count: number }>(sql`SELECT origin, count(*) AS count FROM tools
    WHERE integration_id = ${integrationId} AND revision = ${revision} AND is_chosen GROUP BY origin ORDER BY origin`)
  return {
    toolCount: rows.reduce((sum, { count }) => sum + count, 0),
    origins: rows.flatMap(({ origin }) => origin ?? []),
  }
}

export function deleteRetiredTools(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM retired_tools WHERE integration_id = ${integrationId}`)
}

/** An operation that was known stays as it was: chosen or not. New ones are, where all of the others are. */
export function keepChoice(db: Database, attempt: Attempt) {
  const { integrationId, revision } = attempt
  const before = sql`FROM tools AS before WHERE before.integration_id = ${integrationId}
    AND before.revision = (SELECT revision FROM integrations WHERE id = ${integrationId})`
  return statement(
    db,
    sql`UPDATE tools SET is_chosen = coalesce((SELECT before.is_chosen ${before} AND before.operation = tools.operation),
        (SELECT min(before.is_chosen) ${before}), 1)
      WHERE integration_id = ${integrationId} AND revision = ${revision} AND ${isAttemptAlive(attempt)}`,
  )
}

/** Every tool in force, by the slug of its integration and its own name: one statement, however many integrations. */
export function listNamesInForce(db: Database) {
  return db.all<{ integration: string; name: string }>(sql`
    SELECT slug AS integration, name FROM integrations CROSS JOIN tools ON integration_id = integrations.id
      AND tools.revision = integrations.revision AND is_chosen ORDER BY slug, name`)
}

/** First segments of the tool names, in order, with how many tools each holds. */
export function listToolGroups(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ name: string; count: number }>(sql`
    SELECT iif(instr(name, '.') > 0, substr(name, 1, instr(name, '.') - 1), name) AS name, count(*) AS count
    FROM tools WHERE integration_id = ${integrationId} AND revision = ${revision} AND is_chosen GROUP BY 1 ORDER BY 1`)
}

/** Reads that can be called without any input, shortest names first. */
export function listReadsWithoutInput(db: Database, { integrationId, revision }: InForce) {
  return db
    .select({ name: tools.name, operation: tools.operation, inputSchema: tools.inputSchema, binding: tools.binding })
    .from(tools)
    .where(
      and(
        eq(tools.integrationId, integrationId),
        eq(tools.revision, revision),
        eq(tools.isChosen, true),
        eq(tools.effect, 'read'),
        sql`coalesce(json_array_length(${tools.inputSchema}, '$.required'), 0) = 0
          AND json_extract(${tools.inputSchema}, '$.$ref') IS NULL`,
      ),
    )
    .orderBy(sql`length(${tools.name})`, asc(tools.name))
    .limit(200)
}

/** By name; `after` is the last name of the page before, `group` the first segment of the names. */
export function listTools(
  db: Database,
  { integrationId, revision }: InForce,
  page: { after?: string; group?: string; limit: number },
): Promise<ToolSummary[]> {
  return db
    .select({
      integrationId: tools.integrationId,
      name: tools.name,
      operation: tools.operation,
      summary: tools.summary,
      effect: tools.effect,
      isDeprecated: tools.isDeprecated,
      signature: tools.signature,
    })
    .from(tools)
    .where(
      and(
        eq(tools.integrationId, integrationId),
        eq(tools.revision, revision),
        eq(tools.isChosen, true),
        page.after === undefined ? undefined : gt(tools.name, page.after),
        // '/' follows '.': everything that starts with `group.`, found through the index.
        page.group === undefined
          ? undefined
          : sql`(name = ${page.group} OR (name > ${`${page.group}.`} AND name < ${`${page.group}/`}))`,
      ),
    )
    .orderBy(asc(tools.name))
    .limit(page.limit)
}

/**
 * One tool and the shared schemas it needs, the nearest first and bounded, in one statement: all of them, or only what
 * its input reaches (for a call). For an unknown name: the names there are, and what became of it if it was retired.
 */
export async function readTool(
  db: Database,
  { integrationId, revision }: InForce,
  name: string,
  wanted: 'all' | 'input',
): Promise<
  | { tool: ToolRow; schemas: Record<string, JsonSchema>; /** Characters of both as JSON. */ weight: number }
  | { tool: null; names: string[]; retired: { operation: string; retiredAt: number } | null }
> {
  if (name.length > LONGEST_NAME) return { tool: null, names: [], retired: null }
  const own = sql`integration_id = ${integrationId} AND revision = ${revision}`
  const rows = await db.all<{ kind: 'tool' | 'schema' | 'name' | 'retired'; name: string; body: string | null }>(sql`
    WITH RECURSIVE tool AS MATERIALIZED (SELECT * FROM tools WHERE ${own} AND name = ${name} AND is_chosen),
    reached (name) AS (
      SELECT name FROM (${referencesIn(sql`tool, json_tree(tool.input_schema)`)}
        ${wanted === 'all' ? sql`UNION ALL ${referencesIn(sql`tool, json_tree(tool.output_schema)`)}` : sql``})
      UNION
      ${referencesIn(sql`reached CROSS JOIN schemas ON ${own} AND schemas.name = reached.name, json_tree(schemas.body)`)}
      LIMIT ${SCHEMAS_READ[wanted]})
    SELECT 'tool' AS kind, name, json_object(
      'id', id, 'integrationId', integration_id, 'revision', revision, 'name', name, 'operation', operation,
      'summary', summary, 'description', description, 'effect', effect,
      'isDeprecated', json(iif(is_deprecated, 'true', 'false')), 'signature', signature,
      'inputSchema', json(input_schema), 'outputSchema', json(output_schema), 'origin', origin,
      'isChosen', json('true'), 'binding', json(binding), 'searchWords', json(search_words)) AS body FROM tool
    UNION ALL
    SELECT 'schema', name, body FROM (
      SELECT schemas.name, body, sum(length(body)) OVER (ROWS UNBOUNDED PRECEDING) AS characters
      FROM reached CROSS JOIN schemas ON ${own} AND schemas.name = reached.name)
      WHERE characters <= ${SCHEMAS_CHARACTERS}
    UNION ALL
    SELECT * FROM (SELECT 'name', name, NULL FROM tools WHERE ${own} AND is_chosen AND NOT EXISTS (SELECT 1 FROM tool)
                   ORDER BY name LIMIT ${NAMES_COMPARED})
    UNION ALL
    SELECT 'retired', name, json_object('operation', operation, 'retiredAt', retired_at) FROM retired_tools
      WHERE integration_id = ${integrationId} AND name = ${name} AND NOT EXISTS (SELECT 1 FROM tool)`)

  const found = rows.find((row) => row.kind === 'tool')
  if (found === undefined || found.body === null) {
    const retired = rows.find((row) => row.kind === 'retired')?.body
    const names = rows.flatMap((row) => (row.kind === 'name' ? [row.name] : []))
    return { tool: null, names, retired: retired ? JSON.parse(retired) : null }
  }
  const schemas: Record<string, JsonSchema> = Object.create(null)
  for (const row of rows) if (row.kind === 'schema' && row.body !== null) schemas[row.name] = JSON.parse(row.body)
  const tool: ToolRow = JSON.parse(found.body)
  return { tool, schemas, weight: rows.reduce((sum, row) => sum + (row.body?.length ?? 0), 0) }
}

/** Names of the shared schemas that a tree of `json_tree` refers to. */
function referencesIn(trees: SQL): SQL {
  return sql`SELECT substr(tree.atom, 9) AS name FROM ${trees} AS tree
    WHERE tree.key = '$ref' AND tree.type = 'text' AND tree.atom LIKE '#/$defs/%'`
}

/** How many tools of a revision have each effect, chosen and not. */
export function countEffects(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ effect: Effect; count: number; chosen: number }>(sql`
    SELECT effect, count(*) AS count, sum(is_chosen) AS chosen FROM tools
    WHERE integration_id = ${integrationId} AND revision = ${revision} GROUP BY effect`)
}

/** Where tools of a revision go beside the base URL, with how many do. */
export function countOrigins(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ origin: string; count: number }>(sql`
    SELECT origin, count(*) AS count FROM tools WHERE integration_id = ${integrationId} AND revision = ${revision}
    AND origin IS NOT NULL GROUP BY origin ORDER BY count DESC, origin`)
}

/** Tools of a revision that is not in force: all, those of a group (the first segment of their names), or that match. */
export interface PendingFilter {
  group?: string
  /** Words that stand, in any order, in the name, the operation or the summary. */
  find?: string
  effect?: Effect
}

function pendingWhere({ integrationId, revision }: InForce, { group, find = '', effect }: PendingFilter): SQL {
  const words = find.split(/\s+/).filter(Boolean).slice(0, 8)
  const parts = [
    sql`integration_id = ${integrationId} AND revision = ${revision}`,
    ...(group === undefined ? [] : [sql`(name = ${group} OR (name > ${`${group}.`} AND name < ${`${group}/`}))`]),
    ...(effect === undefined ? [] : [sql`effect = ${effect}`]),
    ...words.map((word) => sql`instr(lower(name || ' ' || operation || ' ' || summary), ${word.toLowerCase()}) > 0`),
  ]
  return sql.join(parts, sql` AND `)
}

/** Groups of a revision that is not in force, with how many of their tools match and are chosen. */
export function listPendingGroups(db: Database, pending: InForce, filter: PendingFilter) {
  return db.all<{ name: string; count: number; chosen: number }>(sql`
    SELECT iif(instr(name, '.') > 0, substr(name, 1, instr(name, '.') - 1), name) AS name, count(*) AS count,
      sum(is_chosen) AS chosen FROM tools WHERE ${pendingWhere(pending, filter)} GROUP BY 1 ORDER BY 1`)
}

/** By name; `after` is the last name of the page before. */
export function listPendingTools(
  db: Database,
  pending: InForce,
  { after, limit, ...filter }: PendingFilter & { after?: string; limit: number },
): Promise<PendingTool[]> {
  return db
    .select({
      name: tools.name,
      operation: tools.operation,
      summary: tools.summary,
      effect: tools.effect,
      isDeprecated: tools.isDeprecated,
      isChosen: tools.isChosen,
    })
    .from(tools)
    .where(and(pendingWhere(pending, filter), after === undefined ? undefined : gt(tools.name, after)))
    .orderBy(asc(tools.name))
    .limit(limit)
}

/** Chooses, or not, all tools of a revision that match and whose import still waits for a person. */
export function chooseTools(
  db: Database,
  pending: InForce,
  { names, ...filter }: PendingFilter & { /** Only these. */ names?: readonly string[] },
  isChosen: boolean,
) {
  const only = names === undefined ? sql`` : sql` AND name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`
  return statement(
    db,
    sql`UPDATE tools SET is_chosen = ${isChosen ? 1 : 0} WHERE ${pendingWhere(pending, filter)}${only}
      AND EXISTS (SELECT 1 FROM imports WHERE integration_id = ${pending.integrationId}
        AND revision = ${pending.revision} AND state IN ('reading', 'read'))`,
  )
}
