// Programs, arguments and upstreams that mean harm, or do it by mistake, through `/mcp` on the built Worker: each is
// answered clearly, others go on meanwhile, and nothing is left of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { type Answered, type ConnectedAgent, connectAgent } from './agent.ts'
import {
  addConnection,
  addIntegration,
  addRule,
  openConsole,
  removeIntegration,
  removeRule,
  signInCookie,
} from './console.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { MEMBER } from './local-access/identities.ts'
import { SAMPLE_API_KEY } from './sample-api/credentials.ts'
import type { LedgerEntry } from './sample-api/ledger.ts'
import { stackOrigins } from './stack-origins.ts'

const ONE_CALL_MS = 60_000

let origin: string
let sample: string
let agent: ConnectedAgent
let admin: HttpBrowser
let inVain: Promise<Answered | Error> | undefined

test.beforeAll(async ({ baseURL }) => {
  const stack = stackOrigins(baseURL)
  origin = stack.access
  sample = stack.sample
  agent = await connectAgent(origin)
  admin = await openConsole(origin)
})

test.afterAll(async () => {
  await removeRule(admin, 'attacked.people.list')
  await removeRule(admin, 'attacked.teams.*')
  await removeIntegration(admin, 'attacked')
  await agent.client.close()
})

/** Searches and opens a page of the console for as long as `work` takes; each must succeed. */
async function whileOthersGoOn(work: () => Promise<void>): Promise<number> {
  const over = new AbortController()
  let rounds = 0
  const others = async () => {
    const another = await connectAgent(origin)
    do {
      const found = await another.call('search', { query: 'list tickets', integration: 'northwind', limit: 1 })
      expect(found.text).toContain('northwind.tickets.list')
      expect((await admin.open('/tools?query=ticket')).status).toBe(200)
      rounds += 1
      await sleep(50)
    } while (!over.signal.aborted)
    await another.client.close()
  }
  await Promise.all([others(), work().finally(() => over.abort())])
  return rounds
}

async function ledger(): Promise<LedgerEntry[]> {
  return (await fetch(`${sample}/_ledger`)).json()
}

const HARMFUL: [name: string, code: string, answer: RegExp][] = [
  ['nothing', ' ', /^syntax_error: There is no code to run\./],
  ['a syntax error', 'const a = 1\nconst = 2', /^syntax_error: .*\nAt line 2, column 7:\n/],
  ['an endless loop', 'for (;;);', /^step_limit: /],
  ['an endless sort', 'const a = Array.from({ length: 100_000 }, (_, i) => i); for (;;) a.sort()', /^step_limit: /],
  ['a comparator that never returns', '[3, 1, 2].sort(() => { for (;;); })', /^step_limit: /],
  ['a regular expression without end', '/^(a+)+$/.test("a".repeat(40) + "!")', /^step_limit: /],
  ['endless concatenation', 'let s = ""; for (;;) s += "x".repeat(1000)', /^(step|memory)_limit: /],
  [
    'an endless loop of microtasks',
    'const f = async () => { await null; return f }; for (;;) await f()',
    /^step_limit: /,
  ],
  ['a loop that catches its end', 'for (;;) try { for (;;); } catch {} finally { continue }', /^step_limit: /],
  ['a big integer', 'return 2n ** 64n', /Big integers are off/],
  ['a bomb of arrays', 'const a = []; for (;;) a.push(new Array(1000).fill(a.length))', /^memory_limit: /],
  ['a bomb of strings', 'let s = "x"; for (;;) s += s', /^memory_limit: /],
  ['a bomb of buffers', 'const a = []; for (;;) a.push(new Uint8Array(1e6))', /^memory_limit: /],
  ['deep recursion', 'const f = (n) => f(n + 1) + 1; return f(0)', /^stack_limit: /],
  ['deep JSON', 'return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))', /^(stack|memory)_limit: /],
  ['a promise that never settles', 'await new Promise(() => {})', /^never_settles: .*nothing will settle/],
  ['a text of 20 MB', 'return "x".repeat(20e6)', /^result_too_large: /],
  ['a result of 5 MB', 'return Array.from({ length: 50_000 }, () => "x".repeat(100))', /^result_too_large: /],
  ['65 KB of code', `return 1 // ${'x'.repeat(65 * 1024)}`, /^code_too_large: /],
  ['an import', 'import fs from "node:fs"; return fs', /^refused_syntax: There are no modules/],
  ['a fetch', 'return await fetch("http://localhost/")', /fetch/],
  ['201 calls', 'for (;;) await tools.northwind.teams.list()', /^call_limit: /],
]

/**
 * A program whose upstreams never finish. It keeps its sandbox for as long as one call may take, so that it is started
 * first and looked at last.
 */
async function waitInVain(): Promise<Answered | Error> {
  const code = `
    const kinds = ["endless-drip", "never-answers"]
    const settled = await Promise.allSettled(kinds.map((kind) => tools.northwind.simulate.broken({ kind })))
    return settled.map(({ reason }) => [reason.code, reason.message, reason.retryable])`
  try {
    const another = await connectAgent(origin)
    let answer = await another.execute(code)
    // No answer takes longer than 25 s: what is unfinished goes on, and is asked for again.
    const { run } = answer
    while (answer.text.startsWith('The run is still going on')) answer = await another.call('resume', { run })
    return answer
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

test('every harmful program is told why it ended, while others go on', async () => {
  test.setTimeout(150_000)
  inVain ??= waitInVain()
  const rounds = await whileOthersGoOn(async () => {
    for (const [name, code, answer] of HARMFUL) {
      const { isError, text, whole } = await agent.execute(code)
      expect(isError, name).toBe(true)
      expect(text, name).toMatch(answer)
      expect(whole.length, name).toBeLessThan(5_000)
      // Of neither the host nor the prelude.
      expect(whole, name).not.toMatch(/prelude|node_modules|server\/|\.wasm|file:/)
    }
  })
  expect(rounds).toBeGreaterThan(3)
  expect((await agent.execute('return 6 * 7')).text).toBe('42')
})

test('whatever a program returns has a rendering', async () => {
  for (const [code, answer] of [
    ['return Symbol("s")', /^Symbol\(s\)$/],
    ['return new Map([["a", new Set([1])]])', /"a"/],
    ['const o = { a: 1 }; o.self = o; return o', /^\{"a":1,"self":"\[Circular\]"\}$/],
    ['return () => 1', /^\[Function\]$/],
    ['return new Date(0)', /1970-01-01T00:00:00\.000Z/],
    ['return new Error("no")', /no/],
    [
      'let deep = {}; for (let i = 0, at = deep; i < 5000; i++) at = at.a = {}; return deep',
      /nested deeper than 100 levels/,
    ],
    ['for (let i = 0; i < 1e5; i++) console.log("line", i); return "done"', /^done\nLogs:\nline 0\n/],
    ['const unused = 1', /undefined/],
  ] as const) {
    const { isError, text } = await agent.execute(code)
    expect(isError, text).toBe(false)
    expect(text).toMatch(answer)
    expect(text.length).toBeLessThan(24 * 1024)
  }
})

test('what one run does to its globals is not there in the next, and no run sees a secret', async () => {
  const poison = `
    globalThis.leaked = "left behind"
    Object.prototype.polluted = "left behind"
    Array.prototype.map = () => "left behind"
    JSON.stringify = () => "left behind"
    Promise.prototype.then = () => { throw new Error("left behind") }
    try { tools.northwind = "left behind" } catch {}
    return { own: 1 }`
  expect((await agent.execute(poison)).text).toBe('{"own":1}')
  const look = `
    const names = Object.getOwnPropertyNames(globalThis)
    const answer = await tools.northwind.account.whoami.raw()
    console.log(names, answer, tools, String(tools.northwind.account.whoami), answer.headers)
    return { leaked: typeof leaked, polluted: ({}).polluted ?? null, mapped: [1].map((n) => n + 1), names, answer }`
  const { isError, text, whole } = await agent.execute(look)
  expect(isError, text).toBe(false)
  expect(text).toContain('"leaked":"undefined","polluted":null,"mapped":[2]')
  expect(whole).not.toContain('left behind')
  expect(whole).not.toContain(SAMPLE_API_KEY)
  // Nor whatever begins like a token.
  expect(whole).not.toMatch(/cf-access|\beyJ|Bearer /)
})

test('six endless programs at once are all answered, and the search goes on', async () => {
  test.setTimeout(90_000)
  await whileOthersGoOn(async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => agent.execute('for (;;);')))
    for (const { isError, text } of answers) {
      expect(isError).toBe(true)
      expect(text).toMatch(/^step_limit: |^busy: [\s\S]*The same call may succeed later/)
    }
    expect(answers.some(({ text }) => text.startsWith('step_limit'))).toBe(true)
  })
  expect((await agent.execute('return "still here"')).text).toBe('still here')
})

test('a long answer is cut and can be read whole later, but not by another principal', async () => {
  const cut = await agent.execute('return "x".repeat(30_000) + "the end"')
  expect(cut.text).not.toContain('the end')
  expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(24 * 1024)
  expect(cut.text).toContain(`results.get("${cut.run}")`)
  const read = `const all = await results.get("${cut.run}"); return [all.length, all.slice(-7)]`
  expect((await agent.execute(read)).text).toBe('[30007,"the end"]')

  const member = await connectAgent(origin, { cookie: await signInCookie(origin, MEMBER) })
  expect((await member.execute('return (await tools.northwind.account.whoami()).name !== ""')).text).toBe('true')
  const refused = await member.execute(read)
  expect(refused.isError).toBe(true)
  expect(refused.text).toMatch(/^unknown_run: There is no run "run_\w+" of yours\./)
  expect((await agent.execute('return await results.get("run_none")')).text).toMatch(/^unknown_run: /)
  await member.client.close()
})

test('a file that is emitted arrives by its type', async () => {
  const { whole, isError } = await agent.execute(
    'const file = await tools.northwind.simulate.broken({ kind: "json-as-png" }); emit(file); return file.size',
  )
  expect(isError).toBe(false)
  const data = Buffer.from('{"name": "Ada"}').toString('base64')
  expect(whole).toContain(JSON.stringify({ type: 'image', data, mimeType: 'image/png' }))
})

test('what is missing, unclear or not allowed says what to do next', async () => {
  await addIntegration(admin, `${sample}/openapi.json`, { slug: 'attacked', title: 'Attacked' })
  const failing = async (code: string) => {
    const { isError, text } = await agent.execute(code)
    expect(isError, text).toBe(true)
    return text
  }
  const link = `${origin}/connections/new?integration=attacked`
  expect(await failing('return tools.attacked.people.list()')).toContain(
    `connection_missing: You have no connection to attacked. A person can add one here: ${link}`,
  )
  const { text: found } = await agent.call('search', { query: 'list people', integration: 'attacked' })
  expect(found).toContain('[needs a connection]')
  expect(found).toContain(link)

  await addConnection(admin, 'attacked', 'one', SAMPLE_API_KEY)
  expect((await agent.execute('return (await tools.attacked.people.list({ per_page: 2 })).length')).text).toBe('2')
  await addConnection(admin, 'attacked', 'two', SAMPLE_API_KEY)
  expect(await failing('return tools.attacked.people.list()')).toMatch(
    /^connection_ambiguous: .*Say which: attacked@one, attacked@two, as in tools\["attacked@one"\]\./,
  )
  expect((await agent.execute('return (await tools["attacked@two"].people.list({ per_page: 2 })).length')).text).toBe(
    '2',
  )
  expect(await failing('return tools["attacked@tow"].people.list()')).toContain('Did you mean attacked@two?')

  await addRule(admin, 'attacked.people.list', 'block')
  await addRule(admin, 'attacked.teams.*', 'require_approval')
  expect(await failing('return tools["attacked@one"].people.list()')).toMatch(
    /^blocked: attacked\.people\.list may not be used\. .*Only an admin can change that; look for another way\./,
  )
  const held = await agent.execute('return tools["attacked@one"].teams.list()')
  expect(held.isError).toBe(false)
  expect(held.text).toMatch(/attacked\.teams\.list[\s\S]*\/approvals\/apr_/)
  expect(await failing('return tools["attacked@one"].people.list({ per_page: "many" })')).toMatch(/^blocked: /)
})

test('wrong arguments and unknown tools name what was meant, and nothing is sent', async () => {
  await fetch(`${sample}/_ledger`, { method: 'DELETE' })
  for (const [code, answer] of [
    ['return tools.northwind.people.list({ per_pag: 1 })', /did you mean "per_page"\?/],
    ['return tools.northwind.people.list({ per_page: "many" })', /^invalid_arguments: .*per_page.*(integer|number)/],
    ['return tools.northwind.people.list({ per_page: -1 })', /^invalid_arguments: .*per_page/],
    ['return tools.northwind.people.get()', /missing required field "person_id"/],
    ['return tools.northwind.people.get("per_001")', /^invalid_arguments: .*It takes \(input: \{ person_id/s],
    ['return tools.northwind.people.get({ person_id: "../teams" })', /^invalid_arguments: /],
    ['return tools.northwind.people.lst()', /Did you mean northwind\.people\.list\?/],
    ['return tools.northwnd.people.list()', /Did you mean "northwind"\?/],
    ['return tools.nothing.like.it()', /^unknown_integration: .*search\(\) without a query lists what there is/],
    ['return tools.constructor.prototype.x()', /^unknown_integration: /],
    ['return tools.search({ query: 5 })', /^invalid_arguments: tools\.search takes/],
  ] as const) {
    const { isError, text } = await agent.execute(code)
    expect(isError, code).toBe(true)
    expect(text).toMatch(answer)
  }
  expect(await ledger()).toEqual([])
})

test('a hostile upstream costs an error that says what it did', async () => {
  const code = `
    const caught = async (promise) => { try { return await promise } catch ({ code, message, retryable }) { return { code, message, retryable } } }
    const broken = (kind) => caught(tools.northwind.simulate.broken({ kind }))
    const all = {}
    for (const kind of ["invalid-json", "empty-json", "truncated", "html-as-json", "connection-closed", "huge", "gzip-bomb", "not-gzip"]) all[kind] = await broken(kind)
    all.slow = await caught(tools.northwind.simulate.slow({ ms: 1500 }))
    all.loop = await caught(tools.northwind.simulate.redirect({ loop: true }))
    all.script = await caught(tools.northwind.simulate.redirect({ to: "javascript:alert(1)" }))
    all.metadata = await caught(tools.northwind.simulate.redirect({ to: "http://169.254.169.254/latest" }))
    const large = await tools.northwind.simulate.large({ bytes: 5_000_000 })
    all.large = [large.type, large.size > 4_000_000]
    return all`
  let answer: Answered | undefined
  await whileOthersGoOn(async () => {
    answer = await agent.execute(code)
  })
  expect(answer?.isError, answer?.text).toBe(false)
  expect(JSON.parse(answer?.text ?? '')).toMatchObject({
    'invalid-json': { code: 'invalid_answer', message: expect.stringContaining('is not valid JSON. It begins with') },
    'empty-json': null,
    truncated: { code: 'interrupted', retryable: true },
    'html-as-json': { code: 'invalid_answer', message: expect.stringContaining('<!doctype html>') },
    'connection-closed': {
      code: 'unreachable',
      message: expect.stringContaining('could not be reached'),
      retryable: true,
    },
    huge: { code: 'answer_too_large', message: expect.stringContaining('larger than the limit of 10 MiB') },
    'gzip-bomb': { code: 'answer_too_large', message: expect.stringContaining('larger than the limit of 10 MiB') },
    'not-gzip': { code: expect.stringMatching(/^(interrupted|invalid_answer)$/) },
    slow: { done: true },
    loop: { code: 'too_many_redirects' },
    script: { code: 'invalid_url', message: 'Only http and https URLs can be reached, not javascript:' },
    metadata: { code: 'blocked_address', message: expect.stringContaining('169.254.169.254 is') },
    large: ['application/json', true],
  })
})

test('a redirect to another origin goes on without the credential', async () => {
  await fetch(`${sample}/_ledger`, { method: 'DELETE' })
  const { isError, text } = await agent.execute('return (await tools.northwind.simulate.redirect.raw()).status')
  expect(isError, text).toBe(false)
  expect(text).toBe('200')
  expect(await ledger()).toMatchObject([
    { path: '/simulate/redirect', credentials: [{ placement: 'bearer' }] },
    { path: '/status', credentials: [] },
  ])
})

test('upstreams that never finish cost one call its time, and nobody else', async () => {
  test.setTimeout(2 * ONE_CALL_MS)
  const timeout = ['timeout', 'There was no complete answer within 60 s.', true]
  expect(await (inVain ??= waitInVain())).toMatchObject({ isError: false, text: JSON.stringify([timeout, timeout]) })
  expect((await agent.execute('return (await tools.northwind.teams.list()).length > 0')).text).toBe('true')
})
