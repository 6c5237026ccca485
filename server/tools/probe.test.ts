import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { findIntegrationBySlug } from '../db/integrations.ts'
import { insertPolicy } from '../db/policies.ts'
import { listToolGroups, listTools } from '../db/tools.ts'
import { createOutbound } from '../net/outbound.ts'
import { freshDatabase } from '../testing/database.ts'
import { BEARER } from '../testing/scripted-import.ts'
import { beginImport } from './imports/begin.ts'
import { addIntegration } from './imports/confirm.ts'
import { probeFor } from './probe.ts'

const by = 'person:ada@example.com'
const outbound = createOutbound({ allowLocalNetwork: false, fetch: () => Promise.reject(new Error('No request')) })
let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

const operation = (operationId: string, parameters: object[] = []) => ({
  operationId,
  parameters,
  responses: { 200: { description: 'Done' } },
})
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

/** An integration `shop` with these paths; returns its id. */
async function shop(paths: object): Promise<string> {
  const document = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: 'https://shop.example/v1' }],
    paths,
  })
  const chunks = [new TextEncoder().encode(document)]
  const begun = await beginImport({ db, outbound }, { origin: { kind: 'paste' }, files: [{ chunks }], by })
  if (!begun.ok) throw new Error(begun.message)
  const fields = { slug: 'shop', title: 'Shop', baseUrl: 'https://shop.example/v1' }
  const added = await addIntegration({ db }, { importId: begun.importId, ...fields, by })
  if (!added.ok) throw new Error(added.message)
  return added.integration.id
}

/** What the probe asks for, of an upstream that answers everything with `status`. */
async function asked(integrationId: string, status = 200) {
  const seen: string[] = []
  const probe = await probeFor(db, integrationId, BEARER)
  const answer = await probe?.((request) => {
    seen.push(`${request.method} ${request.url}`)
    return Promise.resolve(Response.json({ message: 'Bad credentials' }, { status }))
  })
  return { seen, answer }
}

test('the call that says who is signed in is the test, before shorter ones', async () => {
  const integrationId = await shop({
    '/a': { get: operation('a/b') },
    '/me': { get: operation('account/whoami') },
    '/me/{id}': { get: operation('people/me', [id]) },
  })
  expect(await asked(integrationId)).toEqual({ seen: ['GET https://shop.example/v1/me'], answer: { status: 200 } })
})

test('a path of the signed-in person is asked before an app that calls itself authenticated', async () => {
  const integrationId = await shop({
    '/app': { get: operation('apps/get-authenticated') },
    '/user': { get: operation('users/get-authenticated') },
    '/user/keys': { get: operation('users/list-keys') },
  })
  expect((await asked(integrationId)).seen).toEqual(['GET https://shop.example/v1/user'])
})

test('a refusal comes back with the upstream’s own words', async () => {
  const integrationId = await shop({ '/a': { get: operation('a/b') } })
  const { answer } = await asked(integrationId, 401)
  expect(answer).toEqual({ status: 401, message: expect.stringContaining('Bad credentials') })
})

test('nothing that writes, needs input, or is not allowed is ever called', async () => {
  const integrationId = await shop({
    '/a': { post: operation('me') },
    '/b/{id}': { get: operation('things/get', [id]) },
    '/c': { get: operation('secrets/list') },
  })
  const now = Date.now()
  const rule = { pattern: 'shop.secrets.*', action: 'require_approval', note: '' } as const
  await insertPolicy(db, { id: newId('pol'), ...rule, createdBy: by, createdAt: now, updatedAt: now })
  expect(await probeFor(db, integrationId, BEARER)).toBeUndefined()
  expect(await probeFor(db, 'int_gone', BEARER)).toBeUndefined()
})

test('groups are the first segments of names, and a group lists just its own tools', async () => {
  const integrationId = await shop({
    '/a': { get: operation('list/all'), post: operation('list/add') },
    '/b': { get: operation('listing/all') },
  })
  const revision = (await findIntegrationBySlug(db, 'shop'))?.revision ?? 0
  const inForce = { integrationId, revision }
  expect(await listToolGroups(db, inForce)).toEqual([
    { name: 'list', count: 2 },
    { name: 'listing', count: 1 },
  ])
  const listed = await listTools(db, inForce, { group: 'list', limit: 10 })
  expect(listed.map(({ name }) => name)).toEqual(['list.add', 'list.all'])
})

const answering = async (paths: object, body: unknown) => {
  const probe = await probeFor(db, await shop(paths), BEARER)
  return (await probe?.(() => Promise.resolve(Response.json(body))))?.identity
}

test.each([
  ['GitHub', { login: 'octocat', id: 1, name: 'Octo Cat' }, 'octocat'],
  ['Google', { sub: '1', name: 'Ada', email: 'ada@example.com' }, 'ada@example.com'],
  ['GitLab', { username: 'ada', name: 'Ada' }, 'ada'],
  ['Jira', { accountId: '1', displayName: 'Ada Lovelace' }, 'Ada Lovelace'],
  ['one that wraps it', { data: { user: { name: 'Ada' } } }, 'Ada'],
  ['one that says nothing', { id: 7 }, undefined],
  ['one that names no text', { login: 7, name: ['Ada'], email: ' ' }, undefined],
  ['a list', [{ login: 'octocat' }], undefined],
])('whose account it is: %s', async (_name, body, expected) => {
  expect(await answering({ '/user': { get: operation('users/get-authenticated') } }, body)).toBe(expected)
})

test('a read that is about something else names nobody', async () => {
  expect(
    await answering({ '/shops': { get: operation('shops/first') } }, { name: 'The shop', email: 'x@example.com' }),
  ).toBe(undefined)
})
