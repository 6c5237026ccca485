// What a document would become: the adapter reads all of it, and only the counts are kept.
import type { Effect, ImportPreview, Skipped } from '../../drizzle/shapes.ts'
import { DocumentError } from '../integrations/document-error.ts'
import type { Adapter, Fetch, Source } from '../integrations/adapter.ts'
import { takingTurns } from './taking-turns.ts'

const SKIPPED_SHOWN = 200
const GROUPS_SHOWN = 500
const DESCRIPTION_LENGTH = 4_000

export type Summary = Omit<ImportPreview, 'suggestedSlug' | 'documentBytes'>

/** Throws what the adapter throws: `DocumentError`, or `OutboundError` for something the document refers to. */
export async function summariseDocument(adapter: Adapter, source: Source, fetch: Fetch): Promise<Summary> {
  const effects: Record<Effect, number> = { read: 0, write: 0, destructive: 0 }
  const groups = new Map<string, number>()
  const skipped: Skipped[] = []
  let skippedCount = 0
  let about:
    | Pick<Summary, 'title' | 'description' | 'version' | 'servers' | 'authMethods' | 'operationCount'>
    | undefined

  for await (const found of takingTurns(adapter.discover(source, fetch))) {
    if (found.type === 'about') {
      const { title, description, version, servers, authMethods, operationCount } = found
      about = {
        title,
        description: description.slice(0, DESCRIPTION_LENGTH),
        version,
        servers,
        authMethods,
        operationCount,
      }
    } else if (found.type === 'tool') {
      effects[found.effect]++
      const group = found.suggestedName.split('.')[0] ?? ''
      groups.set(group, (groups.get(group) ?? 0) + 1)
    } else if (found.type === 'skipped') {
      skippedCount++
      if (skipped.length < SKIPPED_SHOWN) skipped.push({ place: found.place, reason: found.reason })
    }
  }
  if (about === undefined) throw new DocumentError('empty', 'The document describes nothing.')
  const named = [...groups].map(([name, count]) => ({ name, count }))
  named.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  return { kind: adapter.kind, ...about, effects, groups: named.slice(0, GROUPS_SHOWN), skipped, skippedCount }
}
