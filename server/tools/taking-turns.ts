/** How many items are handed on before other requests of the isolate get a turn. */
const ITEMS_A_TURN = 32
/** Long enough for the garbage collector to keep up: without it, reading a large document fills the isolate's memory. */
const PAUSE_MS = 4

/** The same items, with pauses: an adapter that parses without ever waiting would hold up everybody else for seconds. */
export async function* takingTurns<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  let count = 0
  for await (const item of items) {
    if (++count % ITEMS_A_TURN === 0) await new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS))
    yield item
  }
}
