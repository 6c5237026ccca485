// What the console prints for `add-mcp` is run as it stands, and the official client then uses exactly the files that
// `add-mcp` wrote: through the service token, and through Access's OAuth with a person at a browser.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  Client,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { expect, type Page, test } from '@playwright/test'
import { LOCAL_AGENT, MEMBER } from './local-access/identities.ts'
import { signIn } from './sign-in.ts'

const TOOLS = fileURLToPath(new URL('../node_modules/.bin', import.meta.url))
const AGENTS = ['claude-code', 'cursor', 'vscode', 'codex', 'gemini-cli']
const FILES = ['.mcp.json', '.cursor/mcp.json', '.vscode/mcp.json', '.gemini/settings.json', '.codex/config.toml']
const EXPECTED_TOOLS = ['execute', 'search']

interface Entry {
  url: string
  headers: Record<string, string>
}

/** A home and a project of its own, so that no agent of this machine is touched. */
let folder = ''

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'add-mcp-'))
  for (const name of ['home', 'project']) await mkdir(join(folder, name))
})

test.afterEach(async () => {
  // A skipped test made none.
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

async function printedCommand(page: Page, address: string): Promise<string> {
  await signIn(page, address, MEMBER)
  const command = await page.locator('pre').filter({ hasText: 'npx add-mcp' }).first().textContent()
  return command?.trim() ?? ''
}

/** The command as it stands in a shell, except that `npx` finds the pinned version, and that nobody is asked anything. */
async function runInShell(command: string): Promise<void> {
  const answers = ['-y', ...AGENTS.flatMap((agent) => ['-a', agent])].join(' ')
  const env = {
    ...process.env,
    PATH: [TOOLS, process.env.PATH].join(delimiter),
    HOME: join(folder, 'home'),
    XDG_CONFIG_HOME: join(folder, 'home/.config'),
    CF_ACCESS_CLIENT_ID: LOCAL_AGENT.id,
    CF_ACCESS_CLIENT_SECRET: LOCAL_AGENT.secret,
  }
  const script = `npx() { "$@" ${answers}; }\n${command}`
  await promisify(execFile)('sh', ['-c', script], { cwd: join(folder, 'project'), env })
}

/** The entry `executor` of an agent's file, in whichever shape that agent reads. */
async function readEntry(file: string): Promise<Entry> {
  const text = await readFile(join(folder, 'project', file), 'utf8')
  if (file.endsWith('.toml')) {
    const lines = [...text.matchAll(/^\s*([\w-]+) = ["'](.*)["']$/gm)].map(([, name = '', value = '']) => [name, value])
    const { url = '', type, ...headers }: Record<string, string> = Object.fromEntries(lines)
    expect(type).toBe('http')
    return { url, headers }
  }
  const config: Record<string, Record<string, Partial<Entry>>> = JSON.parse(text)
  const { url = '', headers = {} } = (config.mcpServers ?? config.servers)?.executor ?? {}
  return { url, headers }
}

async function listTools({ url, headers }: Entry, authProvider?: OAuthClientProvider): Promise<string[]> {
  const client = new Client({ name: 'add-mcp-e2e', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const options = { requestInit: { headers }, ...(authProvider && { authProvider }) }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options))
  try {
    const { tools } = await client.listTools()
    return tools.map(({ name }) => name).sort()
  } finally {
    await client.close()
  }
}

test('every file that add-mcp writes from the printed command connects through the service token', async ({
  page,
  baseURL,
}) => {
  const command = await printedCommand(page, '/connect?sign-in=service-token')
  expect(command).not.toContain(LOCAL_AGENT.secret)
  await runInShell(command)
  for (const file of FILES) {
    const entry = await readEntry(file)
    expect(entry).toEqual({
      url: `${baseURL}/mcp`,
      headers: { 'CF-Access-Client-Id': LOCAL_AGENT.id, 'CF-Access-Client-Secret': LOCAL_AGENT.secret },
    })
    expect(await listTools(entry), file).toEqual(expect.arrayContaining(EXPECTED_TOOLS))
  }
})

/** As much of an agent as signing in takes: it remembers, and listens for the browser to come back. */
async function startAgent() {
  const kept: {
    verifier?: string
    client?: StoredOAuthClientInformation
    tokens?: StoredOAuthTokens
    goTo?: URL
    state?: ReturnType<NonNullable<OAuthClientProvider['discoveryState']>>
  } = {}
  const callback = createServer((_request, response) => response.end('You can close this window.'))
  await once(callback.listen(0, '127.0.0.1'), 'listening')
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, callback.address())
  const redirectUrl = `http://127.0.0.1:${port}/callback`
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { redirect_uris: [redirectUrl], client_name: 'An agent', token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    redirectToAuthorization: (url) => void (kept.goTo = url),
    saveCodeVerifier: (value) => void (kept.verifier = value),
    codeVerifier: () => kept.verifier ?? '',
    saveDiscoveryState: (state) => void (kept.state = state),
    discoveryState: () => kept.state,
  }
  return { provider, kept, redirectUrl, stop: () => callback.close() }
}

test('the file that add-mcp writes from the printed command connects a person through OAuth, without headers', async ({
  page,
}) => {
  await runInShell(await printedCommand(page, '/connect'))
  const entries = await Promise.all(FILES.map(readEntry))
  for (const entry of entries) expect(entry).toEqual({ url: entries[0]?.url, headers: {} })
  const [entry] = entries
  if (!entry) throw new Error('add-mcp wrote nothing')

  const agent = await startAgent()
  try {
    await expect(listTools(entry, agent.provider)).rejects.toThrow(UnauthorizedError)
    await page.goto(agent.kept.goTo?.href ?? '')
    await expect(page.getByText(MEMBER.email)).toBeVisible()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${agent.redirectUrl}?**`)
    const transport = new StreamableHTTPClientTransport(new URL(entry.url), { authProvider: agent.provider })
    await transport.finishAuth(new URL(page.url()).searchParams)
    expect(agent.kept.tokens?.access_token).toMatch(/^oauth:/)
    for (const each of entries) {
      expect(await listTools(each, agent.provider)).toEqual(expect.arrayContaining(EXPECTED_TOOLS))
    }
  } finally {
    agent.stop()
  }
})
