import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { agentSetups, type AgentSetup, type SignIn } from './agent-setups.ts'
import { serviceTokenVariables, shellQuote } from './snippet.ts'

const ORIGIN = 'https://executor.example.com'
const MCP = `${ORIGIN}/mcp`
const IDS = ['claude-code', 'claude', 'cursor', 'vs-code', 'codex', 'gemini-cli', 'chatgpt', 'add-mcp']
const WAYS = ['oauth', 'service-token'] as const

function setup(id: string, signIn: SignIn): AgentSetup {
  const found = agentSetups(ORIGIN, signIn).find((agent) => agent.id === id)
  if (!found) throw new Error(`no setup for ${id}`)
  return found
}

const textOf = (id: string, signIn: SignIn) =>
  setup(id, signIn)
    .snippets.map(({ text }) => text)
    .join('\n')
const jsonOf = (id: string, signIn: SignIn) => JSON.parse(textOf(id, signIn))

/** What a program is started with when `script` runs in a shell where it only prints its arguments, one a line. */
function argumentsIn(script: string, variables: Record<string, string> = {}): string[] {
  const programs = /^(claude|npx|codex|gemini)/gm
  const shell = `show() { for each in "$@"; do printf '%s\\n' "$each"; done; }\n${script.replaceAll(programs, 'show')}`
  return execFileSync('sh', ['-c', shell], { env: variables, encoding: 'utf8' }).trimEnd().split('\n')
}

const TOKEN = { CF_ACCESS_CLIENT_ID: 'ci.access', CF_ACCESS_CLIENT_SECRET: 'a "quoted" $ecret' }
const HEADERS = ['--header', 'CF-Access-Client-Id: ci.access', '--header', 'CF-Access-Client-Secret: a "quoted" $ecret']

test('every agent has a setup for both ways to sign in, with the address of this deployment in every snippet', () => {
  for (const signIn of WAYS) {
    const agents = agentSetups(ORIGIN, signIn)
    expect(agents.map((agent) => agent.id)).toEqual(IDS)
    for (const { snippets } of agents) {
      expect(snippets.length).toBeGreaterThan(0)
      for (const { text } of snippets) expect(text).toContain(MCP)
    }
  }
})

test('signing in with Access needs no headers, and no secret stands in what is printed', () => {
  expect(JSON.stringify(agentSetups(ORIGIN, 'oauth'))).not.toContain('CF-Access')
  for (const { text } of agentSetups(ORIGIN, 'service-token').flatMap(({ snippets }) => snippets)) {
    expect(text).toMatch(/CF-Access-Client-Id[\s\S]*CF-Access-Client-Secret/)
  }
})

test('the commands pass the address and the headers as whole arguments', () => {
  const claude = ['mcp', 'add', '--transport', 'http', 'executor', MCP]
  expect(argumentsIn(textOf('claude-code', 'oauth'))).toEqual(claude)
  expect(argumentsIn(textOf('claude-code', 'service-token'), TOKEN)).toEqual(claude.concat(HEADERS))
  const addMcp = ['add-mcp', MCP, '--name', 'executor']
  expect(argumentsIn(textOf('add-mcp', 'oauth'))).toEqual(addMcp)
  expect(argumentsIn(textOf('add-mcp', 'service-token'), TOKEN)).toEqual(addMcp.concat(HEADERS))
  const codex = ['mcp', 'add', 'executor', '--url', MCP, 'mcp', 'login', 'executor']
  expect(argumentsIn(textOf('codex', 'oauth'))).toEqual(codex)
  const gemini = ['mcp', 'add', '--scope', 'user', '--transport', 'http', 'executor', MCP]
  expect(argumentsIn(textOf('gemini-cli', 'oauth'))).toEqual(gemini)
})

test('the files are of the shape that each agent reads', () => {
  expect(jsonOf('cursor', 'oauth')).toEqual({ mcpServers: { executor: { url: MCP } } })
  expect(jsonOf('cursor', 'service-token').mcpServers.executor.headers).toEqual({
    'CF-Access-Client-Id': '${env:CF_ACCESS_CLIENT_ID}',
    'CF-Access-Client-Secret': '${env:CF_ACCESS_CLIENT_SECRET}',
  })
  expect(jsonOf('vs-code', 'oauth')).toEqual({ servers: { executor: { type: 'http', url: MCP } } })
  const { inputs, servers } = jsonOf('vs-code', 'service-token')
  expect(inputs.map((input: { id: string }) => `\${input:${input.id}}`)).toEqual(
    Object.values(servers.executor.headers),
  )
  expect(jsonOf('gemini-cli', 'service-token')).toEqual({
    mcpServers: {
      executor: {
        httpUrl: MCP,
        headers: {
          'CF-Access-Client-Id': '$CF_ACCESS_CLIENT_ID',
          'CF-Access-Client-Secret': '$CF_ACCESS_CLIENT_SECRET',
        },
      },
    },
  })
  expect(textOf('codex', 'service-token').split('\n')).toEqual([
    '[mcp_servers.executor]',
    `url = "${MCP}"`,
    'env_http_headers = { "CF-Access-Client-Id" = "CF_ACCESS_CLIENT_ID", "CF-Access-Client-Secret" = "CF_ACCESS_CLIENT_SECRET" }',
  ])
})

test('the bridge of Claude Desktop fills both values in, and no argument has a space', () => {
  const { args, env } = jsonOf('claude', 'service-token').mcpServers.executor
  expect(args.slice(0, 3)).toEqual(['-y', 'mcp-remote', MCP])
  for (const argument of args) expect(argument).not.toContain(' ')
  for (const variable of Object.keys(env)) expect(args.join(' ')).toContain(`:\${${variable}}`)
})

test('the install links carry the same entry as the files', () => {
  for (const signIn of WAYS) {
    const cursor = new URL(setup('cursor', signIn).install?.href ?? '')
    expect([cursor.protocol, cursor.host, cursor.pathname]).toEqual([
      'cursor:',
      'anysphere.cursor-deeplink',
      '/mcp/install',
    ])
    expect(cursor.searchParams.get('name')).toBe('executor')
    const entry = JSON.parse(atob(cursor.searchParams.get('config') ?? ''))
    expect({ mcpServers: { executor: entry } }).toEqual(jsonOf('cursor', signIn))

    const [address, query = ''] = (setup('vs-code', signIn).install?.href ?? '').split('?')
    expect(address).toBe('vscode:mcp/install')
    const { name, inputs, ...server } = JSON.parse(decodeURIComponent(query))
    expect({ ...(inputs && { inputs }), servers: { [name]: server } }).toEqual(jsonOf('vs-code', signIn))
  }
})

test('agents that send no headers say so and what does instead; hosted ones name where they come back to', () => {
  for (const id of ['claude', 'chatgpt']) {
    expect(setup(id, 'service-token').limit).toMatch(/do(es)? not send/)
    expect(setup(id, 'oauth').redirectUris?.every((uri) => uri.startsWith('https://'))).toBe(true)
  }
})

test('the service token is set as environment variables', () => {
  const script = `${serviceTokenVariables()}\nprintf '%s\\n' "$CF_ACCESS_CLIENT_ID" "$CF_ACCESS_CLIENT_SECRET"`
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe('<client id>.access\n<client secret>\n')
})

test('a shell reads a quoted word back unchanged', () => {
  for (const word of ["it's", '$(id)', 'a b', '`x`', 'a\nb', '!!', '', "'", '\\']) {
    expect(execFileSync('sh', ['-c', `printf '%s|' ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(`${word}|`)
  }
})
