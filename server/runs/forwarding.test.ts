// Connections that call as the signed-in person: whose assertion goes out, when, where to, and what is kept of it.
import { env } from 'cloudflare:test'
import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { ACCESS_PERSON } from '../connections/built-in-methods.ts'
import { createConnection, testConnection, updateConnection } from '../connections/manage.ts'
import { listPendingApprovals } from '../db/approvals.ts'
import { type ConnectionRow, findConnection, followOrigins } from '../db/connections.ts'
import { updateIntegration } from '../db/integrations.ts'
import { insertPolicy } from '../db/policies.ts'
import { findRun } from '../db/runs.ts'
import { handleMcp } from '../mcp/handler.ts'
import { probeFor } from '../tools/probe.ts'
import { ada, bob, type Helpdesk, openHelpdesk, robot, UPSTREAM } from '../testing/helpdesk.ts'
import { advanceRun } from './advance.ts'
import { decideApproval, type Verdict } from './decide-approval.ts'
import { executeRun, startRun } from './execute.ts'
import { replayRun } from './replay-run.ts'
import { tend } from './tend.ts'

const TEAM = 'https://acme.cloudflareaccess.com'
const APPROVE: Verdict = { kind: 'approved', remember: 'once', expiresAt: null }
const LIST = 'return (await tools.helpdesk.tickets.list()).map(({ title }) => title)'
const CREATE = 'return (await tools.helpdesk.tickets.create({ title: "x" })).id'

/** An assertion as Access writes it; only what reads its expiry looks into it here. */
function assertionOf({ id }: Principal, exp = Math.floor(Date.now() / 1000) + 300): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part({ email: id.replace(/^\w+:/, ''), exp })}.c2lnbmF0dXJl`
}

const personOf = (principal: Principal, exp?: number) => ({ id: principal.id, assertion: assertionOf(principal, exp) })

/** An application behind Access that knows its people by the token they came with. */
function wiki(request: Request): Response {
  const token = request.headers.get('cf-access-token')
  const { origin, pathname } = new URL(request.url)
  if (token === null) {
    const location = `${TEAM}/cdn-cgi/access/login/helpdesk.example.com?kid=abc&redirect_url=%2F`
    const challenge = `Cloudflare-Access resource_metadata="${origin}/.well-known/cloudflare-access-protected-resource${pathname}"`
    return new Response(null, { status: 302, headers: { location, 'www-authenticate': challenge } })
  }
  const claims: { email: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  if (request.method === 'POST') return Response.json({ id: 3, by: claims.email }, { status: 201 })
  // It repeats what it was sent, as pages for debugging do.
  return Response.json([{ id: 1, title: `of ${claims.email}`, seen: token }], { headers: { 'x-seen': token } })
}

let desk: Helpdesk
let connection: ConnectionRow
let upstream: (request: Request) => Response

beforeEach(async () => {
  upstream = wiki
  desk = await openHelpdesk((request) => upstream(request))
  connection = await connectAs(ada)
  desk.forget()
})

async function connectAs(principal: Principal, owner = 'org'): Promise<ConnectionRow> {
  const made = await tryToConnect(principal, owner)
  if (!made.ok) throw new Error(made.message)
  return made.connection
}

async function tryToConnect(principal: Principal, owner = 'org', slug = 'people') {
  const deps = { ...desk.deps, principal, person: personOf(principal) }
  const { integration } = desk
  const probe = await probeFor(desk.db, integration.id, ACCESS_PERSON)
  return createConnection(deps, { integration, method: ACCESS_PERSON, values: {}, owner, slug, probe })
}

function execute(code: string, principal: Principal, person?: { id: string; assertion: string }) {
  return executeRun({ ...desk.deps, person }, { principal, client: 'test 1.0', code })
}

async function errorOf(code: string, principal: Principal, person?: { id: string; assertion: string }) {
  const outcome = await execute(code, principal, person)
  if (outcome.state !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`)
  return outcome.error
}

/** What has left for the network with a token of somebody's, and where to. */
const tokens = () =>
  desk.received.flatMap(({ url, headers }) => {
    const text = JSON.stringify([...headers])
    return [ada, bob]
      .filter((one) => text.includes(assertionOf(one).split('.')[1]?.slice(0, 20) ?? '?'))
      .map(({ id }) => `${id} ${new URL(url).origin}`)
  })

/** Every value of every row of every table, as one text. */
async function everythingStored(): Promise<string> {
  const { results: tables } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
  ).all<{ name: string }>()
  const rows = await Promise.all(tables.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()))
  const text = (value: unknown): string => {
    if (value instanceof ArrayBuffer) return Buffer.from(value).toString('latin1')
    return Array.isArray(value) ? Buffer.from(value).toString('latin1') : String(value)
  }
  return rows.flatMap(({ results }) => results.flatMap((row) => Object.values(row).map(text))).join('\n')
}

async function decide(principal: Principal, person?: { id: string; assertion: string }) {
  const [question] = await listPendingApprovals(desk.db, { limit: 1 })
  const work: Promise<unknown>[] = []
  const deps = { ...desk.deps, principal, person, waitUntil: (each: Promise<unknown>) => work.push(each) }
  const decided = await decideApproval(deps, question?.id ?? '', APPROVE)
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
  return decided
}

async function stateOf(run: string) {
  return findRun(desk.db, run)
}

test('each person calls as themselves through one connection', async () => {
  expect(await execute(LIST, ada, personOf(ada))).toMatchObject({ value: ['of ada@example.com'] })
  expect(await execute(LIST, bob, personOf(bob))).toMatchObject({ value: ['of bob@example.com'] })
  expect(tokens()).toEqual([`${ada.id} ${UPSTREAM}`, `${bob.id} ${UPSTREAM}`])
})

test('through /mcp it is the principal’s own request that lends the assertion', async () => {
  const call = async (principal: Principal, person: { id: string; assertion: string }) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'execute', arguments: { code: LIST } } }
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const request = new Request('https://executor.example.com/mcp', {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    const config = { secretKey: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' }
    return (await handleMcp(request, { ...desk.deps, principal, person, config })).text()
  }
  expect(await call(bob, personOf(bob))).toContain('of bob@example.com')
  desk.forget()
  expect(await call(bob, personOf(ada))).toContain('person_absent')
  expect(desk.received).toEqual([])
})

test('nothing that is stored or answered holds an assertion, and neither does what the application repeats', async () => {
  const code = 'return await tools.helpdesk.tickets.list.raw()'
  const outcome = await execute(code, bob, personOf(bob))
  expect(outcome.state).toBe('succeeded')
  await execute(CREATE, bob, personOf(bob))
  await decide(ada, personOf(ada))
  upstream = (request) => Response.json({ message: `No: ${request.headers.get('cf-access-token')}` }, { status: 403 })
  const refused = await errorOf(LIST, bob, personOf(bob))
  const stored = await everythingStored()
  expect(stored).toContain('of bob@example.com')
  expect(tokens().length).toBeGreaterThan(0)
  for (const person of [ada, bob]) {
    for (const text of [stored, JSON.stringify([outcome, refused])]) {
      expect(text).not.toContain(assertionOf(person).split('.').slice(0, 2).join('.'))
    }
  }
})

test('a replay in the console needs nobody', async () => {
  const { run } = await execute(LIST, bob, personOf(bob))
  desk.forget()
  expect(await replayRun(desk.deps, { id: run })).toMatchObject({ state: 'same', outcome: ['of bob@example.com'] })
  expect(desk.received).toEqual([])
})

test.each<[string, Principal, { id: string; assertion: string } | undefined, string]>([
  ['no request of a person', bob, undefined, 'person_absent'],
  ['another person’s request', bob, personOf(ada), 'person_absent'],
  ['an admin’s request for a service', robot, personOf(ada), 'person_required'],
  ['a service’s own request', robot, undefined, 'person_required'],
  ['an assertion that has expired', bob, personOf(bob, Math.floor(Date.now() / 1000) - 1), 'person_absent'],
  ['an assertion without expiry', bob, { id: bob.id, assertion: 'e30.e30.x' }, 'person_absent'],
  ['an assertion that is none', bob, { id: bob.id, assertion: 'garbage' }, 'person_absent'],
])('a run with %s sends nothing', async (_, principal, person, code) => {
  const error = await errorOf(LIST, principal, person)
  expect(error.code).toBe(code)
  expect(error.message).toContain('helpdesk@people')
  expect(JSON.stringify(error)).not.toContain(person?.assertion ?? 'eyJ')
  expect(desk.received).toEqual([])
})

test('an approval by somebody else lends no assertion: the call is not sent, and the program is told', async () => {
  const outcome = await execute(CREATE, bob, personOf(bob))
  expect(outcome.state).toBe('waiting')
  expect(await decide(ada, personOf(ada))).toMatchObject({ ok: true })
  expect(await stateOf(outcome.run)).toMatchObject({ state: 'failed', error: { code: 'person_absent' } })
  expect(desk.received).toEqual([])
})

test('an approval by the person whose run it is goes on with their own assertion', async () => {
  const outcome = await execute(CREATE, bob, personOf(bob))
  expect(outcome.state).toBe('waiting')
  expect(await decide(bob, personOf(bob))).toMatchObject({ ok: true })
  expect(await stateOf(outcome.run)).toMatchObject({ state: 'succeeded', result: '3' })
  expect(tokens()).toEqual([`${bob.id} ${UPSTREAM}`])
})

test('cron has no person', async () => {
  const outcome = await execute(CREATE, bob, personOf(bob))
  await env.DB.prepare(`UPDATE approvals SET state = 'approved', decided_by = ?, decided_at = 5`).bind(bob.id).run()
  await tend(desk.deps)
  expect(await stateOf(outcome.run)).toMatchObject({ state: 'failed', error: { code: 'person_absent' } })
  expect(desk.received).toEqual([])
})

test('whoever takes a run up lends it nothing, unless they are its principal', async () => {
  const code = `await new Promise((resolve) => setTimeout(resolve, 30)); ${LIST}`
  const started = await startRun({ ...desk.deps, person: personOf(ada) }, { principal: bob, client: 'test', code })
  await started.end
  expect(await stateOf(started.run)).toMatchObject({ error: { code: 'person_absent' } })
  const waiting = await execute(CREATE, bob, personOf(bob))
  await env.DB.prepare(`UPDATE approvals SET state = 'approved', decided_by = ?, decided_at = 5`).bind(bob.id).run()
  await advanceRun({ ...desk.deps, person: personOf(bob) }, waiting.run, { retireAfterMs: 5000 })
  expect(await stateOf(waiting.run)).toMatchObject({ state: 'succeeded' })
})

test('the question to a person shows the request without the token', async () => {
  await execute(CREATE, bob, personOf(bob))
  const row = await env.DB.prepare('SELECT request FROM approvals').first<{ request: string }>()
  expect(row?.request).toContain(`${UPSTREAM}/tickets`)
  expect(row?.request.toLowerCase()).not.toContain('cf-access')
  expect(row?.request).not.toContain('eyJ')
})

test('a base URL that moves takes no assertion along', async () => {
  await updateIntegration(desk.db, desk.integration.id, { baseUrl: 'https://evil.example.com' })
  const error = await errorOf(LIST, bob, personOf(bob))
  expect(error.code).toBe('connection_not_confirmed')
  expect(desk.received).toEqual([])
})

test('an origin that a new version brings is followed only once Access was seen there', async () => {
  const origins = [UPSTREAM, 'https://evil.example.com']
  await followOrigins(desk.db, desk.integration.id, origins)
  expect((await findConnection(desk.db, connection.id))?.origins).toEqual([UPSTREAM])
  await updateIntegration(desk.db, desk.integration.id, { origins })
  const deps = { ...desk.deps, principal: ada, person: personOf(ada) }
  upstream = (request) => (request.url.startsWith(UPSTREAM) ? wiki(request) : Response.json({}))
  const refused = await updateConnection(deps, connection, { confirmOrigins: origins })
  expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('evil.example.com') })
  expect((await findConnection(desk.db, connection.id))?.origins).toEqual([UPSTREAM])
  expect(tokens()).toEqual([])
  upstream = wiki
  expect(await updateConnection(deps, connection, { confirmOrigins: origins })).toMatchObject({ ok: true })
})

test('a redirect to another origin carries no assertion, and the way back does not either', async () => {
  upstream = (request) => {
    const { origin, searchParams } = new URL(request.url)
    if (origin === UPSTREAM && !searchParams.has('back')) return Response.redirect('https://evil.example.com/x', 302)
    if (origin !== UPSTREAM) return Response.redirect(`${UPSTREAM}/tickets?back=1`, 302)
    return Response.json([{ title: request.headers.get('cf-access-token') ?? 'nobody' }])
  }
  expect(await execute(LIST, bob, personOf(bob))).toMatchObject({ value: ['nobody'] })
  expect(desk.received).toHaveLength(3)
  expect(tokens()).toEqual([`${bob.id} ${UPSTREAM}`])
})

test('a program cannot bring a token of its own', async () => {
  const forged = `return await tools.helpdesk.tickets.list({ 'Cf-Access-Token': 'forged', headers: { 'cf-access-token': 'forged' } })`
  const error = await errorOf(forged, bob, personOf(bob))
  expect(error.code).toBe('invalid_arguments')
  expect(desk.received).toEqual([])
})

test('only admins connect so, for everyone, and only where Access protects the application', async () => {
  expect(await tryToConnect(bob, 'me', 'mine')).toMatchObject({ ok: false, field: 'method' })
  expect(await tryToConnect(bob, 'org', 'ours')).toMatchObject({ ok: false, field: 'owner' })
  expect(await tryToConnect(ada, 'me', 'mine')).toMatchObject({ ok: false, field: 'owner' })
  upstream = () => Response.json([])
  const open = await tryToConnect(ada, 'org', 'open')
  expect(open).toMatchObject({
    ok: false,
    field: 'method',
    message: expect.stringContaining('without Cloudflare Access'),
  })
  upstream = () => Response.json({}, { status: 401, headers: { 'www-authenticate': 'Bearer realm="api"' } })
  expect(await tryToConnect(ada, 'org', 'open')).toMatchObject({ ok: false, field: 'method' })
  expect(tokens()).toEqual([])
})

test('it is tested as the admin who tests it', async () => {
  expect(connection).toMatchObject({ health: 'ok', sealed: null, values: {}, origins: [UPSTREAM] })
  const deps = { ...desk.deps, principal: ada }
  expect(await testConnection({ ...deps, person: personOf(bob) }, connection)).toMatchObject({
    connection: { health: 'failing', healthReason: expect.stringContaining('signed-in person') },
  })
  expect(desk.received).toEqual([])
  upstream = () => new Response('no', { status: 403, headers: { 'cf-access-aud': 'abc', 'content-type': 'text/html' } })
  expect(await testConnection({ ...deps, person: personOf(ada) }, connection)).toMatchObject({
    connection: { health: 'failing', healthReason: expect.stringContaining('Cloudflare Access refused') },
  })
})

const allow = () =>
  insertPolicy(desk.db, { id: 'pol_1', pattern: '*', action: 'allow', createdBy: ada.id, createdAt: 1, updatedAt: 1 })

const loginAt = (location: string) => () => new Response('<html>', { status: 302, headers: { location } })
const html = { 'content-type': 'text/html' }

test.each<[string, () => Response, string]>([
  ['a redirect to the team’s login', loginAt(`${TEAM}/cdn-cgi/access/login/x?kid=a`), 'access_refused'],
  ['a redirect to the login on its own host', loginAt('/cdn-cgi/access/login?redirect_url=%2F'), 'access_refused'],
  [
    'a challenge of Access',
    () =>
      Response.json({}, { status: 401, headers: { 'www-authenticate': 'Cloudflare-Access resource_metadata="x"' } }),
    'access_refused',
  ],
  [
    'a challenge of Managed OAuth',
    () => {
      const challenge = `Bearer realm="OAuth", error="invalid_token", resource_metadata="${UPSTREAM}/.well-known/cloudflare-access-protected-resource/tickets"`
      return Response.json({ error: 'invalid_token' }, { status: 401, headers: { 'www-authenticate': challenge } })
    },
    'access_refused',
  ],
  [
    'the page of Access',
    () => new Response('<html>', { status: 403, headers: { ...html, 'cf-access-domain': 'x' } }),
    'access_refused',
  ],
  [
    'its page without its headers',
    () =>
      new Response(`<!doctype html><html><a href="/cdn-cgi/access/logout">x</a></html>`, {
        status: 403,
        headers: html,
      }),
    'access_refused',
  ],
  ['a 401 of the application', () => Response.json({ message: 'Who?' }, { status: 401 }), 'unauthorized'],
  ['a 403 of the application', () => Response.json({ message: 'Editors only' }, { status: 403 }), 'forbidden'],
])('%s is told apart', async (_, answer, code) => {
  await allow()
  upstream = answer
  for (const program of [LIST, CREATE]) {
    const error = await errorOf(program, bob, personOf(bob))
    expect(error.code).toBe(code)
    const said =
      code === 'access_refused' ? /npm run access:link/ : /Access let the request .* through, and the application/
    expect(error.message).toMatch(said)
    expect(error.message).not.toContain('Whether it was carried out')
  }
  // The page behind a redirect is never fetched.
  expect(new Set(desk.received.map(({ url }) => new URL(url).origin))).toEqual(new Set([UPSTREAM]))
})
