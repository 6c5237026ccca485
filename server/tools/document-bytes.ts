// A document on its way in (bounded, unpacked) and in and out of storage (compressed, in parts).
import { DOCUMENT_PART_BYTES } from '../db/documents.ts'

export const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export type ReadDocument =
  | { ok: true; chunks: Uint8Array[]; bytes: number }
  | { ok: false; code: 'too_large' | 'empty' | 'invalid_gzip'; message: string }

/** Reads a document whole. A gzip file is unpacked; the limit holds for what comes out of it. */
export async function collectDocument(source: Chunks, maxBytes: number = MAX_DOCUMENT_BYTES): Promise<ReadDocument> {
  const collected = await collect(source, maxBytes)
  if (!collected.ok || !isGzip(collected.chunks)) return collected
  try {
    return await collect(gunzip(collected.chunks), maxBytes)
  } catch {
    return { ok: false, code: 'invalid_gzip', message: 'The document is a gzip file that is damaged or cut off.' }
  }
}

async function collect(source: Chunks, maxBytes: number): Promise<ReadDocument> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) {
      const limit = `${Math.round(maxBytes / 1024 / 1024)} MiB`
      return { ok: false, code: 'too_large', message: `The document is larger than ${limit}, which is the limit.` }
    }
    if (chunk.byteLength > 0) chunks.push(chunk)
  }
  if (bytes === 0) return { ok: false, code: 'empty', message: 'The document is empty.' }
  return { ok: true, chunks, bytes }
}

function isGzip(chunks: readonly Uint8Array[]): boolean {
  const [first, second] = chunks.flatMap((chunk) => [...chunk.subarray(0, 2)]).slice(0, 2)
  return first === 0x1f && second === 0x8b
}

/** Compressed, cut into parts that `documents` takes. */
export async function packDocument(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = []
  let part = new Uint8Array(DOCUMENT_PART_BYTES)
  let filled = 0
  for await (const chunk of streamOf(chunks).pipeThrough(new CompressionStream('gzip'))) {
    for (let offset = 0; offset < chunk.byteLength;) {
      const taken = chunk.subarray(offset, offset + part.byteLength - filled)
      part.set(taken, filled)
      filled += taken.byteLength
      offset += taken.byteLength
      if (filled === part.byteLength) {
        parts.push(part)
        part = new Uint8Array(DOCUMENT_PART_BYTES)
        filled = 0
      }
    }
  }
  if (filled > 0) parts.push(part.subarray(0, filled))
  return parts
}

/** The document again, from its compressed parts. */
export function gunzip(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return streamOf(parts).pipeThrough(new DecompressionStream('gzip'))
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = chunks[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const next = rest.next()
      if (next.done) controller.close()
      else controller.enqueue(ownBuffer(next.value))
    },
  })
}

// The streams of the platform take bytes of an ArrayBuffer, never of a shared one.
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Uint8Array.from(bytes)
}
