// Before all other journeys: connections whose secrets are canaries, used in every way there is. What an agent or a
// person sees of it right away is searched here; everything else when the journeys are over, by canary.spec.ts.
import { expect, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { CANARY, forgetSecrets, rememberSecret, secretsToFind } from './canary.ts'
import { callEverything, type CanaryUpstream, canaryDocument, startCanaryUpstream } from './canary-upstream.ts'
import { addIntegration, openConsole, wordsOf } from './console.ts'
import { createSecretFinder } from './find-secrets.ts'
import { connectAgentOf } from './held-calls.ts'
import { findForm } from './local-access/html-form.ts'
import type { HttpBrowser, Page } from './local-access/http-browser.ts'
import { MEMBER } from './local-access/identities.ts'
import { stackOrigins } from './stack-origins.ts'

let origin: string
let worker: string
let upstream: CanaryUpstream
let admin: HttpBrowser
let member: HttpBrowser

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ baseURL }) => {
  forgetSecrets()
  ;({ access: origin, worker } = stackOrigins(baseURL))
  upstream = await startCanaryUpstream()
  admin = await openConsole(origin)
  member = await openConsole(origin, MEMBER)
})

test.afterAll(() => upstream.close())

function expectNoSecret(text: string, where: string): void {
  expect(createSecretFinder(secretsToFind()).inText(text, where)).toEqual([])
}

/** Fills in the form of one method as a browser would, and searches what comes back. */
async function connect(
  browser: HttpBrowser,
  connection: string,
  method: RegExp,
  secret: string,
  more: Record<string, string> = {},
): Promise<Page> {
  const address = '/connections/new?integration=canary'
  const form = findForm((await browser.open(address)).html, 'connection')
  const field = form?.secrets.find((name) => method.test(name)) ?? ''
  const [, id = ''] = /^field\.(.+)\.[^.]+$/.exec(field) ?? []
  expect(id, `a method ${method} among ${form?.secrets.join()}`).not.toBe('')
  const user = Object.keys(form?.values ?? {}).find((name) => name.startsWith(`field.${id}.`) && name !== field)
  const page = await browser.submit(address, {
    ...form?.values,
    method: id,
    connection,
    [field]: secret,
    ...(user !== undefined && user !== field && { [user]: 'canary' }),
    ...more,
  })
  expectNoSecret(page.html, `the answer to connecting ${connection}`)
  return page
}

test('an admin sets up a webhook whose address is a secret', async () => {
  const url = `${upstream.url}/hook?key=${CANARY.webhook}`
  const page = await admin.submit('/settings/notifications', { url, format: 'json', intent: 'save' })
  const [secret] = /whsec_[\w+/=]+/.exec(page.html) ?? []
  expect(secret, 'the signing secret, shown once').toBeDefined()
  rememberSecret(String(secret))
})

test('secrets are typed into forms: kept ones, and one that is refused', async () => {
  await addIntegration(admin, canaryDocument(upstream.url), { slug: 'canary' })
  for (const [connection, method, secret] of [
    ['bearer', /\.bearer\./, CANARY.bearer],
    ['query', /\.query\./, CANARY.query],
    ['basic', /\.basic\./, CANARY.basic],
  ] as const) {
    const page = await connect(admin, connection, method, secret)
    expect(page.url.pathname, wordsOf(page.html)).toMatch(/^\/connections\/con_/)
  }
  const own = await connect(member, 'personal', /\.bearer\./, CANARY.personal)
  expect(own.url.pathname, wordsOf(own.html)).toMatch(/^\/connections\/con_/)

  const refused = await connect(admin, 'not a name', /\.bearer\./, CANARY.refused)
  expect(refused.status).toBe(422)
})

async function callAll(agent: ConnectedAgent, connection: string, sent: string): Promise<void> {
  try {
    const answer = await agent.execute(callEverything(connection))
    expect(answer.whole).toContain('•••')
    expectNoSecret(answer.whole, `the answer to calls through ${connection}`)
    expect(upstream.received()).toContain(sent)
    for (const name of ['search', 'execute'] as const) {
      const input = name === 'search' ? { query: 'canary' } : { code: `return results.get('${answer.run}')` }
      expectNoSecret((await agent.call(name, input)).whole, name)
    }
    expectNoSecret((await agent.call('resume', { run: answer.run })).whole, 'resume')
  } finally {
    await agent.client.close()
  }
}

for (const [connection, sent] of [
  ['bearer', `Bearer ${CANARY.bearer}`],
  ['query', `api_key=${CANARY.query}`],
  ['basic', `Basic ${Buffer.from(`canary:${CANARY.basic}`).toString('base64')}`],
] as const) {
  test(`an agent calls through ${connection} an upstream that repeats everything`, async () => {
    await callAll(await connectAgent(origin), connection, sent)
  })
}

test("a member's agent calls through their own connection", async () => {
  await callAll(await connectAgentOf(origin, MEMBER), 'personal', `Bearer ${CANARY.personal}`)
})

test('a call waits for a person, who is told, and it is cancelled', async () => {
  const agent = await connectAgent(origin)
  const held = await agent.execute(`return await tools['canary@query'].all.write({})`)
  await agent.client.close()
  expectNoSecret(held.whole, 'the answer to a held call')
  expect(held.whole).toContain('/approvals/apr_')
  await expect
    .poll(async () => {
      await fetch(`${worker}/cdn-cgi/local/scheduled`)
      return upstream.received()
    })
    .toContain('approval.pending')
  const messages = upstream
    .received()
    .split('\n')
    .filter((line) => line.includes('"url":"/hook'))
  // The upstream gets its own address, and nothing of the others.
  const told = messages.map((line) => line.replaceAll(CANARY.webhook, '')).join('\n')
  expectNoSecret(told, 'what the webhook was told')
  await admin.submit(`/runs/${held.run}`, { intent: 'cancel' })
  await admin.submit('/settings/notifications', { intent: 'remove' })
})

// canary.spec.ts finds the refusals in the log, and nothing of these.
test('requests with secrets in their query and headers are refused', async () => {
  for (const path of ['/mcp', '/runs', '/api/health']) {
    const headers = { authorization: `Bearer ${CANARY.bearer}`, 'cf-access-jwt-assertion': `a.${CANARY.refused}.b` }
    const response = await fetch(new URL(`${path}?api_key=${CANARY.query}`, worker), { headers })
    expect(response.status).toBe(401)
  }
})
