import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { tools } from '../../drizzle/schema.ts'
import type { JsonSchema } from '../../drizzle/shapes.ts'
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

/** Names that shut a tool's address: the integration and the revision of it that is in force. */
export interface InForce {
  integrationId: string
  revision: number
}

/** No tool has a longer name; what is longer is not looked for. */
const LONGEST_NAME = 1_000

/** How many names of an integration are compared with an unknown one. */
const NAMES_COMPARED = 5_000

/** `rows` is a JSON array of `NewTool` that fits a parameter. */
export function insertTools(db: Database, attempt: Attempt, rows: string) {
  return statement(
    db,
    sql`
    INSERT INTO tools (integration_id, revision, name, operation, summary, description, effect, is_deprecated,
                       signature, input_schema, output_schema, schema_names, binding, search_words)
    SELECT ${attempt.integrationId}, ${attempt.revision}, value ->> 'name', value ->> 'operation', value ->> 'summary',
           value ->> 'description', value ->> 'effect', value ->> 'isDeprecated', value ->> 'signature',
           value -> 'inputSchema', nullif(value -> 'outputSchema', 'null'), value -> 'schemaNames', value -> 'binding',
           value -> 'searchWords'
    FROM json_each(${rows}) WHERE ${isAttemptAlive(attempt)}`,
  )
}

/** Every revision but the one that this attempt puts in force, or (`failed`) just that one. */
export function deleteToolRevisions(db: Database, attempt: Attempt, which: 'earlier' | 'failed') {
  return statement(
    db,
    sql`DELETE FROM tools WHERE integration_id = ${attempt.integrationId}
    AND revision ${which === 'earlier' ? sql`<>` : sql`=`} ${attempt.revision} AND ${isAttemptAlive(attempt)}`,
  )
}

export function deleteToolsOf(db: Database, integrationId: string) {
  return statement(db, sql`DELETE FROM tools WHERE integration_id = ${integrationId}`)
}

/** Which name each operation has in a revision. */
export function listToolNames(
  db: Database,
  { integrationId, revision }: InForce,
): Promise<{ operation: string; name: string }[]> {
  return db
    .select({ operation: tools.operation, name: tools.name })
    .from(tools)
    .where(and(eq(tools.integrationId, integrationId), eq(tools.revision, revision)))
}

/** Every tool in force, by the slug of its integration and its own name: one statement, however many integrations. */
export function listNamesInForce(db: Database) {
  return db.all<{ integration: string; name: string }>(sql`
    SELECT slug AS integration, name FROM integrations CROSS JOIN tools ON integration_id = integrations.id
      AND tools.revision = integrations.revision ORDER BY slug, name`)
}

/** First segments of the tool names, in order, with how many tools each holds. */
export function listToolGroups(db: Database, { integrationId, revision }: InForce) {
  return db.all<{ name: string; count: number }>(sql`
    SELECT iif(instr(name, '.') > 0, substr(name, 1, instr(name, '.') - 1), name) AS name, count(*) AS count
    FROM tools WHERE integration_id = ${integrationId} AND revision = ${revision} GROUP BY 1 ORDER BY 1`)
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
 * One tool and the shared schemas it needs, in one statement: all of them, or only what its input reaches (for a call).
 * For an unknown name: the names there are, for a suggestion.
 */
export async function readTool(
  db: Database,
  { integrationId, revision }: InForce,
  name: string,
  wanted: 'all' | 'input',
): Promise<
  | { tool: ToolRow; schemas: Record<string, JsonSchema>; /** Characters of both as JSON. */ weight: number }
  | { tool: null; names: string[] }
> {
  if (name.length > LONGEST_NAME) return { tool: null, names: [] }
  const own = sql`integration_id = ${integrationId} AND revision = ${revision}`
  const rows = await db.all<{ kind: 'tool' | 'schema' | 'name'; name: string; body: string | null }>(sql`
    WITH tool AS (SELECT * FROM tools WHERE ${own} AND name = ${name})
    SELECT 'tool' AS kind, name, json_object(
      'id', id, 'integrationId', integration_id, 'revision', revision, 'name', name, 'operation', operation,
      'summary', summary, 'description', description, 'effect', effect,
      'isDeprecated', json(iif(is_deprecated, 'true', 'false')), 'signature', signature,
      'inputSchema', json(input_schema), 'outputSchema', json(output_schema), 'schemaNames', json(schema_names),
      'binding', json(binding), 'searchWords', json(search_words)) AS body FROM tool
    UNION ALL
    SELECT 'schema', name, body FROM schemas WHERE ${own}
      AND name IN (SELECT names.value FROM tool, json_each(tool.schema_names) AS names
                   ${wanted === 'input' ? sql`WHERE instr(tool.input_schema, '"$ref"') > 0` : sql``})
    UNION ALL
    SELECT * FROM (SELECT 'name', name, NULL FROM tools WHERE ${own} AND NOT EXISTS (SELECT 1 FROM tool)
                   LIMIT ${NAMES_COMPARED})`)

  const found = rows.find((row) => row.kind === 'tool')
  if (found === undefined || found.body === null) return { tool: null, names: rows.map((row) => row.name) }
  const schemas: Record<string, JsonSchema> = Object.create(null)
  for (const row of rows) if (row.kind === 'schema' && row.body !== null) schemas[row.name] = JSON.parse(row.body)
  const tool: ToolRow = JSON.parse(found.body)
  return { tool, schemas, weight: rows.reduce((sum, row) => sum + (row.body?.length ?? 0), 0) }
}
