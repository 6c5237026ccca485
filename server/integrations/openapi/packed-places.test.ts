import { expect, test } from 'vitest'
import { placeAt, pointerOf } from './document-index.ts'
import { PackedPlaces } from './packed-places.ts'

const PLACES = [
  ['paths', '/a~b/{c}%2F', 'get'],
  ['paths', '', 'post'],
  ['https://api.acme.test/paths.json', 'items', '~1', 'get'],
  [],
  ['https://api.acme.test/paths.json'],
]

test('a pointer leads back to its place, whatever its names are', () => {
  for (const place of PLACES) expect(placeAt(pointerOf(place))).toEqual(place)
})

test('places come in the order in which they were added, each once', () => {
  const packed = new PackedPlaces()
  for (const place of [...PLACES, ['paths', '', 'post']]) packed.add(place)
  expect([...packed]).toEqual(PLACES)
  expect(packed.length).toBe(PLACES.length)
})
