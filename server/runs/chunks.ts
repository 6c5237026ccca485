// Texts that are too large for a row of the journal: gzip-compressed and cut into parts that fit one each.

/** Texts up to this many UTF-16 units stay in their row: a run has up to 200 of them in memory at once. */
export const rowLimit = 64 * 1024
const partBytes = 1_000_000

export interface Chunk {
  number: number
  part: number
  bytes: Uint8Array
}

/**
 * Numbers of a run's chunks. A call's result has the call's own number (1 and up), the run's result -1 (RUN_RESULT of
 * server/db/run-chunks.ts), and a call's arguments the negative number below that.
 */
export function argumentsChunk(call: number): number {
  return -1 - call
}

export async function pack(number: number, text: string): Promise<Chunk[]> {
  const packed = await through(new CompressionStream('gzip'), new TextEncoder().encode(text))
  const chunks: Chunk[] = []
  for (let from = 0; from < packed.byteLength; from += partBytes) {
    chunks.push({ number, part: chunks.length, bytes: packed.slice(from, from + partBytes) })
  }
  return chunks
}

export async function unpack(parts: readonly Uint8Array[]): Promise<string> {
  return new TextDecoder().decode(await through(new DecompressionStream('gzip'), Buffer.concat(parts)))
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const source = new Response(bytes).body
  if (source === null) return new Uint8Array()
  return new Uint8Array(await new Response(source.pipeThrough(stream)).arrayBuffer())
}
