// What calls show of the connection they go through, without anybody testing it.
import { beforeEach, expect, test } from 'vitest'
import { placeOf } from '../connections/attach.ts'
import { updateConnection as changeConnection } from '../connections/manage.ts'
import { type ConnectionRow, findConnection, updateConnection } from '../db/connections.ts'
import { listNotifications } from '../db/notifications.ts'
import { insertPolicy } from '../db/policies.ts'
import { putWebhookSetting } from '../db/webhook-setting.ts'
import { ada, type Helpdesk, openHelpdesk, ORIGIN } from '../testing/helpdesk.ts'
import { executeRun } from './execute.ts'

let desk: Helpdesk
let id: string
/** What the helpdesk answers. */
let answer: (request: Request) => Response

const taken = () => Response.json([{ id: 1 }])
const refused = () => Response.json({ message: 'Bad credentials' }, { status: 401 })

beforeEach(async () => {
  answer = taken
  desk = await openHelpdesk((request) => answer(request))
  id = (await desk.connect('work')).id
  await putWebhookSetting(desk.db, { value: {}, updatedBy: ada.id, updatedAt: 1 })
  const allow = { id: 'pol_all', pattern: 'helpdesk.*', action: 'allow' as const, createdBy: ada.id }
  await insertPolicy(desk.db, { ...allow, createdAt: 1, updatedAt: 1 })
  await set({ health: 'ok', healthReason: null, checkedAt: 1 })
})

const set = (patch: Partial<ConnectionRow>) => updateConnection(desk.db, id, patch)
const LIST = 'return tools.helpdesk.tickets.list({})'
const TRY = (times: number) =>
  `for (let n = 0; n < ${times}; n++) await tools.helpdesk.tickets.list({ limit: n + 1 }).catch(() => {})`
const run = (code = LIST) => executeRun(desk.deps, { principal: ada, client: 'test', code })
const told = () => listNotifications(desk.db, 20)

async function row(): Promise<ConnectionRow> {
  const found = await findConnection(desk.db, id)
  if (!found) throw new Error('the connection is gone')
  return found
}

/** As if by a sign-in whose token nothing renews. */
async function signedIn(canRefresh: boolean) {
  const { owner, method } = await row()
  await set({
    sealed: await desk.deps.vault.seal({ [method.fields[0]?.name ?? '']: 'access' }, placeOf({ id, owner })),
    oauth: {
      grant: 'authorization_code',
      methodId: method.id,
      client: 'cli_none',
      server: { issuer: 'https://login.example.com', sendsIssuer: false, acceptsMetadataDocument: false },
      scopesRequested: [],
      scopesGranted: null,
      canRefresh,
      obtainedAt: 1,
    },
  })
}

test('a refused credential makes it failing, and the webhook is told once', async () => {
  answer = refused
  await run()
  await run(TRY(3))
  expect(await row()).toMatchObject({
    health: 'failing',
    healthReason: expect.stringMatching(/^The API refused the credential \(401\)\. It says: .*Bad credentials/),
  })
  expect((await row()).checkedAt).toBeGreaterThan(1)
  expect(await told()).toMatchObject([
    {
      event: 'connection.failing',
      payload: { connectionId: id, address: 'helpdesk@work', owner: 'org', link: `${ORIGIN}/connections/${id}` },
    },
  ])
})

test('the reason has nothing of the credential, also where the API repeats it', async () => {
  answer = (request) =>
    Response.json({ message: `Unknown token ${request.headers.get('authorization')}` }, { status: 401 })
  await run()
  const { healthReason } = await row()
  expect(healthReason).toContain('Unknown token')
  expect(JSON.stringify([healthReason, await told()])).not.toContain('helpdesk-secret-token')
})

test('a write that is refused shows it as well', async () => {
  answer = refused
  await run('return tools.helpdesk.tickets.create({ title: "Printer" })')
  expect((await row()).health).toBe('failing')
})

test('the next call that succeeds heals it, and while nothing changes nothing is written', async () => {
  await set({ health: 'failing', healthReason: 'The API refused the credential (401).', lastUsedAt: Date.now() })
  await run()
  expect(await row()).toMatchObject({ health: 'ok', healthReason: null })
  desk.forget()
  await run(TRY(3))
  const statements = desk.trips.flatMap((trip) => trip.statements)
  expect(statements.filter((text) => /UPDATE\s+"?connections/i.test(text))).toEqual([])
  expect(await told()).toEqual([])
})

test.each([
  ['403', () => Response.json({ message: 'Not for you' }, { status: 403 })],
  ['404', () => Response.json({ message: 'No such ticket' }, { status: 404 })],
  ['500', () => Response.json({ message: 'Down' }, { status: 500 })],
  [
    'a want of scopes',
    () =>
      Response.json(
        {},
        { status: 401, headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write"' } },
      ),
  ],
])('%s says nothing of the credential', async (_what, scripted) => {
  answer = scripted
  await run()
  expect(await row()).toMatchObject({ health: 'ok', healthReason: null, checkedAt: 1 })
  expect(await told()).toEqual([])
})

test('one operation that is always refused does not tell again and again', async () => {
  answer = (request) => (new URL(request.url).pathname === '/tickets' ? taken() : refused())
  for (let n = 0; n < 3; n++) {
    await run('return tools.helpdesk.tickets.get({ id: 1 })')
    expect((await row()).health).toBe('failing')
    await run()
    expect((await row()).health).toBe('ok')
  }
  expect(await told()).toHaveLength(1)
})

test('a refusal that arrives after somebody has repaired it changes nothing', async () => {
  // As it is after the repair, too: only that it was changed tells the two apart.
  await set({ health: 'untested' })
  const before = await row()
  // While the call is under way.
  let repair: Promise<unknown> = Promise.resolve()
  answer = (request) => {
    if (request.headers.get('authorization') === 'Bearer new-token') return taken()
    const values = Object.fromEntries(before.method.fields.map(({ name }) => [name, 'new-token']))
    repair = changeConnection({ ...desk.deps, principal: ada }, before, { values })
    return refused()
  }
  await run('try { await tools.helpdesk.tickets.list({}) } catch {} await new Promise((done) => setTimeout(done, 500))')
  await repair
  expect((await row()).health).not.toBe('failing')
  expect(await told()).toEqual([])
})

test('a token that nothing renews needs its person, who signs in again; a call that it is good for shows that too', async () => {
  await signedIn(false)
  answer = refused
  await run()
  expect(await row()).toMatchObject({
    health: 'needs_sign_in',
    healthReason: expect.stringMatching(/^The API refused the credential \(401\)\..* Sign in again\.$/),
  })
  expect(await told()).toHaveLength(1)
  answer = taken
  await run()
  expect((await row()).health).toBe('ok')
})

test('that its token has ended is known from the first call', async () => {
  await signedIn(false)
  await set({ tokenExpiresAt: Date.now() - 1000 })
  answer = refused
  await run()
  expect(await row()).toMatchObject({
    health: 'needs_sign_in',
    healthReason: expect.stringContaining('Its token has expired'),
  })
  expect(await told()).toHaveLength(1)
})

test('a success heals neither an ended grant nor a token that could not be renewed: the old one may be good for a while', async () => {
  await signedIn(true)
  for (const broken of [
    { health: 'needs_sign_in' as const, healthReason: 'The server has ended the grant. Sign in again.' },
    { health: 'failing' as const, healthReason: 'Its token could not be renewed. The app is gone.' },
  ]) {
    await set(broken)
    expect(await run()).toMatchObject({ state: 'succeeded' })
    expect(await row()).toMatchObject(broken)
  }
})

test('where each forwards their own token, one who is refused says nothing of the rest', async () => {
  const { method } = await row()
  await set({ method: { ...method, fields: [], placements: [], forwards: { header: 'Cf-Access-Token' } } })
  answer = refused
  const payload = btoa(JSON.stringify({ exp: 4_000_000_000 })).replaceAll('=', '')
  const person = { id: ada.id, assertion: `e30.${payload}.e30` }
  await executeRun({ ...desk.deps, person }, { principal: ada, client: 'test', code: LIST })
  expect(desk.received.at(-1)?.headers.get('cf-access-token')).toBe(person.assertion)
  expect((await row()).health).toBe('ok')
})

test('a secret that does not open is told of as soon as a call needs it', async () => {
  await set({
    sealed: await desk.deps.vault.seal({ token: 'x' }, { table: 'connections', row: 'other', owner: 'org' }),
  })
  await run()
  expect(await row()).toMatchObject({ health: 'failing', healthReason: expect.stringContaining('does not open') })
  expect(await told()).toHaveLength(1)
})

test('a refusal by Access is told apart from one by the API', async () => {
  answer = () => new Response(null, { status: 403, headers: { 'cf-access-domain': 'helpdesk.example.com' } })
  await run()
  expect(await row()).toMatchObject({ health: 'failing', healthReason: expect.stringContaining('Cloudflare Access') })
})
