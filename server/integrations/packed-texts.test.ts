import { expect, test } from 'vitest'
import { ABSENT, PackedFlags, PackedNames, PackedTexts } from './packed-texts.ts'

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

test('the owner of a name is found, and both in the order in which they were set', () => {
  const names = new PackedNames()
  const given = Array.from({ length: 300 }, (_, at): [string, string] => [`GET /${at}/ä`, `name${299 - at}`])
  for (const [owner, name] of given) names.set(owner, name)
  expect([...names]).toEqual(given)
  for (const [owner, name] of given) expect(names.ownerOf(name)).toBe(owner)
  expect(names.ownerOf('GET /0/ä')).toBeUndefined()
})

test('flags are those that were set last, of as many texts as there are', () => {
  const flags = new PackedFlags()
  for (let at = 0; at < 1000; at++) flags.set(`text ${at}`, (at % 7) + 1)
  flags.set('text 3', 9)
  expect([flags.size, flags.get('text 3'), flags.get('text 999'), flags.get('text 1000')]).toEqual([1000, 9, 6, 0])
})

test('what was trimmed is as it was, and takes more', () => {
  const packed = new PackedTexts()
  for (let at = 0; at < 100; at++) packed.add(`名 ${at}`)
  packed.trim()
  expect(packed.at(99)).toBe('名 99')
  for (let at = 100; at < 1000; at++) packed.add(`name ${at}`)
  expect([packed.size, packed.at(0), packed.at(999), packed.find('名 50')]).toEqual([1000, '名 0', 'name 999', 50])
})
