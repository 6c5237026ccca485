// Servers that speak over the input and output of a program. A Worker starts no programs, so what is recognised here is
// refused, with what makes such a server reachable.
import { isRecord, own, ownEntries, ownList, ownText, shorten } from '../json-value.ts'
import { readJson } from '../read-json.ts'

const LAUNCHERS =
  /^(?:\$\s*)?(?:[A-Z_][A-Z0-9_]*=\S*\s+)*(?:npx|bunx|uvx|pipx\s+run|pnpm\s+dlx|yarn\s+dlx|bun\s+x|deno\s+run|docker\s+run|podman\s+run|uv\s+run|node\s+\S+|python3?\s+\S+)(?:\s|$)/
const MAX_COMMAND = 300
/** What stands for a value that may be a secret, which nobody needs to read again. */
const HIDDEN = '…'

export interface StdioServer {
  /** Without values of environment variables. */
  command: string
  message: string
}

/** What was pasted when it starts a program: a command line, or the configuration of a client. Null for anything else. */
export function stdioServer(pasted: string): StdioServer | null {
  const text = pasted.trim()
  const command = text.startsWith('{') ? commandOfConfiguration(text) : commandOfLine(text)
  return command === null ? null : { command, message: adviceFor(command) }
}

function commandOfLine(text: string): string | null {
  const line = text.replaceAll(/\\\r?\n\s*/g, ' ')
  if (/\r?\n/.test(line) || !LAUNCHERS.test(line)) return null
  return hidden(line.replace(/^\$\s*/, ''))
}

/** `{ "mcpServers": { "name": { "command": "npx", "args": [] } } }`, `{ "servers": … }`, or one server of those. */
function serversIn(text: string): { server: unknown; isNamed: boolean }[] {
  const read = readJson(text)
  if (!read.ok) return []
  const named = ['mcpServers', 'servers', 'context_servers'].flatMap((key) => ownEntries(read.value, key))
  return [...named.map(([, server]) => ({ server, isNamed: true })), { server: read.value, isNamed: false }]
}

/**
 * The address that was pasted in the configuration of a client, or in a command that only passes on what an address says:
 * `npx mcp-remote https://…`. Null for anything else.
 */
export function remoteServer(pasted: string): string | null {
  const text = pasted.trim()
  if (!text.startsWith('{')) return LAUNCHERS.test(text) ? bridgedBy(text) : null
  for (const { server, isNamed } of serversIn(text)) {
    const urls = ['url', 'serverUrl', 'httpUrl'].map((key) => ownText(server, key))
    const url = urls.find((each) => /^https?:/i.test(each))
    // Many a document has a URL. What stands alone has to say that it is a server.
    if (url !== undefined && (isNamed || /^(?:http|sse|streamable-?http)$/i.test(ownText(server, 'type')))) return url
    const bridged = bridgedBy([ownText(server, 'command'), ...ownList(server, 'args')].join(' '))
    if (bridged !== null) return bridged
  }
  return null
}

function bridgedBy(command: string): string | null {
  return /\bmcp-remote(?:@\S+)?\s.*?(https?:\/\/[^\s"']+)/.exec(command)?.[1] ?? null
}

function commandOfConfiguration(text: string): string | null {
  for (const { server } of serversIn(text)) {
    const command = ownText(server, 'command')
    if (isRecord(server) && command && own(server, 'url') === undefined) {
      const words = [command, ...ownList(server, 'args').map(String)]
      return hidden(words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' '))
    }
  }
  return null
}

/** `TOKEN=abc npx …`, `docker run -e TOKEN=abc`, `--api-key abc`, `--header "Authorization: Bearer abc"` */
function hidden(command: string): string {
  const text = command
    .replaceAll(/\b([A-Z][A-Z0-9_]*)=("[^"]*"|'[^']*'|\S+)/g, `$1=${HIDDEN}`)
    .replaceAll(
      /(--?[\w-]*(?:key|token|secret|password|header|auth)[\w-]*)(?:=|\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/gi,
      `$1 ${HIDDEN}`,
    )
  return shorten(text, MAX_COMMAND)
}

function adviceFor(command: string): string {
  const quoted = command.replaceAll(/(["\\$`])/g, '\\$1')
  return [
    'This server speaks over the input and output of a program, and a Worker cannot run programs.',
    'Many makers also have an address for it: use that one if there is.',
    'Otherwise run it on a machine of yours behind a bridge, which gives it an address that ends in /mcp:',
    `npx -y supergateway --stdio "${quoted}" --outputTransport streamableHttp --stateful --port 8000`,
    '(with uv: uvx mcp-proxy --port 8000, and the command behind it). Then publish the bridge, behind Access, with a Cloudflare Tunnel, and give its address.',
  ].join('\n')
}
