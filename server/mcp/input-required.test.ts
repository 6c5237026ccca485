import { createHmac } from 'node:crypto'
import { env } from 'cloudflare:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, test, vi } from 'vitest'
import { decideApproval, type Verdict } from '../runs/decide-approval.ts'
import { ada, answerHelpdesk, bob, type Helpdesk, openHelpdesk, robot } from '../testing/helpdesk.ts'
import { callTool, config, ENDPOINT, mcpFetch } from '../testing/mcp-endpoint.ts'

const OPENS_LINKS = { elicitation: { url: {} } }
const CREATE = 'return (await tools.helpdesk.tickets.create({ title: "T" })).id'
const APPROVE: Verdict = { kind: 'approved', remember: 'once', expiresAt: null }

async function openConnected() {
  const desk = await openHelpdesk()
  await desk.connect('main')
  return desk
}

/** What a person does in the console, to the questions that wait; the run goes on. */
async function decideAll(desk: Helpdesk, verdict: Verdict) {
  const work: Promise<unknown>[] = []
  const waitUntil = (each: Promise<unknown>) => void work.push(each)
  const report = (error: unknown) => expect.unreachable(String(error))
  const { results } = await env.DB.prepare(`SELECT id FROM approvals WHERE state = 'pending'`).all<{ id: string }>()
  for (const { id } of results) {
    const decided = await decideApproval({ ...desk.deps, principal: ada, waitUntil, report }, id, verdict)
    expect(decided).toMatchObject({ ok: true })
  }
  await Promise.all(work)
}

/** The work, with a clock that runs fifty times as fast: what waits 25 s has done so in half a second. */
async function hasten<T>(work: () => Promise<T>): Promise<T> {
  const pause = globalThis.setTimeout
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  try {
    const clock = { isStopped: false }
    const result = work().finally(() => (clock.isStopped = true))
    while (!clock.isStopped) {
      await vi.advanceTimersByTimeAsync(250)
      await new Promise((done) => pause(done, 5))
    }
    return await result
  } finally {
    vi.useRealTimers()
  }
}

/** How many of each there are: of what an attack would change. */
async function standing(desk: Helpdesk) {
  const count = (sql: string) => env.DB.prepare(sql).first<number>('n')
  return {
    runs: await count('SELECT count(*) AS n FROM runs'),
    approved: await count(`SELECT count(*) AS n FROM approvals WHERE state <> 'pending'`),
    sent: desk.received.filter(({ method }) => method !== 'GET').length,
  }
}

/** A run of ada's that waits, as a client that opens links is told of it. */
async function askToCreate(desk: Helpdesk) {
  const asked = await callTool(desk, { name: 'execute', arguments: { code: CREATE }, capabilities: OPENS_LINKS })
  const [id, question] = Object.entries(asked.inputRequests ?? {})[0] ?? []
  const run = await env.DB.prepare('SELECT id FROM runs').first<string>('id')
  return { asked, id: id ?? '', question, run: run ?? '', state: asked.requestState ?? '' }
}

test('the official client opens the link for its user, and gets the result once a person has approved', async () => {
  const desk = await openConnected()
  const client = new Client(
    { name: 'opens-links', version: '1' },
    { versionNegotiation: { mode: 'auto' }, capabilities: OPENS_LINKS },
  )
  const opened: unknown[] = []
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    opened.push(params)
    expect(desk.received).toEqual([])
    await decideAll(desk, APPROVE)
    return { action: 'accept' }
  })
  await client.connect(new StreamableHTTPClientTransport(ENDPOINT, { fetch: mcpFetch(desk) }))
  const { content, isError } = await client.callTool({ name: 'execute', arguments: { code: CREATE } })
  expect([isError, content]).toEqual([false, [{ type: 'text', text: '3' }]])
  expect(opened).toEqual([
    {
      mode: 'url',
      message: expect.stringContaining('helpdesk.tickets.create through helpdesk@main needs approval'),
      url: expect.stringMatching(/^https:\/\/executor\.example\.com\/approvals\/apr_/),
    },
  ])
  expect(await standing(desk)).toEqual({ runs: 1, approved: 1, sent: 1 })
  await client.close()
})

test('the wire: URL elicitation under the approval’s id, with a state; everybody else gets text', async () => {
  const desk = await openConnected()
  const { asked, id, question } = await askToCreate(desk)
  expect(asked.resultType).toBe('input_required')
  expect(id).toMatch(/^apr_/)
  expect(question).toMatchObject({ method: 'elicitation/create', params: { mode: 'url' } })
  expect(question?.params.url).toMatch(new RegExp(`/approvals/${id}$`))
  for (const other of [{ capabilities: { elicitation: {} } }, { capabilities: {} }, { era: 'legacy' }] as const) {
    const told = await callTool(desk, { name: 'execute', arguments: { code: CREATE }, ...other })
    expect(told).toMatchObject({ isError: false, text: expect.stringMatching(/^The run waits for a person\./) })
    expect(told.text).toMatch(
      /- helpdesk\.tickets\.create through helpdesk@main needs approval: https:\S+apr_\w+ \(exp/,
    )
  }
})

test('the same questions keep their ids when they are asked again through resume', async () => {
  const desk = await openConnected()
  const { run, id } = await askToCreate(desk)
  const again = await hasten(() => {
    return callTool(desk, { name: 'resume', arguments: { run }, capabilities: OPENS_LINKS })
  })
  expect(Object.keys(again.inputRequests ?? {})).toEqual([id])
  const other = { name: 'resume', arguments: { run: 'run_2' }, requestState: again.requestState }
  expect(await callTool(desk, other)).toMatchObject({
    isError: true,
    text: 'invalid_state: requestState is not of run_2.',
  })
  await decideAll(desk, APPROVE)
  const retry = { requestState: again.requestState, inputResponses: { [id]: { action: 'accept' } } }
  const done = await callTool(desk, { name: 'resume', arguments: { run }, capabilities: OPENS_LINKS, ...retry })
  expect(done).toMatchObject({ isError: false, text: '3' })
})

test('a retry goes on with its run, whatever code it brings, and as often as it comes', async () => {
  const desk = await openConnected()
  const { id, state } = await askToCreate(desk)
  await decideAll(desk, APPROVE)
  const inputResponses = { [id]: { action: 'accept' } }
  for (const code of [CREATE, 'return "other code"', CREATE]) {
    const retry = {
      name: 'execute',
      arguments: { code },
      capabilities: OPENS_LINKS,
      requestState: state,
      inputResponses,
    }
    expect(await callTool(desk, retry)).toMatchObject({ isError: false, text: '3' })
  }
  // A client that has lost its capability, or speaks the older revision, is understood all the same.
  for (const other of [{}, { era: 'legacy' }] as const) {
    const retry = { name: 'execute', arguments: { code: CREATE }, requestState: state, ...other }
    expect((await callTool(desk, retry)).text).toBe('3')
  }
  expect(await standing(desk)).toEqual({ runs: 1, approved: 1, sent: 1 })
})

test('no answer of a client decides anything', async () => {
  const desk = await openConnected()
  const { id, state } = await askToCreate(desk)
  const answers = [
    { action: 'accept', content: { approved: true, decision: 'approve' } },
    { action: 'accept' },
    { action: 'decline' },
    { action: 'cancel' },
  ]
  const retries = answers.map((answer) => {
    const retry = { requestState: state, inputResponses: { [id]: answer }, capabilities: OPENS_LINKS }
    return () => callTool(desk, { name: 'execute', arguments: { code: CREATE }, ...retry })
  })
  const [accepted, plain, declined, cancelled] = await hasten(() => Promise.all(retries.map((retry) => retry())))
  for (const each of [accepted, plain]) expect(each).toMatchObject({ resultType: 'input_required' })
  for (const each of [declined, cancelled]) expect(each?.text).toMatch(/^The run waits for a person\./)
  expect(await standing(desk)).toEqual({ runs: 1, approved: 0, sent: 0 })
})

test('a state that is forged, expired, or somebody else’s is refused and changes nothing', async () => {
  const desk = await openConnected()
  const { id, state, run } = await askToCreate(desk)
  const before = await standing(desk)
  const [, body = '', mac = ''] = state.split('.')
  const payload: unknown = JSON.parse(Buffer.from(body, 'base64url').toString())
  const rewritten = (change: object) =>
    `v1.${Buffer.from(JSON.stringify({ ...Object(payload), ...change })).toString('base64url')}.${mac}`
  const signedWith = (key: string | Buffer) =>
    `v1.${body}.${createHmac('sha256', key).update(`v1.${body}`).digest('base64url')}`
  const execute = { name: 'execute', arguments: { code: CREATE } }
  const resume = { name: 'resume', arguments: { run } }
  const forgeries = {
    'of another member': { ...execute, principal: bob, requestState: state },
    'of a service': { ...execute, principal: robot, requestState: state },
    'of another member, through resume': { ...resume, principal: bob, requestState: state },
    'for another tool': { ...resume, requestState: state },
    'for a tool that keeps none': { name: 'search', arguments: {}, requestState: state },
    'for a tool that does not exist': { name: 'approve', arguments: {}, requestState: state },
    'of another member, by an older client': { ...execute, principal: bob, era: 'legacy', requestState: state },
    'with another run': { ...execute, requestState: rewritten({ p: { run: 'run_2', opened: [id], rounds: 1 } }) },
    'with a later expiry': { ...execute, requestState: rewritten({ exp: 9_999_999_999 }) },
    'without its binding': { ...execute, requestState: rewritten({ b: undefined }) },
    'signed with another key': { ...execute, requestState: signedWith('another key, that signed nothing here') },
    'signed with the key of the connections': {
      ...execute,
      requestState: signedWith(Buffer.from(config.secretKey, 'base64')),
    },
    'without a signature': { ...execute, requestState: `v1.${body}.` },
    'with a longer signature': { ...execute, requestState: `${state}-TAMPERED` },
    'of another form': { ...execute, requestState: run },
    empty: { ...execute, requestState: '' },
    'no text': { ...execute, requestState: { run } },
    null: { ...execute, requestState: null },
  } as const
  const answers: Record<string, unknown> = {}
  for (const [what, forgery] of Object.entries(forgeries)) {
    const inputResponses = { [id]: { action: 'accept' } }
    const { error, text } = await callTool(desk, { capabilities: OPENS_LINKS, inputResponses, ...forgery })
    answers[what] = { code: error?.code, text }
  }
  const refused = Object.keys(forgeries).map((what) => [what, { code: -32602, text: '' }])
  expect(answers).toEqual(Object.fromEntries(refused))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 60 * 60 * 1000 })
  try {
    const late = await callTool(desk, { ...execute, capabilities: OPENS_LINKS, requestState: state })
    expect(late.error).toMatchObject({ code: -32602, message: 'Invalid or expired requestState' })
  } finally {
    vi.useRealTimers()
  }
  expect(await standing(desk)).toEqual(before)
})

test('responses without their state start nothing', async () => {
  const desk = await openConnected()
  const { id } = await askToCreate(desk)
  const before = await standing(desk)
  const inputResponses = { [id]: { action: 'accept' } }
  for (const era of ['modern', 'legacy'] as const) {
    const lost = await callTool(desk, { name: 'execute', arguments: { code: CREATE }, era, inputResponses })
    expect(lost).toMatchObject({ isError: true, text: expect.stringMatching(/^invalid_state: .*nothing was run/) })
  }
  expect(await standing(desk)).toEqual(before)
})

test('what a person says in declining reaches the agent, and the run says what was not done', async () => {
  const desk = await openConnected()
  const { id, state } = await askToCreate(desk)
  await decideAll(desk, { kind: 'declined', reason: 'Use the other queue.' })
  const inputResponses = { [id]: { action: 'accept' } }
  const told = await callTool(desk, {
    name: 'execute',
    arguments: { code: CREATE },
    requestState: state,
    inputResponses,
  })
  expect(told.isError).toBe(true)
  expect(told.text).toContain('Use the other queue.')
  expect(told.text).toContain('The run has ended as declined; it cannot be resumed.')
  expect(told.text).toMatch(/^(Not done|Failed): helpdesk\.tickets\.create\.$/m)
  expect(await standing(desk)).toMatchObject({ sent: 0 })
})

test('nobody resumes another’s run, and a run that does not exist looks the same', async () => {
  const desk = await openConnected()
  const { run } = await askToCreate(desk)
  const asked = { name: 'resume', arguments: { run } }
  const foreign = await callTool(desk, { ...asked, principal: bob })
  const missing = await callTool(desk, { name: 'resume', arguments: { run: 'run_none' }, principal: bob })
  expect(foreign.isError).toBe(true)
  expect(foreign.text.replaceAll(run, 'run_none')).toBe(missing.text)
})

test('a client that asks for progress hears of it while it waits, and no other', async () => {
  const desk = await openHelpdesk(async (request) => {
    if (request.url.endsWith('limit=2')) await new Promise((done) => setTimeout(done, 5500))
    return answerHelpdesk(request)
  })
  await desk.connect('main')
  const list = {
    name: 'execute',
    arguments: { code: 'return (await tools.helpdesk.tickets.list({ limit: 2 })).length' },
  }
  const calls = [{ progressToken: 'p' }, {}, { progressToken: 'p', era: 'legacy' }] as const
  const [told, untold, old] = await hasten(() => Promise.all(calls.map((each) => callTool(desk, { ...list, ...each }))))
  for (const each of [told, untold, old]) expect(each?.text).toBe('2')
  const progress = { method: 'notifications/progress', params: { progressToken: 'p', progress: 5 } }
  expect(told?.notifications).toMatchObject([progress])
  expect(old?.notifications).toMatchObject([progress])
  expect(untold?.notifications).toEqual([])
})
