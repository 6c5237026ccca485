import { env } from 'cloudflare:test'
import { beforeEach, expect, test, vi } from 'vitest'
import type { ConnectionRow } from '../db/connections.ts'
import { findConnection, updateConnection } from '../db/connections.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { listNotifications } from '../db/notifications.ts'
import { seeLease, takeLease } from '../db/refresh-lease.ts'
import { putWebhookSetting } from '../db/webhook-setting.ts'
import { freshDatabase } from '../testing/database.ts'
import {
  bearerOf,
  createTokenServer,
  insertSignedIn,
  insertSignInParts,
  outboundTo,
  type Scripted,
  type SignedIn,
  type TokenServer,
  vault,
} from '../testing/token-server.ts'
import { placeOf } from './attach.ts'
import { renewTokens } from './oauth/renew-tokens.ts'
import { type OpenDeps, type OpenedCredential, openCredential } from './open-credential.ts'

const NOW = Date.now()
let db: Database

beforeEach(async () => {
  db = await freshDatabase()
  await insertSignInParts(db, 'desk')
})

/** A connection with an expired token, and what opens it on a clock that only waits move. */
async function open(server: TokenServer, about: Partial<SignedIn> = {}, options: Partial<OpenDeps> = {}) {
  const made = { integrationId: 'desk', tokenExpiresAt: NOW - 1000, now: NOW, ...about }
  const connection = await insertSignedIn(db, made)
  let clock = NOW
  const waits: number[] = []
  const deps: OpenDeps = {
    db,
    vault,
    outbound: outboundTo(server.fetch),
    origin: 'https://executor.example.com',
    now: () => clock,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms)
      clock += ms
    },
    ...options,
  }
  const stored = async () => {
    const row = await findConnection(db, connection.id)
    if (!row) throw new Error('the connection is gone')
    return row
  }
  return { connection, deps, waits, stored, call: (row: ConnectionRow = connection) => openCredential(deps, row) }
}

async function tokenOf(opened: OpenedCredential): Promise<string | undefined> {
  return opened.ok ? bearerOf(opened.credential) : `${opened.reason}: ${opened.message}`
}

async function secretsOf(row: ConnectionRow): Promise<unknown> {
  const opened = await vault.open(row.sealed ?? '', placeOf(row))
  return opened.ok ? opened.value : 'closed'
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response('<html>Not now</html>', { status: code, headers })
const oauthError = (error: string, code = 400): Response =>
  Response.json({ error, error_description: 'Says who' }, { status: code })

test('an expired token is renewed, stored with what the server says of it, and the lease is free again', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { call, stored } = await open(server)
  expect(await tokenOf(await call())).toBe('access-1')
  expect(server.asked.map((body) => Object.fromEntries(body))).toEqual([
    { grant_type: 'refresh_token', refresh_token: 'refresh-0', client_id: 'executor' },
  ])
  const row = await stored()
  expect(await secretsOf(row)).toEqual({ token: 'access-1', '.refresh': 'refresh-1' })
  expect(row).toMatchObject({ tokenVersion: 2, tokenExpiresAt: NOW + 3_600_000, refreshEpoch: 1, refreshUntil: null })
  expect(row.oauth).toMatchObject({ scopesGranted: ['read', 'write'], canRefresh: true, obtainedAt: NOW })
})

test.each([
  ['408', [status(408)], [500]],
  ['425', [status(425)], [500]],
  ['429 with Retry-After', [status(429, { 'retry-after': '3' })], [3000]],
  ['500', [status(500)], [500]],
  ['503 twice', [status(503), status(503)], [500, 1000]],
  ['a page instead of JSON', [status(200)], [500]],
])('the token endpoint answers %s once: the call succeeds', async (_, answers, waited) => {
  const server = createTokenServer({ spent: 'reuse' })
  server.script = answers.map((make) => make())
  const { call, stored, waits } = await open(server)
  const opened = await call()
  // What is no answer with a success may have been one; the server is asked all the same.
  expect(await tokenOf(opened)).toBe('access-1')
  expect(waits).toEqual(waited)
  expect(await stored()).toMatchObject({ health: 'ok', refreshUntil: null })
})

test.each([
  ['500', (): Scripted => status(500)(), 3],
  ['a network error', (): Scripted => 'lose', 3],
  ['429 for an hour', (): Scripted => status(429, { 'retry-after': '3600' })(), 1],
])(
  'the token endpoint keeps answering %s: the call fails for now, and the connection lives',
  async (_, make, times) => {
    const server = createTokenServer({ spent: 'accepted' })
    server.script = Array.from({ length: 3 }, make)
    const { call, stored, waits } = await open(server)
    expect(await call()).toMatchObject({ ok: false, reason: 'unavailable' })
    expect(server.asked).toHaveLength(times)
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15_000)
    expect(await stored()).toMatchObject({ health: 'ok', healthReason: null, tokenVersion: 1 })
    server.script = []
    expect(server.isValid(await tokenOf(await call()))).toBe(true)
  },
)

test('only invalid_grant ends a connection, and the webhook is told once', async () => {
  await putWebhookSetting(db, { value: {}, updatedBy: 'person:ada@example.com', updatedAt: 1 })
  const server = createTokenServer({ spent: 'reuse' })
  server.script = [oauthError('invalid_grant')]
  const { call, stored } = await open(server)
  const message = 'The server has ended the grant. login.example.com refused: Says who (invalid_grant). Sign in again.'
  expect(await call()).toEqual({ ok: false, reason: 'needs_sign_in', message, retryable: false })
  expect(await stored()).toMatchObject({ health: 'needs_sign_in', healthReason: message, refreshUntil: null })
  // Nobody asks again: only a person can change it.
  expect(await call()).toMatchObject({ reason: 'needs_sign_in' })
  expect(server.asked).toHaveLength(1)
  const told = await listNotifications(db, 9)
  expect(told).toMatchObject([{ event: 'connection.failing', payload: { reason: message } }])
})

test.each(['invalid_client', 'unauthorized_client', 'invalid_scope'])(
  '%s keeps the tokens, says so, and is over with the next token',
  async (error) => {
    const server = createTokenServer({ spent: 'reuse' })
    server.script = [oauthError(error, 401)]
    const { call, stored } = await open(server)
    const healthReason = `Its token could not be renewed. login.example.com refused: Says who (${error}).`
    expect(await call()).toEqual({ ok: false, reason: 'unavailable', message: healthReason, retryable: false })
    expect(await stored()).toMatchObject({ health: 'failing', healthReason, tokenVersion: 1, refreshUntil: null })
    expect(await tokenOf(await call())).toBe('access-1')
    expect(await stored()).toMatchObject({ health: 'untested', healthReason: null })
  },
)

test('what else was wrong with a connection is not forgotten for a new token', async () => {
  const { call, connection, stored } = await open(createTokenServer({ spent: 'reuse' }))
  await updateConnection(db, connection.id, {
    health: 'failing',
    healthReason: 'The API refused the credential (403).',
  })
  expect(await tokenOf(await call())).toBe('access-1')
  expect(await stored()).toMatchObject({ health: 'failing', healthReason: 'The API refused the credential (403).' })
})

test('without a new refresh token the old one stays', async () => {
  const server = createTokenServer({ spent: 'accepted' })
  server.script = [Response.json({ access_token: 'next', token_type: 'bearer' })]
  const { call, stored } = await open(server)
  expect(await tokenOf(await call())).toBe('next')
  const row = await stored()
  expect(await secretsOf(row)).toEqual({ token: 'next', '.refresh': 'refresh-0' })
  // Neither a time nor scopes: the one is not known, the others are as they were (RFC 6749, sections 5.1 and 6).
  expect(row).toMatchObject({ tokenExpiresAt: null, oauth: { scopesGranted: null } })
})

test('client credentials get a new token without a refresh token, and no refusal ends them', async () => {
  const server = createTokenServer({ spent: 'accepted' })
  server.script = [oauthError('invalid_grant')]
  const { call, stored } = await open(server, { grant: 'client_credentials' })
  expect(await call()).toMatchObject({ reason: 'unavailable' })
  expect(await tokenOf(await call())).toBe('access-1')
  const asked = { grant_type: 'client_credentials', scope: 'read', client_id: 'executor' }
  expect(server.asked.map((body) => Object.fromEntries(body))).toEqual([asked, asked])
  expect((await stored()).health).toBe('untested')
})

test.each([
  ['refused', oauthError('invalid_client', 401)],
  ['a server error', status(503)()],
])('a token that is refreshed early is used when that fails with %s', async (_, answer) => {
  const server = createTokenServer({ spent: 'reuse' })
  server.script = [answer, status(503)(), status(503)()]
  const { call } = await open(server, { tokenExpiresAt: NOW + 30_000 })
  expect(await tokenOf(await call())).toBe('access-0')
})

test('a token of a minute is not refreshed by every call', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  server.script = [Response.json({ access_token: 'brief', token_type: 'bearer', expires_in: 60 })]
  const { call, stored } = await open(server)
  await call()
  expect(await tokenOf(await call(await stored()))).toBe('brief')
  expect(server.asked).toHaveLength(1)
})

test.each([-120_000, 120_000])('on a clock that is %i ms off a call comes to a token that works', async (skew) => {
  const server = createTokenServer({ spent: 'reuse' })
  const { connection, deps } = await open(server)
  const skewed = { ...deps, now: () => NOW + skew }
  const opened = await openCredential(skewed, connection)
  // By a clock that is behind, the old one still lasts; the upstream says otherwise.
  const renewed = server.isValid(await tokenOf(opened)) || !opened.ok ? opened : await opened.renew?.()
  expect(renewed && (await tokenOf(renewed))).toBe('access-1')
  expect(await tokenOf(await openCredential(deps, connection))).toBe('access-1')
  expect(server.asked).toHaveLength(1)
})

test('a row that is outdated is found out, and costs no refresh', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { call, connection } = await open(server)
  await call()
  expect(await tokenOf(await call(connection))).toBe('access-1')
  expect(server.asked).toHaveLength(1)
})

test('a refused token is renewed once for all that had it', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { call } = await open(server, { tokenExpiresAt: null })
  const calls = await Promise.all([1, 2, 3].map(() => call()))
  expect(server.asked).toEqual([])
  const renew = async (opened: OpenedCredential) => {
    const renewed = opened.ok ? await opened.renew?.() : opened
    return renewed && tokenOf(renewed)
  }
  expect(await Promise.all(calls.map(renew))).toEqual(['access-1', 'access-1', 'access-1'])
  expect(server.asked).toHaveLength(1)
})

test('of fifty at once one refreshes', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const slow: TokenServer['fetch'] = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    return server.fetch(request)
  }
  const { connection, deps } = await open(server)
  const each = { db, vault, outbound: outboundTo(slow), origin: deps.origin }
  const opened = await Promise.all(Array.from({ length: 50 }, () => openCredential({ ...each }, connection)))
  expect(new Set(await Promise.all(opened.map(tokenOf)))).toEqual(new Set(['access-1']))
  expect(server.asked).toHaveLength(1)
})

test('who waited for one that gave up does not ask the same again', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { call, connection, deps } = await open(server)
  const holder = await takeLease(db, connection)
  if (!holder) throw new Error('the lease was free')
  server.script = [oauthError('invalid_client', 401)]
  let polls = 0
  const sleep = async () => {
    if (++polls === 2) await renewTokens(deps, holder, { wasInterrupted: false })
  }
  expect(await openCredential({ ...deps, sleep }, connection)).toMatchObject({
    reason: 'unavailable',
    message: expect.stringMatching(/invalid_client/),
  })
  expect(server.asked).toHaveLength(1)
  expect(await tokenOf(await call())).toBe('access-1')
})

test.each([
  ['accepted' as const, 'ok', /^$/],
  ['reuse' as const, 'needs_sign_in', /^A refresh was interrupted after .* ended the grant since/],
])('a holder died with the answer, and a spent token is %s: %s', async (spent, health, reason) => {
  const server = createTokenServer({ spent })
  const { call, connection, deps, stored } = await open(server)
  const holder = await takeLease(db, connection)
  await server.fetch(
    new Request('https://login.example.com/token', {
      method: 'POST',
      body: new URLSearchParams({ refresh_token: 'refresh-0', grant_type: 'refresh_token' }),
    }),
  )
  // While its time lasts nobody else asks.
  expect(await openCredential({ ...deps, until: NOW + 20_000 }, connection)).toMatchObject({ reason: 'unavailable' })
  expect(server.asked).toHaveLength(1)
  await updateConnection(db, connection.id, { refreshUntil: 1 })
  const later = { ...deps, now: () => NOW }
  const opened = await openCredential(later, connection)
  expect(opened.ok).toBe(health === 'ok')
  expect(server.asked).toHaveLength(2)
  expect(await stored()).toMatchObject({ health, refreshUntil: null, refreshEpoch: (holder?.refreshEpoch ?? 0) + 1 })
  expect((await stored()).healthReason ?? '').toMatch(reason)
  await call()
  expect(server.asked).toHaveLength(2)
})

test('whoever comes back after their time stores nothing, and ends nothing', async () => {
  for (const answer of [undefined, oauthError('invalid_grant')]) {
    const server = createTokenServer({ spent: 'accepted' })
    const { call, connection, deps, stored } = await open(server)
    const late = await takeLease(db, connection)
    if (!late) throw new Error('the lease was free')
    await updateConnection(db, connection.id, { refreshUntil: 1 })
    expect(await tokenOf(await call())).toBe('access-1')
    if (answer) server.script = [answer]
    const renewed = await renewTokens(deps, late, { wasInterrupted: false })
    expect(renewed.ok).toBe(answer === undefined)
    expect(await secretsOf(await stored())).toEqual({ token: 'access-1', '.refresh': 'refresh-1' })
    expect(await stored()).toMatchObject({ health: 'ok', tokenVersion: 2, refreshEpoch: 2, refreshUntil: null })
  }
})

test('somebody signed in while the token was refreshed: their tokens stay', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { connection, deps, stored } = await open(server)
  const sealed = await vault.seal({ token: 'signed-in', '.refresh': 'theirs' }, placeOf(connection))
  const outbound = outboundTo(async (request) => {
    await updateConnection(db, connection.id, {
      sealed,
      tokenVersion: 2,
      tokenExpiresAt: NOW + 9_999_999,
      refreshUntil: null,
    })
    return server.fetch(request)
  })
  expect(await tokenOf(await openCredential({ ...deps, outbound }, connection))).toBe('signed-in')
  expect(await secretsOf(await stored())).toEqual({ token: 'signed-in', '.refresh': 'theirs' })
})

test('tokens that could not be stored are stored at the next attempt', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  let failures = 0
  const failing = new Proxy(env.DB, {
    get(target, key) {
      if (key !== 'prepare') return Reflect.get(target, key).bind(target)
      return (query: string) => {
        if (/set "sealed"/.test(query) && failures++ < 2) throw new Error('D1_ERROR: Network connection lost.')
        return target.prepare(query)
      }
    },
  })
  const { connection, deps, stored } = await open(server)
  const opened = await openCredential({ ...deps, db: openDatabase(failing) }, connection)
  expect([failures, await tokenOf(opened)]).toEqual([3, 'access-1'])
  expect(await secretsOf(await stored())).toEqual({ token: 'access-1', '.refresh': 'refresh-1' })
})

test('nobody begins a refresh that would be cut short', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { connection, deps } = await open(server)
  expect(await openCredential({ ...deps, until: NOW + 10_000 }, connection)).toMatchObject({ reason: 'unavailable' })
  expect(server.asked).toEqual([])
  expect((await seeLease(db, connection.id))?.isHeld).toBe(false)
})

test('the lease goes by the clock of the database', async () => {
  const { connection } = await open(createTokenServer({ spent: 'reuse' }))
  vi.useFakeTimers({ toFake: ['Date'], now: 5 })
  try {
    expect(await takeLease(db, connection)).toBeDefined()
  } finally {
    vi.useRealTimers()
  }
  const seen = await seeLease(db, connection.id)
  expect(seen?.isHeld).toBe(true)
  expect(Math.abs((seen?.connection.refreshUntil ?? 0) - Date.now() - 25_000)).toBeLessThan(5000)
})

test.each([
  [NOW - 1, 'needs_sign_in'],
  [NOW + 1, null],
])('a token that ends at %i and cannot be renewed is sent, and a refusal says what it means', async (ends, reason) => {
  const { call } = await open(createTokenServer({ spent: 'reuse' }), { tokenExpiresAt: ends, refreshToken: null })
  const opened = await call()
  expect(await tokenOf(opened)).toBe('access-0')
  const renewed = opened.ok && opened.renew ? await opened.renew() : null
  expect(renewed && !renewed.ok ? renewed.reason : renewed).toBe(reason)
})

test('no message has a token in it, whatever the server repeats', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const echo = { error: 'invalid_grant', error_description: 'The token refresh-0 is unknown' }
  server.script = [Response.json(echo, { status: 400 })]
  const { call, stored } = await open(server)
  expect(JSON.stringify([await call(), (await stored()).healthReason])).not.toContain('refresh-0')
})

test('what another key sealed asks nobody, and says so', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const { call, connection, stored } = await open(server)
  await updateConnection(db, connection.id, { sealed: 'v1.AAAAAAAA.AAAA' })
  expect(await call()).toMatchObject({ reason: 'unavailable' })
  expect(await stored()).toMatchObject({ health: 'failing', healthReason: expect.stringMatching(/do not open/) })
  expect(server.asked).toEqual([])
})
