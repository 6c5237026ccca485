// Calls of a GraphQL integration as runs make them: what is sent, what is blocked, what is shown before it is sent.
import { expect, test } from 'vitest'
import { createConnection } from '../connections/manage.ts'
import { readApproval, listPendingApprovals } from '../db/approvals.ts'
import { listCalls } from '../db/calls.ts'
import { type ConnectionRow, findConnection } from '../db/connections.ts'
import { insertPolicy } from '../db/policies.ts'
import { type Endpoint, ENDPOINT, graphQlEndpoint, TOKEN } from '../testing/graphql-endpoint.ts'
import { ada, type Helpdesk, openHelpdesk, ORIGIN } from '../testing/helpdesk.ts'
import { signedIn } from '../testing/signed-in.ts'
import { createTokenServer, ISSUER, type TokenServer } from '../testing/token-server.ts'
import { beginFromEndpoint } from '../tools/imports/begin-endpoint.ts'
import { addIntegration } from '../tools/imports/confirm.ts'
import { decideApproval } from './decide-approval.ts'
import { executeRun } from './execute.ts'
import { resumeRun } from './resume.ts'

interface Tracker extends Helpdesk {
  endpoint: Endpoint
  /** Of the tokens that it takes from those who signed in. */
  server: TokenServer
  connectionId: string
  /** Operations that reached the endpoint. */
  queries: () => string[]
  connect: (slug: string) => Promise<ConnectionRow>
}

async function openTracker(): Promise<Tracker> {
  const endpoint = graphQlEndpoint()
  const server = createTokenServer({ spent: 'reuse' })
  const desk = await openHelpdesk((request) =>
    new URL(request.url).origin === ISSUER ? server.fetch(request) : endpoint.answer(request),
  )
  const by = ada.id
  const begun = await beginFromEndpoint(desk.deps, { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT }, { by })
  if (!begun.ok) throw new Error(begun.message)
  const toAdd = { importId: begun.importId, slug: 'tracker', title: 'Tracker', baseUrl: ENDPOINT, by }
  const added = await addIntegration(desk.deps, toAdd)
  if (!added.ok) throw new Error(added.message)
  const { integration } = added
  const method = integration.authMethods.find(({ id }) => id === 'bearer')
  if (method === undefined) throw new Error('no bearer')
  const connect = async (slug: string) => {
    const given = { integration, method, values: { token: TOKEN }, owner: 'org', slug } as const
    const made = await createConnection({ ...desk.deps, principal: ada }, given)
    if (!made.ok) throw new Error(made.message)
    endpoint.asked.length = 0
    desk.forget()
    return made.connection
  }
  const { id: connectionId } = await connect('main')
  endpoint.token = TOKEN
  const queries = () => endpoint.asked.map(({ query }) => query.replaceAll(/\s+/g, ' '))
  return { ...desk, endpoint, server, connectionId, queries, connect }
}

const execute = ({ deps }: Helpdesk, code: string) => executeRun(deps, { principal: ada, client: 'test 1.0', code })

async function valueOf(desk: Helpdesk, code: string): Promise<unknown> {
  const outcome = await execute(desk, code)
  if (outcome.state === 'succeeded') return outcome.value
  throw new Error(JSON.stringify(outcome))
}

/** What a program catches. */
const caught = (desk: Helpdesk, call: string) =>
  valueOf(
    desk,
    `try { return { value: await ${call} } } catch (error) { return { code: error.code, message: error.message } }`,
  )

let rules = 0
const rule = ({ db }: Helpdesk, pattern: string, action: 'allow' | 'block') =>
  insertPolicy(db, { id: `pol_${++rules}`, pattern, action, createdBy: ada.id, createdAt: 1, updatedAt: 1 })

test('a call asks for the usual fields, or for those that it selects, with the credential', async () => {
  const tracker = await openTracker()
  expect(await valueOf(tracker, `return tools.tracker.issue({ id: 1 })`)).toEqual({
    id: '1',
    title: 'Issue 1',
    author: { id: '1', login: 'ada', email: 'ada@example.com', name: 'Ada' },
  })
  expect(
    await valueOf(tracker, `return tools.tracker.issue({ id: '2', select: 'title who: author { login }' })`),
  ).toEqual({
    title: 'Issue 2',
    who: { login: 'ada' },
  })
  expect(tracker.endpoint.asked.map(({ authorization }) => authorization)).toEqual([
    `Bearer ${TOKEN}`,
    `Bearer ${TOKEN}`,
  ])
  expect(tracker.queries()[1]).toContain('query issue($id: ID!) { issue(id: $id) { title who: author { login } } }')
})

test('a field that a policy blocks is in no selection: left out of the usual one, refused where it is asked for', async () => {
  const tracker = await openTracker()
  await rule(tracker, 'tracker.type.User.*', 'block')
  await rule(tracker, 'tracker.type.User.login', 'allow')
  await rule(tracker, 'tracker@main.type.Issue.title', 'block')
  expect(await valueOf(tracker, `return tools.tracker.issue({ id: 1 })`)).toEqual({ id: '1', author: { login: 'ada' } })
  for (const select of ['author { email }', 'author { login: email }', 'author { ... on User { email } }', 'title']) {
    const refused = await caught(tracker, `tools.tracker.issue({ id: 1, select: ${JSON.stringify(select)} })`)
    expect(refused).toMatchObject({ message: expect.stringMatching(/type\.(User\.email|Issue\.title)/) })
  }
  expect(tracker.endpoint.asked).toHaveLength(1)
  expect(tracker.queries().join()).not.toMatch(/email|name|title/)
})

test('a broad rule about tools says nothing of fields', async () => {
  const tracker = await openTracker()
  await rule(tracker, 'tracker.*', 'block')
  await rule(tracker, 'tracker.issue', 'allow')
  expect(await valueOf(tracker, `return tools.tracker.issue({ id: 1, select: 'title' })`)).toEqual({ title: 'Issue 1' })
})

test('no selection breaks out of its field', async () => {
  const tracker = await openTracker()
  const attacks = [
    'id } viewer { email',
    'id } } mutation { deleteIssue(id: 1)',
    'id } __schema { types { name }',
    '__schema { types { name } }',
    '...F } } fragment F on Issue { id',
    'id @include(if: $x)',
    'title(x: $id)',
    'author { friends(first: $id) { nodes { id } } }',
    'author { friends(order: { by: [{ path: $other }] }) { nodes { id } } }',
    '{ id } { id }',
    'id # } viewer { id }\n} viewer { id',
    'id "} viewer { id',
    'author { id } ... on Query { viewer { id } }',
  ]
  for (const select of attacks) {
    const refused = await caught(tracker, `tools.tracker.issue({ id: 1, select: ${JSON.stringify(select)} })`)
    expect({ select, refused }).toMatchObject({ refused: { code: 'invalid_arguments' } })
  }
  for (const id of ['1) { id } viewer { email } x: issue(id: 2', '") { id }']) {
    const value = await valueOf(tracker, `return tools.tracker.issue({ id: ${JSON.stringify(id)}, select: 'id' })`)
    expect(value).toEqual({ id })
  }
  expect(tracker.received).toHaveLength(2)
  expect(tracker.queries().every((query) => query === 'query issue($id: ID!) { issue(id: $id) { id } }')).toBe(true)
})

async function pending({ db }: Helpdesk) {
  const [question] = await listPendingApprovals(db, { limit: 1 })
  return (await readApproval(db, question?.id ?? ''))?.approval
}

async function approve(desk: Helpdesk): Promise<void> {
  const work: Promise<unknown>[] = []
  const [question] = await listPendingApprovals(desk.db, { limit: 1 })
  const deps = { ...desk.deps, principal: ada, waitUntil: (each: Promise<unknown>) => work.push(each) }
  const verdict = { kind: 'approved', remember: 'once', expiresAt: null } as const
  expect(await decideApproval(deps, question?.id ?? '', verdict)).toMatchObject({ ok: true })
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
}

test('what is approved is what is sent, and it is shown without what is blocked', async () => {
  const tracker = await openTracker()
  await rule(tracker, 'tracker.type.User.email', 'block')
  const outcome = await execute(tracker, `return tools.tracker.createIssue({ input: { title: 'Hello' } })`)
  expect(outcome.state).toBe('waiting')
  const question = await pending(tracker)
  expect(question?.request).toMatchObject({ method: 'POST', url: ENDPOINT })
  const [shown = '', variables = ''] = question?.request.body?.split('\n\n{') ?? []
  expect(shown).not.toContain('email')
  expect(JSON.parse(`{${variables}`)).toEqual({ input: { title: 'Hello' } })
  await approve(tracker)
  expect(await resumeRun(tracker.deps, ada, outcome.run, { withinMs: 3000 })).toMatchObject({
    outcome: { state: 'succeeded', value: { title: 'Hello' } },
  })
  expect(tracker.endpoint.asked.map(({ query }) => query)).toEqual([shown])
})

test('when the rules about fields change before it is sent, it is asked about again', async () => {
  const tracker = await openTracker()
  await rule(tracker, 'tracker.type.User.*', 'block')
  await execute(tracker, `return tools.tracker.createIssue({ input: { title: 'Hello' } })`)
  await rule(tracker, 'tracker.type.User.email', 'allow')
  await approve(tracker)
  expect(tracker.endpoint.asked).toEqual([])
  const again = await pending(tracker)
  expect(again?.request.body).toContain('email')
})

test('pages are followed by their cursor', async () => {
  const tracker = await openTracker()
  const code = `const pages = await tools.tracker.issues.pages({ first: 2, select: 'nodes { id }' })
    return pages.map(({ nodes }) => nodes.map(({ id }) => id))`
  expect(await valueOf(tracker, code)).toEqual([['1', '2'], ['3', '4'], ['5']])
  expect(tracker.endpoint.asked.map(({ variables }) => variables['after'])).toEqual([undefined, '2', '4'])
})

test('a partial answer has its errors beside it', async () => {
  const tracker = await openTracker()
  const code = `const { status, data, errors } = await tools.tracker.broken.raw({ select: 'id author { id }' })
    return { status, data, errors }`
  expect(await valueOf(tracker, code)).toMatchObject({
    status: 200,
    data: { id: '9', author: null },
    errors: [{ message: 'The author is hidden', path: ['broken', 'author'] }],
  })
  const plain = await execute(tracker, `return tools.tracker.broken({ select: 'id author { id }' })`)
  expect(plain).toMatchObject({ state: 'succeeded', value: { id: '9', author: null } })
  expect(plain.logs).toBe('warning: an answer is not whole, .raw() has its errors: The author is hidden\n')
  const whole = await execute(tracker, `return tools.tracker.viewer()`)
  expect(whole.logs).toBe('')
})

test.each([200, 400, 401])('a credential that is refused with %i leads to its repair', async (status) => {
  const tracker = await openTracker()
  const errors = [{ message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }]
  tracker.endpoint.instead = () => Response.json({ data: null, errors }, { status })
  const refused = await caught(tracker, 'tools.tracker.viewer()')
  const link = `${ORIGIN}/connections/${tracker.connectionId}`
  expect(refused).toMatchObject({ code: 'unauthorized', message: expect.stringContaining(link) })
  expect((await findConnection(tracker.db, tracker.connectionId))?.health).not.toBe('ok')
})

test('a file is taken in a nested input, and in a list of them', async () => {
  const tracker = await openTracker()
  await rule(tracker, 'tracker.createIssue', 'allow')
  const code = `const file = (name) => new Uint8Array([name])
    return tools.tracker.createIssue({
      input: { title: 'Hi', picture: file(1), more: [file(2), file(3)] }, select: 'title',
    })`
  expect(await valueOf(tracker, code)).toEqual({ title: 'Hi' })
  const [asked] = tracker.endpoint.asked
  expect(JSON.parse(String(asked?.variables['map']))).toEqual({
    0: ['variables.input.picture'],
    1: ['variables.input.more.0'],
    2: ['variables.input.more.1'],
  })
  const wrong = await caught(tracker, `tools.tracker.createIssue({ input: { title: 'Hi', more: [3] } })`)
  expect(wrong).toMatchObject({ code: 'invalid_arguments' })
})

const together = `const shown = ({ status, value, reason }) => value ?? { code: reason.code, message: reason.message }
  const all = async (...calls) => (await Promise.allSettled(calls)).map(shown)
  const { tracker } = tools
`

test('queries that a program asks for in parallel go out in one request, and each is a call of its own', async () => {
  const tracker = await openTracker()
  const code = `${together}
    return all(
      tracker.issue({ id: 1, select: 'title' }),
      tracker.viewer({ select: 'login' }),
      tracker.broken({ select: 'id author { id }' }),
      tracker.issue({ id: 2, select: 'missing' }),
      tracker.issues.raw({ first: 1, select: 'nodes { id }' }),
    )`
  const outcome = await execute(tracker, code)
  expect(outcome).toMatchObject({
    state: 'succeeded',
    value: [
      { title: 'Issue 1' },
      { login: 'ada' },
      { id: '9', author: null },
      { code: 'invalid_arguments' },
      { status: 200, data: { nodes: [{ id: '1' }] } },
    ],
  })
  expect(outcome.logs).toBe('warning: an answer is not whole, .raw() has its errors: The author is hidden\n')
  expect(tracker.queries()).toEqual([
    'query issue($q0_id: ID!, $q3_first: Int) { q0: issue(id: $q0_id) { title } q1: viewer { login } q2: broken { id author { id } } q3: issues(first: $q3_first) { nodes { id } pageInfo { hasNextPage endCursor } } }',
  ])
  const calls = await listCalls(tracker.db, outcome.run)
  expect(calls.map(({ address, state, decision }) => [address, state, decision])).toEqual([
    ['tracker.issue', 'succeeded', 'allow'],
    ['tracker.viewer', 'succeeded', 'allow'],
    ['tracker.broken', 'succeeded', 'allow'],
    ['tracker.issue', 'failed', 'allow'],
    ['tracker.issues', 'succeeded', 'allow'],
  ])
})

test('what is blocked or for another connection is in no request of others; nor are writes and pages', async () => {
  const tracker = await openTracker()
  await tracker.connect('other')
  await rule(tracker, 'tracker.broken', 'block')
  await rule(tracker, 'tracker.createIssue', 'allow')
  await rule(tracker, 'tracker@other.type.User.email', 'block')
  const code = `${together}
    const [main, other] = [tools['tracker@main'], tools['tracker@other']]
    return all(
      main.issue({ id: 1, select: 'title' }),
      main.broken({ select: 'id' }),
      other.viewer({ select: 'email' }),
      main.viewer({ select: 'email' }),
      main.createIssue({ input: { title: 'Hello' }, select: 'title' }),
      other.issue({ id: 2, select: 'id' }),
    )`
  expect(await valueOf(tracker, code)).toMatchObject([
    { title: 'Issue 1' },
    { code: 'blocked' },
    { code: 'blocked' },
    { email: 'ada@example.com' },
    { title: 'Hello' },
    { id: '2' },
  ])
  expect(tracker.queries().sort()).toEqual([
    'mutation createIssue($input: NewIssue!) { createIssue(input: $input) { title } }',
    'query issue($id: ID!) { issue(id: $id) { id } }',
    'query issue($q0_id: ID!) { q0: issue(id: $q0_id) { title } q1: viewer { email } }',
  ])
  tracker.endpoint.asked.length = 0
  await valueOf(tracker, `return Promise.all([1, 2].map(() => tools['tracker@main'].issues.pages({ first: 3 })))`)
  expect(tracker.queries().join()).not.toContain('q0')
})

test('one that the endpoint refuses is refused alone', async () => {
  const tracker = await openTracker()
  const code = `${together}
    return all(tracker.issue({ id: 1, select: 'title' }), tracker.issues({ first: 2 ** 40, select: 'nodes { id }' }))`
  expect(await valueOf(tracker, code)).toMatchObject([
    { title: 'Issue 1' },
    { code: expect.any(String), message: expect.stringContaining('$first') },
  ])
  expect(tracker.queries()).toHaveLength(3)
})

test('a run that is taken up again has the answers that it had, and a query that waited is sent as it was shown', async () => {
  const tracker = await openTracker()
  await insertPolicy(tracker.db, {
    id: 'pol_ask',
    pattern: 'tracker.broken',
    action: 'require_approval',
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  })
  const outcome = await execute(
    tracker,
    `${together}
    return all(
      tracker.issue({ id: 1, select: 'title' }),
      tracker.viewer({ select: 'login' }),
      tracker.broken({ select: 'id' }),
    )`,
  )
  expect(outcome.state).toBe('waiting')
  tracker.endpoint.sdl = tracker.endpoint.sdl.replace('viewer: User', 'viewer: Issue')
  await approve(tracker)
  expect(await resumeRun(tracker.deps, ada, outcome.run, { withinMs: 3000 })).toMatchObject({
    outcome: { state: 'succeeded', value: [{ title: 'Issue 1' }, { login: 'ada' }, { id: '9' }] },
  })
  expect(tracker.queries()).toEqual([
    'query issue($q0_id: ID!) { q0: issue(id: $q0_id) { title } q1: viewer { login } }',
    'query broken { broken { id } }',
  ])
})

/** Through a connection that somebody signed in to; `refusal` is its answer to a token that has ended. */
async function openSignedIn(refusal: () => Response) {
  const tracker = await openTracker()
  const { endpoint, server, db, connectionId } = tracker
  await signedIn(tracker, (await findConnection(db, connectionId))!)
  endpoint.token = null
  endpoint.instead = () => {
    const token = endpoint.asked.at(-1)?.authorization?.replace('Bearer ', '')
    return server.isValid(token) ? undefined : refusal()
  }
  const tokens = () => endpoint.asked.map(({ authorization }) => authorization?.replace('Bearer ', ''))
  return { ...tracker, tokens }
}

const refusal = (more: object = {}) => {
  const error = { message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }
  return () => Response.json({ errors: [{ ...error, ...more }], data: null })
}

test('a token that is refused inside of an answer is renewed, for a query and for what was not begun', async () => {
  const tracker = await openSignedIn(refusal({ path: ['viewer'] }))
  expect(await valueOf(tracker, `return tools.tracker.viewer({ select: 'login' })`)).toEqual({ login: 'ada' })
  expect(tracker.tokens()).toEqual(['access-0', 'access-1'])
  const begun = await openSignedIn(refusal())
  await rule(begun, 'tracker.createIssue', 'allow')
  const create = `tools.tracker.createIssue({ input: { title: 'Hello' }, select: 'title' })`
  expect(await caught(begun, create)).toEqual({ value: { title: 'Hello' } })
  expect(begun.tokens()).toEqual(['access-0', 'access-1'])
})

test('a mutation that may have been carried out is not sent again for a new token', async () => {
  const tracker = await openSignedIn(refusal({ path: ['createIssue', 'author', 'email'] }))
  await rule(tracker, 'tracker.createIssue', 'allow')
  const create = `tools.tracker.createIssue({ input: { title: 'Hello' }, select: 'title' })`
  const link = `${ORIGIN}/connections/${tracker.connectionId}`
  expect(await caught(tracker, create)).toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining(link),
  })
  expect([tracker.tokens(), tracker.server.asked]).toEqual([['access-0'], []])
})

test('a token that is refused again is not renewed again, and one that cannot be renewed says so', async () => {
  const tracker = await openSignedIn(refusal())
  tracker.endpoint.instead = refusal()
  expect(await caught(tracker, 'tools.tracker.viewer()')).toMatchObject({ code: 'unauthorized' })
  expect(tracker.tokens()).toEqual(['access-0', 'access-1'])
  tracker.server.script = [Response.json({ error: 'invalid_grant' }, { status: 400 })]
  expect(await caught(tracker, 'tools.tracker.viewer()')).toMatchObject({ code: 'connection_needs_sign_in' })
  expect((await findConnection(tracker.db, tracker.connectionId))?.health).toBe('needs_sign_in')
})

test('calls that share a request share its new token, which comes back to none of them', async () => {
  const tracker = await openSignedIn(() => new Response(null, { status: 401 }))
  const { instead } = tracker.endpoint
  const echo = { q0: { title: 'You sent access-1' }, q1: { login: 'access-1' } }
  tracker.endpoint.instead = () => instead?.() ?? Response.json({ data: echo })
  const code = `${together}
    return all(tracker.issue({ id: 1, select: 'title' }), tracker.viewer({ select: 'login' }))`
  expect(await valueOf(tracker, code)).toEqual([{ title: 'You sent •••' }, { login: '•••' }])
  expect([tracker.tokens(), tracker.server.asked.length]).toEqual([['access-0', 'access-1'], 1])
  const inside = await openSignedIn(refusal())
  expect(await valueOf(inside, code)).toEqual([{ title: 'Issue 1' }, { login: 'ada' }])
  expect(inside.server.asked).toHaveLength(1)
})
