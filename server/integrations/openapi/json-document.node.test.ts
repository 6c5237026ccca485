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

test('they are names like any other at every level', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const nested = (depth: number): string =>
    depth === 0 ? '1' : `{${names.map((name) => `"${name}":${nested(depth - 1)}`).join()}}`
  for (const root of ['paths', 'components', 'x-other', 'toString', '__proto__']) {
    const index = new JsonDocument(chunked(`{"${root}":${nested(4)}}`, 64), 0)
    expect(index.keys([])).toEqual([root])
    for (const first of names) {
      expect(index.keys([root, first, '__proto__'])).toEqual(names)
      expect(index.get([root, first, '__proto__', 'toString', 'constructor'])).toBe(1)
      expect(index.get([root, first, '__proto__', 'toString', 'valueOf'])).toBeUndefined()
      expect(Object.keys(index.get([root, first]) ?? {})).toEqual(names)
    }
    expect(index.get(['valueOf', 'name'])).toBeUndefined()
  }
})

test('looking at members stops where the visitor says so', () => {
  const scanner = new JsonScanner(chunked('{"openapi": "3.1.0", this is never read', 3))
  const seen: (string | number)[] = []
  expect(scanner.members(0, (key) => (seen.push(key), -1))).toBe(-1)
  expect(seen).toEqual(['openapi'])
})

test('what is inside of a large part is found by position, in lists too', () => {
  const items = Array.from({ length: 20_000 }, (_, at) => ({ name: `item ${at}`, '0': at }))
  const index = new JsonDocument(
    chunked(JSON.stringify({ 'x-list': items, 'x-map': Object.fromEntries(Object.entries(items)) }), 65_536),
    0,
  )
  expect(index.get(['x-list', '19999', 'name'])).toBe('item 19999')
  expect(index.get(['x-list', '7', '0'])).toBe(7)
  expect(index.get(['x-map', '19999', 'name'])).toBe('item 19999')
  for (const token of ['20000', '01', '-1', '1e2', 'length', '', '99999999999999999999']) {
    expect(index.get(['x-list', token])).toBeUndefined()
  }
  expect(index.keys(['x-list'])).toEqual([])
  expect(index.keys(['x-map'])).toHaveLength(20_000)
  expect(index.get(['x-list'])).toEqual(items)
})

test('a value that is too large to be parsed at once is refused, and what is inside of it is not', () => {
  const large = JSON.stringify({ paths: { '/a': { get: { summary: 'x'.repeat(4 * 1024 * 1024), x: [1] } }, '/b': 1 } })
  const index = new JsonDocument(chunked(large, 65_536), 0)
  const refused = (place: string[]) => {
    try {
      return index.get(place)
    } catch (error) {
      return error instanceof DocumentError ? `${error.code}: ${error.message}` : error
    }
  }
  expect(refused(['paths', '/a', 'get'])).toBe('too_large: The value at #/paths/~1a/get is above the limit of 4 MiB.')
  expect(refused([])).toBe('too_large: The value at # is above the limit of 4 MiB.')
  expect(index.keys(['paths', '/a', 'get'])).toEqual(['summary', 'x'])
  expect(index.get(['paths', '/a', 'get', 'x', '0'])).toBe(1)
  expect(index.get(['paths', '/b'])).toBe(1)
})

/** The same bytes over and over, without being made in memory more than once. */
function repeated(before: string, middle: string, after: string, length: number): ByteSequence {
  const encoder = new TextEncoder()
  const chunk = encoder.encode(middle.repeat(Math.ceil(65_536 / middle.length)))
  const chunks = Array.from({ length: Math.ceil(length / chunk.length) }, () => chunk)
  return bytesOf([encoder.encode(before), ...chunks, encoder.encode(after)])
}

function heapMiB(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 1024 / 1024
}

test('64 MB of brackets, of one text, of numbers and of names cost no memory', { timeout: 60_000 }, () => {
  const size = 64 * 1024 * 1024
  const before = heapMiB()
  expect(() => new JsonDocument(repeated('', '[', '', size), 0)).toThrow(/more than 400 levels/)
  expect(() => new JsonDocument(repeated('{"paths":', '{"a":', '', size), 0)).toThrow(/more than 400 levels/)
  expect(() => new JsonDocument(repeated('{', '"a":0,', '"b":0}', size), 0)).toThrow(/10000 names twice/)
  const text = new JsonDocument(
    repeated('{"paths":{"/a":{"get":{"summary":"', 'x', '"}}},"info":{"title":"t"}}', size),
    0,
  )
  expect(text.get(['info', 'title'])).toBe('t')
  expect(text.keys(['paths', '/a', 'get'])).toEqual(['summary'])
  expect(() => text.get(['paths', '/a', 'get', 'summary'])).toThrow(/above the limit of 4 MiB/)
  expect(text.get(['paths', '/a', 'get', 'summary', '0'])).toBeUndefined()
  const numbers = new JsonDocument(repeated('{"x":[', '0,', '0]}', size), 0)
  for (const token of ['5', '400000']) expect(() => numbers.get(['x', token])).toThrow(/more than 300000 parts/)
  expect(heapMiB() - before).toBeLessThan(100)
})

test('100,000 operations are indexed in a moment, and in little memory', { timeout: 60_000 }, () => {
  const operations = Array.from(
    { length: 100_000 },
    (_, at) => `"/things/${at}/{id}":{"get":{"operationId":"op${at}"}}`,
  )
  const bytes = chunked(`{"openapi":"3.1.0","paths":{${operations.join()}}}`, 65_536)
  operations.length = 0
  const before = heapMiB()
  const started = performance.now()
  const index = new JsonDocument(bytes, 0)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(heapMiB() - before).toBeLessThan(100)
  expect(index.keys(['paths'])).toHaveLength(100_000)
  expect(index.get(['paths', '/things/99999/{id}', 'get', 'operationId'])).toBe('op99999')
})
