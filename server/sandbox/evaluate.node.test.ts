import { expect, test } from 'vitest'
import { errorOf, PROGRAM_START, runProgram, valueOf } from '../testing/run-program.ts'
import { createNodeEngine } from '../testing/sandbox-engine.ts'
import { compileProgram, evaluateProgram, type HostReply, type HostRequest, type Program } from './evaluate.ts'
import { FileValue } from './file.ts'

const settled = (data: unknown, at = PROGRAM_START): HostReply => ({
  ok: true,
  value: { status: 200, headers: {}, data },
  at,
})

/** A host that records what it is asked and answers tool calls with `reply`. */
function recorder(
  reply: (request: HostRequest, number: number) => HostReply | Promise<HostReply> = () => settled(null),
) {
  const asked: [number, HostRequest][] = []
  const call = async (request: HostRequest, number: number) => {
    asked.push([number, request])
    return reply(request, number)
  }
  return { asked, call }
}

test('a tool call asks for its address and gives the payload back', async () => {
  const { asked, call } = recorder(() => settled({ number: 7 }))
  expect(await valueOf('return await tools.github.issues.create({ title: "x" })', { call })).toEqual({ number: 7 })
  expect(asked).toEqual([[1, { kind: 'tool', address: 'github.issues.create', input: { title: 'x' }, raw: false }]])
})

test('raw gives status and headers too, and a connection is named after the @', async () => {
  const { asked, call } = recorder(() => settled([1]))
  const code = 'return await tools["github@work"].issues.list.raw()'
  expect(await valueOf(code, { call })).toEqual({ status: 200, headers: {}, data: [1] })
  expect(asked[0]?.[1]).toEqual({
    kind: 'tool',
    address: 'github.issues.list',
    connection: 'work',
    input: {},
    raw: true,
  })
})

test('a whole address may be one key', async () => {
  const { asked, call } = recorder()
  await valueOf('await tools["github@work.issues.list"]({}); await tools["github.issues.get"]({})', { call })
  expect(asked.map(([, request]) => request)).toMatchObject([
    { address: 'github.issues.list', connection: 'work' },
    { address: 'github.issues.get' },
  ])
})

test('search, describe and results are asked of the host, in short and long form', async () => {
  const { asked, call } = recorder(() => ({ ok: true, value: { hits: [] }, at: 0 }))
  const code = `
    await tools.search('create issue'); await tools.search({ query: 'x', limit: 2 })
    await tools.describe(tools.github.issues.create); return await results.get('run_1')`
  expect(await valueOf(code, { call })).toEqual({ hits: [] })
  expect(asked.map(([, request]) => request)).toEqual([
    { kind: 'search', input: { query: 'create issue' } },
    { kind: 'search', input: { query: 'x', limit: 2 } },
    { kind: 'describe', input: { address: 'github.issues.create' } },
    { kind: 'results', run: 'run_1' },
  ])
})

test('a failed call throws a ToolError that carries everything', async () => {
  const error = { code: 'rate_limited', message: 'Slow down', status: 429, details: { after: 3 }, retryable: true }
  const { call } = recorder(() => ({ ok: false, error, at: 0 }))
  const code = `
    try { await tools.a.b({}) } catch (e) {
      return [e instanceof ToolError, e instanceof Error, e.name, e.code, e.message, e.status, e.details, e.retryable, String(e), e.stack]
    }`
  const value = await valueOf(code, { call })
  expect(value).toEqual([
    true,
    true,
    'ToolError',
    'rate_limited',
    'Slow down',
    429,
    { after: 3 },
    true,
    'ToolError: Slow down',
    expect.stringMatching(/^ {4}at .*code\.ts/),
  ])
  expect(JSON.stringify(value)).not.toContain('prelude')
  expect(await errorOf('await tools.a.b({})', { call })).toMatchObject({ ...error, line: 1 })
})

test('a tool path is no promise and no value, wherever it turns up', async () => {
  const { asked, call } = recorder()
  const evaluation = await runProgram(
    `const path = await tools.github
     console.log(path, String(tools), \`\${tools.github.issues}\`, typeof path.then, 'x' in tools)
     const thrown = [() => Object.keys(tools), () => { tools.a = 1 }, () => tools(), () => JSON.stringify(tools.x)]
       .map((f) => { try { return f() ?? 'nothing' } catch (e) { return e.message } })
     return { path, thrown }`,
    { call },
  )
  expect(asked).toEqual([])
  expect(evaluation).toMatchObject({
    state: 'succeeded',
    logs: '[tools.github: not a value; call it with (input), or look it up with tools.describe] [tools] [tools.github.issues] undefined true\n',
    value: {
      path: '[tools.github: not a value; call it with (input), or look it up with tools.describe]',
      thrown: [
        'tools cannot be listed or changed. Use tools.search({ query }) to see what there is.',
        'tools cannot be listed or changed. Use tools.search({ query }) to see what there is.',
        'tools is not a function. Call one of its tools: tools.<integration>.<tool>(input).',
        'nothing',
      ],
    },
  })
})

test.each([
  ['a function', '{ a: [() => 1] }', '"input.a.0" is a function.'],
  ['a promise', '{ a: Promise.resolve(1) }', '"input.a" is a promise: await it first.'],
  [
    'a tool path',
    '{ a: tools.x.y }',
    '"input.a" is the tool path tools.x.y, not a value: call it and await the result.',
  ],
  ['a ring', '(() => { const o = {}; o.self = o; return o })()', '"input.self" contains itself.'],
  ['a symbol', '{ a: Symbol() }', '"input.a" is a symbol.'],
  ['two arguments', '{}, {}', 'A tool takes one object with everything in it, and this call has 2 arguments.'],
])('%s as an argument is refused before anything is asked', async (_, argument, message) => {
  const { asked, call } = recorder()
  const error = await errorOf(`await tools.a.b(${argument})`, { call })
  expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(message), line: 1 })
  expect(asked).toEqual([])
})

test('what JSON lacks is rendered as documented', async () => {
  const code = `
    class Point { constructor() { this.x = 1 } get y() { return 2 } }
    const ring = { name: 'ring' }; ring.self = ring
    return {
      map: new Map([['a', 1], ['b', new Map([[1, 2]])]]), set: new Set([1, 'x']), date: new Date(0), bad: new Date(NaN),
      error: Object.assign(new TypeError('no'), { code: 5 }), ring, symbol: Symbol('s'), f: () => 1, g: function named() {},
      nan: NaN, list: [undefined, 1], missing: undefined, regExp: /a+/gi, floats: new Float32Array([0.5]), point: new Point(),
      promise: Promise.resolve(1), boxed: new String('boxed'), url: new URL('http://x.y/z'), shared: [ring.name, ring.name], nothing: null,
    }`
  expect(await valueOf(code)).toEqual({
    map: { a: 1, b: [[1, 2]] },
    set: [1, 'x'],
    date: '1970-01-01T00:00:00.000Z',
    bad: null,
    error: { name: 'TypeError', message: 'no', code: 5 },
    ring: { name: 'ring', self: '[Circular]' },
    symbol: 'Symbol(s)',
    f: '[Function f]',
    g: '[Function named]',
    nan: null,
    list: [null, 1],
    regExp: '/a+/gi',
    floats: [0.5],
    point: { x: 1 },
    promise: '[Promise: await it]',
    boxed: 'boxed',
    url: 'http://x.y/z',
    shared: ['ring', 'ring'],
    nothing: null,
  })
})

test('files go in and out, at any depth, and are described in logs', async () => {
  const image = new FileValue('cat.png', 'image/png', Uint8Array.of(0, 255, 128))
  const { asked, call } = recorder((request) =>
    settled(request.kind === 'tool' && request.address === 'a.get' ? { files: [image] } : null),
  )
  const evaluation = await runProgram(
    `const { files: [file] } = await tools.a.get({})
     console.log(file)
     emit(file)
     await tools.a.put({ body: file, more: { raw: new Uint8Array([1, 2]), buffer: new Uint8Array([3]).buffer } })
     return [file.name, file.type, file.size, [...await file.bytes()], file, new TextEncoder().encode('hé')]`,
    { call },
  )
  expect(evaluation).toMatchObject({
    state: 'succeeded',
    logs: '{"name":"cat.png","type":"image/png","size":3}\n',
    emitted: [image],
    value: [
      'cat.png',
      'image/png',
      3,
      [0, 255, 128],
      image,
      new FileValue('bytes', 'application/octet-stream', Uint8Array.of(0x68, 0xc3, 0xa9)),
    ],
  })
  expect(asked[1]?.[1]).toMatchObject({
    input: { body: image, more: { raw: { bytes: Uint8Array.of(1, 2) }, buffer: { bytes: Uint8Array.of(3) } } },
  })
})

test('text of a file is decoded, with NUL, emoji and a lone surrogate kept apart', async () => {
  const file = new FileValue('a.txt', 'text/plain', new TextEncoder().encode('a\0b😀'))
  const { asked, call } = recorder(() => settled(file))
  expect(
    await valueOf(
      'const f = await tools.a.get({ s: "\\ud800\\0" }); return [await f.text(), (await f.text()).length]',
      { call },
    ),
  ).toEqual(['a\0b😀', 5])
  expect(asked[0]?.[1]).toMatchObject({ input: { s: '\ud800\0' } })
})

test('time and chance come from the run, and advance only with replies', async () => {
  const code = `
    const before = [Date.now(), new Date().toISOString()]
    for (let i = 0; i < 1e5; i++);
    const still = Date.now()
    await tools.a.b({})
    return { before, still, after: Date.now(), random: Math.random(), uuid: crypto.randomUUID(), bytes: [...crypto.getRandomValues(new Uint8Array(4))], called: typeof Date(), parsed: Date.UTC(2020, 1) }`
  const { call } = recorder(() => settled(null, PROGRAM_START + 5000))
  const [first, second] = [await valueOf(code, { call }), await valueOf(code, { call })]
  expect(first).toEqual(second)
  expect(first).toMatchObject({
    before: [PROGRAM_START, '2026-01-02T03:04:05.000Z'],
    still: PROGRAM_START,
    after: PROGRAM_START + 5000,
    called: 'string',
    parsed: Date.UTC(2020, 1),
  })
  expect(first).toHaveProperty(
    'uuid',
    expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  )
  expect(await valueOf(code, { call, seed: 'other' })).not.toEqual(first)
})

test('the clock does not run backwards when replies carry older times', async () => {
  const { call } = recorder((_, number) => settled(null, PROGRAM_START + (number === 1 ? 100 : 50)))
  expect(await valueOf('await tools.a.b({}); await tools.a.b({}); return Date.now()', { call })).toBe(
    PROGRAM_START + 100,
  )
})

test('a timer is asked of the host; a cleared one does not fire; a long one is refused', async () => {
  const { asked, call } = recorder((request) => ({
    ok: true,
    value: null,
    at: PROGRAM_START + (request.kind === 'timer' ? request.ms : 0),
  }))
  const code = `
    const order = []
    clearTimeout(setTimeout(() => order.push('cleared'), 5))
    await new Promise((resolve) => setTimeout((x) => { order.push(x); resolve() }, 20, 'fired'))
    try { setTimeout(() => {}, 1e9) } catch (e) { order.push(e.message) }
    try { setTimeout('code', 1) } catch (e) { order.push(e.message) }
    return [order, Date.now()]`
  expect(await valueOf(code, { call })).toEqual([
    ['fired', 'setTimeout waits at most 60000 ms', 'setTimeout takes a function; code from strings is off'],
    PROGRAM_START + 20,
  ])
  expect(asked.map(([, request]) => request)).toEqual([
    { kind: 'timer', ms: 5 },
    { kind: 'timer', ms: 20 },
  ])
})

test('a timer that nobody waits for does not keep the run, a call does', async () => {
  const call = async (request: HostRequest): Promise<HostReply> => {
    if (request.kind === 'timer') return new Promise(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    return settled('late')
  }
  const evaluation = await runProgram('setTimeout(() => {}, 10); tools.a.b({}).then((x) => emit(x)); return 1', {
    call,
  })
  expect(evaluation).toMatchObject({ state: 'succeeded', value: 1, emitted: ['late'] })
})

test('replies reach the program one at a time, in the order in which the host settles them', async () => {
  const open = new Map<number, (reply: HostReply) => void>()
  const call = (_: HostRequest, number: number) => new Promise<HostReply>((resolve) => open.set(number, resolve))
  const running = valueOf(
    `const order = []
     const note = async (name, promise) => { await promise; order.push(name); await null; order.push(name + '+') }
     await Promise.all([note('a', tools.x.y({})), note('b', tools.x.y({})), note('c', tools.x.y({}))])
     return order`,
    { call },
  )
  while (open.size < 3) await new Promise((resolve) => setTimeout(resolve, 1))
  for (const number of [3, 1, 2]) open.get(number)?.(settled(null))
  expect(await running).toEqual(['c', 'c+', 'a', 'a+', 'b', 'b+'])
})

test('requests reach the host as they are asked and in that order; how many are sent at once is its own matter', async () => {
  const { asked, call } = recorder(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return settled(null)
  })
  await valueOf('await Promise.all(Array.from({ length: 20 }, (_, i) => tools.a.b({ i })))', { call })
  expect(asked.map(([number]) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
})

test('the host is told when only a reply lets the program go on, and may end it then', async () => {
  const told: [asked: number, delivered: number][] = []
  await valueOf('await tools.a.b({}); await Promise.all([tools.a.b({}), tools.a.b({})])', {
    onWait: (...counts) => told.push(counts),
  })
  expect(told).toEqual([
    [1, 0],
    [3, 1],
    [3, 2],
  ])
  const onWait = () => {
    throw new Error('enough')
  }
  await expect(runProgram('await tools.a.b({})', { onWait })).rejects.toThrow('enough')
})

test('a compiled program survives being written down, and its errors still show the agent’s own place', async () => {
  const code = '```ts\n{ a: (undefined as unknown as { b: number }).b }\n```'
  const compiled = compileProgram(code)
  if (!compiled.ok) throw new Error('It does not compile')
  const program: Program = JSON.parse(JSON.stringify(compiled.program))
  const options = { call: recorder().call, now: 0, seed: 's', engine: createNodeEngine() }
  const evaluation = await evaluateProgram(program, code, options)
  expect(evaluation).toMatchObject({ state: 'failed', error: { line: 2 } })
  expect(evaluation).toEqual(await runProgram(code, options))
})

test('the 201st call is refused with a sentence', async () => {
  const { asked, call } = recorder()
  const error = await errorOf('for (;;) await tools.a.b({})', { call })
  expect(error).toMatchObject({ code: 'call_limit', message: expect.stringContaining('at most 200 times') })
  expect(asked).toHaveLength(200)
})

test('a held call does not stop its siblings, and suspends the run when nothing else can go on', async () => {
  const { asked, call } = recorder((request) =>
    request.kind === 'tool' && request.address === 'a.write' ? { held: true, at: 0 } : settled('read'),
  )
  const evaluation = await runProgram(
    `const both = [tools.a.write({ n: 1 }), tools.a.write({ n: 2 })]
     emit(await tools.a.read({}))
     emit(await tools.a.read({}))
     return await Promise.all(both)`,
    { call },
  )
  expect(evaluation).toMatchObject({ state: 'suspended', held: [1, 2], emitted: ['read', 'read'] })
  expect(asked).toHaveLength(4)
})

test('a held call that nobody awaited suspends the run too: it was asked for', async () => {
  const { call } = recorder(() => ({ held: true, at: 0 }))
  expect(await runProgram('tools.a.write({}); return 1', { call })).toMatchObject({ state: 'suspended', held: [1] })
})

test('the same replies give the same run again, to the step', async () => {
  const code =
    'const a = await Promise.all([1, 2, 3].map((n) => tools.a.b({ n, r: Math.random() }))); return [a, Date.now()]'
  expect(await runProgram(code)).toEqual(await runProgram(code))
})

test('a host that throws rejects the evaluation with its reason', async () => {
  const call = () => Promise.reject(new Error('database is gone'))
  await expect(runProgram('await tools.a.b({})', { call })).rejects.toThrow('database is gone')
})

test('a host that throws at once does not throw through the interpreter', async () => {
  const call = () => {
    throw new Error('at once')
  }
  await expect(runProgram('try { await tools.a.b({}) } catch { return 1 }', { call })).rejects.toThrow('at once')
})

test('an error in a timer is in the log', async () => {
  const evaluation = await runProgram(
    'setTimeout(() => { throw new Error("late") }, 1); await new Promise((r) => setTimeout(r, 2)); await tools.a.b({}); return 1',
  )
  expect(evaluation).toMatchObject({ state: 'succeeded', logs: 'error: uncaught in a timer: Error: late\n' })
})

test.each([
  ["throw new Error('boo')", 'Error: boo'],
  ["throw 'text'", 'The program threw "text"'],
  ['throw { a: 1 }', 'The program threw {"a":1}'],
  ['throw null', 'The program threw null'],
  ['throw undefined', 'The program threw undefined'],
  ['throw () => 1', 'The program threw "[Function]"'],
  ['await Promise.reject(new RangeError("r"))', 'RangeError: r'],
  ["throw new ToolError('mine')", 'mine'],
])('%s is reported as what was thrown', async (code, message) => {
  expect((await errorOf(code)).message).toBe(message)
})

test.each([
  'fetch',
  'require',
  'process',
  'Buffer',
  'setInterval',
  'XMLHttpRequest',
  'eval',
  'Function',
  'BigInt',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'std',
  'os',
])('there is no %s', async (name) => {
  expect(await valueOf(`return typeof ${name}`)).toBe('undefined')
})

test('a missing name that others have comes with advice', async () => {
  expect((await errorOf('await fetch("https://x")')).message).toBe(
    "ReferenceError: 'fetch' is not defined. There is no network here: call a tool.",
  )
})

test("the web's own globals do what they do elsewhere", async () => {
  const code = `
    const url = new URL('/a?b=1&b=2#h', 'https://u:p@x.y:8080')
    url.searchParams.append('c', 'd e'); url.searchParams.delete('b', '1'); url.pathname = '/z'
    const params = new URLSearchParams([['q', 'ä'], ['q', '2']]); params.set('q', '3'); params.append('r', '&')
    const clone = structuredClone({ map: new Map([[{ k: 1 }, new Set([1])]]), date: new Date(5), bytes: new Uint8Array([1]) })
    let invalid; try { new URL('nope') } catch (e) { invalid = [e instanceof TypeError, e.message] }
    let uncloneable; try { structuredClone(() => 1) } catch (e) { uncloneable = e.message }
    return [String(url), url.host, url.searchParams.get('b'), params.toString(), [...params.keys()], atob(btoa('hi')), URL.canParse('x:'), clone, invalid, uncloneable,
      new TextDecoder('utf-16le').decode(new Uint8Array([104, 0])), [...new TextEncoder().encode('€')], new TextDecoder().decode(new Uint8Array([239, 187, 191, 104]))]`
  expect(await valueOf(code)).toEqual([
    'https://u:p@x.y:8080/z?b=2&c=d+e#h',
    'x.y:8080',
    '2',
    'q=3&r=%26',
    ['q', 'r'],
    'hi',
    true,
    {
      map: [[{ k: 1 }, [1]]],
      date: '1970-01-01T00:00:00.005Z',
      bytes: new FileValue('bytes', 'application/octet-stream', Uint8Array.of(1)),
    },
    [true, 'Invalid URL: nope'],
    'structuredClone: a function cannot be cloned',
    'h',
    [226, 130, 172],
    'h',
  ])
})
