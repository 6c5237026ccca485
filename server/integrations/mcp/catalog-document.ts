// The document that a server's catalog is stored as, read by position: one tool at a time.
import type { SourceFile } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { own, ownList, ownText, type JsonRecord } from '../json-value.ts'
import { JsonScanner } from '../openapi/json-scanner.ts'
import type { Endpoint } from './wire.ts'

/** The version of its form. */
export const CATALOG_VERSION = 1
/** Members that are read at once. */
const SMALL = ['url', 'transport', 'serverInfo', 'capabilities', 'instructions', 'problems'] as const
const MAX_SMALL_BYTES = 1024 * 1024

export interface CatalogDocument {
  endpoint: Endpoint
  serverInfo: unknown
  capabilities: unknown
  instructions: string
  problems: unknown
  toolCount: number
  /** Parsed when asked for. */
  tool(index: number): unknown
}

/** Whether a document says that it is a catalog of this form. The mark stands first, whoever else has such a member. */
export function detectMcp({ bytes }: SourceFile): boolean {
  return /^\s*\{\s*"mcpCatalog"\s*:/.test(bytes.text(0, Math.min(bytes.length, 200)))
}

export function readCatalogDocument({ bytes }: SourceFile): CatalogDocument {
  const scanner = new JsonScanner(bytes)
  const small = new Map<string, unknown>()
  const places: [start: number, end: number][] = []
  scanner.members(scanner.space(0), (key, at) => {
    if (key === 'tools') {
      return scanner.members(at, (_, start) => {
        const end = scanner.skip(start)
        places.push([start, end])
        return end
      })
    }
    const end = scanner.skip(at)
    if (isSmall(key) && end - at <= MAX_SMALL_BYTES) small.set(key, JSON.parse(bytes.text(at, end)))
    return end
  })
  const all: JsonRecord = Object.fromEntries(small)
  const url = ownText(all, 'url')
  if (!URL.canParse(url)) throw new DocumentError('not_mcp', 'The catalog does not say which server it is of.')
  return {
    endpoint: { url, transport: own(all, 'transport') === 'sse' ? 'sse' : 'http' },
    serverInfo: all.serverInfo,
    capabilities: all.capabilities,
    instructions: ownText(all, 'instructions'),
    problems: all.problems,
    toolCount: places.length,
    tool: (index) => {
      const [start, end] = places[index] ?? [0, 0]
      return end > start ? JSON.parse(bytes.text(start, end)) : undefined
    },
  }
}

function isSmall(key: string | number): key is (typeof SMALL)[number] {
  return SMALL.some((name) => name === key)
}

/** What could not be read of the server when the catalog was. */
export function problemsOf({ problems }: CatalogDocument): { place: string; reason: string }[] {
  return ownList({ problems }, 'problems').map((problem) => ({
    place: ownText(problem, 'place'),
    reason: ownText(problem, 'reason'),
  }))
}
