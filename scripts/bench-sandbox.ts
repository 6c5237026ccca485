// What the sandbox costs: `node scripts/bench-sandbox.ts`. Medians of 50, after as many to warm up.
import { evaluate, type HostCall } from '../server/sandbox/evaluate.ts'
import { DEFAULT_LIMITS } from '../server/sandbox/limits.ts'
import { createNodeEngine } from '../server/testing/sandbox-engine.ts'

const engine = createNodeEngine()
const call: HostCall = async () => ({ ok: true, value: { status: 200, headers: {}, data: null }, at: 0 })
const run = (code: string) => evaluate(code, { call, now: 0, seed: 'bench', engine })

async function measure(label: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < 100; round++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  const median = times.slice(50).sort((a, b) => a - b)[25] ?? 0
  console.log(`${label.padEnd(32)} ${median.toFixed(2)} ms`)
}

await measure('a fresh interpreter', () => engine.createMachine(DEFAULT_LIMITS))
await measure('a program that returns 1', () => run('return 1'))
await measure('a program with one call', () => run('return await tools.a.b({})'))
await measure('a program that uses URL', () => run("return new URL('http://x.y').host"))
await measure('100,000 turns of a loop', () => run('let n = 0; for (let i = 0; i < 1e5; i++) n += i; return n'))
