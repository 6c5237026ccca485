import { expect, test } from 'vitest'
import { gzipSync } from 'node:zlib'
import { bytesOf } from './byte-sequence.ts'
import { PackedBytes, packBlocks, type PackedBlock } from './packed-bytes.ts'

const MEBIBYTE = 1024 * 1024
const encoder = new TextEncoder()

type Chunks = Parameters<typeof packBlocks>[0]

async function packed(chunks: Chunks, maxBytes = 64 * MEBIBYTE): Promise<PackedBlock[]> {
  const blocks: PackedBlock[] = []
  for await (const block of packBlocks(chunks, { maxBytes })) blocks.push(block)
  return blocks
}

async function reopened(chunks: Chunks): Promise<PackedBytes> {
  const blocks = await packed(chunks)
  const length = blocks.reduce((sum, block) => sum + block.rawLength, 0)
  return new PackedBytes(
    blocks.map(({ bytes }) => bytes),
    length,
  )
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

/** Text of which no two stretches are the same, with characters of one to four bytes. */
function sample(length: number): Uint8Array {
  let text = ''
  for (let line = 0; text.length < length; line++) text += `${line * 7919}: ä漢😀${line % 13}\n`
  return encoder.encode(text)
}

test('what was packed is read as it was, at every place and across the borders of blocks', async () => {
  const bytes = sample(9 * MEBIBYTE)
  const [plain, again] = [bytesOf([bytes]), await reopened(cut(bytes, 100_003))]
  expect(again.length).toBe(bytes.length)
  let differences = 0
  for (let at = 0; at < bytes.length; at++) if (again.at(at) !== bytes[at]) differences++
  for (let at = bytes.length - 1; at >= 0; at -= 9973) if (again.at(at) !== bytes[at]) differences++
  expect(differences).toBe(0)
  expect([again.at(-1), again.at(bytes.length)]).toEqual([-1, -1])
  for (let at = 256 * 1024; at < bytes.length; at += 256 * 1024) {
    expect(again.text(at - 40, at + 40)).toBe(plain.text(at - 40, at + 40))
  }
  expect(again.text(bytes.length - 5, bytes.length + 5)).toBe(plain.text(bytes.length - 5, bytes.length))
})

test.each([1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 512 * 1024])(
  '%i bytes are packed and read',
  async (length) => {
    const bytes = sample(length).slice(0, length)
    const blocks = await packed([bytes])
    expect(blocks.map(({ rawLength }) => rawLength).reduce((sum, next) => sum + next)).toBe(length)
    expect(blocks.length).toBe(Math.ceil(length / (256 * 1024)))
    const again = await reopened([bytes])
    expect([again.at(0), again.at(length - 1)]).toEqual([bytes[0], bytes[length - 1]])
  },
)

test('a block is handed on before the next chunk is asked for', async () => {
  let given = 0
  const chunks = async function* () {
    for (; given < 10; given++) yield new Uint8Array(256 * 1024).fill(given)
  }
  const blocks = packBlocks(chunks(), { maxBytes: 64 * MEBIBYTE })
  await blocks.next()
  expect(given).toBeLessThanOrEqual(1)
  await blocks.return(undefined)
  expect(given).toBeLessThanOrEqual(1)
})

test('gzip is told by its first bytes, in whatever chunks they come', async () => {
  const bytes = sample(MEBIBYTE)
  for (const size of [1, 7, 65_536]) {
    const gzip = gzipSync(bytes.subarray(0, size === 1 ? 5000 : bytes.length))
    const again = await reopened(cut(gzip, size))
    expect(again.text(0, 5000)).toBe(bytesOf([bytes]).text(0, 5000))
  }
})

test('gzip that is damaged, cut off or followed by more is refused', async () => {
  const gzip = new Uint8Array(gzipSync(sample(300_000)))
  const damaged = gzip.slice()
  damaged[1000] = (damaged[1000] ?? 0) ^ 0xff
  const wrongSum = gzip.slice()
  wrongSum[gzip.length - 6] = (wrongSum[gzip.length - 6] ?? 0) ^ 0xff
  for (const given of [damaged, wrongSum, gzip.slice(0, -3), gzip.slice(0, 2), gzip.slice(0, 900)]) {
    await expect(packed(cut(given, 1000))).rejects.toMatchObject({ name: 'DocumentError', code: 'invalid_gzip' })
  }
})

test('nothing, and gzip of nothing, is empty', async () => {
  for (const chunks of [[], [new Uint8Array()], [new Uint8Array(gzipSync(''))]]) {
    await expect(packed(chunks)).rejects.toMatchObject({ code: 'empty' })
  }
})

test('more than the limit is refused as soon as it is seen, and the source is let go', async () => {
  let given = 0
  let isClosed = false
  const endless = async function* () {
    try {
      for (;;) yield new Uint8Array(65_536).fill(given++)
    } finally {
      isClosed = true
    }
  }
  await expect(packed(endless(), MEBIBYTE)).rejects.toMatchObject({
    code: 'too_large',
    message: 'The document is above the limit of 1 MiB.',
  })
  expect(given).toBeLessThanOrEqual(18)
  expect(isClosed).toBe(true)
})

test('a decompression bomb is read no further than the limit, in many chunks or in one', async () => {
  // Gzip may consist of members; each of these is a megabyte of zeros.
  const member = new Uint8Array(gzipSync(new Uint8Array(MEBIBYTE)))
  let given = 0
  const endless = async function* () {
    for (; given < 10_000; given++) yield member
  }
  await expect(packed(endless(), 8 * MEBIBYTE)).rejects.toMatchObject({ code: 'too_large' })
  expect(given).toBeLessThan(100)
  const twoGibibytes = new Uint8Array(2048 * member.length)
  for (let at = 0; at < twoGibibytes.length; at += member.length) twoGibibytes.set(member, at)
  const before = Date.now()
  await expect(packed([twoGibibytes], 8 * MEBIBYTE)).rejects.toMatchObject({ code: 'too_large' })
  expect(Date.now() - before).toBeLessThan(500)
})

test('an error of the source stays what it is', async () => {
  class Interrupted extends Error {}
  for (const first of [sample(1000), new Uint8Array(gzipSync(sample(1000)))]) {
    const broken = async function* () {
      yield first.slice(0, 100)
      throw new Interrupted()
    }
    await expect(packed(broken())).rejects.toBeInstanceOf(Interrupted)
  }
})

test('blocks that do not belong together are refused', async () => {
  const blocks = (await packed([sample(MEBIBYTE)])).map(({ bytes }) => bytes)
  expect(() => new PackedBytes(blocks.slice(1), MEBIBYTE)).toThrow('not complete')
  expect(() => new PackedBytes([], 5)).toThrow('not complete')
  expect(new PackedBytes([], 0).at(0)).toBe(-1)
})
