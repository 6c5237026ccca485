import { expect, test } from 'vitest'
import { createVault, type Place } from './seal.ts'

const KEY = '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0'
const OTHER_KEY = 'fedcba98765432100123456789abcdeff0e1d2c3b4a5968778695a4b3c2d1e0f'
const PLACE: Place = { table: 'connections', row: 'con_1', owner: 'org' }
const SECRET = { token: 'hunter2-höchst-geheim' }

const vault = createVault({ key: KEY })

test('what was sealed opens at its place', async () => {
  const sealed = await vault.seal(SECRET, PLACE)
  expect(await vault.open(sealed, PLACE)).toEqual({ ok: true, value: SECRET })
  expect(await createVault({ key: KEY }).open(sealed, PLACE)).toEqual({ ok: true, value: SECRET })
})

test('the sealed text shows nothing, and never the same twice', async () => {
  const [one, two] = [await vault.seal(SECRET, PLACE), await vault.seal(SECRET, PLACE)]
  expect(one).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/)
  expect(one).not.toBe(two)
  expect(one.slice(0, 12)).toBe(two.slice(0, 12))
  const bytes = atob((one.split('.')[2] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
  expect(bytes).not.toContain('hunter2')
})

test.each<[string, Place]>([
  ['row', { ...PLACE, row: 'con_2' }],
  ['owner', { ...PLACE, owner: 'person:eve@example.com' }],
  ['table', { ...PLACE, table: 'integrations' }],
  ['place with the same text', { table: 'connections', row: 'con_1","org', owner: '' }],
])('it does not open at another %s', async (_, place) => {
  const sealed = await vault.seal(SECRET, PLACE)
  expect(await vault.open(sealed, place)).toEqual({ ok: false, reason: 'damaged' })
})

test('no byte of it can be changed', async () => {
  const sealed = await vault.seal(SECRET, PLACE)
  const [version, keyId, body = ''] = sealed.split('.')
  const binary = atob(body.replaceAll('-', '+').replaceAll('_', '/'))
  for (let index = 0; index < binary.length; index++) {
    const flipped = Array.from(binary, (char, at) => String.fromCharCode(char.charCodeAt(0) ^ (at === index ? 1 : 0)))
    const text = btoa(flipped.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    expect(await vault.open(`${version}.${keyId}.${text}`, PLACE)).toEqual({ ok: false, reason: 'damaged' })
  }
})

test('no part of it can be left out', async () => {
  const sealed = await vault.seal(SECRET, PLACE)
  for (let length = 0; length < sealed.length; length++) {
    expect(await vault.open(sealed.slice(0, length), PLACE)).toMatchObject({ ok: false })
  }
})

test.each(['', 'v1', 'v2.abcdefgh.AAAA', 'v1.abcdefgh.', '{"token":"x"}', 'v1.abcdefgh.====', 'v1.abcdefgh.AA'])(
  'the text %j is not a sealed one',
  async (text) => {
    expect(await vault.open(text, PLACE)).toEqual({ ok: false, reason: 'malformed' })
  },
)

test('another key does not open it', async () => {
  const sealed = await vault.seal(SECRET, PLACE)
  expect(await createVault({ key: OTHER_KEY }).open(sealed, PLACE)).toEqual({ ok: false, reason: 'unknown_key' })
})

test('a key id that was forged to ours does not help another key', async () => {
  const theirs = await createVault({ key: OTHER_KEY }).seal(SECRET, PLACE)
  const ourId = (await vault.seal(SECRET, PLACE)).split('.')[1]
  const forged = `v1.${ourId}.${theirs.split('.')[2]}`
  expect(await vault.open(forged, PLACE)).toEqual({ ok: false, reason: 'damaged' })
})

test('after a rotation the previous key opens and the new one seals', async () => {
  const before = await vault.seal(SECRET, PLACE)
  const rotated = createVault({ key: OTHER_KEY, previousKey: KEY })
  expect(await rotated.open(before, PLACE)).toEqual({ ok: true, value: SECRET })
  expect(await rotated.usesCurrentKey(before)).toBe(false)

  const after = await rotated.seal(SECRET, PLACE)
  expect(await rotated.usesCurrentKey(after)).toBe(true)
  expect(await createVault({ key: OTHER_KEY }).open(after, PLACE)).toEqual({ ok: true, value: SECRET })
  expect(await vault.open(after, PLACE)).toEqual({ ok: false, reason: 'unknown_key' })
})

test('the key may be written in any of its forms', async () => {
  const base64 = btoa(String.fromCharCode(...(KEY.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
  const sealed = await vault.seal(SECRET, PLACE)
  expect(await createVault({ key: base64 }).open(sealed, PLACE)).toMatchObject({ ok: true })
})

test('a key that is none is refused without being repeated', () => {
  expect(() => createVault({ key: 'hunter2' })).toThrow(/at least 32 bytes/)
  expect(() => createVault({ key: 'hunter2' })).not.toThrow(/hunter2/)
})
