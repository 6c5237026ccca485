// An application behind Access, called as whoever is signed in, both ways: the person's own assertion forwarded while
// their request lasts, and a token of Executor as an Access for SaaS application, which each person gets once. Two people
// of different permissions call the same tools; the application says who they are, and what reached it.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { addIntegration, openConsole, removeIntegration } from './console.ts'
import { EXECUTOR_APP, PEOPLE_APP, SAAS_APP, SAAS_CLIENT_ID, SAAS_CLIENT_SECRET } from './local-access/applications.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { ADMIN, type Identity, MEMBER } from './local-access/identities.ts'
import { oauthToken } from './oauth-token.ts'
import type { LedgerEntry } from './sample-api/ledger.ts'
import { signIn } from './sign-in.ts'
import { type StackOrigins, stackOrigins } from './stack-origins.ts'

test.describe.configure({ mode: 'serial' })

const NEW = '/connections/new?integration=people'
const PEOPLE = [
  { person: ADMIN, own: 'pay_01_202608', seen: 6, salaries: 6 },
  { person: MEMBER, own: 'pay_02_202608', seen: 3, salaries: 0 },
]

let stack: StackOrigins
let admin: HttpBrowser
let service: ConnectedAgent
const agents = new Map<Identity, ConnectedAgent>()

test.beforeAll(async ({ baseURL }) => {
  const origin = String(baseURL)
  stack = stackOrigins(baseURL)
  admin = await openConsole(origin)
  await addIntegration(admin, `${stack.people}/openapi.json`, { slug: 'people' })
  service = await connectAgent(origin)
  for (const person of [ADMIN, MEMBER]) {
    agents.set(person, await connectAgent(origin, { authorization: `Bearer ${await oauthToken(origin, person)}` }))
  }
})

test.afterAll(async () => {
  await link(EXECUTOR_APP, SAAS_APP)
  await removeIntegration(admin, 'people')
  for (const agent of [service, ...agents.values()]) await agent.client.close()
})

/** Leaves just these links of the application's policy. */
async function link(...uids: string[]): Promise<void> {
  const address = `${stack.accessControl}/_links/${PEOPLE_APP}`
  const response = await fetch(address, { method: 'PUT', body: JSON.stringify(uids) })
  if (!response.ok) throw new Error(`The links could not be changed: ${response.status}`)
}

async function ledger(): Promise<LedgerEntry[]> {
  return (await fetch(`${stack.peopleDirect}/_ledger`)).json()
}

/** What the program returns, run by this person's agent. */
async function run(person: Identity, code: string): Promise<unknown> {
  const answered = await agents.get(person)?.execute(code)
  expect(answered?.isError, answered?.text).toBe(false)
  expect(answered?.whole).not.toMatch(/eyJ[\w-]+\.eyJ/)
  return JSON.parse(answered?.text ?? 'null')
}

/** The error of a call, as the program sees it. */
const failure = (call: string) => `
  try { return { went: "through", got: await ${call} } } catch ({ code, status, message }) { return { code, status, message } }`

const through = (connection: string) => `tools["people@${connection}"]`

/** Everybody sees just what is theirs through one connection each, which `connectionOf` names. */
async function expectOwnData(connectionOf: (person: Identity) => string): Promise<void> {
  for (const { person, own, seen, salaries } of PEOPLE) {
    const tools = through(connectionOf(person))
    const result = await run(
      person,
      `const [me, payslips, people] = await Promise.all([${tools}.me.get(), ${tools}.payslips.list(), ${tools}.people.list()])
       return { email: me.email, first: payslips[0].id, count: payslips.length, seen: people.length,
                salaries: people.filter((one) => one.salary_cents !== undefined).length }`,
    )
    expect(result).toEqual({ email: person.email, first: own, count: 3, seen, salaries })
  }
}

// ── The first way ─────────────────────────────────────────────────────────────────────────────────────────────────

test('an admin connects the application as the signed-in person, and nothing has to be typed', async ({ page }) => {
  await signIn(page, NEW)
  await page.getByText('Other ways').click()
  await page.getByRole('radio', { name: /^Access .*as the signed-in person/ }).check()
  await page.getByRole('radio', { name: 'Everyone' }).check()
  await page.getByLabel('Name of the connection').fill('live')
  await page.getByRole('button', { name: 'Save and test' }).click()
  await page.waitForURL('**/connections/con_*')
  await expect(page.getByRole('main')).toContainText('people@live')
})

test('through one connection each person sees their own data, and the application never sees a token of Executor', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  await expectOwnData(() => 'live')
  const entries = await ledger()
  expect(entries).toHaveLength(6)
  for (const { credentials, status } of entries) {
    expect(status).toBe(200)
    expect(credentials.map(({ name }) => name)).toEqual([
      'cf-access-jwt-assertion',
      'cf-access-authenticated-user-email',
    ])
  }
  // Two people, and no assertion that served both.
  const of = (name: string) =>
    new Set(entries.flatMap((entry) => entry.credentials.filter((one) => one.name === name)).map((one) => one.sha256))
  expect(of('cf-access-authenticated-user-email').size).toBe(2)
})

test('both at once do not get into each other’s way', async () => {
  const ask = (person: Identity) =>
    run(person, `return Promise.all(Array.from({ length: 8 }, async () => (await ${through('live')}.me.get()).email))`)
  const [ofAdmin, ofMember] = await Promise.all([ask(ADMIN), ask(MEMBER)])
  expect(ofAdmin).toEqual(Array.from({ length: 8 }, () => ADMIN.email))
  expect(ofMember).toEqual(Array.from({ length: 8 }, () => MEMBER.email))
})

test('what only the personnel department may do is refused by the application, and the error says so', async () => {
  const call = `${through('live')}.salaries.get({ employee_id: "emp_03" })`
  expect(await run(ADMIN, `return ${call}`)).toEqual({ employee_id: 'emp_03', salary_cents: 8_800_000 })
  expect(await run(MEMBER, failure(call))).toMatchObject({
    status: 403,
    message: expect.stringMatching(/Only the personnel department sees salaries.*Access let the request .*through/s),
  })
})

test('a service token has no person to call as, and nothing is sent', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  const { text } = await service.execute(failure(`${through('live')}.me.get()`))
  expect(JSON.parse(text)).toMatchObject({ code: 'person_required' })
  expect(await ledger()).toEqual([])
})

test('without the link Access refuses, and the error says that it was Access', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  await link(SAAS_APP)
  expect(await run(MEMBER, failure(`${through('live')}.me.get()`))).toMatchObject({
    code: 'access_refused',
    message: expect.stringMatching(/Cloudflare Access refused .*people@live.*npm run access:link/),
  })
  expect(await ledger()).toEqual([])
  await link(EXECUTOR_APP, SAAS_APP)
  expect(await run(MEMBER, `return ${through('live')}.me.get()`)).toMatchObject({ email: MEMBER.email })
})

// ── The second way ────────────────────────────────────────────────────────────────────────────────────────────────

test('an admin adds the team’s Access for SaaS application as a way to connect', async ({ page }) => {
  await signIn(page, '/integrations/people/methods/new?kind=access')
  await page.getByLabel('Client ID').fill(SAAS_CLIENT_ID)
  await page.getByLabel('Client secret').fill(SAAS_CLIENT_SECRET)
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.waitForURL('**/integrations/people?notice=way-added**')
  expect(await page.content()).not.toContain(SAAS_CLIENT_SECRET)
})

/** The person's own connection: the browser goes to Access, which knows them, and comes back connected. */
async function connectMine(page: Page, name: string): Promise<void> {
  await page.getByRole('radio', { name: /^Sign in with Northwind People/ }).check()
  await page.getByRole('radio', { name: 'Only me' }).check()
  await page.getByLabel('Name of the connection').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/connections/con_*')
  await expect(page.getByRole('main')).toContainText(`people@${name}`)
}

test('the admin connects once', async ({ page }) => {
  await signIn(page, NEW, ADMIN)
  await connectMine(page, 'ada')
  await expect(page.getByRole('main')).toContainText(ADMIN.email)
})

test.describe(() => {
  test.use({ javaScriptEnabled: false })

  test('the member connects once, without JavaScript', async ({ page }) => {
    await signIn(page, NEW, MEMBER)
    await connectMine(page, 'mo')
    await expect(page.getByRole('main')).toContainText(MEMBER.email)
  })
})

test('through their own connections each person sees their own data, and none of the tokens arrives', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  await expectOwnData((person) => (person === ADMIN ? 'ada' : 'mo'))
  const names = (await ledger()).flatMap(({ credentials }) => credentials.map(({ name }) => name))
  expect(new Set(names)).toEqual(new Set(['cf-access-jwt-assertion', 'cf-access-authenticated-user-email']))
})

test('nobody uses the connection of somebody else, and nothing is sent', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  for (const [person, name] of [
    [ADMIN, 'mo'],
    [MEMBER, 'ada'],
  ] as const) {
    const refused = await run(person, failure(`${through(name)}.me.get()`))
    expect(refused).toMatchObject({ code: expect.stringMatching(/^connection_/) })
  }
  const { text } = await service.execute(failure(`${through('mo')}.me.get()`))
  expect(JSON.parse(text)).not.toHaveProperty('went')
  expect(await ledger()).toEqual([])
})

test('the application’s own refusal is told apart here too', async () => {
  expect(await run(MEMBER, failure(`${through('mo')}.salaries.get({ employee_id: "emp_01" })`))).toMatchObject({
    status: 403,
    message: expect.stringMatching(/Only the personnel department sees salaries.*Access let the request .*through/s),
  })
})

test('without its link Access refuses the token, the first way goes on, and with it all is well again', async () => {
  await fetch(`${stack.peopleDirect}/_reset`, { method: 'POST' })
  await link(EXECUTOR_APP)
  expect(await run(MEMBER, failure(`${through('mo')}.me.get()`))).toMatchObject({
    code: 'access_refused',
    message: expect.stringMatching(/Cloudflare Access refused .*people@mo/),
  })
  expect(await ledger()).toEqual([])
  expect(await run(MEMBER, `return ${through('live')}.me.get()`)).toMatchObject({ email: MEMBER.email })
  await link(EXECUTOR_APP, SAAS_APP)
  expect(await run(MEMBER, `return ${through('mo')}.me.get()`)).toMatchObject({ email: MEMBER.email })
})
