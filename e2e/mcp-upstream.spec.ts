// An MCP server as an integration: an admin gives an address, signs in where the server says, chooses among its tools, and
// agents call them like those of any API. The company's own ledger says what was sent.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { openConsole, removeIntegration } from './console.ts'
import { OAUTH_LEAD } from './sample-oauth/accounts.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

const SOON = { timeout: 20_000 }

test.describe.configure({ mode: 'serial' })

let agent: ConnectedAgent
let sample: string
let slug: string

test.beforeAll(async ({ baseURL }, { project }) => {
  const stack = stackOrigins(baseURL)
  sample = stack.sample
  slug = `desk_${project.name}`
  agent = await connectAgent(stack.access)
})

test.afterAll(async ({ baseURL }) => {
  for (const one of [slug, `bare_${slug}`]) await removeIntegration(await openConsole(String(baseURL)), one)
  await agent.client.close()
})

async function give(page: Page, source: string) {
  await page.getByLabel('Address or document').fill(source)
  await page.getByRole('button', { name: 'Preview', exact: true }).click()
}

test('an admin gives the address, signs in where the server says so, and chooses among its tools', async ({ page }) => {
  await signIn(page, '/integrations/new')
  await give(page, `${sample}/mcp`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('MCP server', SOON)
  await page.getByLabel('Title').fill('Front desk')
  await page.getByLabel('Slug').fill(slug)
  await page.getByRole('button', { name: 'Add and connect' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: OAUTH_LEAD.email }).click()
  await page.getByRole('button', { name: 'Allow' }).click()

  await page.waitForURL(`**/integrations/${slug}#read`, SOON)
  await page.getByRole('button', { name: 'Read the list of tools through main' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What Front desk can do', SOON)
  const main = page.getByRole('main')
  for (const words of ['11 in all', '8 read', '3 write']) await expect(main).toContainText(words)
  await page.getByRole('checkbox', { name: 'create_ticket' }).uncheck()
  await page.getByRole('button', { name: 'Use this version' }).click()
  await page.waitForURL(`**/integrations/${slug}?*`)
  await expect(main).toContainText('MCP server')
  await expect(main).not.toContainText('create_ticket')
})

test('an agent finds its tools, calls them as that person, and its run shows what was sent', async ({ page }) => {
  const found = await agent.call('search', { query: 'find tickets by words', integration: slug, limit: 5 })
  expect(found.text).toContain(`${slug}.find_tickets`)
  const { isError, text, run } = await agent.execute(`
    const { tickets } = await tools.${slug}.find_tickets({ limit: 2 })
    const { contents } = await tools.${slug}.resources.read({ uri: 'northwind://handbook' })
    const gone = await tools.${slug}.create_ticket({}).catch(({ code }) => code)
    return { who: await tools.${slug}.whoami(), tickets, handbook: contents[0].text, gone }`)
  expect(isError, text).toBe(false)
  const result: unknown = JSON.parse(text)
  expect(result).toMatchObject({
    who: { name: expect.stringMatching(/\w/) },
    tickets: [{ number: expect.any(Number), status: expect.any(String) }, {}],
    handbook: expect.stringContaining('Rooms are booked at the desk'),
    gone: 'unknown_tool',
  })
  await signIn(page, `/runs/${run}`)
  const main = page.getByRole('main')
  for (const name of ['find_tickets', 'resources.read', 'whoami']) await expect(main).toContainText(`${slug}.${name}`)
})

test('of everything at one host, a person says which is meant', async ({ page }) => {
  await signIn(page, '/integrations/new')
  await give(page, sample)
  await expect(page.getByRole('heading', { name: '3 APIs were found' })).toBeVisible(SOON)
  await page.getByRole('link', { name: 'Connect first: MCP server' }).click()
  await expect(page.getByRole('main')).toContainText(`${sample}/mcp`)
})

test('a server that is a program is answered with what to do', async ({ page }) => {
  await signIn(page, '/integrations/new')
  await give(page, 'API_KEY=my-secret-key npx -y some-server')
  const command = 'npx -y supergateway --stdio "API_KEY=… npx -y some-server"'
  await expect(page.getByRole('alert')).toContainText(command, SOON)
})
