import { env } from 'cloudflare:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { insertPolicy } from '../db/policies.ts'
import {
  ada,
  bob,
  type Helpdesk,
  helpdeskDocument,
  importDocument,
  openHelpdesk,
  ORIGIN,
  SECRET,
} from '../testing/helpdesk.ts'
import { answerMcp, ENDPOINT, mcpFetch } from '../testing/mcp-endpoint.ts'
import { importScripted } from '../testing/scripted-import.ts'
import { instructions } from './handler.ts'

async function connectNew(desk: Helpdesk, mode: 'auto' | 'legacy', principal?: Principal) {
  const client = new Client({ name: 'new-client', version: '2.4' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(ENDPOINT, { fetch: mcpFetch(desk, principal) }))
  return client
}

async function connectOld(desk: Helpdesk) {
  const client = new OldClient({ name: 'old-client', version: '1.32' })
  await client.connect(new OldTransport(ENDPOINT, { fetch: mcpFetch(desk) }))
  return client
}

/** One tool call without a client around it. */
async function call(desk: Helpdesk, name: string, input: object, principal?: Principal, reported?: unknown[]) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'user-agent': 'curl/8',
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } })
  const response = await answerMcp(desk, new Request(ENDPOINT, { method: 'POST', headers, body }), principal, reported)
  const data = (await response.text()).split('\n').find((line) => line.startsWith('data: '))
  const { result } = JSON.parse(data?.slice(6) ?? '{}')
  const texts = result.content.filter((part: { type: string }) => part.type === 'text')
  return { ...result, text: texts.map((part: { text: string }) => part.text).join('\n') }
}

function policy(desk: Helpdesk, pattern: string, action: 'allow' | 'block') {
  const row = { id: `pol_${pattern}`, pattern, action, createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  return insertPolicy(desk.db, row)
}

const execute = (code: string) => ({ name: 'execute', arguments: { code } })
const listOne = 'return tools.helpdesk.tickets.list({ limit: 1 })'

test('both eras of the new client search, then call through the credential', async () => {
  for (const [mode, version] of [
    ['auto', '2026-07-28'],
    ['legacy', '2025-11-25'],
  ] as const) {
    const desk = await openHelpdesk()
    await desk.connect('main')
    const client = await connectNew(desk, mode)
    expect(client.getNegotiatedProtocolVersion()).toBe(version)
    expect(client.getInstructions()).toBe(instructions)
    const found = await client.callTool({ name: 'search', arguments: { query: 'list tickets' } })
    expect(JSON.stringify(found.content)).toContain('helpdesk.tickets.list')
    const { content, isError } = await client.callTool(execute(listOne))
    expect([isError, content]).toEqual([false, [{ type: 'text', text: '[{"id":1,"title":"Ticket 1"}]' }]])
    expect(desk.received[0]?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
    await client.close()
  }
})

test('the 1.x client does the same', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const client = await connectOld(desk)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search', 'execute', 'resume'])
  const { content } = await client.callTool(execute(listOne))
  expect(content).toEqual([{ type: 'text', text: '[{"id":1,"title":"Ticket 1"}]' }])
  await client.close()
})

test('a run knows its client: by name where the protocol carries it, else by user agent', async () => {
  const desk = await openHelpdesk()
  const clientOf = () => env.DB.prepare('SELECT client FROM runs ORDER BY id DESC').first('client')
  await (await connectNew(desk, 'auto')).callTool(execute('return 1'))
  expect(await clientOf()).toBe('new-client 2.4')
  await call(desk, 'execute', { code: 'return 1' })
  expect(await clientOf()).toBe('curl/8')
})

test('the protocol has no sessions: GET and DELETE are 405', async () => {
  const desk = await openHelpdesk()
  for (const method of ['GET', 'DELETE']) {
    const response = await answerMcp(desk, new Request(ENDPOINT, { method, headers: { accept: 'text/event-stream' } }))
    expect(response.status).toBe(405)
  }
})

test('what an agent must know costs at most 600 tokens, the same for any catalog', async () => {
  const desk = await openHelpdesk()
  const cost = async () => {
    // The era that sends more.
    const client = await connectNew(desk, 'auto')
    return encode(JSON.stringify(await client.listTools()) + client.getInstructions()).length
  }
  const before = await cost()
  const paths = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [
      `/many/${index}`,
      { get: { responses: { 200: { description: 'ok' } } } },
    ]),
  )
  await importDocument(desk.deps, { ...helpdeskDocument(), paths }, 'many')
  expect((await call(desk, 'search', {})).text).toContain('500 tools')
  expect(await cost()).toBe(before)
  expect(before).toBeLessThanOrEqual(600)
})

test('tools have titles and annotations, and the client may keep the list', async () => {
  const desk = await openHelpdesk()
  const listed = await (await connectNew(desk, 'auto')).listTools()
  expect(listed.ttlMs).toBeGreaterThan(0)
  expect(listed.tools).toMatchObject([
    { name: 'search', title: 'Search tools', annotations: { readOnlyHint: true } },
    { name: 'execute', title: 'Run code', annotations: { destructiveHint: true } },
    { name: 'resume', title: 'Resume run', annotations: { idempotentHint: true } },
  ])
  expect(listed.tools.some((tool) => tool.outputSchema !== undefined)).toBe(false)
})

test('search without a query lists integrations with counts, and pages with a cursor', async () => {
  const desk = await openHelpdesk()
  await importDocument(desk.deps, helpdeskDocument(), 'second')
  const all = await call(desk, 'search', {})
  expect(all.text).toMatch(/helpdesk: helpdesk, 5 tools \[needs a connection: .*integration=helpdesk\]/)
  expect(all.text).toContain('second: second, 5 tools')
  const first = await call(desk, 'search', { limit: 1 })
  const cursor = /cursor "(.+)"/.exec(first.text)?.[1]
  const next = await call(desk, 'search', { limit: 1, cursor })
  expect([first.text.includes('second:'), next.text.includes('second:')]).toEqual([false, true])
  expect(await call(desk, 'search', { cursor: 'x' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^invalid_cursor: /),
  })
})

test('a hit is enough to write the call, and its marks say what stands in the way', async () => {
  const desk = await openHelpdesk()
  const { text } = await call(desk, 'search', { query: 'create a ticket' })
  expect(text.split('\n').slice(0, 3)).toEqual([
    'helpdesk.tickets.create [write; needs approval; needs a connection]',
    '  Create a ticket',
    '  (input: { title: string; priority?: "low" | "high" }) => Promise<{ id?: number; title?: string }>',
  ])
  expect(text.split(`${ORIGIN}/connections/new?integration=helpdesk`)).toHaveLength(2)
  expect((await call(desk, 'search', { query: 'zebra quantum' })).text).toMatch(/^No tool matches "zebra quantum"/)
  expect((await call(desk, 'search', { query: 'x', integration: 'helpdesc' })).text).toContain(
    'Did you mean "helpdesk"?',
  )
})

test('a blocked tool is gone from search and refused in code', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await policy(desk, 'helpdesk.tickets.list', 'block')
  expect((await call(desk, 'search', { query: 'list tickets' })).text).not.toContain('helpdesk.tickets.list')
  const refused = await call(desk, 'execute', { code: listOne })
  expect(refused).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^blocked: helpdesk\.tickets\.list may not be used/),
  })
})

test('an error shows code, message and the place in the agent’s code, with the logs after it', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const code = 'console.log("so far")\nawait tools.helpdesk.tickets.list({ limt: 1 })'
  const { text, isError } = await call(desk, 'execute', { code })
  expect(isError).toBe(true)
  expect(text).toContain('invalid_arguments: helpdesk.tickets.list: unknown field "limt"; did you mean "limit"?')
  expect(text).toMatch(/^At line 2, column \d+:$/m)
  expect(text).toContain('> 2 | await tools.helpdesk.tickets.list({ limt: 1 })')
  expect(text).toMatch(/Logs:\nso far$/)
})

test('every refusal tells the agent what to do next', async () => {
  const desk = await openHelpdesk()
  const textOf = async (code: string) => (await call(desk, 'execute', { code })).text
  expect(await textOf(listOne)).toMatch(
    /^connection_missing: .*A person can add one here: https:.*integration=helpdesk/,
  )
  await desk.connect('main')
  expect(await textOf('return tools.helpdesk.tickets.lst()')).toMatch(
    /^unknown_tool: .*Did you mean helpdesk\.tickets\.list\?/,
  )
  expect(await textOf('return tools.helpdesk.tickets.delete({ id: 1 })')).toMatch(
    /^The run waits for a person\. Give the user this link, then call resume\({ run: "run_\w+" }\)/,
  )
  const missing = await textOf('return tools.helpdesk.tickets.get({ id: 9 })')
  expect(missing).toMatch(/^not_found: No such ticket/)
  expect(missing).toContain('Status: 404')
  expect(await textOf('const a = {')).toMatch(/^syntax_error: /)
  expect(await textOf('for (;;) {}')).toMatch(/^\w+: /)
})

test('a long result is cut, and read on with results.get by its own principal', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const cut = await call(desk, 'execute', {
    code: 'console.log("x".repeat(50_000)); return tools.helpdesk.tickets.list({ limit: 5000 })',
  })
  expect(new TextEncoder().encode(cut.text).byteLength).toBeLessThanOrEqual(24 * 1024)
  const run = /results\.get\("(run_\w+)"\)/.exec(cut.text)?.[1]
  expect(cut).toMatchObject({ _meta: { run } })
  const more = `return (await results.get("${run}")).length`
  expect((await call(desk, 'execute', { code: more })).text).toBe('5000')
  expect((await call(desk, 'execute', { code: more }, bob)).text).toMatch(/^unknown_run: /)
})

test('texts of any alphabet stay within the limit and are not cut inside a character', async () => {
  const desk = await openHelpdesk()
  const { text } = await call(desk, 'execute', { code: 'return "👍".repeat(20_000)' })
  expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(24 * 1024)
  expect(text.isWellFormed()).toBe(true)
})

test('what is emitted comes by its type: images, sound, text, anything else as a resource', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const shown = await call(desk, 'execute', {
    code: `emit(await tools.helpdesk.tickets.photo({ id: 1 })); emit({ a: 1 }); emit(new Uint8Array([1, 2]));
           return { photo: await tools.helpdesk.tickets.photo({ id: 1 }) }`,
  })
  expect(shown.content).toMatchObject([
    { type: 'text', text: '{"photo":{"name":"photo.png","type":"image/png","size":4}}' },
    { type: 'image', mimeType: 'image/png', data: 'iVBORw==' },
    { type: 'text', text: '{"a":1}' },
    { type: 'resource', resource: { mimeType: 'application/octet-stream', blob: 'AQI=' } },
  ])
  const returned = await call(desk, 'execute', { code: 'return tools.helpdesk.tickets.photo({ id: 1 })' })
  expect(returned.content).toMatchObject([{ type: 'image', mimeType: 'image/png' }])
})

test('a thousand emitted values and a file that is too large are counted and named, not sent', async () => {
  const desk = await openHelpdesk()
  const many = await call(desk, 'execute', { code: 'for (let i = 0; i < 1000; i++) emit("x".repeat(1000)); return 1' })
  expect(new TextEncoder().encode(many.text).byteLength).toBeLessThanOrEqual(24 * 1024)
  expect(many.text).toMatch(/\[\d+ more emitted values are not shown\]/)
  const large = await call(desk, 'execute', { code: 'emit(new Uint8Array(5_000_000)); return 1' })
  expect(large.text).toContain('(application/octet-stream, 5000000 bytes) is too large to show]')
})

test('a program that returns nothing says so', async () => {
  const desk = await openHelpdesk()
  expect((await call(desk, 'execute', { code: 'const a = 1' })).text).toBe('undefined (the code returned nothing)')
  expect((await call(desk, 'execute', { code: 'return ""' })).content).toMatchObject([{ type: 'text', text: '' }])
})

test('a surprise is reported once and shows the agent an id and nothing else', async () => {
  const desk = await openHelpdesk()
  await env.DB.exec('DROP TABLE policies')
  const reported: unknown[] = []
  const { text, isError } = await call(desk, 'search', { query: 'x' }, ada, reported)
  expect(isError).toBe(true)
  expect(text).toBe('internal_error: Something went wrong inside Executor. Tell an admin the error id error-1.')
  expect(reported).toHaveLength(1)
})

test('arguments of the wrong shape and unknown tools are told apart from results', async () => {
  const desk = await openHelpdesk()
  const client = await connectNew(desk, 'legacy')
  expect(await client.callTool({ name: 'execute', arguments: { kode: 1 } })).toMatchObject({ isError: true })
  await expect(client.callTool({ name: 'nothing', arguments: {} })).rejects.toThrow(/nothing/)
})

test('a page of long hits is cut, and says how to read on', async () => {
  const desk = await openHelpdesk()
  const signature = `(input: { ${'länge: string; '.repeat(70)}}) => Promise<unknown>`
  const tools = Array.from({ length: 50 }, (_, index) => {
    return { operation: `GET /long/${index}`, suggestedName: `long.read${index}`, summary: 'Read it', signature }
  })
  await importScripted(desk.db, 'long', { tools })
  const { text } = await call(desk, 'search', { query: 'long read', integration: 'long', limit: 50 })
  expect(new TextEncoder().encode(text).byteLength).toBeLessThan(24 * 1024)
  const limit = Number(/do not fit\. Ask with limit (\d+)/.exec(text)?.[1])
  const page = await call(desk, 'search', { query: 'long read', integration: 'long', limit })
  expect(page.text).not.toContain('do not fit')
  expect(page.text).toContain('More: cursor')
})
