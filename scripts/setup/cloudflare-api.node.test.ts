import { expect, test } from 'vitest'
import { z } from 'zod'
import { CloudflareError, createCloudflareApi } from './cloudflare-api.ts'

const item = z.object({ id: z.number() })

/** Answers in turn; the last one stays. */
function apiOf(...answers: (() => Response)[]) {
  const requests: string[] = []
  const api = createCloudflareApi({
    headers: { authorization: 'Bearer secret-token' },
    baseUrl: 'https://api.test',
    retryAfterMs: 1,
    fetch: async (input, init) => {
      requests.push(`${init?.method} ${typeof input === 'string' ? input : ''}`)
      return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? new Response()
    },
  })
  return { api, requests }
}

const ok = (result: unknown, info?: object) => () =>
  Response.json({ success: true, result, ...(info && { result_info: info }) })
const refused = (status: number, code: number) => () =>
  Response.json({ success: false, errors: [{ code, message: 'why' }], result: null }, { status })
const down = (): Response => {
  throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
}

test.each<[string, () => Response, string]>([
  ['an unknown token', refused(401, 10000), 'unauthenticated'],
  ['a malformed token', refused(400, 6003), 'unauthenticated'],
  ['a missing permission', refused(403, 10000), 'forbidden'],
  ['a thing that is not there', refused(404, 10007), 'not_found'],
  ['a request that is not accepted', refused(400, 12130), 'refused'],
  ['too many requests', refused(429, 10429), 'unreachable'],
  ['an outage', () => new Response('<html>', { status: 502 }), 'unreachable'],
  ['a page where JSON should be', () => new Response('<html>'), 'refused'],
  ['nobody', down, 'unreachable'],
])('%s is told apart', async (_, answer, fault) => {
  const error = await apiOf(answer)
    .api.get('/accounts/1', item)
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CloudflareError)
  expect(error).toMatchObject({ fault })
  expect(String(error)).toContain('GET /accounts/1')
  expect(String(error)).not.toContain('secret-token')
})

test('reading is tried three times, and changing once', async () => {
  const reading = apiOf(down, refused(503, 1), ok({ id: 1 }))
  expect(await reading.api.get('/x', item)).toEqual({ id: 1 })
  expect(reading.requests).toHaveLength(3)

  const never = apiOf(down)
  await expect(never.api.get('/x', item)).rejects.toThrow('ECONNREFUSED')
  expect(never.requests).toHaveLength(3)

  const changing = apiOf(down)
  await expect(changing.api.send('POST', '/x', {}, item)).rejects.toThrow('POST /x')
  expect(changing.requests).toEqual(['POST https://api.test/x'])
})

test('a list is read to its last page, however the API counts', async () => {
  const byPages = apiOf(ok([{ id: 1 }], { total_pages: 2 }), ok([{ id: 2 }], { total_pages: 2 }))
  expect(await byPages.api.list('/x?a=b', item)).toEqual([{ id: 1 }, { id: 2 }])
  expect(byPages.requests[1]).toBe('GET https://api.test/x?a=b&page=2&per_page=50')
  const byCount = apiOf(ok([{ id: 1 }], { total_count: 2 }), ok([{ id: 2 }], { total_count: 2 }))
  expect(await byCount.api.list('/x', item)).toHaveLength(2)
  const uncounted = apiOf(ok([{ id: 1 }]))
  expect(await uncounted.api.list('/x', item)).toHaveLength(1)
  const ended = apiOf(ok([{ id: 1 }], { total_pages: 9 }), ok([], { total_pages: 9 }))
  expect(await ended.api.list('/x', item)).toHaveLength(1)
})

test('an answer in an unknown form is a surprise, not a value', async () => {
  await expect(apiOf(ok({ id: 'one' })).api.get('/x', item)).rejects.toThrow('in a form that is not known here')
})
