// axe on every page of the console, in both themes: nothing serious, nothing critical. Whatever a page cannot show
// without help (a run, an error) is made first.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { callAsAgent } from './agent.ts'
import { addIntegration, giveDocument, openConsole, removeIntegration } from './console.ts'
import { runSql } from './local-sql.ts'
import { startShop } from './shop-document.ts'
import { signIn } from './sign-in.ts'
import { JOURNEYS_STATE } from './stack-origins.ts'

const PAGES = [
  '/',
  '/connect',
  '/connect?sign-in=service-token',
  '/integrations',
  '/integrations/new',
  '/integrations/northwind',
  '/integrations/northwind/app',
  '/integrations/northwind/methods/new',
  '/integrations/northwind/methods/new?kind=access',
  '/connections',
  '/connections/new',
  '/connections/new?integration=northwind',
  '/tools',
  '/tools?query=ticket',
  '/tools?query=zzzz',
  '/policies',
  '/policies?pattern=northwind.*&action=block',
  '/policies?pattern=northwnd.*&action=block',
  '/policies?pattern=..&action=block',
  '/approvals',
  '/approvals?tab=decided',
  '/approvals/remembered',
  '/runs',
  '/runs?state=lost',
  '/runs?tool=northwind.teams.list&from=2020-01-01&to=never',
  '/settings/encryption',
  '/nothing-is-here',
]

/** Two questions at once. */
const HELD = `return Promise.all([1, 2].map((ticket_number) => tools.northwind.tickets.delete({ ticket_number })))`

/** Whatever a theme changes. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block']

async function check(page: Page) {
  const light = await new AxeBuilder({ page }).analyze()
  await page.emulateMedia({ colorScheme: 'dark' })
  // Colours that fade are looked at when they have arrived; what turns for ever is not waited for.
  await page.evaluate(async () => {
    const isEnding = ({ effect }: Animation) => effect?.getComputedTiming().endTime !== Infinity
    await Promise.all(
      document
        .getAnimations()
        .filter(isEnding)
        .map((animation) => animation.finished),
    )
  })
  const dark = await new AxeBuilder({ page }).withRules(OF_COLOUR).analyze()
  await page.emulateMedia({ colorScheme: 'light' })
  const violations = [...light.violations, ...dark.violations]
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  expect(isTooWide, 'the page scrolls sideways').toBe(false)
}

/** Opens every `<details>`, so that what is in it is looked at too. */
async function openAll(page: Page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('main details')) {
      details.removeAttribute('name')
      details.setAttribute('open', '')
    }
  })
}

test.use({ colorScheme: 'light' })

test('every page is accessible, fits its screen, and asks nothing of another host', async ({ page, baseURL }) => {
  test.setTimeout(180_000)
  const problems: string[] = []
  page.on('console', (message) => {
    const isExpected = message.text().includes('404 (Not Found)')
    if (message.type() === 'error' && !isExpected) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(String(baseURL))) problems.push(request.url())
  })
  await callAsAgent(String(baseURL), 'execute', { code: 'return await tools.search({ query: "ticket" })' })
  await callAsAgent(String(baseURL), 'execute', { code: HELD })

  await signIn(page, '/')
  for (const address of PAGES) {
    await test.step(address, async () => {
      await page.goto(address)
      await openAll(page)
      await check(page)
    })
  }
  for (const [list, link] of [
    ['/approvals', 'main li a'],
    ['/runs', 'main li a'],
    ['/runs?state=waiting', 'main li a'],
    ['/connections', 'main li a'],
    ['/tools?query=ticket', 'main li a'],
  ] as const) {
    await test.step(`the first of ${list}`, async () => {
      await page.goto(list)
      await page.locator(link).first().click()
      await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toBeVisible()
      await openAll(page)
      await check(page)
    })
  }
  expect(problems).toEqual([])
})

test('a preview and its errors are accessible', async ({ page, baseURL }) => {
  const sample = new URL(String(baseURL))
  sample.port = String(Number(sample.port) + 3)
  await signIn(page, '/integrations/new')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await check(page)
  await page.getByLabel('Address or document').fill(`${sample.origin}/openapi.json`)
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('heading', { name: 'Name it' })).toBeVisible()
  await openAll(page)
  await check(page)
  await page.locator('[name=method][value=bearer]').check()
  await page.getByRole('button', { name: /^Import/ }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await openAll(page)
  await check(page)
})

test('an import is accessible whatever becomes of it', async ({ page, baseURL }) => {
  const shop = await startShop()
  const admin = await openConsole(String(baseURL))
  const look = (name: string) =>
    test.step(name, async () => {
      await openAll(page)
      await check(page)
    })
  await signIn(page, '/integrations/new?find=git')
  await look('found in the gallery')
  await page.getByLabel('Address or document').fill(`${shop.url}/docs`)
  await page.getByRole('button', { name: 'Preview', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Preview Shop' })).toBeFocused()
  await look('several documents')

  const { pathname } = (await giveDocument(admin, JSON.stringify(shop.troubled))).url
  await page.goto(pathname)
  await look('skipped parts, a file that is missing, a server with variables, other hosts')
  await page.goto(`${pathname}?find=zzzz`)
  await look('no operation found')
  const id = pathname.split('/').pop()
  runSql(
    JOURNEYS_STATE,
    `UPDATE imports SET state = 'reading', attempt = 1, done = 2, updated_at = 9e15 WHERE id = '${id}'`,
  )
  await page.goto(pathname)
  await expect(page.getByRole('progressbar')).toBeVisible()
  await look('progress')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL('**/integrations/new*')
  await page.goto(pathname)
  await look('cancelled')

  await addIntegration(admin, `${shop.url}/openapi.json`, { slug: 'shop', title: 'Shop', method: 'none' })
  shop.publish(2)
  await page.goto('/integrations/shop')
  await page.getByRole('button', { name: 'Check for a new version' }).click()
  await page.getByRole('button', { name: 'Use this version' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await look('a new version, with an error')
  await page.goto('/integrations')
  await look('a version that waits, in the list')
  shop.publish('down')
  await page.goto('/integrations/shop')
  await page.getByRole('button', { name: 'Check for a new version' }).click()
  await expect(page.getByText('The last check failed')).toBeVisible()
  await look('a check that failed, and a version that waits')
  await page.getByRole('button', { name: 'Choose operations' }).click()
  await page.getByRole('button', { name: 'Only reads' }).click()
  await look('another choice of operations')
  await removeIntegration(admin, 'shop')
  await shop.close()
})

test('the menu is accessible when it is open', async ({ page }, { project }) => {
  await signIn(page, '/tools')
  await page
    .getByText(project.name === 'phone' ? 'Menu' : 'admin@example.com', { exact: true })
    .first()
    .click()
  await check(page)
})

test('the first stop of the keyboard leads past the navigation', async ({ page }) => {
  await signIn(page, '/tools')
  await page.reload()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})
