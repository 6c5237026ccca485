import { expect, test } from 'vitest'
import { BEARER, PUBLIC } from '../testing/scripted-import.ts'
import { parseBaseUrl, publicMethod, suggestSlug } from './import-fields.ts'

test('a slug is made of what a title says beyond that it is an API', () => {
  const none = new Set<string>()
  expect(suggestSlug('GitHub v3 REST API', undefined, none)).toBe('github')
  expect(suggestSlug('The Pet Store', undefined, none)).toBe('pet_store')
  expect(suggestSlug('API', undefined, none)).toBe('api')
  expect(suggestSlug('Société Générale', undefined, none)).toBe('societe_generale')
  expect(suggestSlug('', undefined, none)).toBe('api')
  expect(suggestSlug('日本', undefined, none)).toBe('api')
  expect(suggestSlug('3scale', undefined, none)).toBe('api_3scale')
  expect(suggestSlug('Search', undefined, none)).toBe('api_search')
  expect(suggestSlug('GitHub', undefined, new Set(['github', 'github2']))).toBe('github3')
})

test('of a title that says too much or too little, the name of the server says what it is about', () => {
  const none = new Set<string>()
  const github = 'https://api.github.com'
  expect(suggestSlug("GitHub's official OpenAPI spec + Octokit extension", undefined, none)).toBe('github')
  expect(suggestSlug("GitHub's official OpenAPI spec + Octokit extension", github, none)).toBe('github')
  expect(suggestSlug('Everything that GitHub can do for your team', github, none)).toBe('github')
  expect(suggestSlug('REST API v1', 'https://api.acme.co.uk/v1', none)).toBe('acme')
  expect(suggestSlug('API', 'https://127.0.0.1:8790', none)).toBe('api')
  expect(suggestSlug('API', 'http://localhost:8790', none)).toBe('api')
  // Several APIs of one organisation keep what tells them apart.
  expect(suggestSlug('Microsoft Graph', 'https://graph.microsoft.com/v1.0', none)).toBe('microsoft_graph')
  expect(suggestSlug('Azure Media Services', 'https://management.azure.com', none)).toBe('azure_media_services')
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
