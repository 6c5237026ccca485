// The full-text index: `tools_fts` (rowid is tools.id; tools in force only) and `tools_vocab`, the words in it.
import { type SQL, sql } from 'drizzle-orm'
import type { Effect } from '../../drizzle/shapes.ts'
import { connectionsPart, integrationsPart, type KindedRow } from './catalog.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'
import type { InForce } from './tools.ts'

/** Indexes what was chosen of a revision that is put in force. */
export function indexTools(db: Database, { integrationId, revision }: InForce) {
  return statement(
    db,
    sql`
    INSERT INTO tools_fts (rowid, integration, name, summary, path, parameters, description)
    SELECT tools.id, integrations.slug, search_words ->> 'name', tools.summary, search_words ->> 'path',
           search_words ->> 'parameters', tools.description
    FROM tools JOIN integrations ON integrations.id = tools.integration_id
    WHERE tools.integration_id = ${integrationId} AND tools.revision = ${revision} AND is_chosen`,
  )
}

/** Takes everything of an integration out of the index; before its tools are deleted, which say what that is. */
export function unindexTools(db: Database, integrationId: string) {
  return statement(
    db,
    sql`DELETE FROM tools_fts
    WHERE rowid IN (SELECT id FROM tools WHERE integration_id = ${integrationId})`,
  )
}

/** A tool that matched, with the texts that ranking looks at. */
export interface Candidate {
  integrationId: string
  integration: string
  name: string
  operation: string
  summary: string
  /** The first 400 characters. */
  description: string
  /** The first 600 characters of the words of its parameters. */
  parameters: string
  effect: Effect
  isDeprecated: boolean
  signature: string
}

/** Bounds what looking for one word can read, however many terms begin like it. */
const TERMS_READ = 400
const SIMILAR_TERMS = 400
const LONGER_TERMS = 12

/**
 * What the index knows of some words, as a part of a combined statement (catalog.ts): for each word its frequency, the
 * terms that begin with it, and, for an unknown word, terms whose first letters are alike and whose length is.
 */
export function vocabularyPart(words: readonly { stem: string; ranges: readonly string[] }[]): SQL {
  const asked = words.map(({ stem, ranges }, index) => ({ index, stem, end: `${stem}\u{10ffff}`, ranges }))
  return sql`SELECT 'word' AS kind, json_object('index', word.value ->> 'index',
    'count', coalesce((SELECT doc FROM tools_vocab WHERE term = word.value ->> 'stem'), 0),
    'longer', (SELECT json_group_array(json_object('term', term, 'count', doc)) FROM (SELECT * FROM
      (SELECT term, doc FROM tools_vocab WHERE length(word.value ->> 'stem') > 2
         AND term > word.value ->> 'stem' AND term < word.value ->> 'end' LIMIT ${TERMS_READ})
      ORDER BY doc DESC LIMIT ${LONGER_TERMS})),
    'similar', (SELECT json_group_array(json_object('term', term, 'count', doc)) FROM (SELECT * FROM
      (SELECT term, doc FROM json_each(word.value -> 'ranges') AS start CROSS JOIN tools_vocab
         WHERE NOT EXISTS (SELECT 1 FROM tools_vocab WHERE term = word.value ->> 'stem')
         AND term >= start.value AND term < start.value || char(1114111) LIMIT ${TERMS_READ})
      WHERE abs(length(term) - length(word.value ->> 'stem')) <= 2
      ORDER BY doc DESC LIMIT ${SIMILAR_TERMS}))) AS body
    FROM json_each(${JSON.stringify(asked)}) AS word`
}

/** Weights of bm25 by column: integration, name, summary, path, parameters, description. */
const WEIGHTS = 'bm25(2.0, 8.0, 6.0, 4.0, 1.0, 1.5)'

/** How many tools there are, about: what ranking compares frequencies with. */
export function sizePart(): SQL {
  return sql`SELECT 'size' AS kind, CAST(coalesce(max(id), 0) AS TEXT) AS body FROM tools`
}

/**
 * The best tools for each of some full-text expressions, as rows of one statement; with `withCatalog` also the
 * integrations and the connections of what was found. `integration` narrows it to one slug.
 */
export function findCandidates(
  db: Database,
  options: { expressions: readonly string[]; perExpression: number; integration?: string; withCatalog: boolean },
): Promise<KindedRow[]> {
  const { expressions, perExpression, integration, withCatalog } = options
  const within = integration === undefined ? '' : `integration : "${integration.replaceAll('"', '')}" AND `
  const asked = JSON.stringify(expressions.map((expression) => `${within}(${expression})`))
  const involved = (column: SQL) => sql`${column} IN (SELECT integration_id FROM found)`
  return db.all<KindedRow>(sql`
    WITH found AS MATERIALIZED (
      SELECT tools.*, slug FROM tools CROSS JOIN integrations ON integrations.id = integration_id
      WHERE tools.id IN (
        SELECT matched.value FROM json_each(${asked}) AS expression, json_each((
          SELECT json_group_array(rowid) FROM (
            SELECT rowid FROM tools_fts WHERE tools_fts MATCH expression.value AND rank MATCH ${WEIGHTS}
            ORDER BY rank LIMIT ${perExpression}))) AS matched)
        ${integration === undefined ? sql`` : sql`AND slug = ${integration}`})
    SELECT 'tool' AS kind, json_object('integrationId', integration_id, 'integration', slug, 'name', name,
      'operation', operation, 'summary', summary, 'description', substr(description, 1, 400),
      'parameters', substr(search_words ->> 'parameters', 1, 600), 'effect', effect,
      'isDeprecated', json(iif(is_deprecated, 'true', 'false')), 'signature', signature) AS body FROM found
    ${
      withCatalog
        ? sql`UNION ALL ${integrationsPart(involved(sql`id`))}
              UNION ALL ${connectionsPart(involved(sql`integration_id`))}`
        : sql``
    }`)
}
