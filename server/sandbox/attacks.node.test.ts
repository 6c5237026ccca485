// Programs that mean harm, or do it by mistake: each is answered clearly, and nothing of it is left.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createNodeEngine } from '../testing/sandbox-engine.ts'
import { errorOf, runProgram, valueOf } from '../testing/run-program.ts'
import type { SandboxEngine } from './engine.ts'
import type { HostReply, HostRequest } from './evaluate.ts'
import { FileValue } from './file.ts'
import { DEFAULT_LIMITS } from './limits.ts'

const ENDLESS: [string, string][] = [
  ['plain', 'for (;;);'],
  ['after an await', 'await null; while (true) {}'],
  ['in a comparator', '[3, 1, 2].sort(() => { for (;;); })'],
  ['of built-in sorts', 'const a = Array.from({ length: 100_000 }, (_, i) => i); for (;;) a.sort()'],
  ['of typed sorts', 'const a = new Float64Array(500_000); for (;;) a.sort()'],
  ['in a regular expression', '/^(a+)+$/.test("a".repeat(40) + "!")'],
  ['of regular expressions', 'for (;;) /(x+x+)+y/.test("x".repeat(25))'],
  ['of indexOf', 'const s = "x".repeat(4e6); for (;;) s.indexOf("y")'],
  ['of JSON', 'const a = Array.from({ length: 50_000 }, (_, i) => i); for (;;) JSON.parse(JSON.stringify(a))'],
  ['of copies', 'const s = "x".repeat(4e6); for (;;) s.slice(1)'],
  ['of fills', 'const a = new Uint8Array(4e6); for (;;) a.fill(1)'],
  ['of spreads', 'const a = new Array(100_000).fill(0); for (;;) [...a]'],
  ['of comparisons', 'const s = "x".repeat(4e6), t = "x".repeat(4e6); let n = 0; for (;;) if (s === t) n++'],
  ['of keys', 'const s = "x".repeat(4e6), o = {}; for (;;) o[s + 1]'],
  ['of number formatting', 'for (;;) (1e308).toString(2)'],
  ['of host conversions', 'const s = "x".repeat(1e6); for (;;) new TextEncoder().encode(s)'],
  ['of URLs', 'for (;;) new URL("http://x.y/" + "a/../".repeat(1000))'],
  ['of base 64', 'const s = "x".repeat(1e6); for (;;) btoa(s)'],
  ['of microtasks', 'let n = 0; const f = async () => { await null; n++; return f }; for (;;) await f()'],
  ['of thenables', 'await { then(resolve) { resolve(this) } }'],
  ['in a getter of the result', 'return { get x() { for (;;); } }'],
  ['in toJSON of the result', 'return { toJSON() { for (;;); } }'],
  ['in a Proxy as the result', 'return new Proxy({}, { ownKeys() { for (;;); } })'],
  ['in valueOf', 'return 1 + { valueOf() { for (;;); } }'],
  ['in toString of what is logged', 'console.log({ toJSON() { for (;;); } })'],
  ['in the message of what is thrown', 'throw { toJSON() { for (;;); } }'],
  [
    'in toString of the thrown message',
    'const e = new Error(); Object.defineProperty(e, "message", { get() { for (;;); } }); throw e',
  ],
  ['in a generator', 'for (const _ of (function* () { for (;;) yield 1 })());'],
  [
    'in an array that never ends',
    'return [...{ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }].length',
  ],
  ['that catches its interruption', 'for (;;) try { for (;;); } catch {} finally { continue }'],
  ['that goes on in finally', 'try { for (;;); } finally { for (;;); }'],
  ['that goes on after a rejection', 'const spin = async () => { for (;;); }\nfor (;;) await spin().catch(() => {})'],
]

/** In counts, a twentieth of the default; what is tested is that counting ends it, and not how long it takes. */
const limits = { steps: DEFAULT_LIMITS.steps / 20 }

describe.each(['running', 'frozen'])('with the clock %s, an endless loop is stopped', (clock) => {
  beforeEach(() => {
    if (clock === 'running') return
    const frozen = { date: Date.now(), performance: performance.now() }
    vi.spyOn(Date, 'now').mockReturnValue(frozen.date)
    vi.spyOn(performance, 'now').mockReturnValue(frozen.performance)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test.each(ENDLESS)('%s', async (_, code) => {
    const { code: reason, message } = await errorOf(code, { limits })
    // Some of these fill the memory or the stack before they use up their steps.
    expect(reason).toMatch(/^(step|memory|stack)_limit$/)
    expect(message.length).toBeLessThan(200)
  })
})

test('the default budget ends a loop, and says in which function', async () => {
  const evaluation = await runProgram(
    'const a = 1\nfunction spin() {\n  let n = 0\n  while (true) Math.max(n, 1)\n}\nspin()',
  )
  expect(evaluation).toMatchObject({
    state: 'failed',
    error: { code: 'step_limit', line: 2 },
    steps: DEFAULT_LIMITS.steps,
  })
})

test('what a loop logged and emitted before it was stopped is kept', async () => {
  const evaluation = await runProgram('console.log("before"); emit(1); const a = [3, 2, 1]; for (;;) a.sort()', {
    limits,
  })
  expect(evaluation).toMatchObject({ state: 'failed', logs: 'before\n', emitted: [1] })
})

test('a loop of microtasks lets the host do other work', async () => {
  let ticks = 0
  const ticking = setInterval(() => ticks++, 0)
  await runProgram('let n = 0; const f = () => { n++ }; for (;;) await f()', { limits })
  clearInterval(ticking)
  expect(ticks).toBeGreaterThan(0)
})

test('another program goes on while one waits, and is not touched by one that is stopped', async () => {
  let answer: (reply: HostReply) => void = () => {}
  const call = () => new Promise<HostReply>((resolve) => (answer = resolve))
  const waiting = runProgram('globalThis.secret = 1; return await tools.a.b({}) + globalThis.secret', { call })
  const stopped = await runProgram('globalThis.secret = 2; for (;;);', { limits })
  const other = await runProgram('return [typeof secret, 1 + 1]')
  answer({ ok: true, value: { data: 41 }, at: 0 })
  expect(stopped).toMatchObject({ state: 'failed', error: { code: 'step_limit' } })
  expect(other).toMatchObject({ value: ['undefined', 2] })
  expect(await waiting).toMatchObject({ state: 'succeeded', value: 42 })
})

test.each([
  ['a literal', 'return 1n'],
  ['the constructor', 'return BigInt(1)'],
  ['a typed array', 'return new BigInt64Array(1)[0]'],
  ['asIntN', 'return BigInt.asIntN(64, 1)'],
  ['a data view', 'return new DataView(new ArrayBuffer(8)).getBigInt64(0)'],
])('big integers are refused: %s', async (_, code) => {
  expect((await errorOf(code)).message).toMatch(/Big integers are off|not a function/)
})

test('there is no way to code from strings', async () => {
  const code = `
    const ways = [
      () => eval('1'), () => (0, globalThis['eval'])('1'), () => Function('return 1')(), () => (() => {}).constructor('return 1')(),
      () => [].constructor.constructor('return 1')(), () => (async () => {}).constructor('return 1')(), () => (function* () {}).constructor('return 1')(),
      () => (async function* () {}).constructor('return 1')(), () => tools.constructor.constructor('return 1')(), () => Reflect.construct((class {}).constructor, ['return 1'])(),
      () => console.log.constructor('return 1')(), () => setTimeout('1', 1), () => Object.getPrototypeOf(async () => {}).constructor('return 1')(),
    ]
    return ways.map((way) => { try { const value = way(); return value instanceof Promise ? 'promise' : value } catch (e) { return e.name } })`
  const outcomes = await valueOf(code)
  expect(outcomes).toHaveLength(13)
  expect(outcomes).not.toContain(1)
})

describe('memory', () => {
  /** An engine that keeps the memories it made, so that they can be measured. */
  function createWatchedEngine() {
    const engine = createNodeEngine()
    const memories: WebAssembly.Memory[] = []
    const watched: SandboxEngine = {
      slots: engine.slots,
      async createMachine(limits) {
        const machine = await engine.createMachine(limits)
        memories.push(machine.memory)
        return machine
      },
    }
    return { engine: watched, memories }
  }

  test.each([
    ['of arrays', 'const a = []; for (;;) a.push([a.length])'],
    ['of objects', 'const a = []; for (;;) a.push({ x: a.length })'],
    ['of strings', 'const a = []; for (;;) a.push("x".repeat(100_000) + a.length)'],
    ['of one doubled string', 'let s = "x"; for (;;) s += s'],
    ['of a string that grows', 'let s = ""; for (;;) s += "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"'],
    ['of a huge array', 'new Array(1e9).fill(0)'],
    ['of a huge buffer', 'new ArrayBuffer(1e9)'],
    ['of typed arrays', 'const a = []; for (;;) a.push(new Uint8Array(1e6))'],
    ['of promises', 'const f = () => Promise.resolve().then(f); await f()'],
    ['of calls', 'const a = []; for (;;) a.push(tools.a.b({ s: "x".repeat(1e6) }))'],
    ['of closures', 'let f = () => 1; for (;;) { const g = f; f = () => g() }'],
    ['of a Map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i)'],
    ['of regular expressions', 'new RegExp("(".repeat(1e6) + ")".repeat(1e6)).test("x")'],
    ['that is caught', 'const a = []; for (;;) try { a.push(new Uint8Array(1e5)) } catch { a.length = 10; a.push(a) }'],
  ])('a bomb %s stays inside its 32 MiB', async (_, code) => {
    const { engine, memories } = createWatchedEngine()
    const call = () => new Promise<HostReply>(() => {})
    const error = await errorOf(code, { engine, limits, call })
    expect(error.code).toMatch(/^(memory|step|call|stack)_limit$|^syntax_error$/)
    expect(memories).toHaveLength(1)
    expect(memories[0]?.buffer.byteLength).toBeLessThanOrEqual(DEFAULT_LIMITS.memoryBytes)
  })

  test('what was freed may be used again: 300 MB in pieces fit', async () => {
    const { engine, memories } = createWatchedEngine()
    const code = 'let n = 0; for (let i = 0; i < 300; i++) n += new Uint8Array(1e6).length; return n'
    expect(await valueOf(code, { engine })).toBe(300_000_000)
    expect(memories[0]?.buffer.byteLength).toBeLessThanOrEqual(DEFAULT_LIMITS.memoryBytes)
  })

  test('a program that ran out of memory may catch that and answer', async () => {
    expect(await valueOf('try { new ArrayBuffer(1e9) } catch (e) { return e.message }')).toBe('out of memory')
  })

  test('a file or a text from the host that does not fit ends the run, and nothing else', async () => {
    const reply = (data: unknown) => async (): Promise<HostReply> => ({ ok: true, value: { data }, at: 0 })
    const text = 'x'.repeat(40_000_000)
    expect(await errorOf('return (await tools.a.b({})).length', { call: reply(text) })).toMatchObject({
      code: 'memory_limit',
    })
    expect(await valueOf('return (await tools.a.b({})).length', { call: reply('x'.repeat(4_000_000)) })).toBe(4_000_000)
  })

  test('a memory is collected once its run is over, also when it was stopped in the middle', async () => {
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const engine = createNodeEngine()
    const memories: WeakRef<WebAssembly.Memory>[] = []
    const watched: SandboxEngine = {
      slots: engine.slots,
      async createMachine(limits) {
        const machine = await engine.createMachine(limits)
        memories.push(new WeakRef(machine.memory))
        return machine
      },
    }
    for (const code of [
      'return 1',
      'const a = [2, 1]; for (;;) a.sort()',
      'await tools.a.b({})',
      'await new Promise(() => {})',
    ]) {
      await runProgram(code, { engine: watched, limits })
    }
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      collect()
    }
    expect(memories.map((memory) => memory.deref())).toEqual([undefined, undefined, undefined, undefined])
  })
})

test.each([
  ['plain recursion', 'const f = () => f() + 1; return f()'],
  ['recursion through built-ins', 'const f = () => [1].map(f); return f()'],
  ['recursion through a getter', 'const o = { get x() { return this.x } }; return o.x'],
  ['recursion through a Proxy', 'const p = new Proxy({}, { get: (_, key) => p[key] }); return p.x'],
  ['recursion through toString', 'const o = { toString() { return `${this}` } }; return `${o}`'],
  ['nested brackets in JSON', 'return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))'],
  ['nested groups', 'return new RegExp("(?:".repeat(1e5) + ")".repeat(1e5))'],
  ['apply with a huge list', 'return Math.max.apply(null, new Array(1e6).fill(1))'],
])("%s fills the stack of the sandbox, never the host's", async (_, code) => {
  const error = await errorOf(code)
  expect(error.code).toMatch(/^(stack|memory)_limit$|^program_error$|^syntax_error$/)
  expect(JSON.stringify(error).length).toBeLessThan(1000)
})

test.each([
  'await new Promise(() => {})',
  'await tools.a.b({}); await new Promise(() => {})',
  'return { then() {} }',
  'new Promise(() => {})',
])('a promise that nothing will settle is reported as that: %s', async (code) => {
  expect(await errorOf(code)).toMatchObject({
    code: 'never_settles',
    message: expect.stringContaining('nothing will settle'),
  })
})

test('a string of 20 MB is not answered but explained', async () => {
  expect(await errorOf('return "x".repeat(20e6)')).toMatchObject({ code: 'result_too_large' })
  expect(await errorOf('emit("x".repeat(20e6))')).toMatchObject({ code: 'result_too_large' })
  expect(await errorOf('emit("x".repeat(3e6)); emit("x".repeat(3e6))')).toMatchObject({ code: 'result_too_large' })
  expect(await errorOf('await tools.a.b({ s: "x".repeat(20e6) })')).toMatchObject({ code: 'invalid_arguments' })
  expect((await errorOf('throw new Error("x".repeat(5e6))')).message.length).toBeLessThan(5000)
})

test('100,000 lines of log are cut with a notice, and so is one huge line', async () => {
  for (const code of [
    'for (let i = 0; i < 1e5; i++) console.log("line", i)',
    'console.log("x".repeat(20e6))',
    'console.log({ a: "x".repeat(1e6) })',
  ]) {
    const { logs, state } = await runProgram(code)
    expect(state).toBe('succeeded')
    expect(logs.length).toBeLessThan(DEFAULT_LIMITS.logCharacters + 100)
    expect(logs).toMatch(/the log was cut here: at most 65536 characters are kept|too large to log/)
  }
})

test('an object of 5,000 levels is answered down to the 100th, and refused as an argument', async () => {
  const deep = 'let deep = {}; for (let i = 0, at = deep; i < 5000; i++) at = at.a = {}'
  expect(JSON.stringify(await valueOf(`${deep}; return deep`))).toContain('[nested deeper than 100 levels]')
  expect((await errorOf(`${deep}; await tools.a.b(deep)`)).message).toContain('is nested deeper than 100 levels')
  const upstream = JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`)
  const call = async (): Promise<HostReply> => ({ ok: true, value: { data: upstream }, at: 0 })
  expect(
    await valueOf('let at = await tools.a.b({}); let n = 0; while (at.a) { at = at.a; n++ } return n', { call }),
  ).toBe(3000)
})

test('an answer that is nested without end rejects the call, not the host', async () => {
  let upstream: unknown = 1
  for (let level = 0; level < 100_000; level++) upstream = [upstream]
  const call = async (): Promise<HostReply> => ({ ok: true, value: { data: upstream }, at: 0 })
  expect(await valueOf('try { await tools.a.b({}) } catch (e) { return e.code }', { call })).toBe('unreadable_result')
})

const ANSWER = '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } } }'

test('__proto__ as a key stays a key, in both directions', async () => {
  const inputs: unknown[] = []
  const call = async (request: HostRequest): Promise<HostReply> => {
    inputs.push(request.kind === 'tool' ? request.input : undefined)
    return { ok: true, value: JSON.parse(`{ "data": ${ANSWER} }`), at: 0 }
  }
  const code = `
    const input = JSON.parse('{ "__proto__": { "polluted": 1 } }')
    const answer = await tools.a.b(input)
    return [({}).polluted ?? 'clean', Object.getPrototypeOf(answer) === Object.prototype, Object.keys(answer), answer]`
  const value = await valueOf(code, { call })
  expect(value).toEqual(['clean', true, ['__proto__', 'constructor'], JSON.parse(ANSWER)])
  expect(Object.keys(inputs[0] ?? {})).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(inputs[0])).toBe(Object.prototype)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

test.each([
  ['Promise.prototype.then', 'Promise.prototype.then = () => { throw new Error("no") }'],
  ['Promise', 'globalThis.Promise = class {}; Promise.resolve = undefined'],
  ['JSON', 'JSON.stringify = () => "[]"; JSON.parse = () => ({ hacked: 1 })'],
  [
    'array methods',
    'for (const name of ["push", "map", "join", "forEach", "slice", "concat", "indexOf"]) Array.prototype[name] = () => { throw new Error("no") }',
  ],
  ['iteration', 'Array.prototype[Symbol.iterator] = () => { throw new Error("no") }'],
  [
    'string methods',
    'for (const name of ["split", "slice", "indexOf", "charCodeAt"]) String.prototype[name] = () => { throw new Error("no") }',
  ],
  [
    'Object.defineProperty and keys',
    'Object.defineProperty = Object.keys = Object.create = Object.getPrototypeOf = () => { throw new Error("no") }',
  ],
  ['Reflect', 'Reflect.apply = Reflect.construct = () => { throw new Error("no") }'],
  [
    'Map and WeakMap',
    'for (const type of [Map, WeakMap, Set]) for (const name of ["get", "set", "has", "add"]) type.prototype[name] = () => { throw new Error("no") }',
  ],
  [
    'Error',
    'Error.prepareStackTrace = () => { throw new Error("no") }; Error.captureStackTrace = 1; Error.stackTraceLimit = 0; globalThis.Error = function () { throw 1 }',
  ],
  [
    'toJSON of everything',
    'Object.prototype.toJSON = undefined; String.prototype.toJSON = () => "hacked"; Number.prototype.toJSON = () => 5',
  ],
  [
    'setters on Object.prototype',
    'for (const key of ["resolve", "value", "get", "set", "data", "kind", "address", "0", "1"]) Object.defineProperty(Object.prototype, key, { __proto__: null, set() { throw new Error("no") }, configurable: true })',
  ],
  [
    'Function.prototype.call',
    'const F = Object.getPrototypeOf(() => {}); F.call = F.apply = F.bind = () => { throw new Error("no") }',
  ],
])('a program that replaces %s is still answered with its own values', async (_, code) => {
  const answer = await valueOf(`${code}\nconst got = await tools.a.b({ n: 1 })\nreturn { got, list: [1, 'x'] }`)
  expect(answer).toEqual({ got: { n: 1 }, list: [1, 'x'] })
})

test('a program that replaces what it was given harms only itself', async () => {
  expect(
    await valueOf('globalThis.tools = 1; globalThis.Date = 2; globalThis.URL = 3; return [tools, Date, URL]'),
  ).toEqual([1, 2, 3])
  expect(await valueOf('delete globalThis.tools; Object.freeze(globalThis); return typeof tools')).toBe('undefined')
  expect(
    await runProgram('return [typeof tools, typeof Date.now(), new URL("http://x.y").host, typeof leaked]'),
  ).toMatchObject({
    value: ['function', 'number', 'x.y', 'undefined'],
  })
})

test('errors of the program name no file of ours', async () => {
  for (const code of [
    'null.x',
    'await tools.a.b(() => 1)',
    'emit("x".repeat(5e6))',
    'new URL("x")',
    'setTimeout()',
    'tools()',
    'structuredClone(Symbol())',
    'crypto.getRandomValues(1)',
  ]) {
    expect(JSON.stringify(await errorOf(code))).not.toMatch(/prelude|node_modules|server\/|wasm|file:/)
  }
})

test('a stack of many frames is not passed on', async () => {
  const code = 'const f = (n) => { if (n === 0) throw new Error("deep"); return f(n - 1) + 1 }; f(200)'
  expect(JSON.stringify(await errorOf(code)).length).toBeLessThan(600)
})

test('a Symbol, a function, a ring and a Proxy as the result have a rendering', async () => {
  expect(await valueOf('return Symbol("s")')).toBe('Symbol(s)')
  expect(await valueOf('return () => 1')).toBe('[Function]')
  expect(await valueOf('const o = []; o.push(o); return o')).toEqual(['[Circular]'])
  expect(await valueOf('return new Proxy({ a: 1 }, {})')).toEqual({ a: 1 })
  expect(await valueOf('return new Proxy([1], {})')).toEqual([1])
  expect(await valueOf('return { toJSON() { return this } }')).toBe('[Circular]')
  expect((await errorOf('const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy')).code).toBe(
    'program_error',
  )
})

test('a text that could be read in very many ways is read once', async () => {
  expect(await valueOf(`${'/'.repeat(200)} section\n{ a: 1 }`)).toEqual({ a: 1 })
  expect(await valueOf(`${'/**/'.repeat(5_000)}\n7`)).toBe(7)
  expect(await valueOf(`\`\`\`ts\n${' '.repeat(60_000)}\n8\n\`\`\``)).toBe(8)
  expect(await errorOf(`\`\`\`\n${' '.repeat(60_000)}x`)).toMatchObject({ code: 'syntax_error' })
})

test('the code and the name of what is thrown are bounded, as its message is', async () => {
  expect((await errorOf('throw new ToolError({ code: "x".repeat(1e6), message: "m" })')).code).toHaveLength(100)
  const named = await errorOf('const e = new Error("m"); e.name = "N".repeat(1e6); throw e')
  expect(named.message.length).toBeLessThan(200)
})

test('what a program calls a file can be written anywhere', async () => {
  const call = async (request: HostRequest): Promise<HostReply> => ({
    ok: true,
    value: { status: 200, headers: {}, data: new FileValue('a.txt', 'text/plain', new Uint8Array(3)) },
    at: request.kind === 'tool' ? 1 : 0,
  })
  const code = 'const f = await tools.a.b(); f.name = "\\ud800".repeat(1e6); f.type = "t".repeat(1e6); return f'
  expect(await valueOf(code, { call })).toEqual(new FileValue('\ufffd'.repeat(200), 't'.repeat(200), new Uint8Array(3)))
})
