import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { listCalls } from '../db/calls.ts'
import { findRun } from '../db/runs.ts'
import { insertPolicy } from '../db/policies.ts'
import { FileValue } from '../sandbox/file.ts'
import { ada, bob, type Helpdesk, openHelpdesk, robot, SECRET } from '../testing/helpdesk.ts'
import { executeRun } from './execute.ts'

function execute({ deps }: Helpdesk, code: string, principal: Principal = ada) {
  return executeRun(deps, { principal, client: 'test 1.0', code })
}

async function valueOf(desk: Helpdesk, code: string, principal?: Principal): Promise<unknown> {
  const outcome = await execute(desk, code, principal)
  if (outcome.state === 'succeeded') return outcome.value
  throw new Error(JSON.stringify(outcome))
}

async function errorOf(desk: Helpdesk, code: string, principal?: Principal) {
  const outcome = await execute(desk, code, principal)
  if (outcome.state === 'failed') return outcome.error
  throw new Error(`It did not fail: ${JSON.stringify(outcome)}`)
}

function statements(desk: Helpdesk): number {
  return desk.trips.reduce((sum, trip) => sum + trip.statements.length, 0)
}

function allow(desk: Helpdesk, pattern: string, action: 'allow' | 'block' = 'allow') {
  const row = { id: `pol_${pattern}`, pattern, action, createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  return insertPolicy(desk.db, row)
}

test('a run is stored with its code, principal, client, result and logs', async () => {
  const desk = await openHelpdesk()
  const outcome = await execute(desk, 'console.log("hi"); return { a: 1 }', robot)
  expect(outcome).toMatchObject({ state: 'succeeded', value: { a: 1 }, logs: 'hi\n' })
  expect(await findRun(desk.db, outcome.run)).toMatchObject({
    principal: 'service:robot.access',
    client: 'test 1.0',
    code: 'console.log("hi"); return { a: 1 }',
    state: 'succeeded',
    result: '{"a":1}',
    resultBytes: 7,
    error: null,
    logs: 'hi\n',
    endedAt: expect.any(Number),
  })
})

test('a failed run keeps its error with the place in the agent’s code', async () => {
  const desk = await openHelpdesk()
  const outcome = await execute(desk, 'const a = 1\nthrow new Error("no")')
  expect(outcome).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('no'), line: 2 } })
  expect(await findRun(desk.db, outcome.run)).toMatchObject({ state: 'failed', result: null, error: { line: 2 } })
})

test('calls are kept in order with arguments, decision, connection, answer and error', async () => {
  const desk = await openHelpdesk()
  const connection = await desk.connect('main')
  const outcome = await execute(
    desk,
    `const list = await tools.helpdesk.tickets.list({ limit: 1 })
     await tools["helpdesk@main"].tickets.get({ id: 9 }).catch(() => {})
     await tools.helpdesk.tickets.create({ titel: "x" }).catch(() => {})
     await tools.search("tickets")
     await new Promise((resolve) => setTimeout(resolve, 5))
     return list`,
  )
  expect(outcome).toMatchObject({ state: 'succeeded', value: [{ id: 1, title: 'Ticket 1' }] })
  const calls = await listCalls(desk.db, outcome.run)
  expect(calls).toMatchObject([
    {
      number: 1,
      kind: 'tool',
      address: 'helpdesk.tickets.list',
      arguments: '{"limit":1}',
      decision: 'allow',
      state: 'succeeded',
    },
    {
      number: 2,
      address: 'helpdesk@main.tickets.get',
      connectionId: connection.id,
      state: 'failed',
      error: { status: 404 },
    },
    { number: 3, decision: 'require_approval', state: 'failed', result: null, error: { code: 'invalid_arguments' } },
    { number: 4, kind: 'search', address: '', state: 'succeeded' },
    { number: 5, kind: 'timer', arguments: '5', state: 'succeeded' },
  ])
  expect(calls.map((call) => call.settleOrder)).toEqual([1, 2, 3, 4, 5])
  expect(JSON.parse(calls[0]?.result ?? '')).toMatchObject({ status: 200, data: [{ id: 1 }] })
})

test('parallel calls are numbered as asked and settle as they end', async () => {
  let letFirst = () => {}
  const first = new Promise<void>((resolve) => (letFirst = resolve))
  const desk = await openHelpdesk(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/tickets/1') await first
    if (pathname === '/tickets/3') letFirst()
    return Response.json({ pathname })
  })
  await desk.connect('main')
  const outcome = await execute(
    desk,
    `const order = []
     const get = (id) => tools.helpdesk.tickets.get({ id }).then(() => order.push(id))
     const one = get(1)
     await get(2)
     await get(3)
     await one
     return order`,
  )
  const places = (await listCalls(desk.db, outcome.run)).sort((a, b) => Number(a.settleOrder) - Number(b.settleOrder))
  expect(places.map(({ number }) => number)[0]).toBe(2)
  expect(outcome).toMatchObject({ value: places.map(({ arguments: asked }) => JSON.parse(asked).id) })
})

test('the program’s clock stands still but for what settles, and is the journal’s', async () => {
  const desk = await openHelpdesk()
  const outcome = await execute(
    desk,
    'const a = Date.now(); await new Promise((done) => setTimeout(done, 20)); return [a, Date.now()]',
  )
  const run = await findRun(desk.db, outcome.run)
  const [timer] = await listCalls(desk.db, outcome.run)
  expect(outcome).toMatchObject({ value: [run?.startedAt, timer?.settledAt] })
})

test('a run without calls costs two statements, and ten parallel reads two more in the same round trips', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const reads = 'return Promise.all(Array.from({ length: 10 }, () => tools.helpdesk.tickets.list()))'
  await execute(desk, reads)
  desk.forget()
  await execute(desk, 'return 1')
  expect(statements(desk)).toBe(2)
  desk.forget()
  await execute(desk, reads)
  expect(desk.received).toHaveLength(10)
  expect(desk.trips.map((trip) => trip.statements.length)).toEqual([1, 1, 2])
})

test('a tool that this isolate has not called before costs one statement more', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await execute(desk, 'return tools.helpdesk.tickets.list()')
  desk.forget()
  await execute(desk, 'await tools.helpdesk.tickets.list(); return tools.helpdesk.tickets.photo({ id: 1 })')
  expect(statements(desk)).toBe(5)
})

test('the last use of a connection is noted when a request went through it, and not again within a minute', async () => {
  const desk = await openHelpdesk()
  const { id } = await desk.connect('main')
  const lastUsed = () =>
    env.DB.prepare('SELECT last_used_at FROM connections WHERE id = ?').bind(id).first('last_used_at')
  await execute(desk, 'return tools.helpdesk.tickets.list({ limit: "many" })')
  await execute(desk, 'return tools.helpdesk.tickets.create({ titel: "x" })')
  expect(await lastUsed()).toBeNull()
  await execute(desk, 'return tools.helpdesk.tickets.list()')
  const used = await lastUsed()
  expect(used).toEqual(expect.any(Number))
  await execute(desk, 'return tools.helpdesk.tickets.list()')
  expect(await lastUsed()).toBe(used)
})

test('the credential reaches the upstream and nothing that an agent or the database sees', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const outcome = await execute(
    desk,
    `const raw = await tools.helpdesk.tickets.list.raw({})
     const error = await tools.helpdesk.tickets.get({ id: 404 }).catch((error) => error)
     console.log(raw, error, globalThis)
     emit(raw)
     return { raw, error, keys: Object.keys(globalThis) }`,
  )
  expect(desk.received.map(({ headers }) => headers.get('authorization'))).toEqual([
    `Bearer ${SECRET}`,
    `Bearer ${SECRET}`,
  ])
  const stored = await Promise.all(
    ['runs', 'calls', 'run_chunks', 'connections'].map((table) => env.DB.prepare(`SELECT * FROM ${table}`).all()),
  )
  const everything = JSON.stringify([outcome, stored])
  expect(everything).toContain('Ticket 1')
  expect(everything).not.toContain(SECRET)
  expect(everything).not.toContain('upstream-session')
})

test('results.get reads a whole earlier result, files included, and only the principal’s own', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const long = await execute(desk, 'return (await tools.helpdesk.tickets.list({ limit: 5000 }))')
  const { result } = (await findRun(desk.db, long.run)) ?? {}
  expect(result).toBeNull()
  expect(await valueOf(desk, `return (await results.get("${long.run}")).length`)).toBe(5000)

  const photo = await execute(desk, 'return { photo: await tools.helpdesk.tickets.photo({ id: 1 }) }')
  expect(photo).toMatchObject({
    value: { photo: new FileValue('photo.png', 'image/png', new Uint8Array([137, 80, 78, 71])) },
  })
  const size = `const { photo } = await results.get("${photo.run}"); return [photo.name, (await photo.bytes()).length]`
  expect(await valueOf(desk, size)).toEqual(['photo.png', 4])

  for (const principal of [bob, robot]) {
    expect(await errorOf(desk, `return results.get("${long.run}")`, principal)).toMatchObject({ code: 'unknown_run' })
  }
  expect(await errorOf(desk, 'return results.get("run_nothing")')).toMatchObject({ code: 'unknown_run' })
})

test('a run that failed has no result, and says why', async () => {
  const desk = await openHelpdesk()
  const failed = await execute(desk, 'throw new Error("broken")')
  const error = await errorOf(desk, `return results.get("${failed.run}")`)
  expect(error).toMatchObject({ code: 'no_result', message: expect.stringContaining('broken') })
})

test('wrong arguments of search, describe and results are errors that say what they take', async () => {
  const desk = await openHelpdesk()
  expect(await errorOf(desk, 'return tools.search({ query: 1 })')).toMatchObject({ code: 'invalid_arguments' })
  expect(await errorOf(desk, 'return tools.describe(7)')).toMatchObject({ code: 'invalid_arguments' })
  expect(await errorOf(desk, 'return tools.search({ cursor: "x" })')).toMatchObject({ code: 'invalid_cursor' })
  expect(await valueOf(desk, 'return (await tools.describe("helpdesk.tickets.create")).typescript')).toMatch(
    /title: string/,
  )
})

test.each([
  'tools[long].tickets.list()',
  'tools.helpdesk[long]()',
  'tools["helpdesk@" + long].tickets.list()',
  'tools.helpdesk.tickets.list({ [long]: 1 })',
  'tools.describe("helpdesk." + long)',
  'tools.search({ query: "a", integration: long })',
  'results.get(long)',
])('%s with a name of two million letters is refused like any other, and the run is kept', async (call) => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const outcome = await execute(desk, `const long = "x".repeat(2_000_000); return ${call}`)
  expect(outcome).toMatchObject({
    state: 'failed',
    error: { code: expect.stringMatching(/^(unknown_|connection_unknown|invalid_arguments)/) },
  })
  expect(await findRun(desk.db, outcome.run)).toMatchObject({ state: 'failed' })
  expect(JSON.stringify(await listCalls(desk.db, outcome.run)).length).toBeLessThan(50_000)
})

test('a call that the program did not wait for is finished and kept; a timer is not waited for', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await allow(desk, 'helpdesk.tickets.create')
  const outcome = await execute(
    desk,
    'tools.helpdesk.tickets.create({ title: "x" }); setTimeout(() => {}, 60_000); return 1',
  )
  expect(await listCalls(desk.db, outcome.run)).toMatchObject([{ kind: 'tool', state: 'succeeded' }])
})

test('calls in flight when a program fails are kept, and those still in line are not sent', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await allow(desk, 'helpdesk.tickets.create')
  const outcome = await execute(
    desk,
    `const calls = Array.from({ length: 100 }, () => tools.helpdesk.tickets.create({ title: "x" }))
     calls.forEach((call) => call.catch(() => {}))
     await calls[0]
     throw new Error("stop")`,
  )
  expect(outcome.state).toBe('failed')
  expect(await listCalls(desk.db, outcome.run)).toHaveLength(desk.received.length)
  expect(desk.received.length).toBeLessThan(20)
})

test('large answers and arguments are stored in parts and the run stays readable', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  await allow(desk, 'helpdesk.tickets.create')
  const outcome = await execute(
    desk,
    `await tools.helpdesk.tickets.create({ title: "x".repeat(300_000) })
     return (await tools.helpdesk.tickets.list({ limit: 40_000 })).length`,
  )
  expect(outcome).toMatchObject({ value: 40_000 })
  expect(await listCalls(desk.db, outcome.run)).toMatchObject([{ arguments: '' }, { result: null, state: 'succeeded' }])
})

test('a result above 4 MiB is refused', async () => {
  const desk = await openHelpdesk()
  const error = await errorOf(desk, 'return "x".repeat(5_000_000)')
  expect(error.message).toMatch(/larger than|too large/i)
})

test('an answer of the upstream that is not there leaves a retryable error', async () => {
  const desk = await openHelpdesk(() => {
    throw new TypeError('network')
  })
  await desk.connect('main')
  expect(await errorOf(desk, 'return tools.helpdesk.tickets.list()')).toMatchObject({
    code: 'unreachable',
    retryable: true,
  })
})

test('a fourth program waits for a sandbox and is told when none gets free', async () => {
  const desk = await openHelpdesk()
  const slots = { acquire: async () => undefined }
  const deps = { ...desk.deps, engine: { ...desk.deps.engine, slots } }
  const outcome = await executeRun(deps, { principal: ada, client: 'test', code: 'return 1' })
  expect(outcome).toMatchObject({ state: 'failed', error: { code: 'busy', retryable: true } })
})

test('a surprise ends the run as failed and goes on to the caller', async () => {
  const desk = await openHelpdesk()
  await env.DB.exec('DROP TABLE policies')
  await expect(execute(desk, 'return tools.helpdesk.tickets.list()')).rejects.toThrow(/policies/)
  const run = await env.DB.prepare('SELECT state, error FROM runs').first()
  expect(run).toMatchObject({ state: 'failed', error: expect.stringContaining('internal_error') })
})

test('six requests are sent at once, the others follow in the order asked', async () => {
  let inFlight = 0
  let most = 0
  const order: string[] = []
  const desk = await openHelpdesk(async (request) => {
    order.push(new URL(request.url).pathname)
    most = Math.max(most, ++inFlight)
    await new Promise((resolve) => setTimeout(resolve, 2))
    inFlight--
    return Response.json({})
  })
  await desk.connect('main')
  order.length = 0
  most = 0
  await execute(desk, 'await Promise.all(Array.from({ length: 20 }, (_, id) => tools.helpdesk.tickets.get({ id })))')
  expect(most).toBe(6)
  expect(order).toEqual(Array.from({ length: 20 }, (_, id) => `/tickets/${id}`))
})

test('code that is too long is refused, and its beginning is kept', async () => {
  const desk = await openHelpdesk()
  const outcome = await execute(desk, `return "${'x'.repeat(70_000)}"`)
  expect(outcome).toMatchObject({ state: 'failed' })
  expect((await findRun(desk.db, outcome.run))?.code).toHaveLength(64 * 1024)
})
