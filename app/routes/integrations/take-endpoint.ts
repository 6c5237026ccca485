// Whether an address is an endpoint that describes itself, looked at beside whether it leads to a document.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { describing, type FoundEndpoint, probeEndpoints } from '../../../server/integrations/endpoints.ts'
import { isDocumentAddress, parseAddress } from '../../../server/tools/address.ts'
import { beginFromEndpoint } from '../../../server/tools/imports/begin-endpoint.ts'
import { type EndpointDeps, type EndpointOrigin, probingFetch } from '../../../server/tools/imports/fetch-endpoint.ts'
import type { Begun } from '../../../server/tools/imports/begin.ts'

/** Nobody who names a file means an endpoint. One that keeps its schema to itself has to be described by a file. */
export async function lookForEndpoints(deps: EndpointDeps, address: string): Promise<FoundEndpoint[]> {
  const url = parseAddress(address)
  if (url === null || isDocumentAddress(url)) return []
  const found = await probeEndpoints(url.href, probingFetch(deps))
  return found.filter(({ describesItself }) => describesItself !== false)
}

/** As one of several things that were found. What wants a credential is asked for nothing before it has one. */
export function namedEndpoint({ protocol, url, needsCredential }: FoundEndpoint): Named {
  const label = describing(protocol)?.name ?? protocol
  return { url, label, ...(needsCredential && { to: connectFirst({ protocol, url }) }) }
}

function connectFirst(endpoint: Pick<FoundEndpoint, 'protocol' | 'url'>): string {
  return `/integrations/from-endpoint?${new URLSearchParams(endpoint)}`
}

/** Something that was found. */
export interface Named {
  url: string
  /** What the page that names it calls it, or what it is. */
  label?: string
  /** Where to go on, when it is to be connected first. */
  to?: string
}

/** What is to be done first: where it is to be named and connected before it can be read. */
export type BegunEndpoint = Begun & { connectFirst?: string }

export async function beginEndpoint(
  deps: EndpointDeps,
  endpoint: Pick<FoundEndpoint, 'protocol' | 'url'> & { method?: AuthMethod },
  asker: { by: string; integrationId?: string },
): Promise<BegunEndpoint> {
  const origin: EndpointOrigin = { kind: 'endpoint', ...endpoint }
  const begun = await beginFromEndpoint(deps, origin, asker)
  if (begun.ok || begun.code !== 'needs_credential') return begun
  if (asker.integrationId !== undefined) {
    return { ...begun, message: `${begun.message} Read it through a connection, on the page of the integration.` }
  }
  const { protocol, url } = endpoint
  return { ...begun, connectFirst: connectFirst({ protocol, url }) }
}
