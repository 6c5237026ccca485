import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DocumentError } from '../document-error.ts'
import { bytesOf, type ByteSequence } from '../byte-sequence.ts'
import { JsonDocument } from './json-document.ts'
import { JsonScanner } from './json-scanner.ts'

/** Chunks of one size, so that every token can lie across a border. */
function chunked(text: string | Uint8Array, size: number): ByteSequence {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return bytesOf(chunks)
}

function refusal(text: string | Uint8Array): string {
  try {
    return `read ${JSON.stringify(new JsonDocument(chunked(text, 7), 0).get([]))}`
  } catch (error) {
    if (error instanceof DocumentError) return `${error.code}: ${error.message}`
    throw error
  }
}

test('every JSON value is found where it lies, whatever the chunks', () => {
  const value = fc.json({ maxDepth: 6 })
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 9 }), fc.constantFrom(undefined, 1), (text, size, indent) => {
      const printed = JSON.stringify(JSON.parse(text), null, indent)
      const document = `{"paths": {"/a": {"get": ${printed}}}, "other": [0, ${printed}]}`
      const index = new JsonDocument(chunked(document, size), 0)
      expect(index.get(['paths', '/a', 'get'])).toEqual(JSON.parse(text))
      expect(index.get(['other', '1'])).toEqual(JSON.parse(text))
    }),
  )
})

test('what JSON.parse refuses is refused, and what it accepts is accepted', () => {
  const almostJson = fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.string({ maxLength: 2 }), fc.nat({ max: 3 }))
    .map(([text, at, inserted, cut]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + inserted + text.slice(place + cut)
    })
  fc.assert(
    fc.property(almostJson, (text) => {
      let isValid = true
      try {
        JSON.parse(text)
      } catch {
        isValid = false
      }
      // A lone surrogate becomes U+FFFD on its way to bytes, which changes no decision.
      expect([text, !/^(invalid|truncated|too)/.test(refusal(text))]).toEqual([text, isValid])
    }),
    { numRuns: 3000 },
  )
})

test.each([
  [
    '{"a": [1, 2',
    'truncated: The JSON ends too early, at line 1, column 12 (byte 11): "," or "]" was expected, the document ends. The file looks truncated.',
  ],
  [
    '{"a": "b',
    'truncated: The JSON ends too early, at line 1, column 9 (byte 8): a string is not closed. The file looks truncated.',
  ],
  [
    '{\n  "ä": x }',
    'invalid_json: The JSON cannot be read at line 2, column 8 (byte 10): a value was expected, "x" found.',
  ],
  [
    '{"a": 1,}',
    'invalid_json: The JSON cannot be read at line 1, column 9 (byte 8): a key in double quotes was expected, "}" found.',
  ],
  ['{"a": 01}', 'invalid_json: The JSON cannot be read at line 1, column 7 (byte 6): a number has a leading zero.'],
  [
    '{} {}',
    'invalid_json: The JSON cannot be read at line 1, column 4 (byte 3): something follows the end of the value.',
  ],
  [
    '{"a": "\t"}',
    'invalid_json: The JSON cannot be read at line 1, column 8 (byte 7): a string contains the control character 0x9.',
  ],
])('%j is refused with its place', (text, message) => {
  expect(refusal(text)).toBe(message)
})

test('bytes that are not UTF-8 are refused with their place', () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
  ]) {
    const text = new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, ...bytes, 0x22, 0x7d])
    expect(refusal(text)).toMatch(/^invalid_utf8: .*line 1, column 7 \(byte 6\)/)
  }
})

test('depth is bounded without using the stack', () => {
  expect(refusal('['.repeat(1_000_000))).toMatch(/^too_deep: .*400 levels/)
  expect(refusal(`${'['.repeat(400)}${']'.repeat(400)}`)).toMatch(/^read/)
})

test('the last of two members of one name counts, and the place is kept', () => {
  const index = new JsonDocument(chunked('{"paths":{"/a":{"get":{"x":1}},"/a":{"get":{"x":2}}},"paths2":0}', 5), 0)
  expect(index.get(['paths', '/a', 'get', 'x'])).toBe(2)
  expect(index.repeated).toEqual([['paths', '/a']])
})

test('names that objects have themselves are found only where the document has them', () => {
  const index = new JsonDocument(chunked('{"paths":{"__proto__":{"get":1}},"x":{"__proto__":2,"a":[3]}}', 4), 0)
  expect(index.keys(['paths'])).toEqual(['__proto__'])
  expect(index.get(['paths', '__proto__', 'get'])).toBe(1)
  expect(index.get(['x', '__proto__'])).toBe(2)
  expect(index.get(['x', 'constructor'])).toBeUndefined()
  expect(index.get(['x', 'a', 'length'])).toBeUndefined()
  expect(index.get(['constructor', 'name'])).toBeUndefined()
})

test('looking at members stops where the visitor says so', () => {
  const scanner = new JsonScanner(chunked('{"openapi": "3.1.0", this is never read', 3))
  const seen: string[] = []
  expect(scanner.members(0, (key) => (seen.push(key), -1))).toBe(-1)
  expect(seen).toEqual(['openapi'])
})
