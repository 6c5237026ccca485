// Calls through a connection whose token ends while it is used.
import { expect, test } from 'vitest'
import { testConnection } from '../connections/manage.ts'
import { findConnection, updateConnection } from '../db/connections.ts'
import { insertPolicy } from '../db/policies.ts'
import { ada, answerHelpdesk, type Helpdesk, openHelpdesk, ORIGIN, SECRET, UPSTREAM } from '../testing/helpdesk.ts'
import { signedIn } from '../testing/signed-in.ts'
import { createTokenServer, ISSUER, type TokenServer } from '../testing/token-server.ts'
import { loadCatalog } from './catalog.ts'
import { prepareCall } from './prepare-call.ts'
import { sendCall } from './send-call.ts'

/** The helpdesk takes tokens of the server; its connection has one that has ended without anybody knowing. */
async function openSignedIn(answer: (request: Request, server: TokenServer) => Response | undefined = () => undefined) {
  const server = createTokenServer({ spent: 'reuse' })
  const desk: Helpdesk = await openHelpdesk((request) => {
    if (new URL(request.url).origin === ISSUER) return server.fetch(request)
    const token = request.headers.get('authorization')?.replace('Bearer ', '')
    if (token !== SECRET && !server.isValid(token)) return Response.json({ message: 'Expired' }, { status: 401 })
    const headers = { authorization: `Bearer ${SECRET}` }
    return answer(request, server) ?? answerHelpdesk(new Request(request, { headers }))
  })
  const { id } = await signedIn(desk, await desk.connect('main'))
  const by = { createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  const allow = { id: 'pol_all', pattern: 'helpdesk.*', action: 'allow' as const, ...by }
  await insertPolicy(desk.db, allow)
  const row = async () => {
    const found = await findConnection(desk.db, id)
    if (!found) throw new Error('the connection is gone')
    return found
  }
  const send = async (tool: string, input: unknown, beforeSend = () => {}) => {
    const catalog = await loadCatalog(desk.db, ada)
    const prepared = await prepareCall(desk.deps, catalog, { principal: ada, address: `helpdesk.${tool}`, input })
    if (!prepared.ok) throw new Error(prepared.error.message)
    const sent = await sendCall({ ...desk.deps, sleep: async () => {} }, prepared.call, beforeSend)
    const { usedConnection: _, health: __, ...result } = sent
    return result
  }
  /** What reached the helpdesk. */
  const reached = () =>
    desk.received
      .filter(({ url }) => url.startsWith(UPSTREAM))
      .map(({ method: verb, headers, body }) => `${verb} ${headers.get('authorization') ?? ''} ${body}`.trim())
  return { server, desk, id, row, send, reached }
}

test('a read that is refused is sent once more with a new token', async () => {
  let asked = 0
  const { send, reached, server } = await openSignedIn()
  expect(await send('tickets.list', { limit: 1 }, () => void asked++)).toMatchObject({ ok: true, data: [{ id: 1 }] })
  expect(reached()).toEqual(['GET Bearer access-0', 'GET Bearer access-1'])
  expect([asked, server.asked.length]).toEqual([2, 1])
})

test('so is a write, with the same body: a 401 says that nothing was carried out', async () => {
  const { send, reached } = await openSignedIn()
  expect(await send('tickets.create', { title: 'Printer' })).toMatchObject({ ok: true, status: 201 })
  expect(reached()).toEqual(['POST Bearer access-0 {"title":"Printer"}', 'POST Bearer access-1 {"title":"Printer"}'])
})

test('what the new token is refused for too is not sent again', async () => {
  const { send, reached, server, row } = await openSignedIn(() => Response.json({ message: 'No' }, { status: 401 }))
  const result = await send('tickets.create', { title: 'x' })
  expect(result).toMatchObject({ ok: false, error: { code: 'unauthorized', status: 401 } })
  expect([reached().length, server.asked.length]).toEqual([2, 1])
  expect((await row()).tokenVersion).toBe(2)
})

test('a write that a lost lease forbids is not sent again, whatever token there is', async () => {
  const { send, reached } = await openSignedIn()
  const lost = new Error('the lease is lost')
  let asked = 0
  const beforeSend = () => {
    if (++asked === 2) throw lost
  }
  await expect(send('tickets.create', { title: 'x' }, beforeSend)).rejects.toBe(lost)
  expect(reached()).toHaveLength(1)
})

test('without a new token the error says what became of the connection', async () => {
  const { send, server, id } = await openSignedIn()
  const html = () => new Response('<html>', { status: 503 })
  server.script = [html(), html(), html()]
  expect(await send('tickets.list', {})).toEqual({
    ok: false,
    error: {
      code: 'connection_unavailable',
      message:
        'helpdesk@main cannot be used just now. The token endpoint at login.example.com answered 503. It may work again in a while.',
      retryable: true,
    },
  })
  server.script = [Response.json({ error: 'invalid_client' }, { status: 401 })]
  expect(await send('tickets.list', {})).toMatchObject({
    error: { code: 'connection_unavailable', message: expect.stringContaining(`${ORIGIN}/connections/${id}`) },
  })
  server.script = [Response.json({ error: 'invalid_grant' }, { status: 400 })]
  const ended = await send('tickets.list', {})
  expect(ended).toMatchObject({
    error: { code: 'connection_needs_sign_in', details: { link: `${ORIGIN}/connections/${id}` } },
  })
  expect(ended.ok || ended.error.message).toContain(
    `Sign in again. A person does that here: ${ORIGIN}/connections/${id}`,
  )
})

test('a token that lacks scopes is not renewed: a person grants them', async () => {
  const challenge = 'Bearer realm="desk", error="insufficient_scope", scope="tickets:write tickets:read"'
  const refuse = () => Response.json({ message: 'No' }, { status: 403, headers: { 'www-authenticate': challenge } })
  const { send, server, id, reached } = await openSignedIn(refuse)
  await send('tickets.list', {})
  const refreshes = server.asked.length
  const link = `${ORIGIN}/connections/${id}?scope=tickets%3Awrite+tickets%3Aread`
  expect(await send('tickets.create', { title: 'x' })).toMatchObject({
    error: {
      code: 'insufficient_scope',
      status: 403,
      message: `No (helpdesk@main lacks tickets:write, tickets:read; a person can grant that here: ${link})`,
      details: { scopes: ['tickets:write', 'tickets:read'], link },
      retryable: false,
    },
  })
  expect([server.asked.length, reached().length]).toEqual([refreshes, 3])
})

test('a refusal of a host that never saw the token renews nothing', async () => {
  const elsewhere = 'https://files.example.net/a'
  const { send, server } = await openSignedIn((request) =>
    request.url.startsWith(UPSTREAM) ? Response.redirect(elsewhere, 302) : undefined,
  )
  await send('tickets.list', {})
  const before = server.asked.length
  await send('tickets.list', {})
  expect(server.asked).toHaveLength(before)
})

test('neither the old nor the new token comes back in an answer that repeats it', async () => {
  const { send } = await openSignedIn((_, server) =>
    Response.json({ message: `You sent access-1 and ${server.refreshToken()}` }, { status: 400 }),
  )
  const said = JSON.stringify(await send('tickets.list', {}))
  expect(said).toContain('You sent')
  expect(said).not.toMatch(/access-1|refresh-1/)
})

test('a test of the connection renews its token too, and says when it cannot', async () => {
  const { desk, row, server } = await openSignedIn()
  const deps = { ...desk.deps, principal: ada }
  const probe = async (fetch: (request: Request) => Promise<Response>) => ({
    status: (await fetch(new Request(`${UPSTREAM}/tickets`))).status,
  })
  expect(await testConnection(deps, await row(), probe)).toMatchObject({
    connection: { health: 'ok', tokenVersion: 2 },
  })
  server.script = [Response.json({ error: 'invalid_grant' }, { status: 400 })]
  await updateConnection(desk.db, (await row()).id, { tokenExpiresAt: 1 })
  expect(await testConnection(deps, await row(), probe)).toMatchObject({
    connection: { health: 'needs_sign_in', healthReason: expect.stringMatching(/^The server has ended the grant\./) },
  })
})
