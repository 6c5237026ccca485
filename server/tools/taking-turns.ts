/** How many items are handed on before other requests of the isolate get a turn. */
const ITEMS_A_TURN = 32

/** The same items, with pauses: an adapter that parses without ever waiting would hold up everybody else for seconds. */
export async function* takingTurns<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  let count = 0
  for await (const item of items) {
    if (++count % ITEMS_A_TURN === 0) await new Promise<void>((resolve) => setTimeout(resolve))
    yield item
  }
}
