// Random programs, and a Worker that dies at a random step of them, once or twice: every write happens exactly once, or a
// person is asked what happened, and the program comes to the result that it would have come to undisturbed.
import { env } from 'cloudflare:test'
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check'
import { expect, test } from 'vitest'
import { listPendingApprovals } from '../db/approvals.ts'
import { insertPolicy } from '../db/policies.ts'
import { ada, type Helpdesk, openHelpdesk } from '../testing/helpdesk.ts'
import { mortal } from '../testing/mortal.ts'
import { advanceRun } from './advance.ts'
import { decideApproval, type Verdict } from './decide-approval.ts'
import { startRun } from './execute.ts'
import { readOutcome } from './read-outcome.ts'

type Act = 'read' | 'write' | 'held'
/** Each inner list runs in parallel. */
type Plan = Act[][]

/** Writes carry what the last read said: a read that is repeated says something else. */
function programOf(plan: Plan): string {
  const lines = plan.map((group, row) => {
    const acts = group.map((act, column) => {
      const name = `${row}.${column}`
      if (act === 'read') return `tools.helpdesk.tickets.get({ id: 1 }).then((seen) => (last = seen.n))`
      const call = act === 'write' ? 'create' : 'createHeld'
      return call === 'create'
        ? `tools.helpdesk.tickets.create({ title: "${name}/" + last }).then((made) => made.title)`
        : `tools.helpdesk.tickets.delete({ id: ${row * 10 + column + 100} }).then(() => "deleted ${name}")`
    })
    return `out.push(await Promise.all([${acts.join(', ')}]))`
  })
  return `let last = 0\nconst out = []\n${lines.join('\n')}\nreturn out`
}

class Ledger {
  readonly writes: string[] = []
  #reads = 0

  readonly answer = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') return Response.json({ n: ++this.#reads })
    if (request.method === 'DELETE') {
      this.writes.push(`DELETE ${new URL(request.url).pathname}`)
      return new Response(null, { status: 204 })
    }
    const body: { title: string } = await request.json()
    this.writes.push(body.title)
    return Response.json(body, { status: 201 })
  }
}

/** Which writes a result tells of, as the ledger names them. */
function told(value: unknown, plan: Plan): string[] {
  const rows: unknown[] = Array.isArray(value) ? value : []
  return plan.flatMap((group, row) =>
    group.flatMap((act, column) => {
      if (act === 'read') return []
      if (act === 'held') return [`DELETE /tickets/${row * 10 + column + 100}`]
      const cells: unknown = rows[row]
      return [String(Array.isArray(cells) ? cells[column] : undefined)]
    }),
  )
}

async function answerEverything(desk: Helpdesk, ledger: Ledger): Promise<boolean> {
  const questions = await listPendingApprovals(desk.db, { limit: 50 })
  for (const { id, question } of questions) {
    const row = await env.DB.prepare('SELECT request FROM approvals WHERE id = ?').bind(id).first<{ request: string }>()
    const request: { method: string; url: string; body: string | null } = JSON.parse(row?.request ?? '{}')
    const sent =
      request.method === 'DELETE'
        ? `DELETE ${new URL(request.url).pathname}`
        : String(JSON.parse(request.body ?? '{}').title)
    const hasHappened = question === 'outcome' && ledger.writes.includes(sent)
    const answer = request.method === 'DELETE' ? 'null' : (request.body ?? 'null')
    const verdict: Verdict = hasHappened
      ? { kind: 'answered', answer }
      : { kind: 'approved', remember: 'once', expiresAt: null }
    // The run is taken up by the test, which may let that die too.
    const deps = { ...desk.deps, principal: ada, waitUntil: () => {}, db: desk.db }
    await env.DB.prepare('UPDATE runs SET lease_until = 9e15').run()
    expect(await decideApproval(deps, id, verdict)).toMatchObject({ ok: true })
    await env.DB.prepare('UPDATE runs SET lease_until = 0').run()
  }
  return questions.length > 0
}

/** The writes that reached the upstream, and those that the program's result tells of; nothing, when it never began. */
async function carryOut(plan: Plan, deaths: number[]): Promise<{ sent: string[]; told: string[] }> {
  const ledger = new Ledger()
  const desk = await openHelpdesk(ledger.answer)
  await desk.connect('main')
  const rule = { id: 'p', pattern: 'helpdesk.tickets.create', action: 'allow' as const }
  await insertPolicy(desk.db, { ...rule, createdBy: 'a', createdAt: 1, updatedAt: 1 })
  const [firstDeath = Infinity, ...laterDeaths] = deaths
  const first = mortal(desk, firstDeath, ledger.answer)
  const request = { principal: ada, client: 'test', code: programOf(plan) }
  const started = startRun(first.deps, request).then(({ end }) => end)
  await Promise.race([started, first.died])
  const id = await env.DB.prepare('SELECT id FROM runs').first<string>('id')
  if (id === null) return { sent: ledger.writes, told: [] }
  for (let round = 0; round < 40; round++) {
    await env.DB.prepare('UPDATE runs SET lease_until = 0').run()
    const next = mortal(desk, laterDeaths.shift() ?? Infinity, ledger.answer)
    await Promise.race([advanceRun(next.deps, id, { retireAfterMs: 20_000 }), next.died])
    const read = await readOutcome(desk.deps, id)
    const outcome = read?.outcome
    if (outcome?.state === 'succeeded') {
      return { sent: ledger.writes.toSorted(), told: told(outcome.value, plan).toSorted() }
    }
    if (outcome?.state !== 'running' && outcome?.state !== 'waiting') {
      throw new Error(`It ended as ${JSON.stringify(outcome)} with ${JSON.stringify(ledger.writes)}`)
    }
    await answerEverything(desk, ledger)
  }
  throw new Error('It did not end in 40 rounds')
}

const plans = array(array(constantFrom<Act>('read', 'write', 'held'), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
})

test('whatever the program and wherever the Worker dies, every write happens once, or a person is asked', async () => {
  const deaths = array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 })
  const property = asyncProperty(plans, deaths, async (plan, at) => {
    const { sent, told } = await carryOut(plan, at)
    expect(sent).toEqual(told)
  })
  await assert(property, { numRuns: 60, endOnFailure: true })
}, 120_000)

test('at every step of one program', async () => {
  const plan: Plan = [['read', 'read'], ['write'], ['held', 'held', 'read'], ['write', 'write'], ['read']]
  for (let step = 1; step <= 40; step++) {
    const { sent, told } = await carryOut(plan, [step])
    expect(sent, `it died at step ${step}`).toEqual(told)
  }
}, 120_000)
