// A call that is held: the agent gets a link, a person opens it, signs in, sees the exact request and decides, and the
// agent's next `resume` has the outcome. The company's own ledger says what was sent.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { openConsole, wordsOf } from './console.ts'
import { connectAgentOf, countTickets, createTicket, executeHeld } from './held-calls.ts'
import { ADMIN, LOCAL_AGENT, MEMBER } from './local-access/identities.ts'
import { runSql } from './local-sql.ts'
import { CRON_PATH } from '../scripts/stack.ts'
import { signIn } from './sign-in.ts'
import { JOURNEYS_STATE, stackOrigins } from './stack-origins.ts'

/** A few turns of a page that looks again by itself. */
const SOON = { timeout: 15_000 }

let agent: ConnectedAgent
test.beforeEach(async ({ baseURL }) => {
  agent = await connectAgent(String(baseURL))
})
test.afterEach(() => agent.client.close())

/** Unique among the tests and the projects. */
const titled = (name: string) => `${name} ${test.info().testId}`

const main = (page: Page) => page.getByRole('main')

/** The first question of code that was held; whatever else there is fails the test. */
async function hold(code: string, by = agent): Promise<{ run: string; question: string }> {
  const { run, questions } = await executeHeld(by, code)
  expect(questions).toHaveLength(1)
  return { run, question: questions[0] ?? '' }
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('a person follows the link through the sign-in, sees the exact request and approves it', async ({
      page,
      baseURL,
    }) => {
      const title = titled('Approved')
      const { run, question } = await hold(`const { length } = await tools.northwind.teams.list()
        return [length > 0, ${createTicket(title)}]`)
      expect(await countTickets(baseURL, title)).toBe(0)

      await signIn(page, question)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create a ticket')
      await expect(main(page)).toContainText(`on behalf of service token ${LOCAL_AGENT.id}`)
      await expect(page.getByRole('region', { name: 'Request' })).toContainText(
        `POST ${stackOrigins(baseURL).sample}/tickets`,
      )
      await expect(page.getByRole('region', { name: 'Body' })).toContainText(`"title": "${title}"`)
      await expect(page.getByRole('region', { name: 'Arguments' })).toContainText('"project_id": "prj_001"')
      await expect(main(page)).toContainText('northwind.teams.list')
      await page.getByRole('button', { name: 'Approve' }).click()

      expect(new URL(page.url()).pathname).toBe(question)
      await expect(main(page)).toContainText(`${ADMIN.email} approved it.`, SOON)
      await expect(main(page)).toContainText('The program ran to its end.', SOON)
      await expect(page.getByRole('region', { name: 'Result of the run' })).toContainText(title)
      const resumed = await agent.call('resume', { run })
      expect(resumed).toMatchObject({ isError: false, text: JSON.stringify([true, title]) })
      expect(await countTickets(baseURL, title)).toBe(1)
    })

    test('a declined call is not sent, and the agent is told why', async ({ page, baseURL }) => {
      const title = titled('Declined')
      const { run, question } = await hold(`return ${createTicket(title)}`)
      await signIn(page, question)
      await page.getByLabel('Reason').fill('Ask the plant first.')
      await page.getByRole('button', { name: 'Decline' }).click()
      await expect(main(page)).toContainText(`${ADMIN.email} declined it: Ask the plant first.`, SOON)
      await expect(main(page)).toContainText('A person declined a call', SOON)
      const resumed = await agent.call('resume', { run })
      expect(resumed.isError).toBe(true)
      expect(resumed.text).toContain('Ask the plant first.')
      expect(await countTickets(baseURL, title)).toBe(0)
    })

    test('what nobody decides in time is not sent, and page and agent are told so', async ({ page, baseURL }) => {
      const title = titled('Expired')
      const { run, question } = await hold(`return ${createTicket(title)}`)
      await signIn(page, question)
      await expect(page.getByRole('button', { name: 'Approve' })).toBeVisible()

      const id = question.replace('/approvals/', '')
      runSql(JOURNEYS_STATE, `UPDATE approvals SET expires_at = 1 WHERE id = '${id}'`)
      // The page was opened while there was time; the answer comes when there is none.
      await page.getByRole('button', { name: 'Approve' }).click()
      await expect(main(page)).toContainText(/expired|time .* over|too late/i, SOON)
      expect((await fetch(stackOrigins(baseURL).worker + CRON_PATH)).status).toBe(200)

      await page.goto(question)
      await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0)
      await expect(main(page)).toContainText('Nobody decided', SOON)
      const resumed = await agent.call('resume', { run })
      expect(resumed.isError).toBe(true)
      expect(resumed.text).toMatch(/^approval_expired: /)
      expect(await countTickets(baseURL, title)).toBe(0)
    })
  })
}

test('an approval for the tool holds for later runs, is listed, and asks again once it is revoked', async ({
  page,
  baseURL,
}) => {
  const first = await hold(`return ${createTicket(titled('First'))}`)
  await signIn(page, first.question)
  await page.getByRole('radio', { name: `This tool for service token ${LOCAL_AGENT.id}` }).check()
  await page.getByLabel('For how long').selectOption('1 hour')
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(main(page)).toContainText('approved it, and further calls of this tool.', SOON)
  await expect(main(page)).toContainText('The program ran to its end.', SOON)

  const second = titled('Second')
  expect(await agent.execute(`return ${createTicket(second)}`)).toMatchObject({ isError: false, text: second })
  expect(await countTickets(baseURL, second)).toBe(1)

  await page.getByRole('link', { name: 'See what is remembered' }).click()
  const row = main(page).getByRole('listitem').filter({ hasText: 'northwind.tickets.create' })
  await expect(row).toContainText('northwind@')
  await expect(row).toContainText(`Allowed by ${ADMIN.email}`)
  await expect(row).toContainText(/expires in (1 hour|\d\d minutes)/)
  await row.getByRole('button', { name: 'Revoke' }).click()
  await expect(main(page)).toContainText('It is revoked.')
  await expect(row).toHaveCount(0)

  const third = await hold(`return ${createTicket(titled('Third'))}`)
  await page.goto(third.question)
  await page.getByRole('button', { name: 'Decline' }).click()
  await expect(main(page)).toContainText('declined it', SOON)
})

test('an approval for the run holds for its further calls and for no other run', async ({ page, baseURL }) => {
  const title = titled('Run')
  const { question } = await hold(
    `return [${createTicket(`${title} 1`)}, ${createTicket(`${title} 2`)}, ${createTicket(`${title} 3`)}].length`,
  )
  await signIn(page, question)
  await page.getByRole('radio', { name: 'This tool in this run' }).check()
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  for (const number of [1, 2, 3]) expect(await countTickets(baseURL, `${title} ${number}`)).toBe(1)
  const other = await hold(`return ${createTicket(`${title} 4`)}`)
  await page.goto(other.question)
  await page.getByRole('button', { name: 'Decline' }).click()
  await expect(main(page)).toContainText('declined it', SOON)
})

test('several calls of a run are decided together', async ({ page, baseURL }) => {
  const [one, two] = [titled('One'), titled('Two')]
  const both = await executeHeld(
    agent,
    `const both = await Promise.all([(async () => ${createTicket(one)})(), (async () => ${createTicket(two)})()])
     return both.join(' and ')`,
  )
  expect(both.questions).toHaveLength(2)
  await signIn(page, both.questions[0] ?? '')
  await page.getByText('Decide about 2 calls together').click()
  await page.getByRole('button', { name: 'Approve these 2 calls' }).click()
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  expect((await agent.call('resume', { run: both.run })).text).toBe(`${one} and ${two}`)
  for (const title of [one, two]) expect(await countTickets(baseURL, title)).toBe(1)
})

test('of two people who decide at once one wins, and the other is told', async ({ page, baseURL }) => {
  const origin = String(baseURL)
  const ofMember = await connectAgentOf(origin, MEMBER)
  const title = titled('Contested')
  const { run, question } = await hold(`return ${createTicket(title)}`, ofMember)

  // A page that was opened before somebody else decided.
  await signIn(page, question, MEMBER)
  const [admin, member] = await Promise.all([openConsole(origin, ADMIN), openConsole(origin, MEMBER)])
  const answers = await Promise.all([
    admin.submit(question, { intent: 'approve', remember: 'once' }),
    member.submit(question, { intent: 'decline', reason: 'No.' }),
  ])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  const [won, lost] = answers[0].status === 200 ? [ADMIN, MEMBER] : [MEMBER, ADMIN]
  const told = answers.find(({ status }) => status === 409)
  expect(wordsOf(told?.html ?? '')).toContain(won.email)
  expect(wordsOf(told?.html ?? '')).not.toContain(`${lost.email} ${won === ADMIN ? 'declined' : 'approved'} it`)

  await expect(main(page)).toContainText(`${won.email} ${won === ADMIN ? 'approved' : 'declined'} it`, SOON)
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0)
  await ofMember.call('resume', { run })
  expect(await countTickets(baseURL, title)).toBe(won === ADMIN ? 1 : 0)
  await ofMember.client.close()
})

test('whoever decides too late on an open page is told who was faster', async ({ page, baseURL }) => {
  const ofMember = await connectAgentOf(String(baseURL), MEMBER)
  const { question } = await hold(`return ${createTicket(titled('Late'))}`, ofMember)
  // A page in the background does not look again by itself.
  await page.addInitScript(() => Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' }))
  await signIn(page, question, MEMBER)
  const admin = await openConsole(String(baseURL), ADMIN)
  expect((await admin.submit(question, { intent: 'decline', reason: 'Faster.' })).status).toBe(200)
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('alert')).toContainText(`${ADMIN.email} was faster. It was declined already.`)
  await expect(main(page)).toContainText(`${ADMIN.email} declined it: Faster.`)
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0)
  await ofMember.client.close()
})

test('members see and decide the questions of their own agents, and no others', async ({ page, baseURL }) => {
  const ofService = await hold(`return ${createTicket(titled('Not theirs'))}`)
  const ofMember = await connectAgentOf(String(baseURL), MEMBER)
  const title = titled('Theirs')
  const own = await hold(`return ${createTicket(title)}`, ofMember)

  await signIn(page, '/approvals', MEMBER)
  await expect(page.locator(`a[href="${own.question}"]`)).toBeVisible()
  await expect(page.locator(`a[href="${ofService.question}"]`)).toHaveCount(0)
  await page.goto(ofService.question)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not found')
  await page.goto(own.question)
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  expect(await ofMember.call('resume', { run: own.run })).toMatchObject({ isError: false, text: title })
  await ofMember.client.close()

  const admin = await openConsole(String(baseURL), ADMIN)
  expect((await admin.submit(ofService.question, { intent: 'decline' })).status).toBe(200)
})

test('the number of what waits stands in the header, and goes', async ({ page, baseURL }) => {
  const ofMember = await connectAgentOf(String(baseURL), MEMBER)
  await signIn(page, '/tools', MEMBER)
  const badge = page.getByRole('banner').getByText('1 waiting').filter({ visible: true })
  await expect(badge).toHaveCount(0)
  const { question } = await hold(`return ${createTicket(titled('Badge'))}`, ofMember)
  await page.goto('/tools')
  await badge.first().click()
  await page.locator(`a[href="${question}"]`).click()
  await page.getByRole('button', { name: 'Decline' }).click()
  await expect(main(page)).toContainText('declined it', SOON)
  await expect(badge).toHaveCount(0)
  await ofMember.client.close()
})
