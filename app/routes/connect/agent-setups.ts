// How to connect each agent: the exact command or file, for one deployment and one way to sign in, and what the agent
// cannot do. Checked against the clients' own documentation in November 2026; `add-mcp` writes the same formats.
import {
  headersFrom,
  ID_HEADER,
  ID_VARIABLE,
  jsonFile,
  SAMPLE_ID,
  SAMPLE_SECRET,
  SECRET_HEADER,
  SECRET_VARIABLE,
  shellQuote,
  type Snippet,
  terminal,
  tomlString,
  withHeaderOptions,
} from './snippet.ts'

/** `oauth`: a person signs in through Access. `service-token`: a program sends the two headers of a service token. */
export type SignIn = 'oauth' | 'service-token'

export interface AgentSetup {
  /** Fragment of the page, for example `claude-code`. */
  id: string
  name: string
  /** Why this way does not work for it, or not everywhere, and what does instead. */
  limit?: string
  /** What to do before the first snippet. */
  first?: string
  /** A link that adds Executor in the client itself. */
  install?: { label: string; href: string }
  snippets: Snippet[]
  /** What to do after the last snippet. */
  next: string
  /** Where Access has to be allowed to send people back to, beyond localhost and loopback. */
  redirectUris?: string[]
  note?: string
}

/** Every agent's setup. `origin` is the deployment's own, for example `https://executor.example.com`. */
export function agentSetups(origin: string, signIn: SignIn): AgentSetup[] {
  const url = new URL('/mcp', origin).href
  return [claudeCode, claude, cursor, vsCode, codex, geminiCli, chatGpt, addMcp].map((setup) => setup(url, signIn))
}

const WITH_VARIABLES = 'from a shell that has the two variables'

function claudeCode(url: string, signIn: SignIn): AgentSetup {
  const command = `claude mcp add --transport http executor ${shellQuote(url)}`
  const agent = { id: 'claude-code', name: 'Claude Code' }
  if (signIn === 'oauth') {
    return { ...agent, snippets: [terminal(command)], next: 'Start claude, type /mcp, choose executor and sign in.' }
  }
  return {
    ...agent,
    snippets: [terminal(withHeaderOptions(command))],
    next: 'Start claude and type /mcp: executor is connected.',
    note: 'The shell fills the variables in, and Claude Code keeps their values in ~/.claude.json.',
  }
}

function claude(url: string, signIn: SignIn): AgentSetup {
  const agent = { id: 'claude', name: 'Claude (web, desktop, phone)' }
  if (signIn === 'oauth') {
    return {
      ...agent,
      first:
        'In Claude: Settings > Connectors > Add custom connector. Name it Executor, give it this address, and leave client id and secret empty.',
      snippets: [{ language: 'text', caption: 'Address of the connector', text: url }],
      next: 'Choose Connect and sign in. What you add on the web is there on the phone too; in a team an owner adds it first.',
      redirectUris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
      note: 'The requests come from Anthropic’s servers, so no Access policy may ask for a network or a device that those do not have.',
    }
  }
  const args = ['-y', 'mcp-remote', url]
  const headers = headersFrom((variable) => `\${${variable}}`)
  // No space after the colon: on Windows arguments with spaces arrive broken.
  for (const [name, value] of Object.entries(headers)) args.push('--header', `${name}:${value}`)
  const env = { [ID_VARIABLE]: SAMPLE_ID, [SECRET_VARIABLE]: SAMPLE_SECRET }
  return {
    ...agent,
    limit:
      'Connectors sign in as a person; they do not send the headers of a service token. Claude Desktop can, through a bridge on the same machine:',
    snippets: [
      jsonFile('claude_desktop_config.json (Settings > Developer > Edit Config)', {
        mcpServers: { executor: { command: 'npx', args, env } },
      }),
    ],
    next: 'Write both values into the file, since a desktop application does not see your shell. Then quit Claude Desktop and start it again.',
  }
}

function cursor(url: string, signIn: SignIn): AgentSetup {
  const server = signIn === 'oauth' ? { url } : { url, headers: headersFrom((variable) => `\${env:${variable}}`) }
  const install = new URLSearchParams({ name: 'executor', config: btoa(JSON.stringify(server)) })
  const agent = {
    id: 'cursor',
    name: 'Cursor',
    install: { label: 'Add to Cursor', href: `cursor://anysphere.cursor-deeplink/mcp/install?${install}` },
    snippets: [
      jsonFile('.cursor/mcp.json, or ~/.cursor/mcp.json for every project', { mcpServers: { executor: server } }),
    ],
  }
  if (signIn === 'oauth') {
    return {
      ...agent,
      next: 'Open the MCP settings in Cursor and choose Connect.',
      redirectUris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
      ],
      note: 'The first address is that of older versions, the second that of agents in the cloud; newer versions come back to localhost.',
    }
  }
  return {
    ...agent,
    next: `Start Cursor ${WITH_VARIABLES}.`,
    note: 'Cursor signs in wherever a server offers it, and then leaves the headers out: while Managed OAuth is on it may ask you to sign in.',
  }
}

function vsCode(url: string, signIn: SignIn): AgentSetup {
  const inputs = [
    { type: 'promptString', id: 'access-client-id', description: 'Access client id' },
    { type: 'promptString', id: 'access-client-secret', description: 'Access client secret', password: true },
  ]
  const headers = { [ID_HEADER]: '${input:access-client-id}', [SECRET_HEADER]: '${input:access-client-secret}' }
  const isOAuth = signIn === 'oauth'
  const server = { type: 'http', url, ...(!isOAuth && { headers }) }
  const prompts = isOAuth ? {} : { inputs }
  const install = encodeURIComponent(JSON.stringify({ name: 'executor', ...server, ...prompts }))
  return {
    id: 'vs-code',
    name: 'VS Code',
    install: { label: 'Add to VS Code', href: `vscode:mcp/install?${install}` },
    snippets: [
      jsonFile('.vscode/mcp.json, or MCP: Open User Configuration for every project', {
        ...prompts,
        servers: { executor: server },
      }),
    ],
    ...(isOAuth
      ? {
          next: 'Choose Start above the entry and sign in.',
          redirectUris: ['https://vscode.dev/redirect', 'https://insiders.vscode.dev/redirect'],
        }
      : { next: 'Choose Start above the entry. VS Code asks for both values once and stores them encrypted.' }),
  }
}

function codex(url: string, signIn: SignIn): AgentSetup {
  const agent = { id: 'codex', name: 'Codex' }
  if (signIn === 'oauth') {
    return {
      ...agent,
      snippets: [terminal(`codex mcp add executor --url ${shellQuote(url)}`, 'codex mcp login executor')],
      next: 'Start codex and type /mcp: executor is connected. The editor extension and the desktop application use the same entry.',
    }
  }
  const pairs = Object.entries(headersFrom((variable) => variable))
  const headers = pairs.map(([name, variable]) => `${tomlString(name)} = ${tomlString(variable)}`).join(', ')
  const lines = ['[mcp_servers.executor]', `url = ${tomlString(url)}`, `env_http_headers = { ${headers} }`]
  return {
    ...agent,
    snippets: [{ language: 'toml', caption: '~/.codex/config.toml', text: lines.join('\n') }],
    next: `Start codex ${WITH_VARIABLES}.`,
  }
}

function geminiCli(url: string, signIn: SignIn): AgentSetup {
  const agent = { id: 'gemini-cli', name: 'Gemini CLI' }
  if (signIn === 'oauth') {
    return {
      ...agent,
      snippets: [terminal(`gemini mcp add --scope user --transport http executor ${shellQuote(url)}`)],
      next: 'Start gemini and type /mcp auth executor.',
    }
  }
  const headers = headersFrom((variable) => `$${variable}`)
  return {
    ...agent,
    snippets: [
      jsonFile('~/.gemini/settings.json, or .gemini/settings.json of a project', {
        mcpServers: { executor: { httpUrl: url, headers } },
      }),
    ],
    next: `Start gemini ${WITH_VARIABLES}.`,
  }
}

function chatGpt(url: string, signIn: SignIn): AgentSetup {
  const agent = { id: 'chatgpt', name: 'ChatGPT' }
  if (signIn === 'oauth') {
    return {
      ...agent,
      first:
        'In ChatGPT: Settings > Apps > Advanced settings > Developer mode, then Create app. Name it Executor, give it this address, and choose OAuth without a client id.',
      snippets: [{ language: 'text', caption: 'MCP server URL', text: url }],
      next: 'Save and sign in. In a workspace an admin allows developer mode first; some plans say Connectors for Apps.',
      redirectUris: ['https://chatgpt.com/connector/oauth/*', 'https://chatgpt.com/connector_platform_oauth_redirect'],
      note: 'ChatGPT shows the redirect URI of your app while it is made: allow the one you see. The requests come from OpenAI’s servers.',
    }
  }
  const headers = { [ID_HEADER]: SAMPLE_ID, [SECRET_HEADER]: SAMPLE_SECRET }
  return {
    ...agent,
    limit: 'ChatGPT signs in as a person; it does not send headers of yours. A program on OpenAI’s API does:',
    snippets: [
      jsonFile('In the tools of a request to the Responses API', {
        type: 'mcp',
        server_label: 'executor',
        server_url: url,
        headers,
        require_approval: 'never',
      }),
    ],
    next: 'Executor’s own policies still ask a person where they say so.',
  }
}

function addMcp(url: string, signIn: SignIn): AgentSetup {
  const command = `npx add-mcp ${shellQuote(url)} --name executor`
  return {
    id: 'add-mcp',
    name: 'Any other agent, with add-mcp',
    snippets: [terminal(signIn === 'oauth' ? command : withHeaderOptions(command))],
    next: 'It finds the agents on your machine and writes the file of each one you choose.',
    ...(signIn === 'service-token' && {
      note: 'The shell fills the variables in, and the values are written into the files: keep those out of version control.',
    }),
  }
}
