// Whoever is not a person at the console tries to decide a held call, or to make a rule that lets it through: the agent by
// what it can call, and requests that its credentials, or somebody else's, can make. Each is refused, the question stays
// open, and the company's ledger shows that nothing was sent.
import { expect, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent, SERVICE_HEADERS } from './agent.ts'
import { openConsole, signInCookie, wordsOf } from './console.ts'
import { countTickets, createTicket, executeHeld, type Held } from './held-calls.ts'
import { ADMIN, MEMBER } from './local-access/identities.ts'
import { oauthToken } from './oauth-token.ts'

const TOOL = 'northwind.tickets.create'
const APPROVE = { intent: 'approve', remember: 'tool', lasts: 'revoked' }
const RESUMED_MS = 40_000
const ALLOW = { intent: 'save', pattern: TOOL, action: 'allow', note: '' }

let origin: string
let adminCookie: string
let memberCookie: string
/** What an agent holds that an admin signed in. */
let token: string
/** The agent that holds it, and one with a service token. */
let agents: ConnectedAgent[]

test.beforeAll(async ({ baseURL }) => {
  origin = String(baseURL)
  adminCookie = await signInCookie(origin, ADMIN)
  memberCookie = await signInCookie(origin, MEMBER)
  token = await oauthToken(origin, ADMIN)
  agents = [await connectAgent(origin, { authorization: `Bearer ${token}` }), await connectAgent(origin)]
})

test.afterAll(async () => {
  for (const { client } of agents) await client.close()
})

const post = (path: string, headers: Record<string, string>, fields: Record<string, string>): Promise<Response> =>
  fetch(origin + path, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' })

async function hold(agent: ConnectedAgent, title: string): Promise<Held & { question: string }> {
  const held = await executeHeld(agent, `return ${createTicket(title)}`)
  expect(held.questions).toHaveLength(1)
  return { ...held, question: held.questions[0] ?? '' }
}

/** Nobody has decided, no rule was made, and nothing was sent. */
async function expectUndecided(question: string, title: string, after: string): Promise<void> {
  const admin = await openConsole(origin)
  const { html, status } = await admin.open(question)
  expect(status, after).toBe(200)
  expect(wordsOf(html), after).toMatch(/\bApprove\b.*\bDecline\b/)
  expect((await admin.open('/policies')).html, after).not.toContain(TOOL)
  expect(wordsOf((await admin.open('/approvals/remembered')).html), after).not.toContain(TOOL)
  expect(await countTickets(origin, title), after).toBe(0)
}

test('an agent decides nothing by what it can call', async () => {
  // resume waits as long for a person as it may, whatever else it is told.
  test.setTimeout(120_000)
  const attempts = agents.map(async (agent, index) => {
    const title = `Called by agent ${index}`
    const { run, question } = await hold(agent, title)
    const id = question.replace('/approvals/', '')
    const { tools } = await agent.client.listTools()
    expect(tools.map(({ name }) => name).join()).not.toMatch(/approv|decid|polic|rule|connection/)

    const form = JSON.stringify(new URLSearchParams(APPROVE).toString())
    const programs = [
      `return await fetch(${JSON.stringify(origin + question)}, { method: 'POST', body: ${form} })`,
      `return await tools.executor.approvals.approve({ id: ${JSON.stringify(id)} })`,
      `return await tools.approvals.decide({ id: ${JSON.stringify(id)}, state: 'approved' })`,
      `return await tools.policies.create(${JSON.stringify(ALLOW)})`,
      `return await results.approve(${JSON.stringify(run)})`,
    ]
    for (const program of programs) {
      const answer = await agent.execute(program)
      expect(answer.isError, `${program}: ${answer.text}`).toBe(true)
    }
    const decisions = [
      { approve: true },
      { approval: id, ...APPROVE },
      { inputResponses: { [id]: { action: 'accept' } } },
    ]
    const resumed = decisions.map((decision) => agent.call('resume', { run, ...decision }, RESUMED_MS).catch(String))
    for (const answer of await Promise.all(resumed)) {
      const text = typeof answer === 'string' ? answer : answer.text
      // Told of the question again, or that resume takes no such thing.
      expect(text).toMatch(/\/approvals\/apr_|additional properties|unrecognized|invalid/i)
    }
    await expectUndecided(question, title, `agent ${index}`)
  })
  await Promise.all(attempts)
})

/** Requests by what is wrong with them; each is tried on every question and on the rules. */
function forgeries(): [string, Record<string, string>][] {
  const authorization = `Bearer ${token}`
  const sameOrigin = { origin, 'sec-fetch-site': 'same-origin' }
  return [
    ['an agent’s own token', { authorization }],
    ['an agent’s own token, with Origin', { authorization, origin }],
    ['an agent’s own token, with Sec-Fetch-Site', { authorization, 'sec-fetch-site': 'same-origin' }],
    ['an agent’s own token, with both', { authorization, ...sameOrigin }],
    [
      'an agent’s own token, with both and a made-up cookie',
      { authorization, ...sameOrigin, cookie: 'CF_Authorization=x' },
    ],
    ['an agent’s own token, also as its cookie', { authorization, ...sameOrigin, cookie: `CF_Authorization=${token}` }],
    ['an agent’s own token, with a cookie of another person', { authorization, ...sameOrigin, cookie: memberCookie }],
    ['an agent’s own token, of another site', { authorization, origin: 'https://evil.example' }],
    ['a service token', { ...SERVICE_HEADERS }],
    ['a service token, with both', { ...SERVICE_HEADERS, ...sameOrigin }],
    [
      'a service token, with both and a made-up cookie',
      { ...SERVICE_HEADERS, ...sameOrigin, cookie: 'CF_Authorization=x' },
    ],
    ['a service token, with an admin’s cookie', { ...SERVICE_HEADERS, ...sameOrigin, cookie: adminCookie }],
    ['another member', { ...sameOrigin, cookie: memberCookie }],
    ['an admin’s cookie, without Origin and Sec-Fetch-Site', { cookie: adminCookie }],
    [
      'an admin’s cookie, of another site',
      { cookie: adminCookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    ],
    [
      'an admin’s cookie, of another site that says it is ours',
      { cookie: adminCookie, origin, 'sec-fetch-site': 'cross-site' },
    ],
    ['an admin’s cookie, of a site that hides its origin', { cookie: adminCookie, origin: 'null' }],
    ['an admin’s cookie, of a neighbour', { cookie: adminCookie, 'sec-fetch-site': 'same-site' }],
  ]
}

test('no request decides but one of a person, from the console, in the browser they signed in with', async () => {
  for (const [index, agent] of agents.entries()) {
    const title = `Forged for agent ${index}`
    const { run, question } = await hold(agent, title)
    for (const [name, headers] of forgeries()) {
      for (const path of [question, `${question}.data`, '/policies', '/policies.data']) {
        const isRule = path.startsWith('/policies')
        const { status } = await post(path, headers, isRule ? ALLOW : APPROVE)
        // To another member a question looks like none. Where a cookie is good, Access goes by it, whatever else came.
        const isMember = headers.cookie === memberCookie
        expect(status, `${name}: ${path}`).toBe(isMember && !isRule ? 404 : 403)
      }
      await expectUndecided(question, title, name)
    }

    // The same form with all three is a decision: nothing else was wrong with the others.
    const headers = { cookie: adminCookie, origin, 'sec-fetch-site': 'same-origin' }
    const { status } = await post(question, headers, { intent: 'approve', remember: 'once' })
    expect(status).toBe(302)
    await expect.poll(async () => (await agent.call('resume', { run })).text).toBe(title)
    expect(await countTickets(origin, title)).toBe(1)
  }
})
