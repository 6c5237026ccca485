// A document kept compressed: blocks of one raw size, each deflated by itself (RFC 1951), so that any place can be read
// by unpacking one block. Only a few unpacked blocks are in memory at a time.
import type * as Zlib from 'node:zlib'
import { StretchedBytes, type Stretch } from './byte-sequence.ts'
import { DocumentError } from './document-error.ts'

/** Smaller ones compress worse, larger ones take longer to reach a place in them. */
const BLOCK_BYTES = 256 * 1024
const CACHED_BYTES = 2 * 1024 * 1024
const GUNZIP_BYTES = 64 * 1024

export interface PackedBlock {
  bytes: Uint8Array<ArrayBuffer>
  rawLength: number
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Cuts a document into blocks, one at a time; all but the last have the same raw length. A document that comes as gzip
 * is unpacked on the way. Throws DocumentError: `too_large` as soon as there are more raw bytes than `maxBytes`, `empty`,
 * `invalid_gzip`.
 */
export async function* packBlocks(chunks: Chunks, { maxBytes }: { maxBytes: number }): AsyncGenerator<PackedBlock> {
  const { deflateRawSync } = zlib()
  const pack = (raw: Uint8Array): PackedBlock => ({
    // A copy of its own: what zlib answers can be a part of a larger array.
    bytes: new Uint8Array(deflateRawSync(raw)),
    rawLength: raw.length,
  })
  const block = new Uint8Array(BLOCK_BYTES)
  let filled = 0
  let total = 0
  for await (const chunk of unpacked(chunks)) {
    total += chunk.length
    if (total > maxBytes) throw tooLarge(maxBytes)
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - filled)
      block.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < BLOCK_BYTES) continue
      yield pack(block)
      filled = 0
    }
  }
  if (total === 0) throw new DocumentError('empty', 'The document is empty.')
  if (filled > 0) yield pack(block.subarray(0, filled))
}

/** A document's bytes in the blocks that `packBlocks` made of them. */
export class PackedBytes extends StretchedBytes {
  readonly #blocks: readonly Uint8Array[]
  readonly #blockLength: number
  /** Unpacked ones, the one that was used last at the end: few, and in no map, since each change of one makes garbage. */
  readonly #recent: { index: number; bytes: Uint8Array }[] = []

  /** `length` is that of the raw bytes. */
  constructor(blocks: readonly Uint8Array[], length: number) {
    super(length)
    this.#blocks = blocks
    this.#blockLength = Math.max(length, 1)
    // Documents may be stored with another size of block than today's.
    if (blocks.length > 1) this.#blockLength = this.#block(0).length
    if (Math.ceil(length / this.#blockLength) !== blocks.length) throw new Error('The stored blocks are not complete.')
  }

  protected stretchAt(position: number): Stretch {
    const index = Math.floor(position / this.#blockLength)
    return { from: index * this.#blockLength, bytes: this.#block(index) }
  }

  /** Gives the memory back; nothing can be read from then on. */
  release(): void {
    for (const block of this.#blocks) release(block)
    for (const { bytes } of this.#recent.splice(0)) release(bytes)
  }

  #block(index: number): Uint8Array {
    const recent = this.#recent
    const at = recent.findLastIndex((block) => block.index === index)
    const known = recent[at]
    if (known !== undefined) {
      recent.copyWithin(at, at + 1)
      recent[recent.length - 1] = known
      return known.bytes
    }
    const bytes = zlib().inflateRawSync(this.#blocks[index] ?? new Uint8Array())
    if (recent.length > 0 && (recent.length + 1) * this.#blockLength > CACHED_BYTES) release(recent.shift()?.bytes)
    recent.push({ index, bytes })
    return bytes
  }
}

/** Gives memory back at once: the garbage collector does not hurry for what lies outside of its heap. */
function release(block: Uint8Array | undefined): void {
  const { buffer } = block ?? {}
  if (buffer instanceof ArrayBuffer && buffer.byteLength === block?.byteLength) buffer.transfer(0)
}

/** Node's modules are asked for when they are needed, so that a Worker without them starts and can say what it lacks. */
function zlib(): typeof Zlib {
  return present(globalThis.process?.getBuiltinModule?.('node:zlib'))
}

function present<Module>(module: Module | undefined): Module {
  if (module === undefined) throw new Error('The Worker needs the compatibility flag nodejs_compat.')
  return module
}

/** The chunks; what they unpack to when they are gzip (RFC 1952). */
async function* unpacked(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const source = withHead(chunks)
  try {
    const first = await source.next()
    if (first.done) return
    const all = preceded(first.value, source)
    const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b
    yield* isGzip ? gunzipped(all) : all
  } finally {
    await source.return(undefined)
  }
}

/** The chunks, of which the first has the two bytes that tell what it is. */
async function* withHead(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array()
  for await (const chunk of chunks) {
    if (head.length >= 2) yield chunk
    else {
      const joined = new Uint8Array(head.length + chunk.length)
      joined.set(head)
      joined.set(chunk, head.length)
      head = joined
      if (head.length >= 2) yield head
    }
  }
  if (head.length < 2) yield head
}

async function* preceded(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

/** Not by a DecompressionStream: workerd's unpacks all that it is given, whether or not anyone reads it. */
async function* gunzipped(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { pipeline } = present(globalThis.process?.getBuiltinModule?.('node:stream'))
  try {
    // An error of either end is thrown here too.
    for await (const chunk of pipeline(chunks, zlib().createGunzip({ chunkSize: GUNZIP_BYTES }), () => {})) yield chunk
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('Z_')) throw error
    throw new DocumentError('invalid_gzip', `The document is compressed with gzip, and the data is damaged (${code}).`)
  }
}

function tooLarge(maxBytes: number): DocumentError {
  return new DocumentError('too_large', `The document is above the limit of ${maxBytes / 1024 / 1024} MiB.`)
}
