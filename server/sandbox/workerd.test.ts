// The sandbox's own tests run in Node; these show that it is the same in the runtime it is built for.
import { expect, test } from 'vitest'
import { createWorkerEngine } from '../testing/worker-engine.ts'
import { evaluate, type HostCall } from './evaluate.ts'

const engine = createWorkerEngine()

const echo: HostCall = async (request) => {
  const value = request.kind === 'tool' ? { status: 200, headers: {}, data: request.input } : null
  return { ok: true, value, at: 0 }
}

const run = (code: string) =>
  evaluate(code, { call: echo, now: 0, seed: 'seed', engine, limits: { steps: 100_000_000 } })

test('a program calls a tool, waits for a timer and uses what the web has', async () => {
  const code = `
    const answer: { n: number } = await tools.a.b({ n: 1 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    return [answer, new URL('http://x.y/z').host, new TextDecoder().decode(new TextEncoder().encode('é')), btoa('x')]`
  expect(await run(code)).toMatchObject({ state: 'succeeded', value: [{ n: 1 }, 'x.y', 'é', 'eA=='] })
})

test.each([
  ['an endless loop', 'for (;;);', 'step_limit'],
  ['endless built-ins', 'const a = [3, 2, 1]; for (;;) a.sort()', 'step_limit'],
  ['a memory bomb', 'const a = []; for (;;) a.push("x".repeat(1e5) + a.length)', 'memory_limit'],
  ['deep recursion', 'const f = () => f() + 1; f()', 'stack_limit'],
  ['nested brackets', 'JSON.parse("[".repeat(1e5))', 'stack_limit'],
  ['nested code', '['.repeat(60_000), 'syntax_error'],
  ['what sends the parser back 2^40 times', `x = ${'<T>(a = '.repeat(40)}1${')'.repeat(40)}`, 'syntax_error'],
  ['a promise that nothing settles', 'await new Promise(() => {})', 'never_settles'],
])('%s is stopped', async (_, code, reason) => {
  expect(await run(code)).toMatchObject({ state: 'failed', error: { code: reason } })
})

test('more programs than there are slots all get their turn', async () => {
  const evaluations = await Promise.all(Array.from({ length: 8 }, (_, index) => run(`return ${index}`)))
  expect(evaluations).toMatchObject(evaluations.map((_, index) => ({ state: 'succeeded', value: index })))
})
