// A document through the importer, and everything it became looked at: no operation is lost, every skip has its reason,
// and each tool takes an input made from its own schema and makes a request of it.
import type { JsonSchema } from '../../drizzle/shapes.ts'
import type { Discovered, DiscoveredTool, Source } from '../integrations/adapter.ts'
import { DocumentError } from '../integrations/document-error.ts'
import { isRecord, own, ownEntries, ownText } from '../integrations/json-value.ts'
import { isBinding } from '../integrations/openapi/binding.ts'
import { buildRequest } from '../integrations/openapi/build-request.ts'
import { serverDefault } from '../integrations/openapi/server-template.ts'
import { adapterFor, detectKind } from '../integrations/registry.ts'
import { ToolNames } from '../tools/tool-names.ts'
import { type Schemas, sampleInput } from './sample-input.ts'

export type CheckedDocument =
  | { ok: false; code: string; reason: string }
  | {
      ok: true
      operations: number
      tools: number
      /** Operations that did not become tools, and other parts that were left out, by reason. */
      skippedOperations: Map<string, number>
      skippedParts: Map<string, number>
      /** What must not be: at most a few of each document. */
      problems: string[]
    }

const MOST_PROBLEMS = 5
const NOTHING = () => Promise.reject(new Error('Nothing is fetched'))

export async function checkDocument(source: Source): Promise<CheckedDocument> {
  try {
    const detected = detectKind(source)
    if (!detected.ok) return { ok: false, code: detected.code, reason: detected.message }
    const adapter = adapterFor(detected.kind)
    if (adapter === undefined) throw new Error(`Nothing speaks ${detected.kind}`)
    return await checkFound(adapter.discover(source, NOTHING))
  } catch (error) {
    if (error instanceof DocumentError) return { ok: false, code: error.code, reason: error.message }
    throw error
  }
}

async function checkFound(items: AsyncIterable<Discovered>): Promise<CheckedDocument> {
  const problems: string[] = []
  const say = (text: string) => void (problems.length < MOST_PROBLEMS && problems.push(text.slice(0, 600)))
  const schemas: Record<string, JsonSchema> = Object.create(null)
  const names = new ToolNames([])
  const tools: DiscoveredTool[] = []
  const skippedOperations = new Map<string, number>()
  const skippedParts = new Map<string, number>()
  let operations = -1
  let baseUrl = 'https://api.example.com'
  for await (const found of items) {
    if (found.type === 'about') {
      operations = found.operationCount
      const [server] = found.servers
      baseUrl = (server && serverDefault(server)) ?? baseUrl
    } else if (found.type === 'schema') schemas[found.name] = found.body
    else if (found.type === 'skipped') {
      const counts = found.isOperation ? skippedOperations : skippedParts
      counts.set(found.reason, (counts.get(found.reason) ?? 0) + 1)
    } else {
      names.nameFor(found.operation, found.suggestedName)
      tools.push(found)
    }
  }
  const skipped = [...skippedOperations.values()].reduce((sum, count) => sum + count, 0)
  if (tools.length + skipped !== operations)
    say(`${operations} operations, but ${tools.length} tools and ${skipped} skipped`)
  for (const tool of tools) checkTool(tool, schemas, baseUrl, say)
  return { ok: true, operations, tools: tools.length, skippedOperations, skippedParts, problems }
}

function checkTool(tool: DiscoveredTool, schemas: Schemas, baseUrl: string, say: (text: string) => void): void {
  const sample = sampleInput(tool.inputSchema, schemas)
  if (!sample.ok) return say(`${tool.operation}: no input fits its schema: ${sample.problem}`)
  if (!isBinding(tool.binding)) return say(`${tool.operation}: not a binding`)
  const built = buildRequest(tool.binding, baseUrl, sample.input)
  if (!built.ok) say(`${tool.operation}: ${built.error.message} for ${JSON.stringify(sample.input).slice(0, 200)}`)
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** Operations of an OpenAPI document of one file, counted without the importer. Path items may refer to one another. */
export function countOperations(document: unknown): number {
  const paths = own(document, 'paths')
  return ownEntries(document, 'paths')
    .filter(([path, item]) => !path.startsWith('x-') && isRecord(item))
    .reduce((sum, [, item]) => {
      const reference = ownText(item, '$ref')
      const name = /^#\/paths\/(.+)$/.exec(reference)?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
      const items = [item, own(paths, name ?? '')]
      return sum + METHODS.filter((method) => items.some((one) => own(one, method) !== undefined)).length
    }, 0)
}
