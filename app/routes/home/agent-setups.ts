// How to connect each agent: the exact command or file, for one deployment and one way to sign in.
// Formats checked against the clients' own documentation; `add-mcp` writes the same ones.

/** `oauth`: a person signs in through Access. `service-token`: a program sends the two headers of a service token. */
export type SignIn = 'oauth' | 'service-token'

export interface AgentSetup {
  /** Fragment of the page, for example `claude-code`. */
  id: string
  name: string
  steps: { caption: string; text: string }[]
  /** What to do after the last step. */
  next: string
}

const ID_HEADER = 'CF-Access-Client-Id'
const SECRET_HEADER = 'CF-Access-Client-Secret'
const ID_VARIABLE = 'CF_ACCESS_CLIENT_ID'
const SECRET_VARIABLE = 'CF_ACCESS_CLIENT_SECRET'

/** The service token as environment variables, so that no secret is written into a command or a file. */
export function serviceTokenVariables(): string {
  return [
    `export ${ID_VARIABLE}=${shellQuote('<client id>.access')}`,
    `export ${SECRET_VARIABLE}=${shellQuote('<client secret>')}`,
  ].join('\n')
}

/** Every agent's setup. `origin` is the deployment's own, for example `https://executor.example.com`. */
export function agentSetups(origin: string, signIn: SignIn): AgentSetup[] {
  const url = new URL('/mcp', origin).href
  return [claudeCode(url, signIn), cursor(url, signIn), vsCode(url, signIn), codex(url, signIn), addMcp(url, signIn)]
}

function claudeCode(url: string, signIn: SignIn): AgentSetup {
  const command = `claude mcp add --transport http executor ${shellQuote(url)}`
  return {
    id: 'claude-code',
    name: 'Claude Code',
    steps: [{ caption: 'In a terminal', text: signIn === 'oauth' ? command : withHeaders(command) }],
    next:
      signIn === 'oauth' ? 'Start claude, type /mcp, choose executor and sign in.' : 'Start claude and ask for a tool.',
  }
}

function cursor(url: string, signIn: SignIn): AgentSetup {
  const headers = { [ID_HEADER]: `\${env:${ID_VARIABLE}}`, [SECRET_HEADER]: `\${env:${SECRET_VARIABLE}}` }
  return {
    id: 'cursor',
    name: 'Cursor',
    steps: [
      {
        caption: '.cursor/mcp.json, or ~/.cursor/mcp.json for every project',
        text: json({ mcpServers: { executor: signIn === 'oauth' ? { url } : { url, headers } } }),
      },
    ],
    next:
      signIn === 'oauth'
        ? 'Open the MCP settings in Cursor and choose Connect.'
        : 'Start Cursor from a shell that has the two variables.',
  }
}

function vsCode(url: string, signIn: SignIn): AgentSetup {
  const inputs = [
    { type: 'promptString', id: 'access-client-id', description: 'Access client id' },
    { type: 'promptString', id: 'access-client-secret', description: 'Access client secret', password: true },
  ]
  const headers = { [ID_HEADER]: '${input:access-client-id}', [SECRET_HEADER]: '${input:access-client-secret}' }
  const server = { type: 'http', url }
  return {
    id: 'vs-code',
    name: 'VS Code',
    steps: [
      {
        caption: '.vscode/mcp.json',
        text: json(
          signIn === 'oauth'
            ? { servers: { executor: server } }
            : { inputs, servers: { executor: { ...server, headers } } },
        ),
      },
    ],
    next:
      signIn === 'oauth'
        ? 'Choose Start above the entry and sign in.'
        : 'Choose Start above the entry. VS Code asks for both values once and stores them.',
  }
}

function codex(url: string, signIn: SignIn): AgentSetup {
  if (signIn === 'oauth') {
    const add = `codex mcp add executor --url ${shellQuote(url)}`
    return {
      id: 'codex',
      name: 'Codex',
      steps: [{ caption: 'In a terminal', text: `${add}\ncodex mcp login executor` }],
      next: 'Start codex and ask for a tool.',
    }
  }
  const headers = `{ ${quoted(ID_HEADER)} = ${quoted(ID_VARIABLE)}, ${quoted(SECRET_HEADER)} = ${quoted(SECRET_VARIABLE)} }`
  return {
    id: 'codex',
    name: 'Codex',
    steps: [
      {
        caption: '~/.codex/config.toml',
        text: `[mcp_servers.executor]\nurl = ${quoted(url)}\nenv_http_headers = ${headers}`,
      },
    ],
    next: 'Start codex from a shell that has the two variables.',
  }
}

function addMcp(url: string, signIn: SignIn): AgentSetup {
  const command = `npx add-mcp ${shellQuote(url)} --name executor`
  return {
    id: 'add-mcp',
    name: 'Any other agent, with add-mcp',
    steps: [{ caption: 'In a terminal', text: signIn === 'oauth' ? command : withHeaders(command) }],
    next: 'It finds the agents on your machine and writes the file of each one you choose.',
  }
}

/** Double quotes: the shell fills the variables in. Header options come last, because some clients read on until the next option. */
function withHeaders(command: string): string {
  return [
    `${command} \\`,
    `  --header "${ID_HEADER}: $${ID_VARIABLE}" \\`,
    `  --header "${SECRET_HEADER}: $${SECRET_VARIABLE}"`,
  ].join('\n')
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

/** A TOML basic string: its escapes are those of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

/** `text` as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
