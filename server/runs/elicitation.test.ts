// Questions of an MCP server in runs: asked of the right person, on record, answered days later, and never a reason to
// send a call twice that may have happened.
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { listAudit } from '../db/audit-list.ts'
import { listPendingApprovals, readApproval } from '../db/approvals.ts'
import { listCalls } from '../db/calls.ts'
import { insertPolicy } from '../db/policies.ts'
import { findRun } from '../db/runs.ts'
import { ada, bob, type Helpdesk, openHelpdesk, ORIGIN, robot } from '../testing/helpdesk.ts'
import { AGREE, type AskingOptions, type AskingServer, ASKING_URL, askingServer } from '../testing/mcp/asking-server.ts'
import { person } from '../testing/people.ts'
import { mortal } from '../testing/mortal.ts'
import { beginFromEndpoint } from '../tools/imports/begin-endpoint.ts'
import { addIntegration } from '../tools/imports/confirm.ts'
import { createConnection } from '../connections/manage.ts'
import { callTool } from '../testing/mcp-endpoint.ts'
import { advanceRun } from './advance.ts'
import { decideApproval, type Verdict } from './decide-approval.ts'
import { executeRun } from './execute.ts'
import { replayRun } from './replay-run.ts'
import { resumeRun } from './resume.ts'
import { tend } from './tend.ts'

const DAY_MS = 24 * 60 * 60 * 1000

interface Rooms extends Helpdesk {
  server: AskingServer
  /** `tools/call` requests so far. */
  sent: () => number
}

async function openRooms(options: AskingOptions = { era: 'legacy' }, action: 'allow' | 'require_approval' = 'allow') {
  const server = askingServer(options)
  const desk = await openHelpdesk((request) => server.fetch(request))
  const by = ada.id
  const begun = await beginFromEndpoint(desk.deps, { kind: 'endpoint', protocol: 'mcp', url: ASKING_URL }, { by })
  if (!begun.ok) throw new Error(begun.message)
  const given = { importId: begun.importId, slug: 'rooms', title: 'Rooms', baseUrl: ASKING_URL, by }
  const added = await addIntegration(desk.deps, given)
  if (!added.ok) throw new Error(added.message)
  const method = added.integration.authMethods.find(({ id }) => id === 'none')
  if (method === undefined) throw new Error('It wants a credential')
  const connect = { integration: added.integration, method, values: {}, owner: 'org', slug: 'main' } as const
  const made = await createConnection({ ...desk.deps, principal: ada }, connect)
  if (!made.ok) throw new Error(made.message)
  const rule = { id: 'pol_1', pattern: 'rooms.*', action, createdBy: by, createdAt: 1, updatedAt: 1 }
  await insertPolicy(desk.db, rule)
  server.done.length = 0
  const sent = () => server.requests.filter((request) => request === 'POST tools/call').length
  return { ...desk, server, sent } satisfies Rooms
}

const code = (tool: string) => `return JSON.parse(await tools.rooms.${tool}({ of: 'x' }))`

async function waiting(desk: Rooms, tool: string, principal = ada) {
  const outcome = await executeRun(desk.deps, { principal, client: 'test 1.0', code: code(tool) })
  if (outcome.state !== 'waiting') throw new Error(`It does not wait: ${JSON.stringify(outcome)}`)
  return outcome
}

async function pending(desk: Rooms) {
  const [question] = await listPendingApprovals(desk.db, { limit: 50 })
  if (question === undefined) throw new Error('Nothing waits')
  return question
}

const accept = (...values: string[][]): Verdict => ({ kind: 'replied', action: 'accept', values })

/** Decides, and waits for all that goes on behind it. */
async function decide(desk: Rooms, verdict: Verdict, principal = ada) {
  const { id } = await pending(desk)
  const work: Promise<unknown>[] = []
  const decided = await decideApproval({ ...desk.deps, principal, waitUntil: (each) => work.push(each) }, id, verdict)
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
  return decided
}

const resume = (desk: Rooms, run: string) => resumeRun(desk.deps, ada, run, { withinMs: 3000 })

test.each<AskingOptions>([{ era: 'modern' }, { era: 'legacy' }, { era: 'legacy', asks: 'aside' }])(
  'a question waits for a person, and the agent gets the result of the tool: %o',
  async (options) => {
    const desk = await openRooms(options)
    const outcome = await waiting(desk, 'book')
    expect(outcome.waiting).toMatchObject([
      { question: 'input', tool: 'rooms.book', account: 'rooms@main', summary: 'rooms asks: Which room?' },
    ])
    expect(outcome.calls).toMatchObject([{ state: 'held' }])
    const before = desk.sent()
    expect(await decide(desk, accept(['c'], ['2']))).toMatchObject({ ok: true })
    const value = [{ action: 'accept', content: { room: 'c', seats: 2 } }]
    expect(await resume(desk, outcome.run)).toMatchObject({ ok: true, outcome: { state: 'succeeded', value } })
    expect(desk.sent() - before).toBe(1)
    expect(desk.server.listeners()).toBe(0)

    expect(await replayRun(desk.deps, { id: outcome.run })).toMatchObject({ state: 'same' })
    expect(desk.sent() - before).toBe(1)
    const entries = await listAudit(desk.db, {}, { limit: 50 })
    expect(entries.find(({ action }) => action === 'approval.answered')).toMatchObject({
      actor: ada.id,
      subject: 'rooms.book',
      details: expect.stringContaining('"question":"input"'),
    })
  },
)

test('the page of the question is told of to whoever asked, and to a client that opens links', async () => {
  const desk = await openRooms()
  const answer = await callTool(desk, { name: 'execute', arguments: { code: code('book') } })
  const { id } = await pending(desk)
  expect(answer.text).toContain(`${ORIGIN}/approvals/${id}`)
  expect(answer.text).toContain('needs an answer from the user (rooms asks: Which room?)')
  const capabilities = { elicitation: { url: {} } }
  const asked = await callTool(desk, { name: 'execute', arguments: { code: code('book') }, capabilities })
  const [request] = Object.values(asked.inputRequests ?? {})
  expect(request).toMatchObject({ params: { mode: 'url', url: expect.stringMatching(/approvals\/apr_\w+$/) } })
})

test('a question waits for days, through restarts, and until it expires', async () => {
  const desk = await openRooms()
  const { run } = await waiting(desk, 'book')
  await tend(desk.deps, Date.now() + 3 * DAY_MS)
  expect(await findRun(desk.db, run)).toMatchObject({ state: 'waiting' })
  // Stored by a Worker that dies right after it; another one goes on.
  const answered = `UPDATE approvals SET state = 'answered', answer = ?, decided_by = 'person:ada@example.com', decided_at = 5`
  await env.DB.prepare(answered)
    .bind(JSON.stringify({ action: 'accept', content: { room: 'a' } }))
    .run()
  await tend(desk.deps, Date.now() + 4 * DAY_MS)
  // The client of MCP puts defaults where nothing was said.
  const value = [{ action: 'accept', content: { room: 'a', seats: 4 } }]
  expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'succeeded', value } })

  const late = await waiting(desk, 'book')
  const before = desk.sent()
  await tend(desk.deps, Date.now() + 8 * DAY_MS)
  const message = 'rooms.book asked a person, and nobody answered in time.'
  expect(await resume(desk, late.run)).toMatchObject({
    outcome: { state: 'expired', error: { code: 'approval_expired', message } },
  })
  expect(desk.sent()).toBe(before)
})

test('only the person whose run it is answers, or an admin, and nobody twice', async () => {
  const desk = await openRooms()
  const other = person('eve@example.com')
  const { run } = await waiting(desk, 'book', bob)
  const before = desk.sent()
  const answer = accept(['c'], ['2'])
  expect(await decide(desk, answer, other)).toMatchObject({ ok: false, reason: 'not_allowed' })
  expect(await decide(desk, answer, robot)).toMatchObject({ ok: false, reason: 'not_allowed' })
  expect(desk.sent()).toBe(before)
  const { id } = await pending(desk)
  expect(await decide(desk, answer, bob)).toMatchObject({ ok: true })
  expect(await decideApproval({ ...desk.deps, principal: ada }, id, answer)).toMatchObject({
    reason: 'decided',
    by: bob.id,
  })
  expect(await findRun(desk.db, run)).toMatchObject({ state: 'succeeded' })
})

test('a question is not approved, and an approval is not answered', async () => {
  const desk = await openRooms({ era: 'legacy' }, 'require_approval')
  const { run } = await waiting(desk, 'book')
  expect(desk.sent()).toBe(0)
  expect(await decide(desk, accept(['c'], ['2']))).toMatchObject({ ok: false, reason: 'bad_answer' })
  await decide(desk, { kind: 'approved', remember: 'once', expiresAt: null })
  expect(desk.sent()).toBe(1)
  for (const verdict of [
    { kind: 'approved', remember: 'tool', expiresAt: null },
    { kind: 'declined', reason: '' },
    { kind: 'answered', answer: '{}' },
    { kind: 'stopped' },
  ] as const) {
    expect(await decide(desk, verdict)).toMatchObject({ ok: false, reason: 'bad_answer' })
  }
  // The approval holds for the same call with its answer: nobody is asked whether it may be sent once more.
  await decide(desk, accept(['c'], ['2']))
  expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'succeeded' } })
  expect(desk.sent()).toBe(2)
})

test('what was blocked while the question waited is not sent, and the run ends with that', async () => {
  const desk = await openRooms()
  const { run } = await waiting(desk, 'book')
  const before = desk.sent()
  const rule = {
    id: 'pol_2',
    pattern: 'rooms.book',
    action: 'block' as const,
    createdBy: 'a',
    createdAt: 2,
    updatedAt: 2,
  }
  await insertPolicy(desk.db, rule)
  await decide(desk, accept(['c'], ['2']))
  expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'failed', error: { code: 'blocked' } } })
  expect(desk.sent()).toBe(before)
})

test('who declines or dismisses tells the server so, and the program gets what the server makes of it', async () => {
  const desk = await openRooms()
  for (const action of ['decline', 'cancel'] as const) {
    const { run } = await waiting(desk, 'book')
    await decide(desk, { kind: 'replied', action, values: [['ignored']] })
    expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'succeeded', value: [{ action }] } })
  }
})

test('several questions of one call come one after the other; those of a read and of a URL too', async () => {
  const desk = await openRooms({ era: 'modern' })
  const both = await waiting(desk, 'both')
  await decide(desk, accept(['c'], ['2']))
  expect(await pending(desk)).toMatchObject({ summary: 'rooms asks: And for tomorrow?' })
  await decide(desk, accept(['a'], ['3']))
  expect(await resume(desk, both.run)).toMatchObject({
    outcome: { value: [{ content: { room: 'c', seats: 2 } }, { content: { room: 'a', seats: 3 } }] },
  })
  const read = await waiting(desk, 'look')
  await decide(desk, accept(['c'], ['2']))
  expect(await resume(desk, read.run)).toMatchObject({ outcome: { state: 'succeeded' } })
  const url = await waiting(desk, 'sign')
  const stored = await readApproval(desk.db, (await pending(desk)).id)
  expect(stored?.approval.asks).toMatchObject(AGREE)
  await decide(desk, accept())
  expect(await resume(desk, url.run)).toMatchObject({ outcome: { value: [{ action: 'accept' }] } })
})

test('of calls side by side each has its own question and its own answer', async () => {
  const desk = await openRooms()
  const program = `const [a, b] = await Promise.all(['a', 'b'].map((of) => tools.rooms.book({ of }))); return [a, b].map((each) => JSON.parse(each)[0].content.seats)`
  const outcome = await executeRun(desk.deps, { principal: ada, client: 'test 1.0', code: program })
  expect(outcome).toMatchObject({ state: 'waiting', waiting: [{ question: 'input' }, { question: 'input' }] })
  await decide(desk, accept(['c'], ['1']))
  await decide(desk, accept(['c'], ['2']))
  expect(await resume(desk, outcome.run)).toMatchObject({ outcome: { state: 'succeeded', value: [1, 2] } })
})

test('wherever the Worker dies after the answer, the call is not sent once more by itself', async () => {
  const ends = new Set<string>()
  for (let diesAt = 1; diesAt <= 30; diesAt++) {
    const desk = await openRooms()
    const { run } = await waiting(desk, 'book')
    const before = desk.server.done.length
    const { id } = await pending(desk)
    const dying = mortal(desk, diesAt, (request) => Promise.resolve(desk.server.fetch(request)))
    const work: Promise<unknown>[] = []
    const waitUntil = (each: Promise<unknown>) => void work.push(each)
    const decided = decideApproval({ ...dying.deps, principal: ada, waitUntil }, id, accept(['c'], ['2']))
    await Promise.race([decided.then(() => Promise.all(work)), dying.died])
    await env.DB.prepare('UPDATE runs SET lease_until = 0').run()
    await advanceRun(desk.deps, run, { retireAfterMs: 20_000 })
    expect(desk.server.done.length - before, `it died at step ${diesAt}`).toBeLessThanOrEqual(1)
    const [question] = await listPendingApprovals(desk.db, { limit: 5 })
    const { state } = (await findRun(desk.db, run)) ?? {}
    ends.add(question ? `${state}: ${question.question}` : String(state))
    // Nobody's answer is lost: it is stored, or asked for again.
    expect(question?.question === 'input' ? desk.server.done.length : before).toBe(before)
  }
  expect([...ends].sort()).toEqual(['succeeded', 'waiting: input', 'waiting: outcome'])
}, 60_000)

test('a call that was lost after an answer is sent again by whoever says so, with the answers of before', async () => {
  const desk = await openRooms()
  const { run } = await waiting(desk, 'book')
  await env.DB.prepare(`UPDATE calls SET state = 'started'`).run()
  const answered = `UPDATE approvals SET state = 'answered', is_applied = 1, answer = ?, decided_by = 'person:ada@example.com', decided_at = 5`
  await env.DB.prepare(answered)
    .bind(JSON.stringify({ action: 'accept', content: { room: 'a', seats: 1 } }))
    .run()
  await env.DB.prepare(`UPDATE runs SET state = 'running'`).run()
  const before = desk.sent()
  await advanceRun(desk.deps, run, { retireAfterMs: 20_000 })
  expect(await pending(desk)).toMatchObject({ question: 'outcome' })
  expect(desk.sent()).toBe(before)
  await decide(desk, { kind: 'approved', remember: 'once', expiresAt: null })
  expect(await resume(desk, run)).toMatchObject({ outcome: { value: [{ content: { room: 'a', seats: 1 } }] } })
  expect(desk.sent()).toBe(before + 1)
})

test.each<[string, string[][], number | undefined]>([
  ['nothing where something is required', [[], ['2']], 0],
  ['what is no option', [['attic'], ['2']], 0],
  ['a name of Object.prototype', [['constructor'], ['2']], 0],
  ['two answers to one question', [['a', 'c'], ['2']], 0],
  ['a text for a number', [['a'], ['many']], 1],
  ['another spelling of a number', [['a'], ['0x4']], 1],
  ['a fraction', [['a'], ['2.5']], 1],
  ['too much', [['a'], ['13']], 1],
  ['a number beyond all numbers', [['a'], ['9'.repeat(500)]], 1],
  ['too few fields', [['a']], undefined],
  ['a field that nobody asked for', [['a'], ['2'], ['admin']], undefined],
])('an answer with %s is refused, and the question stays', async (_, values, field) => {
  const desk = await openRooms()
  await waiting(desk, 'book')
  const before = desk.sent()
  const refused = await decide(desk, accept(...values))
  expect(refused).toMatchObject({ ok: false, reason: 'bad_answer', errors: [field === undefined ? {} : { field }] })
  expect(await pending(desk)).toMatchObject({ state: 'pending' })
  expect(desk.sent()).toBe(before)
})

test('what the server logs and how far it came is stored with the call, at no further round trip', async () => {
  const desk = await openRooms()
  desk.trips.length = 0
  const outcome = await executeRun(desk.deps, { principal: ada, client: 'test 1.0', code: code('quick') })
  expect(outcome).toMatchObject({ state: 'succeeded' })
  // Three of the run, one for the tool that was not called before.
  expect(desk.trips).toHaveLength(4)
  const [call] = await listCalls(desk.db, outcome.run)
  expect(call?.notes).toEqual({
    progress: { progress: 1, total: 2, message: 'halfway' },
    logs: [{ level: 'info', text: 'desk: begins quick' }],
    left: 0,
  })
  const { run } = await waiting(desk, 'book')
  expect(await listCalls(desk.db, run)).toMatchObject([{ state: 'held', notes: { logs: [{}] } }])
})
