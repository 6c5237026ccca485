import { beforeEach, expect, test } from 'vitest'
import { connections } from '../../../drizzle/schema.ts'
import type { OAuth } from '../../../drizzle/shapes.ts'
import type { Database } from '../../db/database.ts'
import { findOAuthFlow, type OAuthFlowRow } from '../../db/oauth-flows.ts'
import { freshDatabase } from '../../testing/database.ts'
import { ada, grace, oauthDesk, type OAuthDesk } from '../../testing/oauth-desk.ts'
import { ISSUER, oauthError, type ScriptedOAuth, scriptedOAuth } from '../../testing/scripted-oauth.ts'
import { openConnection } from '../attach.ts'
import { beginSignIn } from './begin.ts'
import { pollDevice } from './device.ts'
import { connectMachine } from './machine.ts'

const TOKEN = `${ISSUER}/token`
const OAUTH: OAuth = {
  field: 'token',
  flows: [
    { grant: 'device_code', deviceAuthorizationUrl: `${ISSUER}/device`, tokenUrl: TOKEN, scopes: { read: '' } },
    { grant: 'client_credentials', tokenUrl: TOKEN, scopes: { admin: '' } },
  ],
}

let db: Database
let server: ScriptedOAuth
let desk: OAuthDesk

beforeEach(async () => {
  db = await freshDatabase()
  server = scriptedOAuth()
  desk = await oauthDesk(db, { fetch: (request) => server.fetch(request), oauth: OAUTH })
  await desk.enterApp({ grant: 'device_code' })
})

const input = () => ({ integration: desk.integration, method: desk.method, owner: 'me' as const, slug: 'work' })

async function begin(): Promise<OAuthFlowRow> {
  const began = await beginSignIn(desk.deps(ada), input())
  if (!began.ok) throw new Error(began.message)
  return began.flow
}

test('a device’s code is shown, and its own secret is not', async () => {
  const flow = await begin()
  expect(flow).toMatchObject({
    grant: 'device_code',
    stateHash: null,
    device: { userCode: 'WDJB-MJHT', verificationUri: `${ISSUER}/enter`, intervalSeconds: 5 },
  })
  expect(flow.expiresAt - flow.createdAt).toBe(600_000)
  expect(JSON.stringify(flow)).not.toContain('device-secret')
  expect(server.sentTo(`${ISSUER}/device`)[0]?.parameters.get('scope')).toBe('read')
})

test('the server is asked no sooner than it allows, and by one of several that want to know', async () => {
  const flow = await begin()
  expect(await pollDevice(desk.deps(ada), flow)).toMatchObject({ ok: 'pending' })
  expect(server.sentTo(TOKEN)).toHaveLength(0)
  desk.pass(5000)
  await Promise.all(Array.from({ length: 4 }, () => pollDevice(desk.deps(ada), flow)))
  expect(server.sentTo(TOKEN)).toHaveLength(1)
})

test('once the code was entered it is a connection, and stays that', async () => {
  const flow = await begin()
  server.approveDevice()
  desk.pass(5000)
  const polled = await pollDevice(desk.deps(ada), flow)
  if (polled.ok !== true) throw new Error('not connected')
  expect(polled.connection.oauth?.grant).toBe('device_code')
  expect(await pollDevice(desk.deps(ada), flow)).toMatchObject({ ok: true, connection: { id: polled.connection.id } })
  expect(server.sentTo(TOKEN)).toHaveLength(1)
  expect(await db.$count(connections)).toBe(1)
})

test('slow_down makes every further wait five seconds longer (RFC 8628, 3.5)', async () => {
  const flow = await begin()
  server.answers[TOKEN] = () => oauthError('slow_down')
  desk.pass(5000)
  await pollDevice(desk.deps(ada), flow)
  expect((await findOAuthFlow(db, flow.id))?.device?.intervalSeconds).toBe(10)
  desk.pass(9000)
  await pollDevice(desk.deps(ada), flow)
  expect(server.sentTo(TOKEN)).toHaveLength(1)
  desk.pass(1000)
  await pollDevice(desk.deps(ada), flow)
  expect(server.sentTo(TOKEN)).toHaveLength(2)
})

test.each<[string, () => Response]>([
  ['does not answer in JSON', () => new Response('<html>', { status: 502 })],
  ['has too much to do', () => new Response('', { status: 429 })],
])('a server that %s is asked again', async (_what, answer) => {
  const flow = await begin()
  server.answers[TOKEN] = answer
  desk.pass(5000)
  expect(await pollDevice(desk.deps(ada), flow)).toMatchObject({ ok: 'pending' })
})

test('a refusal ends it, and so does the time', async () => {
  const [declined, late] = [await begin(), await begin()]
  server.answers[TOKEN] = () => oauthError('access_denied', 400, 'No, thank you')
  desk.pass(5000)
  const message = expect.stringMatching(/No, thank you \(access_denied\)\. Access was declined/)
  expect(await pollDevice(desk.deps(ada), declined)).toMatchObject({ ok: false, message })
  expect(await pollDevice(desk.deps(ada), declined)).toMatchObject({ ok: false, message })
  desk.pass(600_000)
  expect(await pollDevice(desk.deps(ada), late)).toMatchObject({ ok: false, message: expect.stringMatching(/in time/) })
  expect(server.sentTo(TOKEN)).toHaveLength(1)
})

test('nobody else can ask for it', async () => {
  const flow = await begin()
  server.approveDevice()
  desk.pass(5000)
  expect(await pollDevice(desk.deps(grace), flow)).toEqual({ ok: false, message: expect.stringMatching(/no such/) })
  expect(server.sentTo(TOKEN)).toHaveLength(0)
})

test.each<[string, Record<string, unknown>]>([
  ['a script for an address', { verification_uri: 'javascript:alert(1)' }],
  ['no code', { user_code: undefined }],
  ['no end', { expires_in: undefined }],
])('an answer with %s is refused (RFC 8628, 3.2)', async (_what, change) => {
  const good = { device_code: 'd', user_code: 'U', verification_uri: `${ISSUER}/enter`, expires_in: 60 }
  server.answers[`${ISSUER}/device`] = () => Response.json({ ...good, ...change })
  expect(await beginSignIn(desk.deps(ada), input())).toMatchObject({ ok: false, code: 'refused' })
})

test('as itself, Executor gets a token without a person, and can get the next one', async () => {
  const made = await connectMachine(desk.deps(ada), { ...input(), owner: 'org' })
  if (!made.ok) throw new Error(made.message)
  expect(made.connection).toMatchObject({ owner: 'org', oauth: { grant: 'client_credentials', canRefresh: true } })
  const opened = await openConnection(made.connection, desk.deps(ada).vault)
  expect(opened.ok && Object.fromEntries(opened.values)).toEqual({ token: 'access-1' })
  expect(Object.fromEntries(server.sentTo(TOKEN)[0]?.parameters ?? [])).toEqual({
    grant_type: 'client_credentials',
    scope: 'admin',
  })
  expect(await connectMachine(desk.deps(grace), { ...input(), owner: 'org' })).toMatchObject({
    ok: false,
    field: 'owner',
  })
})

test('a machine’s refusal is the server’s own', async () => {
  server.answers[TOKEN] = () => oauthError('invalid_scope', 400, 'admin is not yours')
  expect(await connectMachine(desk.deps(ada), input())).toMatchObject({
    ok: false,
    code: 'refused',
    message: expect.stringContaining('admin is not yours (invalid_scope)'),
  })
})
