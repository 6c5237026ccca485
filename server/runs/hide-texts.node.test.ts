import { expect, test } from 'vitest'
import { hiddenTexts, hideTexts } from './hide-texts.ts'
import { HIDDEN, redact } from './redact.ts'

const SECRET = 'p&ss "wörd" 1'
const value = { user: 'ada', password: SECRET, list: [{ password: { deep: ['x1', 42] } }], empty: '' }
const redacted = redact(value, { isHiddenField: (name) => name === 'password' })

test('the texts that were left out are found, and only they', () => {
  expect(hiddenTexts(value, redacted)).toEqual([SECRET, 'x1', '42'])
  expect(hiddenTexts(value, value)).toEqual([])
  expect(hiddenTexts('whole', HIDDEN)).toEqual(['whole'])
})

test.each([
  ['JSON', JSON.stringify(value)],
  ['a form', new URLSearchParams({ user: 'ada', password: SECRET }).toString()],
  ['a URL', `https://example.com/${encodeURIComponent(SECRET)}?user=ada`],
  ['plain text', `user=ada, password=${SECRET}`],
])('they are hidden in %s, and the rest stays', (_name, text) => {
  const hidden = hideTexts(text, hiddenTexts(value, redacted))
  expect(hidden).toContain(HIDDEN)
  expect(hidden).toContain('ada')
  expect(hidden).not.toMatch(/w(ö|%C3%B6)rd/)
})

test('a secret with the signs of a replacement is a text like others', () => {
  expect(hideTexts('a $& b', ['$&'])).toBe(`a ${HIDDEN} b`)
})
