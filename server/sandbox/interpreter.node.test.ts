import variant from '@jitl/quickjs-wasmfile-release-sync'
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core'
import { expect, test } from 'vitest'
import { createNodeEngine } from '../testing/sandbox-engine.ts'
import type { Handle, HostFunction, Interpreter } from './interpreter.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { valueOf } from '../testing/run-program.ts'

const STRICT = 8
const engine = createNodeEngine()

async function open(): Promise<Interpreter & { run: (code: string) => unknown }> {
  const { interpreter } = await engine.createMachine(DEFAULT_LIMITS)
  const run = (code: string) => {
    const { value, error } = interpreter.evalCode(code, 'test.js', STRICT)
    return interpreter.getString(value ?? error)
  }
  return Object.assign(interpreter, { run })
}

/** The value of a program that may call `host`. */
async function callHost(code: string, host: (interpreter: Interpreter) => HostFunction): Promise<unknown> {
  const interpreter = await open()
  const { value } = interpreter.evalCode('(function (host) { globalThis.host = host })', 'test.js', STRICT)
  const called = interpreter.newFunction('host', host(interpreter))
  interpreter.callFunction(value ?? interpreter.null, interpreter.undefined, called)
  return interpreter.run(code)
}

test.each([
  ['', ''],
  ['a', 'a'],
  ['é€😀', 'é€😀'],
  ['ends at\u0000NUL', 'ends at'],
])('text goes in and comes out as UTF-8: %j', async (given, taken) => {
  const interpreter = await open()
  expect(interpreter.getString(interpreter.newString(given))).toBe(taken)
})

test('bytes go in and come out as copies', async () => {
  const interpreter = await open()
  const given = Uint8Array.from({ length: 100_000 }, (_, index) => index)
  const handle = interpreter.newArrayBuffer(given)
  const taken = interpreter.getArrayBuffer(handle)
  expect(taken).toEqual(given)
  taken.fill(0)
  expect(interpreter.getArrayBuffer(handle)).toEqual(given)
  expect(interpreter.getArrayBuffer(interpreter.newArrayBuffer(new Uint8Array()))).toHaveLength(0)
})

test('properties, numbers, and what is the same', async () => {
  const interpreter = await open()
  const object = interpreter.newObject()
  interpreter.setProp(object, 'n', interpreter.newNumber(-0.5))
  expect(interpreter.getString(interpreter.getProp(object, 'n'))).toBe('-0.5')
  expect(interpreter.typeof(interpreter.getProp(object, 'missing'))).toBe('undefined')
  expect(interpreter.isSame(interpreter.newNumber(NaN), interpreter.newNumber(NaN))).toBe(true)
  expect(interpreter.isSame(interpreter.newNumber(0), interpreter.newNumber(-0))).toBe(false)
  expect(interpreter.isSame(interpreter.null, interpreter.undefined)).toBe(false)
})

test('a function of the host is called with what it is given, and answers', async () => {
  const interpreter = await open()
  const received: Handle[] = []
  const handle = interpreter.newFunction('f', (...args) => {
    received.push(...args)
    return interpreter.newString(`${args.length} ${interpreter.getString(args[0] ?? interpreter.null)}`)
  })
  const { value } = interpreter.callFunction(
    handle,
    interpreter.undefined,
    interpreter.newString('a'),
    interpreter.true,
  )
  expect(interpreter.getString(value ?? interpreter.null)).toBe('2 a')
  expect(received).toHaveLength(2)
})

test('what a function of the host throws, or answers as a failure, is thrown in the program', async () => {
  const code = 'try { host() } catch (error) { `${error instanceof Error} ${error.name} ${error.message}` }'
  const failing = () => () => {
    throw new RangeError('too far')
  }
  expect(await callHost(code, failing)).toBe('true RangeError too far')
  const evaluating = (interpreter: Interpreter) => () => interpreter.evalCode('null.x', 'test.js', STRICT)
  expect(await callHost(code, evaluating)).toBe("true TypeError cannot read property 'x' of null")
  expect(await callHost('host()', (interpreter) => () => interpreter.evalCode('7', 'test.js', STRICT))).toBe('7')
  expect(
    await callHost(
      'host()',
      ({ null: nothing }) =>
        () =>
          nothing,
    ),
  ).toBe('null')
})

test('a promise is pending, fulfilled or rejected, and what is none is fulfilled', async () => {
  const interpreter = await open()
  const stateOf = (code: string) => {
    const { value } = interpreter.evalCode(code, 'test.js', STRICT)
    const state = interpreter.getPromiseState(value ?? interpreter.null)
    if (state.type === 'pending') return [state.type]
    return [state.type, interpreter.getString(state.type === 'fulfilled' ? state.value : state.error)]
  }
  expect(stateOf('new Promise(() => {})')).toEqual(['pending'])
  expect(stateOf('Promise.resolve(1)')).toEqual(['fulfilled', '1'])
  expect(stateOf('Promise.reject(2)')).toEqual(['rejected', '2'])
  expect(stateOf('3')).toEqual(['fulfilled', '3'])
})

test('jobs run when they are asked to, at most so many at once', async () => {
  const interpreter = await open()
  interpreter.run('var n = 0; for (let i = 0; i < 5; i++) Promise.resolve().then(() => n++)')
  const count = () => interpreter.run('n')
  expect([count(), interpreter.hasPendingJob()]).toEqual(['0', true])
  expect(interpreter.executePendingJobs(2)).toEqual({})
  expect(count()).toBe('2')
  interpreter.executePendingJobs(32)
  expect([count(), interpreter.hasPendingJob()]).toEqual(['5', false])
  expect(interpreter.executePendingJobs(32)).toEqual({})
})

test('what the host reads and answers is given back: 90 MB pass through 32 MiB', async () => {
  const decoding = 'const b = new Uint8Array(30_000).fill(65), d = new TextDecoder(); let n = 0;'
  expect(await valueOf(`${decoding} for (let i = 0; i < 3000; i++) n += d.decode(b).length; return n`)).toBe(90_000_000)
})

/** Programs whose value, or error, is a text. */
const PROGRAMS = [
  '1 + 1',
  '"é€😀".length + "é€😀"',
  'JSON.stringify({ a: [1, null, undefined, NaN, -0], "ключ": "значение" })',
  'String(Symbol.for("s").description)',
  '[3, 1, 2].sort().map((n) => n ** 2).join()',
  'const { a, ...rest } = { a: 1, b: 2, c: 3 }; JSON.stringify(rest)',
  'typeof globalThis.std + typeof globalThis.os + typeof eval',
  'new Date(0).toISOString()',
  '/(?<year>\\d{4})-(\\d\\d)/u.exec("on 2026-11-28").groups.year',
  'let n = 0; for (const _ of (function* () { yield* [1, 2, 3] })()) n += _; n',
  'class A { #x = 1; get x() { return this.#x } static s = 2 }; `${new A().x}${A.s}`',
  'try { null.x } catch (error) { `${error.name}: ${error.message}` }',
  'throw new RangeError("too far")',
  'throw "a text"',
  'undefined_name',
  'this is no program',
  'new Proxy({}, { get: (_, name) => name }).anything',
  'String(0.1 + 0.2) + Number.MAX_SAFE_INTEGER + (2n ** 70n)',
  'Array.from({ length: 1000 }, (_, i) => i).reduce((a, b) => a + b)',
  '"x".repeat(100000).length',
  '[..."a\\u0000b"].map((c) => c.codePointAt(0)).join()',
  'Object.getOwnPropertyNames(globalThis).sort().join()',
]

test.each(PROGRAMS)('quickjs-emscripten makes the same of it: %s', async (code) => {
  const library = await newQuickJSWASMModuleFromVariant(variant)
  const context = library.newContext()
  const expected = context.evalCode(code, 'test.js', { strict: true })
  const wanted = context.getString(expected.error ?? expected.value)
  expect((await open()).run(code)).toBe(wanted)
  const { error } = (await open()).evalCode(code, 'test.js', STRICT)
  expect(error !== undefined).toBe(expected.error !== undefined)
})
