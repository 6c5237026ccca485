// The conformance suite's client under test, around the adapter: it reads the catalog as an import does, and calls each
// tool with an input that its schema allows, over one connection's memory. Where the suite's server refuses, a person
// signs in. The server judges what it is sent. Driven by scripts/conformance-client.node.test.ts.
import { insufficientScopes } from '../../connections/oauth/step-up.ts'
import type { Discovered, Fetch, ToolResult } from '../../integrations/adapter.ts'
import { bytesOf } from '../../integrations/byte-sequence.ts'
import { callAsking } from '../../integrations/mcp/call.ts'
import { readCatalog } from '../../integrations/mcp/catalog.ts'
import { readCatalogDocument } from '../../integrations/mcp/catalog-document.ts'
import { discoverTools } from '../../integrations/mcp/discover.ts'
import type { Ask } from '../../integrations/mcp/elicitation.ts'
import { probeMcp } from '../../integrations/mcp/probe.ts'
import { isRecord, own, ownList, ownEntries, ownText } from '../../integrations/json-value.ts'
import { type Account, type Credentials, openAccount, outbound, type Place } from './account.ts'

export interface Scenario {
  name: string
  /** Of the suite's server. */
  url: string
  /** What else the suite says, as an object. */
  context: unknown
}

/** A person who takes what is proposed; the client fills in defaults. */
const agree: Ask = () => Promise.resolve({ action: 'accept', content: {} })

/** Of one request: to sign in at all, and for more than was granted. What helps neither time does not help. */
const SIGN_INS = 2

/** Rejects where there is nothing to go on with. `say` is told what came of every call. */
export async function runClient(place: Place, scenario: Scenario, say: (line: string) => void): Promise<void> {
  const { url, context } = scenario
  const probe = await probeMcp(url, (request) => outbound.send(request))
  if (!probe.ok) throw new Error(`Not found: ${JSON.stringify(probe.tried)}`)
  const { found } = probe
  const account = await openAccount(place, found.url, credentialsOf(scenario))
  const read = await signedIn(account, (fetch) => readCatalog(found.url, found.transport, fetch))
  if (!read.ok) throw new Error(`Not read: ${JSON.stringify(read.error)}`)
  const source = { documents: [{ bytes: bytesOf([read.bytes]) }], referenced: [] }
  const document = readCatalogDocument({ bytes: bytesOf([read.bytes]) })
  const discovered = [...discoverTools(source)]
  const shared = new Map(discovered.flatMap((each) => (each.type === 'schema' ? [[each.name, each.body]] : [])))
  const memory = new Map<string, unknown>()
  for (const tool of discovered) {
    if (tool.type === 'skipped') say(`skipped ${tool.place}: ${tool.reason}`)
    if (tool.type !== 'tool' || !tool.operation.startsWith('tool ')) continue
    for (const input of inputsFor(tool, context, document.tool(0))) {
      const result = await signedIn(account, (fetch) =>
        callAsking({ ...tool, baseUrl: found.url }, input, fetch, {
          ask: agree,
          listens: true,
          context: { memory, schemas: () => Promise.resolve(shared), isBlocked: () => false },
        }),
      )
      say(`${tool.operation} ${JSON.stringify(input)}: ${JSON.stringify(result)}`)
    }
  }
}

/** Again, after a person has done what the refusal asks for. */
async function signedIn<T extends { ok: boolean }>(account: Account, ask: (fetch: Fetch) => Promise<T>): Promise<T> {
  for (let left = SIGN_INS; ; left--) {
    const result = await ask(account.fetch)
    const wanted = scopesWanted(result)
    if (wanted === null || left === 0) return result
    await account.signIn(wanted)
  }
}

/** Null where signing in would not help. */
function scopesWanted(
  result: { ok: boolean } & Partial<Pick<Extract<ToolResult, { ok: false }>, 'error' | 'headers'>>,
) {
  if (result.ok || !result.error) return null
  const { status = 0 } = result.error
  const more = insufficientScopes(status, new Headers(result.headers))
  return status === 401 || more.length > 0 ? more : null
}

function credentialsOf({ name, context }: Scenario): Credentials | null {
  const clientId = ownText(context, 'client_id')
  const clientSecret = ownText(context, 'client_secret')
  if (!clientId || !clientSecret) return null
  return { clientId, clientSecret, isMachine: name.startsWith('auth/client-credentials') }
}

/** The suite says for some scenarios what to call a tool with. */
function inputsFor(tool: Extract<Discovered, { type: 'tool' }>, context: unknown, first: unknown): unknown[] {
  const name = tool.operation.replace(/^tool /, '')
  const asked = ownList(context, 'toolCalls').filter((call) => ownText(call, 'name') === name)
  if (asked.length > 0) return asked.map((call) => (isRecord(call) ? call.arguments : {}))
  // Whether schemas are kept as they were sent is shown by sending one back.
  if (name === 'json_schema_echo') return [{ schema: own(first, 'inputSchema') }]
  const properties = ownEntries(tool.inputSchema, 'properties')
  return [Object.fromEntries(properties.map(([key, schema]) => [key, sampleOf(schema)]))]
}

function sampleOf(schema: unknown): unknown {
  const type = ownText(schema, 'type')
  if (type === 'number' || type === 'integer') return 5
  if (type === 'boolean') return true
  return type === 'object' ? {} : type === 'array' ? [] : 'text'
}
