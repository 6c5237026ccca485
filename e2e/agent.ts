// An agent: the official MCP client with the local service token.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { LOCAL_AGENT } from './local-access/identities.ts'
import { patientFetch } from './patient-fetch.ts'

export const SERVICE_HEADERS = { 'CF-Access-Client-Id': LOCAL_AGENT.id, 'CF-Access-Client-Secret': LOCAL_AGENT.secret }
const ANSWER_MS = 30_000

export interface Answered {
  isError: boolean
  /** Of the parts that are text. */
  text: string
  /** The whole answer as JSON: what a model could see of it. */
  whole: string
  /** The id of the run, of an `execute`. */
  run: string
}

export interface ConnectedAgent {
  client: Client
  call: (name: string, input: Record<string, unknown>, timeoutMs?: number) => Promise<Answered>
  execute: (code: string) => Promise<Answered>
}

/** Connects whoever `headers` sign in; the local agent unless told otherwise. */
export async function connectAgent(
  origin: string,
  headers: Record<string, string> = SERVICE_HEADERS,
): Promise<ConnectedAgent> {
  const client = new Client({ name: 'e2e', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const options = { requestInit: { headers }, fetch: patientFetch }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin), options))
  const call: ConnectedAgent['call'] = async (name, input, timeout = ANSWER_MS) => {
    const answer = await client.callTool({ name, arguments: input }, { timeout })
    const text = answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
    const whole = JSON.stringify(answer)
    return { isError: answer.isError === true, text, whole, run: /"run":"(run_\w+)"/.exec(whole)?.[1] ?? '' }
  }
  return { client, call, execute: (code) => call('execute', { code }) }
}

/** Calls one tool of `/mcp` and returns its text. */
export async function callAsAgent(origin: string, name: string, input: Record<string, unknown>): Promise<string> {
  const agent = await connectAgent(origin)
  try {
    return (await agent.call(name, input)).text
  } finally {
    await agent.client.close()
  }
}
