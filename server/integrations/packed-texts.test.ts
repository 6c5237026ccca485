import { expect, test } from 'vitest'
import { ABSENT, PackedNames, PackedTexts } from './packed-texts.ts'

test('every text keeps its number and comes back as it was', () => {
  const texts = [
    '',
    'get',
    'größe',
    '日本',
    '\ud800',
    '😀',
    'a\0b',
    ...Array.from({ length: 5000 }, (_, i) => `/items/${i}`),
  ]
  const packed = new PackedTexts()
  expect(texts.map((text) => packed.add(text))).toEqual([...texts.keys()])
  expect(texts.map((text) => packed.add(text))).toEqual([...texts.keys()])
  expect(texts.map((text) => packed.find(text))).toEqual([...texts.keys()])
  expect([...texts.keys()].map((number) => packed.at(number))).toEqual(texts)
  expect(packed.size).toBe(texts.length)
  expect(packed.find('put')).toBe(ABSENT)
})

test('bytes that another text has do not make it the same', () => {
  const packed = new PackedTexts()
  packed.add('\u6161')
  expect(packed.find('aa')).toBe(ABSENT)
})

test('names are found by what has them, and known to be taken', () => {
  const names = new PackedNames()
  names.set('GET /a', 'a.list')
  names.set('GET /b', 'b.list')
  names.set('GET /a', 'a.all')
  expect(names.get('GET /a')).toBe('a.all')
  expect(names.get('GET /b')).toBe('b.list')
  expect(names.get('GET /c')).toBeUndefined()
  expect(names.isTaken('b.list')).toBe(true)
  expect(names.isTaken('c.list')).toBe(false)
})
