import { beforeEach, expect, test } from 'vitest'
import type { AuthMethod } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { findConnection, listConnections } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { insertIntegration, type IntegrationRow, updateIntegration } from '../db/integrations.ts'
import { createOutbound } from '../net/outbound.ts'
import { freshDatabase } from '../testing/database.ts'
import { credentialFor } from './attach.ts'
import { createConnection, type Managed, removeConnection, testConnection, updateConnection } from './manage.ts'
import { unconfirmedOrigins } from './origins.ts'
import type { Probe } from './probe.ts'
import { createVault } from './seal.ts'
import { listVisibleConnections } from './visible.ts'
import { person } from '../testing/people.ts'

const SECRET = 'hunter2-very-secret'
const BEARER: AuthMethod = {
  id: 'bearer',
  label: 'Bearer token',
  fields: [{ name: 'token', label: 'Token', isSecret: true }],
  placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
}
const BASIC: AuthMethod = {
  id: 'basic',
  label: 'User and password',
  fields: [
    { name: 'user', label: 'User', isSecret: false },
    { name: 'password', label: 'Password', isSecret: true },
  ],
  placements: [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }],
}
const NONE: AuthMethod = { id: 'none', label: 'None', fields: [], placements: [] }

const ada = person('ada@example.com', true)
const grace = person('grace@example.com', false)
const eve = person('eve@example.com', false)
const robot: Principal = { kind: 'service', id: 'service:robot', name: 'robot', isAdmin: false }

let db: Database
let integration: IntegrationRow
/** What the upstream answers, and what it was asked. */
let answer: (request: Request) => Response | Promise<Response>
let asked: Request[]

beforeEach(async () => {
  db = await freshDatabase()
  const [row] = await insertIntegration(db, {
    id: 'int_1',
    slug: 'github',
    kind: 'openapi',
    title: 'GitHub',
    origin: { kind: 'paste' },
    baseUrl: 'https://api.example.com/v3',
    authMethods: [BEARER, BASIC, NONE],
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  }).returning()
  if (!row) throw new Error('no integration')
  integration = row
  asked = []
  answer = () => Response.json({})
})

function depsOf(principal: Principal) {
  const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })
  const outbound = createOutbound({
    allowLocalNetwork: false,
    resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
    fetch: async (request) => {
      asked.push(request)
      return answer(request)
    },
  })
  return { db, vault, outbound, principal }
}

function create(principal: Principal, overrides: Partial<Parameters<typeof createConnection>[1]> = {}) {
  const input = { integration, method: BEARER, values: { token: SECRET }, owner: 'org', slug: 'work', probe: getUser }
  return createConnection(depsOf(principal), { ...input, ...overrides })
}

const getUser: Probe = async (fetch) => {
  const response = await fetch(new Request(`${integration.baseUrl}/user`))
  return { status: response.status, message: response.ok ? '' : await response.text() }
}

function connectionOf(managed: Managed) {
  if (!managed.ok) throw new Error(managed.message)
  return managed.connection
}

test('a connection is sealed, pinned to its host, and tested with its credential', async () => {
  const connection = connectionOf(await create(ada))
  expect(connection).toMatchObject({
    slug: 'work',
    owner: 'org',
    values: {},
    origins: ['https://api.example.com'],
    health: 'ok',
    healthReason: null,
    checkedAt: expect.any(Number),
  })
  expect(connection.sealed).toMatch(/^v1\./)
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET https://api.example.com/v3/user'])
  expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
})

test('secrets are in no row, no listing and no refusal', async () => {
  await create(ada)
  const refused = await create(ada, { values: { token: `${SECRET}\n` }, slug: 'bad slug' })
  const stored = await db.$client.prepare('SELECT * FROM connections').all()
  for (const shown of [refused, stored.results, await listConnections(db), await listVisibleConnections(db, ada)]) {
    expect(JSON.stringify(shown)).not.toContain(SECRET)
  }
  expect(JSON.stringify(await listVisibleConnections(db, ada))).not.toContain('v1.')
})

test('a user name is stored to be shown, its password is not', async () => {
  const connection = connectionOf(await create(ada, { method: BASIC, values: { user: 'ada', password: SECRET } }))
  expect(connection.values).toEqual({ user: 'ada' })
  expect(JSON.stringify(connection)).not.toContain(SECRET)
  expect(asked[0]?.headers.get('authorization')).toBe(`Basic ${btoa(`ada:${SECRET}`)}`)
})

test.each([
  ['is missing', {}, 'Fill in Token.'],
  ['is empty', { token: '  ' }, 'Fill in Token.'],
  ['has a line break', { token: 'a\r\nX-Admin: 1' }, 'line break'],
  ['is too long', { token: 'x'.repeat(9000) }, '8192'],
  ['no header can carry', { token: 'tok€n' }, 'header'],
])('a value that %s is refused, and nothing is stored or sent', async (_, values, message) => {
  expect(await create(ada, { values })).toMatchObject({
    ok: false,
    field: 'value',
    name: 'token',
    message: expect.stringContaining(message),
  })
  expect(await listConnections(db)).toEqual([])
  expect(asked).toEqual([])
})

test('a name is an identifier, and taken only once in an integration', async () => {
  for (const slug of ['', 'my work', '1st', 'a-b', 'a.b', 'a@b', 'x'.repeat(65)]) {
    expect(await create(ada, { slug })).toMatchObject({ ok: false, field: 'connection' })
  }
  await create(ada)
  expect(await create(grace, { owner: 'me' })).toMatchObject({ ok: false, message: expect.stringContaining('already') })
  expect(await listConnections(db)).toHaveLength(1)
})

test('two who take the same name at once get one connection and one refusal', async () => {
  const both = await Promise.all([create(ada), create(grace, { owner: 'me' })])
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  expect(both.find(({ ok }) => !ok)).toMatchObject({ field: 'connection' })
})

test('admins connect for everyone, members for themselves, services for nobody', async () => {
  expect(await create(grace)).toMatchObject({ ok: false, field: 'owner' })
  expect(await create(robot)).toMatchObject({ ok: false, field: 'owner' })
  expect(await create(robot, { owner: 'me' })).toMatchObject({ ok: false, field: 'owner' })
  expect(await create(ada, { owner: 'person:grace@example.com' })).toMatchObject({ ok: false, field: 'owner' })
  expect(await create(grace, { owner: 'me' })).toMatchObject({ ok: true, connection: { owner: grace.id } })
})

test('an admin may describe a credential that the document does not, with several fields', async () => {
  const method: AuthMethod = {
    id: 'custom',
    label: 'Two keys',
    fields: [
      { name: 'id', label: 'Id', isSecret: false },
      { name: 'key', label: 'Key', isSecret: true },
    ],
    placements: [
      { in: 'header', name: 'X-Key', template: 'Token {key}' },
      { in: 'query', name: 'id', template: '{id}' },
    ],
  }
  const values = { id: 'ada', key: SECRET }
  expect(await create(grace, { owner: 'me', method, values })).toMatchObject({ ok: false, field: 'method' })
  expect(await create(ada, { method, values })).toMatchObject({ ok: true })
  expect(asked[0]?.url).toBe('https://api.example.com/v3/user?id=ada')
  expect(asked[0]?.headers.get('x-key')).toBe(`Token ${SECRET}`)
})

test('a declared method that somebody changed is not declared any more', async () => {
  const method: AuthMethod = { ...BEARER, placements: [{ in: 'query', name: 'leak', template: '{token}' }] }
  expect(await create(grace, { owner: 'me', method })).toMatchObject({ ok: false, field: 'method' })
})

test.each<[string, Partial<AuthMethod>]>([
  ['a header that is no name', { placements: [{ in: 'header', name: 'X Key', template: '{token}' }] }],
  ['a header with a line break', { placements: [{ in: 'header', name: 'X-Key\r\nX-Admin', template: '{token}' }] }],
  ['the Host header', { placements: [{ in: 'header', name: 'Host', template: '{token}' }] }],
  ['the length of the body', { placements: [{ in: 'header', name: 'Content-Length', template: '{token}' }] }],
  ['the media type', { placements: [{ in: 'header', name: 'Content-Type', template: '{token}' }] }],
  ['all cookies at once', { placements: [{ in: 'header', name: 'Cookie', template: '{token}' }] }],
  ['a cookie that is two', { placements: [{ in: 'cookie', name: 'a=b; sid', template: '{token}' }] }],
  [
    'one header twice',
    {
      placements: [
        { in: 'header', name: 'X-Key', template: '{token}' },
        { in: 'header', name: 'x-key', template: 'b {token}' },
      ],
    },
  ],
  ['a parameter without a name', { placements: [{ in: 'query', name: '', template: '{token}' }] }],
  ['a field that does not exist', { placements: [{ in: 'header', name: 'X-Key', template: '{tokn}' }] }],
  ['a field that goes nowhere', { placements: [{ in: 'header', name: 'X-Key', template: 'fixed' }] }],
  ['no placement', { placements: [] }],
  ['two fields of one name', { fields: [...BEARER.fields, ...BEARER.fields] }],
  ['a field named like no field', { fields: [{ name: 'to ken', label: 'Token', isSecret: true }] }],
  ['no label', { label: ' ' }],
])('a description with %s is refused', async (_, change) => {
  const method = { ...BEARER, id: 'custom', ...change }
  expect(await create(ada, { method })).toMatchObject({ ok: false, field: 'method' })
})

test.each([401, 403])(
  'an upstream that answers %s makes it failing, with its own words and without the secret',
  async (status) => {
    answer = () => Response.json({ message: `Bad credentials: ${SECRET}` }, { status })
    const connection = connectionOf(await create(ada))
    expect(connection.health).toBe('failing')
    expect(connection.healthReason).toContain(`${status}`)
    expect(connection.healthReason).toContain('Bad credentials')
    expect(connection.healthReason).not.toContain(SECRET)
  },
)

test('an upstream that cannot be reached makes it failing', async () => {
  answer = () => Promise.reject(new TypeError('network'))
  expect(connectionOf(await create(ada))).toMatchObject({
    health: 'failing',
    healthReason: expect.stringContaining('reached'),
  })
})

test('an answer that shows nothing about the credential leaves it untested', async () => {
  answer = () => new Response('no such page', { status: 404 })
  expect(connectionOf(await create(ada))).toMatchObject({
    health: 'untested',
    healthReason: expect.stringContaining('404'),
  })
})

test('without a harmless call its base address is asked, which shows a refusal only', async () => {
  expect(connectionOf(await create(ada, { probe: async () => null }))).toMatchObject({ health: 'untested' })
  answer = () => Response.json({ error: { message: 'token expired' } }, { status: 401 })
  expect(connectionOf(await create(ada, { slug: 'other', probe: undefined }))).toMatchObject({
    health: 'failing',
    healthReason: expect.stringContaining('token expired'),
  })
  expect(asked.map(({ url }) => url)).toEqual(['https://api.example.com/v3', 'https://api.example.com/v3'])
})

test('a connection without a credential sends none', async () => {
  const connection = connectionOf(await create(ada, { method: NONE, values: {} }))
  expect(connection).toMatchObject({ sealed: null, health: 'ok' })
  expect(asked[0]?.headers.get('authorization')).toBeNull()
})

test('it is tested again on demand, by those who may change it', async () => {
  const connection = connectionOf(await create(ada))
  answer = () => new Response('revoked', { status: 401 })
  expect(await testConnection(depsOf(grace), connection, getUser)).toMatchObject({ ok: false })
  expect(connectionOf(await testConnection(depsOf(ada), connection, getUser))).toMatchObject({ health: 'failing' })
  expect(await findConnection(db, connection.id)).toMatchObject({ health: 'failing' })
})

test('a new secret replaces the old one, and an empty field keeps it', async () => {
  const made = connectionOf(await create(ada, { method: BASIC, values: { user: 'ada', password: SECRET } }))
  const renamed = connectionOf(
    await updateConnection(depsOf(ada), made, { values: { user: 'root', password: '' }, probe: getUser }),
  )
  expect(renamed.values).toEqual({ user: 'root' })
  expect(asked.at(-1)?.headers.get('authorization')).toBe(`Basic ${btoa(`root:${SECRET}`)}`)
  await updateConnection(depsOf(ada), renamed, { values: { user: 'root', password: 'next' }, probe: getUser })
  expect(asked.at(-1)?.headers.get('authorization')).toBe(`Basic ${btoa('root:next')}`)
})

test('a secret that does not open any more has to be typed again', async () => {
  const made = connectionOf(await create(ada))
  const vault = createVault({ key: 'fedcba98765432100123456789abcdeff0e1d2c3b4a5968778695a4b3c2d1e0f' })
  const deps = { ...depsOf(ada), vault }
  expect(connectionOf(await testConnection(deps, made))).toMatchObject({ health: 'failing' })
  expect(await updateConnection(deps, made, { values: {} })).toMatchObject({ ok: false, field: 'value', name: 'token' })
  expect(await updateConnection(deps, made, { values: { token: 'again' }, probe: getUser })).toMatchObject({ ok: true })
})

test('when the integration moves, the credential stays until somebody confirms the new host', async () => {
  const made = connectionOf(await create(ada))
  await updateIntegration(db, integration.id, { baseUrl: 'https://api.moved.example/v3' })
  integration = { ...integration, baseUrl: 'https://api.moved.example/v3' }
  asked = []
  expect(connectionOf(await testConnection(depsOf(ada), made, getUser))).toMatchObject({
    health: 'failing',
    healthReason: expect.stringContaining('https://api.moved.example'),
  })
  expect(asked).toEqual([])
  const confirmOrigins = ['https://api.moved.example']
  const confirmed = connectionOf(await updateConnection(depsOf(ada), made, { confirmOrigins, probe: getUser }))
  expect(confirmed).toMatchObject({ origins: ['https://api.moved.example'], health: 'ok' })
  expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
})

/** The integration sends some calls to these hosts too, as an admin has confirmed in a review of its document. */
async function alsoAt(...more: string[]) {
  integration = { ...integration, origins: ['https://api.example.com', ...more] }
  await updateIntegration(db, integration.id, { origins: integration.origins })
}

test('a connection is for every host that its integration has when it is made', async () => {
  await alsoAt('https://uploads.example.com')
  const { origins } = connectionOf(await create(ada))
  expect(origins).toEqual(['https://api.example.com', 'https://uploads.example.com'])
})

test('a host that comes later gets no credential until it is confirmed, and only those do that were shown', async () => {
  const made = connectionOf(await create(ada))
  await alsoAt('https://uploads.example.com', 'https://late.example.com')
  expect(unconfirmedOrigins(integration, made)).toEqual(['https://uploads.example.com', 'https://late.example.com'])
  const confirmOrigins = ['https://uploads.example.com', 'https://evil.example.net']
  expect(await updateConnection(depsOf(grace), made, { confirmOrigins })).toMatchObject({ ok: false })
  const confirmed = connectionOf(await updateConnection(depsOf(ada), made, { confirmOrigins, probe: getUser }))
  expect(confirmed.origins).toEqual(['https://api.example.com', 'https://uploads.example.com'])
  expect(unconfirmedOrigins(integration, confirmed)).toEqual(['https://late.example.com'])
})

test('a host that an integration has left is forgotten with the next confirmation', async () => {
  await alsoAt('https://uploads.example.com')
  const made = connectionOf(await create(ada))
  await alsoAt('https://files.example.com')
  const confirmed = connectionOf(
    await updateConnection(depsOf(ada), made, { confirmOrigins: ['https://files.example.com'], probe: getUser }),
  )
  expect(confirmed.origins).toEqual(['https://api.example.com', 'https://files.example.com'])
})

test('a connection without a credential has nothing to confirm', async () => {
  const made = connectionOf(await create(ada, { method: NONE, values: {} }))
  await alsoAt('https://uploads.example.com')
  expect(unconfirmedOrigins(integration, made)).toEqual([])
})

test('a declared method is one with what the document says of OAuth and without, and is stored without', async () => {
  const oauth = { field: 'token', flows: [], openIdConnectUrl: 'https://id.example.com' }
  integration = { ...integration, authMethods: [{ ...BEARER, oauth }] }
  const full = await create(grace, { owner: 'me', slug: 'full', method: { ...BEARER, oauth } })
  expect(connectionOf(full).method).toEqual(BEARER)
  expect(await create(grace, { owner: 'me', slug: 'plain' })).toMatchObject({ ok: true })
})

test('an optional password may be empty, and is kept when only the user changes', async () => {
  const [user, password] = BASIC.fields
  const method: AuthMethod = {
    ...BASIC,
    fields: [
      { ...user, name: 'user', label: 'Key', isSecret: true },
      { ...password, name: 'password', label: 'Password', isSecret: true, isOptional: true },
    ],
  }
  integration = { ...integration, authMethods: [method] }
  const made = connectionOf(await create(ada, { method, values: { user: 'sk_live', password: '' } }))
  expect(asked.at(-1)?.headers.get('authorization')).toBe(`Basic ${btoa('sk_live:')}`)
  expect(made.values).toEqual({})
  await updateConnection(depsOf(ada), made, { values: { user: 'sk_next', password: '' }, probe: getUser })
  expect(asked.at(-1)?.headers.get('authorization')).toBe(`Basic ${btoa('sk_next:')}`)
})

test.each(['Bearer abc', 'bearer  abc', 'abc'])('“%s”, pasted as a bearer token, is sent once', async (token) => {
  await create(ada, { values: { token } })
  expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer abc')
})

test('a default takes the place of the one before with the same owner', async () => {
  const first = connectionOf(await create(ada, { isDefault: true }))
  const mine = connectionOf(await create(grace, { owner: 'me', slug: 'mine', isDefault: true }))
  const second = connectionOf(await create(ada, { slug: 'second' }))
  await updateConnection(depsOf(ada), second, { isDefault: true })
  const defaults = (await listConnections(db)).filter(({ isDefault }) => isDefault).map(({ id }) => id)
  expect(defaults.toSorted()).toEqual([mine.id, second.id].toSorted())
  expect(await findConnection(db, first.id)).toMatchObject({ isDefault: false })
})

test('nobody changes what belongs to others, and an admin only removes it', async () => {
  const org = connectionOf(await create(ada))
  const graces = connectionOf(await create(grace, { owner: 'me', slug: 'mine' }))
  expect(await updateConnection(depsOf(grace), org, { slug: 'mine2' })).toMatchObject({ ok: false })
  expect(await removeConnection(depsOf(grace), org)).toMatchObject({ ok: false })
  expect(await removeConnection(depsOf(robot), org)).toMatchObject({ ok: false })
  for (const other of [eve, ada]) {
    expect(await updateConnection(depsOf(other), graces, { values: { token: 'x' } })).toMatchObject({ ok: false })
    expect(await testConnection(depsOf(other), graces)).toMatchObject({ ok: false })
  }
  expect(await removeConnection(depsOf(eve), graces)).toMatchObject({ ok: false })
  expect(await removeConnection(depsOf(ada), graces)).toMatchObject({ ok: true })
  expect(await findConnection(db, graces.id)).toBeUndefined()
})

test('members see the org’s and their own, admins also that others’ exist', async () => {
  await create(ada, { method: BASIC, values: { user: 'org-user', password: 'p' } })
  await create(grace, { owner: 'me', slug: 'graces', method: BASIC, values: { user: 'grace-user', password: 'p' } })
  const slugs = async (principal: Principal) =>
    (await listVisibleConnections(db, principal)).map(({ slug, values }) => `${slug} ${values?.user ?? 'hidden'}`)
  expect(await slugs(grace)).toEqual(['graces grace-user', 'work org-user'])
  expect(await slugs(eve)).toEqual(['work org-user'])
  expect(await slugs(robot)).toEqual(['work org-user'])
  expect(await slugs(ada)).toEqual(['graces hidden', 'work org-user'])
})

test('a secret copied into another row does not open there', async () => {
  const org = connectionOf(await create(ada))
  const eves = connectionOf(await create(eve, { owner: 'me', slug: 'eves', values: { token: 'x' } }))
  await db.$client.prepare('UPDATE connections SET sealed = ? WHERE id = ?').bind(org.sealed, eves.id).run()
  const swapped = await findConnection(db, eves.id)
  if (!swapped) throw new Error('gone')
  expect(await credentialFor(swapped, depsOf(eve).vault)).toMatchObject({ ok: false, reason: 'sealed' })
})
