// The server that the conformance suite's server scenarios want, as an upstream. The suite's own is an example beside
// its package, which does not have it: this one has its tools, resources and prompts, in the era of 2026-07-28 or, with
// sessions, in that of 2025-11-25. It passes what the suite scores for either, but for DNS rebinding.
import {
  type CallToolResult,
  completable,
  createMcpHandler,
  type ElicitRequestFormParams,
  type EventStore,
  fromJsonSchema,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type ServerContext,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { exchangeOf } from '../../mcp/exchange.ts'
import { createStates } from '../../mcp/request-state.ts'
import { registerSuite } from '../conformance/suite.ts'

export type Era = 'legacy' | 'modern'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
/** Soon enough for a test, and to be seen that it was waited for. */
const RETRY_MS = 50

type Form = ElicitRequestFormParams['requestedSchema']

const defaults: Form = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  required: [],
}
const options = ['option1', 'option2', 'option3']
const titled = options.map((option) => ({ const: option, title: `The ${option}` }))
const enums: Form = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: options, enumNames: ['One', 'Two', 'Three'] },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled } },
  },
  required: [],
}
const answer: Form = { type: 'object', properties: { response: { type: 'string' } }, required: ['response'] }

const addressed = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
} as const

export function suiteServer(era: Era): (request: Request) => Promise<Response> {
  return era === 'modern' ? stateless() : withSessions()
}

function stateless(): (request: Request) => Promise<Response> {
  const { fetch } = createMcpHandler(() => create('modern'), { legacy: 'reject' })
  return (request) => fetch(request)
}

function withSessions(): (request: Request) => Promise<Response> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request) => {
    const id = request.headers.get('mcp-session-id')
    const known = id === null ? undefined : sessions.get(id)
    if (known) return known.handleRequest(request)
    // The specification's answer to a session that is gone; what has none is refused by the transport.
    if (id !== null) return new Response('Session not found', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (session) => void sessions.set(session, transport),
      onsessionclosed: (session) => void sessions.delete(session),
      eventStore: eventStore(),
      retryInterval: RETRY_MS,
    })
    await create('legacy').connect(transport)
    return transport.handleRequest(request)
  }
}

function create(era: Era): McpServer {
  const states = createStates('MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', ['suite'])
  const server = new McpServer(
    { name: 'suite', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        completions: {},
        tools: {},
        resources: { subscribe: era === 'legacy' },
        prompts: {},
      },
      requestState: { verify: (state, context) => states.verify(state, context) },
    },
  )
  registerSuite(server, (context) => {
    const exchange = exchangeOf(context, { era, states })
    const capabilities = era === 'modern' ? exchange.capabilities : (server.server.getClientCapabilities() ?? {})
    return { ...exchange, capabilities }
  })
  registerMore(server)
  if (era === 'legacy') registerOfSessions(server)
  registerAsking(server)
  registerResources(server)
  registerPrompts(server)
  return server
}

const said = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] })
const none = z.object({})
const description = 'What the suite asks for by this name.'

function registerMore(server: McpServer): void {
  server.registerTool('test_tool_with_logging', { description, inputSchema: none }, async (_, { mcpReq }) => {
    for (const data of ['started', 'processing', 'completed']) {
      await mcpReq.notify({
        method: 'notifications/message',
        params: { level: 'info', data: `Tool execution ${data}` },
      })
    }
    return said('Logged.')
  })
  server.registerTool('test_error_thrown', { description, inputSchema: none }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  server.registerTool('json_schema_2020_12_tool', { description, inputSchema: fromJsonSchema(addressed) }, (input) =>
    said(JSON.stringify(input)),
  )
  const region = z.string().meta({ 'x-mcp-header': 'Region' })
  server.registerTool('test_headers', { description, inputSchema: z.object({ region }) }, (input, { http }) =>
    said(`${input.region}, ${http?.req?.headers.get('mcp-param-region') ?? 'not in a header'}`),
  )
}

/** What there is only where a session lasts from one request to the next. */
function registerOfSessions(server: McpServer): void {
  server.registerTool('test_reconnection', { description, inputSchema: none }, async (_, { http }) => {
    http?.closeSSE?.()
    await new Promise((resolve) => setTimeout(resolve, 2 * RETRY_MS))
    return said('Read on after the stream was closed.')
  })
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))
  const prompt = z.object({ prompt: z.string() })
  server.registerTool('test_sampling', { description, inputSchema: prompt }, async (input, { mcpReq }) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: input.prompt } }]
    return mcpReq.requestSampling({ messages, maxTokens: 100 }).then(
      ({ content }) => said(`LLM response: ${JSON.stringify(content)}`),
      (error: unknown) => said(`Without a model: ${String(error)}`),
    )
  })
}

function registerAsking(server: McpServer): void {
  const asking = async (context: ServerContext, message: string, requestedSchema: Form) => {
    const { inputResponses } = context.mcpReq
    if (inputResponses) return said(`Answered: ${JSON.stringify(inputResponses.form)}`)
    return inputRequired({ inputRequests: { form: inputRequired.elicit({ message, requestedSchema }) } })
  }
  const message = z.object({ message: z.string() })
  server.registerTool('test_elicitation', { description, inputSchema: message }, (input, context) =>
    asking(context, input.message, answer),
  )
  server.registerTool('test_elicitation_sep1034_defaults', { description, inputSchema: none }, (_, context) =>
    asking(context, 'Please review the form', defaults),
  )
  server.registerTool('test_elicitation_sep1330_enums', { description, inputSchema: none }, (_, context) =>
    asking(context, 'Please select options', enums),
  )
}

function registerResources(server: McpServer): void {
  const text = { mimeType: 'text/plain' }
  server.registerResource('static-text', 'test://static-text', text, ({ href: uri }) => ({
    contents: [{ uri, ...text, text: 'The static text.' }],
  }))
  const image = { mimeType: 'image/png' }
  server.registerResource('static-binary', 'test://static-binary', image, ({ href: uri }) => ({
    contents: [{ uri, ...image, blob: PIXEL }],
  }))
  server.registerResource('watched-resource', 'test://watched-resource', text, ({ href: uri }) => ({
    contents: [{ uri, ...text, text: 'Watched.' }],
  }))
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  const json = { mimeType: 'application/json' }
  server.registerResource('template', template, json, ({ href: uri }, { id }) => ({
    contents: [{ uri, ...json, text: JSON.stringify({ id, templateTest: true }) }],
  }))
}

function registerPrompts(server: McpServer): void {
  const role = 'user' as const
  server.registerPrompt('test_simple_prompt', { description }, () => ({
    messages: [{ role, content: { type: 'text', text: 'A simple prompt.' } }],
  }))
  const arg1 = completable(z.string(), (begun) => ['paris', 'park', 'party'].filter((each) => each.startsWith(begun)))
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description, argsSchema: z.object({ arg1, arg2: z.string() }) },
    (given) => ({
      messages: [{ role, content: { type: 'text', text: `arg1='${given.arg1}', arg2='${given.arg2}'` } }],
    }),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description, argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => ({
      messages: [{ role, content: { type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'Embedded.' } } }],
    }),
  )
  server.registerPrompt('test_prompt_with_image', { description }, () => ({
    messages: [{ role, content: { type: 'image', data: PIXEL, mimeType: 'image/png' } }],
  }))
}

/** So that an answer whose stream was closed can be read on. */
function eventStore(): EventStore {
  const events: { stream: string; message: Parameters<EventStore['storeEvent']>[1] }[] = []
  return {
    async storeEvent(stream, message) {
      return String(events.push({ stream, message }))
    },
    async replayEventsAfter(last, { send }) {
      const stream = events[Number(last) - 1]?.stream ?? ''
      for (const [at, event] of events.entries()) {
        if (at >= Number(last) && event.stream === stream) await send(String(at + 1), event.message)
      }
      return stream
    },
  }
}
