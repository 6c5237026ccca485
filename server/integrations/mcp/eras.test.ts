// In workerd, against the SDK's own server: the era of 2026-07-28, and the one before without and with sessions.
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { FileValue } from '../../sandbox/file.ts'
import type { CallContext, Discovered, Fetch, ToolResult } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { mcp } from './adapter.ts'
import { readCatalog } from './catalog.ts'

const URL_OF_SERVER = 'https://mcp.example.com/mcp'

function desk(): McpServer {
  const server = new McpServer({ name: 'desk', title: 'The desk', version: '3.1.0' }, { instructions: 'Be quick.' })
  server.registerTool(
    'tickets.get-one',
    {
      description: 'Reads a ticket. Slowly.',
      inputSchema: z.object({ id: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ id }) => ({ content: [{ type: 'text', text: `{"id":${id}}` }] }),
  )
  server.registerTool(
    'close',
    {
      title: 'Close a ticket',
      inputSchema: z.object({ id: z.number() }),
      outputSchema: z.object({ closed: z.boolean() }),
      annotations: { destructiveHint: true },
    },
    () => ({ structuredContent: { closed: true }, content: [{ type: 'text', text: 'closed' }] }),
  )
  server.registerTool('draw', {}, () => ({
    content: [
      { type: 'text', text: 'Here:' },
      { type: 'image', data: btoa('png'), mimeType: 'image/png' },
      { type: 'resource_link', uri: 'desk://tickets/1', name: 'One' },
      { type: 'resource', resource: { uri: 'desk://tickets/1.txt', text: 'One', mimeType: 'text/plain' } },
      { type: 'resource', resource: { uri: 'desk://tickets/1.pdf', blob: btoa('pdf'), mimeType: 'application/pdf' } },
    ],
  }))
  server.registerTool('fail', {}, () => ({ isError: true, content: [{ type: 'text', text: 'No such ticket.' }] }))
  server.registerTool('ask', {}, (context) => {
    if (context.mcpReq.inputResponses) return { content: [{ type: 'text', text: 'asked' }] }
    return inputRequired({
      inputRequests: {
        why: inputRequired.elicit({
          message: 'Why is it closed?',
          requestedSchema: { type: 'object', properties: { reason: { type: 'string' } } },
        }),
      },
    })
  })
  server.registerResource('one', 'desk://tickets/1', { mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, text: 'One' }],
  }))
  server.registerPrompt('greet', { argsSchema: z.object({ name: z.string() }) }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
  }))
  return server
}

/** The requests that a server gets, as `POST tools/call`. */
function serving(isModern: boolean): { fetch: Fetch; requests: string[] } {
  const handler = createMcpHandler(desk)
  const requests: string[] = []
  const fetch: Fetch = async (request) => {
    const body = request.body === null ? '' : await request.text()
    const method = body ? JSON.parse(body).method : ''
    requests.push(`${request.method} ${method}`.trim())
    if (!isModern && method === 'server/discover') {
      return Response.json({
        jsonrpc: '2.0',
        id: JSON.parse(body).id,
        error: { code: -32601, message: 'Method not found' },
      })
    }
    return handler.fetch(new Request(request, body ? { body } : {}))
  }
  return { fetch, requests }
}

async function discovered(fetch: Fetch): Promise<Discovered[]> {
  const read = await readCatalog(URL_OF_SERVER, 'http', fetch)
  if (!read.ok) throw new Error(read.error.message)
  const found: Discovered[] = []
  const source = { documents: [{ bytes: bytesOf([read.bytes]) }], referenced: [] }
  for await (const each of mcp.discover(source, fetch)) found.push(each)
  return found
}

function caller(found: Discovered[], fetch: Fetch) {
  const context: CallContext = { memory: new Map(), schemas: () => Promise.resolve(new Map()), isBlocked: () => false }
  return (operation: string, input: unknown = {}): Promise<ToolResult> => {
    const tool = found.find((each) => each.type === 'tool' && each.operation === operation)
    if (tool?.type !== 'tool') throw new Error(`No ${operation}`)
    return mcp.call({ ...tool, baseUrl: URL_OF_SERVER }, input, fetch, context)
  }
}

test.each([true, false])('a catalog becomes tools (era of 2026-07-28: %s)', async (isModern) => {
  const found = await discovered(serving(isModern).fetch)
  expect(found[0]).toMatchObject({
    type: 'about',
    title: 'The desk',
    description: 'Be quick.',
    version: '3.1.0',
    servers: [{ url: URL_OF_SERVER }],
    authMethods: [{ id: 'bearer', oauth: { field: 'token', flows: [], resourceUrl: URL_OF_SERVER } }, { id: 'none' }],
    operationCount: 10,
  })
  const tools = found.flatMap((each) => (each.type === 'tool' ? [each] : []))
  expect(tools.map(({ operation, suggestedName, effect }) => [operation, suggestedName, effect])).toEqual([
    ['tool tickets.get-one', 'tickets.get_one', 'read'],
    ['tool close', 'close', 'destructive'],
    ['tool draw', 'draw', 'write'],
    ['tool fail', 'fail', 'write'],
    ['tool ask', 'ask', 'write'],
    ['resources/read', 'resources.read', 'read'],
    ['resources/list', 'resources.list', 'read'],
    ['resources/templates/list', 'resources.templates', 'read'],
    ['prompts/get', 'prompts.get', 'read'],
    ['prompts/list', 'prompts.list', 'read'],
  ])
  expect(tools[0]).toMatchObject({
    summary: 'Reads a ticket.',
    signature: '(input: { id: number }) => Promise<unknown>',
  })
  expect(tools[1]).toMatchObject({
    summary: 'Close a ticket',
    signature: '(input: { id: number }) => Promise<{ closed: boolean }>',
    binding: { annotations: { destructiveHint: true } },
  })
})

test.each([true, false])('results become values, files and errors (era of 2026-07-28: %s)', async (isModern) => {
  const { fetch, requests } = serving(isModern)
  const call = caller(await discovered(fetch), fetch)
  requests.length = 0
  expect(await call('tool tickets.get-one', { id: 7 })).toMatchObject({ ok: true, data: '{"id":7}' })
  expect(await call('tool close', { id: 7 })).toMatchObject({ ok: true, data: { closed: true } })
  expect(await call('tool draw')).toMatchObject({
    ok: true,
    data: [
      'Here:',
      new FileValue('image.png', 'image/png', new TextEncoder().encode('png')),
      { uri: 'desk://tickets/1', name: 'One' },
      { uri: 'desk://tickets/1.txt', text: 'One', mimeType: 'text/plain' },
      new FileValue('1.pdf', 'application/pdf', new TextEncoder().encode('pdf')),
    ],
  })
  expect(await call('tool fail')).toEqual({ ok: false, error: { code: 'tool_error', message: 'No such ticket.' } })
  expect(await call('resources/read', { uri: 'desk://tickets/1' })).toMatchObject({
    ok: true,
    data: { contents: [{ uri: 'desk://tickets/1', text: 'One' }] },
  })
  expect(await call('resources/read', { uri: 'desk://tickets/9' })).toMatchObject({ error: { code: 'not_found' } })
  expect(await call('prompts/get', { name: 'greet', arguments: { name: 'Ada' } })).toMatchObject({
    ok: true,
    data: { messages: [{ role: 'user', content: { type: 'text', text: 'Hello Ada' } }] },
  })
  expect(await call('prompts/get', { name: 'nobody' })).toMatchObject({ error: { code: 'invalid_arguments' } })
  const introductions = requests.filter((request) => /discover|initialize/.test(request))
  expect(introductions).toEqual([
    'POST server/discover',
    ...(isModern ? [] : ['POST initialize', 'POST notifications/initialized']),
  ])
  expect(requests.filter((request) => !request.startsWith('POST'))).toEqual([])
})

test('a tool that the server has taken away says so, in the words of either era', async () => {
  for (const isModern of [true, false]) {
    const { fetch } = serving(isModern)
    const found = await discovered(fetch)
    const gone = found.map((each) =>
      each.type === 'tool' && each.operation === 'tool draw'
        ? { ...each, binding: { url: URL_OF_SERVER, transport: 'http', method: 'tools/call', name: 'paint' } }
        : each,
    )
    expect(await caller(gone, fetch)('tool draw')).toMatchObject({ ok: false, error: { code: 'tool_gone' } })
  }
})

test('the first calls of a connection, all at once, introduce themselves once', async () => {
  const { fetch, requests } = serving(false)
  const call = caller(await discovered(fetch), fetch)
  requests.length = 0
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map((id) => call('tool tickets.get-one', { id })))
  expect(results.map((result) => result.ok && result.data)).toEqual([1, 2, 3, 4, 5, 6].map((id) => `{"id":${id}}`))
  expect(requests.filter((request) => request === 'POST initialize')).toHaveLength(1)
})

test('what would be sent is shown before it is', async () => {
  const { fetch } = serving(true)
  const tool = (await discovered(fetch)).find((each) => each.type === 'tool')
  if (tool?.type !== 'tool') throw new Error('No tool')
  const shown = await mcp.preview({ ...tool, baseUrl: URL_OF_SERVER }, { id: 7 })
  expect(shown).toMatchObject({ method: 'POST', url: URL_OF_SERVER })
  expect(JSON.parse(shown?.body ?? '')).toEqual({
    jsonrpc: '2.0',
    method: 'tools/call',
    params: { name: 'tickets.get-one', arguments: { id: 7 } },
  })
})

test('HTTP with SSE, which has its answers in one stream: it ends with the call', async () => {
  const requests: string[] = []
  let isOpen = false
  let send: (event: string) => void = () => {}
  const fetch: Fetch = async (request) => {
    if (request.method === 'GET') {
      isOpen = true
      const encoder = new TextEncoder()
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          send = (event) => controller.enqueue(encoder.encode(event))
          send('event: endpoint\ndata: /messages?id=1\n\n')
        },
        cancel() {
          isOpen = false
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
    const { id, method } = JSON.parse(await request.text())
    requests.push(`${new URL(request.url).pathname} ${method}`)
    const serverInfo = { name: 'old', version: '1' }
    const results: Record<string, unknown> = {
      initialize: { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo },
      'tools/call': { content: [{ type: 'text', text: 'by SSE' }] },
    }
    if (id !== undefined)
      send(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: results[method] })}\n\n`)
    return new Response('Accepted', { status: 202 })
  }
  const url = 'https://old.example.com/sse'
  const binding = { url, transport: 'sse', method: 'tools/call', name: 'only' }
  const result = await mcp.call({ operation: 'tool only', inputSchema: {}, binding, baseUrl: url }, {}, fetch)
  expect(result).toMatchObject({ ok: true, data: 'by SSE' })
  expect(requests).toEqual(['/messages initialize', '/messages notifications/initialized', '/messages tools/call'])
  expect(isOpen).toBe(false)
})
