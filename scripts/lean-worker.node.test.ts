// What is left of the packages does what the whole packages do: both are asked the same.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CUTS, type Cut } from './bundle-cuts.ts'
import * as whole from './lean-worker.sample.tsx'
import { leanWorker } from './lean-worker.ts'
import { askingServer, type AskingOptions } from '../server/testing/mcp/asking-server.ts'
import { writeMeteredQuickjs } from './metered-quickjs.ts'
import { runTool } from './process-group.ts'
import { ROOT } from './root.ts'

const CONDITIONS = ['workerd', 'worker', 'module', 'browser', 'production']
const SAMPLE = join(ROOT, 'scripts/lean-worker.sample.tsx')
let out: string
let lean: typeof whole

async function bundle(cuts: readonly Cut[] = CUTS, more: string[] = []) {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'more-code',
        enforce: 'pre',
        transform: (code, id) => (id === SAMPLE ? [code, ...more].join('\n') : undefined),
      },
      leanWorker(cuts),
    ],
    // As the Worker's build has it; in a test, Vite would take the packages of developers.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { development: false } },
    ssr: { noExternal: true, resolve: { conditions: CONDITIONS } },
    build: {
      ssr: SAMPLE,
      outDir: out,
      emptyOutDir: false,
      minify: true,
      rolldownOptions: { output: { entryFileNames: 'lean.js' } },
    },
  })
}

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'executor-lean-'))
  await bundle()
  lean = await import(join(out, 'lean.js'))
})

afterAll(() => rmSync(out, { recursive: true, force: true }))

test('Sucrase makes the same of every program: our own files, and what is no program', async () => {
  const programs: string[] = []
  for await (const path of glob('{server,app,scripts,e2e,drizzle}/**/*.{ts,tsx}', { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, path), 'utf8')
    // Modules are refused: without what makes them modules, nearly all are programs.
    const program = text.replace(/^import [\s\S]*?from '.*'$/gm, '').replace(/^export (?:default )?/gm, '')
    programs.push(program, program.slice(0, program.length / 2), program.slice(program.length / 3))
  }
  const made = programs.map((program) => lean.compile(program, 1_000_000))
  expect(made).toEqual(programs.map((program) => whole.compile(program, 1_000_000)))
  const readable = made.filter(({ ok }) => ok).length
  expect([readable > 500, made.length - readable > 500]).toEqual([true, true])
})

test.each([
  'enum E { A = 1, B = A << 2, C = "x" }; const enum F { D }; return [E.B, F.D]',
  'class P<T> extends Q<T> implements R { constructor(private readonly x: T, public y?: number) { super() } z!: string; declare w: number; static s = 1; #p = 2; get a(): T { return this.x } }',
  'abstract class A { abstract b(): void; override c?(): string; accessor d = 1 }',
  'const f = async <T,>(a: T, ...b: readonly T[]): Promise<void> => { for await (const c of b) yield_(c satisfies T) }',
  'let x = y! as unknown as { a?: number }; x ??= z?.a?.[0]?.(1_000) ?? 0; try { q() } catch { }',
  'namespace N { export const a = 1 }',
  'declare const a: number; type B = { [K in keyof C as `x${K}`]?: C[K] extends infer U ? U : never }; interface D extends B {}',
  'function f(this: Window, a: asserts a is string): a is string; function f() {}',
  'label: for (const a of b) { if (a) continue label; else break label }; var \\u0061bc = /[/]/giu.test(`a${`b${c}`}`)',
  'import a = require("b")',
  'import { type A, b } from "c"; b',
  'import type { A } from "c"',
  'const a = await import("b")',
  'export default class A {}',
  'export { a as b, type C }; export * from "d"',
  'export = a',
  'class A extends B<C> { f() { return new.target } }; interface D { import: 1 }',
  'return <div>{a}</div>',
  'const a = <T>(b = <T>(c = 1)) => c; a<string>`x`; new A<B>; a < b > (c)',
  '@decorated class A { @bound b = 1 }',
  'a?.b!.c; a!?.b; a![0]; (a as any) = 1; for (let i = 0 as number; i < 1; i++);',
  'using a = b; await using c = d; let async = 1, of = 2, type = 3, as = 4, get = 5; type\n= 6',
  '"a" |> b; a ** -b; 0b1, 0o7, 0xf, 1e3, .5, 1_0; 5n',
  'const \u00fc\u{20000} = "\\u{1F600}"; // comment\n/* \u2028 */ return \u00fc',
])('Sucrase makes the same of %s', (program) => {
  expect(lean.compile(program, 10_000)).toEqual(whole.compile(program, 10_000))
})

test('Sucrase refuses what it was not left for', () => {
  expect(() => lean.transform('a', { transforms: ['typescript', 'jsx'] })).toThrow('is in the bundle')
  expect(() => lean.transform('a?.b', { transforms: ['typescript'] })).toThrow('is in the bundle')
})

test.each(['auto', 'legacy'] as const)('clients of MCP get the same answers (%s)', async (mode) => {
  const heard = await Promise.all([converse(lean, mode), converse(whole, mode)])
  expect(heard[0]).toEqual(heard[1])
  expect(heard[0].length).toBeGreaterThan(8)
  expect(JSON.stringify(heard[0])).toContain('draft/2020-12')
})

const MCP_URL = 'https://executor.test/mcp'
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'sample', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } },
}
const CLIENT = { protocolVersion: '2025-06-18', capabilities: { roots: {} }, clientInfo: { name: 'a', version: '1' } }

/** Whatever a client may say, of either era: what there is, what there is not, and what is wrong about it. */
const REQUESTS: [method: string, params: Record<string, unknown> & { _meta?: object }][] = [
  ['initialize', CLIENT],
  ['initialize', { ...CLIENT, capabilities: 7, clientInfo: { name: 'a' } }],
  [
    'initialize',
    { ...CLIENT, capabilities: { elicitation: { form: 1 }, tasks: { list: {} }, experimental: { a: {} } } },
  ],
  ['server/discover', {}],
  ['server/discover', { _meta: { progressToken: {} } }],
  ['ping', {}],
  ['ping', { task: 1 }],
  ['tools/list', {}],
  ['tools/list', { cursor: 'x' }],
  ['tools/list', { cursor: 1 }],
  ['tools/call', { name: 'echo', arguments: { text: 'a' }, _meta: { progressToken: 'p', own: [1] } }],
  ['tools/call', { name: 'echo', arguments: ['a'] }],
  ['tools/call', { name: 'echo', arguments: { text: 'a' }, task: { ttl: 1 } }],
  ['tools/call', { arguments: {} }],
  ['tools/call', { name: 'ask', arguments: { text: 'b' }, requestState: 'forged' }],
  ['tools/call', { name: 'ask', arguments: { text: 'b' }, inputResponses: { first: { action: 'accept' } } }],
  [
    'tools/call',
    { name: 'ask', arguments: { text: 'b' }, inputResponses: { first: { roots: [{ uri: 'http://a' }] } } },
  ],
  [
    'tools/call',
    { name: 'ask', arguments: { text: 'b' }, inputResponses: { first: { role: 'user', content: [] }, x: 1 } },
  ],
  ['tools/call', { name: 'ask', arguments: { text: 'b' }, inputResponses: 1 }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'a' }],
  ['resources/list', {}],
  ['resources/read', { uri: 'a:b' }],
  ['resources/subscribe', { uri: 'a:b' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'b', value: '' } }],
  ['logging/setLevel', { level: 'debug' }],
  ['tasks/get', { taskId: 'a' }],
  ['sampling/createMessage', { messages: [], maxTokens: 1 }],
  ['elicitation/create', { message: 'a', requestedSchema: {} }],
  ['roots/list', {}],
  ['own/method', { a: 1 }],
  ['notifications/initialized', {}],
  ['notifications/cancelled', { requestId: 1, reason: 'x' }],
  ['notifications/cancelled', {}],
  ['notifications/progress', { progressToken: 1, progress: 1 }],
  ['notifications/progress', { progress: 'x' }],
  ['notifications/roots/list_changed', {}],
  ['notifications/message', { level: 'info', data: 1 }],
]

function post(message: object, more: Record<string, string> = {}) {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...more }
  return { method: 'POST', body: JSON.stringify(message), headers }
}

async function converse({ answerMcp }: typeof whole, mode: 'auto' | 'legacy'): Promise<unknown[]> {
  const heard: unknown[] = []
  const fetch = async (url: string | URL, init?: RequestInit) => {
    const response = await answerMcp(new Request(url, init))
    const text = await response.clone().text()
    heard.push([response.status, response.headers.get('content-type'), text.replace(/"requestState":"[^"]*"/g, '')])
    return response
  }
  const options = { capabilities: { elicitation: { form: {}, url: {} } }, versionNegotiation: { mode } } as const
  const client = new Client({ name: 'sample', version: '1' }, options)
  client.setRequestHandler('elicitation/create', ({ params }) => {
    heard.push(params)
    return { action: 'accept' }
  })
  await client.connect(new StreamableHTTPClientTransport(new URL('https://executor.test/mcp'), { fetch }))
  const say = async (work: () => Promise<unknown>) => heard.push(await work().catch(String))
  await say(() => client.listTools())
  await say(() => client.callTool({ name: 'echo', arguments: { text: 'a', times: 2 } }))
  await say(() => client.callTool({ name: 'echo', arguments: { text: 1 } }))
  await say(() => client.callTool({ name: 'ask', arguments: { text: 'b' } }))
  await say(() => client.callTool({ name: 'fail', arguments: {} }))
  await say(() => client.callTool({ name: 'unknown', arguments: {} }))
  await say(() => client.listPrompts())
  await say(() => client.ping())
  for (const [method, params] of REQUESTS) {
    heard.push(method)
    await fetch(MCP_URL, post({ jsonrpc: '2.0', id: 7, method, params }))
    await fetch(MCP_URL, post({ jsonrpc: '2.0', method, params }))
    const { _meta: own, ...rest } = params
    const modernParams = { ...rest, _meta: { ...own, ...ENVELOPE } }
    const named = typeof params.name === 'string' && { 'mcp-name': params.name }
    const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named }
    await fetch(MCP_URL, post({ jsonrpc: '2.0', id: 'x', method, params: modernParams }, modern))
    await fetch(MCP_URL, post({ jsonrpc: '2.0', id: 8, method, params }, modern))
  }
  for (const method of ['GET', 'DELETE', 'PUT']) {
    await fetch(MCP_URL, { method, headers: { accept: 'text/event-stream' } })
    await fetch(MCP_URL, { method, headers: { 'mcp-protocol-version': '2026-07-28' } })
  }
  for (const body of [
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list"},{"jsonrpc":"2.0","method":"notifications/initialized"}]',
    '',
    '{',
    '[]',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}',
    '[1]',
    '{"id":{}}',
  ]) {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    await fetch('https://executor.test/mcp', { method: 'POST', body, headers })
  }
  return heard
}

const ROOMS = 'https://rooms.example.com/mcp'

test.each<AskingOptions>([{ era: 'modern' }, { era: 'legacy' }, { era: 'legacy', asks: 'aside' }])(
  'servers of MCP are asked the same: %j',
  async (options) => {
    const ask = async ({ askMcp }: typeof whole) => {
      const { fetch, requests, done } = askingServer(options)
      return [await askMcp(ROOMS, fetch, { of: 'é' }), requests, done]
    }
    const [asked, again] = await Promise.all([ask(lean), ask(whole)])
    expect(asked).toEqual(again)
    expect(JSON.stringify(asked)).toContain('accept')
  },
)

test('servers of HTTP with SSE are asked the same', async () => {
  const ask = async ({ askMcp }: typeof whole) => {
    const heard: string[] = []
    const says = new Map<string | null, (event: string, data: string) => void>()
    const fetch = async (request: Request) => {
      if (request.method === 'GET') {
        const session = String(says.size)
        const body = new ReadableStream<Uint8Array>({
          start(sink) {
            const say = (event: string, data: string) =>
              sink.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${data}\n\n`))
            says.set(session, say)
            say('endpoint', `/messages?session=${session}`)
          },
        })
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
      }
      const message: Message = JSON.parse(await request.text())
      heard.push(JSON.stringify([request.url, message]))
      const say = says.get(new URL(request.url).searchParams.get('session'))
      if (!say) return new Response(null, { status: 404 })
      const answer = { jsonrpc: '2.0', id: message.id, ...answerOf(LEGACY[message.method ?? '']) }
      if (message.id !== undefined) say('message', JSON.stringify(answer))
      return new Response(null, { status: 202 })
    }
    return [await askMcp('https://old.example.com/sse', fetch, {}), heard.toSorted()]
  }
  const asked = await ask(lean)
  expect(asked).toEqual(await ask(whole))
  expect(JSON.stringify(asked)).toContain('"data":"called"')
})

interface Message {
  id?: number | string
  method?: string
}

const TOOLS = [
  { name: 'only', inputSchema: { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': 'A' } } } },
]
const COMPLETE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const LEGACY: Record<string, object> = {
  initialize: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {}, resources: {} },
    serverInfo: { name: 'a', version: '1' },
  },
  'tools/list': { tools: TOOLS },
  'tools/call': { content: [{ type: 'text', text: 'called' }] },
}
const MODERN: Record<string, object> = {
  'server/discover': { ...COMPLETE, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
  'tools/list': { ...COMPLETE, tools: TOOLS },
  'tools/call': { resultType: 'complete', content: [{ type: 'text', text: 'called' }] },
}

function answerOf(result: object | undefined): object {
  return result ? { result } : { error: { code: -32_601, message: 'Method not found' } }
}

const failing = (code: number, data?: object) => () => ({ error: { code, message: `error ${code}`, data } })
const status =
  (code: number, headers: Record<string, string> = {}, body = 'why') =>
  () =>
    new Response(body, { status: code, headers })

/** In place of the answer to one method. */
const ODD: [method: string, answer: () => object][] = [
  ...['server/discover', 'initialize', 'tools/list', 'tools/call'].flatMap((method): [string, () => object][] => [
    [method, status(401, { 'www-authenticate': 'Bearer resource_metadata="https://a.example/b", scope="c"' })],
    [method, status(403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="d"' })],
    [method, status(404)],
    [method, status(400, {}, '{"jsonrpc":"2.0","id":0,"error":{"code":-32020,"message":"headers"}}')],
    [method, status(503, { 'retry-after': '3' })],
    [method, status(200, { 'content-type': 'text/html' })],
    [method, status(200, { 'content-type': 'application/json' }, '{')],
    [method, status(200, { 'content-type': 'application/json; charset="a, b"' }, '[]')],
    [method, status(307, { location: 'https://elsewhere.example/mcp' })],
    [method, status(200, { 'content-type': 'text/event-stream' }, 'data: {}\n\n: comment\n\n')],
    [method, () => ({ result: {} })],
    [method, () => ({ result: { resultType: 'complete', tools: [{ name: 1 }], content: [{ type: 'text' }] } })],
    [method, () => ({ result: { resultType: 'other' } })],
    [method, () => ({ result: { resultType: 'input_required' } })],
    [method, failing(-32_602)],
    [method, failing(-32_022, { supported: ['2099-01-01'], requested: '2026-07-28' })],
  ]),
  ['tools/call', failing(-32_002, { uri: 'a:b' })],
  ['tools/call', failing(-32_021, { requiredCapabilities: { sampling: {} } })],
  ['tools/call', failing(-32_042, { elicitations: [{ mode: 'url', message: 'a', url: 'https://a.example' }] })],
  ['tools/call', () => ({ result: { ...MODERN['tools/call'], structuredContent: [1], isError: true } })],
  ...['sampling/createMessage', 'roots/list', 'own/method', 'elicitation/create'].map(
    (asked): [string, () => object] => [
      'tools/call',
      () => ({ result: { resultType: 'input_required', inputRequests: { a: { method: asked, params: {} } } } }),
    ],
  ),
]

test.each([
  ['2026-07-28', MODERN],
  ['2025-06-18', LEGACY],
])('odd answers of servers of MCP are taken the same (%s)', async (_, results) => {
  const ask = ({ askMcp, probeMcp }: typeof whole) =>
    Promise.all(
      ODD.map(async ([method, odd]) => {
        const sent: unknown[] = []
        const fetch = async (request: Request) => {
          if (request.method !== 'POST') return new Response(null, { status: 405 })
          const message: Message = JSON.parse(await request.text())
          sent.push([message, [...request.headers]])
          if (message.id === undefined) return new Response(null, { status: 202 })
          const answer = message.method === method ? odd() : answerOf(results[message.method ?? ''])
          return answer instanceof Response ? answer : Response.json({ jsonrpc: '2.0', id: message.id, ...answer })
        }
        return [[await probeMcp(ROOMS, fetch), await askMcp(ROOMS, fetch, { a: 'é' })], sent]
      }),
    )
  const [asked, again] = await Promise.all([ask(lean), ask(whole)])
  expect(asked).toEqual(again)
  expect(new Set(asked.map(([heard]) => JSON.stringify(heard))).size).toBeGreaterThan(20)
})

test.each([
  'a: 1\nb: [x, {y: z}]\nc: &c {d: 1}\ne: *c\nf: {<<: *c, g: 2}',
  '? [a, b]\n: c\n? {d: "e\\n"}\n: f\n? - g\n  - >-\n    long text\n    folded\n: h',
  '%YAML 1.1\n---\na: yes\nb: 0o17\nc: 017\nd: 1:30\ne: !!set {x, y}\nf: !!omap [a: 1]\nh: 2001-12-14t21:59:43.10-05:00\ni: !!pairs [a: 1, a: 2]\nj: 1_000\nk: 0b11\nl: ~\nm: 6.8523015e+5\nn: .inf',
  "a: |+\n  x\n\nb: >\n  y\n  z\nc: \"\\u00e9\\x41\\\n  d\"\ne: 'it''s'\nf: !!str 1\ng: !<tag:yaml.org,2002:int> 0x1F\nh: !own x",
  'a: [1, 2\nb: 3',
  'a: *missing',
  '"unclosed',
  '\t- a',
  'a: 1\n---\nb: 2',
  '[a, [b]: c]: d',
  '- &a [*a]',
  `${'- '.repeat(50)}x`,
  '? [a, "b\\n--- c", \'d\n\n  e\']\n: 1\n? {f: |-\n   g\n  }\n: 2',
  '? - >-\n    ---\n    a long text that is folded because it goes on and on, and on, and on, and on, and on, and on\n  - |\n    %b\n    ...\n  - {c: [d, {e: "f: #g"}], ? [h] : i}\n: j',
  '? # a comment\n  - a # another\n\n  # one more\n  - &x b\n  - *x\n  - ~\n  - ""\n: c',
  '%YAML 1.1\n---\n? 2001-12-14\n: a\n? !!set {c, d}\n: e\n? !!omap [f: 1]\n: g\n? [!!set {b}, 2001-12-14]\n: h',
])('YAML is read the same: %j', (text) => {
  expect(lean.readYaml(text)).toEqual(whole.readYaml(text))
})

test('statements of SQL are the same', () => {
  expect(lean.statements()).toEqual(whole.statements())
})

test('what is sent to the database is the same, and so are its answers', async () => {
  const ask = async ({ askDatabase }: typeof whole) => {
    const sent: unknown[] = []
    const prepare = (text: string, values: unknown[] = []): D1PreparedStatement => {
      const answer = <T>(value: T) => {
        sent.push([text, values])
        return values.includes('fails') ? Promise.reject(new Error('D1_ERROR: no such table')) : Promise.resolve(value)
      }
      const result = { results: [{ id: 'run_1', count: 3 }], success: true, meta: { rows_read: 1 } }
      return Object.assign(Object.create(null), {
        bind: (...bound: unknown[]) => prepare(text, bound),
        all: () => answer(result),
        run: () => answer(result),
        first: () => answer(null),
        raw: () => answer([[/count/.test(text) ? 3 : 'run_1']]),
        result,
      })
    }
    const batch = async (statements: { result: unknown }[]) => statements.map(({ result }) => result)
    const heard = await askDatabase(Object.assign(Object.create(null), { prepare, batch }))
    return { sent, heard }
  }
  const asked = await ask(lean)
  expect(asked).toEqual(await ask(whole))
  expect(asked.sent.length).toBeGreaterThan(3)
})

const PROGRAMS = [
  'return [1, "é😀", 2n ** 70n + "", new Date(0).getTimezoneOffset(), new Date("2026-07-01T12:00").toString(), [3, 1].toSorted()]',
  'emit({ a: new Uint8Array([1, 2]) }); console.log("x"); return await tools.a.b({ c: [null, "\\u0000"] })',
  'throw new TypeError("no")',
  'for (;;) {}',
  'const all = []; for (;;) all.push("x".repeat(100_000) + all.length)',
  'const f = () => f(); f()',
  'return [Intl.DateTimeFormat, "a".normalize("NFD"), /\\p{L}+/u.exec("äb")?.[0], Math.random(), crypto.randomUUID()]',
  'await Promise.reject(new Error("late"))',
  'return await import("x")',
  'return new Function("return 1")()',
  'return (async () => { await null; return new Map([[1, { f: 1 }]]) })()',
]

test.each(PROGRAMS)('the sandbox comes to the same by %s', async (program) => {
  const wasm = new WebAssembly.Module(readFileSync(writeMeteredQuickjs()))
  expect(await lean.runProgram(wasm, program)).toEqual(await whole.runProgram(wasm, program))
})

test('tokens of Access are judged the same', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const other = await generateKeyPair('ES256')
  const weak = await generateKeyPair('PS256')
  const keys = [
    { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' },
    { ...(await exportJWK(other.publicKey)), kid: 'two', alg: 'ES256' },
    { ...(await exportJWK(publicKey)), kid: 'three', use: 'enc' },
    { ...(await exportJWK(publicKey)), kid: 'four', alg: 'PS256' },
    { kty: 'oct', k: 'c2VjcmV0', kid: 'five' },
    { ...(await exportJWK(weak.publicKey)), kid: 'same' },
    { ...(await exportJWK(publicKey)), kid: 'same' },
    { ...(await exportJWK(privateKey)), kid: 'private' },
  ]
  const claims = { iss: 'https://team.cloudflareaccess.com', aud: ['app'], type: 'app', exp: 2000, sub: 'a' }
  const sign = (more: object = {}, header: object = {}) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(privateKey)
  const good = await sign()
  const recode = (header: object) =>
    `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${good.split('.').slice(1).join('.')}`
  const tokens = [
    good,
    await sign({ exp: 900 }),
    await sign({ exp: 'soon' }),
    await sign({ exp: undefined }),
    await sign({ nbf: 1200 }),
    await sign({ iat: 5000 }),
    await sign({ iss: 'x' }),
    await sign({ aud: 'app' }),
    await sign({ aud: [] }),
    await sign({ type: 'org' }),
    await sign({}, { kid: 'three' }),
    await sign({}, { kid: 'four' }),
    await sign({}, { kid: 'five' }),
    await sign({}, { kid: 'same' }),
    await sign({}, { kid: 'private' }),
    await sign({}, { kid: undefined }),
    await sign({}, { kid: 'none' }),
    await sign({}, { crit: ['b64'], b64: true }),
    await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'two' }).sign(other.privateKey),
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(new Uint8Array(32)),
    new UnsecuredJWT(claims).encode(),
    ...['none', 'RS512', 'EdDSA', 'HS256', 7, null].map((alg) => recode({ alg, kid: 'one' })),
    recode({ alg: 'RS256', kid: 'one', crit: ['x'], x: 1 }),
    `${good}x`,
    `${good.slice(0, -9)}AAAAAAAAA`,
    'a.b.c',
    'a.b',
    '..',
    '',
    null,
  ]
  const judge = async ({ createVerifier }: typeof whole, set: unknown) => {
    const fetch = async () => Response.json(set)
    const teamDomain = new URL('https://team.cloudflareaccess.com')
    const verify = createVerifier({ teamDomain, audiences: ['app', 'app2'], fetch, now: () => 1_000_000 })
    return Promise.all(tokens.map((token) => verify(token)))
  }
  for (const set of [{ keys }, { keys: [] }, { keys: 1 }, null]) {
    const judged = await judge(lean, set)
    expect(judged).toEqual(await judge(whole, set))
  }
  expect((await judge(lean, { keys })).filter(({ ok }) => ok)).toHaveLength(4)
})

const SELECTIONS = [
  '',
  'id',
  '{ id }',
  'id: name id',
  'items(first: 1) { nodes { id ... on B { x: id } } } # end',
  'items(first: "1", firts: 2) { nodes { id } }',
  'items(in: { id: """a\n  b""", list: [1, { a: $id }] }) { nodes { id } }',
  '... on A { __typename } ... on Missing { id }',
  '...F',
  '...F(a: 1)',
  'id @include(if: true)',
  'fragment F($a: Int) on A { id }',
  'query($a: Int = 1 @b) { id }',
  '{ id } { id }',
  '__schema { types { name } }',
  'id(',
  'name(text: "\\u{1F600}\\uD83D\\uDE00\\n")',
  'name(text: "\\u{110000}")',
  'name(text: "x\ny")',
  'name(text: 00)',
  '\u00fc',
  'a'.repeat(21_000),
  '{'.repeat(30),
]

test.each([
  `"""About it""" schema @a(b: [1, "x"]) { query: Q mutation: M }
   type Q { a(id: ID! = "x", list: [In!] = [{ id: 1, text: """block
     text""" }], long: String = "${'long '.repeat(30)}", many: [Int] = [${'1000000, '.repeat(20)}]): A! @deprecated(reason: "no") b: AB }
   type M { make(in: In!): A } extend type Q { c: [[Int!]!] @x }
   interface N @key(fields: "id") { id: ID } union AB = | A | B enum E { "one" X @deprecated Y }
   input In @oneOf { id: ID text: String } scalar S @specifiedBy(url: "https://a.example")
   "A" type A implements N & Other { id: ID name(text: String): String items(first: Int, in: In): Items } type B implements N { id: ID }
   type Items { nodes: [N] pageInfo: PageInfo! } type PageInfo { hasNextPage: Boolean! endCursor: String }
   directive @x(a: Int = 1) repeatable on FIELD_DEFINITION | OBJECT extend schema @link(url: "x") extend scalar S @y extend enum E { Z } extend union AB = A extend input In { more: Int } extend interface N { more: Int }`,
  'type Query { a: Int b(: Int } type B { c: }',
  'type Query { a: Int } query { a } fragment F on Query { a } subscription S { a } { a }',
  '"text" { a } "text" extend type A { b: Int } "text" query { a } type Query { a: Int }',
  'type Query { a(x: Int = $y): Int }',
  'extend directive @x @y directive @x on NOWHERE type Query { a: Int }',
  'type Query { a: Int } type "x" { } \u0007 type B { a: Int }',
  '{"data":{"__schema":{"queryType":{"name":"Q"},"types":[{"kind":"OBJECT","name":"Q","fields":[{"name":"a","args":[{"name":"x","type":{"kind":"SCALAR","name":"Int"},"defaultValue":"{a: [1, RED], b: \\"x\\"}"},{"name":"y","type":{"kind":"SCALAR","name":"Int"},"defaultValue":"{"}],"type":{"kind":"SCALAR","name":"Int"}}]}]}}}',
  'openapi: 3.1.0',
])('GraphQL is read and asked the same: %s', async (document) => {
  const asked = await lean.askGraphQl(document, SELECTIONS)
  expect(asked).toEqual(await whole.askGraphQl(document, SELECTIONS))
})

test('a schema answers the same', () => {
  for (const value of [
    {},
    { a: 'x' },
    { a: 'x@y.z', b: [1, 2], c: { __proto__: null, d: 'e' } },
    { a: 1, b: ['c'] },
    null,
    [],
  ]) {
    expect(lean.check(value)).toEqual(whole.check(value))
  }
})

test.each([
  ['GET', '/'],
  ['GET', '/_root.data'],
  ['POST', '/'],
  ['POST', '/_root.data'],
  ['GET', '/?away'],
  ['GET', '/_root.data?away'],
  ['GET', '/?gone'],
  ['GET', '/_root.data?gone'],
  ['GET', '/?broken'],
  ['GET', '/?q=a&fails'],
  ['GET', '/_root.data?fails'],
  ['GET', '/?thrown'],
  ['HEAD', '/'],
  ['DELETE', '/'],
  ['GET', '/__manifest?p=/'],
  ['GET', '/missing'],
  ['GET', '/missing.data'],
  ['PUT', '/_root.data?_routes=root'],
])('pages are the same: %s %s', async (method, path) => {
  const ask = async ({ answerPage }: typeof whole) => {
    const body = !['GET', 'HEAD'].includes(method) && { body: new URLSearchParams({ name: 'x' }) }
    const response = await answerPage(new Request(`https://executor.test${path}`, { method, ...body }))
    // A function of the router's own as text is minified, and errors say more to developers.
    const text = (await response.text())
      .replace(/\(\(\w+, ?\w+\)\s*=>[^]*?(?=\("react-router-scroll)/, '')
      .replace(/(?<=\$RX\("[^"]*").*?(?=\)<)/, '')
    return [response.status, [...response.headers], text]
  }
  expect(await ask(lean)).toEqual(await ask(whole))
})

test('no cut takes a declaration away that is still named', async () => {
  // Names are short where something declares them.
  const { output } = await runTool('oxlint', ['-A', 'all', '-D', 'no-undef', '-f', 'unix', 'lean.js'], { cwd: out })
  const undeclared = new Set(Array.from(output.matchAll(/'([^']+)' is not defined/g), ([, name = '']) => name))
  expect([...undeclared].filter((name) => !(name in globalThis)).toSorted()).toEqual(ELSEWHERE)
})

/** What other environments have, each asked for with `typeof`. */
const ELSEWHERE = [
  'AsyncLocalStorage',
  '__REACT_DEVTOOLS_GLOBAL_HOOK__',
  'define',
  'reportError',
  'sessionStorage',
  'window',
]

const never = (): never => {
  throw new Error('never asked')
}

test('the MCP SDK has one core', () => {
  expect(lean.ClientError).toBe(lean.ServerError)
  expect(whole.ClientError).not.toBe(whole.ServerError)
})

test('what was left out says where to look', async () => {
  const server = new lean.McpServer({ name: 'a', version: '1' })
  expect(() => server.registerPrompt('a', {}, () => ({ messages: [] }))).toThrow('registerPrompt of')
  const client = new lean.Client({ name: 'a', version: '1' }, { jsonSchemaValidator: { getValidator: () => never } })
  await expect(client.getPrompt({ name: 'a' })).rejects.toThrow('getPrompt of')
  expect(() => new lean.Client({ name: 'a', version: '1' })).toThrow('scripts/bundle-cuts-mcp-client.ts')
  expect(() =>
    lean.z.object({ a: lean.z.string() })['~standard'].jsonSchema.input({ target: 'draft-2020-12' }),
  ).toThrow('scripts/bundle-cuts.ts')
})

test('a build fails when a package is not as the cuts know it', async () => {
  const moved: Cut = { why: '', saves: 0, leaveOut: ['zod/v4/core/moved.js'] }
  await expect(bundle([...CUTS, moved])).rejects.toThrow('Not in the bundle any more')
  const changed: Cut = { why: '', saves: 0, edit: { 'zod/v4/core/errors.js': [[/no such text/, '']] } }
  await expect(bundle([...CUTS, changed])).rejects.toThrow('errors.js has changed')
  const renamed: Cut = { why: '', saves: 0, leaveOutFunctions: { 'zod/v4/core/util.js': ['joinValues', 'Old.name'] } }
  await expect(bundle([...CUTS, renamed])).rejects.toThrow('util.js has changed: Old.name is not')
  const unhandled: Cut = { why: '', saves: 0, leaveOutHandlers: { 'zod/v4/core/parse.js': ['useNothing'] } }
  await expect(bundle([...CUTS, unhandled])).rejects.toThrow('useNothing is not')
})

test.each([
  ['export const rows = (db) => db.query.runs.findMany()', 'Queries by relations'],
  ['export const json = () => z.toJSONSchema(z.string())', 'Zod writes any schema'],
  [`export const tool = specTypeSchemas.Tool`, 'a check for every type of the protocol'],
  ['export const ask = (server) => server.createMessage({})', 'Our server has tools and nothing else'],
  ['export const address = () => z.string().email()', 'Methods of Zod’s schemas'],
  [`export { useReducer as unused } from 'react'; import { useReducer } from 'react'`, 'React’s exports'],
  ['export const sheet = () => <link rel="stylesheet" href="/a.css" precedence="default" />', 'React renders pages'],
  [`export const table = sqliteTable('a', (t) => ({ b: t.text() }))`, 'Migrations are applied'],
  [`export const named = (db) => db.with(db.$with('a').as(1)).select()`, 'No query is named in advance'],
  [`export const errors = (one) => one instanceof GraphQLError`, 'Of an error only the message'],
  [`export { validate } from 'graphql'`, 'No fragment takes arguments'],
  ['export const client = new Client(about, {})', 'a validator of JSON Schema'],
  [`export const ours = new SSEClientTransport(url, { authProvider: mine })`, 'sign in by itself'],
  ['export const names = (client) => client.listTools()', 'results are read as they come'],
  [`export const call = (client) => client.callTool({ name: 'a' })`, 'results are read as they come'],
  ['export const transport = new WebStandardStreamableHTTPServerTransport()', 'Options of the SDK’s server'],
  [`export const Picture = () => <img src="/a.svg" alt="" />`, 'Of elements and options'],
  [`export const old = (key) => jwtVerify(key, { maxTokenAge: 1 })`, 'The tokens of Access'],
])('a build fails when our own code needs what is left out: %s', async (code, why) => {
  await expect(bundle(CUTS, [code])).rejects.toThrow(why)
})
