import { expect, test } from 'vitest'
import { JsonRows, jsonRows, MAX_ROWS_BYTES, utf8Bytes } from './json-rows.ts'

test('rows are cut into arrays that fit a parameter, in their order', () => {
  const rows = Array.from({ length: 50 }, (_, index) => ({ index, text: 'é😀'.repeat(10_000) }))
  const arrays = jsonRows(rows)
  expect(arrays.length).toBeGreaterThan(1)
  for (const array of arrays) expect(new TextEncoder().encode(array).byteLength).toBeLessThanOrEqual(MAX_ROWS_BYTES)
  expect(arrays.flatMap((array): unknown[] => JSON.parse(array))).toEqual(rows)
})

test('no rows make no array', () => {
  expect(jsonRows([])).toEqual([])
})

test('a row that cannot fit is refused', () => {
  expect(() => new JsonRows().add('x'.repeat(MAX_ROWS_BYTES))).toThrow(/does not fit/)
})

test('the length in UTF-8 is that of the encoder', () => {
  for (const text of ['', 'plain', 'naïve', '€', '😀 and more', 'a\u0000b']) {
    expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).byteLength)
  }
})

test('a text with a few wide characters is one of single bytes, and means the same', () => {
  const row = { text: `${'plain '.repeat(100)}… and 😀` }
  const [array = ''] = jsonRows([row])
  expect(array).not.toMatch(/[^\0-\xff]/)
  expect(JSON.parse(array)).toEqual([row])
  expect(jsonRows([{ text: '日本' }])).toEqual(['[{"text":"日本"}]'])
})
