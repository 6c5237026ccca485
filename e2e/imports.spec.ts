// From whatever an admin pastes to tools that agents call, and from one version of a document to the next: with and
// without JavaScript, on a desktop and on a phone.
import { expect, type Page, test } from '@playwright/test'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { giveDocument, openConsole, removeIntegration, wordsOf } from './console.ts'
import { findForm } from './local-access/html-form.ts'
import { MEMBER } from './local-access/identities.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { runSql } from './local-sql.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import { startShop } from './shop-document.ts'
import { signIn } from './sign-in.ts'
import { JOURNEYS_STATE, stackOrigins } from './stack-origins.ts'

let shop: Awaited<ReturnType<typeof startShop>>
let admin: HttpBrowser
let agent: ConnectedAgent
let sample: string

test.beforeAll(async ({ baseURL }) => {
  const stack = stackOrigins(baseURL)
  sample = stack.sample
  shop = await startShop()
  admin = await openConsole(stack.access)
  agent = await connectAgent(stack.access)
})

test.beforeEach(() => shop.publish(1))

test.afterAll(async () => {
  for (const slug of ['chosen', 'shop', 'secretive', 'regional']) await removeIntegration(admin, slug)
  await agent.client.close()
  await shop.close()
})

async function give(page: Page, source: string) {
  await page.getByLabel('Address or document').fill(source)
  await page.getByRole('button', { name: 'Preview', exact: true }).click()
}

/** What agents find of an integration, by name. */
async function toolsOf(slug: string, query = 'list'): Promise<string[]> {
  const { text } = await agent.execute(`
    const { hits } = await tools.search({ query: '${query}', integration: '${slug}', limit: 50 })
    return hits.map((hit) => hit.address).sort()`)
  const found: string[] = JSON.parse(text)
  return found
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? 'with' : 'without'

  test.describe(`${way} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('only chosen operations become tools, and choosing loses nothing that was typed', async ({ page }) => {
      await signIn(page, '/integrations/new')
      // The documentation links the document.
      await give(page, sample)
      // A GraphQL endpoint is there too.
      await page
        .getByRole('button', { name: /^Preview ./ })
        .first()
        .click()
      await expect(page.getByRole('main')).toContainText(`${sample}/openapi.json`)
      const shownCount = (count: number) => expect(page.getByRole('button', { name: `Import ${count} ` })).toBeVisible()
      await page.getByLabel('Title').fill('Chosen by hand')
      await page.getByLabel('Slug').fill('chosen')
      await page.getByRole('radio', { name: 'Connect later' }).check()
      await page.getByRole('button', { name: 'Choose none' }).click()
      await shownCount(0)
      await expect(page.getByLabel('Title')).toHaveValue('Chosen by hand')
      await expect(page.getByRole('radio', { name: 'Connect later' })).toBeChecked()
      await page.getByRole('checkbox', { name: 'account.status' }).check()
      await page.getByRole('checkbox', { name: 'attachments.delete' }).check()
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Keep this choice' }).click()
      await shownCount(2)
      await expect(page.getByRole('checkbox', { name: 'account.status' })).toBeChecked()

      // Boxes that stand otherwise when the form is sent are imported as they stand.
      await page.getByRole('checkbox', { name: 'attachments.delete' }).uncheck()
      await page.getByLabel('Title').press('Enter')
      await page.waitForURL('**/integrations/chosen*')
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Chosen by hand')
      expect(await toolsOf('chosen', 'show status')).toEqual(['chosen.account.status'])
      expect((await agent.execute('return tools.chosen.attachments.delete({ attachment_id: 1 })')).text).toContain(
        'chosen.attachments.delete',
      )

      await page.getByRole('button', { name: 'Choose operations' }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Operations of Chosen by hand')
      await expect(page.getByText('No tool changes')).toBeVisible()
      await page.getByLabel('Find operations').fill('ticket list')
      await page.getByRole('button', { name: 'Find', exact: true }).click()
      await page.getByRole('button', { name: 'Choose these' }).click()
      await page.getByRole('link', { name: /^Added \d/ }).click()
      await expect(page.locator('#changes')).toContainText('tickets.list')
      await page.getByRole('button', { name: 'Use this choice' }).click()
      await expect(page.getByText('The new version is in force.')).toBeVisible()
      expect(await toolsOf('chosen', 'list tickets')).toContain('chosen.tickets.list')
      expect(await toolsOf('chosen', 'show status')).toContain('chosen.account.status')
      await removeIntegration(admin, 'chosen')
    })

    test('nothing chosen is nothing to import', async ({ page }) => {
      await signIn(page, '/integrations/new')
      await give(page, `${shop.url}/openapi.json`)
      await page.getByRole('button', { name: 'Choose none' }).click()
      await page.getByRole('button', { name: 'Import 0 operations' }).click()
      await expect(page.getByRole('alert')).toContainText('Choose at least one operation.')
      const address = page.url()
      await page.getByRole('button', { name: 'Do not import this' }).click()
      await page.waitForURL('**/integrations/new*')
      await page.goto(address)
      await expect(page.getByText('This import was cancelled')).toBeVisible()
    })

    test('a page of several documents is a question', async ({ page }) => {
      await signIn(page, '/integrations/new')
      await give(page, `${shop.url}/docs`)
      await expect(page.getByRole('heading', { name: '2 APIs were found' })).toBeVisible()
      await expect(page.getByLabel('Address or document')).toHaveValue(`${shop.url}/docs`)
      await page.getByRole('button', { name: 'Preview Returns' }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Returns')
      await page.getByRole('button', { name: 'Do not import this' }).click()
    })

    test('an API of the gallery is read from its maker, or the answer says whose host did not', async ({ page }) => {
      await signIn(page, '/integrations/new')
      await page.getByLabel('Find an API').fill('git')
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Find', exact: true }).click()
      await expect(page.getByRole('button', { name: 'Add Slack' })).toHaveCount(0)
      await page.getByRole('button', { name: 'Add GitHub', exact: true }).click()
      // Where these journeys run, there may be no way out.
      const refusal = page.getByRole('alert').filter({ hasText: /raw\.githubusercontent\.com/ })
      await expect(refusal.or(page.getByText('You need: A fine-grained personal access token.'))).toBeVisible({
        timeout: 30_000,
      })
    })

    test('a new version is seen before it is used, and a new host is confirmed', async ({ page }) => {
      await signIn(page, '/integrations/new')
      await give(page, `${shop.url}/openapi.json`)
      await page.getByRole('radio', { name: 'No credential' }).check()
      await page.getByRole('button', { name: 'Import 3 operations' }).click()
      await page.waitForURL('**/integrations/shop*')
      const check = page.getByRole('button', { name: 'Check for a new version' })
      await check.click()
      await expect(page.getByText('The document has not changed.')).toBeVisible()

      shop.publish(2)
      await check.click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('A new version of Shop')
      await expect(page.locator('#changes')).toContainText('is new, and required.')
      await page.getByRole('link', { name: 'Removed 1' }).click()
      await expect(page.locator('#changes')).toContainText('stock.list')
      // Nothing of it is in force, and whoever goes away finds it again.
      expect(await toolsOf('shop')).toEqual(['shop.orders.list', 'shop.stock.list'])
      await page.goto('/integrations')
      await expect(page.getByText('new version waits')).toBeVisible()
      await page.getByRole('link', { name: 'Shop', exact: true }).click()
      await page.getByRole('link', { name: 'See what it changes' }).click()

      await page.getByRole('button', { name: 'Use this version' }).click()
      await expect(page.getByRole('alert')).toContainText(`Confirm that calls may also go to ${shop.elsewhere.url}`)
      await page.getByRole('checkbox', { name: shop.elsewhere.url }).check()
      await page.getByRole('button', { name: 'Use this version' }).click()
      await expect(page.getByText('The new version is in force.')).toBeVisible()
      expect(await toolsOf('shop')).toEqual(['shop.labels.list', 'shop.orders.list'])
      const { text } = await agent.execute(`return [await tools.shop.labels.list(),
        await tools.shop.stock.list().catch(({ message }) => message), await tools.shop.orders.list({ area: 'north' })]`)
      expect(text).toMatch(/^\[\["fragile"\],".*no longer has GET \/stock.*",\["a bicycle"\]\]$/s)

      // A check that fails changes nothing, and says why.
      shop.publish('down')
      await check.click()
      await expect(page.getByText('The last check failed')).toBeVisible()
      await expect(page.locator('#document')).toContainText('answered 503')
      expect(await toolsOf('shop')).toEqual(['shop.labels.list', 'shop.orders.list'])
      await removeIntegration(admin, 'shop')
    })
  })
}

test('the secret in a curl command is nowhere: not in a page, an address, or the database', async ({ page }) => {
  const secret = 'sk-of-this-journey-0123456789'
  const upstream: RecordingUpstream = await startRecordingUpstream({
    'GET /openapi.json': {
      body: {
        openapi: '3.1.0',
        info: { title: 'Secretive', version: '1' },
        servers: [{ url: '/' }],
        paths: { '/things': { get: { operationId: 'things/list', responses: { 200: { description: 'ok' } } } } },
      },
    },
    'GET /things': { body: [] },
  })
  await signIn(page, '/integrations/new')
  const command = `curl -X POST '${upstream.url}/things?api_key=${secret}' \\\n  -H 'X-Shop-Key: ${secret}' -d '{"a":1}'`
  await give(page, command)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Secretive')
  expect(page.url()).not.toContain(secret)
  expect(await page.content()).not.toContain(secret)
  expect(JSON.stringify(upstream.take())).not.toContain(secret)
  const form = findForm((await admin.open(page.url())).html, 'slug')
  expect(form?.secrets.length).toBeGreaterThan(0)

  // Its own way to sign in is the one that is offered first; the value is typed, and arrives where it was shown.
  const fields = page.locator('input[type=password]').filter({ visible: true })
  await expect(fields).toHaveCount(2)
  for (const field of await fields.all()) await field.fill('typed-by-hand')
  await page.getByLabel('Slug').fill('secretive')
  await page.getByRole('button', { name: 'Import 1 operation' }).click()
  await page.waitForURL('**/integrations/secretive*')
  upstream.take()
  await agent.execute('return tools.secretive.things.list()')
  expect(upstream.take().at(-1)).toMatchObject({
    target: '/things?api_key=typed-by-hand',
    headers: { 'x-shop-key': 'typed-by-hand' },
  })

  // A command that cannot be read is not shown again either.
  const refused = await giveDocument(admin, `curl -H 'X-Shop-Key: ${secret}' https://<your host>/things`)
  expect(refused.status).toBe(422)
  expect(refused.html).not.toContain(secret)
  const tables = runSql(JOURNEYS_STATE, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%'")
  expect(tables.length).toBeGreaterThan(10)
  for (const { name } of tables) {
    const rows = runSql(JOURNEYS_STATE, `SELECT * FROM "${String(name)}"`)
    expect(JSON.stringify(rows), String(name)).not.toContain(secret)
  }
  await removeIntegration(admin, 'secretive')
  await upstream.close()
})

test('a member neither sees an import nor decides on it', async ({ baseURL }) => {
  const { url } = await giveDocument(admin, `${shop.url}/openapi.json`)
  const member = await openConsole(String(baseURL), MEMBER)
  const asked = [
    await member.open(url.pathname),
    ...(await Promise.all(
      ['', 'choose drop all', 'cancel'].map((intent) => member.submit(url.pathname, { intent, slug: 'theirs' })),
    )),
  ]
  for (const page of asked) {
    expect(page.status).toBe(403)
    expect(page.html).not.toContain('orders.list')
  }
  const page = await admin.open(url.pathname)
  expect(wordsOf(page.html)).toContain('3 of 3 become tools')
  await admin.submit(url.pathname, { intent: 'cancel' })
})

test('a server with variables goes where they say, and nowhere else', async () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Regional', version: '1' },
    servers: [
      {
        url: 'https://{region}.shop.example/{version}',
        variables: { region: { default: 'eu', enum: ['eu', 'us'] }, version: { default: 'v2' } },
      },
    ],
    paths: { '/things': { get: { operationId: 'things/list', responses: { 200: { description: 'ok' } } } } },
  }
  const preview = await giveDocument(admin, JSON.stringify(document))
  const form = findForm(preview.html, 'slug')
  expect(form?.values).toMatchObject({ server: '0', 'server.0.region': 'eu', 'server.0.version': 'v2' })
  const send = (values: Record<string, string>) =>
    admin.submit(preview.url.pathname, { ...form?.values, slug: 'regional', method: '~none', ...values })
  for (const [values, message] of [
    [{ 'server.0.region': 'evil' }, /must be one of|eu, us/],
    [{ 'server.0.version': 'v2/../..' }, /version/],
    [{ server: 'other', baseUrl: 'https://user:secret@shop.example' }, /user name and password/],
  ] as const) {
    const page = await send(values)
    expect(page.status).toBe(422)
    expect(wordsOf(page.html)).toMatch(message)
    expect(wordsOf(page.html)).toContain('Nothing was imported')
  }
  const page = await send({ 'server.0.region': 'us' })
  expect(page.url.pathname).toBe('/integrations/regional')
  expect(wordsOf(page.html)).toContain('https://us.shop.example/v2')
  await removeIntegration(admin, 'regional')
})

test('a document that takes long shows how far it is, can be left, found again and cancelled', async ({ page }, {
  project,
}) => {
  test.skip(project.name === 'phone', 'large files are given on a desktop')
  const paths = Object.fromEntries(
    Array.from({ length: 40_000 }, (_, index) => [
      `/things/${index}`,
      {
        get: {
          operationId: `things/get_${index}`,
          summary: `Thing ${index}`,
          responses: { 200: { description: 'ok' } },
        },
      },
    ]),
  )
  const document = { openapi: '3.1.0', info: { title: 'Endless', version: '1' }, servers: [{ url: shop.url }], paths }
  await signIn(page, '/integrations/new')
  const file = { name: 'endless.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(document)) }
  await page.getByLabel('Or a file').setInputFiles(file)
  await page.getByRole('button', { name: 'Preview', exact: true }).click()
  await expect(page.getByRole('progressbar', { name: 'Reading the file endless.json' })).toBeVisible({
    timeout: 30_000,
  })
  const shown = page.getByText(/^[\d,]+ of 40,000 operations\.$/)
  const before = await shown.textContent()
  // By itself, without a reload.
  await expect(shown).not.toHaveText(String(before), { timeout: 15_000 })
  await page.goto('/integrations')
  await page.getByRole('link', { name: 'Endless' }).click()
  await expect(shown).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL('**/integrations/new*')
  await page.goto('/integrations')
  await expect(page.getByRole('link', { name: 'Endless' })).toHaveCount(0)
})
