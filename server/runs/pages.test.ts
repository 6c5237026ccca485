import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { createConnection } from '../connections/manage.ts'
import { listPendingApprovals } from '../db/approvals.ts'
import { listCalls } from '../db/calls.ts'
import { insertPolicy } from '../db/policies.ts'
import { ada, type Helpdesk, importDocument, openHelpdesk, SECRET, UPSTREAM } from '../testing/helpdesk.ts'
import { decideApproval } from './decide-approval.ts'
import { executeRun } from './execute.ts'
import { replayRun } from './replay-run.ts'
import { resumeRun } from './resume.ts'

// A shop with orders in three pages of two, by number; notes by links with a query of their own; and one that lies.
const integer = { type: 'integer' }
const list = { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'array', items: {} } } } } }
const get = (operationId: string, query: Record<string, object> = {}) => ({
  operationId,
  parameters: Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
  responses: list,
})
const document = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: UPSTREAM }],
  security: [{ key: [] }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'key' } } },
  paths: {
    '/orders': {
      get: get('orders.list', { page: integer, per_page: integer }),
      post: {
        operationId: 'orders.create',
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { title: {} } } } } },
        responses: list,
      },
    },
    '/notes': { get: get('notes.list', { q: { type: 'string' } }) },
    '/lies': { get: get('lies.list') },
    '/broken': { get: get('broken.list', { page: integer }) },
  },
}

function answerShop(request: Request): Response {
  const url = new URL(request.url)
  if (url.searchParams.get('key') !== SECRET) return Response.json({ message: 'no key' }, { status: 401 })
  if (url.pathname === '/orders') {
    const page = Number(url.searchParams.get('page') ?? 1)
    return Response.json([page * 2 - 1, page * 2].slice(page === 3 ? 1 : 0))
  }
  if (url.pathname === '/notes') {
    const at = Number(url.searchParams.get('at') ?? 0)
    const link = `<${UPSTREAM}/notes?key=${SECRET}&sig=a%2Bb&at=${at + 1}>; rel="next"`
    return Response.json([at], at < 2 ? { headers: { link } } : {})
  }
  if (url.pathname === '/lies')
    return Response.json([1], { headers: { link: '<https://evil.example.com/x?c=1>; rel=next' } })
  if (url.pathname !== '/broken') return Response.json({}, { status: 404 })
  const isSecond = url.searchParams.get('page') === '2'
  return isSecond
    ? Response.json({ message: 'gone' }, { status: 410 })
    : Response.json({ page: 1, total_pages: 3, items: [1] })
}

async function openShop(): Promise<Helpdesk> {
  const desk = await openHelpdesk(answerShop)
  const integration = await importDocument(desk.deps, document, 'shop')
  const method = integration.authMethods.find(({ id }) => id !== 'none')
  if (method === undefined) throw new Error('The shop has an auth method')
  const values = Object.fromEntries(method.fields.map((field) => [field.name, SECRET]))
  const made = await createConnection(
    { ...desk.deps, principal: ada },
    { integration, method, values, owner: 'org', slug: 'main' },
  )
  if (!made.ok) throw new Error(made.message)
  desk.forget()
  return desk
}

const execute = ({ deps }: Helpdesk, code: string) => executeRun(deps, { principal: ada, client: 'test 1.0', code })

async function valueOf(desk: Helpdesk, code: string): Promise<unknown> {
  const outcome = await execute(desk, code)
  if (outcome.state === 'succeeded') return outcome.value
  throw new Error(JSON.stringify(outcome))
}

const asked = (desk: Helpdesk) =>
  desk.received.map(({ url }) => url.replace(UPSTREAM, '').replace(`key=${SECRET}`, 'key=…'))
const pending = (desk: Helpdesk) => listPendingApprovals(desk.db, { limit: 50 })

async function approve(desk: Helpdesk): Promise<void> {
  const work: Promise<unknown>[] = []
  const [question] = await pending(desk)
  const deps = { ...desk.deps, principal: ada, waitUntil: (each: Promise<unknown>) => work.push(each) }
  const decided = await decideApproval(deps, question?.id ?? '', {
    kind: 'approved',
    remember: 'once',
    expiresAt: null,
  })
  expect(decided).toMatchObject({ ok: true })
  for (let each = work.shift(); each !== undefined; each = work.shift()) await each
}

test('each page is a call of the run, recorded with what asks for the next, and replayed without the upstream', async () => {
  const desk = await openShop()
  const outcome = await execute(
    desk,
    `const orders = []
     for await (const page of tools.shop.orders.list.pages({ per_page: 2 })) orders.push(...page)
     return orders`,
  )
  expect(outcome).toMatchObject({ state: 'succeeded', value: [1, 2, 3, 4, 6] })
  expect(asked(desk)).toEqual([
    '/orders?per_page=2&key=…',
    '/orders?page=2&per_page=2&key=…',
    '/orders?page=3&per_page=2&key=…',
  ])
  const calls = await listCalls(desk.db, outcome.run)
  expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([
    { per_page: 2 },
    { per_page: 2, page: 2 },
    { per_page: 2, page: 3 },
  ])
  expect(calls.map((call) => JSON.parse(call.result ?? '').next)).toEqual([
    { per_page: 2, page: 2 },
    { per_page: 2, page: 3 },
    undefined,
  ])
  expect(calls).toMatchObject(
    [1, 2, 3].map((number) => ({ number, kind: 'tool', address: 'shop.orders.list', state: 'succeeded' })),
  )
  desk.forget()
  expect(await replayRun(desk.deps, { id: outcome.run })).toMatchObject({ state: 'same' })
  expect(desk.received).toEqual([])
})

test('a run that waits between pages goes on from the record, and asks for no page twice', async () => {
  const desk = await openShop()
  const outcome = await execute(
    desk,
    `const pages = tools.shop.orders.list.pages({ per_page: 2 }, { max: 2 })
     const seen = []
     for await (const page of pages) { await tools.shop.orders.create({ title: 'x' }); seen.push(page) }
     return [seen, pages.next]`,
  )
  await approve(desk)
  await approve(desk)
  const resumed = await resumeRun(desk.deps, ada, outcome.run, { withinMs: 3000 })
  const value = [
    [
      [1, 2],
      [3, 4],
    ],
    { per_page: 2, page: 3 },
  ]
  const logs =
    'warning: tools.shop.orders.list.pages stopped at { max: 2 }, and there are more pages: raise it, or go on with .next as input\n'
  expect(resumed).toMatchObject({ outcome: { state: 'succeeded', value, logs } })
  expect(desk.received.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST'])
})

test('a page that only a URL names is followed, without the credential that the upstream wrote into it', async () => {
  const desk = await openShop()
  const outcome = await execute(
    desk,
    `const first = await tools.shop.notes.list.raw({ q: 'x' })
     return [first.next, await tools.shop.notes.list.pages({ q: 'x' })]`,
  )
  const next = { q: 'x', $next: `${UPSTREAM}/notes?sig=a%2Bb&at=1` }
  expect(outcome).toMatchObject({ state: 'succeeded', value: [next, [[0], [1], [2]]] })
  expect(asked(desk)).toEqual([
    '/notes?q=x&key=…',
    '/notes?q=x&key=…',
    '/notes?sig=a%2Bb&at=1&key=…',
    '/notes?sig=a%2Bb&at=2&key=…',
  ])
  for (const { arguments: given, result } of await listCalls(desk.db, outcome.run)) {
    expect(given).not.toContain(SECRET)
    expect(JSON.stringify(JSON.parse(result ?? '').next ?? null)).not.toContain(SECRET)
  }
})

test('a next page elsewhere is not asked for, and the program is told', async () => {
  const desk = await openShop()
  const outcome = await execute(
    desk,
    `const seen = []
     try { for await (const page of tools.shop.lies.list.pages()) seen.push(page) } catch (error) { return [seen, error.code, error.message] }`,
  )
  const message = expect.stringMatching(
    /^"\$next" leads elsewhere\. Only the query of https:\/\/helpdesk\.example\.com\/lies may change\.$/,
  )
  expect(outcome).toMatchObject({ state: 'succeeded', value: [[[1]], 'invalid_arguments', message] })
  expect(asked(desk)).toEqual(['/lies?key=…'])
})

test('a page that fails throws, after the pages before it', async () => {
  const desk = await openShop()
  const code = `const seen = []
    try { for await (const page of tools.shop.broken.list.pages()) seen.push(page.items) } catch (error) { return [seen, error.status, error.message] }`
  expect(await valueOf(desk, code)).toEqual([[[1]], 410, expect.stringContaining('gone')])
})

test('only reads have pages: anything else is refused before a person is asked', async () => {
  const desk = await openShop()
  const code = `try { await tools.shop.orders.create.pages({ title: 'x' }) } catch (error) { return [error.code, error.message] }`
  expect(await valueOf(desk, code)).toEqual(['not_a_read', expect.stringContaining('shop.orders.create is not a read')])
  await insertPolicy(desk.db, {
    id: 'pol_1',
    pattern: 'shop.*',
    action: 'allow',
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  })
  expect(await valueOf(desk, code)).toEqual(['not_a_read', expect.anything()])
  expect(await pending(desk)).toEqual([])
  expect(desk.received).toEqual([])
})

test('$next is no field of a write, and beside it the input is checked as ever', async () => {
  const desk = await openShop()
  const refused = (call: string) =>
    valueOf(desk, `try { return await ${call} } catch (error) { return [error.code, error.message] }`)
  expect(await refused('tools.shop.orders.create({ title: "x", $next: "?a=1" })')).toEqual([
    'invalid_arguments',
    expect.stringContaining('unknown field "$next"'),
  ])
  expect(await refused('tools.shop.notes.list({ Q: "x", $next: "?at=2" })')).toEqual([
    'invalid_arguments',
    expect.stringContaining('"Q"'),
  ])
  expect(await refused('tools.shop.notes.list({ $next: "https://evil.example.com/notes?at=2" })')).toEqual([
    'invalid_arguments',
    expect.stringContaining('leads elsewhere'),
  ])
  expect(desk.received).toEqual([])
  expect(await refused('tools.shop.notes.list({ q: "x", $next: "?at=2&key=other" })')).toEqual([2])
  expect(asked(desk)).toEqual(['/notes?at=2&key=…'])
})

test('where a read needs approval, every page does, and the question shows the URL of the page', async () => {
  const desk = await openShop()
  await insertPolicy(desk.db, {
    id: 'pol_1',
    pattern: 'shop.notes.list',
    action: 'require_approval',
    createdBy: ada.id,
    createdAt: 1,
    updatedAt: 1,
  })
  const outcome = await execute(desk, 'return await tools.shop.notes.list.pages({}, { max: 2 })')
  expect(outcome.state).toBe('waiting')
  await approve(desk)
  const row = await env.DB.prepare(`SELECT request FROM approvals WHERE state = 'pending'`).first<{ request: string }>()
  expect(JSON.parse(row?.request ?? '')).toMatchObject({ method: 'GET', url: `${UPSTREAM}/notes?sig=a%2Bb&at=1` })
  await approve(desk)
  expect(await resumeRun(desk.deps, ada, outcome.run, { withinMs: 3000 })).toMatchObject({
    outcome: { state: 'succeeded', value: [[0], [1]] },
  })
})

test('a record without next, as runs had it before, is replayed as it is', async () => {
  const desk = await openShop()
  const outcome = await execute(
    desk,
    'const { status, data } = await tools.shop.orders.list.raw({ per_page: 2 }); return [status, data]',
  )
  await env.DB.prepare(`UPDATE calls SET result = json_remove(result, '$.next') WHERE run_id = ?`)
    .bind(outcome.run)
    .run()
  const [call] = await listCalls(desk.db, outcome.run)
  expect(Object.keys(JSON.parse(call?.result ?? ''))).toEqual(['status', 'headers', 'data'])
  expect(await replayRun(desk.deps, { id: outcome.run })).toMatchObject({ state: 'same', outcome: [200, [1, 2]] })
})
