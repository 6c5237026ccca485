// Everything that a server lists, read once and as one document, which is stored and read like that of any API.
import { utf8Bytes } from '../../db/json-rows.ts'
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { Fetch } from '../adapter.ts'
import { own, ownList, ownText, isRecord, shorten, type JsonRecord } from '../json-value.ts'
import { isNestedDeeperThan } from '../read-json.ts'
import { anyResult } from './any-result.ts'
import { CATALOG_VERSION } from './catalog-document.ts'
import { failureOf, isMisshapen } from './failure.ts'
import { openSession, type Session } from './session.ts'
import type { Endpoint } from './wire.ts'

export type CatalogReading =
  | { ok: true; bytes: Uint8Array; toolCount: number }
  | { ok: false; error: ToolErrorShape; headers?: Record<string, string> }

const MAX_TOOLS = 10_000
/** Of resources, templates and prompts, each. What there are more of is found by asking for it. */
const MAX_OTHERS = 1000
const MAX_PAGES = 500
const MAX_BYTES = 16 * 1024 * 1024
/** Of one entry. A tool made of more could not be kept. */
const MAX_ENTRY_BYTES = 1024 * 1024
const MAX_DEPTH = 100
const MAX_TEXT = 20_000
const PAGE_MS = 20_000
const WHOLE_MS = 90_000
const MAX_PROBLEMS = 100

interface Section {
  method: string
  /** Of the result, and of the document. */
  key: 'tools' | 'resources' | 'resourceTemplates' | 'prompts'
  capability: 'tools' | 'resources' | 'prompts'
  most: number
}

const SECTIONS: Section[] = [
  { method: 'tools/list', key: 'tools', capability: 'tools', most: MAX_TOOLS },
  { method: 'resources/list', key: 'resources', capability: 'resources', most: MAX_OTHERS },
  { method: 'resources/templates/list', key: 'resourceTemplates', capability: 'resources', most: MAX_OTHERS },
  { method: 'prompts/list', key: 'prompts', capability: 'prompts', most: MAX_OTHERS },
]

/** Connects once and leaves nothing open. What could not be read, or was too much, is in the document's `problems`. */
export async function readCatalog(
  url: string,
  transport: Endpoint['transport'],
  fetch: Fetch,
): Promise<CatalogReading> {
  let session: Session
  try {
    session = await openSession({ url, transport }, fetch)
  } catch (error) {
    return failureOf(error, null)
  }
  try {
    const reader = new CatalogReader(session, Date.now() + WHOLE_MS)
    const lists: [string, string[]][] = []
    for (const section of SECTIONS) lists.push([section.key, await reader.list(section)])
    const head = headOf(session, { url, transport })
    const members = [
      ...Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`),
      ...lists.map(([key, entries]) => `${JSON.stringify(key)}:[\n${entries.join(',\n')}]`),
      `"problems":${JSON.stringify(reader.problems)}`,
    ]
    const bytes = new TextEncoder().encode(`{${members.join(',\n')}}\n`)
    return { ok: true, bytes, toolCount: lists[0]?.[1].length ?? 0 }
  } catch (error) {
    return failureOf(error, session.wire)
  } finally {
    await session.close()
  }
}

function headOf({ client }: Session, endpoint: Endpoint): JsonRecord {
  const info = client.getServerVersion()
  return {
    mcpCatalog: CATALOG_VERSION,
    ...endpoint,
    serverInfo: Object.fromEntries(
      ['name', 'title', 'version', 'description', 'websiteUrl'].flatMap((key) => {
        const text = ownText(info, key)
        return text ? [[key, shorten(text, MAX_TEXT)]] : []
      }),
    ),
    capabilities: Object.fromEntries(Object.keys(client.getServerCapabilities() ?? {}).map((name) => [name, {}])),
    instructions: (client.getInstructions() ?? '').slice(0, MAX_TEXT),
  }
}

class CatalogReader {
  readonly problems: { place: string; reason: string }[] = []
  readonly #session: Session
  readonly #endsAt: number
  #bytes = 0

  constructor(session: Session, endsAt: number) {
    this.#session = session
    this.#endsAt = endsAt
  }

  /** Entries as JSON. The tools must be had; of the rest, as much as there is. */
  async list(section: Section): Promise<string[]> {
    const { key, capability, method } = section
    const { client } = this.#session
    if (own(client.getServerCapabilities(), capability) === undefined) return []
    const entries: string[] = []
    try {
      await this.#pages(section, entries)
    } catch (error) {
      const { error: failure } = failureOf(error, this.#session.wire)
      // Servers declare resources and have no templates; a first page of tools that fails is another matter.
      if (key === 'tools' && entries.length === 0) throw error
      if (failure.code !== 'tool_gone') this.#report(method, `The list ends early: ${failure.message}`)
    }
    return entries
  }

  async #pages(section: Section, entries: string[]): Promise<void> {
    const { method, key, most } = section
    const seen = new Set<string>()
    let cursor: string | undefined
    for (let page = 0; ; page++) {
      const result = await this.#page(section, cursor)
      for (const entry of ownList(result, key)) {
        if (entries.length === most)
          return this.#report(method, `There are more than ${most}; the others were left out.`)
        if (!this.#add(method, entry, entries)) return
      }
      const next = own(result, 'nextCursor')
      if (typeof next !== 'string' || next === '') return
      if (seen.has(next)) return this.#report(method, 'The server repeats a page; what may come after it was left out.')
      if (page + 1 === MAX_PAGES)
        return this.#report(method, `There are more than ${MAX_PAGES} pages; the others were left out.`)
      seen.add(next)
      cursor = next
    }
  }

  async #page({ method, key }: Section, cursor: string | undefined): Promise<unknown> {
    const left = this.#endsAt - Date.now()
    if (left <= 0) throw new Error('Reading the catalog took too long.')
    const params = cursor === undefined ? {} : { cursor }
    const timeout = Math.min(PAGE_MS, left)
    const { client, wire } = this.#session
    try {
      return await client.request({ method, params }, anyResult, { timeout })
    } catch (error) {
      // In the era of 2026-07-28 the client refuses all of a page for one entry that is not as the protocol has it.
      if (isMisshapen(error) && Array.isArray(own(wire.result, key))) return wire.result
      throw error
    }
  }

  /** Whether there is room for more. */
  #add(method: string, entry: unknown, entries: string[]): boolean {
    const name = shorten(ownText(entry, 'name') || ownText(entry, 'uri'), 100)
    const place = `${method} ${name}`.trim()
    if (!isRecord(entry)) {
      this.#report(method, 'An entry is no object, and was left out.')
      return true
    }
    if (isNestedDeeperThan(entry, MAX_DEPTH)) {
      this.#report(place, `It is nested in more than ${MAX_DEPTH} levels, and was left out.`)
      return true
    }
    const { _meta, ...kept } = entry
    const json = JSON.stringify(kept)
    const bytes = utf8Bytes(json)
    if (bytes > MAX_ENTRY_BYTES) {
      this.#report(place, 'It is larger than 1 MiB, and was left out.')
      return true
    }
    if (this.#bytes + bytes > MAX_BYTES) {
      this.#report(place, 'What the server lists is larger than 16 MiB; the rest was left out.')
      return false
    }
    this.#bytes += bytes
    entries.push(json)
    return true
  }

  #report(place: string, reason: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ place, reason })
  }
}
