import { expect, test } from 'vitest'
import { largeYaml } from '../../testing/large-documents.ts'
import { bytesOf, type ByteSequence } from '../byte-sequence.ts'
import { detectOpenApi } from './detect.ts'

const encoder = new TextEncoder()

/** The bytes, and how far anyone has looked into them. */
function watched(bytes: ByteSequence): ByteSequence & { seen: number } {
  return {
    length: bytes.length,
    seen: 0,
    at(position) {
      this.seen = Math.max(this.seen, position)
      return bytes.at(position)
    },
    text(start, end) {
      this.seen = Math.max(this.seen, end)
      return bytes.text(start, end)
    },
  }
}

function json(before: string): ByteSequence {
  const chunk = encoder.encode(`"${'x'.repeat(65_536)}",`)
  return bytesOf([
    encoder.encode(before),
    ...Array.from({ length: 500 }, () => chunk),
    encoder.encode('0]},"openapi":"3.1.0"}'),
  ])
}

test('a large document that names itself is read no further than its beginning', () => {
  const documents = [
    json('{"openapi":"3.1.0","paths":{"/a":['),
    json('\uFEFF {"info":{"title":"x","version":"1"},\n"swagger": "2.0", "paths":{"/a":['),
    bytesOf([...largeYaml({ operations: 2000 })]),
  ]
  for (const document of documents) {
    const bytes = watched(document)
    detectOpenApi({ bytes })
    expect(bytes.seen).toBeLessThanOrEqual(65_536)
  }
})

test('one that names itself at its end is told all the same', () => {
  const bytes = watched(json('{"paths":{"/a":['))
  detectOpenApi({ bytes })
  expect(bytes.seen).toBeGreaterThanOrEqual(bytes.length - 1)
})

test('a name inside of something else is no name', () => {
  for (const text of ['{"x":{"openapi":"3.1.0"}}', '{"x":"openapi","y":["swagger"]}', '{"x":1,"x-openapi":2}']) {
    expect(() => detectOpenApi({ bytes: bytesOf([encoder.encode(text)]) })).toThrow(/This is not an OpenAPI document/)
  }
})
