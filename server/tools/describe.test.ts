import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import { insertPolicy } from '../db/policies.ts'
import { freshDatabase } from '../testing/database.ts'
import { BEARER, importScripted } from '../testing/scripted-import.ts'
import { loadCatalog } from './catalog.ts'
import { type DescribeInput, describeTool } from './describe.ts'

const principal: Principal = { kind: 'service', id: 'service:robot', name: 'robot', isAdmin: false }
const origin = 'https://executor.example'
let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
  await importScripted(db, 'shop', {
    authMethods: [BEARER],
    schemas: {
      Item: {
        type: 'object',
        properties: { id: { type: 'string' }, next: { $ref: '#/$defs/Item' } },
        required: ['id'],
      },
      Unrelated: { type: 'object' },
    },
    tools: [
      {
        operation: 'POST /items',
        suggestedName: 'items.create',
        summary: 'Create an item',
        inputSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        outputSchema: { $ref: '#/$defs/Item' },
      },
      { operation: 'GET /items', suggestedName: 'items.list' },
    ],
  })
  trips.length = 0
})

const describe = (address: string, more: Partial<DescribeInput> = {}) =>
  describeTool({ db, origin }, { principal, address, ...more })

test('a tool is described with its types, its schemas and what stands before a call, in two statements', async () => {
  const described = await describe('shop.items.create')
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(2)
  expect(described).toMatchObject({
    ok: true,
    tool: {
      address: 'shop.items.create',
      operation: 'POST /items',
      effect: 'write',
      decision: { action: 'require_approval' },
      connection: { isReady: false, problem: { code: 'connection_missing' } },
      inputSchema: { required: ['name'] },
      definitions: { Item: { required: ['id'] } },
    },
  })
  if (!described.ok) throw new Error()
  expect(Object.keys(described.tool.definitions)).toEqual(['Item'])
  expect(described.tool.typescript).toMatch(/type ItemsCreateInput = \{\s+name: string;?\s+\}/)
  expect(described.tool.typescript).toContain('next?: Item')
})

test('with the catalog at hand it is one statement', async () => {
  const catalog = await loadCatalog(db, { id: 'person:ada@example.com' })
  trips.length = 0
  expect(await describe('shop.items.list', { catalog })).toMatchObject({ ok: true })
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(1)
})

test('an unknown address says what was meant', async () => {
  for (const [address, meant] of [
    ['shop.items.craete', 'shop.items.create'],
    ['shop.createItem', 'shop.items.create'],
    ['shop.items', 'shop.items.create or shop.items.list'],
    ['shpo.items.list', '"shop"'],
  ] as const) {
    expect(await describe(address)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(`Did you mean ${meant}`) },
    })
  }
  expect(await describe('')).toMatchObject({ ok: false, error: { code: 'unknown_integration' } })
  expect(await describe('shop.')).toMatchObject({ ok: false, error: { code: 'unknown_tool' } })
})

test('a blocked tool is described in the console only', async () => {
  await insertPolicy(db, {
    id: 'p',
    pattern: 'shop.items.create',
    action: 'block',
    createdBy: 'x',
    createdAt: 1,
    updatedAt: 1,
  })
  expect(await describe('shop.items.create')).toMatchObject({ ok: false, error: { code: 'blocked' } })
  expect(await describe('shop.items.create', { showBlocked: true })).toMatchObject({
    ok: true,
    tool: { decision: { action: 'block' } },
  })
})
