// Real MCP servers as upstreams of runs, in both eras: every tool of theirs is called by code, and what they had to bear
// for it is counted in front of them.
import { beforeAll, expect, inject, test } from 'vitest'
import { createConnection } from '../connections/manage.ts'
import { readApproval } from '../db/approvals.ts'
import { findImport } from '../db/imports.ts'
import { listToolNames } from '../db/tools.ts'
import { insertPolicy } from '../db/policies.ts'
import { type FormField, formOf } from '../integrations/mcp/elicitation-form.ts'
import { FileValue } from '../sandbox/file.ts'
import { ada, type Helpdesk, openHelpdesk } from '../testing/helpdesk.ts'
import { BORNE_PATH, type Borne, type Upstream } from '../testing/mcp/serve.ts'
import { beginFromEndpoint } from '../tools/imports/begin-endpoint.ts'
import { addIntegration } from '../tools/imports/confirm.ts'
import { decideApproval } from './decide-approval.ts'
import { executeRun } from './execute.ts'
import { resumeRun } from './resume.ts'

/** By the name of a tool in code: what it is called with, what the program gets, and what a person is asked meanwhile. */
type Calls = Record<string, [input: object, result: object, asked?: string[]]>

interface Connected {
  desk: Helpdesk
  slug: string
  /** As code calls them. */
  tools: string[]
}

const slugOf = (upstream: Upstream) => upstream.replaceAll(/[^a-z0-9]/g, '_')

function borneBy(upstream: Upstream): Promise<Borne> {
  return fetch(inject('mcpUpstreams')[upstream] + BORNE_PATH).then((response) => response.json())
}

/** Each upstream is at a host of its own. */
async function openDesk(): Promise<Helpdesk> {
  const origins = inject('mcpUpstreams')
  const hosts = new Map(UPSTREAMS.map(({ upstream }) => [`${slugOf(upstream)}.example.com`, origins[upstream]]))
  return openHelpdesk((request) => {
    const { hostname, pathname, search } = new URL(request.url)
    return fetch(new Request(`${hosts.get(hostname)}${pathname}${search}`, request))
  })
}

async function connect(desk: Helpdesk, upstream: Upstream): Promise<Connected> {
  const { db, deps } = desk
  const by = ada.id
  const slug = slugOf(upstream)
  const url = `https://${slug}.example.com/${upstream.endsWith('sse') ? 'sse' : 'mcp'}`
  const begun = await beginFromEndpoint(deps, { kind: 'endpoint', protocol: 'mcp', url }, { by })
  if (!begun.ok) throw new Error(begun.message)
  expect(await findImport(db, begun.importId)).toMatchObject({ skippedCount: 0 })
  const added = await addIntegration(deps, { importId: begun.importId, slug, title: slug, baseUrl: url, by })
  if (!added.ok) throw new Error(added.message)
  const { integration } = added
  const method = integration.authMethods.find(({ id }) => id === 'none')
  if (!method) throw new Error('It wants a credential')
  const connection = { integration, method, values: {}, owner: 'org', slug: 'main' } as const
  const made = await createConnection({ ...deps, principal: ada }, connection)
  if (!made.ok) throw new Error(made.message)
  const rule = { id: `pol_${slug}`, pattern: `${slug}.*`, action: 'allow' as const, createdBy: by }
  await insertPolicy(db, { ...rule, createdAt: 1, updatedAt: 1 })
  const inForce = { integrationId: integration.id, revision: integration.revision }
  const named = await listToolNames(db, inForce, { limit: 1000, offset: 0 })
  await borneBy(upstream)
  return { desk, slug, tools: named.map(({ name }) => name).sort() }
}

const calling = (tool: string, input: object) =>
  `try { got.push({ value: await tools.${tool}(${JSON.stringify(input)}) }) }
    catch ({ code, message }) { got.push({ code, message }) }`

/** What a program gets of each call, or catches, and what a person was asked and agreed to before. */
async function run(desk: Helpdesk, calls: string[]): Promise<{ got: unknown[]; asked: string[] }> {
  const { deps } = desk
  const code = ['const got = []', ...calls, 'return got'].join('\n')
  let outcome = await executeRun(deps, { principal: ada, client: 'test 1.0', code })
  const asked: string[] = []
  const seen = new Set<string>()
  while (outcome.state === 'waiting') {
    for (const { id } of outcome.waiting) if (!seen.has(id)) asked.push(await agree(desk, id))
    for (const { id } of outcome.waiting) seen.add(id)
    const resumed = await resumeRun(deps, ada, outcome.run, { withinMs: 100 })
    if (!resumed.ok) throw new Error(resumed.error.message)
    ;({ outcome } = resumed)
  }
  if (outcome.state !== 'succeeded' || !Array.isArray(outcome.value)) throw new Error(JSON.stringify(outcome))
  return { got: outcome.value, asked }
}

/** As a person would who takes what is proposed, and fills in the rest. */
async function agree({ db, deps }: Helpdesk, id: string): Promise<string> {
  const read = await readApproval(db, id)
  const asks = read?.approval.asks
  if (!asks) throw new Error('It is no question of the server')
  const form = asks.mode === 'form' ? formOf(asks.requestedSchema) : null
  const values = form?.ok ? form.fields.map(filledIn) : []
  const work: Promise<unknown>[] = []
  const waitUntil = (each: Promise<unknown>) => void work.push(each)
  const verdict = { kind: 'replied', action: 'accept', values } as const
  expect(await decideApproval({ ...deps, principal: ada, waitUntil }, id, verdict)).toMatchObject({ ok: true })
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
  return asks.message
}

function filledIn({ kind, initial, options, isRequired }: FormField): string[] {
  if (initial.length > 0 || !isRequired) return initial
  if (kind === 'boolean') return ['true']
  return [options[0]?.value ?? (kind === 'text' ? 'Ada' : '1')]
}

/** By the name of the tool. */
type Results = Record<string, { got: unknown; asked: string[] }>

/** Calls every tool once: those that ask nobody in one run, and each of the others in one of its own. */
async function callAll({ desk, slug }: Connected, calls: Calls): Promise<Results> {
  const [asking, quiet] = split(Object.entries(calls), ([, [, , asked]]) => asked !== undefined)
  const coded = quiet.map(([tool, [input]]) => calling(`${slug}.${tool}`, input))
  const { got } = await run(desk, coded)
  const results: Results = Object.fromEntries(quiet.map(([tool], at) => [tool, { got: got[at], asked: [] }]))
  for (const [tool, [input]] of asking) {
    const ran = await run(desk, [calling(`${slug}.${tool}`, input)])
    results[tool] = { got: ran.got[0], asked: ran.asked }
  }
  return results
}

function split<T>(all: T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))]
}

const file = expect.any(FileValue)
const text = expect.any(String)

const everything: Calls = {
  echo: [{ message: 'hi' }, { value: 'Echo: hi' }],
  get_annotated_message: [
    { messageType: 'success', includeImage: true },
    { value: ['Operation completed successfully', file] },
  ],
  get_env: [{}, { value: expect.stringContaining('PATH') }],
  get_resource_links: [{ count: 2 }, { value: [text, { uri: text }, { uri: text }] }],
  get_resource_reference: [{ resourceType: 'Blob', resourceId: 1 }, { value: [text, file, text] }],
  get_structured_content: [{ location: 'Chicago' }, { value: { temperature: expect.any(Number) } }],
  get_sum: [{ a: 1, b: 2 }, { value: 'The sum of 1 and 2 is 3.' }],
  get_tiny_image: [{}, { value: [text, file, text] }],
  gzip_file_as_resource: [
    { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resource' },
    { value: { name: 'x.gz', type: 'application/gzip' } },
  ],
  toggle_simulated_logging: [{}, { value: text }],
  toggle_subscriber_updates: [{}, { value: text }],
  trigger_long_running_operation: [{ duration: 1, steps: 4 }, { value: expect.stringContaining('completed') }],
  trigger_elicitation_request: [{}, { value: expect.any(Array) }, ['Please provide inputs for the following fields:']],
  trigger_url_elicitation: [
    { url: 'https://example.com/agree', message: 'Agree first' },
    { value: expect.any(Array) },
    ['Agree first'],
  ],
  simulate_research_query: [{ topic: 'bees' }, { value: expect.stringContaining('# Research Report: bees') }],
  'resources.read': [
    { uri: 'demo://resource/dynamic/blob/1' },
    { value: { contents: [{ uri: 'demo://resource/dynamic/blob/1', file }] } },
  ],
  'resources.list': [{}, { value: { resources: expect.any(Array) } }],
  'resources.templates': [{}, { value: { resourceTemplates: expect.any(Array) } }],
  'prompts.get': [{ name: 'simple-prompt' }, { value: { messages: [{ role: 'user' }] } }],
  'prompts.list': [{}, { value: { prompts: expect.any(Array) } }],
  complete: [
    { ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'E' } },
    { value: { values: ['Engineering'] } },
  ],
}

const NAME = 'What is your name?'
const COLOR = 'What is your favorite color?'

const suite: Calls = {
  json_schema_2020_12_tool: [
    { name: 'Ada', address: { city: 'London' } },
    { value: '{"name":"Ada","address":{"city":"London"}}' },
  ],
  test_audio_content: [{}, { value: file }],
  test_elicitation: [
    { message: 'Who?' },
    { value: 'Answered: {"action":"accept","content":{"response":"Ada"}}' },
    ['Who?'],
  ],
  test_elicitation_sep1034_defaults: [
    {},
    {
      value: expect.stringContaining(
        '"content":{"name":"John Doe","age":30,"score":95.5,"status":"active","verified":true}',
      ),
    },
    ['Please review the form'],
  ],
  test_elicitation_sep1330_enums: [
    {},
    { value: 'Answered: {"action":"accept","content":{}}' },
    ['Please select options'],
  ],
  test_embedded_resource: [{}, { value: { text: 'A resource for testing.' } }],
  test_error_handling: [{}, { code: 'tool_error', message: expect.stringContaining('intentionally') }],
  test_error_thrown: [{}, { code: 'tool_error', message: expect.stringContaining('intentionally') }],
  test_headers: [{ region: 'eu' }, { value: 'eu, eu' }],
  test_image_content: [{}, { value: file }],
  test_input_required_result_capabilities: [{}, { value: 'state-ok' }, [NAME]],
  test_input_required_result_elicitation: [{}, { value: 'state-ok' }, [NAME]],
  test_input_required_result_list_roots: [{}, { value: 'done' }],
  test_input_required_result_multi_round: [{}, { value: 'state-ok' }, [NAME, COLOR]],
  test_input_required_result_multiple_inputs: [{}, { value: 'state-ok' }, [NAME]],
  test_input_required_result_request_state: [{}, { value: 'state-ok' }, ['Please confirm']],
  test_input_required_result_sampling: [{}, { value: 'done' }],
  test_input_required_result_tampered_state: [{}, { value: 'state-ok' }, ['Please confirm']],
  test_logging_tool: [{}, { value: text }],
  test_missing_capability: [{}, { code: 'unsupported_request' }],
  test_multiple_content_types: [
    {},
    { value: ['Multiple content types test:', file, { text: '{"test":"data","value":123}' }] },
  ],
  test_simple_text: [{}, { value: 'This is a simple text response for testing.' }],
  test_streaming_elicitation: [{}, { value: 'state-ok' }, [NAME]],
  test_tool_with_logging: [{}, { value: 'Logged.' }],
  test_tool_with_progress: [{}, { value: 'done' }],
  'resources.read': [
    { uri: 'test://template/7/data' },
    { value: { contents: [{ text: '{"id":"7","templateTest":true}' }] } },
  ],
  'resources.list': [{}, { value: { resources: [{}, {}, {}] } }],
  'resources.templates': [{}, { value: { resourceTemplates: [{ uriTemplate: 'test://template/{id}/data' }] } }],
  'prompts.get': [
    { name: 'test_prompt_with_image' },
    { value: { messages: [{ role: 'user', content: { type: 'image', file } }] } },
  ],
  'prompts.list': [{}, { value: { prompts: expect.any(Array) } }],
  complete: [
    { ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' }, argument: { name: 'arg1', value: 'par' } },
    { value: { values: ['paris', 'park', 'party'] } },
  ],
}

/** What comes of the same tools where there is no session, and where there is one. */
const ofSessions: Calls = {
  ...suite,
  test_headers: [{ region: 'eu' }, { value: 'eu, not in a header' }],
  test_missing_capability: [{}, { code: 'tool_error', message: expect.stringContaining('sampling') }],
  test_reconnection: [{}, { value: 'Read on after the stream was closed.' }],
  test_sampling: [{ prompt: 'Hi' }, { value: expect.stringContaining('Method not found') }],
}

interface Expected {
  upstream: Upstream
  calls: Calls
  /** Requests for a tool that asks so many questions. */
  attempts: (questions: number, tool: string) => number
  initialize: (requests: number) => number
  discover: number
  streams: (calls: number, requests: number) => number
}

/** It is called again when a question was answered. */
const again = (questions: number) => questions + 1

const UPSTREAMS: Expected[] = [
  // One session, and in it a stream for questions as long as a tool is called.
  {
    upstream: 'everything by http',
    calls: everything,
    attempts: again,
    initialize: () => 1,
    discover: 1,
    streams: (calls) => calls,
  },
  // One stream more reads on where another one broke off.
  {
    upstream: 'suite of 2025-11-25',
    calls: ofSessions,
    attempts: again,
    initialize: () => 1,
    discover: 1,
    streams: (calls) => calls + 1,
  },
  // A session lasts as long as its stream: each request has its own.
  {
    upstream: 'everything by sse',
    calls: everything,
    attempts: again,
    initialize: (requests) => requests,
    discover: 0,
    streams: (_, requests) => requests,
  },
  // Those that give no state away are called from the beginning, and asked: each answer is a request of its own then.
  {
    upstream: 'suite of 2026-07-28',
    calls: suite,
    attempts: (questions, tool) =>
      tool.startsWith('test_elicitation') ? ((questions + 1) * (questions + 2)) / 2 : again(questions),
    initialize: () => 0,
    discover: 1,
    streams: () => 0,
  },
]

interface Called {
  tools: string[]
  results: Results
  borne: Borne
}

const called = new Map<Upstream, Called>()

// All at once: some of the servers take their time.
beforeAll(async () => {
  const desk = await openDesk()
  await Promise.all(
    UPSTREAMS.map(async ({ upstream, calls }) => {
      const connected = await connect(desk, upstream)
      const results = await callAll(connected, calls)
      called.set(upstream, { tools: connected.tools, results, borne: await borneBy(upstream) })
    }),
  )
}, 90_000)

test.each(UPSTREAMS)('$upstream: every tool works', ({ upstream, calls }) => {
  expect(called.get(upstream)?.tools).toEqual(Object.keys(calls).sort())
  for (const [tool, [, got, asked = []]] of Object.entries(calls)) {
    expect.soft({ tool, ...called.get(upstream)?.results[tool] }).toMatchObject({ tool, got, asked })
  }
})

test.each(UPSTREAMS)('$upstream: no request too many, no stream left open', async (expected) => {
  // What has a dot in it is no tool of the server's, but a request of the protocol.
  const [others, tools] = split(Object.entries(expected.calls), ([name]) => name === 'complete' || name.includes('.'))
  const calls = tools.reduce((sum, [tool, [, , asked = []]]) => sum + expected.attempts(asked.length, tool), 0)
  const requests = called.get(expected.upstream)?.borne.requests ?? []
  const count = (request: string) => requests.filter((each) => each === request).length
  expect({
    calls: count('POST tools/call'),
    initialize: count('POST initialize'),
    discover: count('POST server/discover'),
    streams: count('GET'),
    ended: count('DELETE'),
  }).toEqual({
    calls,
    initialize: expected.initialize(calls + others.length),
    discover: expected.discover,
    streams: expected.streams(calls, calls + others.length),
    ended: 0,
  })
  await expect.poll(async () => (await borneBy(expected.upstream)).openStreams).toBe(0)
})
