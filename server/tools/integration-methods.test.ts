import { beforeEach, expect, test } from 'vitest'
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { listAudit } from '../db/audit-list.ts'
import { insertConnection } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { findIntegration, insertIntegration, type IntegrationRow } from '../db/integrations.ts'
import { freshDatabase } from '../testing/database.ts'
import { readOAuthMethod } from './added-methods.ts'
import { addMethod, removeMethod } from './integration-methods.ts'
import { person } from '../testing/people.ts'

const BEARER: AuthMethod = {
  id: 'bearer',
  label: 'Bearer token',
  fields: [{ name: 'token', label: 'Token', isSecret: true }],
  placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
}
const ada = person('ada@example.com', true)
const grace = person('grace@example.com', false)

function way(label = 'Sign-in at Acme'): AuthMethod {
  const read = readOAuthMethod({
    label,
    discovery: 'issuer',
    resourceUrl: '',
    issuer: 'https://login.acme.test',
    authorizationUrl: '',
    tokenUrl: '',
    deviceAuthorizationUrl: '',
    scopes: 'read',
    parameters: '',
    header: '',
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.method
}

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
  await insertIntegration(db, {
    id: 'int_1',
    slug: 'acme',
    kind: 'openapi',
    title: 'Acme',
    origin: { kind: 'paste' },
    baseUrl: 'https://api.acme.test',
    authMethods: [BEARER],
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  })
})

async function current(): Promise<IntegrationRow> {
  const row = await findIntegration(db, 'int_1')
  if (!row) throw new Error('no integration')
  return row
}

const labels = async () => (await current()).authMethods.map(({ label }) => label)
const records = async () =>
  (await listAudit(db, {}, { limit: 10 })).map(({ action, subject, details }) => ({ action, subject, details }))

async function connectWith(changes: Partial<Parameters<typeof insertConnection>[1]>) {
  await insertConnection(db, {
    id: 'con_1',
    integrationId: 'int_1',
    slug: 'main',
    owner: 'org',
    method: BEARER,
    values: {},
    origins: [],
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
    ...changes,
  })
}

test('an admin adds a way and removes it again, both on record', async () => {
  const method = way()
  expect(await addMethod({ db, principal: ada }, await current(), method)).toMatchObject({ ok: true })
  expect(await labels()).toEqual(['Bearer token', 'Sign-in at Acme'])
  expect(await removeMethod({ db, principal: ada }, await current(), method.id)).toMatchObject({ ok: true })
  expect(await labels()).toEqual(['Bearer token'])
  const [removed, added] = await records()
  expect(added).toMatchObject({ action: 'integration.changed', subject: 'acme' })
  expect(added?.details).toContain('Sign-in at Acme (https://login.acme.test)')
  expect(removed?.details).toContain('"to":null')
})

test('a member adds nothing and removes nothing', async () => {
  const method = way()
  expect(await addMethod({ db, principal: grace }, await current(), method)).toMatchObject({ ok: false })
  await addMethod({ db, principal: ada }, await current(), method)
  expect(await removeMethod({ db, principal: grace }, await current(), method.id)).toMatchObject({ ok: false })
  expect(await labels()).toEqual(['Bearer token', 'Sign-in at Acme'])
  expect(await records()).toHaveLength(1)
})

test('what was read before somebody else changed it changes nothing, and leaves no record', async () => {
  const stale = await current()
  await addMethod({ db, principal: ada }, stale, way('First'))
  expect(await addMethod({ db, principal: ada }, stale, way('Second'))).toMatchObject({
    ok: false,
    message: expect.stringContaining('changed meanwhile'),
  })
  expect(await labels()).toEqual(['Bearer token', 'First'])
  expect(await records()).toHaveLength(1)
})

test('a way that a connection was made with stays, whether its token was obtained or pasted', async () => {
  const method = way()
  await addMethod({ db, principal: ada }, await current(), method)
  const { oauth: _, isAdded: __, ...stored } = method
  await connectWith({ method: stored })
  expect(await removeMethod({ db, principal: ada }, await current(), method.id)).toMatchObject({
    ok: false,
    message: 'A connection uses this way. Remove it first.',
  })
  const grant = {
    grant: 'authorization_code',
    methodId: method.id,
    client: 'cli_1',
    server: { issuer: 'https://login.acme.test', sendsIssuer: false, acceptsMetadataDocument: false },
    scopesRequested: [],
    scopesGranted: null,
    canRefresh: true,
    obtainedAt: 1,
  } as const
  await connectWith({ id: 'con_2', slug: 'other', oauth: { ...grant, scopesRequested: [] } })
  expect(await removeMethod({ db, principal: ada }, await current(), method.id)).toMatchObject({
    ok: false,
    message: '2 connections use this way. Remove them first.',
  })
  expect(await labels()).toHaveLength(2)
  expect(await records()).toHaveLength(1)
})

test('the document’s own way cannot be removed, nor added to', async () => {
  expect(await removeMethod({ db, principal: ada }, await current(), 'bearer')).toMatchObject({ ok: false })
  expect(await addMethod({ db, principal: ada }, await current(), BEARER)).toMatchObject({ ok: false })
  const twin = { ...way(), id: 'bearer' }
  expect(await addMethod({ db, principal: ada }, await current(), twin)).toMatchObject({ ok: false })
  expect(await labels()).toEqual(['Bearer token'])
})

test('two ways have names that people can tell apart, and there is an end to them', async () => {
  await addMethod({ db, principal: ada }, await current(), way('Acme'))
  expect(await addMethod({ db, principal: ada }, await current(), way('acme'))).toMatchObject({ field: 'label' })
  for (let number = 2; number <= 10; number++) {
    expect((await addMethod({ db, principal: ada }, await current(), way(`Acme ${number}`))).ok).toBe(true)
  }
  expect(await addMethod({ db, principal: ada }, await current(), way('One more'))).toMatchObject({ ok: false })
})
