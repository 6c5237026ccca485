// The two ways that the API pages: numbered pages with a Link header (RFC 8288), and an opaque cursor.
import { z } from 'zod'
import { invalid, ok, type Reply } from './reply.ts'

export const pageQuery = {
  page: z.int().min(1).default(1).describe('Number of the page, from 1.'),
  per_page: z.int().min(1).max(100).default(20).describe('Entries per page.'),
}

export const linkHeaders = {
  Link: {
    description:
      'URLs of the `first`, `prev`, `next` and `last` pages (RFC 8288). Without `next`, this is the last one.',
    schema: z.string(),
  },
  'X-Total-Count': { description: 'Number of entries on all pages.', schema: z.int() },
}

export const cursorQuery = {
  limit: z.int().min(1).max(100).default(25).describe('At most this many entries.'),
  cursor: z.string().optional().describe('`next_cursor` of the previous answer. Leave it out for the first page.'),
}

export function cursorPage(item: z.ZodType) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe('Pass it as `cursor` for the next page; null on the last one.'),
    total: z.int().describe('Number of entries on all pages.'),
  })
}

/** One numbered page as a bare array, with its neighbours in the Link header. */
export function linkPage(
  items: readonly unknown[],
  { page, per_page }: { page: number; per_page: number },
  url: URL,
): Reply {
  const last = Math.max(1, Math.ceil(items.length / per_page))
  const neighbours: [string, number][] = [['first', 1]]
  if (page > 1) neighbours.push(['prev', Math.min(page - 1, last)])
  if (page < last) neighbours.push(['next', page + 1])
  neighbours.push(['last', last])
  const link = neighbours.map(([relation, number]) => `<${pageUrl(url, number, per_page)}>; rel="${relation}"`)
  return ok(items.slice((page - 1) * per_page, page * per_page), {
    link: link.join(', '),
    'x-total-count': String(items.length),
  })
}

/** No link repeats the caller's key. */
function pageUrl(url: URL, page: number, perPage: number): string {
  const target = new URL(url)
  target.searchParams.delete('api_key')
  target.searchParams.set('page', String(page))
  target.searchParams.set('per_page', String(perPage))
  return target.href
}

type SortKey = string | number

export interface CursorOrder<T> {
  keyOf: (item: T) => SortKey
  idOf: (item: T) => SortKey
  isDescending: boolean
}

/**
 * The entries after the cursor, in the order of `keyOf` and then `idOf`; null for what is no cursor. A cursor holds an
 * entry's place and not a count, so that entries that come or go between two pages are neither skipped nor repeated.
 */
export function pageAfter<T>(
  items: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  { keyOf, idOf, isDescending }: CursorOrder<T>,
): { entries: { item: T; cursor: string }[]; hasMore: boolean; total: number } | null {
  const compare = (a: readonly SortKey[], b: readonly SortKey[]) =>
    (compareKeys(a[0] ?? '', b[0] ?? '') || compareKeys(a[1] ?? '', b[1] ?? '')) * (isDescending ? -1 : 1)
  const places = items.map((item) => ({ item, place: [keyOf(item), idOf(item)] }))
  places.sort((a, b) => compare(a.place, b.place))

  const after = cursor === undefined ? null : readCursor(cursor)
  if (after === undefined) return null
  const rest = after === null ? places : places.filter(({ place }) => compare(place, after) > 0)
  const entries = rest.slice(0, limit).map(({ item, place }) => ({ item, cursor: writeCursor(place) }))
  return { entries, hasMore: rest.length > entries.length, total: items.length }
}

export function cursorReply<T>(
  items: readonly T[],
  query: { limit: number; cursor?: string | undefined },
  order: CursorOrder<T>,
  present: (item: T) => unknown,
): Reply {
  const page = pageAfter(items, query, order)
  if (page === null) return invalid('query.cursor', 'is not a cursor of this list')
  const { entries, hasMore, total } = page
  return ok({
    items: entries.map(({ item }) => present(item)),
    next_cursor: hasMore ? (entries.at(-1)?.cursor ?? null) : null,
    total,
  })
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const Place = z.tuple([z.union([z.string(), z.number()]), z.union([z.string(), z.number()])])

function writeCursor(place: readonly SortKey[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function readCursor(cursor: string): SortKey[] | undefined {
  try {
    return Place.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data
  } catch {
    return undefined
  }
}
