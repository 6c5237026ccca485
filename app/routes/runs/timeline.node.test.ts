import { expect, test } from 'vitest'
import { layOut, WIDTH } from './timeline.ts'

const DAY = 86_400_000

test('bars stand to scale', () => {
  const { bars, isShortened } = layOut(
    { startedAt: 1000, endedAt: 2000 },
    [
      { number: 1, startedAt: 1000, settledAt: 1250 },
      { number: 2, startedAt: 1250, settledAt: 2000 },
    ],
    [],
  )
  expect(bars.get(1)).toEqual([{ kind: 'work', x: 0, width: 250 }])
  expect(bars.get(2)).toEqual([{ kind: 'work', x: 250, width: 750 }])
  expect(isShortened).toBe(false)
})

test('days of waiting for a person leave room for the seconds of work around them', () => {
  const asked = 1000
  const decided = asked + 2 * DAY
  const { bars, isShortened } = layOut(
    { startedAt: 0, endedAt: decided + 1000 },
    [
      { number: 1, startedAt: 0, settledAt: 900 },
      { number: 2, startedAt: 900, settledAt: decided + 500 },
    ],
    [{ number: 2, from: asked, to: decided }],
  )
  expect(isShortened).toBe(true)
  const [before, wait, after] = bars.get(2) ?? []
  expect([before?.kind, wait?.kind, after?.kind]).toEqual(['work', 'wait', 'work'])
  expect(wait?.width).toBeCloseTo(WIDTH * (400 / 2400))
  expect(after?.width).toBeCloseTo(WIDTH * (500 / 2400))
  expect(bars.get(1)?.[0]?.width).toBeCloseTo(WIDTH * (900 / 2400))
})

test('waiting beside a call that works is to scale', () => {
  const { bars, isShortened } = layOut(
    { startedAt: 0, endedAt: 1000 },
    [
      { number: 1, startedAt: 0, settledAt: 1000 },
      { number: 2, startedAt: 0, settledAt: null },
    ],
    [{ number: 2, from: 0, to: null }],
  )
  expect(bars.get(2)).toEqual([{ kind: 'wait', x: 0, width: WIDTH }])
  expect(isShortened).toBe(false)
})

test('a run that has only waited so far is one long wait', () => {
  const { bars } = layOut(
    { startedAt: 0, endedAt: DAY },
    [{ number: 1, startedAt: 0, settledAt: null }],
    [{ number: 1, from: 0, to: null }],
  )
  expect(bars.get(1)).toEqual([{ kind: 'wait', x: 0, width: WIDTH }])
})

test('every bar can be seen and none leaves the picture, whatever the clocks say', () => {
  const { bars } = layOut(
    { startedAt: 1000, endedAt: 61_000 },
    [
      { number: 1, startedAt: 61_000, settledAt: 61_000 },
      { number: 2, startedAt: 500, settledAt: 90_000 },
      { number: 3, startedAt: 2000, settledAt: 1500 },
    ],
    [{ number: 2, from: 400, to: 300 }],
  )
  for (const { x, width } of [...bars.values()].flat()) {
    expect(width).toBeGreaterThanOrEqual(4)
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x + width).toBeLessThanOrEqual(WIDTH)
  }
  expect(layOut({ startedAt: 5, endedAt: 5 }, [], []).bars.size).toBe(0)
})

test('a call about which people were asked twice waits twice', () => {
  const { bars } = layOut(
    { startedAt: 0, endedAt: 1000 },
    [{ number: 1, startedAt: 0, settledAt: 1000 }],
    [
      { number: 1, from: 600, to: 800 },
      { number: 1, from: 100, to: 300 },
    ],
  )
  expect(bars.get(1)?.map(({ kind }) => kind)).toEqual(['work', 'wait', 'work', 'wait', 'work'])
})
