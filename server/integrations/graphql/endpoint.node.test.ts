// Endpoints that speak GraphQL over HTTP: found, introspected, imported and called through the adapter alone.
import { buildSchema, execute, getOperationAST, graphql, graphqlSync, GraphQLError, parse, validate } from 'graphql'
import { auditServer } from 'graphql-http'
import { createHandler } from 'graphql-http/lib/use/fetch'
import { expect, test, vi } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { CallContext, Discovered, Fetch } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { graphQl } from './adapter.ts'
import { readAnswer } from './answer.ts'
import { isGraphQlBinding } from './binding.ts'
import { combineOperations } from './combine-operations.ts'
import { introspect, introspectionRequests } from './introspect.ts'
import { type Operation, planOperation } from './operation.ts'
import { probeGraphQl } from './probe.ts'

const URL_OF = 'https://api.example/graphql'
const schema = buildSchema(`
  scalar Upload
  type Person { id: ID! name: String! salary: Int boss: Person }
  type Found { total: Int! people(first: Int! = 2): [Person!]! }
  type Query { person(id: ID!): Person, found(name: String): Found!, broken: Int!, hello: String }
  type Mutation { rename(id: ID!, name: String!): Person, store(file: Upload!, notes: [Upload]): String }
`)
const people = [
  {
    id: '1',
    name: 'Ada',
    boss: null,
    salary: () => Promise.reject(new GraphQLError('Salaries are private.', { extensions: { code: 'FORBIDDEN' } })),
  },
  { id: '2', name: 'Ben', boss: null, salary: 7 },
]
const rootValue = {
  person: ({ id }: { id: string }) => people.find((one) => one.id === id) ?? null,
  found: () => ({ total: 2, people: ({ first }: { first: number }) => people.slice(0, first) }),
  broken: () => {
    throw new Error('It broke.')
  },
  hello: 'world',
  rename: ({ id, name }: { id: string; name: string }) => ({ ...people.find((one) => one.id === id), id, name }),
  store: async ({ file, notes = [] }: { file: File; notes?: File[] }) =>
    `${file.name} ${file.type} ${await file.text()} ${notes.length}`,
}
// All of it by the one instance of graphql-js that the tests load.
const handler = createHandler({
  schema,
  rootValue,
  parse,
  validate: (of, document) => validate(of, document),
  execute,
  getOperationAST,
})
const textIn = (form: FormData, name: string) => {
  const text = form.get(name)
  return typeof text === 'string' ? text : ''
}
const server: Fetch = async (request) => handler(request)

async function imported(fetch: Fetch, url = URL_OF) {
  const introspection = await introspect(url, fetch)
  if (!introspection.ok) throw new Error(introspection.message)
  const rows = new Map<string, JsonSchema>()
  const tools = new Map<string, Extract<Discovered, { type: 'tool' }>>()
  const source = { documents: [{ url, bytes: bytesOf([introspection.bytes]) }], referenced: [] }
  for await (const found of graphQl.discover(source, fetch)) {
    if (found.type === 'schema') rows.set(found.name, found.body)
    if (found.type === 'tool') tools.set(found.suggestedName, found)
  }
  const context: CallContext = {
    schemas: async (names) => new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)!]] : []))),
    isBlocked: () => false,
    memory: new Map(),
  }
  const call = (name: string, input: object) => {
    const { operation, inputSchema, binding } = tools.get(name)!
    return graphQl.call({ operation, inputSchema, binding, baseUrl: url }, input, fetch, context)
  }
  return { call, tools, context, rows }
}

test('the server is one that passes the audits of graphql-http', async () => {
  const fetchFn = (url: string, init: RequestInit) => server(new Request(url, init))
  const results = await auditServer({ url: URL_OF, fetchFn })
  expect(results.filter(({ status }) => status === 'error')).toEqual([])
  expect(results.length).toBeGreaterThan(50)
})

test('it is found, introspected and called: data, partial data, and errors', async () => {
  expect(
    await probeGraphQl('https://api.example/', async (request) =>
      new URL(request.url).pathname === '/graphql' ? server(request) : new Response('no', { status: 404 }),
    ),
  ).toEqual({ url: URL_OF, needsCredential: false, introspects: true })
  const { call } = await imported(server)
  expect(await call('hello', {})).toMatchObject({ ok: true, data: 'world' })
  expect(await call('person', { id: 2 })).toMatchObject({ ok: true, data: { id: '2', name: 'Ben', salary: 7 } })
  expect(await call('person', { id: '9' })).toMatchObject({ ok: true, data: null })
  const partial = await call('person', { id: '1' })
  expect(partial).toMatchObject({
    ok: true,
    data: { id: '1', salary: null },
    errors: [{ message: 'Salaries are private.', path: ['person', 'salary'] }],
  })
  expect(await call('broken', {})).toMatchObject({
    ok: false,
    error: { code: 'upstream_error', message: 'broken: It broke.' },
  })
  expect(await call('rename', { id: '2', name: 'Bea', select: 'name' })).toMatchObject({
    ok: true,
    data: { name: 'Bea' },
  })
  expect(await call('found', { select: 'people(first: 1) { id }' })).toMatchObject({
    ok: true,
    data: { people: [{ id: '1' }] },
  })
  // The server's own check of a variable.
  const wrong = await call('person', { id: { a: 1 } })
  expect(wrong).toMatchObject({ ok: false, error: { message: expect.stringContaining('$id') } })
})

test('files go up, and are joined to the variables that they belong to', async () => {
  const uploads: Fetch = async (request) => {
    if (!request.headers.get('content-type')?.startsWith('multipart/form-data')) return server(request)
    const form = await request.formData()
    const { query, variables } = JSON.parse(textIn(form, 'operations'))
    for (const [key, paths] of Object.entries<string[]>(JSON.parse(textIn(form, 'map')))) {
      for (const path of paths) {
        const steps = path.split('.')
        let at = { variables }
        for (const step of steps.slice(0, -1)) at = Object(at)[step]
        Object.assign(at, { [steps.at(-1)!]: form.get(key) })
      }
    }
    return Response.json(await graphql({ schema, source: query, rootValue, variableValues: variables }))
  }
  const { call } = await imported(uploads)
  const file = new FileValue('a.txt', 'text/plain', new TextEncoder().encode('hello'))
  expect(await call('store', { file, notes: [null, file] })).toMatchObject({
    ok: true,
    data: 'a.txt text/plain hello 2',
  })
})

test('servers that came before parts of introspection are asked for less', async () => {
  const asked: string[] = []
  const old =
    (refused: string[]): Fetch =>
    async (request) => {
      const { query } = JSON.parse(await request.text())
      asked.push(query)
      const unknown = refused.find((word) => query.includes(word))
      if (unknown)
        return Response.json(
          { errors: [{ message: `Cannot query field "${unknown}" on type "__Type".` }] },
          { status: 400 },
        )
      return Response.json(graphqlSync({ schema, source: query }))
    }
  for (const [refused, requests] of [
    [[], 1],
    [['isOneOf'], 2],
    [['isOneOf', 'specifiedByURL'], 3],
  ] as const) {
    asked.length = 0
    const result = await introspect(URL_OF, old([...refused]))
    expect([result.ok, asked.length]).toEqual([true, requests])
  }
  expect(await introspect(URL_OF, old(['__schema']))).toMatchObject({ ok: false, code: 'refused' })
  expect(introspectionRequests(URL_OF)).toHaveLength(3)
})

test.each([
  [
    'introspection that is switched off',
    Response.json(
      { errors: [{ message: 'GraphQL introspection is not allowed', extensions: { code: 'INTROSPECTION_DISABLED' } }] },
      { status: 400 },
    ),
    'refused',
  ],
  [
    'a sign-in that is asked for in GraphQL',
    Response.json({ errors: [{ message: 'Who are you?', extensions: { code: 'UNAUTHENTICATED' } }] }),
    'needs_credential',
  ],
  [
    'a sign-in that is asked for in HTTP',
    Response.json({ message: 'Requires authentication' }, { status: 401 }),
    'needs_credential',
  ],
  ['a page', new Response('<html></html>', { headers: { 'content-type': 'text/html' } }), 'not_graphql'],
  ['data without a schema', Response.json({ data: { __schema: null } }), 'refused'],
])('%s is told', async (_, response, code) => {
  const result = await introspect(URL_OF, async () => response.clone())
  expect(result).toMatchObject({ ok: false, code })
  expect(await introspect(URL_OF, () => Promise.reject(new Error('no')))).toMatchObject({ code: 'unreachable' })
})

const typename = { data: { __typename: 'Query' } }

test.each<
  [name: string, path: string, answer: (request: Request) => Response | Promise<Response>, expected: object | null]
>([
  [
    'an endpoint with a name of its own',
    '/v2/data',
    () => Response.json(typename),
    { needsCredential: false, introspects: false },
  ],
  ['one under /v1/graphql', '/v1/graphql', server, { needsCredential: false, introspects: true }],
  ['one under /query', '/query', server, { introspects: true }],
  [
    'one that wants a credential, as GitHub says it',
    '/graphql',
    () => Response.json({ message: 'Bad credentials' }, { status: 401 }),
    { needsCredential: true, introspects: null },
  ],
  [
    'one that wants a credential, as Apollo says it',
    '/api/graphql',
    () => Response.json({ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }),
    { needsCredential: true },
  ],
  [
    'one that takes persisted queries only',
    '/graphql',
    () =>
      Response.json(
        { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
        { status: 400 },
      ),
    { introspects: false },
  ],
  [
    'one that takes GET only',
    '/graphql',
    (request) => (request.method === 'GET' ? server(request) : new Response(null, { status: 405 })),
    { introspects: true },
  ],
  ['JSON that is no GraphQL', '/graphql', () => Response.json({ data: [1], errors: [] }), null],
  [
    'errors of another kind of API',
    '/v2/data',
    () => Response.json({ errors: [{ message: 'name is missing' }] }, { status: 400 }),
    null,
  ],
  ['a page', '/graphql', () => new Response('<html>GraphiQL</html>'), null],
  ['what cannot be reached', '/graphql', () => Promise.reject(new Error('no')), null],
])('probing finds %s', async (_, path, answer, expected) => {
  const given = path === '/v2/data' ? `https://api.example${path}` : 'https://api.example/docs'
  const found = await probeGraphQl(given, async (request) =>
    new URL(request.url).pathname === path ? answer(request) : new Response('none', { status: 404 }),
  )
  expect(found).toEqual(expected && { ...found, url: `https://api.example${path}`, ...expected })
})

test('a host that refuses everything is no endpoint, unless the address says that it is one', async () => {
  const refuse = async () => new Response('Sign in', { status: 401 })
  expect(await probeGraphQl('https://api.example/docs', refuse)).toBeNull()
  const given = 'https://api.example/api/graphql'
  expect(await probeGraphQl(given, refuse)).toEqual({ url: given, needsCredential: true, introspects: null })
})

test('nothing but the web is probed', async () => {
  const fetch = () => {
    throw new Error('asked')
  }
  for (const url of ['file:///etc/passwd', 'https://user:secret@api.example/', 'nonsense'])
    expect(await probeGraphQl(url, fetch)).toBeNull()
})

async function operations(asked: [name: string, input: object][]) {
  const { tools, context } = await imported(server)
  return Promise.all(
    asked.map(async ([name, input]) => {
      const binding = tools.get(name)?.binding
      if (!isGraphQlBinding(binding)) throw new Error(`no ${name}`)
      const planned = await planOperation(binding, input, context)
      if (!planned.ok) throw new Error(planned.error.message)
      return planned.operation
    }),
  )
}

const partsOf = async (asked: Operation[]) => {
  const combined = combineOperations(asked)
  if (combined === null) throw new Error('not combined')
  const { query: source, variables: variableValues } = combined
  const response = Response.json(await graphql({ schema, source, rootValue, variableValues }))
  const answer = await readAnswer(response, URL_OF)
  if (answer.is === 'failure') throw new Error(answer.error.message)
  return { combined, answer, parts: combined.split(answer) }
}

test('several queries go in one request, and each gets its own answer', async () => {
  const asked = await operations([
    ['person', { id: '1', select: 'name' }],
    ['person', { id: '2', select: 'a: name salary' }],
    ['hello', {}],
    ['person', { id: '1', select: 'name salary' }],
  ])
  const { combined, parts } = await partsOf(asked)
  expect(combined.variables).toEqual({ q0_id: '1', q1_id: '2', q3_id: '1' })
  expect(parts).toMatchObject([
    { data: { person: { name: 'Ada' } }, errors: [] },
    { data: { person: { a: 'Ben', salary: 7 } }, errors: [] },
    { data: { hello: 'world' }, errors: [] },
    { data: { person: { name: 'Ada', salary: null } }, errors: [{ path: ['person', 'salary'] }] },
  ])
})

test('an error that empties all of the data leaves nobody with an answer, and a limit is everybody’s', async () => {
  const asked = await operations([
    ['hello', {}],
    ['broken', {}],
  ])
  const { combined, answer, parts } = await partsOf(asked)
  expect(parts).toEqual([null, null])
  const limit = { message: 'Too much.', type: 'RATE_LIMITED' }
  expect(combined.split({ ...answer, errors: [limit] })).toMatchObject([
    { data: null, errors: [limit] },
    { data: null, errors: [limit] },
  ])
})

test('mutations are never combined', async () => {
  const asked = await operations([
    ['hello', {}],
    ['rename', { id: '1', name: 'x', select: 'id' }],
  ])
  expect(combineOperations(asked)).toBeNull()
  expect(combineOperations([])).toBeNull()
})

/** Calls of one run, and how many operations each request had. */
async function gathered(answer: (request: Request, query: string) => Response | Promise<Response> | undefined) {
  const requests: number[] = []
  const fetch: Fetch = async (request) => {
    const text = await request.clone().text()
    const { query } = text.startsWith('{') ? JSON.parse(text) : { query: text }
    if (!query.includes('__schema')) requests.push(query.match(/ q\d+: /g)?.length ?? 1)
    return (await answer(request, query)) ?? server(request)
  }
  const { call, context } = await imported(fetch)
  context.together = new WeakMap()
  const ask = (...asked: [name: string, input: object][]) =>
    Promise.all(asked.map(([name, input]) => call(name, input)))
  return { ask, requests, context }
}

const three: [string, object][] = [
  ['person', { id: '1' }],
  ['hello', {}],
  ['found', { name: 'x' }],
]
const isCombined = (query: string) => query.includes('q0: ')

test('what is asked at once goes out at once, and comes to the same', async () => {
  const { ask, requests, context } = await gathered(() => undefined)
  const together = await ask(...three)
  expect(requests).toEqual([3])
  delete context.together
  // Headers tell the time and the length; an error is at another place of another text.
  const bare = (results: object[]) =>
    JSON.parse(
      JSON.stringify(results, (key, value) => (['headers', 'locations', 'sentWith'].includes(key) ? undefined : value)),
    )
  expect(bare(together)).toEqual(bare(await ask(...three)))
  expect(requests).toEqual([3, 1, 1, 1])
})

test('one after the other they are sent alone', async () => {
  const { ask, requests } = await gathered(() => undefined)
  for (const one of three) expect(await ask(one)).toMatchObject([{ ok: true }])
  expect(requests).toEqual([1, 1, 1])
})

test('one that the endpoint refuses, or that empties the data, takes nothing from the others', async () => {
  const { ask, requests } = await gathered(() => undefined)
  for (const bad of [
    ['person', { id: { a: 1 } }],
    ['broken', {}],
  ] as [string, object][]) {
    const [first, refused, last] = await ask(three[0]!, bad, three[1]!)
    expect([first?.ok, refused?.ok, last?.ok]).toEqual([true, false, true])
    expect(requests.splice(0)).toEqual([3, 1, 1, 1])
  }
  // What the schema refuses never gets there.
  const [missing] = await ask(['person', { id: '1', select: 'nothing' }], three[0]!, three[1]!)
  expect(missing).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })
  expect(requests).toEqual([2])
})

test.each<[string, () => Response | Promise<Response>]>([
  ['refuses', () => Response.json({ errors: [{ message: 'Too complex' }] }, { status: 400 })],
  ['fails at', () => new Response('<html>', { status: 500 })],
  ['does not answer', () => Promise.reject(new Error('the connection was lost'))],
])('an endpoint that %s several at once is asked one by one, from then on too', async (_, refuse) => {
  const { ask, requests } = await gathered((__, query) => (isCombined(query) ? refuse() : undefined))
  for (let round = 0; round < 2; round++) {
    expect(await ask(...three)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
  }
  expect(requests).toEqual([3, 1, 1, 1, 1, 1, 1])
})

test('a slow one is not waited for by the others', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    return controller.signal
  })
  const { ask, requests } = await gathered((request, query) => {
    if (!isCombined(query)) return undefined
    return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  expect(await ask(...three)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
  expect(timeout).toHaveBeenCalledWith(15_000)
  timeout.mockRestore()
  expect(requests).toEqual([3, 1, 1, 1])
})

test.each([
  ['in HTTP', () => new Response('{}', { status: 429, headers: { 'retry-after': '9' } })],
  ['in GraphQL', () => Response.json({ errors: [{ message: 'Slow down', extensions: { code: 'THROTTLED' } }] })],
])('a limit that is named %s is everybody’s, and not asked for again', async (_, limit) => {
  const { ask, requests } = await gathered((_request, query) => (query.includes('__schema') ? undefined : limit()))
  const refused = { ok: false, error: { code: 'rate_limited', retryable: true } }
  expect(await ask(...three)).toMatchObject([refused, refused, refused])
  expect(requests).toEqual([3])
})

test('they are bounded in number and in length', async () => {
  const { ask, requests } = await gathered(() => undefined)
  await ask(...Array.from({ length: 23 }, (): [string, object] => ['hello', {}]))
  expect(requests.splice(0).sort((a, b) => a - b)).toEqual([3, 10, 10])
  const select = Array.from({ length: 500 }, (_, at) => `aFieldOfThisName${at}: name`).join(' ')
  await ask(...Array.from({ length: 4 }, (): [string, object] => ['person', { id: '1', select }]))
  expect(requests).toEqual([1, 1, 1, 1])
})

test('mutations, and endpoints that want another way, are never asked so', async () => {
  const { ask, requests, context } = await gathered(() => undefined)
  await ask(['rename', { id: '1', name: 'x' }], ['rename', { id: '2', name: 'y' }], ...three)
  expect(requests.splice(0).sort((a, b) => a - b)).toEqual([1, 1, 3])
  context.memory.set('graphql.way', { method: 'POST', isPersisted: true })
  await ask(...three)
  context.memory.set('graphql.way', { method: 'GET', isPersisted: false })
  await ask(...three)
  expect(requests).toEqual([1, 1, 1, 1, 1, 1])
})
