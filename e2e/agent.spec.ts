// What an agent does, with the official clients of both generations and both ways to sign in: search, then call the
// sample company through its credential. The company's own ledger says what reached it.
import { createHash } from 'node:crypto'
import {
  Client,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import type { OAuthClientProvider as OldProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, type Page, test } from '@playwright/test'
import { SERVICE_HEADERS } from './agent.ts'
import { MEMBER } from './local-access/identities.ts'
import { SAMPLE_API_KEY } from './sample-api/credentials.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

const REDIRECT = 'http://localhost:33418/callback'

/** What the journeys need of either client. */
interface Agent {
  call: (name: string, input: Record<string, unknown>) => Promise<{ isError: boolean; text: string; whole: string }>
  close: () => Promise<void>
}

function agentOf(client: {
  callTool: (call: { name: string; arguments: Record<string, unknown> }) => Promise<{ [field: string]: unknown }>
  close: () => Promise<void>
}): Agent {
  return {
    async call(name, input) {
      const answer = await client.callTool({ name, arguments: input })
      const parts: { type: string; text?: string }[] = Array.isArray(answer.content) ? answer.content : []
      const text = parts.map((part) => part.text ?? '').join('\n')
      return { isError: answer.isError === true, text, whole: JSON.stringify(answer) }
    },
    close: () => client.close(),
  }
}

const newClient = (mode: 'auto' | 'legacy') =>
  new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode } })
const oldClient = () => new OldClient({ name: 'e2e-old', version: '1' })

/** Keeps in memory what a client's own storage would; `goTo` is where the person has to go. */
function createMemory() {
  const kept: { verifier?: string; client?: { client_id: string }; goTo?: URL } = {}
  const common = {
    redirectUrl: REDIRECT,
    clientMetadata: { redirect_uris: [REDIRECT], client_name: 'End to end', token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.client,
    saveClientInformation: (client: { client_id: string }) => void (kept.client = client),
    redirectToAuthorization: (url: URL) => void (kept.goTo = url),
    saveCodeVerifier: (verifier: string) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier ?? '',
  }
  return { kept, common }
}

/** The person's part: signs in at Access, allows the client, and is sent back with a code. */
async function authorize(page: Page, goTo: URL | undefined): Promise<URLSearchParams> {
  let answered: URL | undefined
  await page.route(`${REDIRECT}*`, (route) => {
    answered = new URL(route.request().url())
    return route.fulfill({ body: 'You can close this window.' })
  })
  await page.goto(String(goTo))
  await page.getByRole('button', { name: MEMBER.email }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await expect(page.getByText('You can close this window.')).toBeVisible()
  expect(answered?.searchParams.get('code')).toBeTruthy()
  return answered?.searchParams ?? new URLSearchParams()
}

async function connectWithService(make: 'auto' | 'legacy' | 'sdk 1.x', url: URL): Promise<Agent> {
  const requestInit = { headers: SERVICE_HEADERS }
  if (make === 'sdk 1.x') {
    const client = oldClient()
    await client.connect(new OldTransport(url, { requestInit }))
    return agentOf(client)
  }
  const client = newClient(make)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
  return agentOf(client)
}

async function connectWithOAuth(make: 'auto' | 'legacy' | 'sdk 1.x', url: URL, page: Page): Promise<Agent> {
  const { kept, common } = createMemory()
  if (make === 'sdk 1.x') {
    let tokens: Awaited<ReturnType<OldProvider['tokens']>>
    const authProvider: OldProvider = { ...common, tokens: () => tokens, saveTokens: (saved) => void (tokens = saved) }
    const first = new OldTransport(url, { authProvider })
    await expect(oldClient().connect(first)).rejects.toThrow()
    await first.finishAuth((await authorize(page, kept.goTo)).get('code') ?? '')
    const client = oldClient()
    await client.connect(new OldTransport(url, { authProvider }))
    return agentOf(client)
  }
  let tokens: Awaited<ReturnType<OAuthClientProvider['tokens']>>
  let discovered: OAuthDiscoveryState | undefined
  const authProvider: OAuthClientProvider = {
    ...common,
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    discoveryState: () => discovered,
    saveDiscoveryState: (state) => void (discovered = state),
  }
  const first = new StreamableHTTPClientTransport(url, { authProvider })
  await expect(newClient(make).connect(first)).rejects.toThrow()
  await first.finishAuth(await authorize(page, kept.goTo))
  const client = newClient(make)
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider }))
  return agentOf(client)
}

for (const make of ['auto', 'legacy', 'sdk 1.x'] as const) {
  for (const way of ['a service token', 'OAuth'] as const) {
    test(`client ${make} with ${way} searches, and calls through a credential that it never sees`, async ({
      page,
      baseURL,
    }) => {
      const url = new URL('/mcp', baseURL)
      const { sample } = stackOrigins(baseURL)
      const agent = await (way === 'OAuth' ? connectWithOAuth(make, url, page) : connectWithService(make, url))
      const found = await agent.call('search', { query: 'who am I' })
      expect(found.text).toContain('northwind.account.whoami')

      await fetch(`${sample}/_ledger`, { method: 'DELETE' })
      const answer = await agent.call('execute', {
        code: `const who = await tools.northwind.account.whoami()
               const raw = await tools.northwind.people.list.raw({ per_page: 1 })
               const error = await tools.northwind.people.get({ person_id: "per_999" }).catch((error) => error)
               console.log(raw.headers, error)
               return { who, raw, error }`,
      })
      expect(answer.text).toContain('Northwind Robotics')
      expect(answer.isError).toBe(false)

      const sha256 = createHash('sha256').update(SAMPLE_API_KEY).digest('hex').slice(0, 12)
      const ledger = await (await fetch(`${sample}/_ledger`)).json()
      expect(ledger).toMatchObject([
        { method: 'GET', path: '/me', credentials: [{ placement: 'bearer', sha256 }], status: 200 },
        { method: 'GET', path: '/people', query: { per_page: ['1'] }, credentials: [{ sha256 }], status: 200 },
        { method: 'GET', path: '/people/per_999', credentials: [{ sha256 }], status: 404 },
      ])
      expect(found.whole + answer.whole).not.toContain(SAMPLE_API_KEY)
      await agent.close()
    })
  }
}

test('what goes wrong says what to do next', async ({ baseURL }) => {
  const agent = await connectWithService('auto', new URL('/mcp', baseURL))
  const failing = async (code: string) => {
    const { isError, text } = await agent.call('execute', { code })
    expect(isError).toBe(true)
    return text
  }
  expect(await failing('return tools.northwind.people.list({ per_pag: 1 })')).toContain('did you mean "per_page"?')
  expect(await failing('return tools.northwind.people.lst()')).toContain('Did you mean northwind.people.list?')
  expect(await failing('return tools.northwnd.people.list()')).toContain('Did you mean "northwind"?')
  expect(await failing('return tools["northwind@none"].people.list()')).toMatch(/^connection_unknown: .*northwind@/)
  const held = await agent.call('execute', { code: 'return tools.northwind.people.delete({ person_id: "per_060" })' })
  expect(held.isError).toBe(false)
  expect(held.text).toContain('northwind.people.delete')
  expect(held.text).toContain(`${baseURL}/approvals/apr_`)
  await agent.close()
})

test('a rule that an admin makes holds for the next call of an agent', async ({ page, baseURL }) => {
  const agent = await connectWithService('auto', new URL('/mcp', baseURL))
  const code = 'return (await tools.northwind.teams.list()).length'
  expect((await agent.call('execute', { code })).isError).toBe(false)

  await signIn(page, '/policies?pattern=northwind.teams.*&action=block')
  await page.getByRole('button', { name: 'Add rule' }).click()
  await expect(page.getByRole('link', { name: 'northwind.teams.*' })).toBeVisible()
  expect((await agent.call('execute', { code })).text).toMatch(/^blocked: northwind\.teams\.list may not be used/)
  expect((await agent.call('search', { query: 'list teams' })).text).not.toContain('northwind.teams.')

  await page.getByRole('link', { name: 'northwind.teams.*' }).click()
  await page.getByText('Remove this rule').click()
  await page.getByRole('button', { name: 'Remove rule' }).click()
  await expect(page.getByText('The rule is gone.')).toBeVisible()
  expect((await agent.call('execute', { code })).isError).toBe(false)
  await agent.close()
})

test('a result that is too long to show is read on in the next call', async ({ baseURL }) => {
  const agent = await connectWithService('auto', new URL('/mcp', baseURL))
  const cut = await agent.call('execute', {
    code: 'return Array(4).fill(await tools.northwind.people.list({ per_page: 100 }))',
  })
  const run = /results\.get\("(run_\w+)"\)/.exec(cut.text)?.[1]
  const more = await agent.call('execute', { code: `return (await results.get("${run}")).flat().length` })
  expect(more.text).toBe('240')
  await agent.close()
})
