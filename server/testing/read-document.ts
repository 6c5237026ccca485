// Reads an OpenAPI document, and the files that it refers to, as an import does, and sorts what was found.
import { expect } from 'vitest'
import type { Discovered, DiscoveredTool, Position, Source } from '../integrations/adapter.ts'
import { bytesOf } from '../integrations/byte-sequence.ts'
import { openApi } from '../integrations/openapi/adapter.ts'

export interface Given {
  url?: string
  /** Other files, by URL. */
  files?: Record<string, object | string>
  from?: Position
}

export function sourceOf(document: object | string, { url, files = {} }: Given = {}): Source {
  const bytes = (value: object | string) =>
    bytesOf([new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))])
  return {
    documents: [{ bytes: bytes(document), ...(url === undefined ? {} : { url }) }],
    referenced: Object.entries(files).map(([name, value]) => ({ url: name, bytes: bytes(value) })),
  }
}

export async function discovered(source: Source, from?: Position): Promise<Discovered[]> {
  const found: Discovered[] = []
  const noNetwork = () => Promise.reject(new Error('no network'))
  for await (const item of openApi.discover(source, noNetwork, from)) found.push(item)
  return found
}

/** Fails when an operation is neither a tool nor skipped. */
export async function readDocument(document: object | string, given: Given = {}) {
  const found = await discovered(sourceOf(document, given), given.from)
  const [about] = found
  if (about?.type !== 'about') throw new Error('the first thing found is not what the document is about')
  const tools = found.filter((item) => item.type === 'tool')
  const skipped = found.filter((item) => item.type === 'skipped')
  const handled = tools.length + skipped.filter((item) => item.isOperation).length
  expect(handled).toBe(about.operationCount - (given.from?.done ?? 0))
  const schemas = new Map(found.filter((item) => item.type === 'schema').map((item) => [item.name, item.body]))
  return {
    found,
    about,
    tools,
    skipped,
    schemas,
    /** One line for each, sorted. */
    problems: skipped.map(({ place, reason, isOperation }) => `${isOperation ? '! ' : ''}${place}: ${reason}`).sort(),
    get only(): DiscoveredTool {
      if (!tools[0] || tools.length > 1) throw new Error(`${tools.length} tools`)
      return tools[0]
    },
  }
}

/** A document around one operation. */
export function around(operation: object, rest: object = {}, path = '/things') {
  return { openapi: '3.1.0', info: { title: 'T', version: '1' }, paths: { [path]: { post: operation } }, ...rest }
}

export function json(schema: unknown) {
  return { content: { 'application/json': { schema } } }
}

/** A document whose one operation answers a schema. */
export function answering(schema: unknown, schemas: object = {}, rest: object = {}) {
  return around({ responses: { 200: json(schema) } }, { components: { schemas }, ...rest })
}
