import { type SQL, sql } from 'drizzle-orm'
import type { JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from './database.ts'
import { isReference, referredName } from './schema-references.ts'

/** The schemas of a tool that mark something as secret. */
export interface SecretSchemas {
  input: JsonSchema
  output: JsonSchema | null
  /** What both refer to as `#/$defs/<name>`. */
  definitions: Record<string, JsonSchema>
}

/** Shared schemas that are looked through for a page of calls, the nearest to the tools first. */
const MOST_SCHEMAS = 5_000

/**
 * Of these tools, by their addresses (`github.issues.create`), those in force whose schemas mark something as
 * `writeOnly` or `format: password`. One statement; most tools do not, and then nothing of them is read out.
 */
export async function readSecretSchemas(
  db: Database,
  addresses: Iterable<string>,
): Promise<Map<string, SecretSchemas>> {
  const asked = JSON.stringify([...new Set(addresses)])
  const found = new Map<string, SecretSchemas>()
  if (asked === '[]') return found
  const rows = await db.all<{ address: string; name: string | null; body: string }>(sql`
    WITH RECURSIVE asked AS MATERIALIZED (
      SELECT asked.value AS address, tools.* FROM json_each(${asked}) AS asked
      CROSS JOIN integrations ON slug = substr(asked.value, 1, instr(asked.value, '.') - 1)
      CROSS JOIN tools ON integration_id = integrations.id AND tools.revision = integrations.revision
        AND tools.name = substr(asked.value, instr(asked.value, '.') + 1)),
    reached (address, integration_id, revision, name) AS (
      SELECT address, integration_id, revision, ${referredName} FROM asked,
        json_tree(json_array(json(input_schema), json(output_schema))) AS tree WHERE ${isReference}
      UNION
      SELECT address, schemas.integration_id, schemas.revision, ${referredName}
        FROM reached CROSS JOIN schemas ON schemas.integration_id = reached.integration_id
          AND schemas.revision = reached.revision AND schemas.name = reached.name,
        json_tree(body) AS tree WHERE ${isReference}
      LIMIT ${MOST_SCHEMAS}),
    used AS MATERIALIZED (SELECT address, schemas.name, body FROM reached CROSS JOIN schemas
      ON schemas.integration_id = reached.integration_id AND schemas.revision = reached.revision
      AND schemas.name = reached.name),
    secret AS MATERIALIZED (
      SELECT * FROM asked WHERE ${marksSecret(sql`input_schema || coalesce(output_schema, '')`)}
        OR EXISTS (SELECT 1 FROM used WHERE used.address = asked.address AND ${marksSecret(sql`body`)}))
    SELECT address, NULL AS name, json_object('input', json(input_schema), 'output', json(output_schema)) AS body
      FROM secret
    UNION ALL
    SELECT address, name, body FROM used WHERE address IN (SELECT address FROM secret)`)
  for (const { address, name, body } of rows) {
    if (name === null) found.set(address, { ...JSON.parse(body), definitions: Object.create(null) })
  }
  for (const { address, name, body } of rows) {
    const schemas = found.get(address)
    if (name !== null && schemas !== undefined) schemas.definitions[name] = JSON.parse(body)
  }
  return found
}

/** Whether JSON text may have one of the marks; that it has is for whoever reads it. */
function marksSecret(text: SQL): SQL {
  return sql`(instr(${text}, '"writeOnly"') > 0 OR instr(${text}, '"password"') > 0)`
}
