// What a client says about itself: with every request since 2026-07-28, before that in `initialize` alone. All of it is
// the client's own word, kept short and without characters that are not seen.
import { CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server'

export interface Introduction {
  name: string
  version: string
  /** Revision of MCP that the client asks for; empty when it names none. */
  protocol: string
}

/** Where the protocol puts what belongs to it and not to the method. */
const META = '_meta'
const LONGEST = { name: 80, version: 40, protocol: 20, userAgent: 200 }

/** `body` is the JSON of a request to `/mcp`: one message, or an older client's batch of them. */
export function introductionOf(body: unknown): Introduction | undefined {
  for (const message of Array.isArray(body) ? body.slice(0, 10) : [body]) {
    const params = fieldsOf(fieldsOf(message).params)
    const meta = fieldsOf(params[META])
    const said =
      fieldsOf(message).method === 'initialize'
        ? introduce(params.clientInfo, params.protocolVersion)
        : introduce(meta[CLIENT_INFO_META_KEY], meta[PROTOCOL_VERSION_META_KEY])
    if (said) return said
  }
  return undefined
}

export function shownUserAgent(headers: Headers): string {
  return plainText(headers.get('user-agent'), LONGEST.userAgent)
}

function introduce(client: unknown, protocol: unknown): Introduction | undefined {
  const { name, version } = fieldsOf(client)
  const shownName = plainText(name, LONGEST.name)
  if (shownName === '') return undefined
  return {
    name: shownName,
    version: plainText(version, LONGEST.version),
    protocol: plainText(protocol, LONGEST.protocol),
  }
}

/**
 * One line of text that looks like what it is: control and format characters (those that turn the direction of writing
 * around are among them), private and unassigned ones and halves of characters become spaces.
 */
function plainText(value: unknown, longest: number): string {
  if (typeof value !== 'string') return ''
  // Only the beginning can be shown, so only the beginning is read.
  const line = value
    .slice(0, 4 * longest)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return Array.from(line).slice(0, longest).join('').trim()
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
