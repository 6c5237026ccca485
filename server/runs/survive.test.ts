import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { listPendingApprovals, listRememberedApprovals } from '../db/approvals.ts'
import { listCalls } from '../db/calls.ts'
import { insertPolicy } from '../db/policies.ts'
import { findRun } from '../db/runs.ts'
import { ada, answerHelpdesk, bob, type Helpdesk, openHelpdesk, robot } from '../testing/helpdesk.ts'
import { mortal } from '../testing/mortal.ts'
import { advanceRun } from './advance.ts'
import { cancelRun } from './cancel-run.ts'
import { decideApproval, revokeRemembered, type Verdict } from './decide-approval.ts'
import { deleteRun } from './delete-run.ts'
import { executeRun, startRun } from './execute.ts'
import { replayRun } from './replay-run.ts'
import { resumeRun } from './resume.ts'
import { clean, tend } from './tend.ts'

const APPROVE: Verdict = { kind: 'approved', remember: 'once', expiresAt: null }
const writes = (desk: Helpdesk) => desk.received.filter(({ method }) => method !== 'GET')

function execute({ deps }: Helpdesk, code: string, principal = ada) {
  return executeRun(deps, { principal, client: 'test 1.0', code })
}

async function openConnected(upstream?: Parameters<typeof openHelpdesk>[0]): Promise<Helpdesk> {
  const desk = await openHelpdesk(upstream)
  await desk.connect('main')
  return desk
}

/** Decides, and waits for all that goes on behind it. */
async function decide(desk: Helpdesk, id: string, verdict: Verdict, principal = ada) {
  const work: Promise<unknown>[] = []
  const decided = await decideApproval({ ...desk.deps, principal, waitUntil: (each) => work.push(each) }, id, verdict)
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
  return decided
}

/** The decision as it is stored, by a Worker that dies right after it. */
async function approveAndDie(id: string) {
  const approved = `UPDATE approvals SET state = 'approved', decided_by = 'person:ada@example.com', decided_at = 5`
  await env.DB.prepare(`${approved} WHERE id = ?`).bind(id).run()
}

async function pending(desk: Helpdesk) {
  return listPendingApprovals(desk.db, { limit: 50 })
}

async function waitingRun(desk: Helpdesk, code: string, principal = ada) {
  const outcome = await execute(desk, code, principal)
  if (outcome.state !== 'waiting') throw new Error(`It does not wait: ${JSON.stringify(outcome)}`)
  return outcome
}

function resume(desk: Helpdesk, run: string, principal = ada) {
  return resumeRun(desk.deps, principal, run, { withinMs: 3000 })
}

const CREATE = 'const made = await tools.helpdesk.tickets.create({ title: "x" }); return made.id'

test('a held call says what waits and where, sends nothing, and goes out once when it is approved', async () => {
  const desk = await openConnected()
  const outcome = await waitingRun(desk, `console.log("before"); ${CREATE}`)
  expect(outcome.waiting).toMatchObject([
    { tool: 'helpdesk.tickets.create', account: 'helpdesk@main', question: 'send' },
  ])
  expect(outcome.logs).toBe('before\n')
  const [question] = await pending(desk)
  expect(question).toMatchObject({ principal: ada.id, client: 'test 1.0', because: expect.stringMatching(/approval/) })
  expect(outcome.waiting[0]?.link).toBe(`https://executor.example.com/approvals/${question?.id}`)
  expect(writes(desk)).toEqual([])

  expect(await decide(desk, question?.id ?? '', APPROVE)).toMatchObject({ ok: true })
  expect(await resume(desk, outcome.run)).toMatchObject({ ok: true, outcome: { state: 'succeeded', value: 3 } })
  expect(writes(desk)).toMatchObject([{ method: 'POST', body: '{"title":"x"}' }])
  expect(await resume(desk, outcome.run)).toMatchObject({ ok: true, outcome: { value: 3 } })
  expect(writes(desk)).toHaveLength(1)
})

test('the exact request is shown before it is sent', async () => {
  const desk = await openConnected()
  await waitingRun(desk, CREATE)
  const row = await env.DB.prepare('SELECT request FROM approvals').first<{ request: string }>()
  expect(JSON.parse(row?.request ?? '')).toMatchObject({
    method: 'POST',
    url: 'https://helpdesk.example.com/tickets',
    body: '{"title":"x"}',
  })
})

test('several calls are held at once, decided one by one, and the run goes on as far as it can', async () => {
  const desk = await openConnected()
  const outcome = await waitingRun(
    desk,
    `const [a, b, list] = await Promise.allSettled([
       tools.helpdesk.tickets.create({ title: "a" }),
       tools.helpdesk.tickets.delete({ id: 7 }),
       tools.helpdesk.tickets.list(),
     ])
     return [a.value?.id, b.reason?.code, b.reason?.message, list.value.length]`,
  )
  expect(outcome.waiting).toHaveLength(2)
  expect(outcome.calls.map(({ state }) => state)).toEqual(['held', 'held', 'succeeded'])
  const questions = await pending(desk)
  const first = questions.find(({ tool }) => tool === 'helpdesk.tickets.create')
  const second = questions.find(({ tool }) => tool === 'helpdesk.tickets.delete')
  await decide(desk, first?.id ?? '', APPROVE)
  expect(await findRun(desk.db, outcome.run)).toMatchObject({ state: 'waiting' })
  expect(writes(desk)).toHaveLength(1)
  await decide(desk, second?.id ?? '', { kind: 'declined', reason: 'keep it' })
  const resumed = await resume(desk, outcome.run)
  expect(resumed).toMatchObject({ outcome: { state: 'succeeded', value: [3, 'declined', expect.any(String), 2] } })
  expect(JSON.stringify(resumed)).toContain('keep it')
  expect(writes(desk)).toHaveLength(1)
})

test('reads that need approval one after the other are approved one after the other', async () => {
  const desk = await openConnected()
  const rule = { pattern: 'helpdesk.tickets.list', action: 'require_approval' as const }
  await insertPolicy(desk.db, { id: 'pol_1', ...rule, createdBy: ada.id, createdAt: 1, updatedAt: 1 })
  const list = (limit: number) => `(await tools.helpdesk.tickets.list({ limit: ${limit} })).length`
  const { run } = await waitingRun(desk, `return [${list(1)}, ${list(2)}, ${list(3)}]`)
  for (let read = 1; read <= 3; read++) {
    const [question] = await pending(desk)
    expect(await decide(desk, question?.id ?? '', APPROVE)).toMatchObject({ ok: true })
    expect(desk.received).toHaveLength(read)
  }
  expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'succeeded', value: [1, 2, 3] } })
})

test('a call that was declined ends the run as declined when the program does not catch it', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, CREATE)
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', { kind: 'declined', reason: 'not today' })
  expect(await resume(desk, run)).toMatchObject({
    outcome: { state: 'declined', error: { code: 'declined', message: expect.stringContaining('not today') } },
  })
})

test('what nobody decided in time expires by cron, and the run ends as expired', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, CREATE)
  await env.DB.prepare('UPDATE approvals SET expires_at = 1').run()
  const [question] = await pending(desk)
  expect(await decide(desk, question?.id ?? '', APPROVE)).toMatchObject({ ok: false, reason: 'decided' })
  await tend(desk.deps)
  expect(await findRun(desk.db, run)).toMatchObject({ state: 'expired', error: { code: 'approval_expired' } })
  expect(writes(desk)).toEqual([])
})

test('two people deciding at once: one wins, the other is told who and what', async () => {
  const desk = await openConnected()
  await waitingRun(desk, CREATE)
  const [question] = await pending(desk)
  const id = question?.id ?? ''
  const other: Principal = {
    kind: 'person',
    id: 'person:eve@example.com',
    email: 'eve@example.com',
    subject: 'eve',
    groups: [],
    isAdmin: true,
  }
  const both = await Promise.all([decide(desk, id, APPROVE), decide(desk, id, { kind: 'declined', reason: '' }, other)])
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  expect(both.find(({ ok }) => !ok)).toMatchObject({ reason: 'decided', by: expect.stringMatching(/^person:/) })
})

test('only the person whose run it is, or an admin, decides; services never do', async () => {
  const desk = await openConnected()
  await waitingRun(desk, CREATE, robot)
  const [question] = await pending(desk)
  for (const principal of [bob, robot]) {
    expect(await decide(desk, question?.id ?? '', APPROVE, principal)).toMatchObject({ reason: 'not_allowed' })
  }
  expect(await decide(desk, question?.id ?? '', APPROVE, ada)).toMatchObject({ ok: true })
})

test('remembered for the tool: the next call goes through, until it is revoked; another principal is still asked', async () => {
  const desk = await openConnected()
  const first = await waitingRun(desk, CREATE)
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', { kind: 'approved', remember: 'tool', expiresAt: Date.now() + 60_000 })
  await resume(desk, first.run)
  expect(await execute(desk, CREATE)).toMatchObject({ state: 'succeeded' })
  expect((await execute(desk, CREATE, robot)).state).toBe('waiting')
  const [remembered] = await listRememberedApprovals(desk.db, { now: Date.now(), limit: 5 })
  expect(await revokeRemembered({ db: desk.db, principal: bob }, remembered?.id ?? '')).toMatchObject({ ok: false })
  expect(await revokeRemembered({ db: desk.db, principal: ada }, remembered?.id ?? '')).toEqual({ ok: true })
  expect((await execute(desk, CREATE)).state).toBe('waiting')
})

test('remembered for the run: its later calls of the tool go through, and those of another run do not', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(
    desk,
    `${CREATE.replace('return made.id', '')}; ${CREATE.replace('made', 'again').replace('made', 'again')}`,
  )
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', { kind: 'approved', remember: 'run', expiresAt: null })
  expect(await resume(desk, run)).toMatchObject({ outcome: { state: 'succeeded', value: 3 } })
  expect(writes(desk)).toHaveLength(2)
  expect((await execute(desk, CREATE)).state).toBe('waiting')
})

test('what was blocked, or changed, after the approval is not sent', async () => {
  const desk = await openConnected()
  const blocked = await waitingRun(desk, CREATE)
  const [first] = await pending(desk)
  await approveAndDie(first?.id ?? '')
  const rule = { id: 'pol_1', pattern: 'helpdesk.tickets.create', createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  await insertPolicy(desk.db, { ...rule, action: 'block' })
  expect(await resume(desk, blocked.run)).toMatchObject({ outcome: { state: 'failed', error: { code: 'blocked' } } })
  await env.DB.prepare('DELETE FROM policies').run()

  const changed = await waitingRun(desk, CREATE)
  const [second] = await pending(desk)
  await approveAndDie(second?.id ?? '')
  await env.DB.prepare(`UPDATE tools SET binding = json_set(binding, '$.path', '/elsewhere')`).run()
  await env.DB.prepare('UPDATE integrations SET revision = revision + 1').run()
  await env.DB.prepare('UPDATE tools SET revision = revision + 1').run()
  const asked = await advanceRun(desk.deps, changed.run, { retireAfterMs: 5000 })
  expect(asked).toMatchObject({ state: 'waiting' })
  expect(await pending(desk)).toMatchObject([{ because: expect.stringContaining('has changed since') }])
  expect(writes(desk)).toEqual([])
})

test('a write whose answer was lost is never sent again: a person says what came of it', async () => {
  const desk = await openConnected()
  await insertPolicy(desk.db, {
    id: 'p',
    pattern: 'helpdesk.*',
    action: 'allow',
    createdBy: 'a',
    createdAt: 1,
    updatedAt: 1,
  })
  const cases: [Verdict, unknown, number][] = [
    [{ kind: 'answered', answer: '{"id":77}' }, { state: 'succeeded', value: 77 }, 1],
    [APPROVE, { state: 'succeeded', value: 3 }, 2],
    [{ kind: 'stopped' }, { state: 'cancelled' }, 1],
  ]
  for (const [verdict, outcome, sent] of cases) {
    desk.forget()
    let reached = () => {}
    const hasReached = new Promise<void>((resolve) => (reached = resolve))
    const dying = mortal(desk, Infinity, async (request) => {
      desk.received.push({ method: request.method, url: request.url, headers: request.headers, body: '' })
      reached()
      return new Promise<never>(() => {})
    })
    const started = await startRun(dying.deps, { principal: ada, client: 'test', code: CREATE })
    await hasReached
    await env.DB.prepare('UPDATE runs SET lease_until = 0').run()
    expect(await advanceRun(desk.deps, started.run, { retireAfterMs: 5000 })).toMatchObject({ state: 'waiting' })
    const [question] = await pending(desk)
    expect(question).toMatchObject({ question: 'outcome' })
    expect(await decide(desk, question?.id ?? '', verdict)).toMatchObject({ ok: true })
    expect(await resume(desk, started.run)).toMatchObject({ outcome })
    expect(writes(desk)).toHaveLength(sent)
  }
})

test('a run that is cancelled sends nothing more, says so, and closes its questions', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, CREATE)
  expect(await cancelRun({ db: desk.db, principal: bob }, run)).toMatchObject({ ok: false })
  expect(await cancelRun({ db: desk.db, principal: ada }, run)).toEqual({ ok: true })
  expect(await pending(desk)).toEqual([])
  expect(await resume(desk, run)).toMatchObject({
    outcome: { state: 'cancelled', calls: [{ state: 'cancelled' }] },
  })
  expect(await cancelRun({ db: desk.db, principal: ada }, run)).toMatchObject({ ok: false })
})

test('a run of another looks like none, and a replayed program that asks for something else ends as diverged', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, `await tools.helpdesk.tickets.list(); ${CREATE}`)
  expect(await resume(desk, run, bob)).toMatchObject({ ok: false, error: { code: 'unknown_run' } })
  await env.DB.prepare(
    `UPDATE runs SET program = json_set(program, '$.script', 'await tools.helpdesk.tickets.get({ id: 1 })')`,
  ).run()
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', APPROVE)
  expect(await resume(desk, run)).toMatchObject({
    outcome: { state: 'diverged', error: { message: expect.stringContaining('helpdesk.tickets.list') } },
  })
  expect(writes(desk)).toEqual([])
})

test('time and chance are the same when a run goes on a day later, and a timer has been running', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(
    desk,
    `const seen = [Date.now(), Math.random(), crypto.randomUUID()]
     await new Promise((done) => setTimeout(done, 5))
     console.log(JSON.stringify([...seen, Date.now()]))
     await tools.helpdesk.tickets.create({ title: "x" })
     return seen`,
  )
  const before = (await findRun(desk.db, run))?.logs
  const day = 86_400_000
  await env.DB.batch([
    env.DB.prepare(`UPDATE runs SET started_at = started_at - ${day}`),
    env.DB.prepare(`UPDATE calls SET started_at = started_at - ${day}, settled_at = settled_at - ${day}`),
  ])
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', APPROVE)
  const resumed = await resume(desk, run)
  expect(resumed).toMatchObject({ outcome: { state: 'succeeded' } })
  const [now, chance, uuid] = JSON.parse(before ?? '')
  expect(resumed).toMatchObject({ outcome: { value: [now - day, chance, uuid] } })
})

test('cron takes up a run that nobody drives, and gives up one that never comes further', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, CREATE)
  await env.DB.prepare(
    `UPDATE approvals SET state = 'approved', decided_by = 'person:ada@example.com', decided_at = 5`,
  ).run()
  await tend(desk.deps)
  expect(await findRun(desk.db, run)).toMatchObject({ state: 'succeeded' })
  await env.DB.prepare(`UPDATE runs SET state = 'running', ended_at = NULL, attempts = 5`).run()
  await tend(desk.deps)
  expect(await findRun(desk.db, run)).toMatchObject({ state: 'lost', error: { code: 'lost' } })
})

test('a replay for the console asks no upstream and comes to the same', async () => {
  const desk = await openConnected()
  const outcome = await execute(
    desk,
    'const list = await tools.helpdesk.tickets.list(); return [list.length, Math.random()]',
  )
  desk.forget()
  expect(await replayRun(desk.deps, { id: outcome.run })).toMatchObject({ state: 'same' })
  expect(desk.received).toEqual([])
  await env.DB.prepare(`UPDATE runs SET result = '"other"'`).run()
  expect(await replayRun(desk.deps, { id: outcome.run })).toMatchObject({ state: 'different' })
})

test('deleting, by a person or by age, leaves nothing of a run', async () => {
  const desk = await openConnected()
  const { run } = await waitingRun(desk, CREATE)
  expect(await deleteRun({ db: desk.db, principal: ada }, run)).toMatchObject({ ok: false })
  await cancelRun({ db: desk.db, principal: ada }, run)
  expect(await deleteRun({ db: desk.db, principal: bob }, run)).toMatchObject({ ok: false })
  expect(await deleteRun({ db: desk.db, principal: ada }, run)).toEqual({ ok: true })
  const old = await execute(desk, 'return (await tools.helpdesk.tickets.list({ limit: 5000 }))')
  await env.DB.prepare('UPDATE runs SET started_at = 1, ended_at = 2').run()
  await clean(desk.deps, Date.now())
  expect(await findRun(desk.db, old.run)).toBeUndefined()
  for (const table of ['calls', 'run_chunks', 'approvals']) {
    expect(await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first('n')).toBe(0)
  }
})

test('who decided what is on record, and so is a call that was blocked', async () => {
  const desk = await openConnected()
  await env.DB.prepare('DELETE FROM audit').run()
  const { run } = await waitingRun(desk, CREATE)
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', APPROVE)
  await resume(desk, run)
  await insertPolicy(desk.db, {
    id: 'p',
    pattern: 'helpdesk.*',
    action: 'block',
    createdBy: 'a',
    createdAt: 1,
    updatedAt: 1,
  })
  await execute(desk, 'return tools.helpdesk.tickets.list()', robot)
  const { results } = await env.DB.prepare('SELECT actor, action, subject FROM audit ORDER BY sequence').all()
  expect(results).toEqual([
    { actor: ada.id, action: 'approval.approved', subject: 'helpdesk.tickets.create' },
    { actor: robot.id, action: 'call.blocked', subject: 'helpdesk.tickets.list' },
  ])
})

test('an idempotency key is sent where the document has a field for one, the same whenever the call is sent', async () => {
  const desk = await openConnected()
  await env.DB.prepare(
    `UPDATE tools SET input_schema = json_set(input_schema, '$.properties."Idempotency-Key"', json('{"type":"string"}')),
       binding = json_set(binding, '$.parameters[0]', json('{"key":"Idempotency-Key","name":"Idempotency-Key","in":"header","style":"simple","explode":false}'))
     WHERE name = 'tickets.create'`,
  ).run()
  await env.DB.prepare('UPDATE integrations SET revision = revision + 1').run()
  await env.DB.prepare('UPDATE tools SET revision = revision + 1').run()
  const { run } = await waitingRun(desk, CREATE)
  const [question] = await pending(desk)
  await decide(desk, question?.id ?? '', APPROVE)
  await resume(desk, run)
  expect(writes(desk)[0]?.headers.get('idempotency-key')).toBe(`${run}-1`)
})

test('a run of ten parallel reads costs two round trips of its own, one without calls two statements', async () => {
  const desk = await openConnected(answerHelpdesk)
  const reads = 'return Promise.all(Array.from({ length: 10 }, () => tools.helpdesk.tickets.list()))'
  await execute(desk, reads)
  desk.forget()
  await execute(desk, reads)
  const own = desk.trips.filter(({ statements }) => statements.some((text) => /\b(runs|calls|run_chunks)\b/.test(text)))
  expect(own).toHaveLength(2)
  desk.forget()
  await execute(desk, 'return 1')
  expect(desk.trips.flatMap(({ statements }) => statements).length).toBeLessThanOrEqual(3)
})

test('a write adds two round trips', async () => {
  const desk = await openConnected()
  await insertPolicy(desk.db, {
    id: 'p',
    pattern: 'helpdesk.*',
    action: 'allow',
    createdBy: 'a',
    createdAt: 1,
    updatedAt: 1,
  })
  await execute(desk, CREATE)
  desk.forget()
  const { run } = await execute(desk, CREATE)
  expect(desk.trips).toHaveLength(1 + 1 + 2 + 1)
  expect(await listCalls(desk.db, run)).toMatchObject([{ state: 'succeeded', effect: 'write' }])
})
