import { expect, test } from 'vitest'
import { createNodeEngine } from '../testing/sandbox-engine.ts'
import { runProgram } from '../testing/run-program.ts'
import { createSlots } from './slots.ts'

/** A wait whose end the test decides. */
function createManualWait() {
  const ends: (() => void)[] = []
  const asked: number[] = []
  const wait = (ms: number) => {
    asked.push(ms)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  return { wait, asked, endAll: () => ends.forEach((end) => end()) }
}

test('the slot that is given back goes to the one that waited longest', async () => {
  const slots = createSlots({ size: 1, waitMs: 10_000, wait: createManualWait().wait })
  const release = await slots.acquire()
  const order: string[] = []
  const second = slots.acquire().then((next) => (order.push('second'), next))
  const third = slots.acquire().then((next) => (order.push('third'), next))
  release?.()
  release?.()
  const releaseSecond = await second
  expect(order).toEqual(['second'])
  releaseSecond?.()
  expect(await third).toBeTypeOf('function')
})

test('whoever waits too long is told so, and takes no slot later', async () => {
  const { wait, asked, endAll } = createManualWait()
  const slots = createSlots({ size: 1, waitMs: 10_000, wait })
  const release = await slots.acquire()
  const late = slots.acquire()
  endAll()
  expect(await late).toBeUndefined()
  expect(asked).toEqual([10_000])
  release?.()
  expect(await slots.acquire()).toBeTypeOf('function')
})

test('a fourth program waits for one of three, and is answered "busy" when none ends', async () => {
  const { wait, endAll } = createManualWait()
  const engine = createNodeEngine(createSlots({ size: 3, waitMs: 10_000, wait }))
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const call = async () => {
    await answered
    return { ok: true as const, value: { data: 'done' }, at: 0 }
  }
  const first = [1, 2, 3].map(() => runProgram('return await tools.slow.one({})', { engine, call }))
  const fourth = runProgram('return 4', { engine })
  endAll()
  expect(await fourth).toMatchObject({ state: 'failed', error: { code: 'busy', retryable: true } })
  answer()
  expect((await Promise.all(first)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(await runProgram('return 5', { engine })).toMatchObject({ state: 'succeeded', value: 5 })
})
