import { expect, test } from 'vitest'
import { insertPolicy } from '../db/policies.ts'
import { ada, answerHelpdesk, openHelpdesk } from '../testing/helpdesk.ts'
import { loadCatalog } from './catalog.ts'
import { prepareCall } from './prepare-call.ts'
import { sendCall } from './send-call.ts'

/** A call of the helpdesk's that is sent at once; waits take no time. */
async function send(upstream: (request: Request) => Response, tool: string, input: unknown, beforeSend = () => {}) {
  let isConnected = false
  const desk = await openHelpdesk((request) => (isConnected ? upstream(request) : answerHelpdesk(request)))
  await desk.connect('main')
  isConnected = true
  const allow = { id: 'pol_all', pattern: 'helpdesk.*', action: 'allow' as const, createdBy: ada.id, createdAt: 1 }
  await insertPolicy(desk.db, { ...allow, updatedAt: 1 })
  const catalog = await loadCatalog(desk.db, ada)
  const prepared = await prepareCall(desk.deps, catalog, { principal: ada, address: `helpdesk.${tool}`, input })
  if (!prepared.ok) throw new Error(prepared.error.message)
  const result = await sendCall({ ...desk.deps, sleep: async () => {} }, prepared.call, beforeSend)
  return { result, received: desk.received }
}

/** Refuses the first requests, and answers the others. */
function refusing(times: number, status = 429) {
  let refused = 0
  return (request: Request) =>
    refused++ < times
      ? Response.json({ message: 'Slow' }, { status, headers: { 'retry-after': '1' } })
      : answerHelpdesk(request)
}

test('a read is sent again when the upstream says so, with its credential, and asked about each time', async () => {
  let asked = 0
  const { result, received } = await send(refusing(2), 'tickets.list', { limit: 1 }, () => void asked++)
  expect(result).toMatchObject({ ok: true, status: 200, data: [{ id: 1 }] })
  expect(received).toHaveLength(3)
  expect(new Set(received.map(({ headers }) => headers.get('authorization'))).size).toBe(1)
  expect(asked).toBe(3)
})

test('an error says how often the request was sent', async () => {
  const { result } = await send(refusing(9), 'tickets.list', {})
  expect(result).toMatchObject({
    ok: false,
    error: {
      code: 'rate_limited',
      retryable: true,
      details: { body: { message: 'Slow' }, retryAfterSeconds: 1, attempts: 4 },
    },
  })
  const { result: once } = await send(() => Response.json({}, { status: 404 }), 'tickets.list', {})
  expect(once).toMatchObject({ ok: false, error: { details: { body: {} } } })
  expect(JSON.stringify(once)).not.toContain('attempts')
})

test('a write that is refused until later was not carried out, and is not sent again by itself', async () => {
  for (const status of [429, 503]) {
    const { result, received } = await send(refusing(1, status), 'tickets.create', { title: 'x' })
    expect(result).toMatchObject({ ok: false, error: { status, message: 'Slow', retryable: true } })
    expect(received).toHaveLength(1)
  }
})

const UNKNOWN = /Whether it was carried out is not known; look before you send it again\.$/

test.each([500, 502, 504, 520, 524])('a write that is answered %i may have been carried out', async (status) => {
  const { result } = await send(() => new Response('', { status }), 'tickets.create', { title: 'x' })
  expect(result).toMatchObject({ error: { status, message: expect.stringMatching(UNKNOWN), retryable: false } })
  const read = await send(() => new Response('', { status }), 'tickets.list', {})
  expect(read.result).toMatchObject({ error: { status, message: expect.not.stringMatching(UNKNOWN), retryable: true } })
})

test.each([
  ['breaks off', () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) }))],
  ['is too large', () => new Response('', { headers: { 'content-length': '99999999' } })],
  [
    'is none',
    () => {
      throw new Error('connection reset')
    },
  ],
])('a write whose answer %s may have been carried out', async (_, upstream) => {
  const { result } = await send(upstream, 'tickets.create', { title: 'x' })
  expect(result).toMatchObject({ error: { message: expect.stringMatching(UNKNOWN), retryable: false } })
})

test.each([400, 404, 409, 422, 501])(
  'a write that is answered %i was refused, and nothing more is said',
  async (status) => {
    const { result } = await send(() => Response.json({ message: 'No' }, { status }), 'tickets.create', { title: 'x' })
    expect(result).toMatchObject({ error: { status, message: 'No', retryable: false } })
  },
)

test('what stops a call before it is repeated is thrown on', async () => {
  let asked = 0
  const lost = new Error('the lease is lost')
  const beforeSend = () => {
    if (++asked === 2) throw lost
  }
  await expect(send(refusing(1), 'tickets.list', {}, beforeSend)).rejects.toBe(lost)
})

test('an upstream that repeats the credential shows it to nobody', async () => {
  const echo = (status: number) => (request: Request) => {
    const sent = request.headers.get('authorization') ?? 'nothing'
    return Response.json({ message: `Not with ${sent}`, sent }, { status, headers: { 'x-echo': sent } })
  }
  for (const status of [200, 400, 401]) {
    const { result, received } = await send(echo(status), 'tickets.list', {})
    const [, token = ''] = (received[0]?.headers.get('authorization') ?? '').split(' ')
    expect(token.length).toBeGreaterThanOrEqual(8)
    const { usedConnection: _, ...shown } = result
    expect(JSON.stringify(shown)).not.toContain(token)
    expect(JSON.stringify(shown)).toContain('Bearer •••')
  }
})
