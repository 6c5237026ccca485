import { expect, test } from 'vitest'
import { takingTurns } from './taking-turns.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number
}

test('others get a turn before the items are through, and no item is lost', async () => {
  let seen = 0
  let seenAtTurn: number | undefined
  setTimeout(() => (seenAtTurn = seen))
  const items: number[] = []
  for await (const item of takingTurns(numbers(1_000))) {
    items.push(item)
    seen++
  }
  expect(items).toEqual(Array.from({ length: 1_000 }, (_, number) => number))
  expect(seenAtTurn).toBeLessThan(1_000)
})
