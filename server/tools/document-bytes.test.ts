import { expect, test } from 'vitest'
import { DOCUMENT_PART_BYTES } from '../db/documents.ts'
import { collectDocument, gunzip, packDocument } from './document-bytes.ts'

async function bytesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return new Uint8Array(Buffer.concat(all))
}

function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let start = 0; start < size; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536))
  return bytes
}

test('a document comes out of its compressed parts as it went in', async () => {
  const document = noise(2_000_000)
  const parts = await packDocument([document.subarray(0, 7), document.subarray(7)])
  expect(parts.map((part) => part.byteLength).slice(0, 2)).toEqual([DOCUMENT_PART_BYTES, DOCUMENT_PART_BYTES])
  expect(parts).toHaveLength(3)
  const unpacked = await bytesOf(gunzip(parts))
  expect(Buffer.compare(unpacked, document)).toBe(0)
})

test('a gzip file is read as what is in it, also when it comes in single bytes', async () => {
  const packed = await bytesOf(await packDocument([new TextEncoder().encode('{"openapi":"3.1.0"}')]))
  const singles = Array.from(packed, (byte) => Uint8Array.of(byte))
  const read = await collectDocument(singles)
  expect(read.ok && new TextDecoder().decode(await bytesOf(read.chunks))).toBe('{"openapi":"3.1.0"}')
})

test('a gzip file that unpacks to more than the limit is refused', async () => {
  const bomb = await packDocument([new Uint8Array(3_000_000)])
  expect((await bytesOf(bomb)).byteLength).toBeLessThan(10_000)
  expect(await collectDocument(bomb, 1_000_000)).toMatchObject({ ok: false, code: 'too_large' })
})

test('a damaged gzip file and an empty document are told apart', async () => {
  const packed = await bytesOf(await packDocument([noise(5_000)]))
  expect(await collectDocument([packed.subarray(0, 2_000)])).toMatchObject({ ok: false, code: 'invalid_gzip' })
  expect(await collectDocument([])).toMatchObject({ ok: false, code: 'empty' })
})
