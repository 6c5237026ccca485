// Search as agents and people use it: full-text candidates from D1, ordered here. Two statements: the first asks what the
// index knows of each word, so that the second can ask for rare words first and for what was meant by a mistyped one.
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Effect, ToolErrorShape } from '../../drizzle/shapes.ts'
import {
  catalogOf,
  type CatalogSnapshot,
  integrationsPart,
  type KindedRow,
  rememberedPart,
  rulesPart,
} from '../db/catalog.ts'
import type { Database } from '../db/database.ts'
import { listTools, type ToolSummary } from '../db/tools.ts'
import { type Candidate, findCandidates, sizePart, vocabularyPart } from '../db/tools-index.ts'
import {
  type Caller,
  connectUrlOf,
  decideBeforehand,
  findCatalogIntegration,
  loadCatalog,
  resolveConnection,
  unknownIntegration,
  usableConnections,
} from './catalog.ts'
import { planSearch, queryWords, similarRanges, type WordKnowledge } from './search-plan.ts'
import { rankCandidates } from './search-rank.ts'
import { spacedWords } from './words.ts'

export interface SearchDeps {
  db: Database
  /** Executor's own, for links. */
  origin: string
}

/** What a caller may ask, from wherever. `limit` is 8 when not given, at most 50; `cursor` the `next` of the page before. */
export const searchQuestion = z.object({
  query: z.string().optional(),
  integration: z.string().optional(),
  limit: z.number().optional(),
  cursor: z.string().optional(),
})

export interface SearchInput extends z.infer<typeof searchQuestion> {
  principal: Caller
  /** What was loaded already; saves reading it again. */
  catalog?: CatalogSnapshot
}

export interface SearchHit {
  /** `github.issues.create` */
  address: string
  summary: string
  signature: string
  effect: Effect
  needsApproval: boolean
  needsConnection: boolean
  /** Where a person adds the connection that is needed. */
  connectUrl?: string
}

export interface SearchResult {
  hits: SearchHit[]
  /** Cursor of the next page; absent on the last one. */
  next?: string
  /** How many hits there are on all pages, where that is known. */
  total?: number
  /** Without query and integration: what there is. */
  integrations?: IntegrationSummary[]
  /** What was wrong with the question; there are no hits then. */
  error?: ToolErrorShape
}

export interface IntegrationSummary {
  slug: string
  title: string
  description: string
  toolCount: number
  needsConnection: boolean
  connectUrl?: string
}

const DEFAULT_LIMIT = 8
const MAX_LIMIT = 50
const CANDIDATES_PER_EXPRESSION = 40
/** Of what is asked; the rest says nothing more. */
const LONGEST_QUERY = 1_000
const LONGEST_SLUG = 100

export async function searchTools(deps: SearchDeps, input: SearchInput): Promise<SearchResult> {
  const query = readQuery((input.query ?? '').slice(0, LONGEST_QUERY))
  const limit = Math.min(Math.max(Math.trunc(input.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT)
  const position = readCursor(input.cursor)
  if (position === null) return { hits: [], error: invalidCursor() }
  const integration = input.integration?.slice(0, LONGEST_SLUG)
  if (query !== '') return searchWords(deps, { ...input, integration, query, limit, position })
  const catalog = input.catalog ?? (await loadCatalog(deps.db, input.principal))
  if (integration === undefined) return listAll(deps, { ...input, limit, position }, catalog)
  return browse(deps, { ...input, integration, limit, position }, catalog)
}

type Asked = SearchInput & { limit: number; position: string }

async function searchWords(deps: SearchDeps, asked: Asked & { query: string }): Promise<SearchResult> {
  const { db } = deps
  const { query, integration, catalog, limit } = asked
  const words = queryWords(query)
  const first = await db.all<KindedRow>(sql`
    ${vocabularyPart(words.map((word) => ({ stem: word.stem, ranges: similarRanges(word.stem) })))}
    UNION ALL ${sizePart()}
    ${catalog === undefined ? sql`UNION ALL ${rulesPart()} UNION ALL ${rememberedPart(asked.principal.id, Date.now())}` : sql``}
    ${catalog === undefined && integration !== undefined ? sql`UNION ALL ${integrationsPart(sql`slug = ${integration}`)}` : sql``}`)
  const known = catalog ?? catalogOf(first)
  if (integration !== undefined && findCatalogIntegration(known, integration) === undefined) {
    return { hits: [], error: unknownIntegration(catalog ?? (await loadCatalog(db, asked.principal)), integration) }
  }
  const plan = planSearch(query, words, knowledgeOf(first))
  if (plan === null) return { hits: [], total: 0 }

  const second = await findCandidates(db, {
    expressions: plan.expressions,
    perExpression: CANDIDATES_PER_EXPRESSION,
    withCatalog: catalog === undefined,
    ...(integration !== undefined && { integration }),
  })
  const found = catalog ?? { ...catalogOf(second), rules: known.rules, remembered: known.remembered }
  const candidates = second.flatMap((row): Candidate[] => (row.kind === 'tool' ? [JSON.parse(row.body)] : []))
  const size = Number(first.find((row) => row.kind === 'size')?.body)
  const hits = rankCandidates(query, plan.words, candidates, size).flatMap(({ candidate }) =>
    hitOf(deps, asked.principal, found, candidate.integration, candidate),
  )
  const start = Number(asked.position) || 0
  const end = start + limit
  return {
    hits: hits.slice(start, end),
    total: hits.length,
    ...(end < hits.length && { next: writeCursor(String(end)) }),
  }
}

function knowledgeOf(rows: readonly KindedRow[]): WordKnowledge[] {
  const knowledge: WordKnowledge[] = []
  for (const row of rows) {
    if (row.kind !== 'word') continue
    const known: WordKnowledge & { index: number } = JSON.parse(row.body)
    knowledge[known.index] = known
  }
  return knowledge
}

/** The tools of one integration by name. Blocked ones are left out, so a page may be shorter than its limit. */
async function browse(
  deps: SearchDeps,
  { principal, integration: slug, limit, position }: Asked & { integration: string },
  catalog: CatalogSnapshot,
): Promise<SearchResult> {
  const integration = findCatalogIntegration(catalog, slug)
  if (integration === undefined) return { hits: [], error: unknownIntegration(catalog, slug) }
  const inForce = { integrationId: integration.id, revision: integration.revision }
  const rows = await listTools(deps.db, inForce, { limit: limit + 1, ...(position !== '' && { after: position }) })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    hits: page.flatMap((tool) => hitOf(deps, principal, catalog, slug, tool)),
    total: integration.toolCount,
    ...(rows.length > limit && last !== undefined && { next: writeCursor(last.name) }),
  }
}

function listAll(deps: SearchDeps, { principal, limit, position }: Asked, catalog: CatalogSnapshot): SearchResult {
  const rest = catalog.integrations.filter((integration) => integration.slug > position)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return {
    hits: [],
    total: catalog.integrations.length,
    integrations: page.map(({ slug, title, description, toolCount }) => ({
      slug,
      title,
      description,
      toolCount,
      ...connectionMark(deps, principal, catalog, slug),
    })),
    ...(rest.length > limit && last !== undefined && { next: writeCursor(last.slug) }),
  }
}

/** Empty when the tool is blocked: what an agent may not use, it does not see. */
function hitOf(
  deps: SearchDeps,
  principal: Caller,
  catalog: CatalogSnapshot,
  slug: string,
  tool: Pick<ToolSummary, 'integrationId' | 'name' | 'summary' | 'signature' | 'effect'>,
): SearchHit[] {
  const resolved = resolveConnection(catalog, principal, slug, undefined, deps.origin)
  const usable = usableConnections(catalog, principal, tool.integrationId)
  const decision = decideBeforehand(catalog, resolved, usable, {
    integration: slug,
    name: tool.name,
    effect: tool.effect,
  })
  if (decision.action === 'block') return []
  return [
    {
      address: `${slug}.${tool.name}`,
      summary: tool.summary,
      signature: tool.signature,
      effect: tool.effect,
      needsApproval: decision.action === 'require_approval',
      ...connectionMark(deps, principal, catalog, slug),
    },
  ]
}

function connectionMark(
  deps: SearchDeps,
  principal: Caller,
  catalog: CatalogSnapshot,
  slug: string,
): { needsConnection: boolean; connectUrl?: string } {
  const resolved = resolveConnection(catalog, principal, slug, undefined, deps.origin)
  const isMissing = !resolved.ok && resolved.error.code === 'connection_missing'
  return { needsConnection: isMissing, ...(isMissing && { connectUrl: connectUrlOf(slug, deps.origin) }) }
}

/** An address is taken apart as the names in the index are; a connection in it says nothing of what the tool does. */
function readQuery(query: string): string {
  const text = query.trim()
  return /^\S+\.\S+$/.test(text) ? spacedWords(text.replace(/@[^.]*/, '')) : text
}

function writeCursor(position: string): string {
  return Buffer.from(position).toString('base64url')
}

/** Empty for the first page; null for what is no cursor of ours. */
function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined || cursor === '') return ''
  const position = Buffer.from(cursor.slice(0, 400), 'base64url').toString()
  return position !== '' && writeCursor(position) === cursor ? position : null
}

function invalidCursor(): ToolErrorShape {
  return { code: 'invalid_cursor', message: 'This cursor is not one that search gave. Leave it out to begin again.' }
}
