// Calls of a GraphQL integration as runs make them: what is sent, what is blocked, what is shown before it is sent.
import { expect, test } from 'vitest'
import { createConnection } from '../connections/manage.ts'
import { readApproval, listPendingApprovals } from '../db/approvals.ts'
import { findConnection } from '../db/connections.ts'
import { insertPolicy } from '../db/policies.ts'
import { type Endpoint, ENDPOINT, graphQlEndpoint, TOKEN } from '../testing/graphql-endpoint.ts'
import { ada, type Helpdesk, openHelpdesk, ORIGIN } from '../testing/helpdesk.ts'
import { beginFromEndpoint } from '../tools/imports/begin-endpoint.ts'
import { addIntegration } from '../tools/imports/confirm.ts'
import { decideApproval } from './decide-approval.ts'
import { executeRun } from './execute.ts'
import { resumeRun } from './resume.ts'

interface Tracker extends Helpdesk {
  endpoint: Endpoint
  connectionId: string
  /** Operations that reached the endpoint. */
  queries: () => string[]
}

async function openTracker(): Promise<Tracker> {
  const endpoint = graphQlEndpoint()
  const desk = await openHelpdesk((request) => endpoint.answer(request))
  const by = ada.id
  const begun = await beginFromEndpoint(desk.deps, { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT }, { by })
  if (!begun.ok) throw new Error(begun.message)
  const given = { importId: begun.importId, slug: 'tracker', title: 'Tracker', baseUrl: ENDPOINT, by }
  const added = await addIntegration(desk.deps, given)
  if (!added.ok) throw new Error(added.message)
  const { integration } = added
  const method = integration.authMethods.find(({ id }) => id === 'bearer')
  if (method === undefined) throw new Error('no bearer')
  const connect = { integration, method, values: { token: TOKEN }, owner: 'org', slug: 'main' } as const
  const made = await createConnection({ ...desk.deps, principal: ada }, connect)
  if (!made.ok) throw new Error(made.message)
  endpoint.token = TOKEN
  endpoint.asked.length = 0
  desk.forget()
  const queries = () => endpoint.asked.map(({ query }) => query.replaceAll(/\s+/g, ' '))
  return { ...desk, endpoint, connectionId: made.connection.id, queries }
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
