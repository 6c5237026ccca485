// What a test shows: whether the credential works, and whose account it is.
import { beforeEach, expect, test } from 'vitest'
import { findConnection, updateConnection as changeRow } from '../db/connections.ts'
import { ada, type Helpdesk, openHelpdesk } from '../testing/helpdesk.ts'
import { placeOf } from './attach.ts'
import { testConnection, updateConnection } from './manage.ts'
import type { Probe } from './probe.ts'

const ISSUER = 'https://login.example.com'
const USERINFO = `${ISSUER}/userinfo`

let desk: Helpdesk
let id: string
let answers: Record<string, () => Response>

beforeEach(async () => {
  answers = {}
  desk = await openHelpdesk((request) => {
    const answer = answers[request.url] ?? (() => new Response(null, { status: 404 }))
    return answer()
  })
  id = (await desk.connect('work')).id
})

async function row() {
  const found = await findConnection(desk.db, id)
  if (!found) throw new Error('the connection is gone')
  return found
}

const saying =
  (identity: string, status = 200): Probe =>
  async (fetch) => {
    answers['https://helpdesk.example.com/me'] = () => new Response(null, { status })
    await fetch(new Request('https://helpdesk.example.com/me'))
    return { status, identity, ...(status >= 400 && { message: 'Bad credentials' }) }
  }

const check = async (probe?: Probe) => testConnection({ ...desk.deps, principal: ada }, await row(), probe)

async function signedIn({ canRefresh = false, identity = null as string | null } = {}) {
  const { owner, method } = await row()
  const oauth = {
    grant: 'authorization_code' as const,
    methodId: method.id,
    client: 'cli_none',
    server: { issuer: ISSUER, userinfoEndpoint: USERINFO, sendsIssuer: false, acceptsMetadataDocument: false },
    scopesRequested: [],
    scopesGranted: null,
    canRefresh,
    obtainedAt: 1,
  }
  const field = method.fields[0]?.name ?? ''
  const sealed = await desk.deps.vault.seal({ [field]: 'access-token' }, placeOf({ id, owner }))
  await changeRow(desk.db, id, { oauth, sealed, identity })
  const [integration] = await desk.db.query.integrations.findMany()
  const authMethods = (integration?.authMethods ?? []).map((each) =>
    each.id === method.id ? { ...each, oauth: { field, flows: [], issuer: ISSUER } } : each,
  )
  await desk.db.$client
    .prepare('UPDATE integrations SET auth_methods = ? WHERE id = ?')
    .bind(JSON.stringify(authMethods), desk.integration.id)
    .run()
}

test('whose account it is is kept, on one line and bounded, and a later test that does not say so leaves it', async () => {
  await check(saying(`  octo\ncat\u202e ${'x'.repeat(500)}`))
  const { identity } = await row()
  expect(identity).toMatch(/^octo cat x{100,}/)
  expect(identity?.length).toBeLessThanOrEqual(120)
  await check(saying(''))
  expect((await row()).identity).toBe(identity)
})

test('a name that repeats the secret is none, and a refusal names nobody', async () => {
  await check(saying('key helpdesk-secret-token'))
  expect(await row()).toMatchObject({ health: 'ok', identity: null })
  await check(saying('octocat', 401))
  expect(await row()).toMatchObject({ health: 'failing', identity: null })
})

test('another credential may be another account’s', async () => {
  await check(saying('octocat'))
  const before = await row()
  const values = Object.fromEntries(before.method.fields.map(({ name }) => [name, 'another-token']))
  await updateConnection({ ...desk.deps, principal: ada }, before, { values })
  expect((await row()).identity).toBeNull()
})

test('what is forwarded is whoever’s token asks, so that nobody’s name stands for all', async () => {
  const { method } = await row()
  await changeRow(desk.db, id, {
    method: { ...method, fields: [], placements: [], forwards: { header: 'Cf-Access-Token' } },
  })
  const payload = btoa(JSON.stringify({ exp: 4_000_000_000 })).replaceAll('=', '')
  const deps = { ...desk.deps, principal: ada, person: { id: ada.id, assertion: `e30.${payload}.e30` } }
  await testConnection(deps, await row(), saying('ada@example.com'))
  expect(await row()).toMatchObject({ health: 'ok', identity: null })
})

test('without a read that says it, the authorization server is asked, which also shows that the token works', async () => {
  await signedIn()
  answers[USERINFO] = () => Response.json({ sub: '1', email: 'ada@example.com' })
  await check()
  expect(await row()).toMatchObject({ health: 'ok', healthReason: null, identity: 'ada@example.com' })
  const asked = desk.received.find(({ url }) => url === USERINFO)
  expect(asked?.headers.get('authorization')).toBe('Bearer access-token')
})

test('an authorization server that does not take the token shows nothing', async () => {
  await signedIn()
  answers[USERINFO] = () => new Response(null, { status: 401 })
  await check()
  expect(await row()).toMatchObject({ health: 'untested', identity: null })
})

test('the account that somebody signed in to is not renamed by a test', async () => {
  await signedIn({ identity: 'ada@example.com' })
  await check(saying('octocat'))
  expect(await row()).toMatchObject({ health: 'ok', identity: 'ada@example.com' })
  expect(desk.received.map(({ url }) => url)).not.toContain(USERINFO)
})

test('a refused token that nothing renews needs its person', async () => {
  await signedIn()
  await check(saying('octocat', 401))
  expect(await row()).toMatchObject({
    health: 'needs_sign_in',
    healthReason: 'The API refused the credential (401). It says: Bad credentials. Sign in again.',
  })
})

test('a 403 is about rights: signing in again would not help', async () => {
  await signedIn()
  await check(saying('octocat', 403))
  expect((await row()).health).toBe('failing')
})
