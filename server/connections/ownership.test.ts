// Who may do what with connections: the table of docs/connections.md, asked of the functions that decide, cell by cell.
import { beforeEach, expect, test } from 'vitest'
import page from '../../docs/connections.md?raw'
import type { AuthMethod } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { findConnection } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { findIntegration, type IntegrationRow } from '../db/integrations.ts'
import { createOutbound } from '../net/outbound.ts'
import { freshDatabase } from '../testing/database.ts'
import { ada, DECLARED, grace, ORIGIN, robot } from '../testing/oauth-desk.ts'
import { BEARER, importScripted } from '../testing/scripted-import.ts'
import { ISSUER, scriptedOAuth, type ScriptedOAuth } from '../testing/scripted-oauth.ts'
import { loadCatalog, resolveConnection, usableConnections } from '../tools/catalog.ts'
import { prepareCall } from '../tools/prepare-call.ts'
import { ACCESS_PERSON } from './built-in-methods.ts'
import {
  createConnection,
  type Managed,
  type NewConnection,
  removeConnection,
  testConnection,
  updateConnection,
} from './manage.ts'
import { beginSignIn, type SignIn } from './oauth/begin.ts'
import { removeOwnApp, saveOwnApp } from './oauth/clients.ts'
import { pollDevice } from './oauth/device.ts'
import { finishSignIn } from './oauth/finish.ts'
import { connectMachine } from './oauth/machine.ts'
import { createVault } from './seal.ts'
import { listVisibleConnections } from './visible.ts'
import { person } from '../testing/people.ts'

const eve = person('eve@example.com')
const OAUTH: AuthMethod = {
  ...BEARER,
  id: 'oauth2',
  label: 'Access token',
  oauth: {
    ...DECLARED,
    flows: [
      ...DECLARED.flows,
      { grant: 'client_credentials', tokenUrl: `${ISSUER}/token`, scopes: {} },
      {
        grant: 'device_code',
        deviceAuthorizationUrl: `${ISSUER}/device`,
        tokenUrl: `${ISSUER}/token`,
        scopes: {},
      },
    ],
  },
}

const ROLES = { Admins: ada, 'Its person': grace, 'Other members': eve, 'Service tokens': robot }
type Role = keyof typeof ROLES
const roles: Role[] = ['Admins', 'Its person', 'Other members', 'Service tokens']

let db: Database
let server: ScriptedOAuth
let integration: IntegrationRow
let count: number

beforeEach(async () => {
  db = await freshDatabase()
  server = scriptedOAuth()
  count = 0
  const tools = [{ operation: 'GET /a', suggestedName: 'a.get' }]
  const { integrationId } = await importScripted(db, 'github', { tools, authMethods: [BEARER, OAUTH] })
  const found = await findIntegration(db, integrationId)
  if (!found) throw new Error('no integration')
  integration = found
})

/** The API is behind Access, and takes every credential. */
const outbound = createOutbound({
  allowLocalNetwork: false,
  resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
  fetch: async (request) => {
    if (new URL(request.url).origin === ISSUER) return server.fetch(request)
    if (request.headers.has('authorization')) return Response.json({})
    return new Response(null, { status: 401, headers: { 'www-authenticate': 'Cloudflare-Access' } })
  },
})
const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })

const as = (principal: Principal) => ({ db, vault, outbound, principal, origin: ORIGIN })
const nextSlug = () => `c${++count}`

function create(who: Principal, input: Partial<NewConnection>): Promise<Managed> {
  const values = { token: 'hunter2-very-secret' }
  return createConnection(as(who), {
    integration,
    method: BEARER,
    values,
    owner: 'org',
    slug: nextSlug(),
    ...input,
  })
}

/** A new one each time: what one role has done to it is not seen by the next. */
async function made(who: Principal, input: Partial<NewConnection>) {
  const managed = await create(who, input)
  if (!managed.ok) throw new Error(managed.message)
  return managed.connection
}

const ofOrg = () => made(ada, {})
const ofGrace = () => made(grace, { owner: 'me' })
const forwarding = () => made(ada, { method: ACCESS_PERSON, values: {} })

const signIn = (input: Partial<SignIn> = {}): SignIn => ({
  integration,
  method: OAUTH,
  owner: 'me',
  slug: nextSlug(),
  ...input,
})

async function enterApp() {
  const saved = await saveApp(ada)
  if (!saved.ok) throw new Error(saved.message)
  return saved.client
}

function saveApp(who: Principal) {
  const app = { clientId: 'own-app', clientSecret: 'own-secret', authMethod: 'client_secret_basic' as const }
  return saveOwnApp(as(who), { integration, method: OAUTH, ...app })
}

async function begun(who: Principal, input: Partial<SignIn>) {
  await enterApp()
  const began = await beginSignIn(as(who), signIn(input))
  if (!began.ok) throw new Error(began.message)
  return began.flow
}

async function signedIn(who: Principal, owner: 'org' | 'me') {
  const flow = await begun(who, { owner })
  const finished = await finishSignIn(as(who), server.authorize(flow.authorizationUrl))
  if (!finished.ok) throw new Error(finished.message)
  return finished.connection
}

/** By its address, as an agent does, and by being offered it. */
async function mayCall(who: Principal, { id, slug }: { id: string; slug: string }): Promise<boolean> {
  const catalog = await loadCatalog(db, who)
  const invocation = { principal: who, address: 'github.a.get', connection: slug, input: {} }
  const prepared = await prepareCall({ db, origin: ORIGIN }, catalog, invocation)
  const isUsable = usableConnections(catalog, who, integration.id).some((one) => one.id === id)
  const resolved = resolveConnection(catalog, who, 'github', slug, ORIGIN)
  expect([isUsable, resolved.ok]).toEqual([resolved.ok, isUsable])
  if (prepared.ok) expect(prepared.call.connection?.id).toBe(id)
  else expect(prepared.error.code).toBe(isUsable ? 'person_required' : 'connection_unknown')
  return prepared.ok
}

async function shown(who: Principal, { id }: { id: string }) {
  return (await listVisibleConnections(db, who)).find((one) => one.id === id)
}

/** Everything that changes one and leaves it there; all of it is allowed, or nothing is and nothing has changed. */
async function mayChange(who: Principal, connection: Awaited<ReturnType<typeof ofOrg>>): Promise<boolean> {
  const before = await findConnection(db, connection.id)
  const deps = as(who)
  const values = Object.fromEntries(connection.method.fields.map(({ name }) => [name, 'another-secret']))
  const outcomes = [
    await testConnection(deps, connection),
    await updateConnection(deps, connection, { values }),
    await updateConnection(deps, connection, { slug: nextSlug() }),
    await updateConnection(deps, connection, { isDefault: true }),
    await updateConnection(deps, connection, { confirmOrigins: ['https://github.example'] }),
  ].map(({ ok }) => ok)
  const [isAllowed = false] = outcomes
  expect(outcomes).toEqual(outcomes.map(() => isAllowed))
  if (!isAllowed) expect(await findConnection(db, connection.id)).toEqual(before)
  return isAllowed
}

async function mayRemove(who: Principal, connection: Awaited<ReturnType<typeof ofOrg>>): Promise<boolean> {
  const { ok } = await removeConnection(as(who), connection)
  expect((await findConnection(db, connection.id)) === undefined).toBe(ok)
  return ok
}

async function maySignIn(who: Principal, input: Partial<SignIn>): Promise<boolean> {
  await enterApp()
  const { ok: inBrowser } = await beginSignIn(as(who), signIn(input))
  const { ok: onDevice } = await beginSignIn(as(who), signIn({ ...input, grant: 'device_code' }))
  const { ok: asApplication } = await connectMachine(as(who), signIn(input))
  expect([onDevice, asApplication]).toEqual([inBrowser, inBrowser])
  return inBrowser
}

interface Rule {
  what: string
  /** In the order of `roles`: null where the role is another one for it. */
  cells: readonly (boolean | null)[]
  may: (who: Principal) => Promise<boolean>
}

const EVERYONE = 'A connection for everyone'
const PERSONAL = 'A personal connection'
const FORWARDING = 'One that calls as whoever asks'
const FLOW = 'A sign-in under way'
const APP = 'An app of your own'

const TABLE: Record<string, readonly Rule[]> = {
  [EVERYONE]: [
    { what: 'call through it', cells: [true, null, true, true], may: async (who) => mayCall(who, await ofOrg()) },
    {
      what: 'see it, and whose account it is',
      cells: [true, null, true, true],
      may: async (who) => {
        const seen = await shown(who, await ofOrg())
        return seen !== undefined && seen.values !== null
      },
    },
    { what: 'add it', cells: [true, null, false, false], may: async (who) => (await create(who, {})).ok },
    {
      what: 'add it by signing in',
      cells: [true, null, false, false],
      may: (who) => maySignIn(who, { owner: 'org' }),
    },
    {
      what: 'test, change or repair it',
      cells: [true, null, false, false],
      may: async (who) => mayChange(who, await ofOrg()),
    },
    {
      what: 'sign in again',
      cells: [true, null, false, false],
      may: async (who) => maySignIn(who, { connection: await signedIn(ada, 'org') }),
    },
    { what: 'remove it', cells: [true, null, false, false], may: async (who) => mayRemove(who, await ofOrg()) },
  ],
  [PERSONAL]: [
    { what: 'call through it', cells: [false, true, false, false], may: async (who) => mayCall(who, await ofGrace()) },
    {
      what: 'see that it exists',
      cells: [true, true, false, false],
      may: async (who) => (await shown(who, await ofGrace())) !== undefined,
    },
    {
      what: 'see its values, and whose account it is',
      cells: [false, true, false, false],
      may: async (who) => {
        const connection = await ofGrace()
        await db.$client
          .prepare("UPDATE connections SET identity = 'grace-hopper', health_reason = 'It says so.' WHERE id = ?")
          .bind(connection.id)
          .run()
        const seen = await shown(who, connection)
        const isTold = JSON.stringify(seen ?? null).includes('grace-hopper')
        expect([seen?.identity ?? null, seen?.healthReason ?? null, seen?.values ?? null]).toEqual(
          isTold ? ['grace-hopper', 'It says so.', {}] : [null, null, null],
        )
        return isTold
      },
    },
    {
      what: 'add one for oneself',
      cells: [true, true, true, false],
      may: async (who) => {
        const managed = await create(who, { owner: 'me' })
        if (managed.ok) expect(managed.connection.owner).toBe(who.id)
        return managed.ok
      },
    },
    {
      what: 'add one for oneself by signing in',
      cells: [true, true, true, false],
      may: (who) => maySignIn(who, { owner: 'me' }),
    },
    {
      what: 'add one for somebody else',
      cells: [false, false, false, false],
      may: async (who) => {
        const other = who.id === grace.id ? eve : grace
        return (await create(who, { owner: other.id })).ok
      },
    },
    {
      what: 'test, change or repair it',
      cells: [false, true, false, false],
      may: async (who) => mayChange(who, await ofGrace()),
    },
    {
      what: 'sign in again',
      cells: [false, true, false, false],
      may: async (who) => maySignIn(who, { connection: await signedIn(grace, 'me') }),
    },
    { what: 'remove it', cells: [true, true, false, false], may: async (who) => mayRemove(who, await ofGrace()) },
  ],
  [FORWARDING]: [
    {
      what: 'call through it, as oneself',
      cells: [true, null, true, false],
      may: async (who) => mayCall(who, await forwarding()),
    },
    {
      what: 'add it, for everyone',
      cells: [true, null, false, false],
      may: async (who) => (await create(who, { method: ACCESS_PERSON, values: {} })).ok,
    },
    {
      what: 'add it for oneself',
      cells: [false, null, false, false],
      may: async (who) => (await create(who, { method: ACCESS_PERSON, values: {}, owner: 'me' })).ok,
    },
    { what: 'change it', cells: [true, null, false, false], may: async (who) => mayChange(who, await forwarding()) },
    { what: 'remove it', cells: [true, null, false, false], may: async (who) => mayRemove(who, await forwarding()) },
  ],
  [FLOW]: [
    {
      what: 'finish it',
      cells: [false, true, false, false],
      may: async (who) => {
        const flow = await begun(grace, {})
        const { ok } = await finishSignIn(as(who), server.authorize(flow.authorizationUrl))
        const device = await begun(grace, { grant: 'device_code' })
        const polled = await pollDevice(as(who), device)
        expect(polled.ok).toBe(ok ? 'pending' : false)
        return ok
      },
    },
  ],
  [APP]: [
    { what: 'enter it', cells: [true, null, false, false], may: async (who) => (await saveApp(who)).ok },
    {
      what: 'sign in through it',
      cells: [true, null, true, false],
      may: (who) => maySignIn(who, { owner: 'me' }),
    },
    {
      what: 'remove it',
      cells: [true, null, false, false],
      may: async (who) => (await removeOwnApp(as(who), await enterApp())).ok,
    },
  ],
}

const listed = Object.entries(TABLE).flatMap(([subject, rules]) => rules.map((rule) => ({ subject, ...rule })))

test.each(listed)('$subject: $what', async ({ cells, may }) => {
  const answered: (boolean | null)[] = []
  for (const [index, role] of roles.entries()) {
    answered.push(cells[index] === null ? null : await may(ROLES[role]))
  }
  expect(answered).toEqual(cells)
})

test('the documentation has the same table', () => {
  const section = page.split('\n## ').find((one) => one.startsWith('Who may do what')) ?? ''
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
  const written = (cell: boolean | null) => (cell === null ? '–' : cell ? 'yes' : 'no')
  const expected = Object.entries(TABLE).flatMap(([subject, rules]) =>
    rules.map(({ what, cells }, index) => [index === 0 ? subject : '', what, ...cells.map(written)]),
  )
  const [header, , ...body] = rows
  expect(header).toEqual(['', '', ...roles])
  expect(body).toEqual(expected)
})
