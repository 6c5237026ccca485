// What a call of a GraphQL tool puts on the wire, what it refuses, and what becomes of the answer.
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { CallableTool, CallContext, Discovered, ToolResult } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { graphQl } from './adapter.ts'
import { previewField } from './call.ts'

const SDL = `
scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/andimarek/date-time")
scalar JSON
scalar Upload
enum State { OPEN CLOSED }
interface Node { id: ID! }
interface Actor { login: String! email: String }
type User implements Node & Actor { id: ID! login: String! email: String name: String joined: DateTime friends(first: Int, after: String): UserConnection! }
type Bot implements Node & Actor { id: ID! login: String! email: String owner: User }
type Issue implements Node { id: ID! title: String! state: State! author: Actor assignee: User comments(first: Int!, order: Order): [Comment!]! secret: String }
type PullRequest implements Node { id: ID! title: String state: String! }
type Comment { body: String! author: Actor }
union Result = Issue | PullRequest | User
type PageInfo { hasNextPage: Boolean! endCursor: String }
type UserConnection { nodes: [User] pageInfo: PageInfo! totalCount: Int! }
input Order { field: State! = OPEN, by: OrderBy }
input OrderBy { path: String!, inner: OrderBy }
input Filter @oneOf { id: ID, name: String }
input IssueInput { title: String!, labels: [String!], extra: JSON, parent: IssueInput }
type Payload { issue: Issue query: Query }
type Query {
  "An issue."
  issue(id: ID!, select: String): Issue
  search(text: String! = "all", filter: Filter): [Result!]!
  users(first: Int, after: String): UserConnection!
  node(id: ID!): Node
  viewer: User!
  secrets: Secrets
  count(state: State): Int
  relay: Query
  old: Int @deprecated(reason: "Ask count.")
}
type Secrets { value: String }
type Mutation { createIssue(input: IssueInput!): Payload, deleteIssue(id: ID!): Boolean, upload(files: [Upload!]!, note: String): Int }
type Subscription { issueAdded: Issue }
`
const schema = buildSchema(SDL)
const rows = new Map<string, JsonSchema>()
const tools = new Map<string, Extract<Discovered, { type: 'tool' }>>()
const all: Discovered[] = []
for await (const found of graphQl.discover(
  {
    documents: [{ url: 'https://api.example/graphql/', bytes: bytesOf([new TextEncoder().encode(SDL)]) }],
    referenced: [],
  },
  () => Promise.reject(new Error('nothing is fetched')),
)) {
  all.push(found)
  if (found.type === 'schema') rows.set(found.name, structuredClone(found.body))
  if (found.type === 'tool') tools.set(found.suggestedName, found)
}

function callable(name: string): CallableTool {
  const found = tools.get(name)
  if (found === undefined) throw new Error(`no ${name}`)
  const { operation, inputSchema, binding } = found
  // As it is stored and read back.
  return {
    operation,
    inputSchema,
    binding: JSON.parse(JSON.stringify(binding)),
    baseUrl: 'https://api.example/graphql',
  }
}

interface Sent {
  method: string
  url: string
  headers: Headers
  body: {
    query: string
    variables: Record<string, unknown>
    operationName?: string
    extensions?: Record<string, unknown>
  }
  text: string
}

function contextOf(blocked: string[] = [], memory = new Map<string, unknown>()): CallContext {
  return {
    schemas: async (names) => new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)!]] : []))),
    isBlocked: (name) =>
      blocked.some((pattern) => pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))),
    memory,
  }
}

async function call(
  name: string,
  input: Record<string, unknown>,
  { answers = [], blocked = [], context }: { answers?: unknown[]; blocked?: string[]; context?: CallContext } = {},
) {
  const sent: Sent[] = []
  const fetch = async (request: Request) => {
    const text = await request.text()
    const isJson = request.headers.get('content-type') === 'application/json'
    const { method, url, headers } = request
    sent.push({ method, url, headers, text, body: isJson ? JSON.parse(text) : {} })
    const answer = answers[sent.length - 1] ?? { data: {} }
    return answer instanceof Response ? answer : Response.json(answer)
  }
  const result = await graphQl.call(callable(name), input, fetch, context ?? contextOf(blocked))
  for (const { body } of sent) {
    // Nothing that is sent is invalid, whoever wrote it.
    const problems = body.query ? validate(schema, parse(body.query)) : []
    expect(problems.map(({ message }) => message)).toEqual([])
  }
  return { result, sent, query: oneLine(sent[0]?.body.query) }
}

const oneLine = (text = '') => text.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').trim()
const jsonIn = (form: FormData, name: string): unknown => {
  const text = form.get(name)
  return typeof text === 'string' ? JSON.parse(text) : text
}
const failure = (result: ToolResult) => (result.ok ? { code: 'none', message: '' } : result.error)

test('root fields become tools, subscriptions are reported', () => {
  expect([...tools.values()].map(({ operation, effect, isDeprecated }) => [operation, effect, isDeprecated])).toEqual([
    ['query issue', 'read', false],
    ['query search', 'read', false],
    ['query users', 'read', false],
    ['query node', 'read', false],
    ['query viewer', 'read', false],
    ['query secrets', 'read', false],
    ['query count', 'read', false],
    ['query relay', 'read', false],
    ['query old', 'read', true],
    ['mutation createIssue', 'write', false],
    ['mutation deleteIssue', 'destructive', false],
    ['mutation upload', 'write', false],
  ])
  expect(all.filter(({ type }) => type === 'skipped')).toEqual([
    { type: 'skipped', place: 'subscription issueAdded', reason: expect.stringContaining('stream'), isOperation: true },
  ])
  expect(all[0]).toMatchObject({
    type: 'about',
    title: 'api.example',
    servers: [{ url: 'https://api.example/graphql' }],
    operationCount: 13,
  })
})

test('what a tool takes and gives, as JSON Schema and as TypeScript', () => {
  expect(tools.get('issue')?.inputSchema).toEqual({
    type: 'object',
    properties: {
      id: { type: ['string', 'integer'] },
      select: { type: ['string', 'null'] },
      // The field has an argument of that name.
      selection: { type: 'string', description: expect.stringContaining('Issue') },
    },
    required: ['id'],
    additionalProperties: false,
  })
  expect(tools.get('search')?.inputSchema).toMatchObject({
    properties: {
      text: { type: 'string', default: 'all' },
      filter: { anyOf: [{ $ref: '#/$defs/Filter' }, { type: 'null' }] },
    },
  })
  expect(tools.get('search')?.inputSchema).not.toHaveProperty('required')
  expect(rows.get('Filter')).toMatchObject({
    oneOf: [
      { properties: { id: {} }, required: ['id'], additionalProperties: false },
      { properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
    ],
  })
  expect(rows.get('IssueInput')).toMatchObject({
    required: ['title'],
    properties: {
      title: { type: 'string' },
      labels: { type: ['array', 'null'], items: { type: 'string' } },
      parent: { anyOf: [{ $ref: '#/$defs/IssueInput' }, { type: 'null' }] },
    },
  })
  expect(rows.get('DateTime')).toEqual({ description: expect.stringContaining('andimarek') })
  expect(tools.get('upload')?.inputSchema).toMatchObject({
    properties: { files: { type: 'array', items: { type: 'string', format: 'binary' } } },
  })
  expect(tools.get('createIssue')?.signature).toContain('(input: { input: { title: string;')
  expect(tools.get('viewer')?.signature).toContain('joined: DateTime | null')
  expect(tools.get('count')?.inputSchema).not.toHaveProperty('properties.select')
})

test('rows of types are named so that no tool refers to them', () => {
  const texts = [...tools.values()].map((tool) => JSON.stringify([tool.inputSchema, tool.outputSchema]))
  expect(texts.join('')).not.toContain('#/$defs/type:')
  expect(rows.get('type:Query')).toEqual({ kind: 'OBJECT', isRoot: true })
  expect(rows.get('type:Actor')).toMatchObject({ kind: 'INTERFACE', possible: ['User', 'Bot'] })
})

test('every argument is a variable, and the selection is the usual one', async () => {
  const { sent, query } = await call('issue', { id: '") { secrets { value } } #' })
  expect(query).toBe(
    'query issue($id: ID!) { issue(id: $id) { id title state secret author { __typename login email ... on User { id name joined } ... on Bot { id } } assignee { id login email name joined } comments(first: 10) { body } } }',
  )
  expect(sent[0]).toMatchObject({
    method: 'POST',
    url: 'https://api.example/graphql/',
    body: { variables: { id: '") { secrets { value } } #' }, operationName: 'issue' },
  })
  expect(sent[0]?.headers.get('accept')).toBe('application/graphql-response+json, application/json;q=0.9')
})

test('fields of one name and different shape get names of their own', async () => {
  const { query } = await call('search', {})
  expect(query).toContain(
    '... on Issue { id title state secret } ... on PullRequest { id titleOfPullRequest: title stateOfPullRequest: state }',
  )
})

test.each([
  ['id title', '{ id title }'],
  ['{ id }', '{ id }'],
  [' \n, { id } ', '{ id }'],
  ['id # nothing more', '{ id }'],
  ['a: id b: id', '{ a: id b: id }'],
  ['author { ... on User { name } __typename }', '{ author { ... on User { name } __typename } }'],
  ['author { ... { login } }', '{ author { ... { login } } }'],
  [
    'comments(first: 3 order: { field: CLOSED, by: { path: "x", inner: { path: "y" } } }) { body }',
    'comments(first: 3, order: { field: CLOSED, by: { path: "x", inner: { path: "y" } } })',
  ],
])('a selection %j is printed back', async (selection, printed) => {
  const { query, result } = await call('issue', { id: 1, selection })
  expect(failure(result).message).toBe('')
  expect(query).toContain(printed)
})

test.each([
  // Out of the field.
  ['id } secrets { value', /no GraphQL selection/],
  ['id } } query other { secrets { value', /no GraphQL selection/],
  ['{ id } { id }', /one selection/],
  ['{ id } query { secrets { value } }', /one selection/],
  ['{ id } mutation { deleteIssue(id: 1) }', /one selection/],
  ['{ id } fragment F on Query { secrets { value } }', /one selection/],
  ['id }\nquery B { secrets { value }', /one selection|no GraphQL selection/],
  ['mutation { deleteIssue(id: 1) }', /no field mutation/],
  ['query { id }', /no field query/],
  ['{ id } # }\n} secrets { value', /no GraphQL selection/],
  ['id \\u007d secrets \\u007b value', /no GraphQL selection/],
  ['id """ } secrets { value """', /no GraphQL selection/],
  ['comments(first: """ ) } secrets { value """) { body }', /Int/],
  ['', /nothing in them/],
  ['{}', /nothing in them/],
  ['author {}', /nothing in them/],
  // Other things than fields.
  ['...F', /names the fragment F/],
  ['id @include(if: true)', /directives/],
  ['... @skip(if: false) { id }', /directives/],
  ['author @defer { login }', /directives/],
  ['__schema { types { name } }', /__schema/],
  ['x: __type(name: "Secrets") { name }', /__type/],
  ['comments(first: $id) { body }', /variables/],
  ['__typename(a: 1)', /__typename/],
  ['__typename { id }', /__typename/],
  // What the schema does not have.
  ['titel', /Issue has no field titel\. Did you mean title\? Its fields are id, title, state/],
  ['__proto__ { x }', /__proto__/],
  ['constructor', /no field constructor/],
  ['toString hasOwnProperty', /no field toString/],
  ['... on Query { secrets { value } }', /tool of its own/],
  ['... on Secrets { value }', /can never be of type|not valid/],
  ['... on User { name }', /can never be of type|not valid/],
  ['... on Nothing { __typename }', /no type Nothing/],
  ['author', /must have a selection/],
  ['id { x }', /no type ID/],
  ['state { x }', /State has no fields|no field x/],
  ['comments { body }', /first/],
  ['comments(first: "a") { body }', /Int/],
  ['comments(first: 1, nothing: 2) { body }', /nothing/],
  ['comments(first: 1, order: { field: NONE }) { body }', /NONE/],
  ['comments(first: 1, order: { by: { path: 1 } }) { body }', /String/],
  ['id: title id', /conflict/],
  ['comments(first: 1) { body } comments(first: 2) { body }', /conflict/],
])('a selection %j does not leave its field', async (selection, reason) => {
  const { result, sent } = await call('issue', { id: '1', selection })
  expect(failure(result)).toMatchObject({ code: 'invalid_arguments', message: expect.stringMatching(reason) })
  expect(sent).toEqual([])
})

test('a selection is bounded', async () => {
  for (const [selection, reason] of [
    ['a { '.repeat(2000), /no GraphQL selection/],
    [`${'author { '.repeat(16)}login${' }'.repeat(16)}`, /nested more than/],
    ['id '.repeat(700), /more than 600 fields/],
    [`id ${' '.repeat(30_000)}`, /longer than/],
    [`comments(first: ${'['.repeat(1400)}1${']'.repeat(1400)}) { body }`, /not valid/],
    [`comments(first: 1, order: ${'{ by: '.repeat(500)}{}${' }'.repeat(500)}) { body }`, /not valid/],
  ] as const) {
    const { result, sent } = await call('issue', { id: '1', selection })
    expect(failure(result)).toMatchObject({ code: 'invalid_arguments', message: expect.stringMatching(reason) })
    expect(failure(result).message.length).toBeLessThan(3000)
    expect(sent).toEqual([])
  }
})

test('what leads back to the root type leads to no other tool', async () => {
  for (const [name, input] of [
    ['createIssue', { input: { title: 'a' }, select: 'query { secrets { value } }' }],
    ['createIssue', { input: { title: 'a' }, select: 'query { relay { secrets { value } } }' }],
    ['relay', { select: 'secrets { value }' }],
    ['node', { id: '1', select: '... on Query { secrets { value } }' }],
  ] as const) {
    const { result, sent } = await call(name, input)
    expect(failure(result).message).toMatch(/tool of its own/)
    expect(sent).toEqual([])
  }
  expect((await call('relay', {})).query).toBe('query relay { relay { __typename } }')
})

test('a blocked field of a type is refused by name in a selection, under an alias and in a fragment too', async () => {
  for (const selection of [
    'assignee { email }',
    'assignee { x: email }',
    'author { ... on User { email } }',
    'author { email }',
    'author { ... on Actor { e: email } }',
    'assignee { ... { ... on Actor { email } } }',
  ]) {
    const { result, sent } = await call('issue', { id: '1', selection }, { blocked: ['type.User.email'] })
    expect(failure(result)).toMatchObject({ code: 'blocked', message: expect.stringContaining('type.User.email') })
    expect(sent).toEqual([])
  }
  // On the interface it is blocked for each of its types.
  for (const selection of ['assignee { email }', 'author { ... on Bot { email } }']) {
    const { result } = await call('issue', { id: '1', selection }, { blocked: ['type.Actor.email'] })
    expect(failure(result)).toMatchObject({ code: 'blocked', message: expect.stringContaining('type.Actor.email') })
  }
  // Another interface of one of the types: any Node may be an Actor.
  const { result } = await call('node', { id: '1', select: 'id' }, { blocked: ['type.Issue.id'] })
  expect(failure(result)).toMatchObject({ code: 'blocked' })
})

test('all fields of an interface are blocked, and no others of its types', async () => {
  const blocked = ['type.Actor.*']
  const { result } = await call(
    'issue',
    { id: '1', selection: 'assignee { name id }' },
    { blocked, answers: [{ data: { issue: { assignee: null } } }] },
  )
  expect(result.ok).toBe(true)
  expect(failure((await call('issue', { id: '1', selection: 'assignee { login }' }, { blocked })).result).code).toBe(
    'blocked',
  )
})

test('the usual selection is without what is blocked', async () => {
  const { query } = await call('issue', { id: '1' }, { blocked: ['type.User.email', 'type.Issue.secret'] })
  expect(query).not.toMatch(/email|secret/)
  expect(query).toContain('assignee { id login name joined }')
  const none = await call('secrets', {}, { blocked: ['type.Secrets.value'] })
  expect(none.query).toBe('query secrets { secrets { __typename } }')
  const objects = await call('issue', { id: '1' }, { blocked: ['type.Issue.*'] })
  expect(objects.query).toBe('query issue($id: ID!) { issue(id: $id) { __typename } }')
})

test('the types of the usual selection are looked up at once', async () => {
  for (const name of tools.keys()) {
    let lookUps = 0
    const context = contextOf()
    const counted = {
      ...context,
      schemas: (names: readonly string[]) => {
        lookUps++
        return context.schemas(names)
      },
    }
    await call(name, {}, { context: counted })
    expect([name, lookUps]).toEqual([
      name,
      name === 'count' || name === 'old' || name === 'deleteIssue' || name === 'upload' ? 0 : 1,
    ])
  }
})

test('without the types at hand nothing is sent', async () => {
  const fetch = () => Promise.reject(new Error('sent'))
  expect(await graphQl.call(callable('viewer'), {}, fetch)).toMatchObject({
    ok: false,
    error: { code: 'not_callable' },
  })
  const other = { ...callable('viewer'), binding: { method: 'GET' } }
  expect(await graphQl.call(other, {}, fetch, contextOf())).toMatchObject({
    ok: false,
    error: { code: 'not_callable' },
  })
  const lost: CallContext = { ...contextOf(), schemas: async () => new Map() }
  expect(await graphQl.call(callable('viewer'), {}, fetch, lost)).toMatchObject({ ok: false })
})

test('the preview is the operation that is sent', async () => {
  const preview = await previewField(callable('deleteIssue'), { id: '1' }, contextOf())
  expect(preview).toMatchObject({ method: 'POST', url: 'https://api.example/graphql/' })
  expect(oneLine(preview?.body ?? '')).toBe('mutation deleteIssue($id: ID!) { deleteIssue(id: $id) } { "id": "1" }')
  expect(await previewField(callable('issue'), { id: '1', selection: 'id } secrets { value' })).toBeNull()
})

test('an answer is the value of the field; partial data comes with its errors', async () => {
  const errors = [{ message: 'no', path: ['issue', 'secret'], extensions: { code: 'FORBIDDEN' } }]
  const typed = new Response(JSON.stringify({ data: { issue: { id: '1', secret: null } }, errors }), {
    headers: { 'content-type': 'application/graphql-response+json; charset=utf-8' },
  })
  const { result } = await call('issue', { id: '1' }, { answers: [typed] })
  expect(result).toMatchObject({ ok: true, status: 200, data: { id: '1', secret: null }, errors })
  const whole = await call('count', {}, { answers: [{ data: { count: 0 } }] })
  expect(whole.result).toMatchObject({ ok: true, data: 0 })
  expect(whole.result).not.toHaveProperty('errors')
  expect((await call('node', { id: '1' }, { answers: [{ data: { node: null } }] })).result).toMatchObject({
    ok: true,
    data: null,
  })
})

test.each([
  [200, { code: 'UNAUTHENTICATED' }, 'unauthorized', false],
  [401, {}, 'unauthorized', false],
  [200, { code: 'FORBIDDEN' }, 'forbidden', false],
  [403, {}, 'forbidden', false],
  [200, { type: 'RATE_LIMITED' }, 'rate_limited', true],
  [200, { code: 'RATELIMITED' }, 'rate_limited', true],
  [200, { code: 'THROTTLED' }, 'rate_limited', true],
  [429, {}, 'rate_limited', true],
  [400, { code: 'GRAPHQL_VALIDATION_FAILED' }, 'validation_failed', false],
  [200, { code: 'BAD_USER_INPUT' }, 'validation_failed', false],
  [200, { type: 'NOT_FOUND' }, 'not_found', false],
  [200, { code: 'INTERNAL_SERVER_ERROR' }, 'upstream_error', false],
  [503, {}, 'upstream_error', true],
])('errors with status %i and %j are %s', async (status, extensions, code, retryable) => {
  const answer = Response.json(
    { data: null, errors: [{ message: 'It went wrong.', path: ['issue', 0], extensions }] },
    // With a 403 that means a limit.
    { status, headers: status === 403 ? {} : { 'retry-after': '7' } },
  )
  const { result, sent } = await call('issue', { id: '1' }, { answers: [answer] })
  expect(failure(result)).toMatchObject({ code, status, retryable, message: 'issue.0: It went wrong.' })
  const seconds = status === 403 ? {} : { retryAfterSeconds: 7 }
  expect(failure(result)).toMatchObject({ details: { ...seconds, errors: [{ message: 'It went wrong.' }] } })
  expect(sent).toHaveLength(1)
})

test('an answer that is none of GraphQL says what it is', async () => {
  const html = new Response('<html><title>Sign in</title></html>', { headers: { 'content-type': 'text/html' } })
  expect(failure((await call('viewer', {}, { answers: [html] })).result)).toMatchObject({ code: 'invalid_answer' })
  const gone = Response.json({ message: 'Bad credentials' }, { status: 401 })
  expect(failure((await call('viewer', {}, { answers: [gone] })).result)).toMatchObject({
    code: 'unauthorized',
    message: 'Bad credentials',
  })
  expect(failure((await call('viewer', {}, { answers: [{ hello: 1 }] })).result)).toMatchObject({
    code: 'invalid_answer',
  })
})

test('pages of a connection are followed, whatever is selected of it', async () => {
  const pageInfo = { hasNextPage: true, endCursor: 'abc' }
  const { result, query } = await call(
    'users',
    { first: 2, select: 'nodes { id }' },
    { answers: [{ data: { users: { nodes: [], pageInfo } } }] },
  )
  expect(query).toContain('{ nodes { id } pageInfo { hasNextPage endCursor } }')
  expect(result).toMatchObject({ next: { first: 2, select: 'nodes { id }', after: 'abc' } })
  for (const last of [{ hasNextPage: false, endCursor: 'x' }, { hasNextPage: true, endCursor: null }, null]) {
    const end = await call('users', {}, { answers: [{ data: { users: { pageInfo: last } } }] })
    expect(end.result).not.toHaveProperty('next')
  }
  // The same page again is no next one.
  const same = await call('users', { after: 'abc' }, { answers: [{ data: { users: { pageInfo } } }] })
  expect(same.result).not.toHaveProperty('next')
})

test('files go up as the multipart request specification says', async () => {
  const file = new FileValue('a "b".txt', 'text/plain', new TextEncoder().encode('hello'))
  const { sent, result } = await call(
    'upload',
    { files: [file, file], note: 'n' },
    { answers: [{ data: { upload: 2 } }] },
  )
  expect(result).toMatchObject({ ok: true, data: 2 })
  const form = await new Response(sent[0]?.text, {
    headers: { 'content-type': sent[0]?.headers.get('content-type') ?? '' },
  }).formData()
  expect([...form.keys()]).toEqual(['operations', 'map', '0', '1'])
  expect(jsonIn(form, 'operations')).toMatchObject({ variables: { files: [null, null], note: 'n' } })
  expect(jsonIn(form, 'map')).toEqual({ 0: ['variables.files.0'], 1: ['variables.files.1'] })
  expect(sent[0]?.headers.get('apollo-require-preflight')).toBe('true')
  const many = await call('upload', { files: Array.from({ length: 51 }, () => file) })
  expect(failure(many.result)).toMatchObject({ code: 'invalid_arguments' })
})

test('a query is asked for with GET where POST is not allowed, and that is remembered; a mutation never is', async () => {
  const context = contextOf()
  const no = () => new Response(null, { status: 405 })
  const first = await call('count', { state: 'OPEN' }, { context, answers: [no(), { data: { count: 1 } }] })
  expect(first.result).toMatchObject({ ok: true, data: 1 })
  expect(first.sent.map(({ method }) => method)).toEqual(['POST', 'GET'])
  const url = new URL(first.sent[1]?.url ?? '')
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ operationName: 'count', variables: '{"state":"OPEN"}' })
  const second = await call('count', {}, { context, answers: [{ data: { count: 1 } }] })
  expect(second.sent.map(({ method }) => method)).toEqual(['GET'])
  const mutation = await call('deleteIssue', { id: '1' }, { context, answers: [no()] })
  expect(mutation.sent.map(({ method }) => method)).toEqual(['POST'])
  expect(failure(mutation.result)).toMatchObject({ code: 'method_not_allowed' })
})

test('a hash goes with the query where the endpoint wants persisted queries', async () => {
  const context = contextOf()
  const wanted = { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] }
  const first = await call('viewer', {}, { context, answers: [wanted, { data: { viewer: { id: '1' } } }] })
  expect(first.result).toMatchObject({ ok: true, data: { id: '1' } })
  const { query, extensions } = first.sent[1]!.body
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(query))
  const sha256Hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  expect(extensions).toEqual({ persistedQuery: { version: 1, sha256Hash } })
  expect(first.sent[0]?.body).not.toHaveProperty('extensions')
  const again = await call(
    'viewer',
    {},
    { context, answers: [{ errors: [{ message: 'PersistedQueryNotSupported' }] }, { data: { viewer: { id: '1' } } }] },
  )
  expect(again.sent.map(({ body }) => body.extensions !== undefined)).toEqual([true, false])
  const endless = await call('viewer', {}, { answers: [wanted, wanted, wanted, wanted] })
  expect(endless.sent).toHaveLength(2)
  expect(endless.result.ok).toBe(false)
})
