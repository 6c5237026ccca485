import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOutbound, type Outbound } from '../net/outbound.ts'
import { openRequests, type RequestsOptions } from './send-requests.ts'

const URL = 'https://api.example.com/a'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 9, 21, 7, 28) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** An upstream with these answers, one after the other; the last one again and again. Waits take no time. */
function upstream(answers: (() => Response)[], options: Partial<RequestsOptions> = {}) {
  const waits: number[] = []
  const sent: string[] = []
  const times: number[] = []
  const network = createOutbound({
    allowLocalNetwork: false,
    resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
    fetch: async (request) => {
      sent.push(`${request.method} ${await request.clone().text()}`)
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      return answer === undefined ? Response.error() : answer()
    },
  })
  const outbound: Outbound = {
    send: (request, limits) => {
      times.push(limits?.timeoutMs ?? 0)
      return network.send(request, limits)
    },
  }
  const sleep = async (ms: number) => {
    waits.push(ms)
    vi.setSystemTime(Date.now() + ms)
  }
  const requests = openRequests({ outbound, isRead: true, timeoutMs: 60_000, beforeSend: () => {}, sleep, ...options })
  return { ...requests, waits, sent, times }
}

const answer =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response('{}', { status, headers })

test.each([
  [429, '3', 3000],
  [503, '3', 3000],
  [403, '3', 3000],
  [502, '3', 3000],
  [504, '3', 3000],
  [429, 'Wed, 21 Oct 2026 07:28:04 GMT', 4000],
  [429, '0', 1000],
  [429, '2.5', 3000],
])('a read that is refused with %i and Retry-After %s is sent again after %i ms', async (status, after, wait) => {
  const { fetch, sent, waits, attempts } = upstream([answer(status, { 'retry-after': after }), answer(200)])
  expect((await fetch(new Request(URL))).status).toBe(200)
  expect([sent, waits, attempts()]).toEqual([['GET ', 'GET '], [wait], 2])
})

test.each([
  [429, {}],
  [503, {}],
  [429, { 'retry-after': 'soon' }],
  [429, { 'x-ratelimit-reset': '3' }],
  [500, { 'retry-after': '1' }],
  [401, { 'retry-after': '1' }],
  [404, { 'retry-after': '1' }],
  [200, { 'retry-after': '1' }],
  [202, { 'retry-after': '1' }],
])('a read that is answered %i with %j is not sent again', async (status, headers) => {
  const { fetch, sent, waits } = upstream([answer(status, headers), answer(200)])
  expect((await fetch(new Request(URL))).status).toBe(status)
  expect([sent.length, waits]).toEqual([1, []])
})

test('what is not a read is sent once, whatever the upstream says', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const { fetch, sent } = upstream([answer(429, { 'retry-after': '1' }), answer(200)], { isRead: false })
    expect((await fetch(new Request(URL, { method }))).status).toBe(429)
    expect(sent).toHaveLength(1)
  }
})

test('a read is sent four times at most, and the last refusal is its answer', async () => {
  const { fetch, sent, waits, attempts } = upstream([answer(503, { 'retry-after': '1' })])
  const response = await fetch(new Request(URL))
  expect([response.status, await response.text()]).toEqual([503, '{}'])
  expect([sent.length, waits, attempts()]).toEqual([4, [1000, 1000, 1000], 4])
})

test('a wait that leaves no time for the answer is not begun', async () => {
  const late = upstream([answer(429, { 'retry-after': '59' }), answer(200)])
  expect((await late.fetch(new Request(URL))).status).toBe(429)
  expect(late.waits).toEqual([])
  const never = upstream([answer(429, { 'retry-after': '999999999' }), answer(200)])
  expect((await never.fetch(new Request(URL))).status).toBe(429)
  const justInTime = upstream([answer(429, { 'retry-after': '58' }), answer(200)])
  expect((await justInTime.fetch(new Request(URL))).status).toBe(200)
})

test('all requests of a call share one time', async () => {
  const { fetch, times, sent } = upstream([
    answer(503, { 'retry-after': '20' }),
    answer(503, { 'retry-after': '20' }),
    answer(200),
  ])
  await fetch(new Request(URL))
  vi.setSystemTime(Date.now() + 15_000)
  await fetch(new Request(URL))
  vi.setSystemTime(Date.now() + 60_000)
  await expect(fetch(new Request(URL))).rejects.toMatchObject({ code: 'timeout' })
  expect([times, sent.length]).toEqual([[60_000, 40_000, 20_000, 5000, 0], 4])
})

test('a read with a body is sent again with the same body', async () => {
  const { fetch, sent } = upstream([answer(429, { 'retry-after': '1' }), answer(200)])
  await fetch(new Request(URL, { method: 'POST', body: '{"query":"{ me }"}' }))
  expect(sent).toEqual(['POST {"query":"{ me }"}', 'POST {"query":"{ me }"}'])
})

test('every request is asked about first, the repeated ones too', async () => {
  const lost = new Error('the lease is lost')
  let asked = 0
  const beforeSend = () => {
    if (++asked === 2) throw lost
  }
  const { fetch, sent, refusal } = upstream([answer(429, { 'retry-after': '1' }), answer(200)], { beforeSend })
  await expect(fetch(new Request(URL))).rejects.toBe(lost)
  expect([asked, sent.length, refusal()]).toEqual([2, 1, { error: lost }])
})

test('the answer that is not wanted is given up', async () => {
  let isCancelled = false
  const body = () => new ReadableStream({ cancel: () => void (isCancelled = true) })
  const refusal = () => new Response(body(), { status: 429, headers: { 'retry-after': '1' } })
  const { fetch } = upstream([refusal, answer(200)])
  await fetch(new Request(URL))
  expect(isCancelled).toBe(true)
})

test('a wait takes its time', async () => {
  vi.useRealTimers()
  const { fetch } = upstream([answer(429, { 'retry-after': '1' }), answer(200)], { sleep: undefined })
  const startedAt = Date.now()
  expect((await fetch(new Request(URL))).status).toBe(200)
  expect(Date.now() - startedAt).toBeGreaterThan(950)
})
