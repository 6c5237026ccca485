// What a new version of a document changes, page by page, with the differences of each tool in words.
import type { Database } from '../../../server/db/database.ts'
import { findImport, type ImportRow } from '../../../server/db/imports.ts'
import type { IntegrationRow } from '../../../server/db/integrations.ts'
import { readTool } from '../../../server/db/tools.ts'
import { changesInWords } from '../../../server/tools/imports/changes-in-words.ts'
import { changesOf, readsWords } from '../../../server/tools/imports/compare.ts'

const WORDED_AT_ONCE = 10
const NAMES_AT_ONCE = 100
const WAYS = ['changed', 'added', 'removed'] as const

export async function loadReview(db: Database, integration: IntegrationRow, row: ImportRow, search: URLSearchParams) {
  const [changes, inForce] = await Promise.all([
    changesOf(db, integration, row),
    integration.importId === null ? undefined : findImport(db, integration.importId),
  ])
  const counts = { added: changes.added.length, changed: changes.changed.length, removed: changes.removed.length }
  const asked = WAYS.find((way) => way === search.get('show'))
  const shown = asked ?? WAYS.find((way) => counts[way] > 0) ?? 'changed'
  const size = shown === 'changed' ? WORDED_AT_ONCE : NAMES_AT_ONCE
  const from = Math.max(0, Number(search.get('from')) || 0)
  const names = changes[shown].slice(from, from + size)
  const entries =
    shown === 'changed'
      ? await Promise.all(names.map((name) => worded(db, integration, row, name)))
      : names.map((name) => ({ name, words: [] }))
  const next = from + size < changes[shown].length ? from + size : null
  return {
    /** The document in force, read again for another choice of its operations. */
    isSame: row.validators !== null && row.validators.hash === integration.validators?.hash,
    counts,
    shown,
    entries,
    next,
    isFirstPage: from === 0,
    origins: changes.origins,
    said: readsWords(integration) ? otherDescription(integration, row) : null,
    slug: integration.slug,
    baseUrl: integration.baseUrl,
    servers: otherServers(inForce, row),
  }
}

export type Review = Awaited<ReturnType<typeof loadReview>>

/** What a server says of itself now, where that is something else. */
function otherDescription({ description, revision }: IntegrationRow, { preview }: ImportRow): string | null {
  const isOther = revision > 0 && preview !== null && preview.description !== description
  return isOther ? preview.description : null
}

/** Where the document says that the API is now, when that is not what it said before. */
function otherServers(before: ImportRow | undefined, after: ImportRow): string[] {
  const urls = (row: ImportRow | undefined) => row?.preview?.servers.map(({ url }) => url) ?? []
  const now = urls(after)
  return before === undefined || urls(before).join(' ') === now.join(' ') ? [] : now
}

async function worded(db: Database, integration: IntegrationRow, row: ImportRow, name: string) {
  const { id, revision } = integration
  const [before, after] = await Promise.all(
    [revision, row.revision].map((one) => readTool(db, { integrationId: id, revision: one }, name, 'all')),
  )
  const words = before?.tool && after?.tool ? changesInWords(before, after, readsWords(integration)) : []
  return { name, words: words.length > 0 ? words : ['It is called in another way.'] }
}
