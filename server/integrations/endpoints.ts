// Endpoints that describe themselves: how one is recognised, and how what it says of itself becomes a document.
import type { AuthMethod, EndpointProtocol } from '../../drizzle/shapes.ts'
import type { Fetch } from './adapter.ts'
import { AUTH_METHODS } from './graphql/auth-methods.ts'
import { introspect } from './graphql/introspect.ts'
import { probeGraphQl } from './graphql/probe.ts'

export interface FoundEndpoint {
  url: string
  needsCredential: boolean
  /** Null while it wants a credential first. */
  describesItself: boolean | null
}

export type EndpointDocument =
  | { ok: true; bytes: Uint8Array }
  /** `needs_credential`: it says it to those who are signed in. */
  | { ok: false; code: string; message: string }

export interface Describing {
  protocol: EndpointProtocol
  /** As people know it. */
  name: string
  /** To connect with before there is a document that says how. */
  authMethods: readonly AuthMethod[]
  /** The URL, or a usual place of its host. */
  probe(url: string, fetch: Fetch): Promise<FoundEndpoint | null>
  /** What the endpoint says of itself, as bytes that `discover` of the same adapter reads. */
  read(url: string, fetch: Fetch): Promise<EndpointDocument>
}

const PROTOCOLS: readonly Describing[] = [
  {
    protocol: 'graphql',
    name: 'GraphQL',
    authMethods: AUTH_METHODS,
    async probe(url, fetch) {
      const found = await probeGraphQl(url, fetch)
      return found && { url: found.url, needsCredential: found.needsCredential, describesItself: found.introspects }
    },
    read: introspect,
  },
]

export function describing(protocol: string): Describing | undefined {
  return PROTOCOLS.find((one) => one.protocol === protocol)
}

/** The first protocol that an endpoint at the URL speaks. */
export async function probeEndpoint(
  url: string,
  fetch: Fetch,
): Promise<(FoundEndpoint & { protocol: EndpointProtocol }) | null> {
  for (const described of PROTOCOLS) {
    const found = await described.probe(url, fetch)
    if (found !== null) return { ...found, protocol: described.protocol }
  }
  return null
}
