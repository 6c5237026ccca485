// Pages as the GraphQL Cursor Connections Specification has them.
import { type CursorOrder, pageAfter } from '../paging.ts'
import { refusal } from './context.ts'

export interface PageArguments {
  first?: number | null
  after?: string | null
}

const MAX_FIRST = 100

export function connection<T>(
  items: readonly T[],
  { first, after }: PageArguments,
  order: CursorOrder<T>,
  nodeOf: (item: T) => unknown,
) {
  const limit = first ?? 25
  if (limit < 1 || limit > MAX_FIRST) throw refusal('BAD_USER_INPUT', `first must be from 1 to ${MAX_FIRST}.`)
  const page = pageAfter(items, { limit, cursor: after ?? undefined }, order)
  if (page === null) throw refusal('BAD_USER_INPUT', 'after is not a cursor of this list.')
  const edges = page.entries.map(({ item, cursor }) => ({ cursor, node: nodeOf(item) }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: page.total,
  }
}
