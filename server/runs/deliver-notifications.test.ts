import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { createVault } from '../connections/seal.ts'
import type { Database } from '../db/database.ts'
import {
  countFailedNotifications,
  findNotification,
  listNotifications,
  notificationStatements,
} from '../db/notifications.ts'
import { createOutbound } from '../net/outbound.ts'
import { freshDatabase } from '../testing/database.ts'
import { OVERLAP_MS, removeWebhook, renewWebhookSecret, saveWebhook } from './change-webhook.ts'
import { deliverNotifications, RETRY_DELAYS_MS } from './deliver-notifications.ts'
import { sendTestNotification } from './send-test-notification.ts'

const KEY = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
const OTHER_KEY = 'ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA='
const ORIGIN = 'https://executor.example.com'
const HOOK = 'https://hooks.example.com/services/T0/B0/very-secret-path'
const NOW = 1_700_000_000_000
const MINUTE = 60_000
const ada: Principal = {
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin: true,
}

let db: Database
/** What the receiver answers, and what reached it. */
let receiver: (request: Request) => Response | Promise<Response>
let received: { url: string; method: string; headers: Headers; body: string }[]
let reported: unknown[]
let addresses: string[]

beforeEach(async () => {
  db = await freshDatabase()
  receiver = () => new Response('ok')
  received = []
  reported = []
  addresses = ['93.184.215.14']
})

afterEach(() => {
  vi.useRealTimers()
  if (reported.length > 0) throw new Error('a surprise was reported', { cause: reported[0] })
})

function depsOf({ key = KEY, allowLocalNetwork = false } = {}) {
  const outbound = createOutbound({
    allowLocalNetwork,
    resolver: async () => ({ ok: true, addresses }),
    fetch: async (request) => {
      const { url, method, headers } = request
      received.push({ url, method, headers, body: await request.clone().text() })
      return receiver(request)
    },
  })
  const report = (error: unknown) => {
    reported.push(error)
    return 'log_1'
  }
  return { db, outbound, vault: createVault({ key }), report, principal: ada, allowLocalNetwork, origin: ORIGIN }
}

const deliver = (now = NOW, most = 10) => deliverNotifications(depsOf(), { most, now })

async function setUp(format = 'json', url = HOOK): Promise<string> {
  const saved = await saveWebhook(depsOf(), { url, format }, NOW - 1)
  if (!saved.ok || saved.secret === null) throw new Error('the webhook was not set up')
  return saved.secret
}

async function hold(overrides: Record<string, string> = {}, id = 'ntf_1', now = NOW): Promise<void> {
  const payload = {
    approvalId: 'apr_1',
    runId: 'run_1',
    tool: 'github.issues.create',
    account: 'github@work',
    principal: 'person:grace@example.com',
    client: 'claude-code 2.0',
    summary: 'Create an issue',
    link: `${ORIGIN}/approvals/apr_1`,
    expiresAt: NOW + 7 * 24 * 60 * MINUTE,
    question: 'send' as const,
    ...overrides,
  }
  await db.batch(notificationStatements(db, { event: 'approval.pending', payload, now, id }))
}

async function only() {
  const rows = await listNotifications(db, 20)
  const [row] = rows
  if (!row || rows.length !== 1) throw new Error(`${rows.length} notifications`)
  return row
}

/** As the Standard Webhooks specification has a receiver do it, with another implementation of HMAC than the product's. */
function isSignedBy(secret: string, { headers, body }: (typeof received)[number]): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signed = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return (headers.get('webhook-signature') ?? '').split(' ').includes(expected)
}

test('a held call is told as signed JSON, once', async () => {
  const secret = await setUp()
  expect(secret).toMatch(/^whsec_[A-Za-z\d+/]{43}=$/)
  await hold()
  await deliver(NOW + 1500)
  await deliver(NOW + 1500)
  expect(received).toHaveLength(1)
  const [sent] = received
  if (!sent) throw new Error('nothing was sent')
  expect(`${sent.method} ${sent.url}`).toBe(`POST ${HOOK}`)
  expect(sent.headers.get('content-type')).toBe('application/json')
  expect(sent.headers.get('webhook-id')).toBe('ntf_1')
  expect(sent.headers.get('webhook-timestamp')).toBe('1700000001')
  expect(isSignedBy(secret, sent)).toBe(true)
  expect(isSignedBy(secret, { ...sent, body: sent.body.replace('issues', 'repos') })).toBe(false)
  expect(JSON.parse(sent.body)).toEqual({
    type: 'approval.pending',
    timestamp: '2023-11-14T22:13:20.000Z',
    data: {
      approvalId: 'apr_1',
      runId: 'run_1',
      tool: 'github.issues.create',
      account: 'github@work',
      principal: 'person:grace@example.com',
      client: 'claude-code 2.0',
      summary: 'Create an issue',
      link: `${ORIGIN}/approvals/apr_1`,
      expiresAt: '2023-11-21T22:13:20.000Z',
      question: 'send',
    },
  })
  expect(await only()).toMatchObject({ state: 'delivered', attempts: 1, problem: null, settledAt: NOW + 1500 })
})

test('two deliverers at once send each notification once', async () => {
  await setUp()
  for (let index = 0; index < 8; index++) await hold({}, `ntf_${index}`)
  await Promise.all([deliver(), deliver(), deliver()])
  expect(received.map(({ headers }) => headers.get('webhook-id') ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual(
    Array.from({ length: 8 }, (_, index) => `ntf_${index}`),
  )
})

test('one call of it sends no more than it was asked to', async () => {
  await setUp()
  for (let index = 0; index < 4; index++) await hold({}, `ntf_${index}`, NOW + index)
  await deliver(NOW + 10, 3)
  expect(received).toHaveLength(3)
  await deliver(NOW + 10, 3)
  expect(received).toHaveLength(4)
})

test('a failure is tried again on a schedule, and then given up', async () => {
  await setUp()
  await hold({ expiresAt: '' })
  receiver = () => new Response('down for maintenance', { status: 503 })
  let now = NOW
  for (const [index, delay] of RETRY_DELAYS_MS.entries()) {
    await deliver(now)
    const row = await only()
    expect(row).toMatchObject({ state: 'pending', attempts: index + 1, settledAt: null })
    expect(row.problem).toBe('The receiver answered 503. It says: down for maintenance')
    expect(row.dueAt).toBeGreaterThanOrEqual(now + delay)
    expect(row.dueAt).toBeLessThanOrEqual(now + delay * 1.1)
    await deliver(row.dueAt - 1)
    expect(received).toHaveLength(index + 1)
    now = row.dueAt
  }
  await deliver(now)
  expect(await only()).toMatchObject({ state: 'failed', attempts: 7, settledAt: now })
  await deliver(now * 2)
  expect(received).toHaveLength(7)
  expect(RETRY_DELAYS_MS.map((ms) => ms / MINUTE)).toEqual([1, 5, 30, 120, 360, 1440])
})

test('every attempt is signed anew under the same id, and the last success counts', async () => {
  const secret = await setUp()
  await hold()
  receiver = () => new Response(null, { status: received.length === 1 ? 500 : 204 })
  await deliver()
  await deliver(NOW + 2 * MINUTE)
  expect(received.map(({ headers }) => headers.get('webhook-id'))).toEqual(['ntf_1', 'ntf_1'])
  expect(received.map(({ headers }) => headers.get('webhook-timestamp'))).toEqual(['1700000000', '1700000120'])
  expect(received.every((sent) => isSignedBy(secret, sent))).toBe(true)
  expect(await only()).toMatchObject({ state: 'delivered', attempts: 2, problem: null })
})

test('410 Gone ends it at once', async () => {
  await setUp()
  await hold()
  receiver = () => new Response('unsubscribed', { status: 410 })
  await deliver()
  expect(await only()).toMatchObject({
    state: 'failed',
    attempts: 1,
    problem: 'The receiver wants no more of it (410 Gone). It says: unsubscribed',
  })
})

test('Retry-After is waited for, within a day', async () => {
  await setUp()
  for (const [asked, leastMs] of [
    ['600', 10 * MINUTE],
    [new Date(NOW + 20 * MINUTE).toUTCString(), 20 * MINUTE],
    ['999999999', 24 * 60 * MINUTE],
    ['soon', MINUTE],
  ] as const) {
    const id = `ntf_${asked.replaceAll(/\W/g, '')}`
    await hold({}, id)
    receiver = () => new Response(null, { status: 429, headers: { 'retry-after': asked } })
    await deliver()
    const waitMs = ((await findNotification(db, id))?.dueAt ?? 0) - NOW
    expect(waitMs).toBeGreaterThanOrEqual(leastMs)
    expect(waitMs).toBeLessThanOrEqual(leastMs * 1.1)
  }
})

test('a redirect is a failure and is not followed', async () => {
  await setUp()
  await hold()
  receiver = () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example.com/' } })
  await deliver()
  expect(received.map(({ url }) => url)).toEqual([HOOK])
  expect((await only()).problem).toBe('The receiver answered 302: it is at another address, which is not followed.')
})

test('a receiver that never answers is given ten seconds', async () => {
  await setUp()
  await hold()
  receiver = () => new Promise(() => {})
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const delivering = deliver()
  await vi.waitFor(() => expect(received).toHaveLength(1), { interval: 5 })
  expect(await only()).toMatchObject({ state: 'pending', problem: null })
  await vi.advanceTimersByTimeAsync(10_000)
  await delivering
  expect(await only()).toMatchObject({ state: 'pending', problem: 'There was no complete answer within 10 s.' })
})

test('a receiver that cannot be reached, or is inside a network, is a problem that is shown', async () => {
  await setUp()
  await hold()
  receiver = () => {
    throw new TypeError('connection refused')
  }
  await deliver()
  expect((await only()).problem).toBe('hooks.example.com could not be reached.')
  addresses = ['10.1.2.3']
  received = []
  await deliver(NOW + 2 * MINUTE)
  expect((await only()).problem).toMatch(/hooks\.example\.com resolves to 10\.1\.2\.3, a private address/)
  expect(received).toEqual([])
})

test('an answer of any size and kind does no harm', async () => {
  await setUp()
  const answers = [
    new Response('<html><body>'.padEnd(5000, 'x'), { status: 500 }),
    new Response('x'.repeat(5_000_000), { status: 500 }),
    new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) }), { status: 500 }),
    new Response(`sent to ${HOOK}\u0000\u202Eevil\n\n`, { status: 500 }),
    new Response(new Uint8Array([255, 254, 0, 1]), { status: 500 }),
  ]
  for (const [index, answer] of answers.entries()) {
    await hold({}, `ntf_${index}`)
    receiver = () => answer
    await deliver()
  }
  const problems = (await listNotifications(db, 20)).toReversed().map(({ problem }) => problem ?? '')
  expect(problems[0]).toBe('The receiver answered 500.')
  expect(problems[2]).toBe('The receiver answered 500.')
  expect(problems[3]).toBe('The receiver answered 500. It says: sent to ••• evil')
  for (const problem of problems) expect(problem.length).toBeLessThan(300)
})

test('a success is a success whatever its body is', async () => {
  await setUp()
  await hold()
  receiver = () => new Response('x'.repeat(100_000), { status: 200 })
  await deliver()
  expect(await only()).toMatchObject({ state: 'delivered' })
})

test('a call that was decided by time is not asked for any more', async () => {
  await setUp()
  await hold()
  await deliver(NOW + 8 * 24 * 60 * MINUTE)
  expect(received).toEqual([])
  expect(await only()).toMatchObject({ state: 'failed', problem: 'It expired before it was sent.' })
})

test('a deliverer that dies leaves the notification to the next, but not for ever', async () => {
  await setUp()
  await hold({ expiresAt: '' })
  await db.$client
    .prepare('UPDATE notifications SET attempts = 1, due_at = ?')
    .bind(NOW + 2 * MINUTE)
    .run()
  await deliver(NOW)
  expect(received).toEqual([])
  await deliver(NOW + 2 * MINUTE)
  expect(await only()).toMatchObject({ state: 'delivered', attempts: 2 })
  await db.$client.prepare(`UPDATE notifications SET state = 'pending', settled_at = NULL, attempts = 7`).run()
  await deliver(NOW + 10 * MINUTE)
  expect(received).toHaveLength(1)
  expect(await only()).toMatchObject({ state: 'failed' })
})

test('a secret that was renewed goes on signing beside the new one for a day', async () => {
  const first = await setUp()
  const renewed = await renewWebhookSecret(depsOf(), NOW)
  if (!renewed.ok || renewed.secret === null) throw new Error('not renewed')
  const second = renewed.secret
  expect(second).not.toBe(first)
  await hold({}, 'ntf_1')
  await deliver(NOW + OVERLAP_MS - 1)
  await hold({}, 'ntf_2')
  await deliver(NOW + OVERLAP_MS)
  expect(received.map((sent) => [isSignedBy(first, sent), isSignedBy(second, sent)])).toEqual([
    [true, true],
    [false, true],
  ])
})

test('what failed is forgotten when the address is set anew, and not when the secret is renewed', async () => {
  await setUp()
  receiver = () => new Response(null, { status: 404 })
  await sendTestNotification(depsOf(), NOW)
  await renewWebhookSecret(depsOf(), NOW + 1)
  expect(await countFailedNotifications(db)).toEqual({ failed: 1, retrying: 0 })
  await saveWebhook(depsOf(), { url: `${HOOK}/right`, format: 'json' }, NOW + 2)
  expect(await countFailedNotifications(db)).toEqual({ failed: 0, retrying: 0 })
})

test('another host gets another secret, another path of the same does not', async () => {
  await setUp()
  expect(await saveWebhook(depsOf(), { url: `${HOOK}/2`, format: 'slack' })).toEqual({ ok: true, secret: null })
  expect(await saveWebhook(depsOf(), { url: '', format: 'json' })).toEqual({ ok: true, secret: null })
  const moved = await saveWebhook(depsOf(), { url: 'https://other.example.com/', format: 'json' })
  expect(moved).toMatchObject({ ok: true, secret: expect.stringMatching(/^whsec_/) })
})

test('a webhook that was put right is tried at once', async () => {
  await setUp()
  await hold()
  receiver = () => new Response(null, { status: 404 })
  await deliver()
  receiver = () => new Response(null, { status: 200 })
  await saveWebhook(depsOf(), { url: `${HOOK}/right`, format: 'json' }, NOW + 1)
  expect(await only()).toMatchObject({ dueAt: NOW + 1, problem: null })
  await deliver(NOW + 1)
  expect(received.map(({ url }) => url)).toEqual([HOOK, `${HOOK}/right`])
  expect(await only()).toMatchObject({ state: 'delivered' })
})

test('removing it drops what waits, and nothing is stored any more', async () => {
  await setUp()
  await hold()
  await removeWebhook(depsOf())
  await hold({}, 'ntf_2')
  await deliver()
  expect(received).toEqual([])
  expect(await listNotifications(db, 20)).toEqual([])
})

test('addresses that must not be reached are refused when they are saved', async () => {
  for (const [url, message] of [
    ['', /Enter the address/],
    ['hooks.example.com', /not a valid URL/],
    ['http://hooks.example.com/', /must begin with https/],
    ['http://localhost:9000/', /must begin with https/],
    ['ftp://hooks.example.com/', /Only http and https/],
    ['https://user:secret@hooks.example.com/', /user name or password/],
    ['https://10.0.0.1/', /a private address/],
    ['https://[::1]/', /a loopback address/],
    ['https://169.254.169.254/latest', /metadata/],
    ['https://metadata.google.internal/', /local network/],
    ['https://localhost/', /this machine/],
    [`https://hooks.example.com/${'x'.repeat(2000)}`, /at most 2000/],
  ] as const) {
    const saved = await saveWebhook(depsOf(), { url, format: 'json' })
    expect(`${url} ${saved.ok ? 'was saved' : saved.message}`).toMatch(message)
  }
  expect(await saveWebhook(depsOf(), { url: HOOK, format: 'xml' })).toMatchObject({ ok: false, field: 'format' })
  const local = depsOf({ allowLocalNetwork: true })
  expect(await saveWebhook(local, { url: 'http://127.0.0.1:9000/', format: 'json' })).toMatchObject({ ok: true })
  expect(await saveWebhook(local, { url: 'http://hooks.example.com/', format: 'json' })).toMatchObject({ ok: false })
})

test('a test is sent at once, tried once, and says what came of it', async () => {
  await setUp()
  expect(await sendTestNotification(depsOf(), NOW)).toMatchObject({ event: 'test', state: 'delivered' })
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    type: 'test',
    timestamp: '2023-11-14T22:13:20.000Z',
    data: { link: `${ORIGIN}/settings/notifications`, sentBy: 'person:ada@example.com' },
  })
  receiver = () => new Response('no_service', { status: 404 })
  expect(await sendTestNotification(depsOf(), NOW)).toMatchObject({
    state: 'failed',
    problem: 'The receiver answered 404. It says: no_service',
  })
  await removeWebhook(depsOf())
  expect(await sendTestNotification(depsOf(), NOW)).toBeNull()
})

test('a test goes out before what has waited longer', async () => {
  await setUp()
  await hold({}, 'ntf_0', NOW - MINUTE)
  await sendTestNotification(depsOf(), NOW)
  expect(received.map(({ body }) => JSON.parse(body).type)).toEqual(['test'])
})

test('neither the secret nor the address is in any row, and not in what is audited', async () => {
  const secret = await setUp()
  const renewed = await renewWebhookSecret(depsOf(), NOW)
  await hold()
  receiver = () => new Response(`no hook at ${HOOK}`, { status: 404 })
  await deliver()
  await sendTestNotification(depsOf(), NOW)
  await removeWebhook(depsOf())
  await setUp('slack')
  const tables = await db.$client.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all<{ name: string }>()
  const stored = await Promise.all(
    tables.results
      .filter(({ name }) => !name.startsWith('_cf'))
      .map(async ({ name }) => (await db.$client.prepare(`SELECT * FROM "${name}"`).all()).results),
  )
  const text = JSON.stringify(stored)
  expect(text).toContain('webhook.changed')
  expect(text).not.toContain('very-secret-path')
  for (const known of [secret, renewed.ok ? (renewed.secret ?? '') : '']) {
    expect(known).toMatch(/^whsec_/)
    expect(text).not.toContain(known.slice(6))
  }
})

test('every change is on record with who made it', async () => {
  await setUp()
  await saveWebhook(depsOf(), { url: '', format: 'slack' })
  await renewWebhookSecret(depsOf())
  await removeWebhook(depsOf())
  const { results } = await db.$client
    .prepare('SELECT actor, action, subject, details FROM audit ORDER BY sequence')
    .all<{ actor: string; action: string; subject: string; details: string }>()
  expect(results.map(({ actor, action, subject }) => `${actor} ${action} ${subject}`)).toEqual(
    Array.from({ length: 4 }, () => 'person:ada@example.com webhook.changed webhook'),
  )
  const host = 'https://hooks.example.com'
  expect(results.map(({ details }) => JSON.parse(details))).toEqual([
    { change: 'set up', host, format: 'json' },
    { change: 'changed', host, format: 'slack' },
    { change: 'secret renewed', host, format: 'slack' },
    { change: 'removed' },
  ])
})

test('a webhook that was sealed with another key says so, and is set up anew with its address', async () => {
  await setUp()
  await hold()
  await deliverNotifications(depsOf({ key: OTHER_KEY }), { most: 10, now: NOW })
  expect(received).toEqual([])
  expect((await only()).problem).toMatch(/does not open with the key that is set now/)
  const other = depsOf({ key: OTHER_KEY })
  expect(await saveWebhook(other, { url: '', format: 'json' })).toMatchObject({ ok: false, field: 'url' })
  expect(await renewWebhookSecret(other)).toMatchObject({ ok: false })
  expect(await saveWebhook(other, { url: HOOK, format: 'json' })).toMatchObject({
    ok: true,
    secret: expect.any(String),
  })
})

test('a surprise of our own is reported, stored as a problem, and does not stop the others', async () => {
  await setUp()
  await hold({}, 'ntf_1')
  await hold({}, 'ntf_2')
  // No time that can be written: nothing of ours stores such a row.
  await db.$client.prepare(`UPDATE notifications SET created_at = 9e15 WHERE id = 'ntf_1'`).run()
  await deliver()
  expect(await findNotification(db, 'ntf_2')).toMatchObject({ state: 'delivered' })
  expect(await findNotification(db, 'ntf_1')).toMatchObject({
    state: 'pending',
    problem: 'Executor could not send it. The log says more under log_1.',
  })
  expect(reported.splice(0)).toEqual([expect.any(RangeError)])
})
