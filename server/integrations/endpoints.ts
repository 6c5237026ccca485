// Endpoints that describe themselves: how one is recognised, and how what it says of itself becomes a document.
import type { AuthMethod, EndpointProtocol } from '../../drizzle/shapes.ts'
import type { Fetch } from './adapter.ts'
import { AUTH_METHODS } from './graphql/auth-methods.ts'
import { introspect } from './graphql/introspect.ts'
import { probeGraphQl } from './graphql/probe.ts'
import { authMethodsOf } from './mcp/auth-methods.ts'
import { probeMcp } from './mcp/probe.ts'
import { readServer } from './mcp/read-server.ts'

export interface FoundEndpoint {
  protocol: EndpointProtocol
  url: string
  needsCredential: boolean
  /** Null while it wants a credential first. */
  describesItself: boolean | null
  /** That strangers are refused there is all that speaks for it. */
  isGuess?: true
}

export type EndpointDocument =
  | { ok: true; bytes: Uint8Array }
  /** `needs_credential`: it says it to those who are signed in. */
  | { ok: false; code: string; message: string }

export interface Describing {
  protocol: EndpointProtocol
  /** As people know it. */
  name: string
  /** What it says of itself, in a sentence. */
  what: string
  /** To connect with before there is a document that says how. */
  authMethods(url: string): readonly AuthMethod[]
  /** The URL, or a usual place of its host. */
  probe(url: string, fetch: Fetch): Promise<Omit<FoundEndpoint, 'protocol'> | null>
  /** What the endpoint says of itself, as bytes that `discover` of the same adapter reads. */
  read(url: string, fetch: Fetch): Promise<EndpointDocument>
}

const PROTOCOLS: readonly Describing[] = [
  {
    protocol: 'graphql',
    name: 'GraphQL endpoint',
    what: 'schema',
    authMethods: () => AUTH_METHODS,
    async probe(url, fetch) {
      const found = await probeGraphQl(url, fetch)
      return found && { url: found.url, needsCredential: found.needsCredential, describesItself: found.introspects }
    },
    read: introspect,
  },
  {
    protocol: 'mcp',
    name: 'MCP server',
    what: 'list of tools',
    authMethods: authMethodsOf,
    async probe(url, fetch) {
      const probed = await probeMcp(url, fetch)
      if (!probed.ok) return null
      const { url: found, needsCredential, isGuess } = probed.found
      return {
        url: found,
        needsCredential,
        describesItself: needsCredential ? null : true,
        ...(isGuess && { isGuess }),
      }
    },
    read: readServer,
  },
]

export function describing(protocol: string): Describing | undefined {
  return PROTOCOLS.find((one) => one.protocol === protocol)
}

/** What an address may be, asked in all protocols at once. Each URL is listed once, as what it most likely is. */
export async function probeEndpoints(url: string, fetch: Fetch): Promise<FoundEndpoint[]> {
  const probed = await Promise.all(
    PROTOCOLS.map(async (described) => {
      const found = await described.probe(url, fetch)
      return found === null ? [] : [{ ...found, protocol: described.protocol }]
    }),
  )
  // One that answers is what it answers as. Where strangers are refused, the address is all that there is to tell by.
  const likeliest = (found: FoundEndpoint) =>
    Number(found.describesItself !== null) * 2 + Number(found.url.includes(found.protocol)) - Number(found.isGuess ?? 0)
  const found = probed.flat().sort((one, other) => likeliest(other) - likeliest(one))
  return found.filter((one, index) => found.findIndex((other) => other.url === one.url) === index)
}
