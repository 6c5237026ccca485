import { expect, test } from 'vitest'
import {
  type Application,
  CLIENT_REDIRECT_URIS,
  completedApplication,
  completedPolicy,
  hostnameDestinations,
  newApplication,
  ownApplication,
  parsePeople,
  type Site,
  shadowsOf,
  withAudience,
  workerDestination,
} from './access-application.ts'

const site: Site = { worker: 'executor', tag: 'tag-1', hostnames: ['tools.acme.com', 'executor.acme.workers.dev'] }
const complete = { id: 'a', ...newApplication(site, workerDestination(site), ['p1']) } satisfies Application

test('completing what is complete changes nothing, not even the object', () => {
  expect(completedApplication(complete, workerDestination(site), ['p1'])).toBe(complete)
})

test('completing keeps every field, also those that nobody knows', () => {
  const found: Application = {
    id: 'a',
    type: 'self_hosted',
    self_hosted_domains: ['x'],
    tomorrow: { a: [1, { b: null }] },
    policies: [{ id: 'p9', precedence: 4, unknown: true }],
    oauth_configuration: { more: 1, grant: { session_duration: '8h', more: 2 } },
  }
  const completed = completedApplication(found, workerDestination(site), ['p1', 'p9'])
  expect(completed).toMatchObject({ self_hosted_domains: ['x'], tomorrow: { a: [1, { b: null }] } })
  expect(completed.policies).toEqual([
    { id: 'p9', precedence: 4, unknown: true },
    { id: 'p1', precedence: 5 },
  ])
  expect(completed.oauth_configuration).toMatchObject({ more: 1, grant: { session_duration: '8h', more: 2 } })
})

test('an application with a domain and no destinations keeps its domain as the first of them', () => {
  const found: Application = { id: 'a', type: 'self_hosted', domain: 'tools.acme.com' }
  expect(completedApplication(found, workerDestination(site), []).destinations).toEqual([
    { type: 'public', uri: 'tools.acme.com' },
    { type: 'worker', worker_id: 'tag-1' },
  ])
})

test('over hostnames, workers.dev brings its previews', () => {
  const uris = ['tools.acme.com', 'executor.acme.workers.dev', '*-executor.acme.workers.dev']
  expect(hostnameDestinations(site)).toEqual(uris.map((uri) => ({ type: 'public', uri })))
})

test('redirect URIs are exact, or end in /* on https', () => {
  for (const uri of CLIENT_REDIRECT_URIS) expect(uri).toMatch(/^(https:\/\/[^*]+?(\/\*)?|[a-z]+:\/\/[^*]+)$/)
})

test('the application over the Worker is ours before one over a hostname, and that before one of our name', () => {
  const byName: Application = { id: 'n', type: 'self_hosted', name: 'executor' }
  const byHost: Application = { id: 'h', type: 'self_hosted', domain: 'tools.acme.com/' }
  const byWorker: Application = { id: 'w', type: 'self_hosted', destinations: [{ type: 'worker', worker_id: 'tag-1' }] }
  const path: Application = { id: 'p', type: 'self_hosted', domain: 'tools.acme.com/mcp' }
  const saas: Application = { id: 's', type: 'saas', name: 'executor', domain: 'tools.acme.com' }
  expect(ownApplication([saas, path, byName, byHost, byWorker], site)?.id).toBe('w')
  expect(ownApplication([saas, path, byName, byHost], site)?.id).toBe('h')
  expect(ownApplication([saas, path, byName], site)?.id).toBe('n')
  expect(ownApplication([saas, path], site)).toBeUndefined()
  expect(
    shadowsOf([saas, path, byHost, byWorker], byWorker, site).map((text) => /covers (\S+)/.exec(text)?.[1]),
  ).toEqual(['tools.acme.com', 'tools.acme.com/mcp', 'tools.acme.com'])
})

test('rules are added to a policy and never taken away', () => {
  const policy = { include: [{ group: { id: 'g' } }], require: ['kept'] }
  expect(completedPolicy(policy, [{ group: { id: 'g' } }])).toBe(policy)
  expect(completedPolicy(policy, [{ everyone: {} }])).toEqual({
    include: [{ group: { id: 'g' } }, { everyone: {} }],
    require: ['kept'],
  })
})

test('people are addresses and domains, however they are separated', () => {
  expect(parsePeople('Ada@Acme.com, bob@acme.com;acme.com @beta.org')).toEqual({
    ok: true,
    people: { emails: ['ada@acme.com', 'bob@acme.com'], domains: ['acme.com', 'beta.org'] },
  })
  expect(parsePeople(' ,')).toMatchObject({ ok: false })
  expect(parsePeople('ada@acme')).toMatchObject({ ok: false, message: expect.stringContaining('ada@acme') })
})

test('audiences add up, and placeholders go', () => {
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)]
  expect(withAudience(undefined, one)).toBe(one)
  expect(withAudience(`${two}, ${one}`, one)).toBe(`${two},${one}`)
  expect(withAudience('<AUD tag>', one)).toBe(one)
})
