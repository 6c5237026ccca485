// The tools and the prompt that the conformance suite calls by name. What they say is the suite's; how they ask, keep
// state, refuse, tell of progress and render values is the endpoint's own code.
import {
  type CallToolResult,
  type InputRequest,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { refuse, renderOutcome } from '../../mcp/content.ts'
import type { Exchange } from '../../mcp/exchange.ts'
import { keepInformed } from '../../mcp/keep-informed.ts'
import { FileValue } from '../../sandbox/file.ts'

interface Ask {
  needs: 'elicitation' | 'sampling' | 'roots'
  request: InputRequest
}

const elicit = (message: string, field: string): Ask => ({
  needs: 'elicitation',
  request: inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  }),
})
const sample = (text: string): Ask => ({
  needs: 'sampling',
  request: inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 100,
  }),
})
const userName = elicit('What is your name?', 'name')
const capital = sample('What is the capital of France?')
const roots: Ask = { needs: 'roots', request: inputRequired.listRoots() }
const confirm: Ask = {
  needs: 'elicitation',
  request: inputRequired.elicit({
    message: 'Please confirm',
    requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  }),
}

/** What each tool asks, round by round. */
const asking: Record<string, Record<string, Ask>[]> = {
  test_input_required_result_elicitation: [{ user_name: userName }],
  test_input_required_result_sampling: [{ capital_question: capital }],
  test_input_required_result_list_roots: [{ client_roots: roots }],
  test_input_required_result_request_state: [{ confirm }],
  test_input_required_result_tampered_state: [{ confirm }],
  test_input_required_result_multiple_inputs: [
    { user_name: userName, greeting: sample('Generate a greeting'), client_roots: roots },
  ],
  test_input_required_result_multi_round: [
    { step1: userName },
    { step2: elicit('What is your favorite color?', 'color') },
  ],
  test_input_required_result_capabilities: [{ user_name: userName, capital_question: capital }],
  test_streaming_elicitation: [{ user_name: userName }],
}

/** The result that asks, or undefined when everything was answered. */
async function ask(rounds: Record<string, Ask>[], exchange: Exchange): Promise<InputRequiredResult | undefined> {
  const { round } = z.object({ round: z.number() }).parse(exchange.state ?? { round: 0 })
  const unanswered = (asked: Record<string, Ask>) =>
    Object.entries(asked).filter(([key, { needs }]) => {
      if (exchange.capabilities[needs] === undefined) return false
      const response = inputResponse(exchange.responses, key)
      return response.kind === 'missing' || (response.kind === 'elicit' && response.action !== 'accept')
    })
  for (let at = round; at < rounds.length; at++) {
    const missing = unanswered(rounds[at] ?? {})
    if (missing.length === 0) continue
    const inputRequests = Object.fromEntries(missing.map(([key, { request }]) => [key, request]))
    return inputRequired({ inputRequests, requestState: await exchange.keep({ round: at }) })
  }
  return undefined
}

const png = new FileValue('pixel.png', 'image/png', new Uint8Array([0x89, 0x50, 0x4e, 0x47]))
const wav = new FileValue('sound.wav', 'audio/wav', new Uint8Array([0x52, 0x49, 0x46, 0x46]))
const textFile = new FileValue('note.txt', 'text/plain', new TextEncoder().encode('A resource for testing.'))
const jsonFile = new FileValue('data.json', 'application/json', new TextEncoder().encode('{"test":"data","value":123}'))

/** A run that returned the value. */
function showing(value: unknown, emitted: unknown[] = []): CallToolResult {
  return renderOutcome({ run: 'run_suite', state: 'succeeded', value, emitted, logs: '' })
}

const showings: Record<string, () => CallToolResult> = {
  test_simple_text: () => showing('This is a simple text response for testing.'),
  test_image_content: () => showing(png),
  test_audio_content: () => showing(wav),
  test_embedded_resource: () => showing(textFile),
  test_multiple_content_types: () => showing('Multiple content types test:', [png, jsonFile]),
  test_logging_tool: () => showing('Executor sends no log messages to its clients.'),
  test_error_handling: () => refuse('test_error', 'This tool intentionally returns an error for testing'),
}

export function registerSuite(server: McpServer, exchangeOf: (context: ServerContext) => Exchange): void {
  const inputSchema = z.object({})
  for (const [name, show] of Object.entries(showings)) {
    server.registerTool(name, { description: 'Shows a value.', inputSchema }, () => show())
  }
  for (const [name, rounds] of Object.entries(asking)) {
    server.registerTool(name, { description: 'Asks the client.', inputSchema }, async (_, context) => {
      const exchange = exchangeOf(context)
      return (await ask(rounds, exchange)) ?? showing(exchange.state === undefined ? 'done' : 'state-ok')
    })
  }
  server.registerTool('test_missing_capability', { description: 'Asks whatever the client can.', inputSchema }, () =>
    inputRequired({ inputRequests: { capital_question: capital.request } }),
  )
  server.registerTool('test_tool_with_progress', { description: 'Takes a while.', inputSchema }, (_, context) =>
    keepInformed(context, () => new Promise((done) => setTimeout(() => done(showing('done')), 200)), 40),
  )
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks the client.' }, async (context) => {
    const question = { user_context: elicit('What context should the prompt use?', 'context') }
    const asked = await ask([question], exchangeOf(context))
    return asked ?? { messages: [{ role: 'user', content: { type: 'text', text: 'done' } }] }
  })
}
