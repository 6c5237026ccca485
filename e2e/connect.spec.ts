// The page that connects an agent: what it prints is right, and whoever follows it sees their agent arrive.
import { execFileSync } from 'node:child_process'
import {
  Client,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { expect, type Page, test } from '@playwright/test'
import { SERVICE_HEADERS } from './agent.ts'
import { ADMIN, LOCAL_AGENT, MEMBER } from './local-access/identities.ts'
import { signIn } from './sign-in.ts'

const REDIRECT = 'http://localhost:33419/callback'
const ADDRESSES = ['/connect', '/connect?sign-in=service-token']
/** A few turns of the page's own clock. */
const SOON = { timeout: 15_000 }

const newClient = (name: string) =>
  new Client({ name, version: '1.2.3' }, { versionNegotiation: { mode: name.includes('old') ? 'legacy' : 'auto' } })

async function connectWithServiceToken(baseURL: string | undefined, name: string): Promise<void> {
  const client = newClient(name)
  const url = new URL('/mcp', baseURL)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: SERVICE_HEADERS } }))
  await client.close()
}

/** An agent that has the browser of `page` sign in: whoever is signed in there allows it. */
async function connectWithOAuth(baseURL: string | undefined, name: string, page: Page): Promise<void> {
  const kept: { verifier: string; client?: { client_id: string }; goTo?: URL; state?: OAuthDiscoveryState } = {
    verifier: '',
  }
  let tokens: Awaited<ReturnType<OAuthClientProvider['tokens']>>
  const authProvider: OAuthClientProvider = {
    redirectUrl: REDIRECT,
    clientMetadata: { redirect_uris: [REDIRECT], client_name: name, token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    redirectToAuthorization: (url) => void (kept.goTo = url),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier,
    discoveryState: () => kept.state,
    saveDiscoveryState: (state) => void (kept.state = state),
  }
  const first = new StreamableHTTPClientTransport(new URL('/mcp', baseURL), { authProvider })
  await expect(newClient(name).connect(first)).rejects.toThrow(UnauthorizedError)
  const popup = await page.context().newPage()
  await popup.route(`${REDIRECT}*`, (route) => route.fulfill({ body: 'You can close this window.' }))
  await popup.goto(String(kept.goTo))
  await popup.getByRole('button', { name: 'Allow' }).click()
  await popup.waitForURL(`${REDIRECT}?**`)
  await first.finishAuth(new URL(popup.url()).searchParams)
  await popup.close()
  const client = newClient(name)
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', baseURL), { authProvider }))
  await client.close()
}

const agents = (page: Page) => page.getByRole('region', { name: 'Connected agents' })

test('an agent with a service token appears on an admin’s open page by itself, and on no member’s', async ({
  page,
  browser,
  baseURL,
}, { project }) => {
  const name = `service ${project.name}`
  await signIn(page, '/connect?sign-in=service-token', ADMIN)
  await expect(agents(page)).toContainText('Agents appear here as soon as they send a request.')
  await expect(agents(page)).not.toContainText(name)
  await page.evaluate(() => document.body.setAttribute('data-not-reloaded', ''))
  await connectWithServiceToken(baseURL, name)
  const row = agents(page).getByRole('listitem').filter({ hasText: name })
  await expect(row).toContainText('1.2.3', SOON)
  await expect(row).toContainText('connected')
  await expect(row).toContainText(`service token ${LOCAL_AGENT.id}`)
  await expect(agents(page).getByRole('status')).toContainText(`${name} is connected`)
  await expect(page.locator('body[data-not-reloaded]')).toBeAttached()

  const context = await browser.newContext({ baseURL: String(baseURL) })
  const other = await context.newPage()
  await signIn(other, '/connect', MEMBER)
  await expect(agents(other)).toBeVisible()
  await expect(agents(other)).not.toContainText(name)
  await context.close()
})

for (const era of ['new', 'old'] as const) {
  test(`a client of the ${era} era that signs in through OAuth appears to the same person by itself`, async ({
    page,
    baseURL,
  }, { project }) => {
    const name = `oauth ${era} ${project.name}`
    await signIn(page, '/connect', MEMBER)
    await expect(agents(page)).not.toContainText(name)
    await connectWithOAuth(baseURL, name, page)
    const row = agents(page).getByRole('listitem').filter({ hasText: name })
    await expect(row).toContainText('connected', SOON)
    await expect(row).toContainText('as you')
  })
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('an agent appears after Check again, whatever it calls itself', async ({ page, baseURL }, { project }) => {
    const name = `<b onclick="x">${project.name}</b>\u202E\n plain`
    const shown = `<b onclick="x">${project.name}</b> plain`
    await signIn(page, '/connect?sign-in=service-token', ADMIN)
    await expect(agents(page)).not.toContainText(shown)
    await connectWithServiceToken(baseURL, name)
    // The Worker writes beside its answer.
    await expect(async () => {
      await agents(page).getByRole('link', { name: 'Check again' }).click()
      await expect(agents(page).getByRole('listitem').filter({ hasText: shown })).toContainText('connected', {
        timeout: 1000,
      })
    }).toPass(SOON)
    expect(new URL(page.url()).search).toBe('?sign-in=service-token')
  })
})

test('the copy button copies what is printed', async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(page, '/connect', MEMBER)
  await page.getByRole('button', { name: 'Copy Claude Code setup' }).click()
  await expect(page.getByRole('button', { name: 'Copied Claude Code setup' })).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toBe(`claude mcp add --transport http executor ${baseURL}/mcp`)
})

/** Throws when the text is not what its kind has to be. */
function parse(text: string): void {
  if (text.startsWith('{')) return void JSON.parse(text)
  if (text.startsWith('http')) return void new URL(text)
  if (!text.startsWith('[')) return void execFileSync('sh', ['-n', '-c', text])
  for (const line of text.split('\n'))
    expect(line).toMatch(/^\[[\w.]+\]$|^\w+ = ("[^"\\]*"|\{( "[^"]+" = "[^"]+",?)+ \})$/)
}

test('every printed snippet has the address of this deployment and is what it says; so are the install links', async ({
  page,
  baseURL,
}) => {
  await signIn(page, '/connect', MEMBER)
  for (const address of ADDRESSES) {
    await page.goto(address)
    const snippets = await page.locator('pre[aria-label$=" setup"]').allTextContents()
    expect(snippets).toHaveLength(8)
    for (const text of snippets) {
      expect(text).toContain(`${baseURL}/mcp`)
      parse(text)
      expect(text.includes('CF-Access-Client-Secret')).toBe(address.includes('service-token'))
    }
    for (const name of ['Cursor', 'VS Code']) {
      const link = page.locator('a', { hasText: `Add to ${name}` })
      const href = decodeURIComponent((await link.getAttribute('href')) ?? '')
      const entry = /config=([\w+/=]+)/.exec(href)?.[1]
      expect(entry === undefined ? href : atob(entry)).toContain(`${baseURL}/mcp`)
    }
  }
})

test('the first page leads here, and each agent has an address of its own', async ({ page }) => {
  await signIn(page, '/', MEMBER)
  await page.getByRole('main').getByRole('link', { name: 'Connect an agent' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect an agent')
  await page.goto('/connect#gemini-cli')
  await expect(page.getByLabel('Gemini CLI setup')).toBeVisible()
})
