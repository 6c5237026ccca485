import { env } from 'cloudflare:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { lastSeenClient, listClients, MOST_CLIENTS } from '../db/clients.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import { freshDatabase } from '../testing/database.ts'
import { ada, bob, ORIGIN, robot } from '../testing/helpdesk.ts'
import { config } from '../testing/mcp-endpoint.ts'
import { createWorkerEngine } from '../testing/worker-engine.ts'
import { createVault } from '../connections/seal.ts'
import { createOutbound } from '../net/outbound.ts'
import { handleMcp } from './handler.ts'
import { rememberClient, WRITE_EVERY_MS } from './remember-client.ts'

let db: Database
let trips: RoundTrip[]
let work: Promise<unknown>[]

beforeEach(async () => {
  trips = []
  work = []
  await freshDatabase()
  db = openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
})

const waitUntil = (promise: Promise<unknown>) => void work.push(promise)
const url = new URL(`${ORIGIN}/mcp`)

/** The whole endpoint, as this principal's requests reach it. */
function endpoint(principal: Principal) {
  const deps = {
    db,
    principal,
    waitUntil,
    outbound: createOutbound({ allowLocalNetwork: false }),
    vault: createVault({ key: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' }),
    engine: createWorkerEngine(),
    origin: ORIGIN,
    config,
    report: () => 'id',
  }
  return (input: string | URL, init?: RequestInit) => handleMcp(new Request(input, init), deps)
}

function seen(principal: Principal, body: unknown, now: number, userAgent = 'agent/1') {
  rememberClient({ db, principal, waitUntil }, { headers: new Headers({ 'user-agent': userAgent }), body }, now)
  return Promise.all(work)
}

const hello = (name: string, version = '1') => ({
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', clientInfo: { name, version } },
})
const nameless = { method: 'tools/call', params: { name: 'search' } }
const mine = (principal: Principal, withServices = false) => ({ principal: principal.id, withServices })
const statements = () => trips.reduce((sum, trip) => sum + trip.statements.length, 0)

test('clients of every generation are remembered by the names they give', async () => {
  for (const mode of ['auto', 'legacy'] as const) {
    const client = new Client({ name: `${mode}-client`, version: '2.4' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(url, { fetch: endpoint(ada) }))
    await client.listTools()
    await client.close()
  }
  const old = new OldClient({ name: 'old-client', version: '1.32' })
  await old.connect(new OldTransport(url, { fetch: endpoint(ada) }))
  await old.close()
  await Promise.all(work)
  const rows = await listClients(db, mine(ada), 10)
  const said = rows.map(({ name, version, protocol, principal }) => [name, version, protocol, principal].join(' '))
  expect(said.toSorted()).toEqual([
    `auto-client 2.4 2026-07-28 ${ada.id}`,
    `legacy-client 2.4 2025-11-25 ${ada.id}`,
    `old-client 1.32 2025-11-25 ${ada.id}`,
  ])
})

test('the answer does not wait for the write, and a refused request is none', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...hello('early') })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const response = await endpoint(ada)(url, { method: 'POST', headers, body })
  expect([response.status, work.length]).toEqual([200, 1])
  await response.text()
  for (const [method, refused] of [
    ['POST', '{"jsonrpc":'],
    ['POST', ''],
    ['PUT', body],
    ['POST', ' '.repeat(5_000_000)],
  ] as const) {
    const answer = await endpoint(bob)(url, { method, headers, body: refused })
    expect(answer.ok).toBe(false)
  }
  expect(work).toHaveLength(1)
})

test('a client that keeps asking is written once in five minutes, in one round trip', async () => {
  const start = 1_000_000
  for (const name of ['one', 'two']) {
    for (let second = 0; second < 299; second++) await seen(ada, hello(name), start + second * 1000)
  }
  expect(trips).toHaveLength(2)
  await seen(ada, hello('one', '2'), start + WRITE_EVERY_MS)
  const [one, two] = await listClients(db, mine(ada), 10)
  expect(one).toMatchObject({ name: 'one', version: '2', firstSeenAt: start, lastSeenAt: start + WRITE_EVERY_MS })
  expect(two).toMatchObject({ name: 'two', firstSeenAt: start, lastSeenAt: start })
})

test('requests without a name keep the last client with their user agent in sight, and make up none', async () => {
  await seen(ada, nameless, 1, 'curl/8')
  expect(await listClients(db, mine(ada), 10)).toEqual([])
  await seen(ada, hello('one'), 10, 'node')
  await seen(ada, hello('two'), 20, 'node')
  await seen(bob, hello('two'), 20, 'node')
  trips.length = 0
  await seen(ada, nameless, 30, 'node')
  expect(statements()).toBe(0)
  await seen(ada, nameless, 30 + WRITE_EVERY_MS, 'node')
  expect(statements()).toBe(1)
  const times = await listClients(db, mine(ada), 10)
  expect(times.map(({ name, lastSeenAt }) => [name, lastSeenAt])).toEqual([
    ['two', 30 + WRITE_EVERY_MS],
    ['one', 10],
  ])
  expect(await lastSeenClient(db, mine(bob))).toBe(20)
})

test('a client with a new name for every request fills no table', async () => {
  for (let index = 0; index < MOST_CLIENTS + 20; index++) await seen(robot, hello(`name ${index}`), 1000 + index)
  await seen(ada, hello('kept'), 1)
  const rows = await listClients(db, mine(robot), 1000)
  expect(rows).toHaveLength(MOST_CLIENTS)
  expect(rows[0]?.name).toBe(`name ${MOST_CLIENTS + 19}`)
  expect(await listClients(db, mine(ada), 10)).toHaveLength(1)
})

test('a person sees their own clients, an admin those of service tokens too, nobody another person’s', async () => {
  await seen(ada, hello('ada'), 1)
  await seen(bob, hello('bob'), 2)
  await seen(robot, hello('robot'), 3)
  const names = async (view: ReturnType<typeof mine>) => (await listClients(db, view, 10)).map(({ name }) => name)
  expect(await names(mine(ada, true))).toEqual(['robot', 'ada'])
  expect(await names(mine(bob))).toEqual(['bob'])
  expect(await lastSeenClient(db, mine(ada, true))).toBe(3)
  expect(await lastSeenClient(db, mine(bob))).toBe(2)
  expect(await lastSeenClient(db, { principal: 'person:new@example.com', withServices: false })).toBe(0)
})
