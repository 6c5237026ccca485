// An MCP server asks a person in the middle of a call: on the page where calls are approved, by a form and by an address
// to open. The agent gets what the tool makes of the answer.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { addRule, giveDocument, openConsole, removeIntegration, removeRule, wordsOf } from './console.ts'
import { executeHeld } from './held-calls.ts'
import { findForm } from './local-access/html-form.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { MEMBER } from './local-access/identities.ts'
import { SAMPLE_API_KEY } from './sample-api/credentials.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

const SOON = { timeout: 15_000 }

let admin: HttpBrowser
let agent: ConnectedAgent
let slug: string

test.beforeAll(async ({ baseURL }, { project }) => {
  const { access, sample } = stackOrigins(baseURL)
  slug = `rooms_${project.name}`
  admin = await openConsole(access)
  agent = await connectAgent(access)
  await connectDesk(`${sample}/mcp`)
  await addRule(admin, `${slug}.*`, 'allow')
})

test.afterAll(async () => {
  await removeRule(admin, `${slug}.*`)
  await removeIntegration(admin, slug)
  await agent.client.close()
})

/** Named, connected with a key, read through that, and put in force. */
async function connectDesk(url: string): Promise<void> {
  const { url: at, html } = await giveDocument(admin, url)
  await admin.submit(`${at.pathname}${at.search}`, { ...findForm(html, 'slug')?.values, slug, title: 'Front desk' })
  const key = { method: 'bearer', 'field.bearer.token': SAMPLE_API_KEY, owner: 'org', connection: 'main' }
  const connected = await admin.submit(`/connections/new?integration=${slug}`, { integration: slug, ...key })
  const connection = /con_\w+/.exec(connected.html)?.[0] ?? ''
  const review = await admin.submit(`/integrations/${slug}`, { intent: 'read', connection })
  const used = await admin.submit(review.url.pathname, {})
  if (!used.html.includes('book_room')) throw new Error(`The desk was not connected: ${wordsOf(used.html)}`)
}

const main = (page: Page) => page.getByRole('main')
const resume = async (run: string) => (await agent.call('resume', { run })).text

test('a form is filled in by the person, checked, and sent on', async ({ page, browser }) => {
  const { run, questions, text } = await executeHeld(agent, `return await tools.${slug}.book_room({ room: 'Gripper' })`)
  expect(text).toContain(`${slug} asks: Who comes to Gripper, and when?`)
  const [address = ''] = questions

  const others = await browser.newContext()
  const other = await others.newPage()
  await signIn(other, address, MEMBER)
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Not found')
  await others.close()

  await signIn(page, '/approvals')
  await page.getByRole('link', { name: `${slug} asks: Who comes to Gripper` }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${slug} asks you`)
  await expect(main(page)).toContainText('Who comes to Gripper, and when?')
  await expect(main(page)).toContainText('no server may ask for them in a form')
  await page.getByLabel('people').fill('13')
  await page.getByRole('button', { name: 'Send the answer' }).click()
  const alert = page.getByRole('alert')
  await expect(alert.getByRole('link', { name: 'people: It is at most 12.' })).toBeVisible()
  await expect(alert.getByRole('link', { name: 'when: Fill this in.' })).toBeVisible()
  await expect(page.getByLabel('people')).toHaveValue('13')
  await page.getByLabel('people').fill('3')
  await page.getByLabel('when').fill('2026-12-24')
  await page.getByRole('radio', { name: 'medium' }).check()
  await page.getByRole('button', { name: 'Send the answer' }).click()
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  await expect(main(page)).toContainText('answered it.')
  const booked = await resume(run)
  expect(booked).toContain('Gripper is booked')
  for (const part of ['"people":3', '"when":"2026-12-24"', '"size":"medium"']) {
    expect(booked.replaceAll('\\', '')).toContain(part)
  }
})

test('an address is opened by the person, who says when it is done', async ({ page, baseURL }) => {
  const { run, questions } = await executeHeld(
    agent,
    `return await tools.${slug}.sign_contract({ title: 'Spare parts' })`,
  )
  await signIn(page, questions[0] ?? '')
  const { sample } = stackOrigins(baseURL)
  await expect(main(page)).toContainText(`Sign “Spare parts”.`)
  await expect(main(page)).toContainText(`${sample}/contracts/`)
  const [tab] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Open in a new tab' }).click(),
  ])
  await tab.getByRole('button', { name: 'Sign' }).click()
  await expect(tab.getByText('It is signed.')).toBeVisible()
  await tab.close()
  await page.getByRole('button', { name: 'I have done it' }).click()
  await expect(main(page)).toContainText('The program ran to its end.', SOON)
  expect(await resume(run)).toContain('“Spare parts” is signed.')
})

test('who declines tells the server so, and what the server says meanwhile is on the page of the run', async ({
  page,
}) => {
  const code = `const counted = await tools.${slug}.take_inventory()
    return [counted, await tools.${slug}.book_room({ room: 'Axis' })]`
  const { run, questions } = await executeHeld(agent, code)
  await signIn(page, questions[0] ?? '')
  await page.getByRole('button', { name: 'Decline' }).click()
  await expect(main(page)).toContainText('declined to answer.', SOON)
  expect(await resume(run)).toContain('Nothing was booked.')

  await page.goto(`/runs/${run}`)
  await main(page)
    .locator('summary')
    .filter({ hasText: `${slug}.take_inventory` })
    .click()
  await expect(main(page)).toContainText('3 of 3: Shelf 3 of 3')
  await expect(page.getByRole('region', { name: 'Log of call 1' })).toContainText('Shelf 2 is counted.')
})
