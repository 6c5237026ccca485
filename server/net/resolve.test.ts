import { expect, test } from 'vitest'
import { createResolver } from './resolve.ts'

const signal = new AbortController().signal

/** A resolver over HTTPS with fixed zones: `example.com A` → answer. Anything else is NXDOMAIN. */
function fakeResolver(zones: Record<string, unknown>) {
  const asked: string[] = []
  const fetch = (request: Request) => {
    const { searchParams, origin, pathname } = new URL(request.url)
    const question = `${searchParams.get('name')} ${searchParams.get('type')}`
    asked.push(question)
    expect(origin + pathname).toBe('https://cloudflare-dns.com/dns-query')
    expect(request.headers.get('accept')).toBe('application/dns-json')
    const answer = zones[question] ?? { Status: 3 }
    return Promise.resolve(answer instanceof Response ? answer : Response.json(answer))
  }
  return { asked, fetch }
}

const a = (data: string, TTL = 300) => ({ name: 'x', type: 1, TTL, data })
const aaaa = (data: string, TTL = 300) => ({ name: 'x', type: 28, TTL, data })

test('both families are asked for, and the CNAMEs on the way are passed over', async () => {
  const { asked, fetch } = fakeResolver({
    'api.example.com A': {
      Status: 0,
      Answer: [{ name: 'x', type: 5, TTL: 60, data: 'edge.example.net.' }, a('93.184.215.14')],
    },
    'api.example.com AAAA': { Status: 0, Answer: [aaaa('2606:2800:21f::1')] },
  })
  const resolution = await createResolver({ fetch })('api.example.com', signal)
  expect(resolution).toEqual({ ok: true, addresses: ['93.184.215.14', '2606:2800:21f::1'] })
  expect(asked.sort()).toEqual(['api.example.com A', 'api.example.com AAAA'])
})

test('a name that does not exist, or has no address, is unresolvable', async () => {
  const { fetch } = fakeResolver({ 'empty.example A': { Status: 0 }, 'empty.example AAAA': { Status: 0, Answer: [] } })
  const resolve = createResolver({ fetch })
  expect(await resolve('nowhere.example', signal)).toEqual({
    ok: false,
    reason: 'unresolvable',
    message: 'There is no host named nowhere.example.',
  })
  expect(await resolve('empty.example', signal)).toMatchObject({ ok: false, reason: 'unresolvable' })
})

test.each([
  ['answers 503', new Response('busy', { status: 503 }), 'the resolver answered 503'],
  [
    'redirects',
    new Response(null, { status: 302, headers: { location: 'https://x.example' } }),
    'the resolver answered 302',
  ],
  ['answers HTML', new Response('<html>'), 'the answer is not JSON'],
  ['answers null', null, 'the answer is malformed'],
  ['reports SERVFAIL', { Status: 2 }, 'the resolver reported DNS error 2'],
  ['answers no list', { Status: 0, Answer: 'x' }, 'the answer is malformed'],
  ['answers a record without data', { Status: 0, Answer: [{ type: 28, TTL: 1 }] }, 'the answer is malformed'],
  ['answers an address that is none', { Status: 0, Answer: [aaaa('2130706433')] }, 'the answer is malformed'],
])('when the resolver %s for one family, the host stays unresolved', async (_, answer, because) => {
  const { fetch } = fakeResolver({
    'example.com A': { Status: 0, Answer: [a('93.184.215.14')] },
    'example.com AAAA': answer === null ? new Response('null') : answer,
  })
  expect(await createResolver({ fetch })('example.com', signal)).toEqual({
    ok: false,
    reason: 'resolver_unavailable',
    message: `The addresses of example.com could not be looked up over HTTPS: ${because}.`,
  })
})

test('a resolver that cannot be reached fails closed, and is asked again the next time', async () => {
  let isDown = true
  const { fetch } = fakeResolver({ 'example.com A': { Status: 0, Answer: [a('93.184.215.14')] } })
  const resolve = createResolver({
    fetch: (request) => (isDown ? Promise.reject(new TypeError('network')) : fetch(request)),
  })
  expect(await resolve('example.com', signal)).toMatchObject({ ok: false, reason: 'resolver_unavailable' })
  isDown = false
  expect(await resolve('example.com', signal)).toEqual({ ok: true, addresses: ['93.184.215.14'] })
})

test.each([
  [1, 29_000, 31_000],
  [120, 119_000, 121_000],
  [86_400, 899_000, 901_000],
])('an answer with a TTL of %i s is kept for it, and never below 30 s or above 15 min', async (ttl, fresh, stale) => {
  let now = 0
  const { asked, fetch } = fakeResolver({ 'example.com A': { Status: 0, Answer: [a('93.184.215.14', ttl)] } })
  const resolve = createResolver({ fetch, now: () => now })
  await resolve('example.com', signal)
  now = fresh
  await resolve('example.com', signal)
  expect(asked).toHaveLength(2)
  now = stale
  await resolve('example.com', signal)
  expect(asked).toHaveLength(4)
})

test('a missing name is kept for 30 s only', async () => {
  let now = 0
  const { asked, fetch } = fakeResolver({})
  const resolve = createResolver({ fetch, now: () => now })
  await resolve('soon.example', signal)
  now = 29_000
  await resolve('soon.example', signal)
  expect(asked).toHaveLength(2)
  now = 31_000
  await resolve('soon.example', signal)
  expect(asked).toHaveLength(4)
})

test('the cache is bounded: the oldest host is forgotten first', async () => {
  const { asked, fetch } = fakeResolver({})
  const resolve = createResolver({ fetch, now: () => 0 })
  for (let index = 0; index <= 1000; index++) await resolve(`h${index}.example`, signal)
  asked.length = 0
  await resolve('h1000.example', signal)
  await resolve('h1.example', signal)
  expect(asked).toHaveLength(0)
  await resolve('h0.example', signal)
  expect(asked).toHaveLength(2)
})

test('a cancelled request cancels its lookup', async () => {
  const controller = new AbortController()
  const resolve = createResolver({
    fetch: (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(new TypeError('aborted')))
      }),
  })
  const pending = resolve('example.com', controller.signal)
  controller.abort(new Error('stop'))
  await expect(pending).rejects.toThrow('stop')
})
