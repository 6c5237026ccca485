// Upstreams fail in many ways; these operations fail in each of them on demand.
import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { BROKEN_KINDS, brokenAnswers } from './broken-answers.ts'
import { operation } from './operation.ts'
import { invalid, ok, problem, type Reply } from './reply.ts'

const tag = 'Simulate'
const STATUSES = [400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504]
const MAX_WAIT_MS = 120_000

const statusParams = { status: z.int().min(400).max(599).describe('The status to answer with.') }
const statusQuery = {
  retry_after: z.int().min(0).max(3600).default(2).describe('Seconds in `Retry-After`, which 429 and 503 carry.'),
}
const done = z.object({ done: z.boolean() })

function failWith(status: number, retryAfter: number): Reply {
  const headers: Record<string, string> = {}
  if (status === 429 || status === 503) headers['retry-after'] = String(retryAfter)
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="northwind"'
  const errors = status === 422 ? [{ field: 'body.title', message: 'is required' }] : undefined
  return problem(status, `You asked for a ${status}, and here it is.`, { headers, ...(errors && { errors }) })
}

const failures = Object.fromEntries(STATUSES.map((status) => [status, { description: `A ${status}, as asked.` }]))

export const simulate = [
  operation({
    id: 'simulate/status',
    method: 'get',
    path: '/simulate/status/{status}',
    tag,
    summary: 'Fail with a status',
    description: 'A read that answers with any error status, as a problem document.',
    params: statusParams,
    query: statusQuery,
    answers: failures,
    handle: ({ params, query }) => failWith(params.status, query.retry_after),
  }),
  operation({
    id: 'simulate/write-status',
    method: 'post',
    path: '/simulate/status/{status}',
    tag,
    summary: 'Fail to write with a status',
    description: 'A write that answers with any error status. The body may be any JSON.',
    params: statusParams,
    query: statusQuery,
    body: jsonBody(z.unknown(), { anything: true }),
    answers: failures,
    handle: ({ params, query }) => failWith(params.status, query.retry_after),
  }),
  operation({
    id: 'simulate/flaky',
    method: 'get',
    path: '/simulate/flaky',
    tag,
    summary: 'Fail a few times, then succeed',
    description: 'Answers 503 the first times that a key is seen, and 200 from then on.',
    query: {
      key: z.string().describe('Counts the failures; use a new one for each test.'),
      failures: z.int().min(0).max(20).default(2).describe('How often to fail first.'),
    },
    answers: { 200: { description: 'It worked in the end.', schema: done } },
    refusals: [503],
    handle: ({ query, store }) => {
      const failed = store.failures.get(query.key) ?? 0
      if (failed >= query.failures) return ok({ done: true })
      store.failures.set(query.key, failed + 1)
      return failWith(503, 0)
    },
  }),
  operation({
    id: 'simulate/slow',
    method: 'get',
    path: '/simulate/slow',
    tag,
    summary: 'Answer slowly',
    description: 'Waits before it answers.',
    query: { ms: z.int().min(0).max(MAX_WAIT_MS).default(3000).describe('How long to wait, in milliseconds.') },
    answers: { 200: { description: 'At last.', schema: done } },
    handle: async ({ query }) => {
      await new Promise((resolve) => setTimeout(resolve, query.ms).unref())
      return ok({ done: true })
    },
  }),
  operation({
    id: 'simulate/large',
    method: 'get',
    path: '/simulate/large',
    tag,
    summary: 'Answer with much JSON',
    description: 'A valid JSON array of numbered rows, about as long as asked.',
    query: { bytes: z.int().min(2).max(50_000_000).default(1_000_000).describe('About how many bytes.') },
    answers: { 200: { description: 'The rows.', schema: z.array(z.object({ row: z.int(), text: z.string() })) } },
    handle: ({ query }) => {
      const text = 'All work and no play makes a robot dull.'
      return ok(Array.from({ length: Math.ceil(query.bytes / 64) }, (_, row) => ({ row, text })))
    },
  }),
  operation({
    id: 'simulate/broken',
    method: 'get',
    path: '/simulate/broken/{kind}',
    tag,
    summary: 'Answer with something broken',
    description: 'An answer that no client should trust: cut off, mislabelled, endless, or exploding.',
    params: { kind: z.enum(BROKEN_KINDS).describe('What is wrong with the answer.') },
    answers: { 200: { description: 'It only looks like success.', schema: z.unknown() } },
    handle: ({ params }) => brokenAnswers[params.kind],
  }),
  operation({
    id: 'simulate/redirect',
    method: 'get',
    path: '/simulate/redirect',
    tag,
    summary: 'Redirect',
    description:
      'Redirects to another URL, or to `/status` under the other name of this machine, which is another origin.',
    query: {
      to: z.string().optional().describe('Where to, absolute or relative.'),
      status: z.int().default(302).describe('301, 302, 303, 307 or 308.'),
      loop: z.boolean().default(false).describe('Redirect to itself, for ever.'),
    },
    answers: { 302: { description: 'Look elsewhere.' } },
    handle: ({ query, url }) => {
      if (![301, 302, 303, 307, 308].includes(query.status)) return invalid('query.status', 'is no redirect')
      const other = new URL('/status', url)
      other.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
      const location = query.loop ? '/simulate/redirect?loop=true' : (query.to ?? other.href)
      return { status: query.status, headers: { location } }
    },
  }),
]
