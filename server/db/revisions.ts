// Two revisions of one integration beside each other: the one in force, and one that waits.
import { sql } from 'drizzle-orm'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { isReference, referredName } from './schema-references.ts'
import type { ToolRow } from './tools.ts'

export interface TwoRevisions {
  integrationId: string
  /** In force. */
  before: number
  after: number
  /** Whether words of documentation make a difference too. */
  withWords?: boolean
}

export type ComparedTool = Pick<
  ToolRow,
  'name' | 'operation' | 'effect' | 'isDeprecated' | 'inputSchema' | 'outputSchema' | 'origin' | 'binding'
>

/** Chosen tools of one revision whose operation the other does not have, or has and does not choose. */
export async function listToolsOnlyIn(
  db: Database,
  { integrationId, before, after }: TwoRevisions,
  which: 'before' | 'after',
): Promise<string[]> {
  const [here, there] = which === 'before' ? [before, after] : [after, before]
  const rows = await db.all<{ name: string }>(sql`SELECT name FROM tools WHERE integration_id = ${integrationId}
    AND revision = ${here} AND is_chosen AND operation NOT IN (SELECT operation FROM tools
      WHERE integration_id = ${integrationId} AND revision = ${there} AND is_chosen) ORDER BY name`)
  return rows.map(({ name }) => name)
}

const PAIRS_READ = 200

/** Tools chosen in both revisions that are not stored alike, page by page. */
export async function* differingTools(
  db: Database,
  { integrationId, before, after, withWords = false }: TwoRevisions,
): AsyncGenerator<[before: ComparedTool, after: ComparedTool]> {
  for (let last = ''; ;) {
    const rows = await db.all<{ name: string; before: string; after: string }>(sql`
      SELECT after.name, ${sql.raw(comparedJson('before'))} AS before, ${sql.raw(comparedJson('after'))} AS after
      FROM tools AS after CROSS JOIN tools AS before ON before.integration_id = after.integration_id
        AND before.revision = ${before} AND before.operation = after.operation
      WHERE after.integration_id = ${integrationId} AND after.revision = ${after} AND after.is_chosen
        AND before.is_chosen AND after.name > ${last} AND (before.effect <> after.effect OR before.is_deprecated <> after.is_deprecated
          OR before.input_schema <> after.input_schema OR before.output_schema IS NOT after.output_schema
          OR before.origin IS NOT after.origin OR before.binding <> after.binding
          OR (${withWords} AND before.description <> after.description))
      ORDER BY after.name LIMIT ${PAIRS_READ}`)
    for (const row of rows) yield [JSON.parse(row.before), JSON.parse(row.after)]
    if (rows.length < PAIRS_READ) return
    last = rows.at(-1)?.name ?? last
  }
}

function comparedJson(table: 'before' | 'after'): string {
  const column = (name: string) => `${table}.${name}`
  return `json_object('name', ${column('name')}, 'operation', ${column('operation')}, 'effect', ${column('effect')},
    'isDeprecated', json(iif(${column('is_deprecated')}, 'true', 'false')), 'origin', ${column('origin')},
    'inputSchema', json(${column('input_schema')}), 'outputSchema', json(${column('output_schema')}),
    'binding', json(${column('binding')}))`
}

/** Shared schemas of both revisions that are not stored alike, page by page. */
export async function* differingSchemas(
  db: Database,
  { integrationId, before, after }: TwoRevisions,
): AsyncGenerator<{ name: string; before: JsonSchema; after: JsonSchema }> {
  for (let last = ''; ;) {
    const rows = await db.all<{ name: string; before: string; after: string }>(sql`
      SELECT after.name, before.body AS before, after.body AS after FROM schemas AS after CROSS JOIN schemas AS before
        ON before.integration_id = after.integration_id AND before.revision = ${before} AND before.name = after.name
      WHERE after.integration_id = ${integrationId} AND after.revision = ${after} AND after.name > ${last}
        AND before.body <> after.body ORDER BY after.name LIMIT ${PAIRS_READ}`)
    for (const { name, ...row } of rows) yield { name, before: JSON.parse(row.before), after: JSON.parse(row.after) }
    if (rows.length < PAIRS_READ) return
    last = rows.at(-1)?.name ?? last
  }
}

/** Chosen tools of the newer revision that reach one of these shared schemas, directly or through others. */
export async function listToolsReaching(
  db: Database,
  { integrationId, after }: TwoRevisions,
  schemaNames: readonly string[],
): Promise<string[]> {
  if (schemaNames.length === 0) return []
  const refersTo = (body: string, target: string) => sql`EXISTS (SELECT 1 FROM json_tree(${sql.raw(body)}) AS tree
    WHERE ${isReference} AND ${referredName} = ${sql.raw(target)})`
  const own = (table: string) =>
    sql`${sql.raw(table)}.integration_id = ${integrationId} AND ${sql.raw(table)}.revision = ${after}`
  const rows = await db.all<{ name: string }>(sql`
    WITH RECURSIVE links (user, used) AS MATERIALIZED (
      SELECT schemas.name, ${referredName} FROM schemas, json_tree(schemas.body) AS tree
      WHERE ${own('schemas')} AND ${isReference}),
    reaching (name) AS (SELECT value FROM json_each(${JSON.stringify(schemaNames)})
      UNION SELECT user FROM reaching CROSS JOIN links ON used = reaching.name)
    SELECT tools.name FROM tools WHERE ${own('tools')} AND is_chosen AND EXISTS (SELECT 1 FROM reaching
      WHERE ${refersTo('tools.input_schema', 'reaching.name')} OR ${refersTo('tools.output_schema', 'reaching.name')})
    ORDER BY tools.name`)
  return rows.map(({ name }) => name)
}
