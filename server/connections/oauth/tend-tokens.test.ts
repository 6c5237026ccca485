import { beforeEach, expect, test } from 'vitest'
import { updateConnection } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { insertOAuthFlow } from '../../db/oauth-flows.ts'
import { takeLease } from '../../db/refresh-lease.ts'
import { oauthClients, oauthFlows } from '../../../drizzle/schema.ts'
import { freshDatabase } from '../../testing/database.ts'
import {
  createTokenServer,
  insertSignedIn,
  insertSignInParts,
  outboundTo,
  type SignedIn,
  type TokenServer,
  vault,
} from '../../testing/token-server.ts'
import { isDueInBackground } from './due.ts'
import { deleteLeftovers, tendTokens } from './tend-tokens.ts'

const NOW = Date.now()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
let db: Database

beforeEach(async () => {
  db = await freshDatabase()
  await insertSignInParts(db, 'desk')
})

function depsFor(server: TokenServer) {
  const report = (error: unknown) => {
    throw error
  }
  return { db, vault, outbound: outboundTo(server.fetch), now: () => NOW, sleep: async () => {}, report }
}

/** How many refreshes cron does for a connection. */
async function refreshes(
  about: Partial<SignedIn>,
  patch: Parameters<typeof updateConnection>[2] = {},
): Promise<number> {
  const server = createTokenServer({ spent: 'accepted' })
  const made = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: NOW + MINUTE_MS, now: NOW, ...about })
  await updateConnection(db, made.id, { lastUsedAt: NOW - DAY_MS, ...patch })
  await tendTokens(depsFor(server), NOW)
  return server.asked.length
}

test('a token that ends soon is refreshed before, of a connection in use', async () => {
  expect(await refreshes({})).toBe(1)
  expect(await refreshes({ grant: 'client_credentials' })).toBe(1)
  expect(await refreshes({ tokenExpiresAt: NOW - MINUTE_MS })).toBe(1)
})

test.each([
  ['ends later', { tokenExpiresAt: NOW + 11 * MINUTE_MS }, {}],
  ['never ends', { tokenExpiresAt: null }, {}],
  ['ended long ago', { tokenExpiresAt: NOW - 11 * MINUTE_MS }, {}],
  ['cannot be refreshed', { refreshToken: null }, {}],
  ['is of a connection that nobody has used for a week', {}, { lastUsedAt: NOW - 8 * DAY_MS }],
  ['was never used', {}, { lastUsedAt: null }],
  ['has no grant any more', {}, { health: 'needs_sign_in' as const }],
])('one that %s is left alone', async (_, about, patch) => {
  expect(await refreshes(about, patch)).toBe(0)
})

test('what somebody else is refreshing is left to them', async () => {
  const server = createTokenServer({ spent: 'reuse' })
  const made = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: NOW + MINUTE_MS })
  await updateConnection(db, made.id, { lastUsedAt: NOW })
  await takeLease(db, made)
  await tendTokens(depsFor(server), NOW)
  expect(server.asked).toEqual([])
})

test('a minute does a bounded number, the soonest first, and one that fails stops no other', async () => {
  const server = createTokenServer({ spent: 'accepted' })
  server.script = [Response.json({ error: 'invalid_client' }, { status: 401 })]
  for (let index = 0; index < 25; index++) {
    const made = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: NOW + index * 1000, now: NOW })
    await updateConnection(db, made.id, { lastUsedAt: NOW })
  }
  await tendTokens(depsFor(server), NOW)
  expect(server.asked).toHaveLength(20)
  await tendTokens(depsFor(server), NOW)
  // The five that were left, and the one that failed.
  expect(server.asked).toHaveLength(26)
})

test('connections that were made together have moments of their own, from five to ten minutes before the end', async () => {
  const row = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: NOW + 60 * MINUTE_MS, now: NOW })
  const minutes = Array.from({ length: 40 }, (_, index) => {
    const connection = { ...row, id: `con_${index}${'x'.repeat(index % 5)}` }
    const first = Array.from({ length: 60 }, (__, minute) => minute).find((minute) =>
      isDueInBackground(connection, NOW + minute * MINUTE_MS),
    )
    return 60 - (first ?? 0)
  })
  expect(new Set(minutes).size).toBeGreaterThan(3)
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(5)
  expect(Math.max(...minutes)).toBeLessThanOrEqual(10)
})

test('sign-ins of yesterday go, and apps of integrations that are gone', async () => {
  await insertSignInParts(db, 'gone')
  await db.$client.exec("DELETE FROM integrations WHERE id = 'gone'")
  const flow = {
    principal: 'person:ada@example.com',
    integrationId: 'desk',
    methodId: 'oauth',
    grant: 'authorization_code' as const,
    owner: 'org',
    slug: 'work',
    client: 'cli_desk',
    server: { issuer: null, sendsIssuer: false, acceptsMetadataDocument: false },
    scopes: [],
    sealed: 'v1.x.y',
    createdAt: NOW - 2 * DAY_MS,
    expiresAt: NOW + 1,
  }
  await insertOAuthFlow(db, { ...flow, id: 'open', state: 'open' })
  await insertOAuthFlow(db, { ...flow, id: 'just done', state: 'done', createdAt: NOW })
  await insertOAuthFlow(db, { ...flow, id: 'done', state: 'done' })
  await insertOAuthFlow(db, { ...flow, id: 'expired', state: 'open', expiresAt: NOW - 2 * DAY_MS })
  await insertOAuthFlow(db, { ...flow, id: 'gone', state: 'open', integrationId: 'gone' })
  await deleteLeftovers({ db }, NOW)
  expect((await db.select({ id: oauthFlows.id }).from(oauthFlows).orderBy(oauthFlows.id)).map(({ id }) => id)).toEqual([
    'just done',
    'open',
  ])
  expect((await db.select({ id: oauthClients.id }).from(oauthClients)).map(({ id }) => id)).toEqual(['cli_desk'])
})
