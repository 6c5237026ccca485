import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { agentSetups, serviceTokenVariables, shellQuote, type SignIn } from './agent-setups.ts'

const ORIGIN = 'https://executor.example.com'

function setup(id: string, signIn: SignIn, origin = ORIGIN): string {
  const found = agentSetups(origin, signIn).find((agent) => agent.id === id)
  return found?.steps.map((step) => step.text).join('\n') ?? ''
}

/** What a program is started with when `script` runs in a shell where it only prints its arguments, one a line. */
function argumentsIn(script: string, variables: Record<string, string> = {}): string[] {
  const shell = `show() { for each in "$@"; do printf '%s\\n' "$each"; done; }\n${script.replaceAll(/^(claude|npx|codex)/gm, 'show')}`
  return execFileSync('sh', ['-c', shell], { env: variables, encoding: 'utf8' }).trimEnd().split('\n')
}

const TOKEN = { CF_ACCESS_CLIENT_ID: 'ci.access', CF_ACCESS_CLIENT_SECRET: 'a "quoted" $ecret' }
const HEADERS = ['--header', 'CF-Access-Client-Id: ci.access', '--header', 'CF-Access-Client-Secret: a "quoted" $ecret']

test('every agent has a setup for both ways to sign in, with the address of this deployment', () => {
  for (const signIn of ['oauth', 'service-token'] as const) {
    const agents = agentSetups(ORIGIN, signIn)
    expect(agents.map((agent) => agent.id)).toEqual(['claude-code', 'cursor', 'vs-code', 'codex', 'add-mcp'])
    for (const agent of agents) expect(JSON.stringify(agent.steps)).toContain('https://executor.example.com/mcp')
  }
})

test('signing in with Access needs no headers', () => {
  expect(JSON.stringify(agentSetups(ORIGIN, 'oauth'))).not.toContain('CF-Access')
})

test('the commands pass the address and the headers as whole arguments', () => {
  const mcp = `${ORIGIN}/mcp`
  expect(argumentsIn(setup('claude-code', 'oauth'))).toEqual(['mcp', 'add', '--transport', 'http', 'executor', mcp])
  expect(argumentsIn(setup('claude-code', 'service-token'), TOKEN)).toEqual(
    ['mcp', 'add', '--transport', 'http', 'executor', mcp].concat(HEADERS),
  )
  expect(argumentsIn(setup('add-mcp', 'service-token'), TOKEN)).toEqual(
    ['add-mcp', mcp, '--name', 'executor'].concat(HEADERS),
  )
  expect(argumentsIn(setup('codex', 'oauth'))).toEqual([
    'mcp',
    'add',
    'executor',
    '--url',
    mcp,
    'mcp',
    'login',
    'executor',
  ])
})

test('the files are JSON of the shape that each editor reads', () => {
  const url = `${ORIGIN}/mcp`
  expect(JSON.parse(setup('cursor', 'oauth'))).toEqual({ mcpServers: { executor: { url } } })
  expect(JSON.parse(setup('cursor', 'service-token'))).toMatchObject({
    mcpServers: { executor: { headers: { 'CF-Access-Client-Id': '${env:CF_ACCESS_CLIENT_ID}' } } },
  })
  expect(JSON.parse(setup('vs-code', 'oauth'))).toEqual({ servers: { executor: { type: 'http', url } } })
  const { inputs, servers } = JSON.parse(setup('vs-code', 'service-token'))
  expect(inputs.map((input: { id: string }) => `\${input:${input.id}}`)).toEqual(
    Object.values(servers.executor.headers),
  )
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
