// An endpoint that describes itself, from the address to the tools that are in force.
import { expect, test } from 'vitest'
import { EXECUTOR } from '../../db/audit.ts'
import { findImport, findOpenImport } from '../../db/imports.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../db/integrations.ts'
import { deleteConnection } from '../../db/connections.ts'
import { listTools } from '../../db/tools.ts'
import { createConnection } from '../../connections/manage.ts'
import { probeEndpoints } from '../../integrations/endpoints.ts'
import { ENDPOINT, type Endpoint, graphQlEndpoint, SDL, TOKEN } from '../../testing/graphql-endpoint.ts'
import { ada, bob, openHelpdesk } from '../../testing/helpdesk.ts'
import { loadCatalog } from '../catalog.ts'
import { prepareCall } from '../prepare-call.ts'
import { probeFor } from '../probe.ts'
import { addUnread, beginFromEndpoint } from './begin-endpoint.ts'
import { changesOf } from './compare.ts'
import { addIntegration, updateIntegrationFrom } from './confirm.ts'
import { type EndpointOrigin, probingFetch } from './fetch-endpoint.ts'
import { refreshIntegration, tendImports } from './refresh.ts'

const by = ada.id
const open: EndpointOrigin = { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT }
const NAMES = ['broken', 'createIssue', 'deleteIssue', 'issue', 'issues', 'viewer']

async function openTracker(endpoint: Endpoint) {
  const desk = await openHelpdesk((request) => endpoint.answer(request))
  const current = async (): Promise<IntegrationRow> => {
    const integration = await findIntegrationBySlug(desk.db, 'tracker')
    if (integration === undefined) throw new Error('no integration')
    return integration
  }
  return {
    ...desk,
    current,
    async names() {
      const { id: integrationId, revision } = await current()
      return (await listTools(desk.db, { integrationId, revision }, { limit: 50 })).map(({ name }) => name)
    },
    async add() {
      const begun = await beginFromEndpoint(desk.deps, open, { by })
      if (!begun.ok) throw new Error(begun.message)
      const given = { importId: begun.importId, slug: 'tracker', title: 'Tracker', baseUrl: ENDPOINT, by }
      const added = await addIntegration(desk.deps, given)
      if (!added.ok) throw new Error(added.message)
      return added.integration
    },
    async addUnread() {
      const added = await addUnread(desk.deps, { slug: 'tracker', title: 'Tracker', origin: open, by })
      if (!added.ok) throw new Error(added.message)
      return added.integration
    },
    async connect(slug: string, token: string, owner: 'org' | 'me' = 'org') {
      const integration = await current()
      const [method] = integration.authMethods
      if (method === undefined) throw new Error('no method')
      const probe = await probeFor(desk.db, integration.id, method)
      const given = { integration, method, values: { token }, owner, slug, probe }
      const made = await createConnection({ ...desk.deps, principal: ada }, given)
      if (!made.ok) throw new Error(made.message)
      return made.connection
    },
    async readThrough(connection: string) {
      const { id: integrationId } = await current()
      return beginFromEndpoint(desk.deps, { ...open, connection }, { by, integrationId })
    },
  }
}

test('an open endpoint is read at once, and each field of its root types is a tool', async () => {
  const tracker = await openTracker(graphQlEndpoint())
  expect(await probeEndpoints('https://tracker.example.com/', probingFetch(tracker.deps))).toEqual([
    { protocol: 'graphql', url: ENDPOINT, needsCredential: false, describesItself: true },
  ])
  const integration = await tracker.add()
  expect(integration).toMatchObject({ kind: 'graphql', origin: open, baseUrl: ENDPOINT, revision: 1, toolCount: 6 })
  expect(await tracker.names()).toEqual(NAMES)
})

test('an endpoint that wants a credential is added without tools, connected, and read through that connection', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const tracker = await openTracker(endpoint)
  const refused = await beginFromEndpoint(tracker.deps, open, { by })
  expect(refused).toMatchObject({ ok: false, code: 'needs_credential' })

  const unread = await tracker.addUnread()
  expect(unread).toMatchObject({ kind: 'graphql', revision: 0, toolCount: 0, origins: ['https://tracker.example.com'] })
  const connection = await tracker.connect('main', TOKEN)
  // Nobody but admins sees it yet, and a call finds nothing.
  const catalog = await loadCatalog(tracker.db, ada)
  expect(catalog.integrations.map(({ slug }) => slug)).toEqual(['helpdesk'])
  const call = await prepareCall(tracker.deps, catalog, { principal: ada, address: 'tracker.viewer', input: {} })
  expect(call).toMatchObject({ ok: false, error: { code: 'unknown_integration' } })

  const begun = await tracker.readThrough(connection.id)
  if (!begun.ok) throw new Error(begun.message)
  const row = await findImport(tracker.db, begun.importId)
  if (row === undefined) throw new Error('no import')
  expect(await changesOf(tracker.db, unread, row)).toMatchObject({ added: NAMES, removed: [], origins: [] })
  const updated = await updateIntegrationFrom(tracker.deps, { importId: begun.importId, origins: [], by })
  expect(updated).toMatchObject({ ok: true })
  expect(await tracker.current()).toMatchObject({
    revision: 1,
    toolCount: 6,
    title: 'Tracker',
    origin: { ...open, connection: connection.id },
  })
  const after = await loadCatalog(tracker.db, ada)
  expect(after.integrations.map(({ slug }) => slug)).toEqual(['helpdesk', 'tracker'])
})

test('a slug is taken once', async () => {
  const tracker = await openTracker(graphQlEndpoint({ token: TOKEN }))
  await tracker.addUnread()
  const again = { title: 'Tracker', origin: open, by }
  expect(await addUnread(tracker.deps, { ...again, slug: 'tracker' })).toMatchObject({ ok: false, field: 'slug' })
  expect(await addUnread(tracker.deps, { ...again, slug: 'no way' })).toMatchObject({ ok: false, field: 'slug' })
  expect(await addUnread(tracker.deps, { ...again, slug: 'b', title: ' ' })).toMatchObject({ field: 'title' })
})

async function readTracker(endpoint: Endpoint) {
  const tracker = await openTracker(endpoint)
  await tracker.addUnread()
  const connection = await tracker.connect('main', TOKEN)
  const begun = await tracker.readThrough(connection.id)
  if (!begun.ok) throw new Error(begun.message)
  await updateIntegrationFrom(tracker.deps, { importId: begun.importId, origins: [], by })
  return { tracker, connection }
}

test('a schema that has changed waits for an admin, by cron as well, and one that has not is not read again', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const { tracker } = await readTracker(endpoint)
  const refresh = async () => refreshIntegration(tracker.deps, await tracker.current(), EXECUTOR)
  expect(await refresh()).toEqual({ ok: true, changed: false })

  endpoint.sdl = SDL.replace('viewer: User', 'viewer: User\n  me: User').replace('deleteIssue(id: ID!): Boolean', '')
  const tomorrow = Date.now() + 27 * 60 * 60_000
  await tendImports(tracker.deps, tomorrow)
  expect(await findOpenImport(tracker.db, (await tracker.current()).id)).toMatchObject({ state: 'read' })
  expect(await tracker.names()).toEqual(NAMES)
  const found = await refresh()
  if (!found.ok || !found.changed) throw new Error('nothing waits')
  const row = await findImport(tracker.db, found.importId)
  if (row === undefined) throw new Error('no import')
  expect(await changesOf(tracker.db, await tracker.current(), row)).toMatchObject({
    added: ['me'],
    removed: ['deleteIssue'],
  })
  await updateIntegrationFrom(tracker.deps, { importId: found.importId, origins: [], by })
  expect(await tracker.names()).toContain('me')
})

test('without a usable connection the schema in force stays, and the integration says why', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const { tracker, connection } = await readTracker(endpoint)
  const refresh = async (who = EXECUTOR) => refreshIntegration(tracker.deps, await tracker.current(), who)

  endpoint.token = 'another-token-by-now'
  expect(await refresh()).toMatchObject({
    ok: false,
    message: expect.stringContaining('does not show its schema to who is not signed in'),
  })
  expect((await tracker.current()).checkError).toContain('Sign in first')

  await deleteConnection(tracker.db, connection.id)
  expect(await refresh()).toMatchObject({ ok: false, message: expect.stringContaining('is gone') })
  expect(await tracker.names()).toEqual(NAMES)
})

test('a personal connection reads when its owner asks, and for nobody else', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const tracker = await openTracker(endpoint)
  await tracker.addUnread()
  const mine = await tracker.connect('mine', TOKEN, 'me')
  const integrationId = (await tracker.current()).id
  const origin = { ...open, connection: mine.id }
  tracker.forget()
  for (const other of [bob.id, EXECUTOR]) {
    const refused = await beginFromEndpoint(tracker.deps, origin, { by: other, integrationId })
    expect(refused).toMatchObject({ ok: false, code: 'personal_connection' })
  }
  // Nor does one of another integration.
  const elsewhere = await beginFromEndpoint(tracker.deps, origin, { by, integrationId: 'int_other' })
  expect(elsewhere).toMatchObject({ ok: false, code: 'no_connection' })
  expect(tracker.received).toEqual([])
  expect(await beginFromEndpoint(tracker.deps, origin, { by, integrationId })).toMatchObject({ ok: true })
})

test('the credential goes to no other host, even when the origin names one', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const { tracker, connection } = await readTracker(endpoint)
  tracker.forget()
  const origin = { ...open, url: 'https://thief.example.com/graphql', connection: connection.id }
  const refused = await beginFromEndpoint(tracker.deps, origin, { by, integrationId: connection.integrationId })
  expect(refused).toMatchObject({ ok: false, code: 'not_confirmed' })
  expect(tracker.received).toEqual([])
})

test('a schema that repeats the credential is not kept, and neither is an error that does', async () => {
  const endpoint = graphQlEndpoint({ token: TOKEN })
  const { tracker, connection } = await readTracker(endpoint)
  endpoint.sdl = `"The token is ${TOKEN}" ${SDL.trim()}`
  const read = () => tracker.readThrough(connection.id)
  expect(await read()).toMatchObject({ ok: false, code: 'holds_credential' })
  endpoint.answer = async () => Response.json({ errors: [{ message: `No, ${TOKEN}!` }] })
  const refused = await read()
  expect(refused).toMatchObject({ ok: false })
  expect(JSON.stringify(refused)).not.toContain(TOKEN)
})
