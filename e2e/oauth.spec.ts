// Connecting by a sign-in at the sample company's authorization server, on a desktop and on a phone, with JavaScript and
// without; and every way in which that goes wrong.
import { type Browser, expect, type Page, test } from '@playwright/test'
import { addIntegration, openConsole, removeIntegration, wordsOf } from './console.ts'
import { createHttpBrowser, signIn as signInByHttp } from './local-access/http-browser.ts'
import { ADMIN, MEMBER } from './local-access/identities.ts'
import { OAUTH_COLLEAGUE, OAUTH_LEAD } from './sample-oauth/accounts.ts'
import { OWN_APP_ID, OWN_APP_SECRET } from './sample-oauth/clients.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

/** The way that the tests add; the document has one of its own, for which an app has to be entered. */
const WAY = 'Company sign-in'
const SOON = { timeout: 20_000 }

let slug: string

test.beforeAll(async ({ baseURL }, { project }) => {
  const { sample, oauth } = stackOrigins(String(baseURL))
  slug = `oauth_${project.name}`
  const admin = await openConsole(String(baseURL))
  await addIntegration(admin, `${sample}/openapi.json`, { slug, title: 'Northwind' })
  const added = await admin.submit(`/integrations/${slug}/methods/new`, {
    kind: 'oauth',
    label: WAY,
    discovery: 'issuer',
    issuer: oauth,
    scopes: 'openid email read write',
  })
  expect(wordsOf(added.html)).toContain('The way to connect is added.')
})

test.afterAll(async ({ baseURL }) => {
  await fetch(`${stackOrigins(baseURL).oauth}/_reset`, { method: 'POST' })
  await removeIntegration(await openConsole(String(baseURL)), slug)
})

const connectPage = () => `/connections/new?integration=${slug}`

/** From the form to the provider's page. */
async function begin(page: Page, name: string, way = `Sign in with Northwind (${WAY})`) {
  const choice = page.getByRole('radio', { name: way })
  if (!(await choice.isVisible())) await page.getByText('Other ways').click()
  await choice.check()
  await page.getByLabel('Name of the connection').fill(name)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function allow(page: Page, { email } = OAUTH_LEAD) {
  await page.getByRole('button', { name: email }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
}

const atProvider = (page: Page, baseURL: string | undefined) =>
  page.waitForURL(`${stackOrigins(baseURL).oauth}/sign-in/**`, SOON)
const atConnection = (page: Page) => page.waitForURL('**/connections/con_*', SOON)
const idIn = (page: Page) => new URL(page.url()).pathname.split('/').pop() ?? ''

/** The callback's address, as the browser opened it. */
function watchCallback(page: Page): () => string {
  let seen = ''
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/oauth/callback') seen = request.url()
  })
  return () => seen
}

/** Somebody at another device, who is not signed in to Executor. */
async function onAnotherDevice(browser: Browser, address: string, code: string, { email } = OAUTH_LEAD) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(address)
  await page.getByRole('textbox').fill(code)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Yes, continue' }).click()
  await allow(page, { ...OAUTH_LEAD, email })
  await expect(page.getByRole('heading', { name: 'The device is connected' })).toBeVisible()
  await context.close()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled })
    const named = (name: string) => `${name}_${javaScriptEnabled ? 'js' : 'plain'}`

    test('a member follows the link, signs in, and is connected', async ({ page, baseURL }) => {
      const callback = watchCallback(page)
      await signIn(page, connectPage(), MEMBER)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect your Northwind')
      await begin(page, named('mine'))
      await atProvider(page, baseURL)
      await allow(page)
      await atConnection(page)
      await expect(page.getByRole('main')).toContainText('You are connected. The test succeeded.')
      await expect(page.getByRole('main')).toContainText(`Signed in as ${OAUTH_LEAD.email}`)
      await expect(page.getByRole('main')).toContainText('Only you')
      expect(page.url()).not.toContain('code=')

      // The same address again shows the same connection, and changes nothing.
      const connected = idIn(page)
      const used = callback()
      await page.goto(used)
      await atConnection(page)
      expect(idIn(page)).toBe(connected)

      // Whoever else opens it learns that it is none of theirs.
      const other = await openConsole(String(baseURL), ADMIN)
      const { pathname, search } = new URL(used)
      const shown = await other.open(pathname + search)
      expect(shown.status).toBe(400)
      expect(wordsOf(shown.html)).toContain('There is no such sign-in of yours.')
      expect(shown.html).not.toContain(connected)
    })

    test('what the provider says is shown as it is, and one click tries again', async ({ page, baseURL }) => {
      await signIn(page, connectPage(), MEMBER)
      await begin(page, named('declined'))
      await atProvider(page, baseURL)
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.waitForURL('**/connections/flows/**', SOON)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Northwind is not connected')
      await expect(page.getByRole('main')).toContainText('The person said no (access_denied)')
      expect(page.url()).not.toContain('state=')
      await page.getByRole('button', { name: 'Try again' }).click()
      await atProvider(page, baseURL)
      await allow(page)
      await atConnection(page)
      await expect(page.getByRole('main')).toContainText('You are connected.')
    })

    test('the code for another device is shown until it was entered there', async ({ page, browser }) => {
      await signIn(page, connectPage(), MEMBER)
      await begin(page, named('device'), `Sign in with Northwind on another device (${WAY})`)
      await page.waitForURL('**/connections/flows/**', SOON)
      const main = page.getByRole('main')
      const code = /[A-Z]{4}-[A-Z]{4}/.exec(await main.innerText())?.[0] ?? ''
      const address = (await main.getByRole('link', { name: /\/device$/ }).getAttribute('href')) ?? ''
      await onAnotherDevice(browser, address, code)
      await atConnection(page)
      await expect(main).toContainText(`Signed in as ${OAUTH_LEAD.email}`)
    })
  })
}

test('whoever comes back with the back button is where they began, and not sent away again', async ({
  page,
  baseURL,
}) => {
  await signIn(page, connectPage(), MEMBER)
  await begin(page, 'back')
  await atProvider(page, baseURL)
  await page.goBack()
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/connections/new')
})

test('a sign-in is its person’s alone, from its first page on', async ({ page, baseURL }) => {
  await signIn(page, connectPage(), MEMBER)
  let flow = ''
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/connections/flows/')) flow = pathname
  })
  await begin(page, 'alone')
  await atProvider(page, baseURL)
  const other = await openConsole(String(baseURL), ADMIN)
  const shown = await other.open(flow)
  expect(shown.status).toBe(404)
  expect(shown.html).not.toContain(stackOrigins(baseURL).oauth)
  expect((await other.submit(flow, {})).status).toBe(404)
})

test('a connection whose grant was ended is repaired in place, as somebody else too', async ({ page, baseURL }) => {
  const { oauth } = stackOrigins(baseURL)
  await signIn(page, connectPage(), MEMBER)
  await begin(page, 'repaired')
  await atProvider(page, baseURL)
  await allow(page)
  await atConnection(page)
  const id = idIn(page)
  await fetch(`${oauth}/_grants/${OAUTH_LEAD.id}`, { method: 'DELETE' })
  await page.getByRole('button', { name: 'Test now' }).click()
  await expect(page.getByText('needs sign-in')).toBeVisible(SOON)
  await page.goto('/connections')
  const row = page.getByRole('listitem').filter({ hasText: `${slug}@repaired` })
  await expect(row).toContainText('needs sign-in')
  await row.getByRole('link').first().click()
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await atProvider(page, baseURL)
  await allow(page, OAUTH_COLLEAGUE)
  await atConnection(page)
  expect(idIn(page)).toBe(id)
  await expect(page.getByRole('main')).toContainText(`Signed in as ${OAUTH_COLLEAGUE.email}`)
  await expect(page.getByText('works')).toBeVisible()
})

test('a call that wanted more leads here, and one click asks for it', async ({ page, baseURL }) => {
  await signIn(page, connectPage(), MEMBER)
  await begin(page, 'more')
  await atProvider(page, baseURL)
  await allow(page)
  await atConnection(page)
  const id = idIn(page)
  // What is no scope is not asked for.
  await page.goto(`/connections/${id}?scope=${encodeURIComponent('invoices.write read "quoted" ünscope')}`)
  const notice = page.getByRole('status').filter({ hasText: 'A call needs more' })
  await expect(notice).toContainText('It asks for invoices.write.')
  await page.getByRole('button', { name: 'Sign in and allow it' }).click()
  await atProvider(page, baseURL)
  await allow(page)
  await atConnection(page)
  expect(idIn(page)).toBe(id)
  await expect(page.getByRole('main')).toContainText('read write invoices.write')
})

test('a server that knows only its own apps: a member sees whom to ask, an admin enters one and goes on', async ({
  page,
  browser,
  baseURL,
}) => {
  const own = /^Sign in with Northwind \((?!Company)/
  const context = await browser.newContext({ baseURL: String(baseURL) })
  const member = await context.newPage()
  await signIn(member, connectPage(), MEMBER)
  await member.getByRole('radio', { name: own }).check()
  await member.getByLabel('Name of the connection').fill('asks')
  await member.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(member.getByRole('heading', { level: 1 })).toHaveText('Northwind needs an admin first')
  await expect(member.getByRole('main')).toContainText(ADMIN.email)
  await expect(member.getByLabel('Client ID')).toHaveCount(0)
  const { pathname, search } = new URL(member.url())
  const forged = createHttpBrowser(String(baseURL))
  await signInByHttp(forged, MEMBER.email)
  expect((await forged.submit(pathname + search, { clientId: 'mine', authMethod: 'none' })).status).toBe(403)
  await context.close()

  await signIn(page, connectPage(), ADMIN)
  await page.getByRole('radio', { name: own }).check()
  await page.getByLabel('Name of the connection').fill('own_app')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('App for sign-in')
  await expect(page.getByLabel('Redirect URI', { exact: true })).toContainText(`${baseURL}/oauth/callback`)
  await page.getByLabel('Client ID').fill(OWN_APP_ID)
  await page.getByRole('button', { name: 'Save and sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('Enter the client secret')
  await page.getByLabel('Client secret', { exact: true }).fill(OWN_APP_SECRET)
  await page.getByRole('button', { name: 'Save and sign in' }).click()
  await atProvider(page, baseURL)
  await allow(page)
  await atConnection(page)
  await expect(page.getByRole('main')).toContainText('You are connected.')
  await page.goto(`${pathname}${search}`)
  await expect(page.getByLabel('Client ID')).toHaveValue(OWN_APP_ID)
  expect(await page.content()).not.toContain(OWN_APP_SECRET)
  await page.getByText('Remove this app').click()
  await page.getByRole('button', { name: 'Remove app' }).click()
  await expect(page.getByRole('main')).toContainText('The app is removed.')
  await expect(page.getByLabel('Client ID')).toHaveValue('')
})

test('ways to connect are an admin’s, and one that is in use stays', async ({ page, baseURL }) => {
  const member = await openConsole(String(baseURL), MEMBER)
  expect((await member.open(`/integrations/${slug}/methods/new`)).status).toBe(403)
  expect((await member.submit(`/integrations/${slug}`, { intent: 'remove-way', way: 'x' })).status).toBe(403)
  expect((await member.open(`/integrations/${slug}`)).html).not.toContain('Ways to connect')

  await signIn(page, connectPage(), MEMBER)
  await begin(page, 'in_use')
  await atProvider(page, baseURL)
  await allow(page)
  await atConnection(page)
  await page.context().clearCookies()

  await signIn(page, `/integrations/${slug}`, ADMIN)
  const ways = page.locator('#ways')
  await expect(ways).toContainText(`${baseURL}/connections/new?integration=${slug}`)
  await ways.getByRole('button', { name: `Remove ${WAY}` }).click()
  await expect(ways.getByRole('status')).toContainText(/uses? this way/)
  await expect(ways).toContainText(WAY)
})
