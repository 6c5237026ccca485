// Watches the heap of the isolate of a running `wrangler dev` through its inspector.

const INTERVAL_MS = 20

export interface HeapWatch {
  /** The largest size so far, in bytes: JavaScript values, and the byte arrays that V8 keeps outside of them. */
  most(): number
  stop(): { samples: number }
}

/** Resolves when the first sample has come. */
export async function watchHeap(inspectorPort: number): Promise<HeapWatch> {
  const socket = await openInspector(`ws://127.0.0.1:${inspectorPort}/ws`)
  let most = 0
  let samples = 0
  let asked = 0
  const ask = () => socket.send(JSON.stringify({ id: ++asked, method: 'Runtime.getHeapUsage' }))
  const first = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const size = heapSizeOf(String(data))
      if (size === null) return
      samples++
      most = Math.max(most, size)
      resolve()
    })
  })
  ask()
  await first
  const timer = setInterval(ask, INTERVAL_MS)
  const stop = () => {
    clearInterval(timer)
    socket.close()
    return { samples }
  }
  return { most: () => most, stop }
}

/** Node's WebSocket takes headers, which its type, the browser's, does not know; workerd asks for this origin. */
async function openInspector(url: string): Promise<WebSocket> {
  const socket: WebSocket = Reflect.construct(WebSocket, [url, { headers: { origin: 'http://localhost' } }])
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error(`No inspector answers at ${url}`)), { once: true })
  })
  return socket
}

function heapSizeOf(message: string): number | null {
  const parsed: { result?: { usedSize?: number; backingStorageSize?: number } } = JSON.parse(message)
  const { usedSize, backingStorageSize = 0 } = parsed.result ?? {}
  return usedSize === undefined ? null : usedSize + backingStorageSize
}
