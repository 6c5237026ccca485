// The Worker is killed at every step of a run with reads, writes, parallel calls and two held calls, and started again on
// the same database: every write reaches the upstream exactly once, or a person is asked what became of it.
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../scripts/root.ts'
import { CRON_PATH } from '../../scripts/stack.ts'
import { connectAgent } from '../agent.ts'
import { addConnection, addIntegration, addRule, openConsole } from '../console.ts'
import { type MortalStack, startMortalStack } from './mortal-stack.ts'

const PORT = 9510
const DAY_MS = 86_400_000

let stack: MortalStack

beforeAll(async () => {
  stack = await startMortalStack(PORT)
  await stack.start()
  const admin = await openConsole(stack.url)
  await addIntegration(admin, JSON.stringify(documentOf(stack.upstream.url)), { slug: 'desk' })
  await addConnection(admin, 'desk', 'main', 'a token')
  await addRule(admin, 'desk.notes.create', 'allow')
}, 120_000)

afterAll(() => stack.end(), 60_000)

/** Upstream requests of one undisturbed run: two reads, a note, (a read and two held orders,) a note. */
const CODE = `
  const [a, b] = await Promise.all([tools.desk.items.get(), tools.desk.items.get()])
  const note = await tools.desk.notes.create({ text: "first " + Math.max(a.n, b.n) })
  const [one, two, c] = await Promise.all([
    tools.desk.orders.create({ text: "one " + note.text }),
    tools.desk.orders.create({ text: "two " + note.text }),
    tools.desk.items.get(),
  ])
  const last = await tools.desk.notes.create({ text: "last " + c.n })
  return [note, one, two, last].map(({ text }) => text)`

type Moment = [request: number | 'held' | 'first decision' | 'decided', moment: 'before' | 'after']
const MOMENTS: Moment[] = [
  [1, 'before'],
  [2, 'after'],
  [3, 'before'],
  [3, 'after'],
  [4, 'before'],
  ['held', 'after'],
  ['first decision', 'after'],
  ['decided', 'after'],
  [5, 'before'],
  [6, 'before'],
  [6, 'after'],
  [7, 'before'],
  [7, 'after'],
]

test.each(MOMENTS)(
  'killed at %s %s',
  async (step, when) => {
    const isLate = typeof step === 'number' && step > 4
    const { upstream } = stack
    upstream.received.length = 0
    let isKilled = false
    const killed = new Promise<void>((resolve, reject) => {
      upstream.onRequest = async (number, at) => {
        if (isKilled || number !== step || at !== when) return
        isKilled = true
        await stack.kill().then(resolve, reject)
      }
    })
    const run = await begin(typeof step === 'number' && !isLate ? killed : undefined)
    if (step === 'decided') {
      // As it is when the Worker dies between storing a decision and going on.
      await stack.kill()
      stack.sql(
        `UPDATE approvals SET state = 'approved', decided_by = 'person:a@b.c', decided_at = 5 WHERE run_id = '${run}' AND tool = 'desk.orders.create'`,
      )
    }
    if (step === 'first decision') await answerQuestions(run, 1)
    // Both decisions let the run go on, to the moment at which the Worker dies.
    if (isLate) {
      await Promise.race([killed, answerQuestions(run).catch(() => undefined)])
      await Promise.race([killed, sleep(15_000)])
    }
    expect(isKilled).toBe(typeof step === 'number')
    await restart(run)
    const { result, sent } = await finish(run)
    expect(sent).toEqual(result)
    expect(sent).toHaveLength(4)
    const asked = `SELECT 1 FROM approvals WHERE run_id = '${run}' AND question = 'outcome'`
    // A write was on its way when the Worker died, and nothing in it can tell what became of it.
    expect(stack.sql(asked).length).toBeGreaterThanOrEqual(isUnanswered(step, when) ? 1 : 0)
  },
  60_000,
)

test('held across a redeploy with another bundle, and resumed a day later', async () => {
  stack.upstream.onRequest = () => undefined
  stack.upstream.received.length = 0
  const code = `const at = Date.now(); const { n } = await tools.desk.items.get()
    const { text } = await tools.desk.orders.create({ text: "item " + n }); return [at, n, text, Date.now() > at]`
  const agent = await connectAgent(stack.url)
  const { run } = await agent.execute(code)
  await agent.client.close()
  await stack.kill()
  const [before] = stack.sql(`SELECT started_at FROM runs WHERE id = '${run}'`)
  for (const [table, column, of] of [
    ['runs', 'started_at', 'id'],
    ['calls', 'started_at', 'run_id'],
    ['calls', 'settled_at', 'run_id'],
    ['approvals', 'created_at', 'run_id'],
    ['approvals', 'expires_at', 'run_id'],
  ]) {
    stack.sql(`UPDATE ${table} SET ${column} = ${column} - ${DAY_MS} WHERE ${of} = '${run}'`)
  }
  await stack.start(await anotherBundle())
  await answerQuestions(run)
  const answer = await resumeToEnd(run)
  const [at, n, text, isLater]: [number, number, string, boolean] = JSON.parse(answer)
  expect(at).toBe(Number(before?.started_at) - DAY_MS)
  expect([text, isLater]).toEqual([`item ${n}`, true])
  expect(stack.upstream.received.filter((line) => line.startsWith('POST'))).toEqual([
    `POST /orders {"text":"item ${n}"}`,
  ])
}, 90_000)

/** Whether a write had reached the upstream and not been answered: all requests but 1, 2 and 4 are writes. */
function isUnanswered(step: Moment[0], when: Moment[1]): boolean {
  return typeof step === 'number' && ![1, 2, 4].includes(step) && when === 'before'
}

/** Starts the program; gives its run's id once it waits for a person or the Worker is dead. */
async function begin(killed: Promise<void> | undefined): Promise<string> {
  const agent = await connectAgent(stack.url)
  const answered = agent.execute(CODE).catch(() => undefined)
  // A client whose server is gone waits for its own time to be over.
  await (killed ?? answered)
  const [latest] = stack.sql('SELECT id FROM runs ORDER BY id DESC LIMIT 1')
  void agent.client.close().catch(() => undefined)
  return String(latest?.id)
}

/** Brings the Worker back, some time later: the lease of the one that died is over. */
async function restart(run: string): Promise<void> {
  await stack.kill()
  stack.sql(`UPDATE runs SET lease_until = 0 WHERE id = '${run}' AND state = 'running'`)
  await stack.start()
}

/** Approves what was not sent; of what was sent and has no answer, says what the upstream knows. */
async function answerQuestions(run: string, most = Infinity): Promise<void> {
  const pending = `SELECT id, question, request FROM approvals WHERE state = 'pending' AND run_id = '${run}'`
  const questions = stack.sql(pending)
  if (questions.length === 0) return
  const admin = await openConsole(stack.url)
  for (const { id, question, request } of questions.slice(0, most)) {
    const { body }: { body: string } = JSON.parse(String(request))
    const isSent = stack.upstream.received.some((line) => line.startsWith('POST') && line.endsWith(body))
    const happened = isSent ? { intent: 'answer', answer: body } : { intent: 'resend', answer: '' }
    await admin.submit(
      `/approvals/${String(id)}`,
      question === 'outcome' ? happened : { intent: 'approve', remember: 'once' },
    )
  }
}

/** Lets the run come to its end, answering what it asks: what its result tells of, and what reached the upstream. */
async function finish(run: string): Promise<{ result: string[]; sent: string[] }> {
  const result: unknown = JSON.parse(await resumeToEnd(run))
  const sent = stack.upstream.received
    .filter((line) => line.startsWith('POST'))
    .map((line) => String(JSON.parse(line.slice(line.indexOf('{'))).text))
  const told = Array.isArray(result) ? result.map(String) : []
  const byText = (a: string, b: string) => a.localeCompare(b)
  return { result: told.toSorted(byText), sent: sent.toSorted(byText) }
}

async function resumeToEnd(run: string): Promise<string> {
  for (let round = 0; round < 60; round++) {
    const [row] = stack.sql(`SELECT state FROM runs WHERE id = '${run}'`)
    if (row?.state !== 'running' && row?.state !== 'waiting') break
    await fetch(stack.workerUrl + CRON_PATH)
    await answerQuestions(run)
    await sleep(100)
  }
  const agent = await connectAgent(stack.url)
  const { text } = await agent.call('resume', { run })
  await agent.client.close()
  return text
}

/** The build with one line more: other bytes, another module. */
async function anotherBundle(): Promise<string> {
  const built = join(ROOT, 'build/server')
  const folder = join(stack.folder, 'another')
  await cp(built, folder, { recursive: true })
  const main = join(folder, 'index.js')
  await writeFile(main, `${await readFile(main, 'utf8')}\nglobalThis.anotherBuild = true\n`)
  const config: Record<string, unknown> = JSON.parse(await readFile(join(built, 'wrangler.json'), 'utf8'))
  const path = join(stack.folder, 'another.json')
  const assets = { directory: join(ROOT, 'build/client'), binding: 'ASSETS' }
  await writeFile(path, JSON.stringify({ ...config, main, assets }))
  return path
}

function documentOf(url: string): object {
  const text = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
  const json = (schema: object) => ({ content: { 'application/json': { schema } } })
  const write = (operationId: string) => ({
    post: {
      operationId,
      requestBody: { required: true, ...json(text) },
      responses: { 201: { description: 'ok', ...json(text) } },
    },
  })
  const n = { type: 'object', properties: { n: { type: 'integer' } } }
  return {
    openapi: '3.1.0',
    info: { title: 'Desk', version: '1' },
    servers: [{ url }],
    paths: {
      '/items': { get: { operationId: 'items.get', responses: { 200: { description: 'ok', ...json(n) } } } },
      '/notes': write('notes.create'),
      '/orders': write('orders.create'),
    },
  }
}
