import { expect, test } from 'vitest'
import { createConnection } from '../connections/manage.ts'
import { updateIntegration } from '../db/integrations.ts'
import { insertPolicy } from '../db/policies.ts'
import { ada, type Helpdesk, importDocument, openHelpdesk, ORIGIN, SECRET, UPSTREAM } from '../testing/helpdesk.ts'
import { loadCatalog } from './catalog.ts'
import { prepareCall } from './prepare-call.ts'
import { probeFor } from './probe.ts'
import { sendCall } from './send-call.ts'

const UPLOADS = 'https://uploads.example.com'

/** An API whose operations ask for different things, and one of which is somewhere else. */
function mixedDocument(): object {
  const get = (operationId: string, rest: object = {}) => ({
    get: { operationId, responses: { 200: { description: 'ok' } }, ...rest },
  })
  return {
    openapi: '3.1.0',
    info: { title: 'Mixed', version: '1' },
    servers: [{ url: UPSTREAM }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        login: { type: 'http', scheme: 'basic' },
        key: { type: 'apiKey', in: 'query', name: 'api_key' },
      },
    },
    paths: {
      '/things': get('things.list'),
      '/entries': get('entries.list', { parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }] }),
      '/admin': get('admin.list', { security: [{ login: [] }, { key: [] }] }),
      '/health': get('health.get', { security: [] }),
      '/optional': get('optional.get', { security: [{}, { login: [] }] }),
      '/files': get('files.list', { servers: [{ url: UPLOADS }] }),
      '/status': get('status.get', { servers: [{ url: UPLOADS }], security: [] }),
    },
  }
}

/** The API, imported and connected with the methods of these ids, by connections of the same names. */
async function openMixed(methods: string[], respond = () => Response.json({ ok: true })): Promise<Helpdesk> {
  const desk = await openHelpdesk(respond)
  const integration = await importDocument(desk.deps, mixedDocument(), 'mixed')
  for (const id of methods) {
    const method = integration.authMethods.find((one) => one.id === id)
    if (!method) throw new Error(`no method ${id}`)
    const values = Object.fromEntries(method.fields.map(({ name }) => [name, SECRET]))
    const made = await createConnection(
      { ...desk.deps, principal: ada },
      { integration, method, values, owner: 'org', slug: id },
    )
    if (!made.ok) throw new Error(made.message)
  }
  desk.forget()
  return { ...desk, integration }
}

async function call({ deps }: Helpdesk, address: string, connection?: string, input: unknown = {}) {
  const invocation = { principal: ada, address, input, ...(connection !== undefined && { connection }) }
  const prepared = await prepareCall(deps, await loadCatalog(deps.db, ada), invocation)
  return prepared.ok ? sendCall(deps, prepared.call) : prepared
}

const authorization = ({ received }: Helpdesk) => received.map(({ headers }) => headers.get('authorization'))

test('a connection of another kind is refused before anything is sent, with what would do', async () => {
  const desk = await openMixed(['bearer'])
  expect(await call(desk, 'mixed.admin.list')).toMatchObject({
    ok: false,
    error: {
      code: 'connection_unsuitable',
      message: `mixed@bearer signs in with “Bearer token”, and mixed.admin.list takes “User name and password” or “API key (query api_key)”. A person can add a connection of that kind here: ${ORIGIN}/connections/new?integration=mixed`,
      details: { accepted: ['User name and password', 'API key (query api_key)'], connections: [] },
    },
  })
  expect(desk.received).toEqual([])
  expect(await call(desk, 'mixed.things.list')).toMatchObject({ ok: true })
})

test('where there is a connection that would do, it is named, and does', async () => {
  const desk = await openMixed(['bearer', 'key'])
  expect(await call(desk, 'mixed.admin.list', 'bearer')).toMatchObject({
    ok: false,
    error: {
      code: 'connection_unsuitable',
      message: expect.stringContaining('Call it through mixed@key, as in tools["mixed@key"].'),
    },
  })
  expect(await call(desk, 'mixed.admin.list', 'key')).toMatchObject({ ok: true })
  expect(await call(desk, 'mixed.things.list', 'key')).toMatchObject({
    ok: false,
    error: { code: 'connection_unsuitable' },
  })
  expect(desk.received.map(({ url }) => url)).toEqual([`${UPSTREAM}/admin?api_key=${SECRET}`])
})

test('it is refused before a person is asked to approve it', async () => {
  const desk = await openMixed(['bearer'])
  const rule = { id: 'pol_1', pattern: 'mixed.*', action: 'require_approval' as const }
  await insertPolicy(desk.db, { ...rule, createdBy: ada.id, createdAt: 1, updatedAt: 1 })
  expect(await call(desk, 'mixed.admin.list')).toMatchObject({ ok: false, error: { code: 'connection_unsuitable' } })
})

test('what an admin has described is never judged by the document', async () => {
  const desk = await openMixed([])
  const method = {
    id: '~custom',
    label: 'Header X-Gateway',
    fields: [{ name: 'secret', label: 'X-Gateway', isSecret: true }],
    placements: [{ in: 'header' as const, name: 'X-Gateway', template: '{secret}' }],
  }
  const given = { integration: desk.integration, method, values: { secret: SECRET }, owner: 'org', slug: 'own' }
  await createConnection({ ...desk.deps, principal: ada }, given)
  desk.forget()
  for (const name of ['admin.list', 'things.list', 'health.get']) {
    expect(await call(desk, `mixed.${name}`)).toMatchObject({ ok: true })
  }
  expect(desk.received.map(({ headers }) => headers.get('x-gateway'))).toEqual([SECRET, SECRET, SECRET])
})

test('an operation that takes no credential gets none, and one that takes one or none gets it', async () => {
  const desk = await openMixed(['bearer'])
  await call(desk, 'mixed.health.get')
  await call(desk, 'mixed.optional.get')
  expect(authorization(desk)).toEqual([null, `Bearer ${SECRET}`])
})

test('when the upstream refuses what was sent without a credential, that is said, and not the connection blamed', async () => {
  const desk = await openMixed(['bearer'], () => new Response(null, { status: 401 }))
  expect(await call(desk, 'mixed.health.get')).toMatchObject({
    ok: false,
    error: { status: 401, message: expect.stringMatching(/sent without a credential, as the document says/) },
  })
})

test('a server of an operation gets the credential when the connection was made for it', async () => {
  const desk = await openMixed(['bearer'])
  expect(desk.integration.origins).toEqual([UPSTREAM, UPLOADS])
  await call(desk, 'mixed.files.list')
  expect(desk.received).toMatchObject([{ url: `${UPLOADS}/files` }])
  expect(authorization(desk)).toEqual([`Bearer ${SECRET}`])
})

test('a server that nobody has confirmed gets neither the credential nor the call', async () => {
  const desk = await openMixed(['bearer'])
  await desk.deps.db.$client
    .prepare('UPDATE connections SET origins = ?')
    .bind(JSON.stringify([UPSTREAM]))
    .run()
  expect(await call(desk, 'mixed.files.list')).toMatchObject({
    ok: false,
    error: {
      code: 'connection_not_confirmed',
      message: expect.stringContaining(`is for ${UPSTREAM}, and this call goes to ${UPLOADS}`),
    },
  })
  expect(desk.received).toEqual([])
  // What needs no credential there may go there, and everything at the usual place is as it was.
  expect(await call(desk, 'mixed.status.get')).toMatchObject({ ok: true })
  expect(await call(desk, 'mixed.things.list')).toMatchObject({ ok: true })
  expect(authorization(desk)).toEqual([null, `Bearer ${SECRET}`])
})

test('a base URL that moved takes no credential along', async () => {
  const desk = await openMixed(['bearer'])
  await updateIntegration(desk.db, desk.integration.id, {
    baseUrl: 'https://evil.example.net',
    origins: ['https://evil.example.net'],
  })
  expect(await call(desk, 'mixed.things.list')).toMatchObject({
    ok: false,
    error: { code: 'connection_not_confirmed' },
  })
  expect(desk.received).toEqual([])
})

test('a redirect of the upstream takes no credential along', async () => {
  const answers: Response[] = []
  const desk = await openMixed(['bearer'], () => answers.shift() ?? Response.json({}))
  answers.push(Response.redirect('https://evil.example.net/in'), Response.json({ got: 'it' }))
  expect(await call(desk, 'mixed.things.list')).toMatchObject({ ok: true, data: { got: 'it' } })
  expect(desk.received.map(({ url }) => url)).toEqual([`${UPSTREAM}/things`, 'https://evil.example.net/in'])
  expect(authorization(desk)).toEqual([`Bearer ${SECRET}`, null])
})

test('a next page elsewhere is refused', async () => {
  const desk = await openMixed(['bearer'])
  for (const $next of [
    'https://evil.example.net/entries?page=2',
    `${UPLOADS}/entries?page=2`,
    '//evil.example.net/entries',
  ]) {
    expect(await call(desk, 'mixed.entries.list', 'bearer', { $next })).toMatchObject({
      ok: false,
      error: { code: 'invalid_arguments', message: expect.stringContaining('leads elsewhere') },
    })
  }
  expect(desk.received).toEqual([])
  expect(await call(desk, 'mixed.entries.list', 'bearer', { $next: `${UPSTREAM}/entries?page=2` })).toMatchObject({
    ok: true,
  })
})

test('a connection is tested with an operation that asks for what it has', async () => {
  const desk = await openMixed([])
  const tested = async (id: string) => {
    const method = desk.integration.authMethods.find((one) => one.id === id)
    const probe = method && (await probeFor(desk.db, desk.integration.id, method))
    const seen: string[] = []
    await probe?.((request) => {
      seen.push(new URL(request.url).pathname)
      return Promise.resolve(Response.json({}))
    })
    return seen
  }
  expect(await tested('login')).toEqual(['/admin'])
  expect(await tested('key')).toEqual(['/admin'])
  // Never one that takes no credential: its answer would say nothing of it.
  expect(['/things', '/entries', '/files', '/optional']).toEqual(expect.arrayContaining(await tested('bearer')))
})

test('the catalog, which every request reads, has of auth methods only what calls need', async () => {
  const desk = await openMixed([])
  const [bearer, ...others] = desk.integration.authMethods
  const scopes = { read: 'Read' }
  const oauth = { field: 'token', flows: [{ grant: 'authorization_code' as const, scopes }] }
  const authMethods = bearer ? [{ ...bearer, description: 'Long', oauth }, ...others] : []
  await updateIntegration(desk.db, desk.integration.id, { authMethods })
  const { integrations } = await loadCatalog(desk.db, ada)
  expect(integrations.find(({ slug }) => slug === 'mixed')?.authMethods).toEqual([bearer, ...others])
})
