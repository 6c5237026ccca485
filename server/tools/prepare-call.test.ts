import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { insertPolicy } from '../db/policies.ts'
import {
  ada,
  bob,
  type Helpdesk,
  helpdeskDocument,
  importDocument,
  openHelpdesk,
  ORIGIN,
  robot,
  SECRET,
} from '../testing/helpdesk.ts'
import { loadCatalog } from './catalog.ts'
import { prepareCall } from './prepare-call.ts'
import { sendCall } from './send-call.ts'

/** As a run does it, except that nobody is asked. */
async function prepareAndSend(deps: Helpdesk['deps'], invocation: Parameters<typeof prepareCall>[2]) {
  const prepared = await prepareCall(deps, await loadCatalog(deps.db, invocation.principal), invocation)
  const { decision, connectionId } = prepared.ok ? prepared.call.facts : prepared.facts
  if (!prepared.ok) return { ...prepared, decision, connectionId }
  if (decision === 'require_approval') {
    const error = { code: 'approval_required', message: prepared.call.decision.sentence }
    return { ok: false as const, error, decision, connectionId }
  }
  return { ...(await sendCall(deps, prepared.call)), decision, connectionId }
}

function invoke(
  { deps }: Helpdesk,
  address: string,
  input?: unknown,
  more: { connection?: string; principal?: Principal } = {},
) {
  return prepareAndSend(deps, { principal: ada, address, input, ...more })
}

async function refusal(
  desk: Helpdesk,
  ...args: Parameters<typeof invoke> extends [unknown, ...infer Rest] ? Rest : never
) {
  const invoked = await invoke(desk, ...args)
  if (invoked.ok) throw new Error(`It succeeded: ${JSON.stringify(invoked)}`)
  return invoked.error
}

function policy(desk: Helpdesk, pattern: string, action: 'allow' | 'require_approval' | 'block') {
  const row = { id: `pol_${pattern}`, pattern, action, createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  return insertPolicy(desk.db, row)
}

test('a call goes out with the credential and comes back decoded', async () => {
  const desk = await openHelpdesk()
  const connection = await desk.connect('main')
  expect(await invoke(desk, 'helpdesk.tickets.list', { limit: 1 })).toMatchObject({
    ok: true,
    status: 200,
    data: [{ id: 1 }],
    decision: 'allow',
    connectionId: connection.id,
  })
  expect(desk.received).toMatchObject([{ method: 'GET', url: 'https://helpdesk.example.com/tickets?limit=1' }])
  expect(desk.received[0]?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
})

test('an allowed write sends its body', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await policy(desk, 'helpdesk.tickets.create', 'allow')
  expect(await invoke(desk, 'helpdesk.tickets.create', { title: 'x' })).toMatchObject({ ok: true, status: 201 })
  expect(desk.received).toMatchObject([{ method: 'POST', body: '{"title":"x"}' }])
})

test('cookies that the upstream sets do not come back', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const invoked = await invoke(desk, 'helpdesk.tickets.list')
  expect(invoked).toMatchObject({ headers: { 'x-total': '2' } })
  expect('headers' in invoked && invoked.headers).not.toHaveProperty('set-cookie')
})

test('an unknown integration or tool names what was probably meant', async () => {
  const desk = await openHelpdesk()
  expect(await refusal(desk, 'helpdesc.tickets.list')).toMatchObject({
    code: 'unknown_integration',
    message: 'There is no integration "helpdesc". Did you mean "helpdesk"?',
  })
  const meant = async (address: string) => (await refusal(desk, address)).message
  expect(await meant('helpdesk.tickets.lst')).toBe(
    'There is no tool helpdesk.tickets.lst. Did you mean helpdesk.tickets.list?',
  )
  expect(await meant('helpdesk.createTicket')).toContain('Did you mean helpdesk.tickets.create?')
  expect(await meant('helpdesk.tickets')).toContain('Did you mean helpdesk.tickets.')
  expect(await meant('helpdesk')).toContain('tools.search(')
  expect(await meant('helpdesk.somethingElse')).toBe(
    'There is no tool helpdesk.somethingElse. tools.search({ query: "…", integration: "helpdesk" }) finds its tools.',
  )
  expect(await refusal(desk, 'helpdesk.__proto__')).toMatchObject({ code: 'unknown_tool' })
})

test('wrong arguments name the field, the nearest match and the signature, and nothing is sent', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const error = await refusal(desk, 'helpdesk.tickets.create', { titel: 'x', priority: 'hgih' })
  expect(error).toMatchObject({ code: 'invalid_arguments' })
  expect(error.message).toContain('unknown field "titel"; did you mean "title" (string, required)?')
  expect(error.message).toContain(
    'priority: expected one of string "low", string "high", got string "hgih"; did you mean "high"?',
  )
  expect(error.message).toContain('It takes (input: { title: string; priority?: "low" | "high" })')
  expect(desk.received).toEqual([])
})

test('a missing connection comes with the link where a person adds it', async () => {
  const desk = await openHelpdesk()
  const error = await refusal(desk, 'helpdesk.tickets.list')
  expect(error.code).toBe('connection_missing')
  expect(error.message).toContain(`${ORIGIN}/connections/new?integration=helpdesk`)
})

test('several connections without a default are never guessed between', async () => {
  const desk = await openHelpdesk()
  await desk.connect('work')
  await desk.connect('home')
  const error = await refusal(desk, 'helpdesk.tickets.list')
  expect(error.code).toBe('connection_ambiguous')
  expect(error.message).toContain('helpdesk@home, helpdesk@work')
  expect(await invoke(desk, 'helpdesk.tickets.list', {}, { connection: 'work' })).toMatchObject({ ok: true })
  expect(await refusal(desk, 'helpdesk.tickets.list', {}, { connection: 'wrok' })).toMatchObject({
    code: 'connection_unknown',
    message: expect.stringContaining('helpdesk@work'),
  })
})

test('a personal connection is used for its owner only, and others do not learn that it is there', async () => {
  const desk = await openHelpdesk()
  await desk.connect('mine', bob, 'me')
  expect(await invoke(desk, 'helpdesk.tickets.list', {}, { principal: bob })).toMatchObject({ ok: true })
  for (const principal of [ada, robot]) {
    expect(await refusal(desk, 'helpdesk.tickets.list', {}, { principal })).toMatchObject({
      code: 'connection_missing',
    })
    const named = (connection: string) => refusal(desk, 'helpdesk.tickets.list', {}, { principal, connection })
    const [there, nowhere] = [await named('mine'), await named('nope')]
    expect(there.code).toBe('connection_unknown')
    expect(there.message).toBe(nowhere.message.replaceAll('nope', 'mine'))
  }
})

test('what may change something needs approval by default, and says so', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  for (const [name, input] of [
    ['create', { title: 'x' }],
    ['delete', { id: 1 }],
  ] as const) {
    const error = await refusal(desk, `helpdesk.tickets.${name}`, input)
    expect(error.code).toBe('approval_required')
    expect(error.message).toMatch(/require approval/)
  }
  expect(desk.received).toEqual([])
})

test('a blocked tool is refused before its arguments and its connection are looked at, and is not suggested', async () => {
  const desk = await openHelpdesk()
  await policy(desk, 'helpdesk.tickets.list', 'block')
  expect(await refusal(desk, 'helpdesk.tickets.list', { limit: 'x' })).toMatchObject({
    code: 'blocked',
    message: expect.stringContaining('The policy helpdesk.tickets.list blocks this tool.'),
  })
  expect((await refusal(desk, 'helpdesk.tickets.lst')).message).not.toContain('tickets.list')
})

test('a rule for one connection holds for calls through it, named or not', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await policy(desk, 'helpdesk.*', 'block')
  await policy(desk, 'helpdesk@main.*', 'allow')
  expect(await invoke(desk, 'helpdesk.tickets.create', { title: 'x' })).toMatchObject({ ok: true })
  await desk.connect('other')
  const through = (connection: string) => invoke(desk, 'helpdesk.tickets.list', {}, { connection })
  expect(await through('main')).toMatchObject({ ok: true })
  expect(await through('other')).toMatchObject({ ok: false, error: { code: 'blocked' } })
})

test('an integration that moved to another host gets no credential until a person confirms', async () => {
  const desk = await openHelpdesk()
  const { id } = await desk.connect('main')
  await env.DB.prepare("UPDATE integrations SET base_url = 'https://elsewhere.example.com'").run()
  const error = await refusal(desk, 'helpdesk.tickets.list')
  expect(error.code).toBe('connection_not_confirmed')
  expect(error.message).toContain(`${ORIGIN}/connections/${id}`)
  expect(desk.received).toEqual([])
})

test('a secret that does not open says where it is entered again', async () => {
  const desk = await openHelpdesk()
  const { id } = await desk.connect('main')
  await env.DB.prepare("UPDATE connections SET owner = 'person:ada@example.com'").run()
  const error = await refusal(desk, 'helpdesk.tickets.list')
  expect(error.code).toBe('connection_broken')
  expect(error.message).toContain(`${ORIGIN}/connections/${id}`)
})

test('a credential that the upstream refuses says which connection to repair', async () => {
  const desk = await openHelpdesk(() => Response.json({ message: 'Bad credentials' }, { status: 401 }))
  const { id } = await desk.connect('main')
  const error = await refusal(desk, 'helpdesk.tickets.list')
  expect(error).toMatchObject({ code: 'unauthorized', status: 401 })
  expect(error.message).toContain('Bad credentials')
  expect(error.message).toContain(`${ORIGIN}/connections/${id}`)
})

test('a new revision of a document is in force at once, also for tools that were called before', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  expect(await invoke(desk, 'helpdesk.tickets.list', { limit: 1 })).toMatchObject({ ok: true })
  await env.DB.prepare('UPDATE integrations SET revision = revision + 1').run()
  expect(await refusal(desk, 'helpdesk.tickets.list', { limit: 1 })).toMatchObject({ code: 'unknown_tool' })
})

test('integrations that have tools of the same name are kept apart', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await importDocument(desk.deps, helpdeskDocument(), 'second')
  expect(await invoke(desk, 'helpdesk.tickets.list')).toMatchObject({ ok: true })
  expect(await refusal(desk, 'second.tickets.list')).toMatchObject({ code: 'connection_missing' })
})
