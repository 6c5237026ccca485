import { beforeEach, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import type { Principal } from '../access/principal.ts'
import { insertConnection } from '../db/connections.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { insertPolicy } from '../db/policies.ts'
import { freshDatabase } from '../testing/database.ts'
import { BEARER, beginScripted, importScripted, PUBLIC } from '../testing/scripted-import.ts'
import { loadCatalog, resolveConnection } from './catalog.ts'
import { person } from '../testing/people.ts'

const ada = person('ada@example.com')
const bob = person('bob@example.com')
const robot: Principal = { kind: 'service', id: 'service:robot', name: 'robot', isAdmin: false }
const origin = 'https://executor.example'
let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

async function integrate(slug: string, authMethods = [BEARER]): Promise<string> {
  const tools = [{ operation: 'GET /a', suggestedName: 'a.get' }]
  return (await importScripted(db, slug, { tools, authMethods })).integrationId
}

async function connect(integrationId: string, slug: string, owner = 'org', isDefault = false): Promise<void> {
  await insertConnection(db, {
    id: newId('con'),
    integrationId,
    slug,
    owner,
    method: BEARER,
    values: { note: 'ä' },
    sealed: 'sealed',
    origins: ['https://x.example'],
    isDefault,
    createdBy: 'x',
    createdAt: 1,
    updatedAt: 2,
  })
}

async function resolved(principal: Principal, slug: string, connection?: string) {
  const result = resolveConnection(await loadCatalog(db, principal), principal, slug, connection, origin)
  return result.ok ? (result.connection?.slug ?? null) : result.error
}

test('the catalog comes in one statement and has everything that decides', async () => {
  const id = await integrate('github')
  await connect(id, 'work')
  await insertPolicy(db, {
    id: 'pol_1',
    pattern: 'github.*',
    action: 'block',
    createdBy: 'x',
    createdAt: 1,
    updatedAt: 1,
  })
  await beginScripted(db, 'unfinished')
  trips.length = 0
  const catalog = await loadCatalog(db, ada)
  expect(trips.map((trip) => trip.statements.length)).toEqual([1])
  expect(catalog.integrations).toMatchObject([
    { id, slug: 'github', kind: 'openapi', revision: 1, toolCount: 1, authMethods: [BEARER] },
  ])
  expect(catalog.connections).toMatchObject([
    {
      integrationId: id,
      slug: 'work',
      owner: 'org',
      method: BEARER,
      sealed: 'sealed',
      isDefault: false,
      lastUsedAt: null,
    },
  ])
  expect(catalog.rules).toEqual([{ id: 'pol_1', pattern: 'github.*', action: 'block' }])
})

test('without a connection the error has the link where a person adds one', async () => {
  await integrate('github')
  expect(await resolved(ada, 'github')).toMatchObject({
    code: 'connection_missing',
    message: expect.stringContaining(`${origin}/connections/new?integration=github`),
  })
})

test('an integration that needs no credential needs no connection', async () => {
  await integrate('open', [PUBLIC])
  // Adding it has connected it; whoever removes that connection takes nothing away.
  await db.run(sql`DELETE FROM connections`)
  expect(await resolved(robot, 'open')).toBeNull()
})

test('the only connection is used, and another person’s own is not there at all', async () => {
  const id = await integrate('github')
  await connect(id, 'work')
  await connect(id, 'mine', 'person:bob@example.com')
  expect(await resolved(ada, 'github')).toBe('work')
  expect(await resolved(robot, 'github')).toBe('work')
  expect(await resolved(bob, 'github')).toMatchObject({
    code: 'connection_ambiguous',
    details: { connections: ['github@mine', 'github@work'] },
  })
  expect(await resolved(ada, 'github', 'mine')).toMatchObject({
    code: 'connection_unknown',
    details: { connections: ['github@work'] },
  })
})

test('among several the caller’s own default comes first, then the org’s', async () => {
  const id = await integrate('github')
  await connect(id, 'work', 'org', true)
  await connect(id, 'other')
  await connect(id, 'mine', ada.id, true)
  expect(await resolved(ada, 'github')).toBe('mine')
  expect(await resolved(bob, 'github')).toBe('work')
  expect(await resolved(ada, 'github', 'other')).toBe('other')
})

test('several without a default are listed for whoever may use them, and nobody else’s default counts', async () => {
  const id = await integrate('github')
  await connect(id, 'work')
  await connect(id, 'other')
  await connect(id, 'bobs', bob.id, true)
  for (const principal of [ada, robot]) {
    const error = await resolved(principal, 'github')
    expect(error).toMatchObject({
      code: 'connection_ambiguous',
      message: expect.stringContaining('tools["github@other"]'),
      details: { connections: ['github@other', 'github@work'] },
    })
    expect(await resolved(principal, 'github', 'other')).toBe('other')
    expect(await resolved(principal, 'github', 'bobs')).toMatchObject({ code: 'connection_unknown' })
  }
  expect(await resolved(bob, 'github')).toBe('bobs')
  expect(await resolved(bob, 'github', 'work')).toBe('work')
})

test('one’s own only connection does not come before the org’s default unless it is a default itself', async () => {
  const id = await integrate('github')
  await connect(id, 'work', 'org', true)
  await connect(id, 'mine', ada.id)
  expect(await resolved(ada, 'github')).toBe('work')
})

test('a default is of its integration and its owner: one of another integration decides nothing', async () => {
  const [github, gitlab] = [await integrate('github'), await integrate('gitlab')]
  await connect(gitlab, 'work', 'org', true)
  await connect(github, 'work')
  await connect(github, 'other')
  expect(await resolved(ada, 'github')).toMatchObject({ code: 'connection_ambiguous' })
  expect(await resolved(ada, 'gitlab')).toBe('work')
})

test('a mistyped connection or integration says what was meant', async () => {
  const id = await integrate('github')
  await connect(id, 'work')
  expect(await resolved(ada, 'github', 'wrok')).toMatchObject({ message: expect.stringContaining('github@work?') })
  expect(await resolved(ada, 'gihtub')).toMatchObject({
    code: 'unknown_integration',
    message: expect.stringContaining('"github"?'),
  })
})
