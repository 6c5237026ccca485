import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { retiredTools, tools } from '../../drizzle/schema.ts'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { isAttemptAlive, type Attempt } from './imports.ts'
import { isReference, referredName } from './schema-references.ts'
import { statement } from './statement.ts'

export type ToolRow = typeof tools.$inferSelect
export type NewTool = Omit<ToolRow, 'id' | 'integrationId' | 'revision'>

/** A tool in force, as lists show it. */
export type ToolSummary = Pick<
  ToolRow,
  'name' | 'operation' | 'summary' | 'effect' | 'isDeprecated' | 'signature' | 'integrationId'
>

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

/**
 * The name that each operation has: in a new revision, in the one in force, or had before it was retired. So many of
 * them, behind the first `offset`.
 */
export function listToolNames(
  db: Database,
  { integrationId, revision }: InForce,
  { limit, offset }: { limit: number; offset: number },
) {
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
    .orderBy(sql`1`, sql`2`)
    .limit(limit)
    .offset(offset)
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

export function deleteRetiredTools(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM retired_tools WHERE integration_id = ${integrationId}`)
}

/** Every tool in force, by the slug of its integration and its own name: one statement, however many integrations. */
export function listNamesInForce(db: Database) {
  return db.all<{ integration: string; name: string }>(sql`
    SELECT slug AS integration, name FROM integrations CROSS JOIN tools ON integration_id = integrations.id
      AND tools.revision = integrations.revision AND is_chosen ORDER BY slug, name`)
}

/** The first segment of a tool's name. */
export const groupOfName = sql`iif(instr(name, '.') > 0, substr(name, 1, instr(name, '.') - 1), name)`

/** '/' follows '.': everything that starts with `group.`, found through the index. */
export function isInGroup(group: string): SQL {
  return sql`(name = ${group} OR (name > ${`${group}.`} AND name < ${`${group}/`}))`
}

/** First segments of the tool names, in order, with how many tools each holds. */
export function listToolGroups(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ name: string; count: number }>(sql`
    SELECT ${groupOfName} AS name, count(*) AS count
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
        page.group === undefined ? undefined : isInGroup(page.group),
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

function referencesIn(trees: SQL): SQL {
  return sql`SELECT ${referredName} AS name FROM ${trees} AS tree WHERE ${isReference}`
}
