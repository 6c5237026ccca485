// Runs in the console: found by filters, understood call by call, replayed, run again, cancelled and deleted.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { openConsole } from './console.ts'
import { connectAgentOf, countTickets, createTicket, executeHeld } from './held-calls.ts'
import { ADMIN, LOCAL_AGENT, MEMBER } from './local-access/identities.ts'
import { signIn } from './sign-in.ts'

/** A few turns of a page that looks again by itself. */
const SOON = { timeout: 15_000 }

let agent: ConnectedAgent
test.beforeEach(async ({ baseURL }) => {
  agent = await connectAgent(String(baseURL))
})
test.afterEach(() => agent.client.close())

const main = (page: Page) => page.getByRole('main')
const linkTo = (page: Page, run: string) => page.locator(`main a[href="/runs/${run}"]`)
const titled = (name: string) => `${name} ${test.info().testId}`

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('runs are found by state, tool, whose they are and when they started', async ({ page, baseURL }) => {
      const ofMember = await connectAgentOf(String(baseURL), MEMBER)
      const { run: teams } = await agent.execute('return (await tools.northwind.teams.list()).length')
      const { run: people } = await ofMember.execute('return (await tools.northwind.people.list()).length')
      const { run: failed } = await agent.execute('await tools.northwind.teams.list(); throw new Error("no")')
      await ofMember.client.close()

      await signIn(page, '/runs')
      for (const run of [teams, people, failed]) await expect(linkTo(page, run)).toBeVisible()
      await page.getByText('Filter', { exact: true }).click()
      await page.getByLabel('Tool').fill('northwind.teams.list')
      await page.getByRole('button', { name: 'Show' }).click()
      await expect(linkTo(page, people)).toHaveCount(0)
      await expect(linkTo(page, teams)).toBeVisible()
      await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'failed' }).click()
      await expect(linkTo(page, teams)).toHaveCount(0)
      await expect(linkTo(page, failed)).toBeVisible()
      await expect(page).toHaveURL('/runs?state=failed&tool=northwind.teams.list')

      await page.getByRole('link', { name: 'Clear' }).click()
      await expect(page).toHaveURL('/runs?state=failed')
      await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'All' }).click()
      await expect(page).toHaveURL('/runs')
      await page.getByText('Filter', { exact: true }).click()
      await page.getByLabel('For whom').fill(MEMBER.email)
      await page.getByLabel('Integration').selectOption('northwind')
      await page.getByRole('button', { name: 'Show' }).click()
      await expect(linkTo(page, teams)).toHaveCount(0)
      await expect(linkTo(page, people)).toBeVisible()

      await page.goto('/runs?to=2020-01-01')
      await expect(main(page)).toContainText('No run is like that')
      await page.goto(`/runs?from=${new Date().toISOString().slice(0, 10)}`)
      await expect(linkTo(page, people)).toBeVisible()
    })

    test('a run shows what it did, call by call, and hides secrets', async ({ page }) => {
      const { run } = await agent.execute(`const { length } = await tools.northwind.people.list({ per_page: 2 })
        console.log('counted', length)
        emit({ note: 'on the way' })
        return { length, token: 'not for everyone' }`)
      await signIn(page, `/runs/${run}`)
      await expect(main(page)).toContainText('The program ran to its end.')
      await expect(main(page)).toContainText('Carried out: 1 read.')
      await expect(page.getByRole('region', { name: 'Logs' })).toContainText('counted 2')
      await expect(page.getByRole('region', { name: 'Emitted' })).toContainText('on the way')
      await expect(page.getByRole('region', { name: 'Result' })).toContainText('"token": "[hidden]"')
      await expect(page.getByRole('region', { name: 'Result' })).not.toContainText('not for everyone')

      await main(page).locator('summary').filter({ hasText: 'northwind.people.list' }).click()
      await expect(page.getByRole('region', { name: 'Arguments of call 1' })).toContainText('"per_page": 2')
      await expect(page.getByRole('region', { name: 'Answer to call 1' })).toContainText('per_')
      await expect(page.getByRole('region', { name: 'Call 1 as code' })).toHaveText(
        'await tools.northwind.people.list({ per_page: 2 })',
      )
    })

    test('a replay does the same again and asks no upstream', async ({ page, baseURL }) => {
      const title = titled('Replayed')
      const held = await executeHeld(agent, `return [Math.random() < 2, ${createTicket(title)}]`)
      await signIn(page, held.questions[0] ?? '')
      await page.getByRole('button', { name: 'Approve' }).click()
      await expect(main(page)).toContainText('The program ran to its end.', SOON)
      await page.goto(`/runs/${held.run}`)
      await page.getByRole('button', { name: 'Replay' }).click()
      await expect(page.getByRole('region', { name: 'What the replay came to' })).toContainText(
        'It came to the same',
        SOON,
      )
      await expect(page.getByRole('heading', { name: 'What the replay came to' })).toBeInViewport()
      await expect(page.getByRole('region', { name: 'Outcome of the replay' })).toContainText(title)
      expect(await countTickets(baseURL, title)).toBe(1)
    })

    test('a run is run again as whoever asks, and is another run', async ({ page }) => {
      const { run } = await agent.execute('return (await tools.northwind.account.whoami()).company.length')
      await signIn(page, `/runs/${run}`)
      await expect(main(page)).toContainText(`service token ${LOCAL_AGENT.id}`)
      await page.getByRole('button', { name: 'Run again' }).click()
      await page.waitForURL((url) => url.pathname.startsWith('/runs/run_') && url.pathname !== `/runs/${run}`)
      await expect(main(page)).toContainText('The program ran to its end.', SOON)
      await expect(main(page).getByText('console', { exact: true })).toBeVisible()
      await expect(main(page).getByText(ADMIN.email, { exact: true })).toBeVisible()
    })

    test('a waiting run is cancelled, nothing is sent, and then it is deleted', async ({ page, baseURL }) => {
      const title = titled('Cancelled')
      const { run, questions } = await executeHeld(agent, `return ${createTicket(title)}`)
      await signIn(page, `/runs/${run}`)
      await expect(main(page)).toContainText('Not sent so far: northwind.tickets.create.')
      await page.getByText('Cancel this run').click()
      await page.getByRole('button', { name: 'Cancel run' }).click()
      await expect(main(page)).toContainText('A person cancelled the run', SOON)
      await expect(main(page)).toContainText('Not sent: northwind.tickets.create.')
      const resumed = await agent.call('resume', { run })
      expect(resumed.isError).toBe(true)
      expect(resumed.text).toContain('cancelled')
      await page.goto(questions[0] ?? '')
      await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0)
      expect(await countTickets(baseURL, title)).toBe(0)

      await page.goto(`/runs/${run}`)
      await page.getByText('Delete this run').click()
      await page.getByRole('button', { name: 'Delete run' }).click()
      await expect(main(page)).toContainText('The run is gone')
      await page.goto(`/runs/${run}`)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not found')
    })
  })
}

test('an open page follows a run to its end by itself', async ({ page, baseURL }) => {
  const { run, questions } = await executeHeld(agent, `return ${createTicket(titled('Followed'))}`)
  await signIn(page, `/runs/${run}`)
  await expect(main(page).getByRole('link', { name: 'Decide: Create a ticket' })).toBeVisible()
  await page.evaluate(() => document.body.setAttribute('data-not-reloaded', ''))
  const admin = await openConsole(String(baseURL), ADMIN)
  await admin.submit(questions[0] ?? '', { intent: 'approve', remember: 'once' })
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  await expect(page.locator('body[data-not-reloaded]')).toBeAttached()
})

test('members see the runs of their own agents, and no others', async ({ page, baseURL }) => {
  const { run: others } = await agent.execute('return 1')
  const ofMember = await connectAgentOf(String(baseURL), MEMBER)
  const { run: own } = await ofMember.execute('return 2')
  await ofMember.client.close()
  await signIn(page, `/runs?principal=${LOCAL_AGENT.id}`, MEMBER)
  await expect(linkTo(page, own)).toBeVisible()
  await expect(linkTo(page, others)).toHaveCount(0)
  await page.goto(`/runs/${others}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not found')
})
