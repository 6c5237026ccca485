import { auditServer } from 'graphql-http'
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, printSchema } from 'graphql'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_BASIC_USER, SAMPLE_READ_ONLY_KEY } from './credentials.ts'
import { createSeed } from './seed.ts'
import { type SampleApi, startSampleApi } from './server.ts'

let api: SampleApi

beforeAll(async () => {
  api = await startSampleApi({ port: 0 })
})
afterAll(() => api.close())
beforeEach(() => api.reset())

const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8'
const bearer = { authorization: `Bearer ${SAMPLE_API_KEY}` }
const readOnly = { authorization: `Bearer ${SAMPLE_READ_ONLY_KEY}` }

interface Options {
  path?: string
  headers?: Record<string, string>
  accept?: string
}

async function post(body: object, { path = '/graphql', headers = bearer, accept = GRAPHQL_TYPE }: Options = {}) {
  const sent = { accept, 'content-type': 'application/json', ...headers }
  const response = await fetch(api.url + path, { method: 'POST', headers: sent, body: JSON.stringify(body) })
  return read(response)
}

async function read(response: Response) {
  const { data = null, errors = [] } = JSON.parse(await response.text())
  return { status: response.status, headers: response.headers, data, errors }
}

const ask = (query: string, variables: object = {}, options?: Options) => post({ query, variables }, options)

/** The codes of the errors, by the path of each. */
function codesOf(errors: { path?: (string | number)[]; extensions?: { code?: string } }[]) {
  return errors.map(({ path = [], extensions }) => [path.join('.'), extensions?.code])
}

// ── The schema ────────────────────────────────────────────────────────────────────────────────────────────────────

async function introspect(): Promise<GraphQLSchema> {
  const { data } = await ask(getIntrospectionQuery({ oneOf: true, specifiedByUrl: true }), {}, { headers: {} })
  return buildClientSchema(data)
}

test('the schema is there for everybody, with everything that clients stumble over', async () => {
  const text = printSchema(await introspect())
  for (const part of [
    'interface Node {',
    'union SearchResult = Ticket | Person | Project | Invoice',
    'input PersonBy @oneOf {',
    'scalar Upload',
    'scalar DateTime @specifiedBy(',
    'assigneeId: ID @deprecated(reason: "Ask assignee { id }.")',
    'type Subscription {',
  ]) {
    expect(text).toContain(part)
  }
})

const TICKET = '{ title: "A squeak", projectId: "prj_001", reporterId: "per_002" }'
const FIELDS = {
  query: {
    viewer: 'viewer { company }',
    node: 'node(id: "com_1") { id }',
    ticket: 'ticket(id: 1001) { title }',
    tickets: 'tickets { totalCount }',
    person: 'person(by: { id: "per_007" }) { name }',
    people: 'people { totalCount }',
    team: 'team(id: "team_001") { memberCount }',
    teams: 'teams { name }',
    project: 'project(id: "prj_002") { code }',
    projects: 'projects { code }',
    invoice: 'invoice(id: "INV-2026-0001") { amount }',
    invoices: 'invoices { totalCount }',
    search: 'search(text: "gripper") { __typename }',
    simulateError: null,
    simulateFlaky: 'simulateFlaky(key: "k", failures: 0)',
    simulateSlow: 'simulateSlow(ms: 1)',
  },
  mutation: {
    createTicket: `createTicket(input: ${TICKET}) { ticket { id } }`,
    updateTicket: 'updateTicket(id: 1001, input: { title: "Squeaks" }) { ticket { title } }',
    moveTicket: 'moveTicket(id: 1201, to: IN_PROGRESS) { ticket { status } }',
    addComment: 'addComment(input: { ticketId: 1001, authorId: "per_002", body: "Yes." }) { comment { id } }',
    deleteTicket: 'deleteTicket(id: 1002) { deletedId }',
    attachFile: null,
    sendInvoice: 'sendInvoice(id: "INV-2026-0075") { invoice { status } }',
    simulateWriteError: null,
  },
}

test('every field of the query and the mutation type is answered; null is asked for by a test of its own', async () => {
  const schema = await introspect()
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() }
  for (const operation of ['query', 'mutation'] as const) {
    const asked = Object.entries(FIELDS[operation])
    expect(asked.map(([name]) => name)).toEqual(Object.keys(roots[operation]?.getFields() ?? {}))
    for (const [name, field] of asked) {
      if (field === null) continue
      const { data, errors } = await ask(`${operation} { ${field} }`)
      expect([name, errors, data?.[name]]).toEqual([name, [], expect.anything()])
    }
  }
})

test('it keeps to GraphQL over HTTP, as graphql-http audits it', async () => {
  const fetchFn = (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', bearer.authorization)
    return fetch(url, { ...init, headers })
  }
  const results = await auditServer({ url: `${api.url}/graphql`, fetchFn })
  expect(results.length).toBeGreaterThan(50)
  const failed = results.filter((result) => result.status === 'error')
  expect(failed.map(({ name }) => name)).toEqual([])
})

// ── Who may ───────────────────────────────────────────────────────────────────────────────────────────────────────

test('keys and passwords are taken as the OpenAPI API takes them', async () => {
  const me = async (options: Options) => (await ask('{ viewer { signedInWith mayWrite } }', {}, options)).data?.viewer
  expect(await me({})).toEqual({ signedInWith: 'BEARER', mayWrite: true })
  expect(await me({ headers: readOnly })).toEqual({ signedInWith: 'BEARER', mayWrite: false })
  const basic = { authorization: `Basic ${btoa(`${SAMPLE_BASIC_USER}:${SAMPLE_BASIC_PASSWORD}`)}` }
  expect(await me({ headers: basic })).toEqual({ signedInWith: 'BASIC', mayWrite: true })
  const path = `/graphql?api_key=${SAMPLE_API_KEY}`
  expect(await me({ headers: {}, path })).toEqual({ signedInWith: 'QUERY', mayWrite: true })
})

const SCHEMA_QUERY = '{ schema: __schema { queryType { name } } __typename }'

test.each<[string, string, Options]>([
  ['nothing, for data', '{ viewer { company } }', { headers: {} }],
  ['nothing, for data beside the schema', '{ __typename viewer { company } }', { headers: {} }],
  ['nothing, for data in a fragment', '{ ...F } fragment F on Query { viewer { company } }', { headers: {} }],
  ['nothing, for data in an inline fragment', '{ ... on Query { viewer { company } } }', { headers: {} }],
  [
    'nothing, for data in the other operation',
    'query A { __typename } query B { viewer { company } }',
    { headers: {} },
  ],
  ['a wrong key', '{ viewer { company } }', { headers: { authorization: 'Bearer wrong' } }],
  ['a wrong key, even for the schema', SCHEMA_QUERY, { headers: { authorization: 'Bearer wrong' } }],
  ['nothing, for the private schema', SCHEMA_QUERY, { headers: {}, path: '/graphql-private' }],
  ['nothing, for a typename at the private path', '{ __typename }', { headers: {}, path: '/graphql-private' }],
])('%s is refused with 401', async (_, query, options) => {
  for (const accept of [GRAPHQL_TYPE, 'application/json']) {
    const { status, data, errors, headers } = await ask(query, {}, { ...options, accept })
    expect([status, data, codesOf(errors)]).toEqual([401, null, [['', 'UNAUTHENTICATED']]])
    expect(headers.get('www-authenticate')).toBe('Bearer realm="northwind"')
    expect(headers.get('content-type')).toContain(accept.split(';')[0])
  }
})

test('the schema is open at one address, and at the other to whoever signs in', async () => {
  expect((await ask(SCHEMA_QUERY, {}, { headers: {} })).data.schema).toEqual({ queryType: { name: 'Query' } })
  const signedIn = await ask(SCHEMA_QUERY, {}, { path: '/graphql-private', headers: readOnly })
  expect(signedIn.data.schema).toEqual({ queryType: { name: 'Query' } })
})

test('the read-only key reads, is refused every change, and sees no amounts', async () => {
  const options = { headers: readOnly }
  const changed = await ask('mutation { deleteTicket(id: 1001) { deletedId } }', {}, options)
  expect([changed.data, codesOf(changed.errors)]).toEqual([{ deleteTicket: null }, [['deleteTicket', 'FORBIDDEN']]])
  expect((await ask('{ ticket(id: 1001) { id } }', {}, options)).data).toEqual({ ticket: { id: '1001' } })
  const query = '{ invoice(id: "INV-2026-0001") { id amount } }'
  const { status, data, errors } = await ask(query, {}, options)
  expect([status, data.invoice]).toEqual([200, { id: 'INV-2026-0001', amount: null }])
  expect(codesOf(errors)).toEqual([['invoice.amount', 'FORBIDDEN']])
  expect((await ask(query)).data.invoice.amount).toBe(createSeed().invoices[0]?.total_cents)
})

// ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Page {
  nodes: { id: string }[]
  edges: { cursor: string; node: { id: string } }[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; endCursor: string }
}

test.each([
  ['tickets', 200, 30],
  ['people', 60, 7],
  ['invoices', 80, 100],
])('the cursors of %s reach the end', async (field, count, first) => {
  const query = `query ($first: Int, $after: String) { page: ${field}(first: $first, after: $after) {
    nodes { id } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
  const seen: string[] = []
  for (let after: string | null = null; ;) {
    const { page }: { page: Page } = (await ask(query, { first, after })).data
    expect(page.totalCount).toBe(count)
    expect(page.edges.map(({ node }) => node)).toEqual(page.nodes)
    expect(page.pageInfo).toMatchObject({
      hasPreviousPage: after !== null,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges.at(-1)?.cursor,
    })
    seen.push(...page.nodes.map(({ id }) => id))
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  expect([seen.length, new Set(seen).size]).toEqual([count, count])
})

test('tickets are filtered, put in order, and lead to what belongs to them', async () => {
  const query = `{ tickets(status: [OPEN, BLOCKED], labels: ["hardware"], orderBy: { field: PRIORITY, direction: DESC }) {
    nodes { status labels priority project { code lead { name } } comments(first: 1) { nodes { author { id } } } } } }`
  const { nodes } = (await ask(query)).data.tickets
  expect(nodes.length).toBeGreaterThan(3)
  for (const { status, labels, project } of nodes) {
    expect(['OPEN', 'BLOCKED']).toContain(status)
    expect(labels).toContain('hardware')
    expect(project.lead.name).toMatch(/\w/)
  }
  const ranks = nodes.map(({ priority }: { priority: string }) => ['LOW', 'NORMAL', 'HIGH', 'URGENT'].indexOf(priority))
  expect(ranks).toEqual(ranks.toSorted((a: number, b: number) => b - a))
})

test('a cursor of another list and a page of no size are refused', async () => {
  for (const page of ['after: "garbage"', 'first: 0', 'first: 101']) {
    const { data, errors } = await ask(`{ tickets(${page}) { totalCount } }`)
    expect([data, codesOf(errors)]).toEqual([null, [['tickets', 'BAD_USER_INPUT']]])
  }
})

test('nodes, search results and people are told apart', async () => {
  const ids = ['1001', 'com_1', 'att_001', 'per_001', 'team_001', 'prj_001', 'INV-2026-0001', 'nothing']
  const nodes = ids.map((id, index) => `n${index}: node(id: "${id}") { __typename id }`).join(' ')
  const kinds = ['Ticket', 'Comment', 'Attachment', 'Person', 'Team', 'Project', 'Invoice']
  const expected = kinds.map((__typename, index) => [`n${index}`, { __typename, id: ids[index] }])
  expect((await ask(`{ ${nodes} }`)).data).toEqual({ ...Object.fromEntries(expected), n7: null })

  const { search } = (await ask('{ search(text: "ada lindqvist") { __typename ... on Person { email } } }')).data
  expect(search).toEqual([{ __typename: 'Person', email: 'ada.lindqvist@northwind-robotics.example' }])
  const byEmail = `{ person(by: { email: "${search[0].email}" }) { id } }`
  expect((await ask(byEmail)).data).toEqual({ person: { id: 'per_001' } })
  const both = await ask('{ person(by: { email: "a@b.example", id: "per_001" }) { id } }')
  expect([both.status, both.data]).toEqual([400, null])
})

test('a field that fails for one ticket takes nothing from the others', async () => {
  const { status, data, errors } = await ask('{ tickets(first: 10) { nodes { id estimate } } }')
  expect(status).toBe(200)
  expect(data.tickets.nodes).toHaveLength(10)
  expect(data.tickets.nodes[3]).toEqual({ id: '1197', estimate: null })
  expect(errors).toEqual([
    {
      message: 'The planning system does not know ticket 1197.',
      path: ['tickets', 'nodes', 3, 'estimate'],
      locations: expect.anything(),
      extensions: { code: 'PLANNING_UNAVAILABLE' },
    },
  ])
})

// ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

test('a ticket lives: written, changed, moved, commented, deleted, and the OpenAPI API sees the same', async () => {
  const create =
    'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ticket { id priority estimate } } }'
  const input = {
    title: 'Gripper squeaks',
    projectId: 'prj_001',
    reporterId: 'per_002',
    priority: 'HIGH',
    estimate: 2.5,
  }
  const { ticket } = (await ask(create, { input })).data.createTicket
  expect(ticket).toEqual({ id: '1201', priority: 'HIGH', estimate: 2.5 })

  const update =
    'mutation { updateTicket(id: 1201, input: { dueOn: "2026-10-15", priority: LOW }) { ticket { dueOn } } }'
  expect((await ask(update)).data.updateTicket.ticket).toEqual({ dueOn: '2026-10-15' })
  const stored = await (await fetch(`${api.url}/tickets/1201`, { headers: bearer })).json()
  expect(stored).toMatchObject({ title: 'Gripper squeaks', priority: 'low', due_on: '2026-10-15', estimate_hours: 2.5 })

  const move = (to: string) => ask(`mutation { moveTicket(id: 1201, to: ${to}) { ticket { status } } }`)
  expect(codesOf((await move('RESOLVED')).errors)).toEqual([['moveTicket', 'CONFLICT']])
  expect((await move('IN_PROGRESS')).data.moveTicket.ticket).toEqual({ status: 'IN_PROGRESS' })
  await ask(
    'mutation { addComment(input: { ticketId: 1201, authorId: "per_003", body: "On it." }) { comment { id } } }',
  )
  const comments = (await ask('{ ticket(id: 1201) { comments { nodes { body author { id } } } } }')).data.ticket
    .comments
  expect(comments.nodes).toEqual([{ body: 'On it.', author: { id: 'per_003' } }])

  const gone = () => ask('mutation { deleteTicket(id: 1201) { deletedId } }')
  expect((await gone()).data.deleteTicket).toEqual({ deletedId: '1201' })
  expect(codesOf((await gone()).errors)).toEqual([['deleteTicket', 'NOT_FOUND']])
})

test('what the OpenAPI API would refuse is refused, with its reason', async () => {
  const input = { title: 'Gripper squeaks', projectId: 'prj_999', reporterId: 'per_002' }
  const create = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ticket { id } } }'
  const { errors } = await ask(create, { input })
  expect(errors[0]).toMatchObject({
    message: 'body.project_id names no project.',
    extensions: { code: 'BAD_USER_INPUT', errors: [{ field: 'body.project_id', message: 'names no project' }] },
  })
})

const ATTACH =
  'mutation ($id: ID!, $file: Upload!) { attachFile(ticketId: $id, file: $file, note: "Seen.") { attachment { fileName sizeBytes contentType note } } }'

function uploadForm(map: object, file = new File(['line 1\n'], 'trace ü.log', { type: 'text/plain' })): FormData {
  const form = new FormData()
  form.set('operations', JSON.stringify({ query: ATTACH, variables: { id: '1002', file: null } }))
  form.set('map', JSON.stringify(map))
  form.set('0', file)
  return form
}

async function upload(body: FormData, preflight = { 'graphql-require-preflight': '1' }) {
  return read(await fetch(`${api.url}/graphql`, { method: 'POST', headers: { ...bearer, ...preflight }, body }))
}

test('a file is attached by the multipart request specification', async () => {
  const { data } = await upload(uploadForm({ 0: ['variables.file'] }))
  const attachment = { fileName: 'trace ü.log', sizeBytes: 7, contentType: 'text/plain', note: 'Seen.' }
  expect(data.attachFile.attachment).toEqual(attachment)
  expect((await ask('{ ticket(id: 1002) { attachments { sizeBytes } } }')).data.ticket.attachments).toContainEqual({
    sizeBytes: 7,
  })
})

test.each([
  ['for no variable', { 0: ['variables.other'] }],
  ['for a prototype', { 0: ['variables.__proto__.file'] }],
  ['for a variable with a value', { 0: ['variables.id'] }],
  ['that is not there', { 1: ['variables.file'] }],
])('a file %s is refused', async (_, map) => {
  const { status, data, errors } = await upload(uploadForm(map))
  expect([status, data, errors.length]).toEqual([400, null, 1])
})

test('a form without a header that a page cannot send, and a text in place of a file, are refused', async () => {
  const body = uploadForm({ 0: ['variables.file'] })
  expect((await read(await fetch(`${api.url}/graphql`, { method: 'POST', headers: bearer, body }))).status).toBe(400)
  expect(codesOf((await ask(ATTACH, { id: '1002', file: 'text' })).errors)).toEqual([['attachFile', 'BAD_USER_INPUT']])
})

// ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────────────────────

test('queries come as GET too, changes do not, and subscriptions are not served', async () => {
  const get = (query: string, variables = {}) => {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
    return fetch(`${api.url}/graphql?${search}`, { headers: { ...bearer, accept: GRAPHQL_TYPE } })
  }
  const answer = await get('query ($id: ID!) { ticket(id: $id) { id } }', { id: '1001' })
  expect(answer.headers.get('content-type')).toBe(GRAPHQL_TYPE)
  expect((await read(answer)).data).toEqual({ ticket: { id: '1001' } })
  const changed = await get('mutation { deleteTicket(id: 1001) { deletedId } }')
  expect([changed.status, changed.headers.get('allow')]).toEqual([405, 'POST'])
  expect((await ask('{ ticket(id: 1001) { id } }')).data.ticket).toEqual({ id: '1001' })
  const { data, errors } = await ask('subscription { ticketCreated { id } }')
  expect([data, errors[0].message]).toEqual([null, 'Subscriptions are not supported'])
})

test('the media type and the status of a refused query are as Accept wants them', async () => {
  const wrong = await ask('{ nothing }')
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([400, GRAPHQL_TYPE])
  const older = await ask('{ nothing }', {}, { accept: 'application/json' })
  expect([older.status, older.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
})

test('it fails on demand: by status, in the body alone, and a few times', async () => {
  const limited = await ask('{ simulateError(status: 429, retryAfter: 7) }')
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
  expect([limited.data, codesOf(limited.errors)]).toEqual([
    { simulateError: null },
    [['simulateError', 'RATE_LIMITED']],
  ])
  const quiet = await ask('mutation { simulateWriteError(status: 429, inBody: true) }')
  expect([quiet.status, codesOf(quiet.errors)]).toEqual([200, [['simulateWriteError', 'RATE_LIMITED']]])
  const statuses = []
  for (const _ of [1, 2, 3]) statuses.push((await ask('{ simulateFlaky(key: "once", failures: 2) }')).status)
  expect(statuses).toEqual([503, 503, 200])
})

test('the ledger has what was asked, and no credential', async () => {
  await ask('{ ticket(id: 1001) { id } }')
  const [entry] = api.ledger.entries()
  expect(entry).toMatchObject({ method: 'POST', path: '/graphql', status: 200, credentials: [{ placement: 'bearer' }] })
  expect(JSON.parse(entry?.body?.text ?? '')).toEqual({ query: '{ ticket(id: 1001) { id } }', variables: {} })
  expect(JSON.stringify(entry)).not.toContain(SAMPLE_API_KEY)
})
