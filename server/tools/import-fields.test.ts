import { expect, test } from 'vitest'
import { BEARER, PUBLIC } from '../testing/scripted-import.ts'
import { parseBaseUrl, publicMethod, suggestSlug } from './import-fields.ts'

test('a slug is made of what a title says beyond that it is an API', () => {
  const none = new Set<string>()
  expect(suggestSlug('GitHub v3 REST API', none)).toBe('github')
  expect(suggestSlug('The Pet Store', none)).toBe('pet_store')
  expect(suggestSlug('API', none)).toBe('api')
  expect(suggestSlug('Société Générale', none)).toBe('societe_generale')
  expect(suggestSlug('', none)).toBe('api')
  expect(suggestSlug('日本', none)).toBe('api')
  expect(suggestSlug('3scale', none)).toBe('api_3scale')
  expect(suggestSlug('Search', none)).toBe('api_search')
  expect(suggestSlug('GitHub', new Set(['github', 'github2']))).toBe('github3')
})

test('a base URL loses its trailing slash and nothing else', () => {
  expect(parseBaseUrl(' https://api.example.com/v1/ ')).toEqual({ ok: true, url: 'https://api.example.com/v1' })
  expect(parseBaseUrl('https://api.example.com')).toEqual({ ok: true, url: 'https://api.example.com' })
})

test('an integration is public when no method asks for anything', () => {
  expect(publicMethod([])).toMatchObject({ id: 'none' })
  expect(publicMethod([PUBLIC])).toBe(PUBLIC)
  expect(publicMethod([PUBLIC, BEARER])).toBeNull()
})
